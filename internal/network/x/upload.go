package x

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	chunk      = 4 << 20 // X takes up to 5 MB in one call and up to 1000 calls
	chunkTime  = 5 * time.Minute
	lifeMargin = time.Hour // of an upload nobody used
)

// uploaded is the state of an upload.
type uploaded struct {
	ID         string `json:"id"`
	Expires    int64  `json:"expires_after_secs"`
	Processing *struct {
		State string `json:"state"`
		After int64  `json:"check_after_secs"`
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	} `json:"processing_info"`
}

// upload sends one file in chunks.
func (s server) upload(ctx context.Context, m network.Media, category string) (network.Outcome, error) {
	if m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	var made uploaded
	_, err = s.repeat(ctx, http.MethodPost, "/2/media/upload/initialize", map[string]any{"media_type": m.MIME, "media_category": category, "total_bytes": m.Bytes}, &made)
	if err != nil {
		return network.Outcome{}, about(err, "media")
	}
	if made.ID == "" {
		return network.Outcome{}, nameless()
	}
	at := "/2/media/upload/" + escape(made.ID)
	for segment, left := 0, m.Bytes; left > 0; segment++ {
		size := min(left, chunk)
		parts := []safehttp.Part{safehttp.Field("segment_index", strconv.Itoa(segment)),
			{Name: "media", Filename: "file", ContentType: m.MIME, Body: io.LimitReader(body, size), Size: size}}
		resp, err := s.http.WithTimeout(chunkTime).Upload(ctx, http.MethodPost, s.base+at+"/append", s.header(), parts, nil)
		if err != nil {
			return network.Outcome{}, about(again(explain(resp, err)), "media")
		}
		left -= size
	}
	id := made.ID
	made = uploaded{}
	resp, err := s.repeat(ctx, http.MethodPost, at+"/finalize", nil, &made)
	if err != nil {
		return network.Outcome{}, about(err, "media")
	}
	made.ID = cmp.Or(made.ID, id)
	return s.finished(ctx, m, made, resp.At)
}

// poll asks whether an accepted file is processed.
func (s server) poll(ctx context.Context, m network.Media, before network.Outcome) (network.Outcome, error) {
	var made uploaded
	_, resp, err := s.get(ctx, "/2/media/upload", url.Values{"media_id": {before.RemoteID}, "command": {"STATUS"}}, &made)
	if err != nil {
		return network.Outcome{}, about(refused(err, "X lost the file while processing it; send the post again."), "media")
	}
	made.ID = cmp.Or(made.ID, before.RemoteID)
	return s.finished(ctx, m, made, resp.At)
}

// finished waits for processing, then describes the file for people who cannot see it.
func (s server) finished(ctx context.Context, m network.Media, made uploaded, at time.Time) (network.Outcome, error) {
	o := network.Outcome{RemoteID: made.ID, Data: map[string]string{"media": made.ID}}
	if life := time.Duration(made.Expires)*time.Second - lifeMargin; life > 0 {
		o.ExpiresAt = at.UTC().Add(life)
	}
	if p := made.Processing; p != nil {
		switch p.State {
		case "pending", "in_progress":
			o.Pending, o.Wait = true, time.Duration(min(max(p.After, 1), 60))*time.Second
			return o, nil
		case "failed":
			return network.Outcome{}, about(fault.Rejectedf("X could not process the file: %s", cmp.Or(p.Error.Message, "it gave no reason")).WithCode("media_processing").
				WithHint("Convert the file to MP4 with H.264 and AAC, or use another one."), "media")
		}
	}
	if m.Alt == "" || m.Kind == network.Video {
		return o, nil
	}
	_, err := s.repeat(ctx, http.MethodPost, "/2/media/metadata", map[string]any{"id": made.ID, "metadata": map[string]any{"alt_text": map[string]string{"text": m.Alt}}}, nil)
	return o, about(err, "media")
}

func nameless() error {
	return &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "X took the file and did not say what it is called"}
}
