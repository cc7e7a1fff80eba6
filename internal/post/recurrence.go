package post

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/when/recur"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Recurrence makes copies of a pattern post at wall-clock times (C26).
type Recurrence struct {
	WorkspaceID string            `db:"workspace_id"`
	ID          string            `db:"id"`
	PostID      string            `db:"post_id"` // the pattern
	Rule        string            `db:"rule"`    // RFC 5545
	Wall        string            `db:"wall"`    // first wall-clock time
	Zone        string            `db:"zone"`
	Channels    []string          `db:"channels,json"`
	Exceptions  map[string]string `db:"exceptions,json"` // planned wall time → "skip" or another wall time
	UntilAt     time.Time         `db:"until_at"`
	GeneratedTo time.Time         `db:"generated_to"`
	CreatedBy   string            `db:"created_by"`
	StoppedAt   time.Time         `db:"stopped_at"`
}

// ahead is how far recurrences are laid out in the calendar.
const ahead = 90 * 24 * time.Hour

const recurrenceColumns = `workspace_id, id, post_id, rule, wall, zone, channels, exceptions, until_at, generated_to, created_by, stopped_at`

// Repeat makes a post the pattern of a recurrence and lays out its instances for the next 90 days.
func (p *Posts) Repeat(ctx context.Context, actor workspace.Actor, postID, rule, wall, zone string) (Recurrence, error) {
	if _, err := recur.Parse(rule, wall, zone); err != nil {
		return Recurrence{}, err
	}
	e, pattern, err := p.Editing(ctx, actor, postID)
	if err != nil {
		return Recurrence{}, err
	}
	if err := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: pattern.BrandID}); err != nil {
		return Recurrence{}, err
	}
	if len(e.Channels) == 0 {
		return Recurrence{}, fault.Invalidf("channels", "choose at least one channel for the recurrence")
	}
	r := Recurrence{WorkspaceID: actor.WorkspaceID, ID: id.New("recur"), PostID: postID, Rule: rule, Wall: wall, Zone: zone,
		Channels: e.Channels, Exceptions: map[string]string{}, CreatedBy: actor.UserID}
	err = p.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into recurrences (`+recurrenceColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			r.WorkspaceID, r.ID, r.PostID, r.Rule, r.Wall, r.Zone, db.JSON(r.Channels), db.JSON(r.Exceptions), r.UntilAt, r.GeneratedTo, r.CreatedBy, r.StoppedAt); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "recurrence.created", r.ID, nil, r)
	})
	if err != nil {
		return r, err
	}
	return r, p.layOut(ctx, r, db.Now())
}

// LayOut lays out every running recurrence up to the horizon; a job calls it once a day. It is safe to run twice:
// an instance is known by its recurrence and planned wall time.
func (p *Posts) LayOut(ctx context.Context) error {
	running, err := db.All[Recurrence](ctx, p.db, `select `+recurrenceColumns+` from recurrences where stopped_at is null order by workspace_id, id`)
	if err != nil {
		return err
	}
	for _, r := range running {
		if err := p.layOut(ctx, r, db.Now()); err != nil {
			return fmt.Errorf("lay out %s: %w", r.ID, err)
		}
	}
	return nil
}

func (p *Posts) layOut(ctx context.Context, r Recurrence, now time.Time) error {
	rule, err := recur.Parse(r.Rule, r.Wall, r.Zone)
	if err != nil {
		return err
	}
	from := now
	if r.GeneratedTo.After(from) {
		from = r.GeneratedTo
	}
	to := now.Add(ahead)
	actor := workspace.System(r.WorkspaceID)
	actor.UserID, actor.Via = r.CreatedBy, "rule:"+r.ID
	e, _, err := p.Editing(ctx, actor, r.PostID)
	if err != nil {
		return err
	}
	e.Channels, e.Note = r.Channels, "made by recurrence "+r.ID
	for _, at := range rule.Between(from, to) {
		planned := when.Wall(at, r.Zone)
		wall := planned
		switch to := r.Exceptions[planned]; to {
		case "":
		case "skip":
			continue
		default:
			wall = to
		}
		if err := p.instance(ctx, actor, r, e, planned, wall); err != nil {
			return err
		}
	}
	_, err = db.Exec(ctx, p.db, `update recurrences set generated_to = $3 where workspace_id = $1 and id = $2`, r.WorkspaceID, r.ID, to)
	return err
}

// instance makes the post of one planned time, unless it is there already.
func (p *Posts) instance(ctx context.Context, actor workspace.Actor, r Recurrence, e Edit, planned, wall string) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		mark := r.ID + "@" + planned
		n, err := db.One[int](ctx, tx, `select count(*) from posts where workspace_id = $1 and recurrence_id = $2`, r.WorkspaceID, mark)
		if err != nil || n > 0 {
			return err
		}
		post, err := p.create(ctx, tx, actor, e)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update posts set recurrence_id = $3 where workspace_id = $1 and id = $2`, r.WorkspaceID, post.ID, mark); err != nil {
			return err
		}
		targets, err := p.targets(ctx, tx, r.WorkspaceID, post.ID)
		if err != nil {
			return err
		}
		for _, t := range targets {
			if err := p.plan(ctx, tx, actor, post, &t, wall, Plan{Zone: r.Zone, Confirm: true}); err != nil {
				if holdErr := p.Hold(ctx, tx, r.WorkspaceID, t.ID, "recurrence: "+err.Error()); holdErr != nil {
					return holdErr
				}
			}
		}
		return p.derive(ctx, tx, r.WorkspaceID, post.ID)
	})
}

