package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	uploadTime = 10 * time.Minute // for the largest file on a slow line
	unusedLife = 20 * time.Hour   // Mastodon forgets an upload nobody used after a day
)

// Do carries out one step.
func (Mastodon) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	if step.Media != nil {
		if before := earlier[step.Name]; before.Pending {
			return at(s).poll(ctx, before)
		}
		return at(s).upload(ctx, *step.Media)
	}
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	body, err := p.body(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	if p.Item != "" {
		var changed status
		if _, err := at(s).repeat(ctx, http.MethodPut, "/api/v1/statuses/"+escape(p.Item), body, &changed); err != nil {
			return network.Outcome{}, refused(err, "The post is gone, or it belongs to somebody else.")
		}
		return outcome(changed, p), nil
	}
	return at(s).create(ctx, step.Key, p, body)
}

// body is the request that makes or changes a status.
func (p payload) body(earlier network.Outcomes) (map[string]any, error) {
	ids, attributes := []string{}, []map[string]string{}
	for _, f := range p.Files {
		id := cmp.Or(f.ID, earlier[f.Step].Data["media"])
		if id == "" {
			return nil, fault.Rejectedf("the upload %q has no result to attach", f.Step)
		}
		ids = append(ids, id)
		if p.Item != "" {
			attributes = append(attributes, map[string]string{"id": id, "description": f.Alt, "focus": cmp.Or(f.Focus, "0.0,0.0")})
		}
	}
	b := map[string]any{"status": p.Text, "sensitive": p.Sensitive, "spoiler_text": p.Warning}
	if p.Language != "" {
		b["language"] = p.Language
	}
	if p.Quotes != "" {
		b["quote_approval_policy"] = p.Quotes
	}
	if p.Poll != nil {
		b["poll"] = map[string]any{"options": p.Poll.Options, "expires_in": int64(p.Poll.Duration.Seconds()), "multiple": p.Poll.Multiple, "hide_totals": p.Poll.HideTotals}
	}
	if p.Plain {
		b["content_type"] = "text/plain"
	}
	if p.Item != "" {
		b["media_ids"] = ids // an edit without them would take all files away
		if len(attributes) > 0 {
			b["media_attributes"] = attributes
		}
		return b, nil
	}
	b["visibility"] = p.Visibility
	if len(ids) > 0 {
		b["media_ids"] = ids
	}
	parent, err := p.parent(earlier)
	if parent != "" {
		b["in_reply_to_id"] = parent
	}
	return b, err
}

func (p payload) parent(earlier network.Outcomes) (string, error) {
	if p.After == "" {
		return p.ReplyTo, nil
	}
	id := earlier[p.After].RemoteID
	if id == "" {
		return "", fault.Rejectedf("the part before this one (%s) is not published", p.After)
	}
	return id, nil
}

// create makes a status: the one call that must never be repeated blindly.
func (s server) create(ctx context.Context, key string, p payload, body map[string]any) (network.Outcome, error) {
	header := s.header()
	header.Set("Idempotency-Key", key)
	var made status
	resp, err := s.http.JSON(ctx, http.MethodPost, s.base+"/api/v1/statuses", header, body, &made)
	switch {
	case err == nil && made.ID == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "the server answered without saying which post it made"}
	case err == nil:
		return outcome(made, p), nil
	}
	if resp != nil && resp.Status == http.StatusUnprocessableEntity {
		ids, _ := body["media_ids"].([]string)
		if err := s.stillProcessing(ctx, ids); err != nil {
			return network.Outcome{}, err
		}
	}
	return network.Outcome{}, refused(explain(resp, err), "What it answers is gone, or the account may not see it.")
}

// stillProcessing says Later if a refused status had a file that is not ready: the refusal's words depend on the
// server's language, the file's state does not.
func (s server) stillProcessing(ctx context.Context, ids []string) error {
	for _, id := range ids {
		resp, err := s.get(ctx, "/api/v1/media/"+escape(id), nil, nil)
		if err == nil && resp.Status == http.StatusPartialContent {
			return &fault.Error{Kind: fault.Later, Code: "media_processing", Field: "media", Message: "the server is still processing a file"}
		}
	}
	return nil
}

func outcome(made status, p payload) network.Outcome {
	o := network.Outcome{RemoteID: made.ID, URL: made.link(), Data: map[string]string{}}
	var ids, sums []string
	for i, a := range made.Media {
		ids = append(ids, a.ID)
		if i < len(p.Files) {
			sums = append(sums, p.Files[i].SHA)
		}
	}
	if len(ids) > 0 {
		o.Data["media"], o.Data["media_sha256"] = strings.Join(ids, ","), strings.Join(sums, ",")
	}
	return o
}

// upload sends one file with its description.
func (s server) upload(ctx context.Context, m network.Media) (network.Outcome, error) {
	if m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	size := m.Bytes
	if size <= 0 {
		size = -1
	}
	parts := []safehttp.Part{{Name: "file", Filename: "file" + extension(m.MIME), ContentType: m.MIME, Body: io.Reader(body), Size: size}}
	if m.Alt != "" {
		parts = append(parts, safehttp.Field("description", m.Alt))
	}
	if f := focus(m); f != "" {
		parts = append(parts, safehttp.Field("focus", f))
	}
	var made attachment
	resp, err := s.http.WithTimeout(uploadTime).Upload(ctx, http.MethodPost, s.base+"/api/v2/media", s.header(), parts, &made)
	if err != nil {
		return network.Outcome{}, again(field(explain(resp, err), "media"))
	}
	return s.uploaded(resp, made)
}

// poll asks whether an accepted file is processed.
func (s server) poll(ctx context.Context, before network.Outcome) (network.Outcome, error) {
	var made attachment
	resp, err := s.get(ctx, "/api/v1/media/"+escape(before.Data["media"]), nil, &made)
	if resp != nil && resp.Status == http.StatusPartialContent {
		made.ID, err = before.Data["media"], nil // some servers send no body with it
	}
	if err != nil {
		return network.Outcome{}, refused(field(err, "media"), "The server lost the file while processing it; send the post again.")
	}
	return s.uploaded(resp, made)
}

func (s server) uploaded(resp *safehttp.Response, made attachment) (network.Outcome, error) {
	if made.ID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "the server took the file and did not say what it is called"}
	}
	o := network.Outcome{RemoteID: made.ID, Data: map[string]string{"media": made.ID}, ExpiresAt: resp.At.UTC().Add(unusedLife)}
	if resp.Status == http.StatusAccepted || resp.Status == http.StatusPartialContent {
		o.Pending, o.Wait = true, 2*time.Second
	}
	return o, nil
}

func field(err error, name string) error {
	if !fault.Is(err, fault.Rejected) {
		return err
	}
	f := *fault.As(err)
	f.Field = name
	return &f
}

func extension(mime string) string {
	known := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/avif": ".avif", "image/heic": ".heic",
		"video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/mp4": ".m4a", "audio/flac": ".flac"}
	return known[mime]
}

// atLeast reports whether the account's server speaks at least this version of Mastodon's API.
func atLeast(a network.Account, version int) bool {
	n, _ := strconv.Atoi(a.Extra["api"])
	return n >= version
}
