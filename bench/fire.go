package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// request is one request as it goes over the wire, and what its answer must be.
type request struct {
	raw    []byte
	status int
}

func get(host, path string, status int, headers ...string) request {
	return wire("GET", host, path, nil, status, headers...)
}

func wire(method, host, path string, body []byte, status int, headers ...string) request {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, host)
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	if body != nil {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return request{b.Bytes(), status}
}

// line is one kept-alive connection. It reads answers with less work than net/http, so that the load takes as little
// as possible of the processors it shares with the server.
type line struct {
	c net.Conn
	r *bufio.Reader
}

func dial(host string) (*line, error) {
	c, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	return &line{c, bufio.NewReaderSize(c, 16<<10)}, nil
}

// ask sends a request and reads its answer; the body only where into is given.
func (l *line) ask(q request, into *bytes.Buffer) error {
	if _, err := l.c.Write(q.raw); err != nil {
		return err
	}
	status, err := l.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(status) < 12 || status[9] != byte('0'+q.status/100) || status[10] != byte('0'+q.status/10%10) || status[11] != byte('0'+q.status%10) {
		rest, _ := l.r.Peek(min(l.r.Buffered(), 2000))
		return fmt.Errorf("the answer is %q, want %d: %s", status, q.status, rest)
	}
	length, chunked := 0, false
	for {
		h, err := l.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if h = bytes.TrimRight(h, "\r\n"); len(h) == 0 {
			break
		}
		if v, ok := cutFold(h, "content-length: "); ok {
			if length, err = strconv.Atoi(string(v)); err != nil {
				return err
			}
		}
		if v, ok := cutFold(h, "transfer-encoding: "); ok {
			chunked = bytes.EqualFold(v, []byte("chunked"))
		}
	}
	if !chunked {
		return l.take(length, into)
	}
	for {
		h, err := l.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimRight(h, "\r\n")), 16, 64)
		if err != nil {
			return err
		}
		if err := l.take(int(n), into); err != nil {
			return err
		}
		if _, err := l.r.Discard(2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

func (l *line) take(n int, into *bytes.Buffer) error {
	if into == nil {
		_, err := l.r.Discard(n)
		return err
	}
	_, err := io.CopyN(into, l.r, int64(n))
	return err
}

func cutFold(h []byte, prefix string) ([]byte, bool) {
	if len(h) < len(prefix) || !bytes.EqualFold(h[:len(prefix)], []byte(prefix)) {
		return nil, false
	}
	return h[len(prefix):], true
}

// volley is what a load measured.
type volley struct {
	n    int
	took time.Duration
	each []time.Duration
}

func (v volley) rate() float64 { return float64(v.n) / v.took.Seconds() }

// closed sends n requests over so many connections, each as soon as the one before it is answered.
func closed(host string, connections, n int, of func(i int) request) (volley, error) {
	return callers(connections, n, func() (func(i int) error, func(), error) {
		l, err := dial(host)
		if err != nil {
			return nil, nil, err
		}
		return func(i int) error { return l.ask(of(i), nil) }, func() { _ = l.c.Close() }, nil
	})
}

// callers lets so many callers make n calls.
func callers(count, n int, caller func() (call func(i int) error, done func(), err error)) (volley, error) {
	v := volley{n: n, each: make([]time.Duration, n)}
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, count)
	began := time.Now()
	for range count {
		all.Go(func() {
			call, done, err := caller()
			if err != nil {
				failed <- err
				return
			}
			defer done()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				from := time.Now()
				if err := call(i); err != nil {
					failed <- err
					return
				}
				v.each[i] = time.Since(from)
			}
		})
	}
	all.Wait()
	v.took = time.Since(began)
	select {
	case err := <-failed:
		return v, err
	default:
		return v, nil
	}
}

// open sends requests at a rate whatever happens to them; the latency of each counts from when it was due.
func open(ctx context.Context, host string, perSecond, n int, of func(i int) request) (volley, error) {
	v := volley{n: n, each: make([]time.Duration, n)}
	began := time.Now().Add(50 * time.Millisecond)
	due := func(i int) time.Time { return began.Add(time.Duration(i) * time.Second / time.Duration(perSecond)) }
	queue := make(chan int, n)
	var all sync.WaitGroup
	failed := make(chan error, 64)
	for range 64 {
		l, err := dial(host)
		if err != nil {
			return v, err
		}
		all.Go(func() {
			defer l.c.Close()
			for i := range queue {
				if err := l.ask(of(i), nil); err != nil {
					failed <- err
					return
				}
				v.each[i] = time.Since(due(i))
			}
		})
	}
	for i := range n {
		if wait := time.Until(due(i)); wait > 0 {
			time.Sleep(wait)
		}
		if ctx.Err() != nil {
			break
		}
		queue <- i
	}
	close(queue)
	all.Wait()
	v.took = time.Since(began)
	select {
	case err := <-failed:
		return v, errors.Join(err, ctx.Err())
	default:
		return v, ctx.Err()
	}
}
