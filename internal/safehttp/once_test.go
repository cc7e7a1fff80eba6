package safehttp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// refusing is a reserved port that nothing listens on; a port just closed could be another test's next.
const refusing = "http://127.0.0.1:1"

const answerOK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// A server that answers the first request on a connection and drops the connection after reading the second is
// what makes Go's transport send again.
func TestR4NothingIsSentTwiceWhenTheConnectionIsDroppedAfterReading(t *testing.T) {
	dropping := func(n int64, _ *http.Request, conn net.Conn) bool {
		if n == 1 {
			io.WriteString(conn, answerOK)
		}
		return n == 1
	}
	type call struct {
		name, method string
		header       http.Header
		body         func() io.Reader
	}
	key := http.Header{"Idempotency-Key": {"k1"}, "X-Idempotency-Key": {"k1"}}
	none := func() io.Reader { return nil }
	calls := []call{
		{"read", "GET", nil, none},
		{"read with a key", "GET", key, none},
		{"head", "HEAD", nil, none},
		{"read with a body", "GET", key, func() io.Reader { return strings.NewReader("q") }},
		{"write", "POST", nil, func() io.Reader { return strings.NewReader("hello") }},
		{"write with a key", "POST", key, func() io.Reader { return strings.NewReader("hello") }},
		{"empty write with a key", "POST", key, none},
		{"stream with a key", "PUT", key, func() io.Reader { return io.MultiReader(strings.NewReader("hello")) }},
		{"delete with a key", "DELETE", key, none},
		{"options", "OPTIONS", nil, none},
	}
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			address, requests := raw(t, dropping)
			c := lab(t, Policy{})
			if _, err := c.JSON(t.Context(), "GET", address, nil, nil, nil); err != nil {
				t.Fatalf("the first request: %v", err)
			}
			resp, err := c.Send(t.Context(), call.method, address, call.header, call.body(), -1, "", nil)
			if !fault.Is(err, fault.Unknown) || code(err) != "connection_lost" {
				t.Errorf("got %+v, %v (%s %s), want unknown", resp, err, fault.KindOf(err), code(err))
			}
			if n := requests.Load(); n != 2 {
				t.Errorf("%d requests arrived, want 2", n)
			}
			// The same through the standard client's shape.
			req, _ := http.NewRequest(call.method, address, call.body())
			req.Header = call.header
			if resp, err := c.HTTPClient().Do(req); err == nil {
				resp.Body.Close()
				t.Errorf("the standard client got %d", resp.StatusCode)
			}
			if n := requests.Load(); n != 3 {
				t.Errorf("%d requests arrived, want 3", n)
			}
		})
	}
	t.Run("the test can fail: Go's own transport repeats", func(t *testing.T) {
		address, requests := raw(t, dropping)
		plain := &http.Client{Transport: &http.Transport{}}
		defer plain.CloseIdleConnections()
		resp, err := plain.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		req, _ := http.NewRequest("POST", address, strings.NewReader("hello"))
		req.Header.Set("Idempotency-Key", "k1")
		if _, err := plain.Do(req); err == nil {
			t.Fatal("no error")
		}
		if n := requests.Load(); n != 3 {
			t.Errorf("%d requests: the condition this test is about no longer arises", n)
		}
	})
}

