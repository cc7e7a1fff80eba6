package inbox

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// CatchUp makes everything findable that a migration has left to be.
func (i *Inbox) CatchUp(ctx context.Context) error { return i.index.CatchUp(ctx) }

// said is what a conversation is found by: the messages that its screen shows, the newest first.
func said(ctx context.Context, q db.Queryer, workspaceID, conversationID string) ([]string, error) {
	return db.All[string](ctx, q, `select text from messages where workspace_id = $1 and conversation_id = $2 order by at desc, id desc limit 500`, workspaceID, conversationID)
}

// Wide is how many conversations with the words of a search are looked at, those last spoken in before the others.
const Wide = 1000

// Cut reports whether a search leaves conversations out that hold its words, since there are more than Wide.
func (i *Inbox) Cut(ctx context.Context, actor workspace.Actor, words string) (bool, error) {
	if !actor.CanSomewhere(workspace.InboxRead) {
		return false, actor.May(workspace.InboxRead, workspace.Scope{})
	}
	return i.index.Full(ctx, actor.WorkspaceID, words, Wide)
}

// found is a query of the ids of conversations in whose messages the words begin, or that are with a contact whose name
// or handle they begin: of each at most limit, those last spoken in before the others.
func (i *Inbox) found(actor workspace.Actor, words string, limit int, args *[]any) string {
	spoken := i.index.Found(actor.WorkspaceID, words, limit, args)
	with := i.contacts.Found(actor.WorkspaceID, words, limit, args)
	return `select id from (` + spoken + `) spoken union select x.id from conversations x where x.workspace_id = $1 and x.contact_id in (` + with + `)`
}
