package bluesky_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/blueskyfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func TestB29CaptionsAreInTheRecord(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := w.Network.(bluesky.Bluesky)
	video := networktest.Picture("A hill")
	video.Kind, video.MIME, video.Duration = network.Video, "video/mp4", 10*time.Second
	video.Captions = networktest.Captions("en", "pt-BR")
	d := w.Draft("Look")
	d.Parts[0].Media = []network.Media{video}
	steps, problems := n.Plan(d, w.Session.Account)
	if len(steps) != 4 {
		t.Fatalf("%d steps, %+v", len(steps), problems)
	}
	done := network.Outcomes{}
	for i, open := range []network.Media{video, video.Captions[0].VTT, video.Captions[1].VTT, {}} {
		if steps[i].Media != nil {
			steps[i].Media.Open = open.Open
		}
		o, err := n.Do(t.Context(), w.Session, steps[i], done)
		if err != nil {
			t.Fatal(err)
		}
		done[steps[i].Name] = o
	}
	embed := recordOf(t, f, done["post"])["embed"].(map[string]any)
	list := embed["captions"].([]any)
	if second := list[1].(map[string]any); len(list) != 2 || second["lang"] != "pt-BR" || second["file"].(map[string]any)["mimeType"] != "text/vtt" {
		t.Errorf("the captions are %v", list)
	}
	d.Parts[0].Media[0].Captions[0].VTT.Bytes = 20_001
	if _, problems := n.Plan(d, w.Session.Account); len(problems) == 0 || problems[0].Code != "captions_too_large" {
		t.Errorf("too large captions: %+v", problems)
	}
}
