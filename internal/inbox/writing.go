package inbox

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// writingFor is how long “is writing” lasts after the last key.
const writingFor = 20 * time.Second

type writer struct {
	UserID string    `db:"user_id"`
	Name   string    `db:"name"`
	Until  time.Time `db:"until"`
}

func (i *Inbox) writer(ctx context.Context, q db.Queryer, workspaceID, conversationID string) (writer, error) {
	all, err := db.All[writer](ctx, q, `select w.user_id, coalesce(u.name, 'a colleague') as name, w.until from writing w left join users u on u.id = w.user_id
		where w.workspace_id = $1 and w.conversation_id = $2 and w.until > $3`, workspaceID, conversationID, i.clock())
	if err != nil || len(all) == 0 {
		return writer{}, err
	}
	return all[0], nil
}

// Writer returns the colleague who is writing an answer here right now, "" for nobody.
func (i *Inbox) Writer(ctx context.Context, actor workspace.Actor, conversationID string) (string, error) {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return "", err
	}
	w, err := i.writer(ctx, i.db, actor.WorkspaceID, conversationID)
	if err != nil || w.UserID == actor.UserID {
		return "", err
	}
	return w.Name, nil
}

// Writing says that the actor is answering here and returns who else is, "" for nobody (E11). takeOver claims it.
func (i *Inbox) Writing(ctx context.Context, actor workspace.Actor, conversationID string, takeOver bool) (other string, err error) {
	err = i.db.Tx(ctx, func(tx *db.Tx) error {
		c, err := i.get(ctx, tx, actor.WorkspaceID, conversationID)
		if err != nil {
			return err
		}
		if err := may(actor, workspace.InboxReply, c); err != nil {
			return err
		}
		now, err := i.writer(ctx, tx, actor.WorkspaceID, conversationID)
		if err != nil {
			return err
		}
		if now.UserID != "" && now.UserID != actor.UserID && !takeOver {
			other = now.Name
			return nil
		}
		if _, err := db.Exec(ctx, tx, `insert into writing (workspace_id, conversation_id, user_id, until) values ($1, $2, $3, $4)
			on conflict (workspace_id, conversation_id) do update set user_id = excluded.user_id, until = excluded.until`,
			actor.WorkspaceID, conversationID, actor.UserID, i.clock().Add(writingFor)); err != nil {
			return err
		}
		if now.UserID == actor.UserID {
			return nil // colleagues know already; every key would refresh all their screens
		}
		return i.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "inbox.writing", conversationID, map[string]string{"user": actor.UserID, "name": actor.Name})
	})
	return other, err
}
