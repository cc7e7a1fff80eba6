package snapchat

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

const (
	nameEvery = 10 * time.Second // looks for the id of a story that was accepted
	nameTime  = 3 * time.Minute  // after which it stays without one
	newest    = "50"             // Spotlights and stories that are looked at
)

// Do carries out one step.
func (n Snapchat) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	a := n.as(s)
	if step.Media != nil {
		return a.upload(ctx, *step.Media)
	}
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	if before := earlier[step.Name]; before.Pending {
		return a.name(ctx, p, before)
	}
	media := earlier[upload].Data["media"]
	if media == "" {
		return network.Outcome{}, fault.Rejectedf("the upload has no result to post")
	}
	var body any
	switch p.Kind {
	case spotlight:
		words := map[string]any{"media_id": media, "locale": p.Locale, "skip_save_to_profile": p.Off}
		if p.Text != "" {
			words["description"] = p.Text
		}
		body = words
	case saved:
		body = map[string]any{"saved_stories": []any{map[string]any{"title": p.Title, "snap_sources": []any{map[string]string{"media_id": media}}}}}
	default:
		body = map[string]string{"media_id": media}
	}
	out, resp, err := a.ask(ctx, http.MethodPost, a.base+listPath(a.profile, p.Kind), body)
	if err != nil {
		return network.Outcome{}, refused(err, "The profile is gone, or the account lost its role on it.")
	}
	return a.made(p, media, out, resp)
}

// made reads what a call posted. Stories are accepted without saying which one they became.
func (a api) made(p payload, media string, out answer, resp *safehttp.Response) (network.Outcome, error) {
	id := map[string]string{spotlight: out.Spotlight, saved: cmp.Or(out.Saved, out.Story), story: cmp.Or(out.Story, out.Snap)}[p.Kind]
	if id == "" && len(out.Items) > 0 {
		id = out.Items[0].ID
	}
	switch {
	case id != "":
		return a.outcome(p.Kind, id), nil
	case out.Request == "" && out.Status == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Snapchat answered without saying what it did"}
	case p.Kind == spotlight:
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Snapchat answered without saying which Spotlight it made"}
	}
	return network.Outcome{Pending: true, Wait: nameEvery, Data: map[string]string{"media": media, "since": resp.At.UTC().Add(drift(resp)).Format(time.RFC3339), "until": resp.At.UTC().Add(nameTime).Format(time.RFC3339)}}, nil
}

func (a api) outcome(kind, id string) network.Outcome {
	return network.Outcome{RemoteID: id, URL: a.address(kind, id), Data: map[string]string{"kind": kind}}
}

// address is where people see a post; stories are seen on the profile.
func (a api) address(kind, id string) string {
	if kind == spotlight {
		return a.site + "/spotlight/" + url.PathEscape(id)
	}
	return a.site + "/add/" + url.PathEscape(a.handle)
}

// name looks for the id of a story that was accepted: the only one on the profile since the call. Where several were
// made, or none is shown, the story stays known by its media alone, and can't be measured.
func (a api) name(ctx context.Context, p payload, before network.Outcome) (network.Outcome, error) {
	out, resp, err := a.get(ctx, listPath(a.profile, p.Kind), url.Values{"limit": {newest}})
	if err != nil && !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) {
		return network.Outcome{}, err
	}
	since, _ := time.Parse(time.RFC3339, before.Data["since"]) // written by us
	var fresh []entry
	for _, e := range out.Items {
		if e.ID != "" && !e.Created.Before(since) && (p.Title == "" || e.Title == "" || same(e.Title, p.Title)) {
			fresh = append(fresh, e)
		}
	}
	if len(fresh) == 1 {
		return a.outcome(p.Kind, fresh[0].ID), nil
	}
	until, bad := time.Parse(time.RFC3339, before.Data["until"])
	if err == nil && len(fresh) == 0 && bad == nil && resp.At.Before(until) {
		before.Pending, before.Wait = true, nameEvery
		return before, nil
	}
	o := a.outcome(p.Kind, "media:"+before.Data["media"])
	o.Data["unnamed"] = "yes"
	return o, nil
}

func same(a, b string) bool { return text.Normalise(a) == text.Normalise(b) }

// A Spotlight made before the call is another one with the same words; taking it for the lost one would lose a post for
// good, while overlooking the lost one only asks a person. So little is allowed for clocks: the server's date has whole
// seconds and its answer takes some. Where it sends no date, its clock is anybody's guess.
const (
	dated   = 10 * time.Second
	undated = 2 * time.Minute
)

// Find looks among the profile's newest Spotlights for one made since the call with the same description. Reviewing may
// take hours, and the list proves presence, never absence. Stories have nothing to be found by.
func (n Snapchat) Find(ctx context.Context, s network.Session, step network.Step, _ network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	if p.Kind != spotlight {
		return network.NotSeen, network.Outcome{}, nil
	}
	a := n.as(s)
	out, resp, err := a.get(ctx, listPath(a.profile, spotlight), url.Values{"limit": {newest}})
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	since := sent.Add(drift(resp))
	for _, e := range out.Items {
		if e.ID != "" && !e.Created.Before(since) && same(e.Text, p.Text) {
			return network.Found, a.outcome(spotlight, e.ID), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

// drift is how far the server's clock is ahead of ours by the date of its answer, less what that may be wrong by.
func drift(resp *safehttp.Response) time.Duration {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return -undated
	}
	if d := date.Sub(resp.At); d.Abs() > 2*time.Second {
		return d - dated
	}
	return -dated
}
