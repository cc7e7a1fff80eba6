package facebook

import (
	"context"
	"net/url"

	"golang.org/x/text/language"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// locale is a language as Facebook writes it, always with a country: en_US.
func locale(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	base, _ := parsed.Base()
	region, _ := parsed.Region()
	return base.String() + "_" + region.String()
}

// caption gives a video captions, in the place of those it has in this language. Facebook reads the language in the
// file's name.
func (c caller) caption(ctx context.Context, p payload, m *network.Media, earlier network.Outcomes) (network.Outcome, error) {
	ids, err := uploaded(p, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	body, err := open(ctx, m)
	if err != nil {
		return network.Outcome{}, err
	}
	defer body.Close()
	file := safehttp.Part{Name: "captions_file", Filename: "captions." + p.Locale + ".srt", ContentType: "application/octet-stream", Body: body, Size: size(m)}
	err = c.Upload(ctx, "/"+graph.Escape(ids[0])+"/captions", url.Values{"default_locale": {"none"}}, file, nil)
	return network.Outcome{RemoteID: ids[0]}, graph.Field(final(err), "media")
}
