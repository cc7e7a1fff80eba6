package all_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/all"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
)

// A file that a network does not take is refused while the post is written, never after it was sent.
func TestB13DocumentsAreRefusedWhereTheyAreNotTaken(t *testing.T) {
	for _, n := range all.Networks(sandbox.NewWorld(1, time.Now), nil).All() {
		publisher, ok := n.(network.Publisher)
		if !ok {
			continue
		}
		spec := n.Spec()
		d := network.Draft{Key: "dlv_1", At: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC), Settings: map[string]string{},
			Parts: []network.Part{{Text: "Hello", Media: []network.Media{{ID: "asset_1", Kind: network.Document, MIME: "application/pdf", Bytes: 1000, Pages: 3, Width: 600, Height: 800, SHA256: "00"}}}}}
		_, problems := publisher.Plan(d, network.Account{ID: "1"})
		refused := false
		for _, p := range problems {
			refused = refused || p.Level == network.Error && p.Field == "media"
		}
		if takes := len(spec.DocumentMIME) > 0; refused == takes {
			t.Errorf("%s takes documents: %v, but its rules say %+v", spec.Name, takes, problems)
		}
	}
}
