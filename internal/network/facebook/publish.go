package facebook

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	uploadTime = 20 * time.Minute // for one chunk of a large video on a slow line
	unusedLife = 20 * time.Hour   // Facebook forgets what nobody used after a day
)

// caller is the session's Page in the middle of a step.
type caller struct {
	graph.Client
	hosts graph.Hosts
	page  string
}

func (f Facebook) caller(s network.Session) caller {
	return caller{Client: f.at(s), hosts: f.hosts, page: s.Account.ID}
}

func (c caller) edge(name string) string { return "/" + graph.Escape(c.page) + "/" + name }

// Do carries out one step.
func (f Facebook) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c := f.caller(s)
	before := earlier[step.Name]
	switch p.Call {
	case photoCall:
		return c.photo(ctx, step.Media, p)
	case videoCall:
		return c.video(ctx, step.Media)
	case reelCall, videoStoryCall:
		return c.upright(ctx, step.Media, p.Call)
	case finishCall:
		return c.finish(ctx, p, step.Media, earlier, before)
	case captionCall:
		return c.caption(ctx, p, step.Media, earlier)
	case photoStoryCall:
		return c.photoStory(ctx, p, earlier)
	case commentCall:
		return c.comment(ctx, p, earlier)
	case letterCall:
		address := ""
		if step.Media != nil {
			address = step.Media.Address
		}
		return c.Send(ctx, c.page, *p.Letter, address)
	case editCall:
		field := "message"
		if p.Kind == videoCall {
			field = "description"
		}
		err := c.Repeat(ctx, http.MethodPost, "/"+graph.Escape(p.On), url.Values{field: {p.Text}}, nil)
		return network.Outcome{RemoteID: p.Item}, final(err)
	}
	if before.Pending {
		return c.waiting(ctx, p, before)
	}
	return c.post(ctx, p, earlier)
}

// final makes "no such thing" a refusal.
func final(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, "The item is gone, or it belongs to somebody else."
	return &f
}

