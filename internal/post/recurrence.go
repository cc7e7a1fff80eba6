package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
	UntilAt     time.Time         `db:"until_at"`        // UTC; nothing is laid out from here on; zero = the rule's own end
	GeneratedTo time.Time         `db:"generated_to"`
	CreatedBy   string            `db:"created_by"`
	StoppedAt   time.Time         `db:"stopped_at"`
}

// Describe says the recurrence in plain English.
func (r Recurrence) Describe() string {
	rule, err := recur.Parse(r.Rule, r.Wall, r.Zone)
	if err != nil {
		return r.Rule
	}
	return rule.Describe()
}

// ahead is how far recurrences are laid out in the calendar.
const ahead = 90 * 24 * time.Hour

const recurrenceColumns = `workspace_id, id, post_id, rule, wall, zone, channels, exceptions, until_at, generated_to, created_by, stopped_at`

// Instance is what a post's RecurrenceID says: the recurrence that made it and the wall-clock time planned for it.
func Instance(recurrenceID string) (recurrence, planned string) {
	recurrence, planned, _ = strings.Cut(recurrenceID, "@")
	return recurrence, planned
}

// Recurrence returns one recurrence of the workspace.
func (p *Posts) Recurrence(ctx context.Context, actor workspace.Actor, recurrenceID string) (Recurrence, error) {
	args := []any{actor.WorkspaceID, recurrenceID}
	r, err := db.One[Recurrence](ctx, p.db, `select `+recurrenceColumns+` from recurrences where workspace_id = $1 and id = $2`+patterns(actor, &args), args...)
	if fault.Is(err, fault.NotFound) {
		return r, fault.NotFoundf("there is no such recurrence in this workspace")
	}
	return r, err
}

// Recurrences lists the running recurrences, the newest first.
func (p *Posts) Recurrences(ctx context.Context, actor workspace.Actor) ([]Recurrence, error) {
	args := []any{actor.WorkspaceID}
	return db.All[Recurrence](ctx, p.db, `select `+recurrenceColumns+` from recurrences where workspace_id = $1 and stopped_at is null`+patterns(actor, &args)+`
		order by id desc limit 500`, args...)
}

// patterns narrows a query of recurrences to those whose pattern the actor may read.
func patterns(actor workspace.Actor, args *[]any) string {
	return ` and exists (select 1 from posts p where p.workspace_id = recurrences.workspace_id and p.id = recurrences.post_id and ` +
		actor.Readable(postRows, args, workspace.PostRead) + `)`
}

// Repeat makes a post the pattern of a recurrence and lays out its instances for the next 90 days. The pattern itself
// stays a draft; editing it changes the instances laid out from then on.
func (p *Posts) Repeat(ctx context.Context, actor workspace.Actor, postID, rule, wall, zone string) (Recurrence, error) {
	parsed, err := recur.Parse(rule, wall, zone)
	if err != nil {
		return Recurrence{}, err
	}
	e, pattern, err := p.Editing(ctx, actor, postID)
	if err != nil {
		return Recurrence{}, err
	}
	if len(e.Channels) == 0 {
		return Recurrence{}, fault.Invalidf("channels", "choose at least one channel for the recurrence")
	}
	if err := mayAll(actor, pattern.BrandID, e.Channels); err != nil {
		return Recurrence{}, err
	}
	if pattern.State != Draft && pattern.State != Approved {
		return Recurrence{}, fault.Conflictf("this post is %s; a recurrence repeats a draft", words(pattern.State)).WithHint("Copy the post and repeat the copy.")
	}
	if shown, err := p.Check(ctx, actor, postID); err != nil {
		return Recurrence{}, err
	} else if at := slices.IndexFunc(shown, Preview.Blocked); at >= 0 {
		return Recurrence{}, blocking(shown[at])
	}
	r := Recurrence{WorkspaceID: actor.WorkspaceID, ID: id.New("recur"), PostID: postID, Rule: parsed.String(), Wall: wall, Zone: zone,
		Channels: e.Channels, Exceptions: map[string]string{}, CreatedBy: actor.UserID}
	err = p.db.Tx(ctx, func(tx *db.Tx) error { return p.addRecurrence(ctx, tx, actor, r) })
	if err != nil {
		return r, err
	}
	return r, p.layOut(ctx, r)
}

