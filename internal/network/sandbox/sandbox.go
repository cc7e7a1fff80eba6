package sandbox

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Sandbox is the world as a network.
type Sandbox struct{ world *World }

// New returns the network of a world.
func New(w *World) *Sandbox { return &Sandbox{w} }

const characters = 500

// Spec describes the sandbox.
func (*Sandbox) Spec() network.Spec {
	return network.Spec{Key: "sandbox", Name: "Sandbox", Test: true, Summary: "A network inside Bellwether with a simulated public. It reaches nobody.",
		Limits: network.Limits{Characters: characters, Media: 4, ImageBytes: 8 << 20, AltCharacters: 1500, PollOptions: 4, PollOptionChars: 50, PollMinSeconds: 300, PollMaxSeconds: 2629746},
		Unit:   "characters as people see them", Threads: true, Polls: true, FirstComment: true, MaxVideos: 1, ImageMIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"}, VideoMIME: []string{"video/mp4"},
		Settings: []network.Setting{{Key: "audience", Label: "Who sees it", Kind: network.Choice, Default: "public", Options: []network.Option{{Value: "public", Label: "Everyone"}, {Value: "followers", Label: "Followers"}}}},
		SignIn: network.SignIn{Fields: []network.Field{{Key: "handle", Label: "Account", Hint: "The handle of a sandbox account; a new one is made when there is none.", Required: true, Default: "demo"}},
			Help: "Nothing leaves this installation. The public likes, answers, follows links and buys by chance."},
		Metrics: []network.MetricName{{ID: "M-IMPR", NetworkName: "views"}, {ID: "M-REACH", NetworkName: "viewers"}, {ID: "M-LIKE", NetworkName: "likes"}, {ID: "M-COMM", NetworkName: "replies"},
			{ID: "M-SHARE", NetworkName: "shares"}, {ID: "M-SAVE", NetworkName: "saves"}, {ID: "M-FOLL", NetworkName: "followers"}},
		Proof: "Every call carries a key; a repeated call changes nothing, and a key can be looked up."}
}

// SignIn connects an account of the world.
func (s *Sandbox) SignIn(_ context.Context, _ *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	handle := strings.ToLower(strings.Trim(strings.TrimSpace(fields["handle"]), "@"))
	if handle == "" || len(handle) > 40 || strings.ContainsAny(handle, " /\\<>\"'") {
		return network.Grant{}, nil, fault.Invalidf("handle", "a handle has 1 to 40 letters, digits, points and hyphens")
	}
	a := s.world.AddAccount(handle, name(handle), 200)
	return network.Grant{Values: map[string]string{"account": a.ID}}, []network.Account{s.account(a)}, nil
}

func name(handle string) string {
	words := strings.FieldsFunc(handle, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

func (s *Sandbox) account(a Account) network.Account {
	return network.Account{ID: a.ID, Handle: a.Handle, Name: a.Name, URL: "https://sandbox.example/@" + a.Handle, Server: "https://sandbox.example", Followers: a.Followers, Limits: s.Spec().Limits}
}

// Check reads the account anew.
func (s *Sandbox) Check(_ context.Context, session network.Session) (network.Account, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return session.Account, err
	}
	a := s.world.s.Accounts[session.Account.ID]
	if a == nil {
		return session.Account, fault.Wrap(fault.Unauthorised, nil, "the sandbox has no such account")
	}
	return s.account(*a), nil
}

// payload is what a step needs after a restart.
type payload struct {
	Text    string    `json:"text"`
	After   string    `json:"after,omitempty"` // the step it replies to
	ReplyTo string    `json:"reply_to,omitempty"`
	Media   int       `json:"media,omitempty"`
	Direct  bool      `json:"direct,omitempty"`
	Item    string    `json:"item,omitempty"` // an edit
	At      time.Time `json:"at"`
}

// Plan lays out one call per part.
func (s *Sandbox) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	var problems []network.Problem
	bad := func(part int, code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Part: part, Message: message, Fix: fix})
	}
	for i, p := range d.Parts {
		count := s.Count(d, i, a)
		if count.Used > count.Limit {
			bad(i, "text_too_long", "text", "The text has "+strconv.Itoa(count.Used)+" characters, the limit is "+strconv.Itoa(count.Limit)+".", "Shorten it by "+strconv.Itoa(count.Used-count.Limit)+".")
		}
		if strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && p.Poll == nil {
			bad(i, "empty", "text", "There is nothing to publish yet.", "Write a text or add a picture.")
		}
		if len(p.Media) > 4 {
			bad(i, "media_too_many", "media", "The post has "+strconv.Itoa(len(p.Media))+" media, the limit is 4.", "Remove "+strconv.Itoa(len(p.Media)-4)+".")
		}
		if p.Poll != nil && (len(p.Poll.Options) < 2 || len(p.Poll.Options) > 4) {
			bad(i, "poll_options", "poll", "A poll has 2 to 4 options.", "Change the number of options.")
		}
	}
	if len(d.Parts) == 0 {
		bad(0, "empty", "text", "There is nothing to publish yet.", "Write a text.")
	}
	for _, p := range problems {
		if p.Level == network.Error {
			return nil, problems
		}
	}
	var steps []network.Step
	add := func(name string, part int, p payload) {
		raw, _ := json.Marshal(p)
		steps = append(steps, network.Step{Name: name, Part: part, Kind: network.Keyed, Public: true, Key: d.Key + "/" + name, Payload: raw})
	}
	last := ""
	for i, p := range d.Parts {
		step := "post"
		if i > 0 {
			step = "part-" + strconv.Itoa(i+1)
		}
		add(step, i, payload{Text: p.Text, After: last, Media: len(p.Media), At: d.At})
		last = step
	}
	if d.FirstComment != nil {
		add("comment", len(d.Parts), payload{Text: d.FirstComment.Text, After: "post", At: d.At})
	}
	return steps, problems
}

