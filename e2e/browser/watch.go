package browser

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// note is something the browser complained about.
type note struct {
	policy bool // a breach of the content security policy
	text   string
}

func (n note) String() string { return n.text }

// watch collects complaints from the tab's events.
func (p *Page) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			p.add(false, "console: "+said(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if o := e.ExceptionDetails.Exception; o != nil {
			text += " " + said([]*runtime.RemoteObject{o})
		}
		p.add(false, fmt.Sprintf("uncaught: %s (%s:%d)", text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber+1))
	case *log.EventEntryAdded:
		// What the network source says about failed requests is told better by the network's own events.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			p.add(strings.Contains(e.Entry.Text, "Content Security Policy"), string(e.Entry.Source)+": "+e.Entry.Text)
		}
	case *network.EventResponseReceived:
		// A page or a fragment may well answer 404 or 422 and be shown; its parts may not, and a 5xx is always a bug.
		part := e.Type != network.ResourceTypeDocument && e.Type != network.ResourceTypeXHR && e.Type != network.ResourceTypeFetch
		if e.Response.Status >= 500 || part && e.Response.Status >= 400 {
			p.add(false, fmt.Sprintf("network: %d for the %s %s", e.Response.Status, strings.ToLower(string(e.Type)), e.Response.URL))
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") && !onThisMachine(u.Hostname()) {
			p.add(false, "network: asked another host for "+e.Request.URL)
		}
	}
}

func onThisMachine(host string) bool {
	return host == "127.0.0.1" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func (p *Page) add(policy bool, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notes = append(p.notes, note{policy: policy, text: text})
}

func (p *Page) seen() []note {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]note(nil), p.notes...)
}

// ConsoleErrors fails the test for every error since the last time it was asked: written to the console, thrown and
// not caught, a part of the page that did not load, an answer of the 500s, or a request to another machine.
func (p *Page) ConsoleErrors() {
	p.t.Helper()
	p.report("the page", false)
}

// CSPReports fails the test for every breach of the page's content security policy since the last time it was asked.
func (p *Page) CSPReports() {
	p.t.Helper()
	p.report("the content security policy", true)
}

func (p *Page) report(who string, policy bool) {
	p.t.Helper()
	where := p.URL() // an answered question: every earlier event has arrived
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.notes[:0]
	for _, n := range p.notes {
		if n.policy != policy {
			kept = append(kept, n)
			continue
		}
		p.t.Errorf("%s at %s: %s", who, where, n)
	}
	p.notes = kept
}

// said is the console's text: strings as they are, other values described.
func said(args []*runtime.RemoteObject) string {
	var parts []string
	for _, a := range args {
		switch {
		case a.Description != "":
			parts = append(parts, a.Description)
		default:
			parts = append(parts, strings.Trim(string(a.Value), `"`))
		}
	}
	return strings.Join(parts, " ")
}
