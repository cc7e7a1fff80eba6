package threshold

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Actions are all threshold actions.
type Actions struct {
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
	posts    *post.Posts
	journal  *delivery.Journal
	clock    func() time.Time
}

// New returns the actions of this database.
func New(database *db.DB, events *event.Events, channels *channel.Channels, posts *post.Posts, journal *delivery.Journal) *Actions {
	return &Actions{db: database, events: events, channels: channels, posts: posts, journal: journal, clock: db.Now}
}

// At returns the same actions with another clock, for tests of time.
func (a *Actions) At(clock func() time.Time) *Actions {
	other := *a
	other.clock = func() time.Time { return clock().UTC().Truncate(time.Microsecond) }
	return &other
}

// Order is what a person asks for: "when Metric passes Value within Days days of publication, do Act".
type Order struct {
	Metric string
	Value  int64
	Days   int
	Act    Act
	Words  string
}

const (
	mostDays  = 90
	mostOf    = 10    // actions of one post
	mostWords = 10000 // bytes; the network's own limit is asked when it is done
)

// Add lets an action wait for a post. It refuses what no channel of the post could carry out.
func (a *Actions) Add(ctx context.Context, actor workspace.Actor, postID string, o Order) (Action, error) {
	o.Words = strings.TrimSpace(strings.ReplaceAll(o.Words, "\r\n", "\n"))
	switch {
	case !slices.Contains(Metrics, o.Metric):
		return Action{}, fault.Invalidf("metric", "choose one of the post's numbers")
	case o.Value < 1:
		return Action{}, fault.Invalidf("value", "the number to pass must be at least 1")
	case o.Days < 1 || o.Days > mostDays:
		return Action{}, fault.Invalidf("days", "choose 1 to %d days", mostDays)
	case !slices.Contains(Acts, o.Act):
		return Action{}, fault.Invalidf("act", "choose what is to be done")
	case o.Act.speaks() && o.Words == "":
		return Action{}, fault.Invalidf("words", "write what it says")
	case len(o.Words) > mostWords || !utf8.ValidString(o.Words):
		return Action{}, fault.Invalidf("words", "this is longer than any network takes")
	}
	if !o.Act.speaks() {
		o.Words = ""
	}
	targets, err := a.mine(ctx, actor, postID)
	if err != nil {
		return Action{}, err
	}
	if able, err := a.able(ctx, actor, targets, o.Act); err != nil || !able {
		if err == nil {
			err = fault.Invalidf("act", "no channel of this post offers programs a way to do that").WithHint("Choose something else, or have the responsible person told.")
		}
		return Action{}, err
	}
	made := Action{WorkspaceID: actor.WorkspaceID, ID: id.New("thr"), PostID: postID, Metric: o.Metric, Value: o.Value, Within: time.Duration(o.Days) * 24 * time.Hour, Act: o.Act, Words: o.Words,
		State: Waiting, CreatedBy: actor.ID(), CreatedAt: a.clock()}
	return made, a.db.Tx(ctx, func(tx *db.Tx) error {
		// The post's row is the lock: two who add at once see each other's.
		if _, err := db.All[string](ctx, tx, `select id from posts where workspace_id = $1 and id = $2 for update`, actor.WorkspaceID, postID); err != nil {
			return err
		}
		n, err := db.One[int](ctx, tx, `select count(*) from threshold_actions where workspace_id = $1 and post_id = $2`, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		if n >= mostOf {
			return fault.Conflictf("a post has at most %d of these", mostOf)
		}
		if _, err := db.Exec(ctx, tx, `insert into threshold_actions (workspace_id, id, post_id, metric, value, within, act, words, state, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			made.WorkspaceID, made.ID, made.PostID, made.Metric, made.Value, made.Within, made.Act, made.Words, made.State, made.CreatedBy, made.CreatedAt); err != nil {
			return fmt.Errorf("keep a threshold action: %w", err)
		}
		return a.record(ctx, tx, actor, "threshold.added", made)
	})
}

// mine are the post's targets, if the actor may plan on at least one of their channels and reads the post at all.
func (a *Actions) mine(ctx context.Context, actor workspace.Actor, postID string) ([]post.Target, error) {
	p, err := a.posts.Get(ctx, actor, postID)
	if err != nil {
		return nil, err
	}
	if p.Origin == post.Native {
		return nil, fault.Conflictf("this post was made outside; what follows it is done there, too").WithCode("invalid_transition")
	}
	targets, err := a.posts.Targets(ctx, actor, postID)
	if err != nil {
		return nil, err
	}
	var mine []post.Target
	refused := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: p.BrandID})
	for _, t := range targets {
		if err := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: p.BrandID, ChannelID: t.ChannelID}); err != nil {
			return nil, err // it may be done on any of them
		}
		mine = append(mine, t)
	}
	if len(mine) == 0 {
		if refused == nil {
			refused = fault.Conflictf("the post has no channel yet").WithHint("Choose one and save it first.")
		}
		return nil, refused
	}
	return mine, nil
}

// able reports whether at least one of the targets' networks offers the act.
func (a *Actions) able(ctx context.Context, actor workspace.Actor, targets []post.Target, act Act) (bool, error) {
	for _, t := range targets {
		ch, err := a.channels.Get(ctx, actor, t.ChannelID)
		if err != nil {
			return false, err
		}
		if a.offers(ch, act) {
			return true, nil
		}
	}
	return false, nil
}

func (a *Actions) offers(ch channel.Channel, act Act) bool {
	n := a.channels.Network(ch)
	switch {
	case act == Boost:
		return true
	case n == nil:
		return false
	case act == Repost:
		return delivery.Reposts(n)
	}
	return delivery.Continues(n, act == Finisher)
}

// Of lists a post's actions, the oldest first.
func (a *Actions) Of(ctx context.Context, actor workspace.Actor, postID string) ([]Action, error) {
	if _, err := a.posts.Get(ctx, actor, postID); err != nil {
		return nil, err
	}
	return db.All[Action](ctx, a.db, `select `+columns+` from threshold_actions where workspace_id = $1 and post_id = $2 order by created_at, id`, actor.WorkspaceID, postID)
}

// Stop ends an action that still waits.
func (a *Actions) Stop(ctx context.Context, actor workspace.Actor, postID, actionID string) error {
	if _, err := a.mine(ctx, actor, postID); err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *db.Tx) error {
		found, err := db.All[State](ctx, tx, `select state from threshold_actions where workspace_id = $1 and post_id = $2 and id = $3 for update`, actor.WorkspaceID, postID, actionID)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFoundf("there is no such action on this post")
		}
		if found[0] != Waiting {
			return fault.Conflictf("it does not wait any more; it is %s", found[0]).WithCode("invalid_transition")
		}
		if _, err := db.Exec(ctx, tx, `update threshold_actions set state = 'stopped', ended_at = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, actionID, a.clock()); err != nil {
			return err
		}
		return a.record(ctx, tx, actor, "threshold.stopped", Action{ID: actionID, PostID: postID, State: Stopped})
	})
}

func (a *Actions) record(ctx context.Context, tx *db.Tx, actor workspace.Actor, what string, action Action) error {
	if err := workspace.Audit(ctx, tx, actor, what, action.ID, nil, action); err != nil {
		return err
	}
	return a.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, action.ID, map[string]string{"post": action.PostID})
}
