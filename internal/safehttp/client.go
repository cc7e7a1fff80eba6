package safehttp

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Client sends requests under one policy. It is safe for concurrent use.
type Client struct {
	policy  Policy
	connect connect
	reads   *http.Transport // GET and HEAD: connections are kept
	writes  *http.Transport // everything else: a fresh connection each
	hear    func(Call)      // nil = nobody counts
}

// New returns a client for the policy.
func New(p Policy) *Client {
	c := &Client{policy: p.withDefaults(), connect: dialTCP}
	c.reads, c.writes = c.transport(), c.transport()
	c.writes.DisableKeepAlives = true
	return c
}

func (c *Client) transport() *http.Transport {
	var one http.Protocols
	one.SetHTTP1(true)
	return &http.Transport{
		DialContext:            c.DialContext,
		Protocols:              &one,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.policy.RootCAs, ClientSessionCache: tls.NewLRUClientSessionCache(256)},
		TLSHandshakeTimeout:    c.policy.DialTimeout,
		ResponseHeaderTimeout:  c.policy.HeaderTimeout,
		MaxResponseHeaderBytes: c.policy.MaxHeader,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        30 * time.Second, // shorter than most servers', so that they seldom close first
		DisableCompression:     true,             // unpacked here, under the cap
	}
}

// WithTimeout returns a client that shares this one's connections with another total time; negative: none.
func (c *Client) WithTimeout(d time.Duration) *Client {
	other := *c
	other.policy.Timeout = d
	return &other
}

// WithMaxBody returns a client that shares this one's connections with another cap on answers, in bytes.
func (c *Client) WithMaxBody(bytes int64) *Client {
	other := *c
	other.policy.MaxBody = bytes
	return &other
}

// CloseIdle closes kept connections.
func (c *Client) CloseIdle() { c.reads.CloseIdleConnections() }

// Do sends the request once and reads the whole answer. Redirects are followed for GET and HEAD only; for other
// methods the redirect is the answer. Any status is an answer: see Response.Err.
//
// The error is fault.Invalid when the policy forbids the request, fault.Later when provably no byte of it left,
// fault.Unknown when it may have. If the answer's status was received before it broke, Response is not nil.
func (c *Client) Do(ctx context.Context, req *http.Request) (*Response, error) {
	var body bytes.Buffer
	resp, err := c.Fetch(ctx, req, &body)
	if resp != nil {
		resp.Body = body.Bytes()
	}
	return resp, err
}

// Fetch is Do with the answer's body written to dst as it arrives, for files too large for memory. What dst has
// received when an error is returned is incomplete.
func (c *Client) Fetch(ctx context.Context, req *http.Request, dst io.Writer) (*Response, error) {
	if c.policy.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.policy.Timeout)
		defer cancel()
	}
	target, err := c.checkURL(req.URL)
	if err != nil {
		return nil, err
	}
	header := req.Header.Clone()
	for redirects := 0; ; redirects++ {
		answer, err := c.once(ctx, req, target, header)
		c.tell(req, target, answer)
		if err != nil {
			return nil, err
		}
		next, err := c.redirect(req, target, answer, redirects)
		if err != nil || next != nil {
			answer.Body.Close()
			if err != nil {
				return nil, err
			}
			if origin(next) != origin(target) {
				header = forStrangers(header)
			}
			target = next
			continue
		}
		resp := &Response{Status: answer.StatusCode, Header: answer.Header, URL: target, At: c.policy.Now()}
		to := &sink{w: dst}
		_, err = io.Copy(to, answer.Body)
		answer.Body.Close()
		switch {
		case to.err != nil:
			return resp, fmt.Errorf("keep the answer of %s: %w", target.Host, to.err)
		case err != nil:
			return resp, c.failure(req, target, true, err)
		}
		return resp, nil
	}
}

// sink remembers whether it was our side that failed.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

// redirect returns where the answer sends a read, or nil when the answer is the final one.
func (c *Client) redirect(req *http.Request, from *url.URL, answer *http.Response, redirects int) (*url.URL, error) {
	location := answer.Header.Get("Location")
	if !isRead(req.Method) || req.Body != nil || location == "" || c.policy.MaxRedirects < 0 {
		return nil, nil
	}
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	if redirects >= c.policy.MaxRedirects {
		return nil, fault.Rejectedf("%s redirects more than %d times", from.Host, c.policy.MaxRedirects).WithCode("too_many_redirects")
	}
	to, err := url.Parse(location)
	if err != nil {
		return nil, fault.Rejectedf("%s redirects to something that is not a web address", from.Host).WithCode("bad_redirect")
	}
	return c.checkURL(from.ResolveReference(to))
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// forStrangers keeps only headers that tell another host nothing: tokens live in headers of any name.
func forStrangers(h http.Header) http.Header {
	out := http.Header{}
	for _, name := range []string{"Accept", "Accept-Language", "Range", "User-Agent"} {
		if v := h.Values(name); v != nil {
			out[name] = v
		}
	}
	return out
}

func isRead(method string) bool {
	return method == "" || method == http.MethodGet || method == http.MethodHead
}

// Now is the client's clock, by which answers are dated and signatures that expire can be made.
func (c *Client) Now() time.Time { return c.policy.Now() }
