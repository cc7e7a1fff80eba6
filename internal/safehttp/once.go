package safehttp

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"golang.org/x/net/http/httpguts"

	"github.com/bellwether-social/bellwether/internal/fault"
)

var (
	errTooLarge = errors.New("the answer is larger than permitted")
	errEncoding = errors.New("the answer is packed in a way that was not asked for")
)

// nothing is an empty body that Go can't rewind: a read that carries it is never replayed by the transport.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }
func (nothing) Close() error             { return nil }

// once makes one exchange with one host: at most one request leaves. The returned body is unpacked and capped.
func (c *Client) once(ctx context.Context, in *http.Request, target *url.URL, header http.Header) (*http.Response, error) {
	for name, values := range header {
		for _, v := range values {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(v) {
				if in.Body != nil {
					in.Body.Close()
				}
				return nil, fault.Invalidf(name, "the header %q has a value that can't be sent", clip(name)).WithCode("bad_header")
			}
		}
	}
	// A connection in hand is where certainty ends: from here on request bytes may have left. (The trace's later
	// marks come after the first bytes are buffered, which is too late to prove anything.)
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})

	req := in.Clone(ctx)
	req.URL, req.Host, req.GetBody = target, "", nil
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Del("Cookie")
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.policy.UserAgent)
	}
	asked := req.Header.Get("Accept-Encoding") == "" && req.Header.Get("Range") == ""
	if asked {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	transport := c.writes
	if isRead(in.Method) {
		transport = c.reads
		if req.Body == nil || req.Body == http.NoBody {
			req.Body, req.ContentLength = nothing{}, 0
		}
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, c.failure(in, target, sent.Load(), err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, nil
	}
	if err := c.unpack(resp, asked); err != nil {
		resp.Body.Close()
		return nil, c.failure(in, target, true, err)
	}
	return resp, nil
}

// unpack replaces the answer's body by its plain form, capped.
func (c *Client) unpack(resp *http.Response, asked bool) error {
	plain, raw := io.Reader(resp.Body), resp.Body
	if limit := c.policy.MaxBody; limit >= 0 && resp.ContentLength > limit && resp.Request.Method != http.MethodHead {
		return errTooLarge
	}
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); {
	case !asked, encoding == "", encoding == "identity", resp.Request.Method == http.MethodHead, resp.StatusCode == http.StatusNoContent:
	case encoding == "gzip" || encoding == "x-gzip":
		plain = &gunzip{raw: raw}
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength = -1
	default:
		return errEncoding
	}
	if c.policy.MaxBody >= 0 {
		plain = &capped{r: plain, left: c.policy.MaxBody}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{plain, raw}
	return nil
}

// gunzip opens the packed stream at the first read, so that an empty answer is no error before anyone wants it.
type gunzip struct {
	raw io.Reader
	z   *gzip.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.z == nil {
		z, err := gzip.NewReader(g.raw)
		if err != nil {
			return 0, err
		}
		g.z = z
	}
	return g.z.Read(p)
}

// capped fails when more than left bytes come; unlike io.LimitReader it never makes a cut answer look whole.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return n + int(c.left), errTooLarge
	}
	return n, err
}
