package notify

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Notice is one thing a person is told.
type Notice struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	UserID      string    `db:"user_id"`
	Kind        string    `db:"kind"` // of the event, "delivery.needs_human"
	Title       string    `db:"title"`
	Body        string    `db:"body"`
	Link        string    `db:"link"`   // path of the screen that helps
	Entity      string    `db:"entity"` // id of the thing it is about
	Source      string    `db:"source"` // id of the event; a person is told of it once. "" = always
	Must        bool      `db:"must"`   // cannot be muted: mailed too
	Created     time.Time `db:"created_at"`
	Read        time.Time `db:"read_at"`   // zero = unread
	Mailed      time.Time `db:"mailed_at"` // zero = not mailed
}

const columns = `workspace_id, id, user_id, kind, title, body, link, entity, source, must, created_at, read_at, mailed_at`

// Notices are what people are told.
type Notices struct {
	db         *db.DB
	events     *event.Events
	jobs       *job.Jobs
	workspaces *workspace.Workspaces
	mail       mail.Sender
	site       *url.URL
	clock      func() time.Time
}

// New returns the notices of this database; site is the public address that links in letters begin with. It registers
// its jobs, so it is called before the jobs are opened.
func New(database *db.DB, events *event.Events, jobs *job.Jobs, workspaces *workspace.Workspaces, sender mail.Sender, site *url.URL) *Notices {
	n := &Notices{db: database, events: events, jobs: jobs, workspaces: workspaces, mail: sender, site: site, clock: db.Now}
	job.On(jobs, n.post)
	job.On(jobs, n.escalate)
	return n
}

// Notify tells each of these users once, in the transaction of what it tells of. Only Kind, Title, Body, Link, Entity,
// Source and Must of the notice are read.
func (n *Notices) Notify(ctx context.Context, tx *db.Tx, workspaceID string, users []string, note Notice) error {
	now := n.clock()
	for _, userID := range users {
		note.WorkspaceID, note.ID, note.UserID, note.Created = workspaceID, id.New("note"), userID, now
		made, err := db.Exec(ctx, tx, `insert into notifications (workspace_id, id, user_id, kind, title, body, link, entity, source, must, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing`,
			note.WorkspaceID, note.ID, note.UserID, note.Kind, note.Title, note.Body, note.Link, note.Entity, note.Source, note.Must, note.Created)
		if err != nil {
			return fmt.Errorf("tell %s of %s: %w", userID, note.Kind, err)
		}
		if made == 0 {
			continue
		}
		if err := n.events.Record(ctx, tx, workspaceID, "system", "notification.made", note.ID, map[string]string{"user": userID}); err != nil {
			return err
		}
		if err := n.collect(ctx, tx, note); err != nil {
			return err
		}
	}
	return nil
}

// Escalate tells others when none of those who were told of an entity's kind of notice has read it within a while.
func (n *Notices) Escalate(ctx context.Context, tx *db.Tx, workspaceID, entity string, after time.Duration, to []string, note Notice) error {
	return n.jobs.Insert(ctx, tx, escalation{WorkspaceID: workspaceID, Entity: entity, Of: note.Kind, Since: n.clock(), To: to,
		Title: note.Title, Body: note.Body, Link: note.Link}, job.When{At: n.clock().Add(after)})
}

type escalation struct {
	WorkspaceID string    `json:"workspace_id"`
	Entity      string    `json:"entity"`
	Of          string    `json:"of"` // kind of the notices
	Since       time.Time `json:"since"`
	To          []string  `json:"to"`
	Title       string    `json:"title"`
	Body        string    `json:"body"`
	Link        string    `json:"link"`
}

func (escalation) Kind() string { return "notify.escalate" }

func (n *Notices) escalate(ctx context.Context, e escalation) error {
	read, err := db.One[int](ctx, n.db, `select count(*) from notifications where workspace_id = $1 and entity = $2 and kind = $3
		and created_at >= $4 and read_at is not null`, e.WorkspaceID, e.Entity, e.Of, e.Since)
	if err != nil || read > 0 {
		return err
	}
	return n.db.Tx(ctx, func(tx *db.Tx) error {
		return n.Notify(ctx, tx, e.WorkspaceID, e.To, Notice{Kind: e.Of, Title: "Nobody has looked yet: " + e.Title, Body: e.Body, Link: e.Link,
			Entity: e.Entity, Source: "escalation/" + e.Entity + "/" + e.Since.Format(time.RFC3339Nano), Must: true})
	})
}

// Unread counts what the person has not read.
func (n *Notices) Unread(ctx context.Context, actor workspace.Actor) (int, error) {
	return db.One[int](ctx, n.db, `select count(*) from notifications where workspace_id = $1 and user_id = $2 and read_at is null`, actor.WorkspaceID, actor.UserID)
}

// List returns the person's notices, the newest first, older than the one named before ("" = from the newest), and
// whether there are more.
func (n *Notices) List(ctx context.Context, actor workspace.Actor, unread bool, before string, limit int) ([]Notice, bool, error) {
	if before == "" {
		before = "note_~"
	}
	rows, err := db.All[Notice](ctx, n.db, `select `+columns+` from notifications where workspace_id = $1 and user_id = $2 and id < $3
		and ($4 = false or read_at is null) order by id desc limit $5`, actor.WorkspaceID, actor.UserID, before, unread, limit+1)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > limit {
		return rows[:limit], true, nil
	}
	return rows, false, nil
}

// Open marks one of the person's notices as read and returns it.
func (n *Notices) Open(ctx context.Context, actor workspace.Actor, noticeID string) (Notice, error) {
	found, err := db.All[Notice](ctx, n.db, `update notifications set read_at = coalesce(read_at, $4) where workspace_id = $1 and user_id = $2 and id = $3
		returning `+columns, actor.WorkspaceID, actor.UserID, noticeID, n.clock())
	if err != nil {
		return Notice{}, err
	}
	if len(found) == 0 {
		return Notice{}, fault.NotFoundf("there is no such notification")
	}
	return found[0], nil
}

// ReadAll marks everything up to now as read.
func (n *Notices) ReadAll(ctx context.Context, actor workspace.Actor) error {
	_, err := db.Exec(ctx, n.db, `update notifications set read_at = $3 where workspace_id = $1 and user_id = $2 and read_at is null`, actor.WorkspaceID, actor.UserID, n.clock())
	return err
}
