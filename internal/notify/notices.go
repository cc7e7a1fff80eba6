package notify

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Notice is one thing a person is told.
type Notice struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	UserID      string    `db:"user_id"`
	Kind        string    `db:"kind"`
	Title       string    `db:"title"`
	Body        string    `db:"body"`
	Link        string    `db:"link"` // path of the screen that helps
	Entity      string    `db:"entity"`
	Must        bool      `db:"must"` // cannot be muted: mailed too
	CreatedAt   time.Time `db:"created_at"`
	ReadAt      time.Time `db:"read_at"`
	MailedAt    time.Time `db:"mailed_at"`
}

const columns = `workspace_id, id, user_id, kind, title, body, link, entity, must, created_at, read_at, mailed_at`

// Notices are what people are told.
type Notices struct {
	db         *db.DB
	events     *event.Events
	workspaces *workspace.Workspaces
	mail       mail.Sender
	base       *url.URL
}

// New returns the notices of this database; base is the public address that links in letters begin with.
func New(database *db.DB, events *event.Events, workspaces *workspace.Workspaces, sender mail.Sender, base *url.URL) *Notices {
	return &Notices{db: database, events: events, workspaces: workspaces, mail: sender, base: base}
}

// told is what an event says to people.
type told struct {
	title string
	link  func(e event.Event, facts map[string]string) string
	must  bool
	all   workspace.Capability // whoever holds it is told besides the responsible person
}

var delivered = func(e event.Event, _ map[string]string) string { return "/deliveries/" + e.Entity }

var words = map[string]told{
	"delivery.failed_permanent": {"A delivery failed", delivered, true, ""},
	"delivery.needs_human":      {"A delivery needs your decision", delivered, true, ""},
	"delivery.removed":          {"A post was removed by its network", delivered, true, ""},
	"target.partly_published":   {"A post was published in part", func(_ event.Event, f map[string]string) string { return "/compose/" + f["post"] }, true, ""},
	"target.held":               {"A post is held and waits for your choice", func(_ event.Event, f map[string]string) string { return "/queue?channel=" + f["channel"] }, true, ""},
	"channel.needs_reconnect":   {"A channel needs to be reconnected", func(e event.Event, _ map[string]string) string { return "/channels/" + e.Entity }, true, workspace.ChannelConnect},
	"channel.expiring":          {"A connection expires soon", func(e event.Event, _ map[string]string) string { return "/channels/" + e.Entity }, true, workspace.ChannelConnect},
	"inbox.assigned":            {"A conversation was assigned to you", func(e event.Event, _ map[string]string) string { return "/inbox/" + e.Entity }, false, ""},
	"inbox.answer_failed":       {"An answer could not be sent", func(e event.Event, _ map[string]string) string { return "/inbox/" + e.Entity }, true, ""},
	"goal.health_changed":       {"A goal's health changed", func(e event.Event, _ map[string]string) string { return "/goals/" + e.Entity }, false, ""},
}

// Listen turns events into notices.
func (n *Notices) Listen() {
	var kinds []string
	for kind := range words {
		kinds = append(kinds, kind)
	}
	n.events.On("notify", n.hear, kinds...)
}

func (n *Notices) hear(ctx context.Context, e event.Event) error {
	t := words[e.Kind]
	var facts map[string]string
	if err := e.Decode(&facts); err != nil {
		return err
	}
	users := map[string]bool{}
	for _, key := range []string{"responsible", "assignee", "owner"} {
		if facts[key] != "" && facts[key] != e.Actor {
			users[facts[key]] = true
		}
	}
	everybody := t.all
	if len(users) == 0 && everybody == "" && t.must { // nobody is named: whoever schedules must know
		everybody = workspace.PostSchedule
	}
	if everybody != "" {
		holders, err := n.workspaces.Holding(ctx, e.WorkspaceID, everybody, workspace.Scope{})
		if err != nil {
			return err
		}
		for _, u := range holders {
			users[u] = true
		}
	}
	body := facts["reason"]
	if name := facts["name"]; name != "" {
		body = name + ": " + body
	}
	if e.Kind == "goal.health_changed" {
		body = facts["name"] + " went from " + facts["from"] + " to " + facts["to"]
	}
	for user := range users {
		if err := n.tell(ctx, Notice{WorkspaceID: e.WorkspaceID, ID: id.New("note"), UserID: user, Kind: e.Kind, Title: t.title, Body: body, Link: t.link(e, facts), Entity: e.ID, Must: t.must}); err != nil {
			return err
		}
	}
	return nil
}

// tell stores a notice once per event and person, and mails what must not be missed. A letter that cannot be sent
// leaves the notice in the app; it is logged.
func (n *Notices) tell(ctx context.Context, note Notice) error {
	fresh := false
	err := n.db.Tx(ctx, func(tx *db.Tx) error {
		known, err := db.One[int](ctx, tx, `select count(*) from notifications where workspace_id = $1 and user_id = $2 and entity = $3`, note.WorkspaceID, note.UserID, note.Entity)
		if err != nil || known > 0 {
			return err
		}
		fresh = true
		_, err = db.Exec(ctx, tx, `insert into notifications (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, note.WorkspaceID, note.ID, note.UserID, note.Kind,
			note.Title, note.Body, note.Link, note.Entity, note.Must, db.Now(), time.Time{}, time.Time{})
		if err != nil {
			return err
		}
		return n.events.Record(ctx, tx, note.WorkspaceID, "system", "notification.made", note.ID, nil)
	})
	if err != nil || !fresh || !note.Must {
		return err
	}
	who, err := db.All[struct {
		Name  string `db:"name"`
		Email string `db:"email"`
	}](ctx, n.db, `select name, email from users where id = $1 and disabled_at is null`, note.UserID)
	if err != nil || len(who) == 0 {
		return err
	}
	letter := mail.Letter{Subject: note.Title, Greeting: "Hello " + who[0].Name, Paragraphs: []string{note.Title + ".", note.Body}, Action: mail.Action{Label: "Open it", URL: n.base.String() + note.Link},
		Footer: "You get this because you are responsible for it. It cannot be switched off."}
	message, err := letter.To(mail.Address{Name: who[0].Name, Email: who[0].Email})
	if err == nil {
		err = n.mail.Send(ctx, message)
	}
	if err != nil {
		slog.Error("mail a notice; it is in the app", "kind", note.Kind, "error", err)
		return nil
	}
	_, err = db.Exec(ctx, n.db, `update notifications set mailed_at = $3 where workspace_id = $1 and id = $2`, note.WorkspaceID, note.ID, db.Now())
	return err
}

// Unread counts what the person has not read.
func (n *Notices) Unread(ctx context.Context, actor workspace.Actor) (int, error) {
	return db.One[int](ctx, n.db, `select count(*) from notifications where workspace_id = $1 and user_id = $2 and read_at is null`, actor.WorkspaceID, actor.UserID)
}

// List returns the person's notices, the newest first.
func (n *Notices) List(ctx context.Context, actor workspace.Actor, limit int) ([]Notice, error) {
	return db.All[Notice](ctx, n.db, `select `+columns+` from notifications where workspace_id = $1 and user_id = $2 order by id desc limit $3`, actor.WorkspaceID, actor.UserID, limit)
}

// ReadAll marks everything as read.
func (n *Notices) ReadAll(ctx context.Context, actor workspace.Actor) error {
	_, err := db.Exec(ctx, n.db, `update notifications set read_at = $3 where workspace_id = $1 and user_id = $2 and read_at is null`, actor.WorkspaceID, actor.UserID, db.Now())
	return err
}
