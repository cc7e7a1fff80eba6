package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// order is a delivery about to be stored.
type order struct {
	kind                                                        Kind
	workspaceID, channelID, targetID, messageID, previousID, by string
	responsible                                                 string
	draft                                                       any
	due                                                         time.Time
	window                                                      time.Duration
	expires                                                     time.Time // zero = never
	price                                                       network.Price
	taken                                                       bool // by the runner, which works on it without being woken
	plan                                                        func(key string) ([]network.Step, []network.Problem)
}

// write stores a delivery and its steps, or the reason why it has none.
func (j *Journal) write(ctx context.Context, tx *db.Tx, o order) (Delivery, error) {
	raw, err := json.Marshal(o.draft)
	if err != nil {
		return Delivery{}, fmt.Errorf("store a delivery: %w", err)
	}
	sum := sha256.Sum256(raw)
	now := j.clock()
	d := Delivery{WorkspaceID: o.workspaceID, ID: id.New("dlv"), Kind: o.kind, ChannelID: o.channelID, TargetID: o.targetID, MessageID: o.messageID, PreviousID: o.previousID,
		State: Waiting, Draft: raw, Fingerprint: hex.EncodeToString(sum[:]), DueAt: o.due, NextAt: now, Window: o.window, ResponsibleID: o.responsible, CreatedBy: o.by, CreatedAt: now, ExpiresAt: o.expires}
	steps, problems := o.plan(d.ID)
	if refused := refusal(steps, problems); refused != nil {
		d.State, d.NextAt, d.SettledAt, d.Reason, d.Hint, d.ReasonCode, d.Field = Failed, now.Add(escalation), now, refused.Message, refused.Fix, refused.Code, refused.Field
		steps = nil
	}
	if _, err := db.Exec(ctx, tx, `insert into deliveries (workspace_id, id, kind, channel_id, target_id, message_id, previous_id, state, reason, hint, reason_code, field, draft,
			fingerprint, due_at, next_at, late_window, responsible_id, created_by, created_at, settled_at, price_micros, price_currency, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`, d.WorkspaceID, d.ID, d.Kind, d.ChannelID, d.TargetID, d.MessageID,
		d.PreviousID, d.State, d.Reason, d.Hint, d.ReasonCode, d.Field, d.Draft, d.Fingerprint, d.DueAt, d.NextAt, d.Window, d.ResponsibleID, d.CreatedBy, d.CreatedAt, d.SettledAt, o.price.Micros, o.price.Currency, d.ExpiresAt); err != nil {
		return d, fmt.Errorf("store a delivery: %w", err)
	}
	for i, s := range steps {
		if _, err := db.Exec(ctx, tx, `insert into delivery_steps (workspace_id, delivery_id, position, name, part, kind, public, key, step, state)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting')`, d.WorkspaceID, d.ID, i, s.Name, s.Part, s.Kind, s.Public, s.Key, db.JSON(s)); err != nil {
			return d, fmt.Errorf("store a step: %w", err)
		}
	}
	if !o.taken {
		tx.After(j.Wake)
	}
	return d, nil
}

// refusal is why a plan cannot be carried out; nil when it can.
func refusal(steps []network.Step, problems []network.Problem) *network.Problem {
	for _, p := range problems {
		if p.Level == network.Error {
			return &p
		}
	}
	if len(steps) == 0 {
		return &network.Problem{Code: "nothing_planned", Message: "the network planned nothing to send"}
	}
	return nil
}

// takeDue turns the oldest due targets, at most so many, into deliveries in one commit, and returns how many were due and the
// channels they belong to.
func (j *Journal) takeDue(ctx context.Context, most int) (int, [][2]string, error) {
	due, err := j.posts.Due(ctx, j.clock(), most)
	if err != nil || len(due) == 0 {
		return 0, nil, err
	}
	j.crash(BeforeTake)
	failed := make([]error, len(due))
	err = j.store.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		for i, d := range due {
			undone, err := tx.Nested(ctx, func(tx *db.Tx) error { return j.take(ctx, tx, d) })
			if err != nil {
				return err
			}
			failed[i] = undone
		}
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("take due targets: %w", err)
	}
	j.crash(AfterTake)
	var channels [][2]string
	for i, d := range due {
		channels = append(channels, [2]string{d.WorkspaceID, d.ChannelID})
		if failed[i] == nil {
			continue
		}
		slog.Error("take a due target", "target", d.TargetID, "error", failed[i])
		if err := j.store.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
			return j.hold(ctx, tx, d, "it could not be prepared because of a failure on our side; see the log, then send it again")
		}); err != nil {
			return 0, nil, err
		}
	}
	return len(due), channels, nil
}

