package pinterest

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	uploadTime = 30 * time.Minute // for the largest video on a slow line
	createTime = 5 * time.Minute  // for five pictures within the call
	pollEvery  = 5 * time.Second
)

// Do carries out one step.
func (n Pinterest) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	a := n.as(s)
	if step.Media != nil {
		if before := earlier[step.Name]; before.Pending {
			return a.poll(ctx, before)
		}
		return a.upload(ctx, *step.Media)
	}
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	switch {
	case p.Item != "":
		return a.change(ctx, p)
	case p.Save != "":
		var made pin
		resp, err := a.http.JSON(ctx, http.MethodPost, a.base+"/pins/"+escape(p.Save)+"/save", a.header(), place(p), &made)
		return a.made(p, made, refused(explain(resp, err), "settings.save", "The pin is gone, or it is not public."))
	}
	body, err := p.body(ctx, step.Files, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	defer body.Close()
	var made pin
	resp, err := a.http.WithTimeout(createTime).Send(ctx, http.MethodPost, a.base+"/pins", a.header(), body, body.Size(), "application/json", &made)
	return a.made(p, made, refused(explain(resp, err), "settings.board", "The board is gone: choose another one."))
}

// made is what a call that must never be repeated blindly came to.
func (a api) made(p payload, made pin, err error) (network.Outcome, error) {
	switch {
	case err != nil:
		return network.Outcome{}, err
	case made.ID == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Pinterest answered without saying which pin it made"}
	}
	return a.outcome(p, made), nil
}

func (a api) outcome(p payload, made pin) network.Outcome {
	o := network.Outcome{RemoteID: made.ID, URL: a.site + "/pin/" + made.ID + "/", Data: map[string]string{"board": p.Board}}
	if p.Save != "" {
		o.Data["saved"] = p.Save
	}
	if len(p.Sums) > 0 {
		o.Data["media_sha256"] = strings.Join(p.Sums, ",")
	}
	return o
}

func place(p payload) map[string]any {
	at := map[string]any{"board_id": p.Board}
	if p.Section != "" {
		at["board_section_id"] = p.Section
	}
	return at
}

// change sends all words anew: what is empty goes.
func (a api) change(ctx context.Context, p payload) (network.Outcome, error) {
	body := place(p)
	for key, value := range map[string]string{"title": p.Title, "description": p.Description, "link": p.Link, "alt_text": p.Alt} {
		body[key] = value
	}
	if len(p.Cards) > 0 {
		body["carousel_slots"] = p.Cards
	}
	var changed pin
	if err := a.repeat(ctx, http.MethodPatch, "/pins/"+escape(p.Item), body, &changed); err != nil {
		return network.Outcome{}, refused(err, "", "The pin is gone, or it belongs to somebody else.")
	}
	changed.ID = cmp.Or(changed.ID, p.Item)
	return a.outcome(p, changed), nil
}

// upload registers a video and sends it to the place that Pinterest names. That place is not Pinterest's own: it never
// sees the account's token.
func (a api) upload(ctx context.Context, m network.Media) (network.Outcome, error) {
	if m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	var to struct {
		ID         string            `json:"media_id"`
		URL        string            `json:"upload_url"`
		Parameters map[string]string `json:"upload_parameters"`
	}
	if err := a.repeat(ctx, http.MethodPost, "/media", map[string]string{"media_type": "video"}, &to); err != nil {
		return network.Outcome{}, field(err, "media")
	}
	if to.ID == "" || to.URL == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Field: "media", Message: "Pinterest did not say where to send the video"}
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	var parts []safehttp.Part
	for _, name := range slices.Sorted(maps.Keys(to.Parameters)) {
		parts = append(parts, safehttp.Field(name, to.Parameters[name]))
	}
	parts = append(parts, safehttp.Part{Name: "file", Filename: "video" + extension(m.MIME), ContentType: m.MIME, Body: body, Size: size(m)}) // the file comes last
	resp, err := a.http.WithTimeout(uploadTime).Upload(ctx, http.MethodPost, to.URL, nil, parts, nil)
	if err != nil {
		return network.Outcome{}, stored(resp, err)
	}
	return network.Outcome{Data: map[string]string{"media": to.ID}, Pending: true, Wait: pollEvery}, nil
}

// stored explains a refusal of the place that takes files: its permission lasts for a while only, and every attempt
// gets a new one.
func stored(resp *safehttp.Response, err error) error {
	f := *fault.As(again(field(explain(resp, err), "media")))
	if resp != nil && resp.Status < 500 && resp.Status != http.StatusRequestEntityTooLarge && f.Kind != fault.Later {
		f.Kind, f.Message, f.Hint = fault.Rejected, "the place where Pinterest takes files refused the video", "Send the post again, or use another file."
	}
	return &f
}

// poll asks whether a video is processed.
func (a api) poll(ctx context.Context, before network.Outcome) (network.Outcome, error) {
	var now struct {
		Status string `json:"status"` // registered, processing, succeeded, failed
	}
	if _, err := a.get(ctx, "/media/"+escape(before.Data["media"]), nil, &now); err != nil {
		return network.Outcome{}, refused(field(err, "media"), "media", "Pinterest lost the video; send the post again.")
	}
	switch now.Status {
	case "succeeded":
		return network.Outcome{Data: before.Data}, nil
	case "failed":
		f := fault.Rejectedf("Pinterest could not process the video").WithHint("Use MP4 with H.264, 4 seconds to 15 minutes long.")
		f.Field = "media"
		return network.Outcome{}, f
	}
	before.Pending, before.Wait = true, pollEvery
	return before, nil
}

func field(err error, name string) error {
	if err == nil {
		return nil
	}
	f := *fault.As(err)
	f.Field = cmp.Or(f.Field, name)
	return &f
}

func size(m network.Media) int64 {
	if m.Bytes <= 0 {
		return -1
	}
	return m.Bytes
}

func extension(mime string) string {
	return map[string]string{"video/mp4": ".mp4", "video/quicktime": ".mov", "video/x-m4v": ".m4v"}[mime]
}
