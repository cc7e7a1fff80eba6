package asset_test

import (
	"io"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const spoken = "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Tom &amp; Ann</i>\r\n{\\an8}walk --> run\r\n\r\n2\r\n00:01:02,5 --> 01:00:00,000 X1:40\r\nThe end\r\n"

func TestB29CaptionsOfEitherFormatBecomeBoth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		l, _ := library(t, database)
		clip := add(t, l, "film.mp4", film(false, ""))
		if err := l.Caption(ctx, owner("ws_1"), clip.ID, "en_gb", strings.NewReader(spoken)); err != nil {
			t.Fatal(err)
		}
		got := sentCaptions(t, l, database, clip.ID)
		if len(got) != 1 || got[0].Language != "en-GB" {
			t.Fatalf("a network gets %+v", got)
		}
		const vtt = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nTom &amp; Ann\nwalk → run\n\n00:01:02.500 --> 01:00:00.000\nThe end\n"
		const srt = "1\n00:00:01,000 --> 00:00:02,500\nTom & Ann\nwalk → run\n\n2\n00:01:02,500 --> 01:00:00,000\nThe end\n\n"
		for want, m := range map[string]network.Media{vtt: got[0].VTT, srt: got[0].SRT} {
			if raw := string(sent(t, l, m)); raw != want || m.Bytes != int64(len(want)) {
				t.Errorf("%s is %q, not %q", m.MIME, raw, want)
			}
		}
		if err := l.Caption(ctx, owner("ws_1"), clip.ID, "en-GB", strings.NewReader(vtt)); err != nil {
			t.Fatal(err)
		}
		if again := sentCaptions(t, l, database, clip.ID); len(again) != 1 || again[0].VTT.SHA256 != got[0].VTT.SHA256 {
			t.Errorf("our own file read back is %+v", again)
		}
		if err := l.Uncaption(ctx, owner("ws_1"), clip.ID, "en-GB"); err != nil {
			t.Fatal(err)
		}
		if left := sentCaptions(t, l, database, clip.ID); len(left) != 0 {
			t.Errorf("removed, there are %+v", left)
		}
	})
}

func sentCaptions(t *testing.T, l *asset.Library, database *db.DB, assetID string) []network.Caption {
	t.Helper()
	without, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: assetID}, network.Spec{}, network.Limits{})
	if err != nil || len(without.Captions) > 0 {
		t.Errorf("a network that takes none gets %+v, %v", without.Captions, err)
	}
	m, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: assetID}, network.Spec{Captions: true}, network.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m.Captions
}

func TestWhatIsNoCaptionFileIsRefused(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	clip, still := add(t, l, "film.mp4", film(false, "")), add(t, l, "photo.jpg", jpegOf(t, photo(30, 30)))
	const one = "00:01.000 --> 00:02.000\nHello\n"
	for name, c := range map[string]struct {
		asset, language string
		file            io.Reader
		code            string
	}{
		"a picture":      {still.ID, "en", strings.NewReader(one), ""},
		"no language":    {clip.ID, "klingon please", strings.NewReader(one), ""},
		"words":          {clip.ID, "en", strings.NewReader("Once upon a time"), "captions"},
		"backwards":      {clip.ID, "en", strings.NewReader("00:03.000 --> 00:02.000\nHello\n"), "captions"},
		"another coding": {clip.ID, "en", strings.NewReader("00:01.000 --> 00:02.000\n\xe4\xf6\n"), "captions"},
		"too large":      {clip.ID, "en", strings.NewReader(strings.Repeat(one+"\n", 40_000)), "file_too_large"},
		"only tags":      {clip.ID, "en", strings.NewReader("00:01.000 --> 00:02.000\n<i></i>\n"), "captions"},
	} {
		err := l.Caption(ctx, owner("ws_1"), c.asset, c.language, c.file)
		if !fault.Is(err, fault.Invalid) || fault.As(err).Code != c.code {
			t.Errorf("%s: %v (%s)", name, err, fault.As(err).Code)
		}
	}
	if err := l.Caption(ctx, owner("ws_2"), clip.ID, "en", strings.NewReader(one)); !fault.Is(err, fault.NotFound) {
		t.Errorf("another workspace's: %v", err)
	}
}
