package inbox

import (
	"context"
	"fmt"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// ActMany carries an act out on the newest standing message of each conversation: what the list shows of it. Each stands
// alone: what is refused for one leaves the others done. Done.Key takes them back where the act has an opposite.
func (i *Inbox) ActMany(ctx context.Context, actor workspace.Actor, conversationIDs []string, d Deed) (Done, error) {
	done := Done{Key: id.New("undo"), Refused: map[string]error{}}
	if len(conversationIDs) == 0 || len(conversationIDs) > most {
		return done, fault.Invalidf("conversation", "choose between 1 and %d conversations", most)
	}
	d.Key = done.Key
	for _, c := range conversationIDs {
		err := i.actOnNewest(ctx, actor, c, d)
		switch {
		case err == nil:
			done.Changed++
		case fault.KindOf(err) == fault.Internal:
			return done, err
		default:
			done.Refused[c] = err
		}
	}
	if done.Changed == 0 || Opposite(d.Act) == "" {
		done.Key = ""
	}
	return done, nil
}

func (i *Inbox) actOnNewest(ctx context.Context, actor workspace.Actor, conversationID string, d Deed) error {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return err
	}
	newest, err := db.All[string](ctx, i.db, `select id from messages where workspace_id = $1 and conversation_id = $2 and outbound = false and removed_at is null
		order by at desc, id desc limit 1`, actor.WorkspaceID, conversationID)
	if err != nil {
		return err
	}
	if len(newest) == 0 {
		return fault.Conflictf("there is no standing message in this conversation")
	}
	return i.Act(ctx, actor, newest[0], d)
}

// TakeBack orders the opposite of each act that was carried out under a key, and returns of how many. What somebody took
// back meanwhile is left alone.
func (i *Inbox) TakeBack(ctx context.Context, actor workspace.Actor, key string) (int, error) {
	rows, err := db.All[struct {
		MessageID string      `db:"message_id"`
		Act       network.Act `db:"act"`
	}](ctx, i.db, `select message_id, act from acts where workspace_id = $1 and undo_key = $2 and undo_key <> '' and state <> 'failed' order by at, id`, actor.WorkspaceID, key)
	if err != nil {
		return 0, err
	}
	back := 0
	for _, r := range rows {
		opposite := Opposite(r.Act)
		if opposite == "" {
			continue
		}
		err := i.Act(ctx, actor, r.MessageID, Deed{Act: opposite})
		if fault.KindOf(err) == fault.Internal && err != nil {
			return back, fmt.Errorf("take back %s: %w", r.Act, err)
		}
		if err == nil {
			back++
		}
	}
	if back == 0 {
		return 0, fault.Conflictf("there is nothing left to take back")
	}
	return back, nil
}
