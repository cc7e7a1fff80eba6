package reddit

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	appearEvery = 10 * time.Second // looks for a post with files that was accepted
	appearTime  = 15 * time.Minute // after which it is in doubt
)

// Do carries out one step.
func (r Reddit) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	a := r.as(s)
	if step.Media != nil {
		return a.upload(ctx, *step.Media)
	}
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	switch p.Do {
	case readRules:
		return network.Outcome{}, a.obey(ctx, p)
	case comment:
		return a.comment(ctx, p, earlier)
	case change:
		_, _, err := a.post(ctx, "/api/editusertext", url.Values{"thing_id": {p.Thing}, "text": {p.Text}})
		if err != nil {
			return network.Outcome{}, again(refused(err, "", "The post is gone, or it belongs to somebody else."))
		}
		return network.Outcome{RemoteID: p.Thing, URL: a.address(p.Thing), Data: p.data()}, nil
	}
	if before := earlier[step.Name]; before.Pending {
		return a.appeared(ctx, p, before)
	}
	return a.submit(ctx, p, earlier)
}

// obey reads what the community asks for now, and refuses the post in its words before it is sent. Where Reddit says
// that no calls are left, the post waits for the next ones.
func (a api) obey(ctx context.Context, p payload) error {
	now, resp, err := a.requirements(ctx, p.Community)
	if err != nil {
		return err
	}
	if resp == nil { // it was redirected in circles
		return nil
	}
	if left, told := safehttp.Remaining(resp.Header); told && left < 1 {
		return &fault.Error{Kind: fault.Later, Code: "rate_limit", Message: "Reddit allows no more calls for now", RetryAt: safehttp.LimitReset(resp.Header, resp.At)}
	}
	for _, c := range (community{Asks: now}).check(p) {
		f := fault.Rejectedf("%s", c.message).WithHint(c.fix).WithCode(c.code)
		f.Field = c.field
		return f
	}
	return nil
}

func (p payload) data() map[string]string {
	return map[string]string{"kind": p.Kind, "title": p.Title, "community": p.Community}
}

// submit makes the post: the one call that must never be repeated blindly.
func (a api) submit(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	var out answer
	var resp *safehttp.Response
	var err error
	switch p.Kind {
	case gallery, poll:
		body := p.shared()
		path := "/api/submit_poll_post.json"
		if p.Kind == poll {
			body["text"], body["options"], body["duration"] = p.Text, p.Options, p.Days
		} else {
			path = "/api/submit_gallery_post.json"
			var items []map[string]string
			for _, f := range p.Files {
				asset := earlier[f.Step].Data["asset"]
				if asset == "" {
					return network.Outcome{}, fault.Rejectedf("the upload %q has no result to show", f.Step)
				}
				items = append(items, map[string]string{"media_id": asset, "caption": f.Caption, "outbound_url": ""})
			}
			body["items"] = items
		}
		if resp, err = a.http.JSON(ctx, http.MethodPost, a.base+path+"?raw_json=1", a.header(), body, &out); err == nil {
			err = out.refusal(resp)
		}
		err = explain(resp, err)
	default:
		form, problem := p.form(earlier)
		if problem != nil {
			return network.Outcome{}, problem
		}
		out, resp, err = a.post(ctx, "/api/submit", form)
	}
	if err != nil {
		return network.Outcome{}, refused(err, "settings.community", "The community is private, banned or gone: choose another one.")
	}
	return a.made(p, out, resp)
}

// shared are the parameters that every kind of post has, as JSON.
func (p payload) shared() map[string]any {
	body := map[string]any{"api_type": "json", "sr": p.Community, "title": p.Title, "sendreplies": !p.Quiet, "nsfw": p.NSFW, "spoiler": p.Spoiler, "show_error_list": true, "validate_on_submit": true}
	if p.Flair != "" {
		body["flair_id"] = p.Flair
	}
	if p.FlairText != "" {
		body["flair_text"] = p.FlairText
	}
	return body
}

