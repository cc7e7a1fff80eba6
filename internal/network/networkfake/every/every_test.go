package every_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/all"
	"github.com/bellwether-social/bellwether/internal/network/byhand"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/every"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
)

// TestEveryNetworkHasARow: a network that nobody kills the program on is a network that nobody has proved.
func TestEveryNetworkHasARow(t *testing.T) {
	var played []string
	for _, f := range every.Start(t) {
		played = append(played, f.Key)
	}
	for _, n := range all.Networks(sandbox.NewWorld(1, time.Now), nil).All() {
		if key := n.Spec().Key; key != "sandbox" && key != byhand.New().Spec().Key && !slices.Contains(played, key) {
			t.Errorf("%s has no row in the table of package every", key)
		}
	}
}

// TestFormsAreWhatTheNetworksPlan plans a post of every form of every account.
func TestFormsAreWhatTheNetworksPlan(t *testing.T) {
	for _, f := range every.Start(t) {
		for _, c := range f.Channels {
			for _, form := range c.Posts {
				d := network.Draft{Key: "dlv_1", Language: "en", Settings: form.With("Hello"), At: time.Now().UTC(), Parts: []network.Part{{Text: "Hello"}}}
				if form.File != every.None {
					d.Parts[0].Media = []network.Media{file(form.File)}
				}
				steps, problems := f.Network.(network.Publisher).Plan(d, c.Session.Account)
				for _, p := range problems {
					if p.Level == network.Error {
						t.Errorf("%s refuses %+v: %s", f.Key, form, p.Message)
					}
				}
				if i := slices.IndexFunc(steps, func(s network.Step) bool { return s.Public }); i < 0 || steps[i].Kind != form.Kind {
					t.Errorf("%s as %s: %+v is planned as %+v", f.Key, c.Session.Account.ID, form, steps)
				}
			}
		}
	}
}

func file(f every.File) network.Media {
	raw := f.Bytes()
	m := network.Media{ID: "rend_1", Kind: network.Image, MIME: "image/jpeg", Width: 1080, Height: 1350, Bytes: int64(len(raw)), SHA256: "0123456789abcdef",
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
	if f == every.Film {
		m.Kind, m.MIME, m.Height, m.Duration = network.Video, "video/mp4", 1920, 10*time.Second
	}
	return m
}
