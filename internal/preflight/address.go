package preflight

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

const (
	linkPatience = 6 * time.Second  // for one address; who is slower is slow for readers, too
	remembered   = 10 * time.Minute // a good answer holds for other targets with the same address
	failed       = time.Minute      // and a bad one, which may be mended any moment
	mostAnswers  = 5000
	mostLinks    = 20 // of one target
)

// own are the short links of ours in a text that lead nowhere at the planned time.
func (c *Checks) own(ctx context.Context, p post.Planned, due time.Time) []Finding {
	var out []Finding
	for _, address := range p.Links {
		why, ours := c.links.Ends(ctx, address, due)
		if ours && why != "" {
			out = append(out, Finding{Check: Link, Ref: clip(address, 300), Level: network.Warning, Message: fmt.Sprintf("The short link %s %s.", clip(address, 80), why), Fix: "Put another link in its place.", Href: "/compose/" + p.Post.ID, Subject: p.Target.ID})
		}
	}
	return out
}

// outside are the addresses of a text that do not answer as a page does.
func (c *Checks) outside(ctx context.Context, p post.Planned) []Finding {
	var out []Finding
	for i, address := range p.Links {
		if _, ours := c.links.Ends(ctx, address, time.Time{}); ours || i >= mostLinks {
			continue
		}
		if why := c.known.of(address, c.clock(), func() string { return c.dead(ctx, address) }); why != "" {
			out = append(out, Finding{Check: Link, Ref: clip(address, 300), Level: network.Warning, Message: fmt.Sprintf("%s %s.", clip(address, 80), why), Fix: "Mend the page, or put another link in its place.", Href: "/compose/" + p.Post.ID, Subject: clip(address, 300)})
		}
	}
	return out
}

// dead says why nobody who follows the address would see a page; "" = somebody would, or only programs are turned away.
func (c *Checks) dead(ctx context.Context, address string) string {
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		req, err := http.NewRequest(method, address, nil)
		if err != nil {
			return "is not a web address"
		}
		req.Header.Set("User-Agent", "Mozilla/5.0 (compatible; Bellwether link check)")
		req.Header.Set("Accept", "text/html,*/*;q=0.5")
		answer, err := c.http.Do(ctx, req)
		if answer == nil {
			f := fault.As(err)
			if ctx.Err() != nil || f.Kind == fault.Internal {
				return "" // our failure says nothing of the page
			}
			if f.Kind == fault.Invalid {
				return "is not reachable from outside: " + f.Message
			}
			return "does not answer: " + f.Message
		}
		switch s := answer.Status; {
		case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusTooManyRequests, s < 400:
			return ""
		case method == http.MethodHead: // many servers know no HEAD
		case s == http.StatusNotFound, s == http.StatusGone:
			return fmt.Sprintf("answers that there is no such page (%d)", s)
		case s >= 500:
			return fmt.Sprintf("answers with a failure of its own (%d)", s)
		}
	}
	return ""
}

// answers remembers what addresses answered.
type answers struct {
	mu sync.Mutex
	by map[string]answer
}

type answer struct {
	at  time.Time
	why string
}

func newAnswers() *answers { return &answers{by: map[string]answer{}} }

// of returns the remembered answer, or asks.
func (a *answers) of(address string, now time.Time, ask func() string) string {
	a.mu.Lock()
	known, ok := a.by[address]
	a.mu.Unlock()
	lasts := remembered
	if known.why != "" {
		lasts = failed
	}
	if ok && now.Sub(known.at).Abs() < lasts {
		return known.why
	}
	why := ask()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.by) >= mostAnswers {
		clear(a.by)
	}
	a.by[address] = answer{now, why}
	return why
}
