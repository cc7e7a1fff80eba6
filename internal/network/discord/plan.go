package discord

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// keyLife is how long a resend with the same nonce is surely recognised. Discord says "a few minutes".
const keyLife = 2 * time.Minute

// Message flags.
const (
	noPreviews = 1 << 2
	silent     = 1 << 12
)

// What a step calls.
const (
	toMessage   = "message"
	toForum     = "forum"
	toWebhook   = "webhook"
	toThread    = "thread"
	toFollowers = "followers"
	toChange    = "change"
)

// payload is everything a step needs after a restart.
type payload struct {
	Call    string         `json:"call"`
	Channel string         `json:"channel,omitempty"` // where the message goes or is
	Thread  string         `json:"thread,omitempty"`  // the thread a webhook's message goes into or is in
	Body    map[string]any `json:"body,omitempty"`
	Sums    string         `json:"sums,omitempty"`  // of the files, to know them again when the message is changed
	After   string         `json:"after,omitempty"` // the step whose message this one answers
	ReplyTo string         `json:"reply_to,omitempty"`
	Item    string         `json:"item,omitempty"` // the message to change
}

// Plan checks the draft and lays out its calls.
func (Discord) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a, false)
	if broken(problems) {
		return nil, problems
	}
	title, into := strings.TrimSpace(d.Settings["thread_name"]), lastNumber(d.Settings["thread"])
	var steps []network.Step
	after := ""
	parts := d.Parts
	if d.FirstComment != nil {
		parts = append(parts[:len(parts):len(parts)], *d.FirstComment)
	}
	for i := range parts {
		name := "post"
		switch {
		case i >= len(d.Parts):
			name, after = "comment", "post"
		case i > 0:
			name = "part-" + strconv.Itoa(i+1)
		}
		p, files := compose(d, i)
		p.Call, p.Channel, p.After = toMessage, cmp.Or(into, channelOf(a)), after
		if i == 0 && isForum(a) && into == "" {
			thread := map[string]any{"name": title, "message": p.Body}
			if tags := listOf(d.Settings["tags"]); len(tags) > 0 {
				thread["applied_tags"] = tags
			}
			p.Call, p.Body = toForum, thread
		}
		steps = append(steps, step(d.Key, name, i, p, files))
		after = name
	}
	if title != "" && !isForum(a) {
		steps = append(steps, beside("thread", payload{Call: toThread, After: "post", Body: map[string]any{"name": title}}))
	}
	if network.IsOn(d.Settings["crosspost"]) && a.Extra["type"] == strconv.Itoa(typeNews) && into == "" {
		steps = append(steps, beside("followers", payload{Call: toFollowers, After: "post"}))
	}
	return steps, problems
}

// Plan checks the draft and lays out its one call.
func (Webhook) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a, true)
	if broken(problems) {
		return nil, problems
	}
	p, files := compose(d, 0)
	p.Call, p.Channel, p.Thread = toWebhook, channelOf(a), lastNumber(d.Settings["thread"])
	for _, name := range []string{"username", "avatar_url", "thread_name"} {
		if v := strings.TrimSpace(d.Settings[name]); v != "" {
			p.Body[name] = v
		}
	}
	if tags := listOf(d.Settings["tags"]); len(tags) > 0 && p.Body["thread_name"] != nil {
		p.Body["applied_tags"] = tags
	}
	s := step(d.Key, "post", 0, p, files)
	if s.Kind = network.Once; a.Extra["reads"] != "" {
		s.Kind = network.Findable
	}
	return []network.Step{s}, problems
}

func (p payload) raw() json.RawMessage {
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return raw
}

// step is a call that makes something public. A plain message of a bot has a nonce of its own.
func step(key, name string, part int, p payload, files []network.Media) network.Step {
	s := network.Step{Name: name, Part: part, Kind: network.Findable, Public: true, Files: files}
	if p.Call == toMessage {
		sum := sha256.Sum256([]byte(key + "\x00" + name + "\x00" + string(p.raw())))
		s.Kind, s.KeyLife, s.Key = network.Keyed, keyLife, hex.EncodeToString(sum[:])[:25]
		p.Body["nonce"], p.Body["enforce_nonce"] = s.Key, true
	}
	s.Payload = p.raw()
	return s
}

func beside(name string, p payload) network.Step {
	return network.Step{Name: name, Kind: network.Repeatable, Payload: p.raw()}
}

