package instagram

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

const (
	pictureWait = 3 * time.Second
	videoWait   = 30 * time.Second
	mostTries   = 3 // containers for one file, where Instagram says that it failed for a passing reason
)

// Do carries out one step.
func (n Instagram) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c := n.caller(s)
	switch p.Call {
	case containerCall:
		if before := earlier[step.Name]; before.Pending {
			return c.poll(ctx, step.Media, p, earlier, before)
		}
		return c.container(ctx, step.Media, p, earlier, 1)
	case publishCall:
		return c.publish(ctx, p, earlier)
	case closeCall:
		media, err := published(earlier)
		if err != nil {
			return network.Outcome{}, err
		}
		return network.Outcome{RemoteID: media}, final(c.Repeat(ctx, http.MethodPost, "/"+graph.Escape(media), url.Values{"comment_enabled": {"false"}}, nil))
	case letterCall:
		address := ""
		if step.Media != nil {
			address = step.Media.Address
		}
		return c.Send(ctx, c.writer, *p.Letter, address)
	}
	return c.comment(ctx, p, earlier)
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

func published(earlier network.Outcomes) (string, error) {
	if id := earlier["publish"].RemoteID; id != "" {
		return id, nil
	}
	return "", fault.Rejectedf("the post is not published")
}

// form is the request that makes a container.
func (p payload) form(m *network.Media, earlier network.Outcomes) (url.Values, error) {
	f := url.Values{}
	set := func(name, value string) {
		if value != "" {
			f.Set(name, value)
		}
	}
	set("caption", p.Text)
	set("location_id", p.Location)
	if len(p.Collaborators) > 0 {
		f.Set("collaborators", graph.JSON(p.Collaborators))
	}
	if len(p.Tags) > 0 {
		f.Set("user_tags", graph.JSON(p.Tags))
	}
	if p.AI {
		f.Set("is_ai_generated", "true")
	}
	if p.Partnership || len(p.Sponsors) > 0 {
		f.Set("is_paid_partnership", "true")
	}
	if len(p.Sponsors) > 0 {
		f.Set("branded_content_sponsor_ids", graph.JSON(p.Sponsors))
	}
	var products []map[string]any
	for _, id := range p.Products {
		product := map[string]any{"product_id": id}
		if m != nil && m.Kind != network.Video { // in a video there are no places
			product["x"], product["y"] = 0.5, 0.5
		}
		products = append(products, product)
	}
	if len(products) > 0 {
		f.Set("product_tags", graph.JSON(products))
	}
	if p.Kind == carouselKind {
		var ids []string
		for _, step := range p.Children {
			id := earlier[step].RemoteID
			if id == "" {
				return nil, fault.Rejectedf("the container %q was not made", step)
			}
			ids = append(ids, id)
		}
		f.Set("media_type", "CAROUSEL")
		f.Set("children", strings.Join(ids, ","))
		return f, nil
	}
	if m == nil || m.Address == "" {
		return nil, graph.NeedsAddress()
	}
	video := m.Kind == network.Video
	if video {
		f.Set("video_url", m.Address)
	} else {
		f.Set("image_url", m.Address)
		if p.Kind != story {
			set("alt_text", m.Alt)
		}
	}
	switch {
	case p.Kind == story:
		f.Set("media_type", "STORIES")
	case p.Kind == childKind:
		f.Set("is_carousel_item", "true")
		if video {
			f.Set("media_type", "VIDEO")
		}
	case p.Kind == reelKind:
		f.Set("media_type", "REELS")
		f.Set("share_to_feed", strconv.FormatBool(!p.ReelsOnly))
		set("cover_url", p.Cover)
		set("thumb_offset", p.Thumb)
		set("audio_name", p.Audio)
		if p.Trial != "" {
			f.Set("trial_params", graph.JSON(map[string]string{"graduation_strategy": p.Trial}))
		}
	}
	return f, nil
}