func (p *Posts) addRecurrence(ctx context.Context, tx *db.Tx, actor workspace.Actor, r Recurrence) error {
	if _, err := db.Exec(ctx, tx, `insert into recurrences (`+recurrenceColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		r.WorkspaceID, r.ID, r.PostID, r.Rule, r.Wall, r.Zone, db.JSON(r.Channels), db.JSON(r.Exceptions), r.UntilAt, r.GeneratedTo, r.CreatedBy, r.StoppedAt); err != nil {
		return err
	}
	return p.record(ctx, tx, actor, "recurrence.created", r.ID, nil, r)
}

func mayAll(actor workspace.Actor, brandID string, channels []string) error {
	for _, channelID := range channels {
		if err := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: brandID, ChannelID: channelID}); err != nil {
			return err
		}
	}
	return nil
}

// LayOut lays out every running recurrence up to the horizon and follows changed zone rules; a job calls it several
// times a day. It is safe to run twice, also at once: an instance is known by its recurrence and planned wall time.
func (p *Posts) LayOut(ctx context.Context) error {
	if _, err := p.FollowZones(ctx); err != nil {
		return err
	}
	running, err := db.All[Recurrence](ctx, p.db, `select `+recurrenceColumns+` from recurrences where stopped_at is null order by workspace_id, id`)
	if err != nil {
		return err
	}
	for _, r := range running {
		if err := p.layOut(ctx, r); err != nil {
			return fmt.Errorf("lay out %s: %w", r.ID, err)
		}
	}
	return nil
}

func (p *Posts) layOut(ctx context.Context, r Recurrence) error {
	rule, err := recur.Parse(r.Rule, r.Wall, r.Zone)
	if err != nil {
		return err
	}
	from := p.clock()
	to := from.Add(ahead)
	if r.GeneratedTo.After(from) {
		from = r.GeneratedTo
	}
	end := to
	if !r.UntilAt.IsZero() && r.UntilAt.Before(end) {
		end = r.UntilAt
	}
	actor := workspace.System(r.WorkspaceID)
	actor.UserID, actor.Via = r.CreatedBy, "rule:"+r.ID
	e, pattern, err := p.Editing(ctx, actor, r.PostID)
	if err != nil {
		return err
	}
	if !pattern.TrashedAt.IsZero() || !pattern.ArchivedAt.IsZero() {
		return nil // nothing is made from a pattern that was put away; it goes on when it is taken back
	}
	e.Channels, e.Note = r.Channels, "made by recurrence "+r.ID
	for _, o := range rule.Occurrences(from, end) {
		if err := p.instance(ctx, actor, r, e, o.Local.String()); err != nil {
			return err
		}
	}
	_, err = db.Exec(ctx, p.db, `update recurrences set generated_to = $3 where workspace_id = $1 and id = $2 and (generated_to is null or generated_to < $3)`,
		r.WorkspaceID, r.ID, to)
	return err
}

