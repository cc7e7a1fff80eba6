package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/limit"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// counted is an interface with small limits and a clock in the test's hand. A token is its key's name; what stands before
// its dash is the workspace.
func counted(now *time.Time) *API {
	clock := func() time.Time { return *now }
	return New(Rooms{Limits: Limits{Key: limit.PerMinute(3, clock), Workspace: limit.PerMinute(5, clock), Stranger: limit.PerMinute(2, clock)},
		Address: func(context.Context) string { return "192.0.2.7" },
		Authenticate: func(_ context.Context, token string) (workspace.Actor, error) {
			ws, _, known := strings.Cut(token, "-")
			if !known {
				return workspace.Actor{}, fault.NotFoundf("there is no such key")
			}
			return workspace.Actor{WorkspaceID: ws, KeyID: token}, nil
		}}, "test")
}

func ask(a *API, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, Prefix+"/nothing-here", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func TestS30AKeyAndAWorkspaceHaveTheirLimits(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	a := counted(&now)
	for n, left := range []string{`"key";r=2;t=20`, `"key";r=1;t=40`, `"key";r=0;t=60`} {
		if w := ask(a, "ws1-a"); w.Code != http.StatusNotFound || w.Header().Get("RateLimit") != left {
			t.Errorf("request %d: %d, %q", n, w.Code, w.Header().Get("RateLimit"))
		}
	}
	w := ask(a, "ws1-a")
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "20" || w.Header().Get("Content-Type") != "application/problem+json" ||
		w.Header().Get("RateLimit-Policy") != `"key";q=3;w=60` || p.Code != "too_many_requests" || p.Status != 429 || p.Hint == "" {
		t.Errorf("the request too many: %d %v %+v", w.Code, w.Header(), p)
	}
	if w := ask(a, "ws1-b"); w.Code != http.StatusNotFound || w.Header().Get("RateLimit-Policy") != `"workspace";q=5;w=60` { // what was refused counted for the workspace, too
		t.Errorf("another key of the workspace: %d %v", w.Code, w.Header())
	}
	if w := ask(a, "ws1-c"); w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "this workspace") {
		t.Errorf("a third key, past the workspace's limit: %d %s", w.Code, w.Body)
	}
	if w := ask(a, "ws2-a"); w.Code != http.StatusNotFound {
		t.Errorf("another workspace: %d", w.Code)
	}
	now = now.Add(20 * time.Second)
	if w := ask(a, "ws1-a"); w.Code != http.StatusNotFound {
		t.Errorf("after the time that Retry-After said: %d", w.Code)
	}
}

func TestS30GuessingKeysIsSlow(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	a := counted(&now)
	for range 2 {
		if w := ask(a, "guess"); w.Code != http.StatusUnauthorized {
			t.Errorf("%d", w.Code)
		}
	}
	if w := ask(a, "guess"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "30" {
		t.Errorf("the guess too many: %d, %v", w.Code, w.Header())
	}
	if w := ask(a, "ws1-a"); w.Code != http.StatusNotFound {
		t.Errorf("a key that holds, from the same address: %d", w.Code)
	}
}

func TestS30TheLimitsAreDescribed(t *testing.T) {
	now := time.Now()
	a := counted(&now)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, Prefix+"/openapi.json", nil))
	var doc struct {
		Info  struct{ Description string }
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Headers map[string]any `json:"headers"`
			} `json:"responses"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || len(doc.Paths) == 0 {
		t.Fatalf("%v: %.200s", err, w.Body)
	}
	if !strings.Contains(doc.Info.Description, "RateLimit") {
		t.Errorf("%q", doc.Info.Description)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if h := op.Responses["429"].Headers; h["Retry-After"] == nil || h["RateLimit"] == nil || h["RateLimit-Policy"] == nil {
				t.Errorf("%s %s does not describe its 429: %v", method, path, h)
			}
		}
	}
}
