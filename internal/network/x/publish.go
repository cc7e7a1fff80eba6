package x

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Do carries out one step.
func (n X) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	x := n.server(s)
	switch {
	case p.Of != "":
		return x.subtitle(ctx, *step.Media, p, earlier)
	case step.Media != nil:
		if before := earlier[step.Name]; before.Pending {
			return x.poll(ctx, *step.Media, before)
		}
		return x.upload(ctx, *step.Media, p.Category)
	case len(p.Names) > 0:
		return x.lookUp(ctx, p.Names)
	case p.Item != "":
		return x.edit(ctx, p, earlier)
	case p.To != "":
		return x.message(ctx, p, earlier)
	}
	body, err := p.body(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	return x.create(ctx, p, body, earlier)
}

// ids are the uploaded files by their names at X.
func (p payload) ids(earlier network.Outcomes) ([]string, error) {
	ids := []string{}
	for _, f := range p.Files {
		id := cmp.Or(f.ID, earlier[f.Step].Data["media"])
		if id == "" {
			return nil, fault.Rejectedf("the upload %q has no result to attach", f.Step)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// body is the request that makes a post.
func (p payload) body(earlier network.Outcomes) (map[string]any, error) {
	b := map[string]any{"text": p.Text}
	ids, err := p.ids(earlier)
	if err != nil {
		return nil, err
	}
	if len(ids) > 0 {
		m := map[string]any{"media_ids": ids}
		if who := earlier[p.Tagged].Data["tagged"]; who != "" {
			m["tagged_user_ids"] = strings.Split(who, ",")
		}
		b["media"] = m
	}
	if len(p.Options) > 0 {
		b["poll"] = map[string]any{"options": p.Options, "duration_minutes": p.Minutes}
	}
	for key, v := range map[string]string{"reply_settings": p.ReplyWho, "community_id": p.Community} {
		if v != "" {
			b[key] = v
		}
	}
	for key, v := range map[string]bool{"share_with_followers": p.Share, "made_with_ai": p.AI, "paid_partnership": p.Paid} {
		if v {
			b[key] = true
		}
	}
	if p.Place != "" {
		b["geo"] = map[string]string{"place_id": p.Place}
	}
	parent, err := p.parent(earlier)
	if parent != "" {
		b["reply"] = map[string]string{"in_reply_to_tweet_id": parent}
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

// create makes a post: the one call that must never be repeated blindly.
func (s server) create(ctx context.Context, p payload, body map[string]any, earlier network.Outcomes) (network.Outcome, error) {
	var a answer
	var made post
	resp, err := s.http.JSON(ctx, http.MethodPost, s.base+"/2/tweets", s.header(), body, &a)
	if err != nil {
		return network.Outcome{}, refused(explain(resp, err), "What it answers is gone, or the account may not see it.")
	}
	if err := a.read(&made); err != nil || made.ID == "" {
		if fault.Is(err, fault.Rejected) || fault.Is(err, fault.NotFound) {
			return network.Outcome{}, refused(err, "What it answers is gone, or the account may not see it.")
		}
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "X answered without saying which post it made"}
	}
	return s.outcome(made.ID, p, earlier), nil
}

// outcome remembers the files, so that an edit need not send them again.
func (s server) outcome(id string, p payload, earlier network.Outcomes) network.Outcome {
	o := network.Outcome{RemoteID: id, URL: link(s.me.Handle, id), Data: map[string]string{}}
	ids, err := p.ids(earlier)
	if err != nil || len(ids) == 0 {
		return o
	}
	var sums []string
	for _, f := range p.Files {
		sums = append(sums, f.SHA)
	}
	o.Data["media"], o.Data["media_sha256"] = strings.Join(ids, ","), strings.Join(sums, ",")
	return o
}

// edit makes a new version. X would make yet another one of the same words when asked again, so the newest is read
// before: a change that is there already is done.
func (s server) edit(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	now, _, resp, err := s.newest(ctx, p.Item)
	if err != nil {
		return network.Outcome{}, refused(err, "The post is gone, or it belongs to somebody else.")
	}
	if same(now.words(), p.Text, now.parent() != "") && len(now.Attachments.Media) == len(p.Files) {
		return s.outcome(now.ID, p, earlier), nil
	}
	e := now.Editing
	if e.Eligible != nil && !*e.Eligible || e.Remaining != nil && *e.Remaining <= 0 || e.Until != nil && e.Until.Before(resp.At) {
		return network.Outcome{}, fault.Rejectedf("X lets this post be changed no more").WithCode("edit_closed").WithHint(editsInWords + ". Delete the post and publish it anew.")
	}
	ids, err := p.ids(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	body := map[string]any{"text": p.Text, "edit_options": map[string]string{"previous_post_id": now.ID}}
	if len(ids) > 0 {
		body["media"] = map[string]any{"media_ids": ids}
	}
	o, err := s.create(ctx, p, body, earlier)
	return o, again(err)
}

// lookUp finds the accounts behind names.
func (s server) lookUp(ctx context.Context, names []string) (network.Outcome, error) {
	var found []user
	if _, _, err := s.get(ctx, "/2/users/by", url.Values{"usernames": {strings.Join(names, ",")}}, &found); err != nil {
		return network.Outcome{}, about(refused(err, "Check the names."), "settings.tagged")
	}
	ids := map[string]string{}
	for _, u := range found {
		ids[strings.ToLower(u.Username)] = u.ID
	}
	var list []string
	for _, name := range names {
		id := ids[strings.ToLower(name)]
		if id == "" {
			return network.Outcome{}, about(fault.Rejectedf("X knows no account named %s", name).WithHint("Check the name, or tag nobody."), "settings.tagged")
		}
		list = append(list, id)
	}
	return network.Outcome{Data: map[string]string{"tagged": strings.Join(list, ",")}}, nil
}

// message sends a direct message.
func (s server) message(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	ids, err := p.ids(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	body := map[string]any{}
	if p.Text != "" {
		body["text"] = p.Text
	}
	if len(ids) > 0 {
		body["attachments"] = []any{map[string]string{"media_id": ids[0]}}
	}
	var a answer
	var made struct {
		ID           string `json:"dm_event_id"`
		Conversation string `json:"dm_conversation_id"`
	}
	resp, err := s.http.JSON(ctx, http.MethodPost, s.base+"/2/dm_conversations/with/"+escape(p.To)+"/messages", s.header(), body, &a)
	if err != nil {
		return network.Outcome{}, refused(explain(resp, err), "The person is gone, or takes no messages from this account.")
	}
	if err := a.read(&made); err != nil || made.ID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "X answered without saying which message it made"}
	}
	return sentMessage(made.ID, made.Conversation), nil
}

func sentMessage(id, conversation string) network.Outcome {
	return network.Outcome{RemoteID: id, URL: "https://x.com/messages/" + conversation, Data: map[string]string{"conversation": conversation}}
}
