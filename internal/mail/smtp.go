package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/secret"
)

// Encryption is how the connection to the mail server is protected.
type Encryption string

const (
	StartTLS Encryption = "starttls" // begin in plain, then require encryption; port 587
	TLS      Encryption = "tls"      // encrypted from the first byte; port 465
	Plain    Encryption = "none"     // for a server on the same machine or network only; no login in the clear
)

// SMTPSettings says which server takes our mail.
type SMTPSettings struct {
	Host       string
	Port       int
	User       string // "" for a server that asks for no login
	Password   secret.Text
	Encryption Encryption // default StartTLS
	From       Address
	Timeout    time.Duration  // for the connection and each message; default 30 s
	RootCAs    *x509.CertPool // default the system's
}

// ParseURL reads smtp://user:password@host:587 (STARTTLS required), smtps://…:465 (encrypted from the start), or
// smtp://host:25?tls=none. The error never quotes the address: it holds the password.
func ParseURL(address secret.Text) (SMTPSettings, error) {
	u, err := url.Parse(address.Reveal())
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") || strings.Trim(u.Path, "/") != "" {
		return SMTPSettings{}, fault.Invalidf("smtp_url", "the mail server must look like smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	s := SMTPSettings{Host: u.Hostname(), Port: 587, Encryption: StartTLS}
	if u.Scheme == "smtps" {
		s.Port, s.Encryption = 465, TLS
	}
	if v := u.Query().Get("tls"); v == "none" && u.Scheme == "smtp" {
		s.Port, s.Encryption = 25, Plain
	} else if v != "" {
		return SMTPSettings{}, fault.Invalidf("smtp_url", "tls=%s is not known; the only choice is tls=none with smtp://", oneLine(v))
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil {
			return SMTPSettings{}, fault.Invalidf("smtp_url", "the mail server's port is not a number")
		}
	}
	s.User = u.User.Username()
	password, _ := u.User.Password()
	s.Password = secret.NewText(password)
	return s, nil
}

// SMTP hands messages to a mail server, one connection each.
type SMTP struct {
	settings SMTPSettings
	options  []gomail.Option
}

// NewSMTP checks the settings; it makes no connection.
func NewSMTP(s SMTPSettings) (*SMTP, error) {
	if _, err := ParseAddress(s.From.Email); err != nil {
		return nil, fault.Invalidf("mail_from", "mail needs a sender's address, for example Bellwether <team@example.com>")
	}
	if s.Timeout <= 0 {
		s.Timeout = 30 * time.Second
	}
	if s.Encryption == "" {
		s.Encryption = StartTLS
	}
	m := &SMTP{settings: s}
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(s.Timeout), gomail.WithoutNoop(), gomail.WithTLSConfig(m.tls())}
	logins := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
	switch s.Encryption {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS)) // dial has encrypted already
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
		if s.User != "" && !loopback(s.Host) {
			return nil, fault.Invalidf("smtp_url", "the login would cross the network unencrypted; leave tls=none or the login out")
		}
		logins = append(logins[:2], gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)
	default:
		return nil, fault.Invalidf("smtp_url", "%q is not a kind of encryption", oneLine(string(s.Encryption)))
	}
	if s.User != "" {
		options = append(options, gomail.WithOpportunisticSMTPAuth(logins...), gomail.WithUsername(s.User), gomail.WithPassword(s.Password.Reveal()))
	}
	if _, err := gomail.NewClient(s.Host, options...); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the mail server's settings are not usable")
	}
	m.options = options
	return m, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Note is empty: messages reach people.
func (s *SMTP) Note() string { return "" }

// Check connects and logs in, and sends nothing.
func (s *SMTP) Check(ctx context.Context) error {
	_, done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	done()
	return nil
}

// Send hands m to the server. When the context ends the connection is cut, which after the message was sent leaves
// its fate unknown.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := m.build(s.settings.From)
	if err != nil {
		return err
	}
	send, done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	return judge(send(msg))
}

// begin returns a way to send on a fresh connection, and a way to end it. The connection is ours to close: the
// library leaves it open when a login fails and knows no context once it stands. A client of its own for each
// keeps the library's lock, which spans a whole conversation, from making one slow recipient everyone's.
func (s *SMTP) begin(ctx context.Context) (send func(*gomail.Msg) error, done func(), err error) {
	var conn net.Conn
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		opened, err := s.dial(ctx, network, address)
		conn = opened
		return opened, err
	}
	client, err := gomail.NewClient(s.settings.Host, append(s.options[:len(s.options):len(s.options)], gomail.WithDialContextFunc(dial))...)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, err, "the mail server's settings are not usable")
	}
	talk, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		return nil, nil, notConnected(err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	done = func() {
		_ = client.CloseWithSMTPClient(talk) // the message's fate is decided; a lost goodbye changes nothing
		stop()
		conn.Close()
	}
	return func(m *gomail.Msg) error { return client.SendWithSMTPClient(talk, m) }, done, nil
}

func (s *SMTP) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.settings.Encryption != TLS {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	conn, err := (&tls.Dialer{Config: s.tls()}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.settings.Host, MinVersion: tls.VersionTLS12, RootCAs: s.settings.RootCAs}
}

// notConnected says why there is no conversation. No message was named yet, so nothing was sent.
func notConnected(err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) && (reply.Code == 530 || reply.Code == 534 || reply.Code == 535 || reply.Code == 538) {
		return fault.Wrap(fault.Unauthorised, err, "the mail server does not accept our name and password").WithCode("mail_login")
	}
	code, message := "mail_unreachable", "the mail server could not be used"
	var name *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		message = "the mail server's name could not be found"
	case errors.As(err, &cert), strings.Contains(err.Error(), "STARTTLS"):
		code, message = "mail_tls", "the mail server's encryption could not be verified"
	}
	return fault.Wrap(fault.Later, err, message).WithCode(code)
}

// judge says what became of a message.
func judge(err error) error {
	if err == nil {
		return nil
	}
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return fault.Wrap(fault.Unknown, err, "the mail server's answer was not understood").WithCode("mail_unknown")
	}
	permanent := e.ErrorCode() >= 500
	switch e.Reason {
	case gomail.ErrSMTPReset: // comes after the server has taken the message
		return nil
	case gomail.ErrSMTPDataClose:
		if e.ErrorCode() == 0 {
			return fault.Wrap(fault.Unknown, err, "the connection broke after the mail was sent, it may have arrived").WithCode("mail_unknown")
		}
	case gomail.ErrGetSender, gomail.ErrGetRcpts, gomail.ErrNoUnencoded:
		return fault.Wrap(fault.Invalid, err, "the mail could not be composed").WithCode("bad_mail")
	case gomail.ErrSMTPRcptTo:
		if permanent {
			refused := fault.Wrap(fault.Rejected, err, "the mail server refuses this recipient").WithCode("mail_recipient_refused")
			refused.Field = "to"
			return refused
		}
	}
	if permanent {
		return fault.Wrap(fault.Rejected, err, "the mail server refused the mail").WithCode("mail_refused")
	}
	// Everything else ends before the line that completes the message: the server has nothing to deliver.
	return fault.Wrap(fault.Later, err, "the mail server did not take the mail").WithCode("mail_later")
}