// compose lays out a part's message.
func compose(d network.Draft, i int) (payload, []network.Media) {
	part := partOf(d, i)
	set := d.Settings
	body := map[string]any{"content": part.Text, "allowed_mentions": mentions(set["mentions"], false)}
	if part.Poll != nil {
		body["content"], body["poll"] = "", poll(part)
	}
	if list, _ := embedsOf(d, part, i == 0); len(list) > 0 { // check has read them before
		body["embeds"] = list
	}
	flags := 0
	if network.IsOn(set["no_previews"]) {
		flags |= noPreviews
	}
	if network.IsOn(set["silent"]) {
		flags |= silent
	}
	if flags != 0 {
		body["flags"] = flags
	}
	var files []network.Media
	var about []map[string]any
	var sums []string
	for n, m := range part.Media {
		m.Open, m.Address = nil, ""
		one := map[string]any{"id": strconv.Itoa(n), "filename": filename(m, n)}
		if m.Alt != "" {
			one["description"] = m.Alt
		}
		if network.IsOn(set["spoiler"]) {
			one["is_spoiler"] = true
		}
		files, about, sums = append(files, m), append(about, one), append(sums, m.SHA256)
	}
	if len(about) > 0 {
		body["attachments"] = about
	}
	return payload{Body: body, Sums: strings.Join(sums, ",")}, files
}

// mentions says who is notified by what the text mentions. Discord notifies everybody unless it is told.
func mentions(who string, answered bool) map[string]any {
	parse := map[string][]string{"users": {"users"}, "roles": {"users", "roles"}, "everyone": {"users", "roles", "everyone"}}[who]
	if parse == nil {
		parse = []string{}
	}
	out := map[string]any{"parse": parse}
	if answered {
		out["replied_user"] = true
	}
	return out
}

func poll(part network.Part) map[string]any {
	var answers []map[string]any
	for _, o := range part.Poll.Options {
		answers = append(answers, map[string]any{"poll_media": map[string]any{"text": strings.TrimSpace(o)}})
	}
	hours := int64((part.Poll.Duration + time.Hour - 1) / time.Hour)
	return map[string]any{"question": map[string]any{"text": strings.TrimSpace(part.Text)}, "answers": answers, "duration": hours, "allow_multiselect": part.Poll.Multiple}
}

// PlanEdit plans the change of a published message.
func (Discord) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	return planEdit(item, d, a, false)
}

// PlanEdit plans the change of a published message.
func (Webhook) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	return planEdit(item, d, a, true)
}

// planEdit keeps the files that are there unless they changed; then all are sent anew. Polls stay as they are.
func planEdit(item network.Remote, d network.Draft, a network.Account, hook bool) ([]network.Step, []network.Problem) {
	if isForum(a) && d.Settings["thread_name"] == "" { // the title of what is published stays
		d.Settings = map[string]string{"thread_name": "-"}
	}
	c := &checker{d: d, a: a, list: check(d, a, hook)}
	if len(d.Parts) > 1 {
		c.add(network.Warning, "edit_first_part", "text", 1, "Only the first part of a thread is changed.", "Change the other parts in Discord.")
	}
	if len(d.Parts) > 0 && (d.Parts[0].Poll != nil || item.Data["kind"] == "poll") {
		c.wrong("edit_impossible", "poll", 0, "Discord does not change polls.", "Delete the message and publish it anew.")
	}
	if broken(c.list) {
		return nil, c.list
	}
	p, files := compose(d, 0)
	p.Call, p.Item, p.Channel, p.Thread = toChange, item.ID, cmp.Or(item.Data["channel"], channelOf(a)), item.Data["thread"]
	delete(p.Body, "flags") // a notification was given or not
	if p.Body["embeds"] == nil {
		p.Body["embeds"] = []embed{}
	}
	if p.Sums == item.Data["sums"] {
		delete(p.Body, "attachments")
		files = nil
	} else if p.Body["attachments"] == nil {
		p.Body["attachments"] = []any{} // none is kept
	}
	return []network.Step{{Name: "edit", Kind: network.Repeatable, Public: true, Files: files, Payload: p.raw()}}, c.list
}

// PlanReply plans an answer below the message it answers; its author is notified.
func (Discord) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, Language: r.Language, At: r.At, Parts: []network.Part{{Text: r.Text, Media: r.Media}}}
	plain := a
	plain.Extra = map[string]string{} // an answer needs no title, wherever it goes
	problems := check(d, plain, false)
	if broken(problems) {
		return nil, problems
	}
	p, files := compose(d, 0)
	p.Call, p.Channel, p.ReplyTo = toMessage, cmp.Or(r.To.Data["channel"], channelOf(a)), r.To.ID
	p.Body["allowed_mentions"] = mentions("", true)
	return []network.Step{step(r.Key, "reply", 0, p, files)}, problems
}
