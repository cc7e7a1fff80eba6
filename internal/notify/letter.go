package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// A letter waits this long for what else happens.
const collecting = 30 * time.Second

// letterJob is one letter to one person: everything told until Until that is to be mailed and was not yet.
type letterJob struct {
	WorkspaceID string    `json:"workspace_id"`
	UserID      string    `json:"user_id"`
	Until       time.Time `json:"until"`
}

func (letterJob) Kind() string { return "notify.letter" }

// What a person may have mailed.
const (
	MailMust = "must" // only what cannot be muted
	MailAll  = "all"
)

// collect sees to it that a letter goes out at the end of the present half minute, if the notice is to be mailed.
func (n *Notices) collect(ctx context.Context, tx *db.Tx, note Notice) error {
	if !note.Must {
		chosen, err := db.All[string](ctx, tx, `select mail from members where workspace_id = $1 and user_id = $2 and removed_at is null`, note.WorkspaceID, note.UserID)
		if err != nil || len(chosen) == 0 || chosen[0] != MailAll {
			return err
		}
	}
	until := note.Created.Truncate(collecting).Add(collecting)
	return n.jobs.Insert(ctx, tx, letterJob{note.WorkspaceID, note.UserID, until}, job.When{At: until, Unique: 24 * time.Hour})
}

// post writes and sends one letter. A letter that a mail server refuses for good leaves the notices in the app.
func (n *Notices) post(ctx context.Context, l letterJob) error {
	people, err := db.All[struct {
		Name      string `db:"name"`
		Email     string `db:"email"`
		Workspace string `db:"workspace"`
	}](ctx, n.db, `select u.name, u.email, w.name as workspace from users u join members m on m.user_id = u.id join workspaces w on w.id = m.workspace_id
		where m.workspace_id = $1 and u.id = $2 and u.disabled_at is null and m.removed_at is null`, l.WorkspaceID, l.UserID)
	if err != nil || len(people) == 0 {
		return err
	}
	notes, err := db.All[Notice](ctx, n.db, `select `+columns+` from notifications o where workspace_id = $1 and user_id = $2 and mailed_at is null
		and created_at < $3 and (must or exists (select 1 from members m where m.workspace_id = o.workspace_id and m.user_id = o.user_id and m.mail = 'all'))
		order by id limit 200`, l.WorkspaceID, l.UserID, l.Until)
	if err != nil || len(notes) == 0 {
		return err
	}
	person := people[0]
	message, err := n.write(person.Name, person.Workspace, notes).To(mail.Address{Name: person.Name, Email: person.Email})
	if err != nil {
		return err
	}
	message.ID = notes[0].ID // the same letter again is recognised by mail servers
	if err := n.mail.Send(ctx, message); err != nil && !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.Unknown) {
		return fmt.Errorf("mail %d notices: %w", len(notes), err)
	}
	return n.db.Tx(ctx, func(tx *db.Tx) error {
		for _, note := range notes {
			if _, err := db.Exec(ctx, tx, `update notifications set mailed_at = $3 where workspace_id = $1 and id = $2`, note.WorkspaceID, note.ID, n.clock()); err != nil {
				return err
			}
		}
		return nil
	})
}

// longestLetter is how many notices a letter spells out; the rest are counted.
const longestLetter = 20

func (n *Notices) write(name, place string, notes []Notice) mail.Letter {
	letter := mail.Letter{Greeting: "Hello " + name, Footer: "You get this because it needs you in " + place + ". Failures and what needs a person cannot be switched off."}
	if len(notes) == 1 {
		letter.Subject = notes[0].Title
		letter.Paragraphs = []string{notes[0].Title + ".", notes[0].Body}
		letter.Action = mail.Action{Label: "Open it", URL: n.site.JoinPath("notifications", notes[0].ID).String()}
		return letter
	}
	letter.Subject = fmt.Sprintf("%d things need you in %s", len(notes), place)
	for i, note := range notes {
		if i == longestLetter {
			letter.Paragraphs = append(letter.Paragraphs, fmt.Sprintf("And %d more.", len(notes)-i))
			break
		}
		letter.Paragraphs = append(letter.Paragraphs, note.Title+". "+note.Body)
	}
	letter.Action = mail.Action{Label: "Open them", URL: n.site.JoinPath("notifications").String()}
	return letter
}

// Mail returns what the person has mailed: MailMust or MailAll.
func (n *Notices) Mail(ctx context.Context, actor workspace.Actor) (string, error) {
	return db.One[string](ctx, n.db, `select mail from members where workspace_id = $1 and user_id = $2`, actor.WorkspaceID, actor.UserID)
}

// ChooseMail sets what the person has mailed. What cannot be muted is mailed in any case.
func (n *Notices) ChooseMail(ctx context.Context, actor workspace.Actor, what string) error {
	if what != MailMust && what != MailAll {
		return fault.Invalidf("mail", "%q is no choice", what)
	}
	_, err := db.Exec(ctx, n.db, `update members set mail = $3 where workspace_id = $1 and user_id = $2`, actor.WorkspaceID, actor.UserID, what)
	return err
}

// Try mails one person a letter, to see whether mail works.
func (n *Notices) Try(ctx context.Context, name, email string) error {
	letter := mail.Letter{Subject: "Mail from Bellwether works", Greeting: "Hello " + name, Paragraphs: []string{"You asked for this letter under Settings. Nothing needs to be done."},
		Action: mail.Action{Label: "Open Bellwether", URL: n.site.String()}}
	message, err := letter.To(mail.Address{Name: name, Email: email})
	if err != nil {
		return err
	}
	message.ID = id.New("mail")
	return n.mail.Send(ctx, message)
}
