package mail

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// Sender sends messages.
type Sender interface {
	// Send hands m over; see the package's words on its errors.
	Send(ctx context.Context, m Message) error
	// Note is empty when messages reach people, else says in plain words where they go instead.
	Note() string
}

// Address is a mailbox.
type Address struct{ Name, Email string }

// ParseAddress reads "Name <name@host>" or "name@host".
func ParseAddress(s string) (Address, error) {
	a, err := mail.ParseAddress(strings.TrimSpace(s))
	if err != nil {
		return Address{}, fault.Invalidf("email", "%q is not an e-mail address", oneLine(s)).WithCode("bad_email")
	}
	return Address{a.Name, a.Address}, nil
}

func (a Address) String() string {
	return (&mail.Address{Name: oneLine(a.Name), Address: a.Email}).String()
}

// Message is one mail to one person.
type Message struct {
	ID          string  // stable over repeats; becomes the Message-ID. Made when empty
	From        Address // zero: the sender's own
	To          Address
	ReplyTo     Address // zero: none
	Subject     string
	Text        string // required
	HTML        string // "" for text alone
	Unsubscribe string // https address for one-click unsubscribing; "" for mail that can't be left
	Files       []File
	At          time.Time // the Date header; zero: now
}

// File is an attachment.
type File struct {
	Name, ContentType string
	Content           []byte
}

var safeID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,120}$`)

// build turns m into what is sent. Everything that could end a header is taken out here, once.
func (m Message) build(from Address) (*gomail.Msg, error) {
	if m.From != (Address{}) {
		from = m.From
	}
	if m.ID == "" {
		m.ID = id.New("mail")
	}
	switch {
	case !safeID.MatchString(m.ID):
		return nil, fmt.Errorf("build mail: %q is not a message id", m.ID)
	case strings.TrimSpace(m.Text) == "":
		return nil, fmt.Errorf("build mail %s: it has no text", m.ID)
	case strings.TrimSpace(m.Subject) == "":
		return nil, fmt.Errorf("build mail %s: it has no subject", m.ID)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	for header, a := range map[gomail.AddrHeader]Address{gomail.HeaderFrom: from, gomail.HeaderTo: m.To, gomail.HeaderReplyTo: m.ReplyTo} {
		if header == gomail.HeaderReplyTo && a == (Address{}) {
			continue
		}
		if _, err := ParseAddress(a.Email); err != nil {
			return nil, err
		}
		if err := msg.SetAddrHeader(header, a.String()); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "this is not an e-mail address").WithCode("bad_email")
		}
	}
	host := from.Email[strings.LastIndexByte(from.Email, '@')+1:]
	msg.SetMessageIDWithValue(m.ID + "@" + host)
	msg.Subject(oneLine(m.Subject))
	if m.At.IsZero() {
		m.At = time.Now()
	}
	msg.SetDateWithValue(m.At)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday answers, please
	if m.Unsubscribe != "" {
		if err := msg.SetListUnsubscribeOneClick(m.Unsubscribe); err != nil {
			return nil, fmt.Errorf("build mail %s: %w", m.ID, err)
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, f := range m.Files {
		contentType := gomail.ContentType(oneLine(f.ContentType))
		if err := msg.AttachReader(oneLine(f.Name), bytes.NewReader(f.Content), gomail.WithFileContentType(contentType)); err != nil {
			return nil, fmt.Errorf("attach %q to mail %s: %w", f.Name, m.ID, err)
		}
	}
	return msg, nil
}

func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
