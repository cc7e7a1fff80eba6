package nostr

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// payload is everything a step needs after a restart: the whole event, so that it is the same one however often it is
// sent, and where to.
type payload struct {
	Event  wire.Event `json:"event"`
	Relays []string   `json:"relays,omitempty"`
	Server string     `json:"server,omitempty"` // for a file
	Edit   bool       `json:"edit,omitempty"`   // may be given a later second, to replace what is there
}

type planner struct {
	relays []string
	server string
	steps  []network.Step
	media  int
}

func (p *planner) add(name string, s network.Step, content payload) {
	raw, _ := json.Marshal(content) // plain data: cannot fail
	s.Name, s.Payload = name, raw
	p.steps = append(p.steps, s)
}

// upload plans the uploads of a part.
func (p *planner) upload(part network.Part, i int) {
	for _, m := range part.Media {
		p.media++
		m.Open = nil
		p.add("media-"+strconv.Itoa(p.media), network.Step{Part: i, Kind: network.Repeatable, Media: &m}, payload{Server: p.server})
	}
}

// publish plans the sending of one event.
func (p *planner) publish(name string, part int, e wire.Event) {
	p.add(name, network.Step{Part: part, Kind: network.Keyed, Public: true, Key: e.ID}, payload{Event: e, Relays: p.relays})
}

func kind(d network.Draft) string { return cmp.Or(d.Settings["kind"], note) }

func chosen(d network.Draft, a network.Account) []string {
	var some []string
	for one := range strings.SplitSeq(d.Settings["relays"], ",") {
		if one = strings.TrimSpace(one); one != "" {
			some = append(some, one)
		}
	}
	if len(some) > 0 {
		return some
	}
	return writes(a)
}

// events composes all events of a draft: each names the one before it, whose id is known already.
func events(d network.Draft, a network.Account) []wire.Event {
	var made []wire.Event
	n := len(d.Parts)
	if d.FirstComment != nil {
		n++
	}
	for i := range n {
		e := compose(d, i, a)
		switch how := kind(d); {
		case i == 0 && how == repost:
			e = reposting(e, d, a)
		case i == 0 && how == comment:
			e = commenting(e, d)
		case i == 0:
		case i == len(d.Parts): // the first comment
			e = answering(e, rootOf(made[0]), made[0], above(made[0]))
		default:
			e = answering(e, rootOf(made[0]), made[i-1], above(made[0]))
		}
		made = append(made, e.Seal())
	}
	return made
}

// rootOf is where the thread of a note begins: at itself, if it answers nothing.
func rootOf(e wire.Event) wire.Event {
	for _, t := range e.Tags {
		if e.Kind == wire.KindNote && len(t) > 4 && t[0] == "e" && t[3] == "root" {
			return wire.Event{ID: t[1], PubKey: t[4], Kind: wire.KindNote}
		}
	}
	return e
}

// above is the scope of what stands below our own event, if that is a comment itself; nil for a root.
func above(e wire.Event) [][]string {
	if e.Kind != wire.KindComment {
		if e.Kind != wire.KindNote {
			return scopeOf(e)
		}
		return nil
	}
	return scopeIn(e)
}

// scopeIn are the tags by which a comment names its root.
func scopeIn(e wire.Event) (tags [][]string) {
	for _, t := range e.Tags {
		if len(t) > 1 && slices.Contains([]string{"E", "A", "I", "K", "P"}, t[0]) {
			tags = append(tags, t)
		}
	}
	return tags
}

// reposting makes the event one that repeats another (NIP-18): a note, or anything.
func reposting(e wire.Event, d network.Draft, a network.Account) wire.Event {
	r, _ := wire.ReadReference(d.Settings["target"]) // checked
	e.Kind, e.Content = wire.KindRepost, ""
	relay := cmp.Or(r.Relay, a.Server) // one must be named
	tags := [][]string{{"e", r.ID, relay}}
	if r.Versions {
		tags = [][]string{{"a", r.Target(), relay}}
	}
	if r.Author != "" {
		tags = append(tags, []string{"p", r.Author})
	}
	if r.Kind != 0 && r.Kind != wire.KindNote {
		e.Kind = wire.KindRepostAny
		tags = append(tags, []string{"k", strconv.Itoa(r.Kind)})
	}
	e.Tags = append(tags, e.Tags...)
	return e
}