// Count counts what people see as one character.
func (*Sandbox) Count(d network.Draft, part int, a network.Account) network.Count {
	limit := a.Limits.Characters
	if limit == 0 {
		limit = characters
	}
	return network.Count{Used: text.Graphemes(d.Parts[part].Text), Limit: limit, Unit: "characters"}
}

// Do carries out one step.
func (s *Sandbox) Do(_ context.Context, session network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Rejectedf("the step cannot be read")
	}
	if p.Item != "" {
		return s.edit(session, p)
	}
	replyTo := p.ReplyTo
	if p.After != "" {
		replyTo = earlier[p.After].RemoteID
	}
	var kind network.MessageKind
	if p.Direct {
		kind = network.Direct
	}
	it, err := s.world.publish(session.Account.ID, step.Key, p.Text, replyTo, p.Media, kind, s.world.clock())
	if err != nil {
		return network.Outcome{}, err
	}
	return s.outcome(session, it), nil
}

func (s *Sandbox) outcome(session network.Session, it *Item) network.Outcome {
	return network.Outcome{RemoteID: it.ID, URL: s.url(session.Account.Handle, it.ID)}
}

func (*Sandbox) url(handle, itemID string) string {
	return "https://sandbox.example/@" + handle + "/" + itemID
}

// Find looks a key up: the answer is exact.
func (s *Sandbox) Find(_ context.Context, session network.Session, step network.Step, _ network.Outcomes, _ time.Time) (network.Finding, network.Outcome, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if it := s.world.byKey[step.Key]; it != nil {
		return network.Found, s.outcome(session, it), nil
	}
	return network.Absent, network.Outcome{}, nil
}

// Read reads an item back.
func (s *Sandbox) Read(_ context.Context, session network.Session, item network.Remote) (network.Live, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Live{}, err
	}
	it := s.world.byID[item.ID]
	if it == nil || it.Removed {
		return network.Live{Remote: item}, nil
	}
	return s.live(session, it), nil
}

func (s *Sandbox) live(session network.Session, it *Item) network.Live {
	return network.Live{Remote: network.Remote{ID: it.ID, URL: s.url(session.Account.Handle, it.ID)}, Exists: true, Text: it.Text, MediaCount: it.Media, Visibility: "public", At: it.At, ReplyTo: it.ReplyTo}
}

// PlanEdit plans the change of a published item.
func (s *Sandbox) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	if _, problems := s.Plan(d, a); len(problems) > 0 {
		return nil, problems
	}
	raw, _ := json.Marshal(payload{Text: d.Parts[0].Text, Item: item.ID})
	return []network.Step{{Name: "edit", Kind: network.Repeatable, Public: true, Payload: raw}}, nil
}

func (s *Sandbox) edit(session network.Session, p payload) (network.Outcome, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Outcome{}, err
	}
	it := s.world.byID[p.Item]
	if it == nil || it.Removed || it.Account != session.Account.ID {
		return network.Outcome{}, fault.Rejectedf("the post to change is gone")
	}
	it.Text, s.world.dirty = p.Text, true
	return s.outcome(session, it), nil
}

// Delete removes an item; deleting what is gone succeeds.
func (s *Sandbox) Delete(_ context.Context, session network.Session, item network.Remote) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return err
	}
	if it := s.world.byID[item.ID]; it != nil && it.Account == session.Account.ID {
		it.Removed, s.world.dirty = true, true
	}
	return nil
}

// Own lists the account's own posts, the newest first.
func (s *Sandbox) Own(_ context.Context, session network.Session, before string, limit int) ([]network.Live, string, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	own := s.world.own[session.Account.ID]
	var out []network.Live
	for i := len(own) - 1; i >= 0 && len(out) < limit; i-- {
		if own[i].Removed || before != "" && own[i].ID >= before {
			continue
		}
		out = append(out, s.live(session, own[i]))
	}
	next := ""
	if len(out) == limit && limit > 0 {
		next = out[len(out)-1].ID
	}
	return out, next, nil
}
