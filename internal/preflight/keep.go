package preflight

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
)

// putOff lets a target whose look failed on our side wait, so that it does not hold up the others.
func (c *Checks) putOff(ctx context.Context, tx *db.Tx, l look) error {
	_, err := db.Exec(ctx, tx, `update preflights set next_at = $4 where workspace_id = $1 and target_id = $2 and next_at = $3`, l.WorkspaceID, l.TargetID, l.NextAt, c.clock().Add(2*time.Minute))
	return err
}

// keep stores what a look found, tells of what is new at its stage, and takes back what passes again. Whoever was slower
// than another process leaves everything as it is.
func (c *Checks) keep(ctx context.Context, tx *db.Tx, l look, found []Finding) error {
	now := c.clock()
	if !l.ahead(now) {
		return c.drop(ctx, tx, l)
	}
	stage := stageAt(now, l.DueAt, l.TargetID)
	n, err := db.Exec(ctx, tx, `update preflights set stage = $5, looked_at = $6, next_at = $7 where workspace_id = $1 and target_id = $2 and due_at = $3 and next_at = $4`,
		l.WorkspaceID, l.TargetID, l.DueAt, l.NextAt, stage, now, next(now, l.DueAt, l.TargetID, len(found) > 0))
	if err != nil || n == 0 {
		return err
	}
	return c.store(ctx, tx, l, stage, found)
}

// store brings a target's findings up to date.
func (c *Checks) store(ctx context.Context, tx *db.Tx, l look, stage Stage, found []Finding) error {
	before, err := c.stored(ctx, tx, l)
	if err != nil {
		return err
	}
	was := map[string]Finding{}
	for _, f := range before {
		was[f.key()] = f
	}
	if len(found) == 0 && len(before) == 0 {
		return nil
	}
	target, err := c.about(ctx, tx, l)
	if err != nil {
		return err
	}
	var telling []Finding
	for _, f := range found {
		old, known := was[f.key()]
		delete(was, f.key())
		f.Since, f.Told = c.clock(), 0
		if known {
			f.Since, f.Told = old.Since, old.Told
		}
		if f.Told < stage {
			told, err := c.told(ctx, tx, l, f, target.Responsible)
			if err != nil {
				return err
			}
			if f.Told = stage; told < stage {
				telling = append(telling, f)
			}
		}
		if _, err := db.Exec(ctx, tx, `insert into preflight_findings (workspace_id, target_id, check_name, ref, subject, level, message, fix, href, responsible_id, since, told)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			on conflict (workspace_id, target_id, check_name, ref) do update set subject = excluded.subject, level = excluded.level, message = excluded.message, fix = excluded.fix, href = excluded.href,
				responsible_id = excluded.responsible_id, told = excluded.told`,
			l.WorkspaceID, l.TargetID, f.Check, f.Ref, f.Subject, f.Level, f.Message, f.Fix, f.Href, target.Responsible, f.Since, f.Told); err != nil {
			return fmt.Errorf("keep a finding of pre-flight: %w", err)
		}
	}
	for _, f := range telling {
		if err := c.tell(ctx, tx, l, target, stage, f); err != nil {
			return err
		}
	}
	for _, f := range was {
		if err := c.clear(ctx, tx, l, f); err != nil {
			return err
		}
	}
	return nil
}

func (f Finding) key() string { return string(f.Check) + " " + f.Ref }

func (c *Checks) stored(ctx context.Context, q db.Queryer, l look) ([]Finding, error) {
	return db.All[Finding](ctx, q, `select target_id, check_name, ref, level, message, fix, href, since, subject, told from preflight_findings where workspace_id = $1 and target_id = $2`, l.WorkspaceID, l.TargetID)
}

