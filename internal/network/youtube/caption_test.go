package youtube_test

import (
	"testing"

	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/youtube"
	"github.com/bellwether-social/bellwether/internal/network/youtube/youtubefake"
)

func TestB29CaptionsGoOutOnceWithTheirVideo(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	film := clip("a film", 0)
	film.Captions = networktest.Captions("en", "pt-BR")
	steps := plan(t, w, draft(w, "Look", nil, film))
	files := film.Captions
	done, _ := carryOut(t, w, steps, film, files[0].SRT, files[1].SRT)
	id := done["video"].Data["video"]
	for _, step := range steps { // each again, as after a lost answer
		if step.Media != nil && step.Name != "session" && step.Name != "video" {
			if _, err := w.Network.(youtube.YouTube).Do(t.Context(), w.Session, opened(step, files[0].SRT, files[1].SRT), done); err != nil {
				t.Errorf("%s again: %v", step.Name, err)
			}
		}
	}
	got := f.Captions(id)
	if len(got) != 2 || got["en"] != "1\n00:00:00,000 --> 00:00:01,000\nen\n\n" || got["pt-BR"] == "" {
		t.Errorf("the captions are %q", got)
	}
}
