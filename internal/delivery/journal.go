package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// Replies is told what became of an answer from the inbox, in the transaction that knows it.
type Replies interface {
	Delivered(ctx context.Context, tx *db.Tx, workspaceID, messageID, state string, remote network.Remote) error
}

// Followed is told of every published target, in the transaction that knows it; package metric measures it.
type Followed interface {
	Follow(ctx context.Context, tx db.Queryer, workspaceID, targetID, channelID string, remote network.Remote, published time.Time) error
}

// OpenMedia opens a file as it is to be sent.
type OpenMedia func(ctx context.Context, workspaceID string, m network.Media) (io.ReadCloser, error)

// Journal carries deliveries out.
type Journal struct {
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
	posts    *post.Posts
	open     OpenMedia
	replies  Replies
	followed Followed

	owner   string // this process, as leases name it
	clock   func() time.Time
	wake    chan struct{}
	workers int
}

// New returns the journal of this database. open gives the bytes of media when a step sends them.
func New(database *db.DB, events *event.Events, channels *channel.Channels, posts *post.Posts, open OpenMedia) *Journal {
	j := &Journal{db: database, events: events, channels: channels, posts: posts, open: open, owner: id.New("run"), clock: db.Now,
		wake: make(chan struct{}, 1), workers: 64}
	posts.OnDueChange(j.Wake)
	return j
}

// Tell registers who hears of answers and of published targets. Call it before Run.
func (j *Journal) Tell(replies Replies, followed Followed) { j.replies, j.followed = replies, followed }

// At returns the same journal with another clock, for tests of time.
func (j *Journal) At(clock func() time.Time) *Journal {
	other := *j
	other.clock = clock
	return &other
}

// Wake makes the runner look now.
func (j *Journal) Wake() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// order is a delivery about to be stored.
type order struct {
	kind                                                        Kind
	workspaceID, channelID, targetID, messageID, previousID, by string
	responsible                                                 string
	draft                                                       any
	due                                                         time.Time
	plan                                                        func(key string) ([]network.Step, []network.Problem)
}

// store writes a delivery and its steps, or the reason why it has none.
func (j *Journal) store(ctx context.Context, tx *db.Tx, o order) (Delivery, error) {
	raw, err := json.Marshal(o.draft)
	if err != nil {
		return Delivery{}, fmt.Errorf("store a delivery: %w", err)
	}
	sum := sha256.Sum256(raw)
	now := j.clock()
	d := Delivery{WorkspaceID: o.workspaceID, ID: id.New("dlv"), Kind: o.kind, ChannelID: o.channelID, TargetID: o.targetID, MessageID: o.messageID, PreviousID: o.previousID,
		State: Waiting, Draft: raw, Fingerprint: hex.EncodeToString(sum[:]), DueAt: o.due, NextAt: now, ResponsibleID: o.responsible, CreatedBy: o.by, CreatedAt: now}
	steps, problems := o.plan(d.ID)
	for _, p := range problems {
		if p.Level == network.Error {
			d.State, d.NextAt, d.SettledAt, d.Reason, d.Hint, d.ReasonCode, d.Field = Failed, time.Time{}, now, p.Message, p.Fix, p.Code, p.Field
			break
		}
	}
	if d.State == Waiting && len(steps) == 0 {
		d.State, d.NextAt, d.SettledAt, d.Reason = Failed, time.Time{}, now, "the network planned nothing to send"
	}
	if _, err := db.Exec(ctx, tx, `insert into deliveries (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
			$23, $24, $25, $26, $27, $28, $29, $30, $31)`, d.WorkspaceID, d.ID, d.Kind, d.ChannelID, d.TargetID, d.MessageID, d.PreviousID, d.State, d.Reason, d.Hint, d.ReasonCode,
		d.Field, d.Draft, d.Fingerprint, d.DueAt, d.NextAt, "", time.Time{}, 0, 0, false, 0, d.ResponsibleID, d.CreatedBy, d.CreatedAt, d.AcceptedAt, d.SettledAt, nil, "", "",
		d.CheckedAt); err != nil {
		return d, fmt.Errorf("store a delivery: %w", err)
	}
	for i, s := range steps {
		if _, err := db.Exec(ctx, tx, `insert into delivery_steps (workspace_id, delivery_id, position, name, part, kind, public, key, step, state)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting')`, d.WorkspaceID, d.ID, i, s.Name, s.Part, s.Kind, s.Public, s.Key, db.JSON(s)); err != nil {
			return d, fmt.Errorf("store a step: %w", err)
		}
	}
	tx.After(j.Wake)
	return d, nil
}

