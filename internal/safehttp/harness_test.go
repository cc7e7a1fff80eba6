package safehttp

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// resolver is under the test's control: each lookup of a name takes its next answer, the last one stays.
type resolver struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	lookups int
}

func (r *resolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookups++
	list := r.answers[host]
	if len(list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(list) > 1 {
		r.answers[host] = list[1:]
	}
	return list[0], nil
}

func addrs(texts ...string) (out []netip.Addr) {
	for _, t := range texts {
		out = append(out, netip.MustParseAddr(t))
	}
	return out
}

// world connects every permitted address to one test server and remembers what was dialled.
type world struct {
	*Client
	resolver *resolver
	mu       sync.Mutex
	dialled  []netip.AddrPort
}

func newWorld(t *testing.T, p Policy, answers map[string][][]netip.Addr, server *httptest.Server) *world {
	t.Helper()
	w := &world{resolver: &resolver{answers: answers}}
	p.Resolver = w.resolver
	w.Client = New(p)
	w.connect = func(ctx context.Context, to netip.AddrPort, check func(netip.AddrPort) error) (net.Conn, error) {
		w.mu.Lock()
		w.dialled = append(w.dialled, to)
		w.mu.Unlock()
		if err := check(to); err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	t.Cleanup(w.CloseIdle)
	return w
}

func (w *world) get(t *testing.T, address string) (*Response, error) {
	t.Helper()
	return w.Send(t.Context(), http.MethodGet, address, nil, nil, -1, "", nil)
}

// lab is a client that may reach loopback, as an operator's allow-list for a server next door would say.
func lab(t *testing.T, p Policy) *Client {
	t.Helper()
	p.Allow = MustAllow("127.0.0.1")
	c := New(p)
	t.Cleanup(c.CloseIdle)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// raw is a server that reads one whole request head per turn and then does as it is told with the connection.
func raw(t *testing.T, turn func(n int64, req *http.Request, conn net.Conn) (goOn bool)) (address string, requests *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests = new(atomic.Int64)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(reader)
					if err != nil || !turn(requests.Add(1), req, conn) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { listener.Close(); group.Wait() })
	return "http://" + listener.Addr().String(), requests
}

func code(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