func TestReadsKeepTheirConnectionAndWritesDoNot(t *testing.T) {
	conns := map[string]bool{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { conns[r.RemoteAddr] = true })
	c := lab(t, Policy{})
	for range 3 {
		if _, err := c.JSON(t.Context(), "GET", server.URL, nil, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(conns) != 1 {
		t.Errorf("3 reads used %d connections", len(conns))
	}
	for range 2 {
		if _, err := c.JSON(t.Context(), "POST", server.URL, nil, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(conns) != 3 {
		t.Errorf("2 writes more: %d connections, want 3", len(conns))
	}
}

// The kind of a missing answer says whether anything may have been done.
func TestR4KindSaysWhetherTheRequestMayHaveLeft(t *testing.T) {
	wait := make(chan struct{})
	defer close(wait)
	slow := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":`)
		w.(http.Flusher).Flush()
		<-wait
	}
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer secure.Close()
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never speaks
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	respond := func(text string) string {
		address, _ := raw(t, func(_ int64, _ *http.Request, conn net.Conn) bool { io.WriteString(conn, text); return false })
		return address
	}
	reset, _ := raw(t, func(_ int64, _ *http.Request, conn net.Conn) bool { conn.(*net.TCPConn).SetLinger(0); return false })
	half, _ := raw(t, func(_ int64, _ *http.Request, conn net.Conn) bool {
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":")
		conn.(*net.TCPConn).SetLinger(0)
		return false
	})
	short := Policy{HeaderTimeout: 50 * time.Millisecond, DialTimeout: 500 * time.Millisecond}
	total := Policy{Timeout: 100 * time.Millisecond}
	bomb := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		block := make([]byte, 1<<20)
		for range 64 {
			z.Write(block)
		}
		z.Close()
	}
	for _, c := range []struct {
		name, address string
		policy        Policy
		kind          fault.Kind
		code          string
	}{
		{"connection refused", refusing, Policy{}, fault.Later, "connect"},
		{"no such host", "http://nowhere.example/", Policy{Resolver: &resolver{}}, fault.Later, "host_not_found"},
		{"certificate not trusted", secure.URL, Policy{}, fault.Later, "tls"},
		{"plain answer to TLS", "https://" + hostOf(t, serve(t, func(http.ResponseWriter, *http.Request) {}).URL), Policy{}, fault.Later, "tls"},
		{"handshake hangs", "https://" + mute.Addr().String(), Policy{DialTimeout: 50 * time.Millisecond}, fault.Later, "timeout"},
		{"no answer in time", "http://" + mute.Addr().String(), short, fault.Unknown, "timeout"},
		{"no answer in the total time", "http://" + mute.Addr().String(), total, fault.Unknown, "timeout"},
		{"body trickles", serve(t, slow).URL, total, fault.Unknown, "timeout"},
		{"dropped after reading", respond(""), Policy{}, fault.Unknown, "connection_lost"},
		{"reset after reading", reset, Policy{}, fault.Unknown, "connection_lost"},
		{"cut in the status line", respond("HTTP/1.1 2"), Policy{}, fault.Unknown, "connection_lost"},
		{"cut in the headers", respond("HTTP/1.1 200 OK\r\nContent-Ty"), Policy{}, fault.Unknown, "connection_lost"},
		{"not http", respond("SSH-2.0-OpenSSH\r\n\r\n"), Policy{}, fault.Unknown, "connection_lost"},
		{"cut in the body", respond("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"), Policy{}, fault.Unknown, "connection_lost"},
		{"reset in the body", half, Policy{}, fault.Unknown, "connection_lost"},
		{"cut in a chunk", respond("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"), Policy{}, fault.Unknown, "connection_lost"},
		{"10 MB said", respond("HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n"), Policy{}, fault.Unknown, "too_large"},
		{"10 MB of body", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				w.Write(make([]byte, 1<<20))
			}
		}).URL, Policy{}, fault.Unknown, "too_large"},
		{"64 MB packed small", serve(t, bomb).URL, Policy{}, fault.Unknown, "too_large"},
		{"damaged packing", respond("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), Policy{}, fault.Unknown, "connection_lost"},
		{"unknown packing", respond("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nnope"), Policy{}, fault.Unknown, "bad_answer"},
		{"huge headers", respond("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 200<<10) + "\r\n\r\n"), Policy{}, fault.Unknown, "connection_lost"},
		{"500", respond("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), Policy{}, fault.Unknown, "http_500"},
		{"truncated data", respond("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n{\"id\":"), Policy{}, fault.Unknown, "bad_answer"},
		{"a web page", respond("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"), Policy{}, fault.Unknown, "bad_answer"},
		{"nothing at all", respond("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Policy{}, fault.Unknown, "bad_answer"},
	} {
		for _, method := range []string{"GET", "POST"} {
			var out struct{ ID string }
			_, err := lab(t, c.policy).JSON(t.Context(), method, c.address, nil, nil, &out)
			if !fault.Is(err, c.kind) || code(err) != c.code {
				t.Errorf("%s, %s: %v (%s, %s), want %s, %s", c.name, method, err, fault.KindOf(err), code(err), c.kind, c.code)
			}
		}
	}
}

func TestAnswerThatBrokeInTheMiddleStillShowsItsStatus(t *testing.T) {
	address, _ := raw(t, func(_ int64, _ *http.Request, conn net.Conn) bool {
		io.WriteString(conn, "HTTP/1.1 201 Created\r\nLocation: /posts/7\r\nContent-Length: 100\r\n\r\n{\"id\":7")
		return false
	})
	resp, err := lab(t, Policy{}).JSON(t.Context(), "POST", address, nil, 1, nil)
	if !fault.Is(err, fault.Unknown) || resp == nil || resp.Status != 201 || resp.Header.Get("Location") != "/posts/7" || string(resp.Body) != `{"id":7` {
		t.Errorf("%+v, %v", resp, err)
	}
}

func TestCancelledBeforeAndAfterSending(t *testing.T) {
	arrived, done := make(chan struct{}), make(chan struct{})
	server := serve(t, func(http.ResponseWriter, *http.Request) { close(arrived); <-done })
	defer close(done)
	c := lab(t, Policy{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.JSON(ctx, "POST", server.URL, nil, nil, nil); !fault.Is(err, fault.Later) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v (%s)", err, fault.KindOf(err))
	}
	ctx, cancel = context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := c.JSON(ctx, "POST", server.URL, nil, nil, nil); !fault.Is(err, fault.Unknown) || code(err) != "cancelled" {
		t.Errorf("cancelled after: %v (%s)", err, fault.KindOf(err))
	}
}

func TestBodyThatCannotBeReadIsUnknownOnceItBegan(t *testing.T) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	broken := io.MultiReader(strings.NewReader("start"), iotest.ErrReader(errors.New("the disk is gone")))
	_, err := lab(t, Policy{}).Send(t.Context(), "POST", server.URL, nil, broken, -1, "", nil)
	if !fault.Is(err, fault.Unknown) || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("%v (%s)", err, fault.KindOf(err))
	}
}

func TestHeaderThatCannotBeSentIsInvalid(t *testing.T) {
	c := lab(t, Policy{})
	for name, value := range map[string]string{"X-Title": "a\r\nEvil: yes", "Bad Name": "x", "X-Nul": "\x00"} {
		if _, err := c.JSON(t.Context(), "GET", "http://127.0.0.1:1/", http.Header{name: {value}}, nil, nil); code(err) != "bad_header" {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestGzipIsUnpackedUnderTheCap(t *testing.T) {
	text := strings.Repeat("bellwether ", 1000)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, text)
		z.Close()
	})
	c := lab(t, Policy{MaxBody: int64(len(text))})
	resp, err := c.Send(t.Context(), "GET", server.URL, nil, nil, -1, "", nil)
	if err != nil || string(resp.Body) != text {
		t.Errorf("%v, %d bytes", err, len(resp.Body))
	}
	if _, err := c.WithMaxBody(int64(len(text))-1).Send(t.Context(), "GET", server.URL, nil, nil, -1, "", nil); code(err) != "too_large" {
		t.Errorf("one byte over the cap: %v", err)
	}
	var file bytes.Buffer
	req, _ := http.NewRequest("GET", server.URL, nil)
	if resp, err := c.WithMaxBody(-1).WithTimeout(-1).Fetch(t.Context(), req, &file); err != nil || file.String() != text || resp.Status != 200 {
		t.Errorf("fetched %d bytes, %v", file.Len(), err)
	}
	req, _ = http.NewRequest("GET", server.URL, nil)
	if _, err := c.Fetch(t.Context(), req, failing{}); err == nil || !errors.Is(err, io.ErrShortWrite) || !fault.Is(err, fault.Internal) {
		t.Errorf("a full disk: %v (%s)", err, fault.KindOf(err))
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// Every error is shown or logged somewhere; none may carry what the request was authorised with.
func TestS31ErrorsDoNotCarrySecrets(t *testing.T) {
	const token, query, inPath = "tok-9f8e7d6c5b", "q-secret value", "bot1234567:AAE-secret-path"
	echo, _ := raw(t, func(_ int64, req *http.Request, conn net.Conn) bool {
		fmt.Fprintf(conn, "oops %s %s %s %s\r\n\r\n", req.Header.Get("Authorization"), req.Header.Get("X-Secret"), req.URL.RawQuery, req.URL.Path)
		return false
	})
	header := http.Header{"Authorization": {"Bearer " + token}, "X-Secret": {token}}
	for _, base := range []string{echo, refusing, "http://nowhere.invalid", "http://127.0.0.9:1", "gopher://x", "http://[bad"} {
		address := base + "/" + inPath + "/send?access_token=" + strings.ReplaceAll(query, " ", "%20")
		c := lab(t, Policy{Resolver: &resolver{}})
		_, err := c.JSON(t.Context(), "POST", address, header, nil, nil)
		if err == nil {
			t.Fatalf("%s: no error", base)
		}
		for _, secret := range []string{token, "q-secret", "value", inPath, "secret-path"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error carries %q: %v", base, secret, err)
			}
		}
	}
}
