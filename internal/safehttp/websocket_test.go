package safehttp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// TestWebsocketsObeyTheAddressRules: a websocket opened through HTTPClient is dialled like everything else.
func TestWebsocketsObeyTheAddressRules(t *testing.T) {
	met := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		met++
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		kind, said, err := conn.Read(r.Context())
		if err == nil {
			_ = conn.Write(r.Context(), kind, said)
		}
		_ = conn.CloseNow()
	}))
	defer server.Close()
	address := "ws" + strings.TrimPrefix(server.URL, "http")

	conn, _, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{HTTPClient: safehttp.New(safehttp.Policy{}).HTTPClient()})
	if err == nil {
		_ = conn.CloseNow()
	}
	if !fault.Is(err, fault.Invalid) || met != 0 {
		t.Errorf("a private address is dialled: %v, %d connections", err, met)
	}

	allowed := safehttp.New(safehttp.Policy{Allow: safehttp.MustAllow("127.0.0.1"), Timeout: time.Second})
	conn, _, err = websocket.Dial(t.Context(), address, &websocket.DialOptions{HTTPClient: allowed.HTTPClient()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, said, err := conn.Read(t.Context()); err != nil || string(said) != "hello" {
		t.Errorf("heard %q, %v", said, err)
	}
}

func TestNowIsThePolicysClock(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if got := safehttp.New(safehttp.Policy{Now: func() time.Time { return at }}).Now(); !got.Equal(at) {
		t.Errorf("it is %s", got)
	}
}
