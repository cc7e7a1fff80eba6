package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// HoldKind is what a hold looks for.
type HoldKind string

const (
	HoldWords    HoldKind = "words"    // any of a list of words
	HoldLink     HoldKind = "link"     // a link in a public message
	HoldNewcomer HoldKind = "newcomer" // the first message of somebody, in public
)

// Hold flags new messages by itself, or hides them where the network can, until a person has looked (E10).
type Hold struct {
	ID       string   `db:"id"`
	Kind     HoldKind `db:"kind"`
	Name     string   `db:"name"`
	Language string   `db:"language"` // of words: BCP 47 base such as "de"; messages clearly in another are left alone. "" = any
	Words    string   `db:"words"`    // one a line, case does not matter; an end of * stands for any ending
	Hides    bool     `db:"hides"`
	Enabled  bool     `db:"enabled"`
	Caught   int64    `db:"caught"` // messages so far
}

const holdColumns = `id, kind, name, language, words, hides, enabled, caught`

// flagged is the tag of conversations in which a hold found something nobody has looked at.
const flagged = "flagged"

// Holds returns the workspace's holds by name.
func (i *Inbox) Holds(ctx context.Context, actor workspace.Actor) ([]Hold, error) {
	if !actor.CanSomewhere(workspace.InboxRead) {
		return nil, actor.May(workspace.InboxRead, workspace.Scope{})
	}
	return db.All[Hold](ctx, i.db, `select `+holdColumns+` from holds where workspace_id = $1 order by lower(name), id`, actor.WorkspaceID)
}

func (i *Inbox) holdsIn(ctx context.Context, q db.Queryer, workspaceID string) ([]Hold, error) {
	return db.All[Hold](ctx, q, `select `+holdColumns+` from holds where workspace_id = $1 and enabled = true order by id`, workspaceID)
}

