package linkedin

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Do carries out one step.
func (n LinkedIn) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	x := n.server(s)
	switch {
	case step.Media != nil:
		if before := earlier[step.Name]; before.Pending {
			return x.poll(ctx, p.Resource, before)
		}
		return x.upload(ctx, *step.Media, p.Resource)
	case p.Item != "":
		patch := map[string]any{"patch": map[string]any{"$set": map[string]string{"commentary": p.Text}}}
		_, err := x.repeat(ctx, http.MethodPost, "/rest/posts/"+escape(p.Item), "PARTIAL_UPDATE", patch, nil)
		return outcome(p.Item), refused(err, "The post is gone, or it belongs to somebody else.")
	case p.Close != "":
		return network.Outcome{}, x.closeComments(ctx, earlier[p.Close].RemoteID)
	case p.comment():
		return x.comment(ctx, p, earlier)
	}
	body, err := x.body(p, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	return x.create(ctx, p, body)
}

func outcome(urn string) network.Outcome {
	return network.Outcome{RemoteID: urn, URL: "https://www.linkedin.com/feed/update/" + urn}
}

// body is the request that makes a post.
func (s server) body(p payload, earlier network.Outcomes) (map[string]any, error) {
	targets := []any{}
	if len(p.Audience) > 0 {
		targets = append(targets, p.Audience)
	}
	b := map[string]any{"author": s.me.ID, "commentary": p.Text, "visibility": p.Seen, "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": p.Fixed,
		"distribution": map[string]any{"feedDistribution": "MAIN_FEED", "targetEntities": targets, "thirdPartyDistributionChannels": []any{}}}
	var files []map[string]string
	for _, f := range p.Files {
		id := earlier[f.Step].RemoteID
		if id == "" {
			return nil, fault.Rejectedf("the upload %q has no result to attach", f.Step)
		}
		one := map[string]string{"id": id}
		if f.Alt != "" {
			one["altText"] = f.Alt
		}
		files = append(files, one)
	}
	switch {
	case p.Repost != "":
		b["reshareContext"] = map[string]string{"parent": p.Repost}
	case len(files) >= fewestImages:
		b["content"] = map[string]any{"multiImage": map[string]any{"images": files}}
	case len(files) == 1:
		if p.Title != "" {
			files[0]["title"] = p.Title
			delete(files[0], "altText") // only pictures have one
		}
		b["content"] = map[string]any{"media": files[0]}
	case p.Poll != nil:
		var options []any
		for _, o := range p.Poll.Options {
			options = append(options, map[string]string{"text": o})
		}
		b["content"] = map[string]any{"poll": map[string]any{"question": p.Poll.Question, "options": options, "settings": map[string]any{"duration": p.Poll.Duration}}}
	case p.Card != nil:
		a := map[string]string{"source": p.Card.Source, "title": p.Card.Title, "description": p.Card.Description}
		if p.Card.Thumb != "" {
			if a["thumbnail"] = earlier[p.Card.Thumb].RemoteID; a["thumbnail"] == "" {
				return nil, fault.Rejectedf("the upload %q has no result to attach", p.Card.Thumb)
			}
		}
		b["content"] = map[string]any{"article": a}
	}
	return b, nil
}

// create makes a post: the one call that must never be repeated blindly. The answer has the post's URN in a header and
// nothing else.
func (s server) create(ctx context.Context, p payload, body map[string]any) (network.Outcome, error) {
	resp, err := s.http.JSON(ctx, http.MethodPost, s.base+"/rest/posts", s.header(""), body, nil)
	if err != nil {
		return s.duplicate(p, resp, refused(explain(resp, err), "The post to repost is gone, or the account may not see it."))
	}
	urn := resp.Header.Get("X-Restli-Id")
	if !strings.HasPrefix(urn, "urn:li:") {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "LinkedIn answered without saying which post it made"}
	}
	made := outcome(urn)
	if content, ok := body["content"].(map[string]any); ok {
		if m, ok := content["media"].(map[string]any); ok {
			id, _ := m["id"].(string)
			made.Data = filmed(id)
		}
	}
	return made, nil
}

// filmed marks a post whose file is a video: LinkedIn's numbers of posts do not say so.
func filmed(file string) map[string]string {
	if strings.HasPrefix(file, "urn:li:video:") {
		return map[string]string{"video": file}
	}
	return nil
}

// early is how much before it was due a delivery's post may seem to have been made, for clocks.
const early = time.Minute

// duplicate takes the post LinkedIn names when it refuses this one as its double, if that was made since this delivery
// was due: then an earlier attempt made it, whose answer was lost.
func (s server) duplicate(p payload, resp *safehttp.Response, err error) (network.Outcome, error) {
	if resp == nil || resp.Status < 400 || resp.Status >= 500 {
		return network.Outcome{}, err
	}
	found := twin.FindSubmatch(resp.Body)
	if found == nil {
		return network.Outcome{}, err
	}
	urn := string(found[1])
	if !p.Due.IsZero() && made(urn).After(p.Due.Add(-early)) {
		return outcome(urn), nil
	}
	f := *fault.As(err)
	f.Code, f.Field, f.Message = "duplicate_text", "text", "LinkedIn refuses this text because it published it lately: "+outcome(urn).URL
	f.Hint = "Change the text, or wait."
	return network.Outcome{}, &f
}

// comment writes below a post or below another comment. Its text is plain.
func (s server) comment(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	post := cmp.Or(p.Post, earlier[p.Below].RemoteID)
	if post == "" {
		return network.Outcome{}, fault.Rejectedf("the post to comment (%s) is not published", p.Below)
	}
	body := map[string]any{"actor": s.me.ID, "object": post, "message": map[string]string{"text": p.Text}}
	if p.Parent != "" {
		body["parentComment"] = p.Parent
	}
	var c reply
	resp, err := s.http.JSON(ctx, http.MethodPost, s.base+"/rest/socialActions/"+escape(cmp.Or(p.Parent, post))+"/comments", s.header(""), body, &c)
	if err != nil {
		return network.Outcome{}, refused(explain(resp, err), "What it answers is gone, or its comments are closed.")
	}
	if c.urn() == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "LinkedIn answered without saying which comment it made"}
	}
	return c.outcome(post), nil
}

// closeComments lets nobody comment a post.
func (s server) closeComments(ctx context.Context, post string) error {
	if post == "" {
		return fault.Rejectedf("there is no post to close for comments")
	}
	patch := map[string]any{"patch": map[string]any{"$set": map[string]string{"commentsState": "CLOSED"}}}
	_, err := s.repeat(ctx, http.MethodPost, "/rest/socialMetadata/"+escape(post)+"?actor="+escape(s.me.ID), "PARTIAL_UPDATE", patch, nil)
	return refused(err, "The post is gone.")
}
