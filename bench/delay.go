package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
)

// far is a network that takes its time: a fake server behind a door that notes when each post arrives.
type far struct {
	*mastodonfake.Fake
	door   *httptest.Server
	before atomic.Int64 // how long a post waits before it is done
	after  atomic.Int64 // how long its answer waits after it was done

	mu      sync.Mutex
	arrived map[string]time.Time // text → first arrival
}

func newFar(before time.Duration) (*far, error) {
	fake, err := mastodonfake.Start(mastodonfake.Options{})
	if err != nil {
		return nil, err
	}
	to, err := url.Parse(fake.URL)
	if err != nil {
		return nil, err
	}
	f := &far{Fake: fake, arrived: map[string]time.Time{}}
	f.before.Store(int64(before))
	pass := httputil.NewSingleHostReverseProxy(to)
	pass.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	f.door = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/api/v1/statuses" {
			pass.ServeHTTP(w, r)
			return
		}
		now := time.Now()
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		f.note(raw, now)
		r.Body = io.NopCloser(bytes.NewReader(raw))
		time.Sleep(time.Duration(f.before.Load()))
		if wait := f.after.Load(); wait > 0 {
			kept := httptest.NewRecorder() // it is done, and whoever asked may be gone before the answer
			pass.ServeHTTP(kept, r.WithContext(context.WithoutCancel(r.Context())))
			time.Sleep(time.Duration(wait))
			w.WriteHeader(kept.Code)
			_, _ = w.Write(kept.Body.Bytes())
			return
		}
		pass.ServeHTTP(w, r)
	}))
	return f, nil
}

func (f *far) note(raw []byte, now time.Time) {
	var sent struct{ Status string }
	if json.Unmarshal(raw, &sent) != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.arrived[sent.Status].IsZero() {
		f.arrived[sent.Status] = now
	}
}

// arrivals is when each post arrived first, by its text.
func (f *far) arrivals() map[string]time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make(map[string]time.Time, len(f.arrived))
	for k, v := range f.arrived {
		out[k] = v
	}
	return out
}

func (f *far) close() {
	f.door.CloseClientConnections()
	f.door.Close()
	f.Fake.Close()
}
