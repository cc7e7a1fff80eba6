package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	page = 100 // the most updates Telegram returns at once
	// keep is how long an update stays unconfirmed after it was read, for the other channels of the same bot and for
	// looking up lost answers. Telegram itself keeps them for a day.
	keep = 2 * time.Hour
)

// place is where reading goes on. What lies between Confirm and Read was read and is still at Telegram. Numbers may
// start anew, lower, after a week without news, so the greatest number seen alone would not do.
type place struct {
	Confirm int64 `json:"confirm"`
	Read    int64 `json:"read"`
}

// update is one thing that happened.
type update struct {
	ID       int64    `json:"update_id"`
	Message  *message `json:"message"`
	Edited   *message `json:"edited_message"`
	Reaction *struct {
		Chat    chatInfo `json:"chat"`
		Message int64    `json:"message_id"`
		User    *user    `json:"user"`
		Date    int64    `json:"date"`
		Before  []any    `json:"old_reaction"`
		Now     []any    `json:"new_reaction"`
	} `json:"message_reaction"`
	Count *struct {
		Chat      chatInfo `json:"chat"`
		Message   int64    `json:"message_id"`
		Date      int64    `json:"date"`
		Reactions []struct {
			Total int64 `json:"total_count"`
		} `json:"reactions"`
	} `json:"message_reaction_count"`
}

func (u update) at() time.Time {
	switch {
	case u.Message != nil:
		return u.Message.at()
	case u.Edited != nil:
		return time.Unix(max(u.Edited.Edited, u.Edited.Date), 0).UTC()
	case u.Reaction != nil:
		return time.Unix(u.Reaction.Date, 0).UTC()
	case u.Count != nil:
		return time.Unix(u.Count.Date, 0).UTC()
	}
	return time.Time{}
}

// updates reads the oldest updates that are not confirmed, and confirms what is before offset (0: nothing).
func (b bot) updates(ctx context.Context, offset int64) (list []update, resp *safehttp.Response, err error) {
	params := map[string]any{"limit": page, "allowed_updates": []string{"message", "edited_message", "message_reaction", "message_reaction_count"}}
	if offset != 0 {
		params["offset"] = offset
	}
	resp, err = b.ask(ctx, "getUpdates", params, &list)
	return list, resp, err
}

// Fetch reads what happened in the discussion group, in the group itself or in the bot's private chats. Telegram tells no
// more than the last day.
func (n Telegram) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var from place
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the updates cannot be read")
		}
	}
	list, resp, err := n.bot(s).updates(ctx, from.Confirm)
	if err == nil && len(list) == page && from.Read > from.Confirm { // what was read and stored leaves no room for what is new
		list, resp, err = n.bot(s).updates(ctx, from.Read+1)
	}
	if err != nil {
		return network.Batch{}, err
	}
	f := fetch{me: s.Account, bot: n.bot(s).id()}
	next := from
	for _, u := range list {
		if u.ID < from.Confirm || u.ID > from.Read {
			f.take(u)
			next.Read = u.ID
		}
	}
	if f.batch.More = len(list) == page; f.batch.More {
		next.Confirm = list[page-1].ID + 1
	} else if len(list) > 0 {
		young := slices.IndexFunc(list, func(u update) bool { return u.at().After(resp.At.Add(-keep)) })
		if next.Confirm = list[len(list)-1].ID + 1; young >= 0 {
			next.Confirm = list[young].ID
		}
	}
	raw, _ := json.Marshal(next) // plain data: cannot fail
	f.batch.Cursor = string(raw)
	slices.SortStableFunc(f.batch.Messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	return f.batch, nil
}

// fetch collects one page.
type fetch struct {
	me    network.Account
	bot   int64
	batch network.Batch
}

func (f *fetch) take(u update) {
	switch {
	case u.Message != nil:
		f.message(*u.Message)
	case u.Edited != nil:
		f.message(*u.Edited)
	case u.Reaction != nil && u.Reaction.User != nil && len(u.Reaction.Now) > len(u.Reaction.Before) && f.concerns(u.Reaction.Chat.ID):
		f.batch.Reactions = append(f.batch.Reactions, network.Reaction{Remote: network.Remote{ID: "reaction-" + strconv.FormatInt(u.ID, 10), URL: u.Reaction.Chat.link(u.Reaction.Message)}, Kind: "like",
			From: u.Reaction.User.person(), On: ref(u.Reaction.Chat.ID, u.Reaction.Message), At: u.at()})
	case u.Count != nil && u.Count.Chat.ID == chat(f.me):
		total := int64(0)
		for _, r := range u.Count.Reactions {
			total += r.Total
		}
		f.batch.Measured = append(f.batch.Measured, network.Measured{RemoteID: ref(u.Count.Chat.ID, u.Count.Message), Values: network.Values{"M-LIKE": total}})
	}
}

// concerns reports whether what happens in a chat is this account's: another channel of the same bot has its own.
func (f *fetch) concerns(in int64) bool { return in == chat(f.me) || in == group(f.me) }

func (f *fetch) message(m message) {
	words := m.words()
	if m.Copy || words == "" { // our own post again, or a service message: somebody joined, a title changed
		return
	}
	out := network.Message{Remote: m.remote(), From: m.person(), Text: words, At: m.at()}
	if m.ReplyTo != nil {
		out.ReplyTo = ref(m.Chat.ID, m.ReplyTo.ID)
		if o := m.ReplyTo.Origin; m.ReplyTo.Copy && o != nil {
			out.ReplyTo = ref(o.Chat.ID, o.Message)
		}
	}
	out.Thread = ref(m.Chat.ID, cmp.Or(m.Thread, m.ID))
	mentions := f.me.Extra["bot"] != "" && strings.Contains(strings.ToLower(words), "@"+strings.ToLower(f.me.Extra["bot"]))
	switch in := m.Chat.ID; {
	case m.Chat.Type == "private":
		if f.me.Extra["direct"] == "" || words == "/start" {
			return // another channel's, or the button everybody has to press first
		}
		out.Kind, out.Thread = network.Direct, strconv.FormatInt(in, 10)
	case !f.concerns(in):
		return
	case in == group(f.me) && m.Thread != 0 && !m.InTopic: // the thread below the copy of a post
		out.Kind = network.Comment
	case m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == f.bot:
		out.Kind = network.Comment
		if m.Thread == 0 {
			out.Thread = out.ReplyTo
		}
	case mentions:
		out.Kind = network.Mention
	default:
		return // people talking among themselves
	}
	// An administrator who writes in the name of the channel or of the group is the account itself.
	out.Own = m.SenderChat != nil && f.concerns(m.SenderChat.ID) || m.From != nil && m.From.ID == f.bot
	f.batch.Messages = append(f.batch.Messages, out)
}

// PlanReply plans an answer in the chat of what it answers. Nobody tells a bot of its own answers, so a lost one is for a
// person to decide.
func (Telegram) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, Language: r.Language, At: r.At, Parts: []network.Part{{Text: r.Text, Media: r.Media}}}
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	to, id := deref(r.To.ID)
	p, files := compose(d, 0, to)
	p.Params["reply_parameters"] = map[string]any{"message_id": id}
	return []network.Step{step("reply", 0, network.Once, p, files)}, problems
}