// SkipInstance takes one planned time out of a recurrence; its unsent post is cancelled.
func (p *Posts) SkipInstance(ctx context.Context, actor workspace.Actor, recurrenceID, planned string) error {
	return p.except(ctx, actor, recurrenceID, planned, "skip")
}

// StopRepeating ends a recurrence; instances not sent yet are cancelled when withFuture is set.
func (p *Posts) StopRepeating(ctx context.Context, actor workspace.Actor, recurrenceID string, withFuture bool) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		if err := actor.May(workspace.PostSchedule, workspace.Scope{}); err != nil {
			return err
		}
		n, err := db.Exec(ctx, tx, `update recurrences set stopped_at = $3 where workspace_id = $1 and id = $2 and stopped_at is null`,
			actor.WorkspaceID, recurrenceID, db.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("there is no such running recurrence")
		}
		if withFuture {
			if err := p.cancelInstances(ctx, tx, actor.WorkspaceID, recurrenceID+"@%"); err != nil {
				return err
			}
		}
		return workspace.Audit(ctx, tx, actor, "recurrence.stopped", recurrenceID, nil, map[string]bool{"with_future": withFuture})
	})
}

func (p *Posts) except(ctx context.Context, actor workspace.Actor, recurrenceID, planned, what string) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		if err := actor.May(workspace.PostSchedule, workspace.Scope{}); err != nil {
			return err
		}
		r, err := db.One[Recurrence](ctx, tx, `select `+recurrenceColumns+` from recurrences where workspace_id = $1 and id = $2`, actor.WorkspaceID, recurrenceID)
		if err != nil {
			return err
		}
		if r.Exceptions == nil {
			r.Exceptions = map[string]string{}
		}
		r.Exceptions[planned] = what
		if _, err := db.Exec(ctx, tx, `update recurrences set exceptions = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, recurrenceID, db.JSON(r.Exceptions)); err != nil {
			return err
		}
		if err := p.cancelInstances(ctx, tx, actor.WorkspaceID, recurrenceID+"@"+planned); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "recurrence.excepted", recurrenceID, nil, map[string]string{planned: what})
	})
}

func (p *Posts) cancelInstances(ctx context.Context, tx *db.Tx, workspaceID, mark string) error {
	posts, err := db.All[string](ctx, tx, `select id from posts where workspace_id = $1 and recurrence_id like $2`, workspaceID, mark)
	if err != nil {
		return err
	}
	for _, postID := range posts {
		if _, err := db.Exec(ctx, tx, `update targets set state = 'cancelled' where workspace_id = $1 and post_id = $2 and state in ('draft', 'scheduled', 'held')`,
			workspaceID, postID); err != nil {
			return err
		}
		if err := p.derive(ctx, tx, workspaceID, postID); err != nil {
			return err
		}
	}
	tx.After(p.wake)
	return nil
}