// drop forgets a target that is not planned for this time any more: what it was told for is over.
func (c *Checks) drop(ctx context.Context, tx *db.Tx, l look) error {
	n, err := db.Exec(ctx, tx, `delete from preflights where workspace_id = $1 and target_id = $2 and due_at = $3`, l.WorkspaceID, l.TargetID, l.DueAt)
	if err != nil || n == 0 {
		return err // it was taken in anew, for another time
	}
	before, err := c.stored(ctx, tx, l)
	if err != nil {
		return err
	}
	for _, f := range before {
		if err := c.clear(ctx, tx, l, f); err != nil {
			return err
		}
	}
	return nil
}

// clear forgets a finding, and takes its notice back when nothing else has the same cause.
func (c *Checks) clear(ctx context.Context, tx *db.Tx, l look, f Finding) error {
	if _, err := db.Exec(ctx, tx, `delete from preflight_findings where workspace_id = $1 and target_id = $2 and check_name = $3 and ref = $4`, l.WorkspaceID, l.TargetID, f.Check, f.Ref); err != nil {
		return err
	}
	left, err := db.All[int](ctx, tx, `select 1 from preflight_findings where workspace_id = $1 and subject = $2 and check_name = $3 limit 1`, l.WorkspaceID, f.Subject, f.Check)
	if err != nil || len(left) > 0 {
		return err
	}
	return c.events.Record(ctx, tx, l.WorkspaceID, "system", "preflight.cleared", f.notice(), map[string]string{"target": l.TargetID, "channel": l.ChannelID, "check": string(f.Check)})
}

// notice is what the notices of a finding are filed under: its cause.
func (f Finding) notice() string { return f.Subject + "/" + string(f.Check) }

// told is the stage at which the responsible person was told last of the same cause, for this target or another.
func (c *Checks) told(ctx context.Context, tx *db.Tx, l look, f Finding, responsible string) (Stage, error) {
	return db.One[Stage](ctx, tx, `select coalesce(max(told), 0) from preflight_findings where workspace_id = $1 and subject = $2 and check_name = $3 and responsible_id = $4`,
		l.WorkspaceID, f.Subject, f.Check, responsible)
}

// about is what an alert says of the target.
type about struct {
	Text        string `db:"text_plain"`
	Title       string `db:"title"`
	Zone        string `db:"zone"`
	Responsible string `db:"responsible_id"`
	Channel     string `db:"channel_name"`
}

func (c *Checks) about(ctx context.Context, q db.Queryer, l look) (about, error) {
	return db.One[about](ctx, q, `select t.text_plain, p.title, t.zone, t.responsible_id, c.name as channel_name
		from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
		where t.workspace_id = $1 and t.id = $2`, l.WorkspaceID, l.TargetID)
}

// tell records that somebody has to be told. Five minutes before, the leads are told as well.
func (c *Checks) tell(ctx context.Context, tx *db.Tx, l look, a about, stage Stage, f Finding) error {
	kind := "preflight.failed"
	if stage == Minutes && f.Level == network.Error {
		kind = "preflight.escalated"
	}
	name := cmp.Or(a.Title, a.Text)
	if r := []rune(name); len(r) > 60 {
		name = string(r[:60]) + "…"
	}
	what := fmt.Sprintf("%s, %s: “%s”", a.Channel, clock(l.DueAt, a.Zone), name)
	if f.Subject == l.ChannelID {
		planned, err := db.One[int](ctx, tx, `select count(*) from targets where workspace_id = $1 and channel_id = $2 and state = 'scheduled' and due_at <= $3`, l.WorkspaceID, l.ChannelID, c.clock().Add(leads[Day]))
		if err != nil {
			return err
		}
		if planned > 1 {
			what = fmt.Sprintf("%s, %d posts within a day, this one at %s: “%s”", a.Channel, planned, clock(l.DueAt, a.Zone), name)
		}
	}
	return c.events.Record(ctx, tx, l.WorkspaceID, "system", kind, f.notice(), map[string]string{"target": l.TargetID, "channel": l.ChannelID, "check": string(f.Check), "level": string(f.Level),
		"name": what, "reason": f.Message, "hint": f.Fix, "href": f.Href, "responsible": a.Responsible})
}