// commenting makes the event a comment on another, or on a web page (NIP-22); on a note it is an answer (NIP-10).
func commenting(e wire.Event, d network.Draft) wire.Event {
	target := strings.TrimSpace(d.Settings["target"])
	r, err := wire.ReadReference(target)
	if err != nil || r.Target() == "" {
		e.Kind = wire.KindComment
		e.Tags = append([][]string{{"I", target}, {"K", "web"}, {"i", target}, {"k", "web"}}, e.Tags...)
		return e
	}
	there := wire.Event{ID: r.ID, PubKey: r.Author, Kind: r.Kind}
	if r.Versions {
		there.Tags = [][]string{{"d", r.D}}
	} else if r.Kind == 0 {
		there.Kind = wire.KindNote
	}
	return answering(e, there, there, nil)
}

// Plan checks the draft and lays out its calls. Files come first, all of them.
func (Nostr) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := &planner{relays: chosen(d, a), server: a.Extra["media"]}
	made := events(d, a)
	for i := range made {
		p.upload(partOf(d, i), i)
	}
	for i, e := range made {
		name := "part-" + strconv.Itoa(i+1)
		if i == 0 {
			name = "post"
		} else if i == len(d.Parts) {
			name = "comment"
		}
		p.publish(name, i, e)
	}
	return p.steps, problems
}

// PlanEdit plans a new version of an article. Nothing else can be changed.
func (Nostr) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	kind, author, identifier, ok := wire.ParseAddress(item.ID)
	if !ok || kind != wire.KindArticle || author != a.ID {
		return nil, []network.Problem{{Level: network.Error, Code: "edit_unsupported", Field: "text", Message: "Nostr lets only articles be changed: everything else is named by the digest of what it says.", Fix: "Ask for its deletion and publish a corrected one."}}
	}
	set := map[string]string{}
	for k, v := range d.Settings {
		set[k] = v
	}
	set["kind"], set["identifier"] = article, identifier
	d.Settings = set
	problems := check(d, a)
	if len(d.Parts) > 1 {
		problems = append(problems, network.Problem{Level: network.Warning, Code: "edit_first_part", Field: "text", Part: 1, Message: "Only the article is changed; what stands below it stays.", Fix: "Ask for the deletion of the comments."})
	}
	if broken(problems) {
		return nil, problems
	}
	p := &planner{relays: chosen(d, a), server: a.Extra["media"]}
	p.upload(d.Parts[0], 0)
	e := compose(d, 0, a)
	if first := item.Data["published_at"]; first != "" {
		for i, t := range e.Tags {
			if t[0] == "published_at" {
				e.Tags[i] = []string{"published_at", first}
			}
		}
	}
	p.add("edit", network.Step{Kind: network.Repeatable, Public: true}, payload{Event: e.Seal(), Relays: p.relays, Edit: true})
	return p.steps, problems
}

// PlanReply plans an answer, in the way that what it answers belongs to.
func (Nostr) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, Language: r.Language, At: r.At, Parts: []network.Part{{Text: r.Text, Media: r.Media}}}
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	data := r.To.Data
	parentKind, _ := strconv.Atoi(data["kind"])
	parent := wire.Event{ID: cmp.Or(data["id"], r.To.ID), PubKey: cmp.Or(data["author"], r.To.From.ID), Kind: parentKind}
	root := wire.Event{ID: cmp.Or(data["root"], parent.ID), PubKey: data["root_author"], Kind: wire.KindNote}
	if root.ID == parent.ID {
		root = parent
	}
	var scope [][]string
	if data["scope"] != "" && json.Unmarshal([]byte(data["scope"]), &scope) != nil {
		scope = nil
	}
	p := &planner{relays: writes(a), server: a.Extra["media"]}
	p.upload(d.Parts[0], 0)
	p.publish("reply", 0, answering(compose(d, 0, a), root, parent, scope).Seal())
	return p.steps, problems
}
