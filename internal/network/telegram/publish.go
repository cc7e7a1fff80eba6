package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Do carries out one step.
func (n Telegram) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	p, err := payloadOf(step)
	if err != nil {
		return network.Outcome{}, err
	}
	b := n.bot(s)
	if p.On != "" {
		item := earlier[p.On].RemoteID
		if item == "" {
			return network.Outcome{}, fault.Rejectedf("the step before this one (%s) published nothing", p.On)
		}
		if p.Method == theCopy {
			return b.copyOf(ctx, s.Account, item, earlier[step.Name])
		}
		p.Params["chat_id"], p.Params["message_id"] = deref(item)
		var done bool
		_, err := b.ask(ctx, p.Method, p.Params, &done)
		return network.Outcome{}, err
	}
	if p.After != "" {
		_, before := deref(earlier[p.After].RemoteID)
		if before == 0 {
			return network.Outcome{}, fault.Rejectedf("the part before this one (%s) is not published", p.After)
		}
		p.Params["reply_parameters"] = map[string]any{"message_id": before}
	}
	files := filesOf(step, p)
	if p.Item != "" {
		return b.edit(ctx, p, files)
	}
	var made []message
	if _, err := b.call(ctx, p.Method, p.Params, files, &oneOrMany{&made}); err != nil {
		return network.Outcome{}, err
	}
	if len(made) == 0 || made[0].ID == 0 {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Telegram answered without saying which message it made"}
	}
	return outcome(made, p), nil
}

func payloadOf(step network.Step) (p payload, err error) {
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return p, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	return p, nil
}

func filesOf(step network.Step, p payload) (files []file) {
	list := step.Files
	if step.Media != nil {
		list = []network.Media{*step.Media}
	}
	for i, m := range list {
		if i < len(p.Names) {
			files = append(files, file{p.Names[i], m})
		}
	}
	return files
}

// oneOrMany reads one message or the messages of an album.
type oneOrMany struct{ list *[]message }

// UnmarshalJSON reads a message or a list of them.
func (o *oneOrMany) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		return json.Unmarshal(raw, o.list)
	}
	var m message
	err := json.Unmarshal(raw, &m)
	*o.list = []message{m}
	return err
}

// outcome keeps what changing and deleting need: what kind of message it is, and every message of an album.
func outcome(made []message, p payload) network.Outcome {
	var ids []string
	for _, m := range made {
		ids = append(ids, strconv.FormatInt(m.ID, 10))
	}
	return network.Outcome{RemoteID: ref(made[0].Chat.ID, made[0].ID), URL: made[0].Chat.link(made[0].ID),
		Data: map[string]string{"kind": strings.ToLower(strings.TrimPrefix(p.Method, "send")), "ids": strings.Join(ids, ","), "sums": p.Sums}}
}

// PlanEdit plans the change of a published message. The files of an album, polls, places and voice messages stay as
// they are: Telegram changes only their words, or nothing.
func (Telegram) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	c := &checker{d: d, a: a, l: limits(a), list: check(d, a)}
	if len(d.Parts) > 1 {
		c.add(network.Warning, "edit_first_part", "text", 1, "Only the first part of a thread is changed.", "Change the other parts in Telegram.")
	}
	if broken(c.list) {
		return nil, c.list
	}
	to, id := deref(item.ID)
	p, files := compose(d, 0, to)
	was := cmp.Or(item.Data["kind"], "message")
	is := strings.ToLower(strings.TrimPrefix(p.Method, "send"))
	same := item.Data["sums"] == p.Sums && was == is
	params := map[string]any{"chat_id": to, "message_id": id}
	copyOf := func(names ...string) {
		for _, name := range names {
			if v, ok := p.Params[name]; ok {
				params[name] = v
			}
		}
	}
	copyOf("reply_markup") // left out, the buttons would go
	change := payload{Params: params, Item: item.ID, Link: item.URL, Ids: item.Data["ids"], Kind: is, Sums: p.Sums}
	kind := ""
	if len(d.Parts[0].Media) == 1 {
		kind = typeOf(d.Parts[0].Media[0], d.Settings["as"])
	}
	switch {
	case was == "poll" || was == "venue" || was == "location" || is == "poll" || is == "venue" || is == "location":
		c.wrong("edit_impossible", "text", 0, "Telegram changes neither polls nor places.", "Delete the post and publish it anew.")
	case was == "message" && is == "message":
		change.Method = "editMessageText"
		copyOf("text", "link_preview_options")
	case same:
		change.Method = "editMessageCaption"
		params["caption"] = d.Parts[0].Text
		copyOf("show_caption_above_media")
		if _, above := captionOf(d.Parts[0].Text, cmp.Or(kind, "photo"), d.Settings)["show_caption_above_media"]; above && is == "mediagroup" {
			params["show_caption_above_media"] = true
		}
	case kind == "" || kind == asVoice || was == asVoice || was == "mediagroup":
		c.wrong("edit_files", "media", 0, "Telegram cannot change these files in a post that is published.", "Keep the files as they were, or delete the post and publish it anew.")
	default:
		m := medium(files[0], kind, d.Settings)
		for k, v := range captionOf(d.Parts[0].Text, kind, d.Settings) {
			m[k] = v
		}
		m["media"] = "attach://file0"
		params["media"] = m
		change.Method, change.Names = "editMessageMedia", []string{"file0"}
	}
	if broken(c.list) {
		return nil, c.list
	}
	if change.Method != "editMessageMedia" {
		files = nil
	}
	return []network.Step{step("edit", 0, network.Repeatable, change, files)}, c.list
}

// edit changes a message. Telegram refuses a change that changes nothing: then the change is made already.
func (b bot) edit(ctx context.Context, p payload, files []file) (network.Outcome, error) {
	var changed message
	resp, err := b.call(ctx, p.Method, p.Params, files, &changed)
	if err != nil && !strings.Contains(told(resp).Description, "message is not modified") {
		return network.Outcome{}, gone(again(err))
	}
	return network.Outcome{RemoteID: p.Item, URL: p.Link, Data: map[string]string{"kind": p.Kind, "ids": p.Ids, "sums": p.Sums}}, nil
}

func gone(err error) error {
	if fault.Is(err, fault.Rejected) && strings.Contains(fault.As(err).Message, "to edit not found") {
		f := *fault.As(err)
		f.Hint = "The post is gone."
		return &f
	}
	return err
}

// Delete removes a message and all of its album; what is gone already is removed.
func (n Telegram) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	to, first := deref(item.ID)
	ids := strings.Split(cmp.Or(item.Data["ids"], strconv.FormatInt(first, 10)), ",")
	for _, id := range ids {
		number, _ := strconv.ParseInt(id, 10, 64)
		var done bool
		resp, err := n.bot(s).ask(ctx, "deleteMessage", map[string]any{"chat_id": to, "message_id": number}, &done)
		if err != nil && !strings.Contains(told(resp).Description, "to delete not found") {
			return undeletable(resp, err)
		}
	}
	return nil
}

func undeletable(resp *safehttp.Response, err error) error {
	if !strings.Contains(told(resp).Description, "can't be deleted") {
		return err
	}
	f := *fault.As(err)
	f.Hint = "Telegram lets a bot delete other people's messages only as an administrator with that right, and some only for two days. Delete it in Telegram."
	return &f
}
