package mail

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/lab"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
)

var (
	us    = Address{"Bellwether", "team@bellwether.example"}
	ada   = Address{"Ada Łovelace", "ada@example.org"}
	hello = Message{ID: "mail_1", To: ada, Subject: "Grüße, a test", Text: "Hello Ada,\n.\nyours\n", HTML: "<p>Hello Ada</p>"}
)

func sender(t *testing.T, address string) *SMTP {
	t.Helper()
	s, err := ParseURL(secret.NewText(address))
	if err != nil {
		t.Fatal(err)
	}
	s.From, s.Timeout = us, 5*time.Second
	return open(t, s)
}

func open(t *testing.T, s SMTPSettings) *SMTP {
	t.Helper()
	m, err := NewSMTP(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func code(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// parts reads a message as a mail program does: its headers, and its bodies by content type.
func parts(t *testing.T, raw string) (netmail.Header, map[string]string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, raw)
	}
	bodies := map[string]string{}
	var walk func(contentType, encoding string, r io.Reader)
	walk = func(contentType, encoding string, r io.Reader) {
		kind, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(kind, "multipart/") {
			for reader := multipart.NewReader(r, params["boundary"]); ; {
				part, err := reader.NextRawPart()
				if err == io.EOF {
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				walk(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
			}
		}
		if encoding == "quoted-printable" {
			r = quotedprintable.NewReader(r)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		bodies[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	walk(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return m.Header, bodies
}

func header(t *testing.T, h netmail.Header, name string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(h.Get(name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestMessageArrivesWholeAsTextAndHTML(t *testing.T) {
	p := (&postmaster{}).start(t)
	m := hello
	m.At = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m.ReplyTo, m.Unsubscribe = Address{Email: "help@bellwether.example"}, "https://bellwether.example/leave/abc"
	m.Files = []File{{"report.pdf", "application/pdf", []byte("%PDF")}}
	s := sender(t, p.url("", "?tls=none"))
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if s.Note() != "" || p.taken() != 1 {
		t.Fatalf("%d mails, note %q", p.taken(), s.Note())
	}
	h, bodies := parts(t, p.mails[0])
	for name, want := range map[string]string{
		"Subject": "Grüße, a test", "From": `"Bellwether" <team@bellwether.example>`, "Message-Id": "<mail_1@bellwether.example>",
		"Reply-To": "<help@bellwether.example>", "Auto-Submitted": "auto-generated", "List-Unsubscribe": "<https://bellwether.example/leave/abc>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
	} {
		if got := header(t, h, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if to, err := h.AddressList("To"); err != nil || len(to) != 1 || to[0].Name != ada.Name || to[0].Address != ada.Email {
		t.Errorf("To: %v, %v", to, err)
	}
	if bodies["text/plain"] != hello.Text || bodies["text/html"] != hello.HTML || bodies["application/pdf"] == "" {
		t.Errorf("%q", bodies)
	}
}

func TestKindSaysWhetherAMailMayBeSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[string]string
		kind    fault.Kind
		code    string
		taken   int
	}{
		"greeting refuses":              {map[string]string{"": "554 not you"}, fault.Later, "mail_unreachable", 0},
		"greeting busy":                 {map[string]string{"": "421 busy"}, fault.Later, "mail_unreachable", 0},
		"greeting drops":                {map[string]string{"": "drop"}, fault.Later, "mail_unreachable", 0},
		"sender refused":                {map[string]string{"MAIL": "550 5.1.8 bad sender"}, fault.Rejected, "mail_refused", 0},
		"sender later":                  {map[string]string{"MAIL": "451 4.7.1 greylisted"}, fault.Later, "mail_later", 0},
		"sender drops":                  {map[string]string{"MAIL": "drop"}, fault.Later, "mail_later", 0},
		"recipient unknown":             {map[string]string{"RCPT": "550 5.1.1 no such user"}, fault.Rejected, "mail_recipient_refused", 0},
		"mailbox full":                  {map[string]string{"RCPT": "452 4.2.2 mailbox full"}, fault.Later, "mail_later", 0},
		"recipient drops":               {map[string]string{"RCPT": "drop"}, fault.Later, "mail_later", 0},
		"data refused":                  {map[string]string{"DATA": "554 no"}, fault.Rejected, "mail_refused", 0},
		"data later":                    {map[string]string{"DATA": "421 shutting down"}, fault.Later, "mail_later", 0},
		"data drops":                    {map[string]string{"DATA": "drop"}, fault.Later, "mail_later", 0},
		"refused after reading":         {map[string]string{".": "554 5.7.1 looks like spam"}, fault.Rejected, "mail_refused", 1},
		"later after reading":           {map[string]string{".": "451 4.3.0 try again"}, fault.Later, "mail_later", 1},
		"dropped after reading":         {map[string]string{".": "drop"}, fault.Unknown, "mail_unknown", 1},
		"nonsense after reading":        {map[string]string{".": "hello"}, fault.Unknown, "mail_unknown", 1},
		"taken, then reset drops":       {map[string]string{"RSET": "drop"}, "", "", 1},
		"taken, then reset is refused":  {map[string]string{"RSET": "500 what"}, "", "", 1},
		"taken, then no goodbye":        {map[string]string{"QUIT": "drop"}, "", "", 1},
		"taken, with an unusual answer": {map[string]string{".": "250-2.0.0\r\n250 queued as 1"}, "", "", 1},
	} {
		p := (&postmaster{answers: c.answers}).start(t)
		err := sender(t, p.url("", "?tls=none")).Send(t.Context(), hello)
		if fault.KindOf(err) != c.kind || code(err) != c.code || p.taken() != c.taken {
			t.Errorf("%s: %v (%s, %s), %d taken; want %s, %s, %d", name, err, fault.KindOf(err), code(err), p.taken(), c.kind, c.code, c.taken)
		}
	}
}

func TestMailServerThatHangs(t *testing.T) {
	for command, want := range map[string]fault.Kind{"": fault.Later, "RCPT": fault.Later, ".": fault.Unknown} {
		p := (&postmaster{answers: map[string]string{command: "hang"}}).start(t)
		s, _ := ParseURL(secret.NewText(p.url("", "?tls=none")))
		s.From, s.Timeout = us, 100*time.Millisecond
		if err := open(t, s).Send(t.Context(), hello); !fault.Is(err, want) {
			t.Errorf("hanging at %q: %v (%s), want %s", command, err, fault.KindOf(err), want)
		}
	}
	if err := sender(t, "smtp://127.0.0.1:1?tls=none").Send(t.Context(), hello); !fault.Is(err, fault.Later) {
		t.Errorf("nobody listens: %v", err)
	}
	arrived := make(chan struct{})
	q := (&postmaster{answers: map[string]string{".": "hang"}, onMail: func() { close(arrived) }}).start(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if err := sender(t, q.url("", "?tls=none")).Send(ctx, hello); !fault.Is(err, fault.Unknown) {
		t.Errorf("cancelled after the message: %v (%s)", err, fault.KindOf(err))
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	p := (&postmaster{}).start(t)
	if err := sender(t, p.url("", "?tls=none")).Send(ctx, hello); !fault.Is(err, fault.Later) || p.taken() != 0 {
		t.Errorf("cancelled: %v, %d taken", err, p.taken())
	}
}

func TestMailIsEncryptedUnlessSaidOtherwise(t *testing.T) {
	web := httptest.NewUnstartedServer(nil)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	defer web.Close()
	cert, roots := web.TLS.Certificates[0], x509.NewCertPool()
	roots.AddCert(web.Certificate())

	for _, direct := range []bool{false, true} {
		p := (&postmaster{cert: &cert, direct: direct, auth: "PLAIN LOGIN"}).start(t)
		s := SMTPSettings{Host: "127.0.0.1", Port: p.port, User: "ada", Password: secret.NewText("pw"), Encryption: StartTLS, From: us, Timeout: 5 * time.Second, RootCAs: roots}
		if direct {
			s.Encryption = TLS
		}
		if err := open(t, s).Send(t.Context(), hello); err != nil || p.taken() != 1 {
			t.Errorf("direct %v: %v, %d taken", direct, err, p.taken())
		}
		s.RootCAs = nil
		if err := open(t, s).Send(t.Context(), hello); code(err) != "mail_tls" || !fault.Is(err, fault.Later) {
			t.Errorf("direct %v, certificate not trusted: %v (%s)", direct, err, code(err))
		}
		strict := (&postmaster{cert: &cert, direct: direct, auth: "PLAIN", answers: map[string]string{"AUTH": "535 5.7.8 wrong password"}}).start(t)
		s.RootCAs, s.Port = roots, strict.port
		err := open(t, s).Check(t.Context())
		if !fault.Is(err, fault.Unauthorised) || strings.Contains(err.Error(), "pw") {
			t.Errorf("direct %v, wrong password: %v (%s)", direct, err, fault.KindOf(err))
		}
	}

	for _, mechanism := range []string{"PLAIN", "LOGIN", "XOAUTH2 LOGIN PLAIN", "GSSAPI"} {
		p := (&postmaster{auth: mechanism, answers: map[string]string{"AUTH": "535 no"}}).start(t)
		want := fault.Unauthorised
		if mechanism == "GSSAPI" {
			want = fault.Later
		}
		if err := sender(t, p.url("ada:hunter2@", "?tls=none")).Check(t.Context()); !fault.Is(err, want) {
			t.Errorf("on our own machine, offered %s: %v (%s)", mechanism, err, fault.KindOf(err))
		}
	}

	p := (&postmaster{auth: "PLAIN"}).start(t) // offers no STARTTLS
	if err := sender(t, p.url("ada:hunter2@", "")).Send(t.Context(), hello); code(err) != "mail_tls" {
		t.Errorf("without encryption: %v", err)
	}
	if said := strings.Join(p.heard(), "\n"); strings.Contains(said, "AUTH") || strings.Contains(said, "MAIL") {
		t.Errorf("in the clear we said:\n%s", said)
	}
}

func TestMailServerAddresses(t *testing.T) {
	for address, want := range map[string]SMTPSettings{
		"smtp://mail.example":                          {Host: "mail.example", Port: 587, Encryption: StartTLS},
		"smtp://a%40b.example:p%3Aw@mail.example:2525": {Host: "mail.example", Port: 2525, User: "a@b.example", Encryption: StartTLS},
		"smtps://u:p@mail.example":                     {Host: "mail.example", Port: 465, User: "u", Encryption: TLS},
		"smtp://127.0.0.1?tls=none":                    {Host: "127.0.0.1", Port: 25, Encryption: Plain},
		"smtp://[::1]:1025?tls=none":                   {Host: "::1", Port: 1025, Encryption: Plain},
	} {
		got, err := ParseURL(secret.NewText(address))
		if err != nil || got.Host != want.Host || got.Port != want.Port || got.User != want.User || got.Encryption != want.Encryption {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	if got, _ := ParseURL(secret.NewText("smtp://u:p%3Aw@h")); got.Password.Reveal() != "p:w" {
		t.Errorf("password %q", got.Password.Reveal())
	}
	for _, bad := range []string{"", "mail.example", "http://mail.example", "smtp://", "smtp://u:hunter2@h:port", "smtp://u:hunter2@h/path", "smtp://u:hunter2@h?tls=maybe", "smtps://u:hunter2@h?tls=none"} {
		if _, err := ParseURL(secret.NewText(bad)); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := Open(secret.NewText("smtp://u:p@mail.example?tls=none"), us.String(), ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("a login in the clear: %v", err)
	}
	if _, err := Open(secret.NewText("smtp://mail.example"), "", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("no sender: %v", err)
	}
	if s, err := Open(secret.NewText("smtp://mail.example"), us.String(), ""); err != nil || s.Note() != "" {
		t.Errorf("%v", err)
	}
}

func TestS13NoTextEndsAHeader(t *testing.T) {
	p := (&postmaster{}).start(t)
	s := sender(t, p.url("", "?tls=none"))
	evil := "x\r\nBcc: thief@example.com\r\n\r\nbody"
	m := hello
	m.Subject, m.To.Name, m.Files = evil, evil, []File{{Name: evil, ContentType: "text/plain", Content: []byte("x")}}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	h, _ := parts(t, p.mails[0])
	if h.Get("Bcc") != "" || header(t, h, "Subject") != "x Bcc: thief@example.com body" {
		t.Errorf("%v", h)
	}
	for _, line := range p.heard() {
		if strings.HasPrefix(line, "RCPT") && !strings.Contains(line, ada.Email) {
			t.Errorf("sent to %s", line)
		}
	}
	for name, spoil := range map[string]func(*Message){
		"address with a line":  func(m *Message) { m.To.Email = "a@b.example>\r\nRCPT TO:<thief@example.com" },
		"two addresses":        func(m *Message) { m.To.Email = "a@b.example, c@d.example" },
		"no address":           func(m *Message) { m.To.Email = "" },
		"reply-to with a line": func(m *Message) { m.ReplyTo.Email = "a@b\r\nX: y" },
		"id with a line":       func(m *Message) { m.ID = "a\r\nX: y" },
		"no text":              func(m *Message) { m.Text = " " },
		"no subject":           func(m *Message) { m.Subject = "\n" },
		"unsubscribe by http":  func(m *Message) { m.Unsubscribe = "http://a.example/x" },
	} {
		m := hello
		spoil(&m)
		if err := s.Send(t.Context(), m); err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	if p.taken() != 1 {
		t.Errorf("%d mails were sent", p.taken())
	}
}

func TestLetterSaysTheSameInTextAndHTML(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("Twelve words make a sentence that must be broken into lines somewhere. ", 3))
	l := Letter{
		Language: "de", Subject: "Grace lädt Sie ein", Greeting: "Hallo Ada,", Paragraphs: []string{"Grace lädt Sie ein.", long},
		Facts: []Fact{{"Rolle", "Redaktion"}, {"Marke", "Nordlicht & Söhne"}}, Quote: "Komm dazu!\n<script>alert(1)</script>",
		Action: Action{"Einladung annehmen", "https://bellwether.example/join?token=abc&x=1"}, Closing: "Bis bald", Footer: "Sie bekommen dies, weil Grace Ihre Adresse eingab.",
	}
	m, err := l.To(ada)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Hallo Ada,", "Grace lädt Sie ein.", "Rolle: Redaktion", "Marke: Nordlicht & Söhne", "> Komm dazu!\n> <script>alert(1)</script>",
		"Einladung annehmen:\nhttps://bellwether.example/join?token=abc&x=1", "Bis bald", "-- \nSie bekommen dies"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, m.Text)
		}
	}
	for line := range strings.Lines(m.Text) {
		if len([]rune(line)) > 77 {
			t.Errorf("a line is too long: %q", line)
		}
	}
	for _, want := range []string{`<html lang="de">`, "Hallo Ada,", long, "Redaktion", "Nordlicht &amp; Söhne", "Komm dazu!<br>&lt;script&gt;", "Einladung annehmen</a>",
		`href="https://bellwether.example/join?token=abc&amp;x=1"`, "Bis bald", "Sie bekommen dies"} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("the page lacks %q:\n%s", want, m.HTML)
		}
	}
	if m.To != ada || m.Subject != l.Subject || strings.Contains(m.HTML, "<script") {
		t.Errorf("%+v", m)
	}
	l.RTL, l.Language = true, "ar"
	if m, err = l.To(ada); err != nil || !strings.Contains(m.HTML, `<html lang="ar" dir="rtl">`) {
		t.Errorf("%v", err)
	}
	if m, err = (Letter{Subject: "s", Paragraphs: []string{"{{.Subject}} <b>&"}}).To(ada); err != nil || m.Text != "{{.Subject}} <b>&\n" || !strings.Contains(m.HTML, "{{.Subject}} &lt;b&gt;&amp;") {
		t.Errorf("a member's text was read as a template or as HTML: %v\n%s\n%s", err, m.Text, m.HTML)
	}
	for _, bad := range []string{"javascript:alert(1)", "/local", "", "data:text/html,x", "//x"} {
		if _, err := (Letter{Subject: "s", Action: Action{"Go", bad}}).To(ada); err == nil {
			t.Errorf("the link %q was accepted", bad)
		}
	}
}

func TestWithoutAServerMailIsWrittenToAFolder(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(secret.Text{}, "", dir)
	if err != nil {
		t.Fatal(err)
	}
	if note := s.Note(); !strings.Contains(note, filepath.Join(dir, "outbox")) || !strings.Contains(note, "not sent") {
		t.Errorf("the note is %q", note)
	}
	m := hello
	m.At = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for range 2 { // a repeated message replaces its file
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		m.At = m.At.Add(time.Hour)
	}
	if err := s.Send(t.Context(), Message{To: ada, Subject: "Other", Text: "other"}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(dir, "outbox"))
	if err != nil || len(files) != 2 || files[0].Name() != "20260301-120000-mail_1.eml" {
		t.Fatalf("%v, %v", files, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "outbox", files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	h, bodies := parts(t, string(raw))
	if header(t, h, "Subject") != hello.Subject || bodies["text/plain"] != hello.Text || bodies["text/html"] != hello.HTML {
		t.Errorf("%v %q", h, bodies)
	}
	if info, _ := files[0].Info(); info.Mode().Perm() != 0o600 {
		t.Errorf("the file can be read by others: %v", info.Mode())
	}
	if err := s.Send(t.Context(), Message{ID: "../../x", To: ada, Subject: "s", Text: "t"}); err == nil {
		t.Error("an id led out of the folder")
	}
}

func TestOutboxKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	for i := range kept {
		name := time.Date(2025, 1, 1, 0, 0, i, 0, time.UTC).Format("20060102-150405") + "-mail.eml"
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o, err := NewOutbox(dir, us)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Send(t.Context(), hello); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != kept || files[0].Name() != "20250101-000001-mail.eml" || !strings.HasSuffix(files[kept-1].Name(), "-mail_1.eml") {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// A mail server that we did not write reads what we send as we meant it.
func TestRealMailServer(t *testing.T) {
	box := lab.Mail(t)
	s, err := ParseURL(secret.NewText("smtp://lab:lab@" + box.SMTPHost + "?tls=none"))
	if err != nil {
		t.Fatal(err)
	}
	s.Port, s.From, s.Timeout = box.SMTPPort, us, 10*time.Second
	m, err := Letter{Subject: "Grüße " + lab.Mark(), Greeting: "Hello Ada,", Paragraphs: []string{"Zażółć gęślą jaźń 👋🏽."}, Action: Action{"Join", "https://bellwether.example/join"}}.To(ada)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, s).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	api := safehttp.New(safehttp.Policy{Allow: safehttp.MustAllow("127.0.0.1")})
	t.Cleanup(api.CloseIdle)
	var found struct {
		Messages []struct{ ID string }
	}
	query := strings.ReplaceAll(strings.TrimPrefix(m.Subject, "Grüße "), " ", "")
	if _, err := api.JSON(t.Context(), http.MethodGet, box.APIURL+"/search?query=subject:"+query, nil, nil, &found); err != nil || len(found.Messages) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	var got struct {
		Subject, Text, HTML string
		From                struct{ Name, Address string }
		To                  []struct{ Name, Address string }
		Attachments         json.RawMessage
	}
	if _, err := api.JSON(t.Context(), http.MethodGet, box.APIURL+"/message/"+found.Messages[0].ID, nil, nil, &got); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(got.Text, "\r\n", "\n")
	if got.Subject != m.Subject || text != m.Text || strings.ReplaceAll(got.HTML, "\r\n", "\n") != m.HTML {
		t.Errorf("%q\n%q\n%q", got.Subject, got.Text, got.HTML)
	}
	if got.From.Address != us.Email || len(got.To) != 1 || got.To[0].Name != ada.Name || got.To[0].Address != ada.Email {
		t.Errorf("%+v", got)
	}
}
