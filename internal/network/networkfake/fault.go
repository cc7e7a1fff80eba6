package networkfake

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one way to misbehave (RELIABILITY T3).
type Fault string

const (
	OK              Fault = "ok"
	ErrorAfter      Fault = "500-after-create"  // done, then 500
	ErrorBefore     Fault = "503-before"        // not done, 503
	DropAfter       Fault = "drop-after-create" // done, then the connection closes without an answer
	DropBefore      Fault = "drop-before"       // read, not done, closed
	ResetAfter      Fault = "reset"             // done, then the connection is reset
	TimeoutAfter    Fault = "timeout"           // done, and never answered
	TimeoutBefore   Fault = "timeout-before"    // never done, never answered
	Late            Fault = "late"              // never answered, and done only when Release is called
	Limited         Fault = "429-retry-after"   // not done; Retry-After: 120
	LimitedReset    Fault = "429-reset"         // not done; the network's own header says when
	LimitedSilent   Fault = "429"               // not done; no header says when
	Unauthorised    Fault = "401"               // not done; the token is no longer good
	Forbidden       Fault = "403"               // not done
	TooLarge        Fault = "413"               // not done
	Invalid         Fault = "422"               // not done
	Truncated       Fault = "truncated-json"    // done; half of the answer
	HTMLAfter       Fault = "html"              // done; a web page with 200
	Huge            Fault = "10mb"              // done; ten megabytes of answer
	Slow            Fault = "1-byte-per-second" // done; the answer trickles
	WrongType       Fault = "wrong-type"        // done; the right JSON said to be text
	EmptySuccess    Fault = "empty-success"     // done; 200 and nothing
	HTMLUnavailable Fault = "html-502"          // not done; a proxy's error page
)

// Faults lists every fault, in the order above.
var Faults = []Fault{OK, ErrorAfter, ErrorBefore, DropAfter, DropBefore, ResetAfter, TimeoutAfter, TimeoutBefore, Late, Limited, LimitedReset, LimitedSilent,
	Unauthorised, Forbidden, TooLarge, Invalid, Truncated, HTMLAfter, Huge, Slow, WrongType, EmptySuccess, HTMLUnavailable}

// Creates reports whether the call is carried out, now or later, whatever the answer says.
func (f Fault) Creates() bool {
	switch f {
	case OK, ErrorAfter, DropAfter, ResetAfter, TimeoutAfter, Late, Truncated, HTMLAfter, Huge, Slow, WrongType, EmptySuccess:
		return true
	}
	return false
}

// Doubtful reports whether the caller cannot know from the answer what happened.
func (f Fault) Doubtful() bool {
	switch f {
	case OK, WrongType, Limited, LimitedReset, LimitedSilent, Unauthorised, Forbidden, TooLarge, Invalid:
		return false
	}
	return true
}

// Program holds the faults of the calls to come. It is safe for concurrent use.
type Program struct {
	ResetHeader string // the network's own rate-limit header, written as RFC 3339
	ResetIn     bool   // the header holds seconds from now instead
	Now         func() time.Time

	mu      sync.Mutex
	planned map[string][]Fault // by class of call: "create", "upload", "read", …
	chances map[string]*chance
	waiting []func()
	onHold  func()
	closed  chan struct{}
	once    sync.Once
}

// NewProgram returns a program without faults.
func NewProgram(now func() time.Time) *Program {
	return &Program{Now: now, planned: map[string][]Fault{}, chances: map[string]*chance{}, closed: make(chan struct{})}
}

// Next makes the next calls of a class misbehave, one after the other; then all is well again.
func (p *Program) Next(class string, faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.planned[class] = append(p.planned[class], faults...)
}

// Heal drops every fault that is planned or left to chance: from here on the network works. Late calls still wait.
func (p *Program) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.planned)
	clear(p.chances)
}

// Release carries out every late call that is waiting.
func (p *Program) Release() {
	p.mu.Lock()
	waiting := p.waiting
	p.waiting = nil
	p.mu.Unlock()
	for _, do := range waiting {
		do()
	}
}