// take turns a due target into a delivery: the target is publishing from here on. Somebody who was quicker leaves
// nothing to do.
func (j *Journal) take(ctx context.Context, tx *db.Tx, due post.DueTarget) error {
	if late := j.clock().Sub(due.DueAt); late > due.LateWindow {
		return j.hold(ctx, tx, due, fmt.Sprintf("its time passed %s ago, more than the late window of %s; nothing late is sent without your choice", round(late), round(due.LateWindow)))
	}
	held, err := j.held(ctx, tx, due.WorkspaceID, due.ChannelID)
	if err != nil {
		return err
	}
	if held != "" {
		return j.hold(ctx, tx, due, held)
	}
	s, err := j.posts.Begin(ctx, tx, due.WorkspaceID, due.TargetID)
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	if f := fault.As(err); err != nil && f.Kind != fault.Internal {
		return j.hold(ctx, tx, due, f.Message) // a lost asset, a bad link: told, not dropped
	}
	if err != nil {
		return err
	}
	ch, err := j.channels.In(ctx, tx, due.WorkspaceID, due.ChannelID)
	if err != nil {
		return err
	}
	publisher, ok := j.channels.Networks().Get(ch.Network).(network.Publisher)
	d, err := j.store(ctx, tx, order{kind: PostKind, workspaceID: due.WorkspaceID, channelID: due.ChannelID, targetID: due.TargetID, by: "system",
		responsible: s.Target.ResponsibleID, draft: s.Draft, due: due.DueAt, plan: func(key string) ([]network.Step, []network.Problem) {
			if !ok {
				return nil, []network.Problem{{Level: network.Error, Code: "no_publishing", Message: "this network offers programs no way to publish"}}
			}
			s.Draft.Key = key
			return publisher.Plan(s.Draft, ch.Account)
		}})
	if err != nil {
		return err
	}
	o := post.Outcome{State: post.Publishing, DeliveryID: d.ID}
	if d.State == Failed {
		o.State, o.Reason = post.Failed, d.Reason
	}
	return j.posts.Settle(ctx, tx, due.WorkspaceID, due.TargetID, o)
}

// hold stops a target that was about to go out, unless somebody changed it meanwhile.
func (j *Journal) hold(ctx context.Context, tx *db.Tx, due post.DueTarget, reason string) error {
	n, err := db.Exec(ctx, tx, `update targets set state = 'held' where workspace_id = $1 and id = $2 and state in ('scheduled', 'publishing')`, due.WorkspaceID, due.TargetID)
	if err != nil || n == 0 {
		return err
	}
	return j.posts.Hold(ctx, tx, due.WorkspaceID, due.TargetID, reason)
}

// held says why nothing may go out on a channel now: emergency stop, pause, disconnection. "" = it may.
func (j *Journal) held(ctx context.Context, q db.Queryer, workspaceID, channelID string) (string, error) {
	stop, err := db.One[struct {
		Until  time.Time `db:"paused_until"`
		Reason string    `db:"paused_reason"`
	}](ctx, q, `select paused_until, paused_reason from workspaces where id = $1`, workspaceID)
	if err != nil {
		return "", err
	}
	now := j.clock()
	if stop.Until.After(now) {
		return because("publishing is stopped in this workspace", stop.Reason), nil
	}
	guard, err := db.All[string](ctx, q, `select value from instance_settings where key = 'restore_guard'`)
	if err != nil {
		return "", err
	}
	if len(guard) > 0 && guard[0] != "" {
		return because("this installation was restored from a backup and is not released yet", guard[0]), nil
	}
	ch, err := j.channels.In(ctx, q, workspaceID, channelID)
	if err != nil {
		return "", err
	}
	switch {
	case ch.Paused(now):
		return because(ch.Name+" is paused", ch.PausedReason), nil
	case !ch.Disconnected.IsZero():
		return ch.Name + " is disconnected; reconnect it, then choose what to do with its posts", nil
	case !ch.State.Works():
		return because(ch.Name+" needs to be reconnected", ch.StateReason), nil
	}
	return "", nil
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

func round(d time.Duration) time.Duration {
	if d > time.Hour {
		return d.Round(time.Minute)
	}
	return d.Round(time.Second)
}
