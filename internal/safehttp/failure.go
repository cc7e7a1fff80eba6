package safehttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// failure says what a missing answer means: sent decides the kind, err only the words.
func (c *Client) failure(req *http.Request, target *url.URL, sent bool, err error) error {
	var decided *fault.Error // the policy's refusal, made while dialling
	if errors.As(err, &decided) {
		return decided
	}
	kind, before := fault.Later, "could not be reached"
	if sent {
		kind, before = fault.Unknown, "gave no usable answer"
	}
	code, why := reason(err, sent)
	return &fault.Error{
		Kind: kind, Code: code, Message: target.Host + " " + before + ": " + why,
		Cause: &cause{text: redact(err.Error(), req), err: err},
	}
}

func reason(err error, sent bool) (code, words string) {
	var dns *net.DNSError
	var timeout net.Error
	var cert *tls.CertificateVerificationError
	var unknownCA x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, errTooLarge):
		return "too_large", errTooLarge.Error()
	case errors.Is(err, errEncoding):
		return "bad_answer", errEncoding.Error()
	case errors.Is(err, context.Canceled):
		return "cancelled", "the request was given up"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "host_not_found", "there is no host of this name"
	case errors.As(err, &cert), errors.As(err, &unknownCA), errors.As(err, &record), errors.As(err, &alert):
		return "tls", "its encryption could not be verified"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout", "it took too long"
	case sent:
		return "connection_lost", "the connection broke"
	}
	return "connect", "the connection failed"
}

// cause keeps the technical error for the log without what was secret in the request.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }

// redact removes everything of the request that may be secret (servers echo it, transports quote them) and all
// control characters, and shortens the rest.
func redact(text string, req *http.Request) string {
	for _, s := range secretsOf(req) {
		text = strings.ReplaceAll(text, s, "[secret]")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300]) + "…"
	}
	return text
}

// secretsOf lists the parts of a request that might be secret, whole before parts.
func secretsOf(req *http.Request) (out []string) {
	add := func(s string, min int) {
		if len(s) >= min {
			out = append(out, s)
			if escaped := url.QueryEscape(s); escaped != s {
				out = append(out, escaped)
			}
		}
	}
	for name, values := range req.Header {
		switch name = strings.ToLower(name); name {
		case "accept", "accept-encoding", "accept-language", "content-type", "content-length", "user-agent", "range":
			continue
		}
		for _, v := range values {
			add(v, 4)
			if _, credential, ok := strings.Cut(v, " "); ok {
				add(credential, 4)
			}
		}
	}
	if req.URL == nil {
		return out
	}
	add(req.URL.RawQuery, 4)
	for _, values := range req.URL.Query() {
		for _, v := range values {
			add(v, 6)
		}
	}
	for _, segment := range strings.Split(req.URL.Path, "/") {
		add(segment, 16) // some networks put the token into the path
	}
	return out
}