// container makes a container; Instagram then fetches the file. Nobody sees it before it is published, so one too many
// does no harm.
func (c caller) container(ctx context.Context, m *network.Media, p payload, earlier network.Outcomes, try int) (network.Outcome, error) {
	form, err := p.form(m, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	var made struct {
		ID string `json:"id"`
	}
	resp, err := c.Create(ctx, c.edge("media"), form, &made)
	if err != nil {
		return network.Outcome{}, graph.Again(graph.Field(err, "media"))
	}
	if made.ID == "" {
		return network.Outcome{}, graph.Again(graph.NoID())
	}
	o := network.Outcome{RemoteID: made.ID, Pending: true, Wait: pictureWait, ExpiresAt: resp.At.UTC().Add(containerLife),
		Data: map[string]string{"try": strconv.Itoa(try), "made": graph.Since(resp, resp.At).UTC().Format(time.RFC3339)}}
	if m != nil && m.Kind == network.Video {
		o.Wait = videoWait
	}
	return o, nil
}

// state is how far a container is.
type state struct {
	Code string `json:"status_code"` // IN_PROGRESS, FINISHED, PUBLISHED, ERROR, EXPIRED
	Says string `json:"status"`
}

func (c caller) state(ctx context.Context, container string) (st state, err error) {
	_, err = c.Get(ctx, "/"+graph.Escape(container), url.Values{"fields": {"status_code,status"}}, &st)
	return st, err
}

// subcode is a reason in the words of a failed container.
var subcode = regexp.MustCompile(`\b2207\d{3}\b`)

// failure is why a container failed.
func (st state) failure() *fault.Error {
	f := &fault.Error{Kind: fault.Rejected, Code: "media_processing_failed", Field: "media", Message: "Instagram could not use the file: " + cmp.Or(st.Says, "it gave no reason"), Hint: "Convert it to JPEG, or to MP4 with H.264 and AAC, and send the post again."}
	if n, _ := strconv.Atoi(subcode.FindString(st.Says)); n != 0 {
		return graph.Meaning(n, f)
	}
	return f
}

// poll asks how far a container is. One that failed for a passing reason is made anew.
func (c caller) poll(ctx context.Context, m *network.Media, p payload, earlier network.Outcomes, before network.Outcome) (network.Outcome, error) {
	st, err := c.state(ctx, before.RemoteID)
	if err != nil {
		return network.Outcome{}, final(err)
	}
	try, _ := strconv.Atoi(before.Data["try"])
	switch st.Code {
	case "FINISHED", "PUBLISHED":
		before.Pending, before.Wait = false, 0
		return before, nil
	case "EXPIRED":
		return c.container(ctx, m, p, earlier, try)
	case "ERROR":
		f := st.failure()
		if f.Kind == fault.Rejected || try >= mostTries {
			f.Kind = fault.Rejected
			return network.Outcome{}, f
		}
		return c.container(ctx, m, p, earlier, try+1)
	}
	return before, nil
}

// publish makes a finished container public, unless its status says that this was done.
func (c caller) publish(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	made := earlier["container"]
	if made.RemoteID == "" {
		return network.Outcome{}, fault.Rejectedf("there is no container to publish")
	}
	st, err := c.state(ctx, made.RemoteID)
	if err != nil {
		return network.Outcome{}, final(err)
	}
	switch st.Code {
	case "PUBLISHED":
		o, found, err := c.locate(ctx, p, made, earlier)
		if err == nil && !found { // it is out, and the list does not show it yet
			return network.Outcome{Pending: true, Wait: pictureWait}, nil
		}
		return o, err
	case "ERROR":
		return network.Outcome{}, st.failure()
	case "EXPIRED":
		return network.Outcome{}, fault.Rejectedf("the container was not published within a day and has expired").WithCode("container_expired").WithHint("Send the post again.")
	case "IN_PROGRESS":
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "media_processing", Field: "media", Message: "Instagram is still processing the file"}
	}
	if err := c.quota(ctx); err != nil {
		return network.Outcome{}, err
	}
	var out struct {
		ID string `json:"id"`
	}
	_, err = c.Create(ctx, c.edge("media_publish"), url.Values{"creation_id": {made.RemoteID}}, &out)
	if err != nil {
		return network.Outcome{}, err
	}
	if out.ID == "" {
		return network.Outcome{}, graph.NoID()
	}
	item := media{ID: out.ID}
	// Published is published: where its address cannot be read now, the account's own page stands for it.
	if _, err := c.Get(ctx, "/"+graph.Escape(out.ID), url.Values{"fields": {"id,permalink"}}, &item); err != nil {
		item.Permalink = ""
	}
	return c.outcome(item, p), nil
}

func (c caller) outcome(m media, p payload) network.Outcome {
	return network.Outcome{RemoteID: m.ID, URL: cmp.Or(m.Permalink, "https://www.instagram.com/"+c.handle+"/"), Data: map[string]string{"kind": p.Kind}}
}

// quota says Later where the account has published all it may in a day: 50 or 100 posts, as the network says it.
func (c caller) quota(ctx context.Context) error {
	var answer graph.Page[struct {
		Used   int64 `json:"quota_usage"`
		Config struct {
			Total int64 `json:"quota_total"`
		} `json:"config"`
	}]
	resp, err := c.Get(ctx, c.edge("content_publishing_limit"), url.Values{"fields": {"quota_usage,config"}}, &answer)
	if err != nil {
		return err
	}
	for _, q := range answer.Data {
		if q.Config.Total > 0 && q.Used >= q.Config.Total {
			return &fault.Error{Kind: fault.Later, Code: "publishing_limit", RetryAt: resp.At.UTC().Add(time.Hour),
				Message: "the account has published " + strconv.FormatInt(q.Used, 10) + " posts in a day; Instagram allows " + strconv.FormatInt(q.Config.Total, 10)}
		}
	}
	return nil
}

// comment writes below a post, a comment, or somebody else's post.
func (c caller) comment(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	path, form := "", url.Values{"message": {p.Text}}
	switch p.Call {
	case replyCall:
		path = "/" + graph.Escape(p.On) + "/replies"
	case mentionCall:
		path = c.edge("mentions")
		form.Set("media_id", p.On)
	default:
		media, err := published(earlier)
		if err != nil {
			return network.Outcome{}, err
		}
		path = "/" + graph.Escape(media) + "/comments"
	}
	var made struct {
		ID string `json:"id"`
	}
	if _, err := c.Create(ctx, path, form, &made); err != nil {
		return network.Outcome{}, err
	}
	if made.ID == "" {
		return network.Outcome{}, graph.NoID()
	}
	return network.Outcome{RemoteID: made.ID}, nil
}