// take turns a due target into a delivery: the target is publishing from here on. Somebody who was quicker leaves
// nothing to do.
func (j *Journal) take(ctx context.Context, tx *db.Tx, due post.DueTarget) error {
	if late := j.clock().Sub(due.DueAt); late > due.LateWindow {
		return j.hold(ctx, tx, due, tooLate(late, due.LateWindow, ""))
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
	n := j.channels.Network(ch)
	var price network.Price
	if n != nil {
		price = network.PriceOf(n, s.Draft, ch.Account)
		over, err := j.overCap(ctx, tx, ch, price)
		if err != nil {
			return err
		}
		if over != "" {
			return j.hold(ctx, tx, due, over)
		}
	}
	d, err := j.write(ctx, tx, order{kind: PostKind, taken: true, price: price, workspaceID: due.WorkspaceID, channelID: due.ChannelID, targetID: due.TargetID, by: "system",
		responsible: s.Target.ResponsibleID, draft: s.Draft, due: due.DueAt, window: due.LateWindow, plan: func(key string) ([]network.Step, []network.Problem) {
			if n == nil {
				return nil, []network.Problem{{Level: network.Error, Code: "network_unknown", Message: "this program does not know the network " + ch.Network, Fix: "Publish it there by hand."}}
			}
			s.Draft.Key = key
			return network.PlanOf(n, s.Draft, ch.Account)
		}})
	if err != nil {
		return err
	}
	if d.State == Failed {
		if err := j.events.Record(ctx, tx, d.WorkspaceID, "system", "delivery."+string(d.State), d.ID, factsOf(d)); err != nil {
			return err
		}
		return j.posts.Settle(ctx, tx, due.WorkspaceID, due.TargetID, post.Outcome{State: post.Failed, DeliveryID: d.ID, Reason: d.Reason})
	}
	return j.posts.Settle(ctx, tx, due.WorkspaceID, due.TargetID, post.Outcome{State: post.Publishing, DeliveryID: d.ID})
}

// hold stops a target that was about to go out, unless somebody changed it meanwhile.
func (j *Journal) hold(ctx context.Context, tx *db.Tx, due post.DueTarget, reason string) error {
	if err := j.lock(ctx, tx, due.WorkspaceID, due.TargetID); err != nil {
		return err
	}
	n, err := db.Exec(ctx, tx, `update targets set state = 'held' where workspace_id = $1 and id = $2 and state in ('scheduled', 'publishing')`, due.WorkspaceID, due.TargetID)
	if err != nil || n == 0 {
		return err
	}
	return j.posts.Hold(ctx, tx, due.WorkspaceID, due.TargetID, reason)
}

// lock takes the post of a target before the target, as every change of either does.
func (j *Journal) lock(ctx context.Context, tx *db.Tx, workspaceID, targetID string) error {
	_, err := db.All[string](ctx, tx, `select id from posts where workspace_id = $1 and id = (select post_id from targets where workspace_id = $1 and id = $2) for update`, workspaceID, targetID)
	return err
}

// reconnect is how every hold reads whose cause is the connection; Reconnected finds them by it.
const reconnect = "needs to be reconnected"

// held says why nothing may go out on a channel now: emergency stop, restored copy, pause, connection. "" = it may.
func (j *Journal) held(ctx context.Context, q db.Queryer, workspaceID, channelID string) (string, error) {
	s, err := db.One[struct {
		Name         string    `db:"name"`
		Stopped      time.Time `db:"stopped_until"`
		StopReason   string    `db:"stop_reason"`
		Paused       time.Time `db:"paused_until"`
		PauseReason  string    `db:"paused_reason"`
		Disconnected time.Time `db:"disconnected_at"`
		State        string    `db:"state"`
		StateReason  string    `db:"state_reason"`
		Guard        string    `db:"guard"`
	}](ctx, q, `select c.name, w.paused_until as stopped_until, w.paused_reason as stop_reason, c.paused_until, c.paused_reason, c.disconnected_at, n.state, n.state_reason,
			coalesce((select value from instance_settings where key = 'restore_guard'), '') as guard
		from channels c join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id join workspaces w on w.id = c.workspace_id
		where c.workspace_id = $1 and c.id = $2`, workspaceID, channelID)
	if fault.Is(err, fault.NotFound) {
		return "the channel no longer exists", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask whether publishing is stopped: %w", err)
	}
	now := j.clock()
	switch {
	case s.Stopped.After(now):
		return because("publishing is stopped in this workspace", s.StopReason), nil
	case s.Guard != "":
		return because("this installation was restored from a backup and is not released yet", s.Guard), nil
	case s.Paused.After(now):
		return because(s.Name+" is paused", s.PauseReason), nil
	case !s.Disconnected.IsZero():
		return because(s.Name+" "+reconnect, "it was disconnected"), nil
	case s.State != "connected" && s.State != "expiring" && s.State != "limited":
		return because(s.Name+" "+reconnect, s.StateReason), nil
	}
	return "", nil
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// tooLate is the reason of what the late policy holds (C29).
func tooLate(late, window time.Duration, cause string) string {
	return because(fmt.Sprintf("its time passed %s ago, more than the late window of %s; nothing late is sent without your choice", rounded(late), rounded(window)), cause)
}

func rounded(d time.Duration) time.Duration {
	if d > time.Hour {
		return d.Round(time.Minute)
	}
	return d.Round(time.Second)
}