// OnHold is called whenever an answer begins to be withheld: a caller that would wait for its time-out can give up at
// once. nil ends it.
func (p *Program) OnHold(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onHold = do
}

func (p *Program) holding() {
	p.mu.Lock()
	do := p.onHold
	p.mu.Unlock()
	if do != nil {
		do()
	}
}

// Close ends every answer that is being withheld.
func (p *Program) Close() { p.once.Do(func() { close(p.closed) }) }

func (p *Program) take(class string) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.planned[class]
	if len(list) == 0 {
		return p.chances[class].take()
	}
	p.planned[class] = list[1:]
	return list[0]
}

// Play answers one call of a class with its fault. do carries the call out; it must have read all it needs of the
// request before. For a late call it runs after the request has ended.
func (p *Program) Play(w http.ResponseWriter, r *http.Request, class string, do func(http.ResponseWriter)) {
	switch fault := p.take(class); fault {
	case OK:
		do(w)
	case ErrorAfter:
		do(newRecorder())
		refuse(w, 500, "Something went wrong")
	case ErrorBefore:
		refuse(w, 503, "The service is unavailable")
	case DropAfter:
		do(newRecorder())
		hangUp(w, false)
	case ResetAfter:
		do(newRecorder())
		hangUp(w, true)
	case DropBefore:
		hangUp(w, false)
	case TimeoutAfter:
		do(newRecorder())
		p.hold(r)
	case TimeoutBefore:
		p.hold(r)
	case Late:
		p.mu.Lock()
		p.waiting = append(p.waiting, func() { do(newRecorder()) })
		p.mu.Unlock()
		p.hold(r)
	case Limited, LimitedReset, LimitedSilent:
		if fault == Limited {
			w.Header().Set("Retry-After", "120")
		} else if fault == LimitedReset && p.ResetHeader != "" {
			reset := p.Now().Add(2 * time.Minute).UTC().Format(time.RFC3339Nano)
			if p.ResetIn {
				reset = "120"
			}
			w.Header().Set(p.ResetHeader, reset)
		}
		refuse(w, 429, "Too many requests")
	case Unauthorised:
		refuse(w, 401, "The access token is invalid")
	case Forbidden:
		refuse(w, 403, "This action is not allowed")
	case TooLarge:
		refuse(w, 413, "The file is too large")
	case Invalid:
		refuse(w, 422, "Validation failed: the text is not allowed here")
	case HTMLUnavailable:
		page(w, 502, "<html><body><h1>502 Bad Gateway</h1></body></html>")
	default:
		p.spoil(w, r, fault, do)
	}
}

// spoil carries the call out and ruins its answer.
func (p *Program) spoil(w http.ResponseWriter, r *http.Request, fault Fault, do func(http.ResponseWriter)) {
	rec := newRecorder()
	do(rec)
	body := rec.body.Bytes()
	if rec.status >= 300 {
		rec.send(w, body)
		return
	}
	switch fault {
	case Truncated:
		rec.send(w, body[:len(body)/2])
	case HTMLAfter:
		page(w, 200, "<!doctype html><title>Please wait</title><p>Checking your browser")
	case Huge:
		rec.send(w, append(body, []byte(strings.Repeat(" ", 10<<20))...))
	case WrongType:
		rec.header.Set("Content-Type", "text/plain")
		rec.send(w, body)
	case EmptySuccess:
		rec.send(w, nil)
	case Slow:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for i := range body {
			if _, err := w.Write(body[i : i+1]); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			if i == 0 {
				p.holding()
			}
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			case <-p.closed:
				return
			}
		}
	}
}

// hold withholds the answer until the caller gives up.
func (p *Program) hold(r *http.Request) {
	p.holding()
	select {
	case <-r.Context().Done():
	case <-p.closed:
	}
	panic(http.ErrAbortHandler)
}

func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"error":` + strconv.Quote(reason) + `}`))
}

func page(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(html))
}

// recorder keeps an answer that is not sent as it is.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}, status: 200} }

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) send(w http.ResponseWriter, body []byte) {
	for k, v := range r.header {
		w.Header()[k] = v
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(r.status)
	_, _ = w.Write(body)
}
