package tiktokbusiness

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// slack is what clocks may differ by. More would take another post of the same words for the lost one.
const slack = 15 * time.Second

// Find looks for a post among the account's newest, and for an answer below its comment: made since the call, with the
// same words. The lists prove presence, never absence: a post on its way appears only after TikTok has looked at it.
func (t TikTok) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	a := t.api(s)
	since := sent.Add(-slack)
	if p.Call == video || p.Call == photo {
		o, err := a.findPost(ctx, p, since)
		return found(o, err)
	}
	id := cmp.Or(p.Video, earlier["post"].RemoteID)
	list := func(cursor int64) (comments, error) { return a.comments(ctx, id, cursor) }
	if p.Call == reply {
		list = func(cursor int64) (comments, error) { return a.replies(ctx, id, p.Top, cursor) }
	}
	got, err := list(0)
	if err != nil {
		return network.NotSeen, network.Outcome{}, untold(err)
	}
	for _, c := range got.List {
		if c.Owner && !c.at().Before(since) && text.Normalise(c.Text) == text.Normalise(p.Text) {
			return network.Found, job{me: s.Account, p: p}.said(c.ID, id), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

func found(o network.Outcome, err error) (network.Finding, network.Outcome, error) {
	if err != nil || o.RemoteID == "" {
		return network.NotSeen, network.Outcome{}, untold(err)
	}
	return network.Found, o, nil
}

func (a api) findPost(ctx context.Context, p payload, since time.Time) (network.Outcome, error) {
	if p.Mode == inbox {
		return network.Outcome{}, nil // drafts are not listed
	}
	list, err := a.items(ctx, map[string]any{"max_count": batch})
	if err != nil {
		return network.Outcome{}, err
	}
	for _, it := range list.Items {
		if !it.at().Before(since) && text.Normalise(it.Caption) == text.Normalise(p.Text) {
			return network.Outcome{RemoteID: it.ID, URL: it.ShareURL, Data: map[string]string{"kind": p.Call, "privacy": p.Privacy, "text": p.Text}}, nil
		}
	}
	return network.Outcome{}, nil
}