// KeepHold stores a hold, a new one where its ID is empty, and returns its id. It works on what is received from then on.
func (i *Inbox) KeepHold(ctx context.Context, actor workspace.Actor, h Hold) (string, error) {
	if err := actor.May(workspace.InboxRules, workspace.Scope{}); err != nil {
		return "", err
	}
	h.Name, h.Language = strings.Join(strings.Fields(h.Name), " "), strings.ToLower(strings.TrimSpace(h.Language))
	switch {
	case h.Name == "" || len(h.Name) > 80:
		return "", fault.Invalidf("name", "a hold needs a name of at most 80 bytes")
	case h.Kind != HoldWords && h.Kind != HoldLink && h.Kind != HoldNewcomer:
		return "", fault.Invalidf("kind", "choose words, link or newcomer")
	case h.Kind == HoldWords && len(h.phrases()) == 0:
		return "", fault.Invalidf("words", "write at least one word, one a line")
	case len(h.Words) > 50_000:
		return "", fault.Invalidf("words", "the list is longer than 50,000 bytes")
	}
	if h.Kind != HoldWords {
		h.Words, h.Language = "", ""
	}
	err := i.db.Tx(ctx, func(tx *db.Tx) error {
		what := "inbox.hold_changed"
		n := int64(1)
		var err error
		if h.ID == "" {
			what, h.ID = "inbox.hold_made", id.New("hold")
			_, err = db.Exec(ctx, tx, `insert into holds (workspace_id, id, kind, name, language, words, hides, enabled) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
				actor.WorkspaceID, h.ID, h.Kind, h.Name, h.Language, h.Words, h.Hides, h.Enabled)
		} else {
			n, err = db.Exec(ctx, tx, `update holds set kind = $3, name = $4, language = $5, words = $6, hides = $7, enabled = $8 where workspace_id = $1 and id = $2`,
				actor.WorkspaceID, h.ID, h.Kind, h.Name, h.Language, h.Words, h.Hides, h.Enabled)
		}
		if err == nil && n == 0 {
			err = fault.NotFoundf("there is no such hold in this workspace")
		}
		if err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, what, h.ID, nil, h)
	})
	return h.ID, err
}

// DropHold deletes a hold; what it flagged stays flagged.
func (i *Inbox) DropHold(ctx context.Context, actor workspace.Actor, holdID string) error {
	if err := actor.May(workspace.InboxRules, workspace.Scope{}); err != nil {
		return err
	}
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		gone, err := db.One[Hold](ctx, tx, `delete from holds where workspace_id = $1 and id = $2 returning `+holdColumns, actor.WorkspaceID, holdID)
		if fault.Is(err, fault.NotFound) {
			return fault.NotFoundf("there is no such hold in this workspace")
		}
		if err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "inbox.hold_dropped", holdID, gone, nil)
	})
}

// phrases are the words of the list, each as the words it is made of.
func (h Hold) phrases() (out [][]string) {
	for line := range strings.Lines(h.Words) {
		if words := wordsOf(line, true); strings.Trim(strings.Join(words, ""), "*") != "" {
			out = append(out, words)
		}
	}
	return out
}

// finds says what a hold finds in a message, "" for nothing. newcomer says that it is its author's first.
func (h Hold) finds(kind network.MessageKind, said string, newcomer bool) string {
	public := kind != network.Direct
	switch h.Kind {
	case HoldLink:
		if links := text.Links(said); public && len(links) > 0 {
			return "a link: " + links[0].Value
		}
	case HoldNewcomer:
		if public && newcomer {
			return "the first message of this person"
		}
	case HoldWords:
		if spoken := languageOf(said); h.Language != "" && spoken != "" && spoken != h.Language {
			return ""
		}
		words := wordsOf(said, false)
		for _, phrase := range h.phrases() {
			if at := within(words, phrase); at >= 0 {
				return fmt.Sprintf("“%s”", strings.Join(words[at:at+len(phrase)], " "))
			}
		}
	}
	return ""
}

// within is where a phrase begins in a list of words, −1 where it is not there.
func within(words, phrase []string) int {
	for at := 0; at+len(phrase) <= len(words); at++ {
		if slices.EqualFunc(words[at:at+len(phrase)], phrase, func(word, of string) bool {
			beginning, open := strings.CutSuffix(of, "*")
			return word == of || open && strings.HasPrefix(word, beginning)
		}) {
			return at
		}
	}
	return -1
}

// check lets the holds look at a message that was just received. The first that finds something flags it, and the first
// that hides hides it.
func (i *Inbox) check(ctx context.Context, tx *db.Tx, c Conversation, m Message, newcomer bool, holds []Hold) error {
	if len(holds) == 0 {
		return nil
	}
	if newcomer && slices.ContainsFunc(holds, func(h Hold) bool { return h.Kind == HoldNewcomer }) {
		others, err := db.One[int](ctx, tx, `select count(*) from conversations where workspace_id = $1 and contact_id = $2 and id <> $3 and last_inbound_at is not null`, c.WorkspaceID, c.ContactID, c.ID)
		if err != nil {
			return err
		}
		newcomer = others == 0
	}
	var by *Hold
	why := ""
	for k := range holds {
		if found := holds[k].finds(c.Kind, m.Text, newcomer); found != "" && (by == nil || holds[k].Hides && !by.Hides) {
			by, why = &holds[k], holds[k].Name+" found "+found
		}
	}
	if by == nil {
		return nil
	}
	return i.mark(ctx, tx, c, m, *by, why)
}

// mark flags a message a hold has found, and hides it where the hold wants that and the network offers it.
func (i *Inbox) mark(ctx context.Context, tx *db.Tx, c Conversation, m Message, by Hold, why string) error {
	c, err := i.lock(ctx, tx, c.WorkspaceID, c.ID)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `update messages set flag = $3 where workspace_id = $1 and id = $2`, c.WorkspaceID, m.ID, why); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `update holds set caught = caught + 1 where workspace_id = $1 and id = $2`, c.WorkspaceID, by.ID); err != nil {
		return err
	}
	if !slices.Contains(c.Tags, flagged) {
		c.Tags = append(c.Tags, flagged)
		if err := i.save(ctx, tx, c); err != nil {
			return err
		}
	}
	if by.Hides {
		err := i.order(ctx, tx, workspace.System(c.WorkspaceID), c, m, Deed{Act: network.Hide, Why: why}, by.ID)
		if err == nil || !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.Conflict) {
			return err
		}
		why += "; the network lets programs hide nothing here"
	}
	now := i.clock()
	if _, err := db.Exec(ctx, tx, `insert into acts (workspace_id, id, conversation_id, message_id, channel_id, identity_id, act, hold_id, why, state, at, settled_at)
		values ($1, $2, $3, $4, $5, $6, 'flag', $7, $8, 'done', $9, $9)`, c.WorkspaceID, id.New("act"), c.ID, m.ID, c.ChannelID, m.IdentityID, by.ID, why, now); err != nil {
		return err
	}
	return i.events.Record(ctx, tx, c.WorkspaceID, "system", "inbox.flagged", c.ID, map[string]string{"message": m.ID, "why": why})
}

// Unflag says that a person has looked at what a hold found and lets it stand.
func (i *Inbox) Unflag(ctx context.Context, actor workspace.Actor, messageID string) error {
	m, err := i.message(ctx, i.db, actor.WorkspaceID, messageID)
	if err != nil {
		return err
	}
	return i.change(ctx, actor, m.ConversationID, "inbox.unflagged", "", func(tx *db.Tx, c *Conversation) error {
		if err := may(actor, workspace.InboxModerate, *c); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update messages set flag = '' where workspace_id = $1 and id = $2`, c.WorkspaceID, m.ID); err != nil {
			return err
		}
		return i.clear(ctx, tx, c)
	})
}

// unmark takes the tag off a conversation in which nothing is flagged any more.
func (i *Inbox) unmark(ctx context.Context, tx *db.Tx, workspaceID, conversationID string) error {
	c, err := i.lock(ctx, tx, workspaceID, conversationID)
	if err != nil {
		return err
	}
	if err := i.clear(ctx, tx, &c); err != nil {
		return err
	}
	return i.save(ctx, tx, c)
}

func (i *Inbox) clear(ctx context.Context, tx *db.Tx, c *Conversation) error {
	left, err := db.One[int](ctx, tx, `select count(*) from messages where workspace_id = $1 and conversation_id = $2 and flag <> ''`, c.WorkspaceID, c.ID)
	if err == nil && left == 0 {
		c.Tags = slices.DeleteFunc(slices.Clone(c.Tags), func(t string) bool { return t == flagged })
	}
	return err
}
