package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/web/page"
)

// alive is how often a silent stream says that it is there.
const alive = 25 * time.Second

// stream tells a page what changed in its workspace, as server-sent events: which kind, and to which thing. It never
// carries content; the page fetches its parts again, with its own rights.
func (s *Server) stream(c *page.Context) error {
	control := http.NewResponseController(c.W)
	c.W.Header().Set("Content-Type", "text/event-stream")
	c.W.Header().Set("X-Accel-Buffering", "no")
	_ = control.SetWriteDeadline(time.Time{})
	events, stop := s.config.Events.Watch(c.Actor().WorkspaceID)
	defer stop()
	fmt.Fprint(c.W, "retry: 3000\n\n")
	if err := control.Flush(); err != nil {
		return nil
	}
	tick := time.NewTicker(alive)
	defer tick.Stop()
	for {
		select {
		case <-c.Ctx().Done():
			return nil
		case <-tick.C:
			if !s.still(c) {
				return nil // signed out or no longer a member; the page asks again and is told
			}
			fmt.Fprint(c.W, ": alive\n\n")
		case e := <-events:
			raw, err := json.Marshal(map[string]string{"topic": e.Kind, "entity": e.Entity})
			if err != nil {
				return err
			}
			fmt.Fprintf(c.W, "data: %s\n\n", raw)
		}
		if err := control.Flush(); err != nil {
			return nil // the page is gone
		}
	}
}

// still reports whether the session and the membership a stream was opened with hold.
func (s *Server) still(c *page.Context) bool {
	_, u, err := s.config.House.Accounts.Session(c.Ctx(), c.Cookie(page.SessionCookie))
	if err != nil {
		return false
	}
	_, err = s.config.House.Workspaces.ActorOf(c.Ctx(), u, c.Actor().WorkspaceID, "web", c.Address)
	return err == nil
}

// limiter counts requests per key and minute.
type limiter struct {
	mu     sync.Mutex
	clock  func() time.Time
	minute int64
	counts map[string]int
}

func newLimiter(clock func() time.Time) *limiter {
	return &limiter{clock: clock, counts: map[string]int{}}
}

func (l *limiter) allow(key string, limit int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.clock().Unix() / 60; m != l.minute {
		l.minute = m
		clear(l.counts)
	}
	l.counts[key]++
	return l.counts[key] <= limit
}
