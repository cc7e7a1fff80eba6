package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Do carries out one step.
func (n Discord) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	return do(ctx, clientOf(n.at, s), s.Account, step, earlier)
}

// Do carries out one step.
func (n Webhook) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	c := clientOf(n.at, s)
	c.bot = "" // the bot only reads
	return do(ctx, c, s.Account, step, earlier)
}

func payloadOf(step network.Step) (p payload, err error) {
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return p, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	return p, nil
}

func do(ctx context.Context, c client, a network.Account, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	p, err := payloadOf(step)
	if err != nil {
		return network.Outcome{}, err
	}
	before := earlier[p.After]
	if p.After != "" && before.RemoteID == "" {
		return network.Outcome{}, fault.Rejectedf("the part before this one (%s) is not published", p.After)
	}
	switch p.Call {
	case toThread:
		return network.Outcome{}, c.done(ctx, "/channels/"+cmp.Or(before.Data["channel"], channelOf(a))+"/messages/"+before.RemoteID+"/threads", p.Body, alreadyThread)
	case toFollowers:
		return network.Outcome{}, c.done(ctx, "/channels/"+cmp.Or(before.Data["channel"], channelOf(a))+"/messages/"+before.RemoteID+"/crosspost", nil, alreadySpread)
	case toChange:
		return c.change(ctx, p, a, step.Files)
	}
	var made message
	path := p.place(&before)
	if reply := cmp.Or(before.RemoteID, p.ReplyTo); reply != "" {
		p.Body["message_reference"] = map[string]any{"message_id": reply}
	}
	if p.Call == toForum {
		var opened struct {
			ID      string   `json:"id"`
			Message *message `json:"message"`
		}
		err = c.send(ctx, http.MethodPost, path, p.Body, step.Files, &opened)
		if opened.Message != nil {
			made = *opened.Message
		}
		made.ID, made.Channel = cmp.Or(made.ID, opened.ID), cmp.Or(made.Channel, opened.ID) // a forum post and its first message have one id
	} else {
		if p.Call == toWebhook {
			path = c.hook + path
		}
		err = c.send(ctx, http.MethodPost, path, p.Body, step.Files, &made)
	}
	switch {
	case err != nil && p.Call == toWebhook:
		return network.Outcome{}, gone(err)
	case err != nil:
		return network.Outcome{}, refused(err, "What it answers is gone.")
	case made.ID == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Discord answered without saying which message it made"}
	}
	return made.outcome(p, a), nil
}

// place is where a message is sent: into the channel, or where the part before went.
func (p payload) place(before *network.Outcome) string {
	switch p.Call {
	case toForum:
		return "/channels/" + p.Channel + "/threads"
	case toWebhook:
		query := url.Values{"wait": {"true"}}
		if p.Thread != "" {
			query.Set("thread_id", p.Thread)
		}
		return "?" + query.Encode()
	}
	return "/channels/" + cmp.Or(before.Data["channel"], p.Channel) + "/messages"
}

// What Discord answers where the thing is done already.
const (
	alreadyThread = 160004
	alreadySpread = 40033
)

// done carries out what may be repeated: a refusal that says it is done already is success.
func (c client) done(ctx context.Context, path string, body any, already int) error {
	resp, err := c.http.JSON(ctx, http.MethodPost, c.base+path, c.header(), body, nil)
	if err == nil {
		return nil
	}
	var r refusal
	if resp != nil && resp.Status < 500 && json.Unmarshal(resp.Body, &r) == nil && r.Code == already {
		return nil
	}
	return refused(c.allowed(again(explain(resp, err))), "The message is gone.")
}

// change edits a message.
func (c client) change(ctx context.Context, p payload, a network.Account, files []network.Media) (network.Outcome, error) {
	var changed message
	if err := c.send(ctx, http.MethodPatch, c.item(p.Channel, p.Thread, p.Item), p.Body, files, &changed); err != nil {
		return network.Outcome{}, refused(again(err), "The message is gone.")
	}
	o := changed.outcome(p, a)
	if o.RemoteID = p.Item; p.Thread == p.Item {
		o.Data["kind"] = "forum"
	}
	return o, nil
}

// item is the path of a message: a webhook reaches only its own, by its own path.
func (c client) item(channel, thread, id string) string {
	if c.hook == "" {
		return "/channels/" + url.PathEscape(channel) + "/messages/" + url.PathEscape(id)
	}
	path := c.hook + "/messages/" + url.PathEscape(id)
	if thread != "" {
		path += "?thread_id=" + url.QueryEscape(thread)
	}
	return path
}

func (c client) itemOf(item network.Remote, a network.Account) string {
	return c.item(cmp.Or(item.Data["channel"], channelOf(a)), item.Data["thread"], item.ID)
}

// Read reads a published message back.
func (n Discord) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	return clientOf(n.at, s).read(ctx, s.Account, item)
}

// Read reads a published message back.
func (n Webhook) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	c := clientOf(n.at, s)
	c.bot = ""
	return c.read(ctx, s.Account, item)
}

func (c client) read(ctx context.Context, a network.Account, item network.Remote) (network.Live, error) {
	var m message
	err := c.get(ctx, c.itemOf(item, a), nil, &m)
	if c.absent(err) {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	l := m.live(a)
	l.Data = item.Data
	return l, nil
}

// Delete removes a message, and the whole thread of a forum post; what is gone already is removed.
func (n Discord) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	c := clientOf(n.at, s)
	path := c.itemOf(item, s.Account)
	if item.Data["kind"] == "forum" {
		if err := c.remove(ctx, path); err != nil {
			return err
		}
		// Closing the thread needs a further right; without it the post stays behind as an empty one.
		if err := c.remove(ctx, "/channels/"+url.PathEscape(item.Data["thread"])); err != nil && !fault.Is(err, fault.Rejected) {
			return err
		}
		return nil
	}
	return c.remove(ctx, path)
}

// Delete removes a message; what is gone already is removed.
func (n Webhook) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	c := clientOf(n.at, s)
	c.bot = ""
	return c.remove(ctx, c.itemOf(item, s.Account))
}

func (c client) remove(ctx context.Context, path string) error {
	err := c.repeat(ctx, http.MethodDelete, path, nil, nil)
	if c.absent(err) {
		return nil
	}
	return c.allowed(err)
}
