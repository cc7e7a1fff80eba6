package account

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/mail"
)

// resetLife is how long a link for a new password works.
const resetLife = time.Hour

// A person may ask for a new password a few times; then it slows down like guessing does.
const freeForReset = 3

type forgotten struct {
	Email string `json:"email"`
}

func (forgotten) Kind() string { return "account.forgotten" }

type newDevice struct {
	UserID  string    `json:"user_id"`
	Address string    `json:"address"`
	Agent   string    `json:"agent"`
	At      time.Time `json:"at"`
}

func (newDevice) Kind() string { return "account.new_device" }

// Write lets the accounts send letters. Without it Forgotten refuses and nobody is told of a new device.
func (a *Accounts) Write(jobs *job.Jobs, sender mail.Sender) {
	a.jobs, a.mail = jobs, sender
	job.On(jobs, a.sendReset)
	job.On(jobs, a.sendNewDevice)
}

// Forgotten sends a letter with a link for a new password, if somebody has this address. It answers alike, and as
// fast, for everyone: who has an account here is found out afterwards, by a job.
func (a *Accounts) Forgotten(ctx context.Context, email string, from From) error {
	if err := CheckEmail(email); err != nil {
		return err
	}
	if a.jobs == nil {
		return &fault.Error{Kind: fault.Internal, Message: "letters are not set up"}
	}
	email = normalEmail(email)
	if err := a.reserve(ctx, []throttle{{"reset:" + email, freeForReset}, {"reset-address:" + network(from.Address), freeForAddress}}); err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *db.Tx) error { return a.jobs.Insert(ctx, tx, forgotten{email}, job.When{}) })
}

func (a *Accounts) sendReset(ctx context.Context, f forgotten) error {
	u, err := a.ByEmail(ctx, f.Email)
	if fault.Is(err, fault.NotFound) || err == nil && !u.Disabled.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	token, err := a.Link(ctx, u.ID, Reset, resetLife)
	if err != nil {
		return err
	}
	return a.send(ctx, u, mail.Letter{Subject: "A new password for Bellwether", Greeting: "Hello " + u.Name,
		Paragraphs: []string{"Somebody, probably you, asked for a new password. The link below works once, within an hour. Setting the password ends all your sessions.",
			"If it was not you, do nothing: your password stays as it is."},
		Action: mail.Action{Label: "Choose a new password", URL: a.site.JoinPath("sign-in", "reset", token).String()},
		Footer: "You get this because somebody wrote your address on the sign-in page of " + a.site.Host + "."})
}

func (a *Accounts) sendNewDevice(ctx context.Context, d newDevice) error {
	u, err := a.User(ctx, d.UserID)
	if err != nil {
		return err
	}
	return a.send(ctx, u, mail.Letter{Subject: "A new sign-in to Bellwether", Greeting: "Hello " + u.Name,
		Paragraphs: []string{"Somebody signed in to your account with a browser we have not seen before. If it was you, there is nothing to do."},
		Facts: []mail.Fact{{Label: "When", Value: d.At.UTC().Format("2 January 2006 15:04 UTC")}, {Label: "Address", Value: d.Address},
			{Label: "Browser", Value: d.Agent}},
		Action: mail.Action{Label: "Look at your sessions", URL: a.site.JoinPath("settings", "security").String()},
		Footer: "If it was not you, end that session and change your password."})
}

// send mails one letter. What the mail server refuses for good is not tried again.
func (a *Accounts) send(ctx context.Context, u User, letter mail.Letter) error {
	message, err := letter.To(mail.Address{Name: u.Name, Email: u.Email})
	if err != nil {
		return err
	}
	if err = a.mail.Send(ctx, message); fault.Is(err, fault.Rejected) || fault.Is(err, fault.Unknown) {
		return nil
	}
	return err
}
