package inbox

import (
	"context"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// SavedReply is a text used again and again. It may hold Variables as {{name}}; they are replaced by plain words,
// nothing in a text is ever run.
type SavedReply struct {
	ID       string `db:"id"`
	Name     string `db:"name"`
	Text     string `db:"text"`
	Language string `db:"language"` // BCP 47, "" = any
	Used     int    `db:"used"`     // answers sent from it
}

// Variables are the words a saved reply can hold, with what they stand for.
var Variables = []struct{ Name, Meaning string }{
	{"contact.name", "the contact's name"}, {"contact.first_name", "the first word of it"}, {"contact.handle", "their handle on this network"},
	{"agent.name", "your name"}, {"agent.first_name", "the first word of it"}, {"channel.name", "the channel's name"}, {"brand.name", "the brand's name"},
}

// SavedReplies returns the saved replies by name.
func (i *Inbox) SavedReplies(ctx context.Context, actor workspace.Actor) ([]SavedReply, error) {
	if !actor.CanSomewhere(workspace.InboxReply) && !actor.CanSomewhere(workspace.InboxRules) {
		return nil, actor.May(workspace.InboxReply, workspace.Scope{})
	}
	return db.All[SavedReply](ctx, i.db, `select id, name, text, language, used from saved_replies where workspace_id = $1 order by lower(name), id`, actor.WorkspaceID)
}

// KeepReply stores a saved reply, a new one when it has no id, and returns it.
func (i *Inbox) KeepReply(ctx context.Context, actor workspace.Actor, r SavedReply) (SavedReply, error) {
	if err := actor.May(workspace.InboxRules, workspace.Scope{}); err != nil {
		return r, err
	}
	r.Name, r.Text, r.Language = strings.TrimSpace(r.Name), strings.TrimSpace(strings.ReplaceAll(r.Text, "\r\n", "\n")), strings.TrimSpace(r.Language)
	switch {
	case r.Name == "" || len(r.Name) > 120:
		return r, fault.Invalidf("name", "a saved reply needs a name of at most 120 bytes")
	case r.Text == "" || len(r.Text) > 10_000:
		return r, fault.Invalidf("text", "a saved reply needs a text of at most 10,000 bytes")
	case len(r.Language) > 35:
		return r, fault.Invalidf("language", "a language is a short code such as en or pt-BR")
	}
	for _, v := range variable.FindAllString(r.Text, -1) {
		if !known(v) {
			return r, fault.Invalidf("text", "there is no variable %s", v).WithHint("Use one of those listed.")
		}
	}
	err := i.db.Tx(ctx, func(tx *db.Tx) error {
		what := "saved_reply.changed"
		if r.ID == "" {
			r.ID, what = id.New("reply"), "saved_reply.made"
			if _, err := db.Exec(ctx, tx, `insert into saved_replies (workspace_id, id, name, text, language) values ($1, $2, $3, $4, $5)`, actor.WorkspaceID, r.ID, r.Name, r.Text, r.Language); err != nil {
				return err
			}
		} else if n, err := db.Exec(ctx, tx, `update saved_replies set name = $3, text = $4, language = $5 where workspace_id = $1 and id = $2`, actor.WorkspaceID, r.ID, r.Name, r.Text, r.Language); err != nil || n == 0 {
			return noReply(n, err)
		}
		return workspace.Audit(ctx, tx, actor, what, r.ID, nil, map[string]string{"name": r.Name, "text": r.Text})
	})
	return r, err
}

// DropReply deletes a saved reply; answers sent from it stay as they are.
func (i *Inbox) DropReply(ctx context.Context, actor workspace.Actor, replyID string) error {
	if err := actor.May(workspace.InboxRules, workspace.Scope{}); err != nil {
		return err
	}
	return i.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `delete from saved_replies where workspace_id = $1 and id = $2`, actor.WorkspaceID, replyID)
		if err != nil || n == 0 {
			return noReply(n, err)
		}
		return workspace.Audit(ctx, tx, actor, "saved_reply.deleted", replyID, nil, nil)
	})
}

func noReply(n int64, err error) error {
	if err == nil && n == 0 {
		return fault.NotFoundf("there is no such saved reply in this workspace")
	}
	return err
}

// Fill returns a saved reply's text for one conversation and the variables for which nothing is known here; they stay
// in the text, and Reply asks before it sends one.
func (i *Inbox) Fill(ctx context.Context, actor workspace.Actor, conversationID, replyID string) (text string, missing []string, err error) {
	line, err := i.Line(ctx, actor, conversationID)
	if err != nil {
		return "", nil, err
	}
	if err := may(actor, workspace.InboxReply, line.Conversation); err != nil {
		return "", nil, err
	}
	r, err := db.One[SavedReply](ctx, i.db, `select id, name, text, language, used from saved_replies where workspace_id = $1 and id = $2`, actor.WorkspaceID, replyID)
	if fault.Is(err, fault.NotFound) {
		return "", nil, noReply(0, nil)
	}
	if err != nil {
		return "", nil, err
	}
	brands, err := db.All[string](ctx, i.db, `select name from brands where workspace_id = $1 and id = $2`, actor.WorkspaceID, line.BrandID)
	if err != nil {
		return "", nil, err
	}
	values := map[string]string{"contact.name": line.ContactName, "contact.first_name": first(line.ContactName), "contact.handle": line.Handle, "agent.name": actor.Name,
		"agent.first_name": first(actor.Name), "channel.name": line.ChannelName, "brand.name": strings.Join(brands, "")}
	text = variable.ReplaceAllStringFunc(r.Text, func(v string) string {
		if value := plainName(values[name(v)]); value != "" {
			return value
		}
		if !slices.Contains(missing, v) {
			missing = append(missing, v)
		}
		return v
	})
	return text, missing, nil
}

func name(variable string) string { return strings.TrimSpace(strings.Trim(variable, "{}")) }

func known(v string) bool {
	for _, k := range Variables {
		if k.Name == name(v) {
			return true
		}
	}
	return false
}

// first is the first word of a name; an address or handle has none.
func first(name string) string {
	if words := strings.Fields(name); len(words) > 0 && !strings.ContainsAny(words[0], "@.:/_0123456789") {
		return words[0]
	}
	return ""
}

// plainName keeps a stranger's name from bringing a variable or line of its own into an answer of ours.
func plainName(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("{", "", "}", "").Replace(s)), " ")
}
