package youtube

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// related puts a description and a file into one body, as uploads of Google's take them.
func related(about any, file io.Reader, kind string) (body *bytes.Buffer, contentType string, err error) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	head, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/json; charset=UTF-8"}})
	if err == nil {
		err = json.NewEncoder(head).Encode(about)
	}
	if err != nil {
		return nil, "", err
	}
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}})
	if err == nil {
		_, err = io.Copy(part, file)
	}
	if err != nil {
		return nil, "", fault.Wrap(fault.KindOf(err), err, "read the captions to upload")
	}
	return body, "multipart/related; boundary=" + w.Boundary(), w.Close()
}

// caption gives a video captions in a language, unless it has ours: the same call may have been made before.
func (c caller) caption(ctx context.Context, id, language string, m *network.Media) (network.Outcome, error) {
	if m == nil || m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	var there struct {
		Items []struct {
			Snippet struct {
				Language string `json:"language"`
				Kind     string `json:"trackKind"`
			} `json:"snippet"`
		} `json:"items"`
	}
	if _, err := c.get(ctx, "/youtube/v3/captions", values("part", "snippet", "videoId", id), &there); err != nil {
		return network.Outcome{}, refused(field(err, "media"), "The video is gone.")
	}
	for _, track := range there.Items {
		if strings.EqualFold(track.Snippet.Language, language) && !strings.EqualFold(track.Snippet.Kind, "asr") { // asr: YouTube's own guess
			return network.Outcome{RemoteID: id}, nil
		}
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the captions to upload")
	}
	defer body.Close()
	words, kind, err := related(map[string]any{"snippet": map[string]any{"videoId": id, "language": language, "name": ""}}, body, m.MIME)
	if err != nil {
		return network.Outcome{}, err
	}
	where := address(c.data, "/upload/youtube/v3/captions", values("part", "snippet", "uploadType", "multipart"))
	resp, err := c.http.WithTimeout(chunkTime).Send(ctx, http.MethodPost, where, c.header(), words, int64(words.Len()), kind, nil)
	return network.Outcome{RemoteID: id}, again(refused(field(explain(resp, err), "media"), "The video is gone."))
}
