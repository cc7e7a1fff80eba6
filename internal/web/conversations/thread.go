package conversations

import (
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// thread is one conversation with everything beside it.
type thread struct {
	Line      inbox.Line
	Channel   channel.Channel
	Network   network.Spec
	Items     []item
	Answerto  int // inbound messages that stand
	Post      *post.Target
	Insights  bool // the person may open numbers
	Deliver   bool // the person may open deliveries
	Contact   contact.Contact
	Known     []contact.Identity
	Others    []inbox.Line
	Orders    []customer.Order
	HasOrders bool // the person may read orders
	Acts      []network.Act
	Missing   []network.Act // what the network does not offer
	Silenced  map[string]inbox.Silenced
	Underways map[string]inbox.Underway
	Privates  map[string]string // where private answers stand, by message
	Closes    time.Time         // when the network takes less, or nothing; zero = never
	Longer    bool              // it takes only answers by a person now
	Asked     *item             // the message a dialog is open for
	Asks      string            // what for: private, delete, report
	MayReply  bool
	Moderate  bool
	Form      *page.Form
	Counter   ui.CounterProps
	Saved     []ui.Option
	Writer    string
	ReplyTo   *item
	Cannot    string // why nothing can be answered here; "" when it can
}

// item is a message or a note in the order of time.
type item struct {
	Message *inbox.Message
	Note    *inbox.Note
	At      time.Time
	Author  string
	URL     string
	Private inbox.Private
}

func (r Rooms) one(c *page.Context) error {
	if err := r.Inbox.Read(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	return r.render(c, 200, blankReply(c))
}

func blankReply(c *page.Context) *page.Form {
	return page.Blank(map[string]string{"key": id.New("form"), "to": c.Query("reply")})
}

// render shows the screen with one conversation open and the reply form as it is.
func (r Rooms) render(c *page.Context, status int, f *page.Form) error {
	v, err := r.look(c)
	if err != nil {
		return err
	}
	v.Path = "/inbox/" + c.Path("id")
	if v.Thread, err = r.thread(c, f); err != nil {
		return err
	}
	c.Wide()
	return c.Render(status, v.Thread.Line.ContactName+" · Inbox", "inbox", inboxPage(v))
}

func (r Rooms) thread(c *page.Context, f *page.Form) (*thread, error) {
	ctx, actor := c.Ctx(), c.Actor()
	line, err := r.Inbox.Line(ctx, actor, c.Path("id"))
	if err != nil {
		return nil, err
	}
	t := &thread{Line: line, Form: f, Insights: actor.CanSomewhere(workspace.AnalyticsRead), Deliver: actor.CanSomewhere(workspace.PostRead)}
	scope, own := workspace.Scope{BrandID: line.BrandID, ChannelID: line.ChannelID}, line.AssigneeID == actor.UserID
	t.MayReply, t.Moderate = actor.MayOwn(workspace.InboxReply, scope, own) == nil, actor.MayOwn(workspace.InboxModerate, scope, own) == nil
	if t.Channel, err = r.Channels.Get(ctx, actor, line.ChannelID); err != nil {
		return nil, err
	}
	if err := r.done(c, t); err != nil {
		return nil, err
	}
	if err := r.said(c, t); err != nil {
		return nil, err
	}
	r.rules(t, f)
	if line.TargetID != "" {
		target, err := r.Posts.Target(ctx, actor, line.TargetID)
		if err == nil {
			t.Post = &target
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	if t.Contact, err = r.Contacts.Get(ctx, actor, line.ContactID); err != nil {
		return nil, err
	}
	if t.Known, err = r.Contacts.Identities(ctx, actor, t.Contact.ID); err != nil {
		return nil, err
	}
	if t.Others, _, err = r.Inbox.List(ctx, actor, inbox.Filter{ContactID: line.ContactID, Limit: 6}); err != nil {
		return nil, err
	}
	t.Others = slices.DeleteFunc(t.Others, func(l inbox.Line) bool { return l.ID == line.ID })
	if t.HasOrders = actor.Can(workspace.OrderRead, workspace.Scope{}); t.HasOrders {
		if t.Orders, _, err = r.Orders.List(ctx, actor, customer.Filter{ContactID: line.ContactID, Limit: 3}); err != nil {
			return nil, err
		}
	}
	if !t.MayReply {
		return t, nil
	}
	replies, err := r.Inbox.SavedReplies(ctx, actor)
	if err != nil {
		return nil, err
	}
	for _, s := range replies {
		label := s.Name
		if s.Language != "" {
			label += " (" + s.Language + ")"
		}
		t.Saved = append(t.Saved, ui.Option{Value: s.ID, Label: label})
	}
	t.Writer, err = r.Inbox.Writer(ctx, actor, line.ID)
	return t, err
}

// done reads what was done to the messages at the network.
func (r Rooms) done(c *page.Context, t *thread) (err error) {
	if t.Silenced, err = r.Inbox.SilencedOn(c.Ctx(), c.Actor(), t.Line.ID); err != nil {
		return err
	}
	if t.Underways, err = r.Inbox.Underways(c.Ctx(), c.Actor(), t.Line.ID); err != nil {
		return err
	}
	t.Privates, err = r.Inbox.PrivateAnswers(c.Ctx(), c.Actor(), t.Line.ID)
	return err
}

// said puts messages and notes into one order and names their authors.
func (r Rooms) said(c *page.Context, t *thread) error {
	ctx, actor := c.Ctx(), c.Actor()
	messages, err := r.Inbox.Messages(ctx, actor, t.Line.ID)
	if err != nil {
		return err
	}
	notes, err := r.Inbox.Notes(ctx, actor, t.Line.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, m := range messages {
		ids = append(ids, m.IdentityID)
	}
	people, err := r.Contacts.IdentitiesByID(ctx, actor, ids)
	if err != nil {
		return err
	}
	members, err := r.Workspaces.Members(ctx, actor)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, m := range members {
		names[m.UserID] = m.Name
	}
	for _, m := range messages {
		it := item{Message: &m, At: m.At}
		switch {
		case !m.Outbound:
			p := people[m.IdentityID]
			if it.Author = p.Name; it.Author == "" {
				it.Author = p.Handle
			}
			if m.RemovedAt.IsZero() {
				t.Answerto++
			}
			it.Private = r.Inbox.PrivateFor(t.Channel, t.Line.Conversation, m)
		case m.AuthorID == "":
			it.Author = t.Channel.Name + " (written outside Bellwether)"
		default:
			if it.Author = names[m.AuthorID]; it.Author == "" {
				it.Author = "a former member"
			}
		}
		t.Items = append(t.Items, it)
		if m.ID == t.Form.Value("to") && !m.Outbound {
			t.ReplyTo = &it
		}
		for _, asks := range []string{"private", "delete", "report"} {
			if asks == "private" && !it.Private.Offered {
				continue
			}
			if asked := c.Query(asks); asked == m.ID && !m.Outbound || asks == "private" && t.Form.Error("private") != "" && t.Form.Value("message") == m.ID {
				t.Asked, t.Asks = &it, asks
			}
		}
	}
	for _, n := range notes {
		t.Items = append(t.Items, item{Note: &n, At: n.At, Author: n.AuthorName})
	}
	slices.SortStableFunc(t.Items, func(a, b item) int { return a.At.Compare(b.At) })
	return nil
}

// all are the acts people expect of a network; what only blogs have is missed nowhere else.
var all = []network.Act{network.Like, network.Share, network.Hide, network.Delete, network.Mute, network.Block, network.Report}

// rules reads from the network's own rules how long an answer may be and what can be done to a message.
func (r Rooms) rules(t *thread, f *page.Form) {
	t.Counter = ui.CounterProps{Count: len([]rune(f.Raw("text"))), For: "text", ID: "reply-count"}
	n := r.Channels.Network(t.Channel)
	if n == nil {
		t.Cannot = "This program no longer knows the network."
		return
	}
	t.Network = n.Spec()
	t.Acts = r.Inbox.Acts(t.Channel, t.Line.Kind)
	for _, a := range all {
		if !slices.Contains(t.Acts, a) {
			t.Missing = append(t.Missing, a)
		}
	}
	if _, ok := n.(network.Converser); !ok {
		t.Cannot = t.Network.Name + " offers programs no way to answer. Answer in its own app; what you write there appears here."
	}
	if !t.Channel.Disconnected.IsZero() || !t.Channel.State.Works() {
		t.Cannot = "The channel is not connected: " + t.Channel.StateReason
	}
	closes, closed := t.Line.Closes(show.Now())
	window := t.Network.WindowOf(t.Line.Kind, false)
	t.Closes, t.Longer = closes, !closes.IsZero() && window.Longer > 0 && closes.Equal(t.Line.AnswerEnd)
	switch {
	case closed && window.For == 0: // the network was kinder when it was written
		t.Cannot = "The network's time for an answer is over; they have to write again."
	case closed:
		t.Cannot = t.Network.Name + " takes an answer for " + inbox.Span(max(window.For, window.Longer)) + " after the person's last message. That time is over; they have to write again."
	}
	switch {
	case t.Answerto == 0 && t.Line.LastInboundAt.IsZero() && t.Line.Kind == network.Direct:
		t.Cannot = t.Network.Name + " takes one private answer to a comment. Further messages are possible once the person has answered."
	case t.Answerto == 0:
		t.Cannot = "There is no standing message to answer: its author or the network removed what was said."
	}
	if p, ok := n.(network.Publisher); ok && t.Line.Kind != network.Direct { // direct messages may have a limit of their own, checked on sending
		count := p.Count(network.Draft{Parts: []network.Part{{Text: f.Raw("text")}}}, 0, t.Channel.Account)
		t.Counter.Count, t.Counter.Limit, t.Counter.Unit = count.Used, count.Limit, count.Unit
	}
}

// sent is the state of an answer as people are told it.
func sent(state string) (label string, tone ui.Tone, icon string) {
	switch state {
	case "queued":
		return "Queued", ui.Neutral, "list-ordered"
	case "sending":
		return "Sending", ui.Info, "send"
	case "failed":
		return "Not sent", ui.Bad, "circle-x"
	case "unknown":
		return "Unconfirmed", ui.Warn, "circle-question-mark"
	}
	return "Sent", ui.Good, "check"
}

// kinds are the kinds of conversations in words.
var kinds = []ui.Option{{Value: "comment", Label: "Comments"}, {Value: "mention", Label: "Mentions"}, {Value: "direct", Label: "Direct messages"}, {Value: "review", Label: "Reviews"}}

func kindWord(k network.MessageKind) string {
	return map[network.MessageKind]string{network.Comment: "Comment", network.Mention: "Mention", network.Direct: "Direct message", network.Review: "Review"}[k]
}

// host names the server a stranger's file lies at.
func host(address string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
	return show.Clip(strings.SplitN(rest, "/", 2)[0], 60)
}

// fileWord is what a stranger's file claims to be.
func fileWord(a network.Attachment) string {
	switch {
	case strings.HasPrefix(a.MIME, "video/"):
		return "Video"
	case strings.HasPrefix(a.MIME, "audio/"):
		return "Audio"
	case strings.HasPrefix(a.MIME, "image/"):
		return "Image"
	}
	return "File"
}
