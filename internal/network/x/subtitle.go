package x

import (
	"context"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/x/subtitle"
)

// targets are X's names of the videos that can have subtitles, by the category of their upload.
var targets = map[string]string{"tweet_video": "TweetVideo", "amplify_video": "AmplifyVideo"}

// subtitle uploads a video's captions in one language and ties them to it.
func (s server) subtitle(ctx context.Context, m network.Media, p payload, earlier network.Outcomes) (network.Outcome, error) {
	video := earlier[p.Of].Data["media"]
	if video == "" {
		return network.Outcome{}, fault.Rejectedf("the upload %q has no result to add captions to", p.Of)
	}
	made, err := s.upload(ctx, m, "subtitles")
	if err != nil {
		return network.Outcome{}, err
	}
	track := map[string]string{"id": made.RemoteID, "language_code": subtitle.Code(p.Language), "display_name": subtitle.Name(p.Language)}
	_, err = s.repeat(ctx, http.MethodPost, "/2/media/subtitles", map[string]any{"id": video, "media_category": targets[p.Category], "subtitles": track}, nil)
	return network.Outcome{RemoteID: made.RemoteID}, about(err, "media")
}