func uploaded(p payload, earlier network.Outcomes) (ids []string, err error) {
	for _, step := range p.Uploads {
		id := earlier[step].RemoteID
		if id == "" {
			return nil, fault.Rejectedf("the upload %q has no result to use", step)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// open reads a step's file.
func open(ctx context.Context, m *network.Media) (io.ReadCloser, error) {
	if m == nil || m.Open == nil {
		return nil, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return nil, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	return body, nil
}

// photo uploads a picture that nobody sees yet.
func (c caller) photo(ctx context.Context, m *network.Media, p payload) (network.Outcome, error) {
	body, err := open(ctx, m)
	if err != nil {
		return network.Outcome{}, err
	}
	defer body.Close()
	fields := url.Values{"published": {"false"}}
	if m.Alt != "" {
		fields.Set("alt_text_custom", m.Alt)
	}
	if p.State == scheduled {
		fields.Set("temporary", "true")
	}
	c.HTTP = c.HTTP.WithTimeout(uploadTime)
	var made struct {
		ID string `json:"id"`
	}
	part := safehttp.Part{Name: "source", Filename: "file" + extension(m.MIME), ContentType: m.MIME, Body: body, Size: size(m)}
	if err := c.Upload(ctx, c.edge("photos"), fields, part, &made); err != nil {
		return network.Outcome{}, graph.Field(err, "media")
	}
	if made.ID == "" {
		return network.Outcome{}, graph.Again(graph.NoID())
	}
	return network.Outcome{RemoteID: made.ID}, nil
}

func size(m *network.Media) int64 {
	if m.Bytes <= 0 {
		return -1
	}
	return m.Bytes
}

func extension(mime string) string {
	known := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/bmp": ".bmp", "image/tiff": ".tiff", "video/mp4": ".mp4", "video/quicktime": ".mov"}
	return known[mime]
}

// placed adds what posts, reels and videos have in common.
func (p payload) placed(form url.Values) url.Values {
	if p.Place != "" {
		form.Set("place", p.Place)
	}
	if who := p.limited(); who != "" {
		form.Set("targeting", who)
	}
	return form
}

// post makes a post of a text, a link or pictures: the one call that must never be repeated blindly.
func (c caller) post(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	ids, err := uploaded(p, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	form := p.placed(url.Values{})
	p.preferred(form)
	for name, value := range map[string]string{"message": p.Text, "link": p.Link, "text_format_preset_id": p.Background, "backdated_time": p.Backdate} {
		if value != "" {
			form.Set(name, value)
		}
	}
	if len(ids) > 0 {
		var attached []map[string]string
		for _, id := range ids {
			attached = append(attached, map[string]string{"media_fbid": id})
		}
		form.Set("attached_media", graph.JSON(attached))
	}
	switch p.State {
	case draft:
		form.Set("published", "false")
		form.Set("unpublished_content_type", "DRAFT")
	case scheduled:
		form.Set("published", "false")
		form.Set("unpublished_content_type", "SCHEDULED")
		form.Set("scheduled_publish_time", strconv.FormatInt(p.PublishAt.Unix(), 10))
	}
	var made post
	resp, err := c.Create(ctx, c.edge("feed"), form, &made)
	switch {
	case err != nil:
		return network.Outcome{}, err
	case made.ID == "":
		return network.Outcome{}, graph.NoID()
	}
	return p.made(made, resp.At), nil
}

// made is the outcome of a post. What Facebook holds is not published before its time.
func (p payload) made(it post, now time.Time) network.Outcome {
	o := network.Outcome{RemoteID: it.ID, URL: cmp.Or(it.Permalink, "https://www.facebook.com/"+it.ID), Data: map[string]string{}}
	if p.State != "" {
		o.Data["state"] = p.State
	}
	if p.State == scheduled && !it.published() {
		o.Pending, o.Wait, o.Until = true, max(time.Minute, p.PublishAt.Sub(now)+time.Minute), p.PublishAt
	}
	return o
}

// waiting asks whether a post that Facebook holds is public by now.
func (c caller) waiting(ctx context.Context, p payload, before network.Outcome) (network.Outcome, error) {
	var it post
	resp, err := c.Get(ctx, "/"+graph.Escape(before.RemoteID), url.Values{"fields": {"id,permalink_url,is_published"}}, &it)
	if err != nil {
		return network.Outcome{}, final(err)
	}
	return p.made(it, resp.At), nil
}

// photoStory publishes an uploaded picture as a story. A picture is used once: the same call again is refused.
func (c caller) photoStory(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	ids, err := uploaded(p, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	var made struct {
		Post flexible `json:"post_id"`
	}
	if _, err := c.Create(ctx, c.edge("photo_stories"), url.Values{"photo_id": {ids[0]}}, &made); err != nil {
		return network.Outcome{}, err
	}
	if made.Post == "" {
		return network.Outcome{}, graph.NoID()
	}
	return c.toldStory(string(made.Post), ids[0], ""), nil
}

func (c caller) toldStory(post, media, address string) network.Outcome {
	return network.Outcome{RemoteID: post, URL: cmp.Or(address, "https://www.facebook.com/stories/"+c.page), Data: map[string]string{"kind": story, "media": media}}
}

// flexible is an id that is written as text or as a number.
type flexible string

// UnmarshalJSON reads both.
func (f *flexible) UnmarshalJSON(raw []byte) error {
	*f = flexible(strings.Trim(string(raw), `"`))
	if *f == "null" {
		*f = ""
	}
	return nil
}

// comment writes below a post or a comment.
func (c caller) comment(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	on, err := p.parent(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	ids, err := uploaded(p, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	form := url.Values{}
	if p.Text != "" {
		form.Set("message", p.Text)
	}
	if len(ids) > 0 {
		form.Set("attachment_id", ids[0])
	}
	var made comment
	if _, err := c.Create(ctx, "/"+graph.Escape(on)+"/comments", form, &made); err != nil {
		return network.Outcome{}, err
	}
	if made.ID == "" {
		return network.Outcome{}, graph.NoID()
	}
	return made.outcome(), nil
}

func (p payload) parent(earlier network.Outcomes) (string, error) {
	if p.After == "" {
		return p.On, nil
	}
	id := earlier[p.After].RemoteID
	if id == "" {
		return "", fault.Rejectedf("the post to comment on (%s) is not published", p.After)
	}
	return id, nil
}
