package network_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bellwether-social/bellwether/internal/network"
)

func TestOptionsAreOfferedByWhatTheyDependOn(t *testing.T) {
	spec := network.Spec{Settings: []network.Setting{{Key: "board", Kind: network.Choice, Live: true}, {Key: "section", Kind: network.Choice, Live: true, Of: "board"}}}
	spec = spec.For(network.Account{Choices: map[string][]network.Option{
		"board":   {{Value: "1"}, {Value: "2"}},
		"section": {{Value: "1/a", Of: "1"}, {Value: "2/b", Of: "2"}, {Value: "any"}},
	}})
	blank := network.Option{Label: "Choose…"}
	for board, want := range map[string][]network.Option{
		"1": {blank, {Value: "1/a", Of: "1"}, {Value: "any"}},
		"2": {blank, {Value: "2/b", Of: "2"}, {Value: "any"}},
		"":  {blank, {Value: "any"}},
	} {
		got := spec.Settings[1].Offered(func(key string) string { return map[string]string{"board": board}[key] })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with board %q (-want +got):\n%s", board, diff)
		}
	}
	if got := spec.Settings[0].Offered(func(string) string { return "" }); len(got) != 3 {
		t.Errorf("a setting of its own offers %v", got)
	}
	if got := len(spec.Settings[1].Options); got != 4 {
		t.Errorf("narrowing changed the spec itself: %d options", got)
	}
}