// instance makes the post of one planned time, unless it is there already or left out. Whoever lays out the same
// recurrence at once waits for the lock and then finds it made.
func (p *Posts) instance(ctx context.Context, actor workspace.Actor, r Recurrence, e Edit, planned string) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		now, err := db.One[Recurrence](ctx, tx, `select `+recurrenceColumns+` from recurrences where workspace_id = $1 and id = $2 for update`, r.WorkspaceID, r.ID)
		if err != nil || !now.StoppedAt.IsZero() {
			return err
		}
		wall := planned
		switch to := now.Exceptions[planned]; to {
		case "":
			// A time the clocks skip runs at the first minute after the gap (R27).
			at, err := when.First(planned, r.Zone)
			if err != nil {
				return err
			}
			wall = when.Wall(at, r.Zone)
		case "skip":
			return nil
		default:
			wall = to
		}
		mark := r.ID + "@" + planned
		n, err := db.One[int](ctx, tx, `select count(*) from posts where workspace_id = $1 and recurrence_id = $2`, r.WorkspaceID, mark)
		if err != nil || n > 0 {
			return err
		}
		post, _, err := p.create(ctx, tx, actor, e, nil)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update posts set recurrence_id = $3 where workspace_id = $1 and id = $2`, r.WorkspaceID, post.ID, mark); err != nil {
			return err
		}
		_, targets, err := p.lock(ctx, tx, r.WorkspaceID, post.ID)
		if err != nil {
			return err
		}
		for _, t := range targets {
			if err := p.planInstance(ctx, tx, actor, post, t, wall, r.Zone); err != nil {
				return err
			}
		}
		return p.derive(ctx, tx, r.WorkspaceID, post.ID)
	})
}

// planInstance plans a target as a person would; where the rules refuse it, it is held at its time with the reason.
func (p *Posts) planInstance(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, t Target, wall, zone string) error {
	err := p.plan(ctx, tx, actor, post, &t, wall, Plan{Zone: zone, Confirm: true})
	if err == nil || fault.KindOf(err) == fault.Internal {
		return err
	}
	at, wallErr := when.First(wall, zone)
	if wallErr != nil {
		return wallErr
	}
	if _, err := db.Exec(ctx, tx, `update targets set due_at = $3, wall = $4, zone = $5 where workspace_id = $1 and id = $2`, t.WorkspaceID, t.ID, at, wall, zone); err != nil {
		return err
	}
	return p.Hold(ctx, tx, t.WorkspaceID, t.ID, "made by a recurrence: "+fault.As(err).Message)
}

// FollowZones moves planned instants whose wall-clock time means another instant since the zone's rules changed (R28):
// the chosen time stays, the responsible person is told. It returns how many moved.
func (p *Posts) FollowZones(ctx context.Context) (int, error) {
	moved, after := 0, [2]string{}
	for {
		batch, err := db.All[Target](ctx, p.db, `select `+targetColumns+` from targets where state = 'scheduled' and due_at > $1 and wall <> ''
			and (workspace_id, id) > ($2, $3) order by workspace_id, id limit 1000`, p.clock(), after[0], after[1])
		if err != nil || len(batch) == 0 {
			return moved, err
		}
		for _, t := range batch {
			after = [2]string{t.WorkspaceID, t.ID}
			l, err := when.Parse(t.Wall, t.Zone)
			if err != nil {
				continue // was not chosen by a clock
			}
			r, err := l.Resolve()
			if err != nil || slices.ContainsFunc(append(r.Instants, r.At), func(at time.Time) bool { return at.Equal(t.DueAt.Truncate(time.Minute)) }) {
				continue
			}
			n, err := p.follow(ctx, t, r.At.UTC())
			if err != nil {
				return moved, err
			}
			moved += n
		}
	}
}

func (p *Posts) follow(ctx context.Context, t Target, at time.Time) (n int, err error) {
	err = p.db.Tx(ctx, func(tx *db.Tx) error {
		changed, err := db.Exec(ctx, tx, `update targets set due_at = $3 where workspace_id = $1 and id = $2 and state = 'scheduled' and due_at = $4`, t.WorkspaceID, t.ID, at, t.DueAt)
		if err != nil || changed == 0 {
			return err
		}
		n = 1
		p.soon(tx, time.Time{})
		return p.record(ctx, tx, workspace.System(t.WorkspaceID), "target.followed_zone", t.ID, map[string]string{"at": t.DueAt.Format(time.RFC3339)},
			map[string]string{"at": at.Format(time.RFC3339), "wall": t.Wall, "zone": t.Zone, "post": t.PostID, "responsible": t.ResponsibleID,
				"reason": "the clock rules of " + t.Zone + " changed; " + readable(t.Wall) + " stays"})
	})
	return n, err
}
