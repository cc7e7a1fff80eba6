package x_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/x/xfake"
)

func TestB29SubtitlesAreTiedToTheirVideo(t *testing.T) {
	w, f := world(t, xfake.Options{AsyncMedia: 2})
	film := networktest.Picture("")
	film.Kind, film.MIME, film.Width, film.Height, film.Duration = network.Video, "video/mp4", 640, 360, 10*time.Second
	film.Captions = networktest.Captions("en", "pt-BR", "fil")
	for i := range film.Captions { // every file of these tests is the same picture
		film.Captions[i].SRT.Bytes = film.Bytes
	}
	d := w.Draft("Look")
	d.Parts[0].Media = []network.Media{film}
	done, _ := carryOut(t, w, plan(t, w, d), nil)
	if got := f.Subtitles(done["media-1"].RemoteID); !slices.Equal(got, []string{"EN", "PT"}) {
		t.Errorf("the subtitles are %v", got)
	}
}
