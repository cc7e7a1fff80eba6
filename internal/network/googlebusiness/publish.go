package googlebusiness

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Do carries out one step.
func (b Business) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c := b.caller(s)
	if before := earlier[step.Name]; before.Pending && before.RemoteID != "" {
		return c.looked(ctx, before)
	}
	list, err := fetched(step.Files)
	if err != nil {
		return network.Outcome{}, err
	}
	switch step.Name {
	case makePost:
		p.Post.Media = list
		return c.post(ctx, place(s.Account), *p.Post, sums(step.Files))
	case makePhoto:
		if len(list) == 0 {
			return network.Outcome{}, fault.Rejectedf("the step has no photo to send")
		}
		m := list[0]
		m.Association, m.Description = &association{Category: p.Category}, p.Description
		return c.photo(ctx, place(s.Account), m)
	case editPost:
		p.Post.Media = list
		return c.edit(ctx, p, sums(step.Files))
	case answer:
		return c.answer(ctx, p)
	}
	return network.Outcome{}, fault.Rejectedf("Google has no step %q", step.Name)
}

// fetched says where Google fetches each file.
func fetched(files []network.Media) (list []media, err error) {
	for _, f := range files {
		if f.Address == "" {
			return nil, &fault.Error{Kind: fault.Rejected, Code: "no_public_address", Field: "media", Message: "Google fetches files itself, and this installation has no public address",
				Hint: "Ask the operator to set BELLWETHER_URL to an address that can be reached from the internet."}
		}
		list = append(list, media{Format: format(f), SourceURL: f.Address})
	}
	return list, nil
}

func format(m network.Media) string {
	if m.Kind == network.Video {
		return "VIDEO"
	}
	return "PHOTO"
}

// post makes a post: the one call that must never be repeated blindly.
func (c caller) post(ctx context.Context, in string, p post, sum string) (network.Outcome, error) {
	var made post
	_, err := c.call(ctx, http.MethodPost, c.b.base(legacy), v4(in)+"/localPosts", nil, p, &made)
	switch {
	case err != nil:
		return network.Outcome{}, refused(err, "The location was removed, or this account no longer manages it.")
	case made.Name == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Google answered without saying which post it made"}
	}
	return c.state(outcome(made, sum), made)
}

func outcome(made post, sum string) network.Outcome {
	o := network.Outcome{RemoteID: made.Name, URL: made.SearchURL, Data: map[string]string{"topic": made.Topic}}
	if sum != "" {
		o.Data["sha256"] = sum
	}
	return o
}

// state says whether a post is published: Google looks at every post before it shows it.
func (c caller) state(o network.Outcome, made post) (network.Outcome, error) {
	switch made.State {
	case "REJECTED":
		return network.Outcome{}, fault.Rejectedf("Google rejected the post: it violates the rules for posts").WithCode("rejected").
			WithHint("Remove telephone numbers, odd spelling or pictures that Google may object to, then publish it again.")
	case "LIVE", "SCHEDULED", "RECURRING":
		o.Pending, o.Wait = false, 0
		return o, nil
	}
	o.Pending, o.Wait = true, 15*time.Second
	return o, nil
}

// looked asks what became of a post that Google took. It exists: only Google's own word is a failure, everything else is
// asked again.
func (c caller) looked(ctx context.Context, before network.Outcome) (network.Outcome, error) {
	var now post
	_, err := c.get(ctx, c.b.base(legacy), v4(before.RemoteID), nil, &now)
	switch {
	case fault.Is(err, fault.Unauthorised), fault.Is(err, fault.Later):
		return network.Outcome{}, err
	case err != nil:
		f := *fault.As(err)
		f.Kind = fault.Later
		return network.Outcome{}, &f
	}
	if now.SearchURL != "" {
		before.URL = now.SearchURL
	}
	return c.state(before, now)
}

// edit changes a post. The mask names what is sent, so that what the draft no longer has goes.
func (c caller) edit(ctx context.Context, p payload, sum string) (network.Outcome, error) {
	mask := []string{"summary", "callToAction", "languageCode"}
	if p.Post.Event != nil {
		mask = append(mask, "event")
	}
	if p.Post.Offer != nil {
		mask = append(mask, "offer")
	}
	if p.Media {
		mask = append(mask, "media")
	}
	change := *p.Post
	change.Topic = "" // a post keeps its kind
	var made post
	if _, err := c.call(ctx, http.MethodPatch, c.b.base(legacy), v4(p.Item), values("updateMask", strings.Join(mask, ",")), change, &made); err != nil {
		return network.Outcome{}, again(refused(err, "The post is gone."))
	}
	o := network.Outcome{RemoteID: p.Item, URL: made.SearchURL, Data: map[string]string{"topic": p.Post.Topic}}
	if sum != "" {
		o.Data["sha256"] = sum
	}
	return c.state(o, made)
}

// photo puts a photo or video into the location's gallery.
func (c caller) photo(ctx context.Context, in string, m media) (network.Outcome, error) {
	var made media
	_, err := c.call(ctx, http.MethodPost, c.b.base(legacy), v4(in)+"/media", nil, m, &made)
	switch {
	case err != nil:
		return network.Outcome{}, refused(err, "The location was removed, or this account no longer manages it.")
	case made.Name == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Google answered without saying which photo it made"}
	}
	return shown(made), nil
}

func shown(m media) network.Outcome { return network.Outcome{RemoteID: m.Name, URL: m.GoogleURL} }

// answer writes the one answer to a review. Google looks at it later; what became of it is read back.
func (c caller) answer(ctx context.Context, p payload) (network.Outcome, error) {
	if _, err := c.call(ctx, http.MethodPut, c.b.base(legacy), v4(p.Item)+replySuffix, nil, map[string]string{"comment": p.Text}, nil); err != nil {
		return network.Outcome{}, again(refused(err, "The review is gone."))
	}
	return network.Outcome{RemoteID: p.Item + replySuffix}, nil
}
