package facebook_test

import (
	"slices"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/facebook/facebookfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func TestB29CaptionsFollowTheVideo(t *testing.T) {
	for _, kind := range []string{"", "reel"} {
		w, f := world(t, facebookfake.Options{})
		video := film("")
		video.Captions = networktest.Captions("en", "pt-BR")
		for i := range video.Captions { // every file of these tests is the same picture
			video.Captions[i].SRT.Bytes = networktest.Picture("").Bytes
		}
		d := w.Draft("Look")
		d.Settings = map[string]string{"kind": kind}
		d.Parts[0].Media = []network.Media{video}
		done, _ := carryOut(t, w, plan(t, w, d))
		if got := f.Captions(done["media-1"].RemoteID); !slices.Equal(got, []string{"captions.en_US.srt", "captions.pt_BR.srt"}) {
			t.Errorf("as %q the captions are %v", kind, got)
		}
	}
}