// form is the request of every kind but galleries and polls.
func (p payload) form(earlier network.Outcomes) (url.Values, error) {
	form := url.Values{"sr": {p.Community}, "title": {p.Title}, "sendreplies": {flag(!p.Quiet)}, "nsfw": {flag(p.NSFW)}, "spoiler": {flag(p.Spoiler)}, "resubmit": {"false"}, "validate_on_submit": {"true"}}
	if p.Flair != "" {
		form.Set("flair_id", p.Flair)
	}
	if p.FlairText != "" {
		form.Set("flair_text", p.FlairText)
	}
	uploaded := func(step string) (string, error) {
		if at := earlier[step].Data["url"]; at != "" {
			return at, nil
		}
		return "", fault.Rejectedf("the upload %q has no result to show", step)
	}
	switch p.Kind {
	case self:
		form.Set("kind", "self")
		form.Set("text", p.Text)
	case link:
		form.Set("kind", "link")
		form.Set("url", p.URL)
	case crosspost:
		form.Set("kind", "crosspost")
		form.Set("crosspost_fullname", p.Crosspost)
	default:
		at, err := uploaded(p.Files[0].Step)
		if err != nil {
			return nil, err
		}
		form.Set("kind", p.Kind) // image or video
		form.Set("url", at)
		if p.Kind == video {
			if at, err = uploaded(p.Poster); err != nil {
				return nil, err
			}
			form.Set("video_poster_url", at)
		}
	}
	return form, nil
}

// made reads which post a call made. For files Reddit only says that it will make one.
func (a api) made(p payload, out answer, resp *safehttp.Response) (network.Outcome, error) {
	if out.JSON == nil {
		return network.Outcome{}, inDoubt("Reddit answered without saying what it did")
	}
	d := out.JSON.Data
	if name := cmp.Or(d.Name, d.ID); name != "" {
		if !strings.HasPrefix(name, "t3_") {
			name = "t3_" + name
		}
		return network.Outcome{RemoteID: name, URL: cmp.Or(d.URL, a.address(name)), Data: p.data()}, nil
	}
	if d.Socket == "" && d.Submitted == "" {
		return network.Outcome{}, inDoubt("Reddit answered without saying which post it made")
	}
	since := resp.At.UTC().Add(drift(resp))
	return network.Outcome{Pending: true, Wait: appearEvery, Data: map[string]string{"since": since.Format(time.RFC3339), "until": resp.At.UTC().Add(appearTime).Format(time.RFC3339)}}, nil
}

func inDoubt(message string) error {
	return &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: message}
}

// appeared looks for a post that was accepted and that Reddit makes when it has processed its files.
func (a api) appeared(ctx context.Context, p payload, before network.Outcome) (network.Outcome, error) {
	since, _ := time.Parse(time.RFC3339, before.Data["since"]) // written by us
	found, resp, err := a.ownPost(ctx, p, func(*safehttp.Response) time.Time { return since })
	if err != nil || found != nil {
		if err != nil {
			return network.Outcome{}, err
		}
		return a.outcome(*found, p), nil
	}
	if until, err := time.Parse(time.RFC3339, before.Data["until"]); err != nil || resp.At.After(until) {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "not_appeared", Field: "media", Message: "Reddit accepted the post, and it has not appeared since",
			Hint: "Reddit may have dropped its file: look at the account's posts on Reddit."}
	}
	before.Pending, before.Wait = true, appearEvery
	return before, nil
}

func (a api) outcome(it item, p payload) network.Outcome {
	return network.Outcome{RemoteID: it.Name, URL: a.link(it), Data: p.data()}
}

// link is where people see a thing.
func (a api) link(it item) string {
	switch {
	case it.Permalink != "":
		return a.site + it.Permalink
	case it.Context != "":
		return a.site + it.Context
	}
	return a.address(it.Name)
}

// address is where a thing is seen whose page is not known.
func (a api) address(name string) string {
	kind, id, _ := strings.Cut(name, "_")
	switch kind {
	case "t3":
		return a.site + "/comments/" + id + "/"
	case "t4":
		return a.site + "/message/messages/" + id
	}
	return a.site + "/api/info?id=" + url.QueryEscape(name)
}

// comment makes a comment or answers a message.
func (a api) comment(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	parent, err := p.parent(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	out, _, err := a.post(ctx, "/api/comment", url.Values{"thing_id": {parent}, "text": {p.Text}})
	switch {
	case err != nil:
		return network.Outcome{}, refused(err, "", "What it answers is gone, or the account may not see it.")
	case out.JSON == nil || len(out.JSON.Data.Things) == 0:
		return network.Outcome{}, inDoubt("Reddit answered without saying which comment it made")
	}
	made := out.JSON.Data.Things[0]
	made.Data.Name = cmp.Or(made.Data.Name, made.Kind+"_"+made.Data.ID)
	return network.Outcome{RemoteID: made.Data.Name, URL: a.link(made.Data), Data: map[string]string{"kind": comment}}, nil
}

// parent is the full name of what is answered.
func (p payload) parent(earlier network.Outcomes) (string, error) {
	if p.After == "" {
		return p.Thing, nil
	}
	id := earlier[p.After].RemoteID
	if id == "" {
		return "", fault.Rejectedf("the post that the comment belongs to (%s) is not published", strconv.Quote(p.After))
	}
	return id, nil
}
