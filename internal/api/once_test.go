package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/api"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func ask(a http.Handler, method, path, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, api.Prefix+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer key")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

const draft = `{"brand_id":"brand_1","base":{"parts":[{"text":"Hello"}]}}`

func TestR7TheSameRequestTwiceIsOnePost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		a := build(t, database)
		answers := make([]*httptest.ResponseRecorder, 12)
		var all sync.WaitGroup
		for n := range answers { // two tabs, and a client that retries before it has an answer
			all.Go(func() { answers[n] = ask(a, "POST", "/posts", "press", draft) })
		}
		all.Wait()
		first := ask(a, "POST", "/posts", "press", draft)
		if first.Code != http.StatusCreated || first.Header().Get("Idempotency-Replayed") != "true" {
			t.Fatalf("asked again, the answer is %d %s", first.Code, first.Body)
		}
		for _, w := range answers {
			if w.Code != http.StatusConflict && (w.Code != http.StatusCreated || w.Body.String() != first.Body.String()) {
				t.Errorf("%d %s, first %s", w.Code, w.Body, first.Body)
			}
		}
		if n, err := db.One[int](context.Background(), database, `select count(*) from posts`); err != nil || n != 1 {
			t.Errorf("%d posts, %v", n, err)
		}
	})
}

func TestR7PublishPressedTwiceGoesOutOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, a := context.Background(), build(t, database)
		actor, err := a.Authenticate(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		made, err := a.Channels.SignIn(ctx, actor, "sandbox", "brand_1", map[string]string{"handle": "club"})
		if err != nil {
			t.Fatal(err)
		}
		w := ask(a, "POST", "/posts", "", `{"brand_id":"brand_1","base":{"parts":[{"text":"Hello"}]},"channels":["`+made[0].ID+`"]}`)
		var p struct{ ID string }
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				w := ask(a, "POST", "/posts/"+p.ID+"/schedule", "", `{"now":true,"confirm":true}`)
				if w.Code != http.StatusOK && w.Code != http.StatusConflict {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			})
			all.Go(func() {
				for range 3 {
					if _, err := a.Journal.Step(ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		for range 5 {
			if _, err := a.Journal.Step(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if w := ask(a, "POST", "/posts/"+p.ID+"/schedule", "", `{"now":true,"confirm":true}`); w.Code != http.StatusConflict {
			t.Errorf("publishing what is published is answered with %d %s", w.Code, w.Body)
		}
		n, err := db.One[int](ctx, database, `select count(*) from deliveries`)
		live, err2 := db.One[int](ctx, database, `select count(*) from targets where state = 'published'`)
		if err != nil || err2 != nil || n != 1 || live != 1 {
			t.Errorf("%d deliveries, %d published, %v, %v", n, live, err, err2)
		}
	})
}

func TestR8AKeyBelongsToOneRequestForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, a := context.Background(), build(t, database)
		first := ask(a, "POST", "/posts", "k1", draft)
		if first.Code != http.StatusCreated {
			t.Fatalf("%d %s", first.Code, first.Body)
		}
		for what, w := range map[string]*httptest.ResponseRecorder{
			"another body": ask(a, "POST", "/posts", "k1", strings.Replace(draft, "Hello", "Goodbye", 1)),
			"another path": ask(a, "POST", "/campaigns", "k1", draft),
		} {
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "key_reused") {
				t.Errorf("%s is answered with %d %s", what, w.Code, w.Body)
			}
		}
		refused := ask(a, "POST", "/posts", "k2", `{"brand_id":"brand_1"}`)
		if again := ask(a, "POST", "/posts", "k2", `{"brand_id":"brand_1"}`); refused.Code != http.StatusUnprocessableEntity || again.Code != refused.Code || again.Body.String() != refused.Body.String() {
			t.Errorf("a refusal is repeated as %d %s, first %d %s", again.Code, again.Body, refused.Code, refused.Body)
		}
		actor, err := a.Authenticate(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := workspace.NewOnce(database).Begin(ctx, actor, "k3", "somebody is at it"); err != nil { // as if by another replica
			t.Fatal(err)
		}
		if _, err := db.Exec(ctx, database, `update idempotency_keys set fingerprint = (select fingerprint from idempotency_keys where key = 'k1'), created_at = $1 where key = 'k3'`, db.Now()); err != nil {
			t.Fatal(err)
		}
		if w := ask(a, "POST", "/posts", "k3", draft); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "in_flight") {
			t.Errorf("a key in flight is answered with %d %s", w.Code, w.Body)
		}
		rooms := a.Rooms
		rooms.Once = workspace.NewOnce(database)
		restarted := api.New(rooms, "test")
		if _, err := db.Exec(ctx, database, `update idempotency_keys set created_at = $1 where key = 'k1'`, db.Now().Add(-23*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if w := ask(restarted, "POST", "/posts", "k1", draft); w.Body.String() != first.Body.String() {
			t.Errorf("after 23 hours and a restart: %s", w.Body)
		}
		if _, err := db.Exec(ctx, database, `update idempotency_keys set created_at = $1 where key = 'k1'`, db.Now().Add(-25*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if w := ask(restarted, "POST", "/posts", "k1", draft); w.Code != http.StatusCreated || w.Body.String() == first.Body.String() {
			t.Errorf("after a day: %d %s", w.Code, w.Body)
		}
		if n, err := db.One[int](ctx, database, `select count(*) from posts`); err != nil || n != 2 {
			t.Errorf("%d posts, %v", n, err)
		}
	})
}

func TestG10APostIsMadeAndScheduledByOneRequest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx, a := context.Background(), build(t, database)
		actor, err := a.Authenticate(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		made, err := a.Channels.SignIn(ctx, actor, "sandbox", "brand_1", map[string]string{"handle": "club"})
		if err != nil {
			t.Fatal(err)
		}
		of := func(schedule string) string {
			return `{"brand_id":"brand_1","base":{"parts":[{"text":"Hello"}]},"channels":["` + made[0].ID + `"],"schedule":` + schedule + `}`
		}
		at := db.Now().Add(24 * time.Hour).Truncate(time.Minute)
		body := of(`{"at":"` + at.Format(time.RFC3339) + `"}`)
		w := ask(a, "POST", "/posts", "press", body)
		var p api.Post
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusCreated || p.State != "scheduled" || len(p.Targets) != 1 || !p.Targets[0].DueAt.Equal(at) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if again := ask(a, "POST", "/posts", "press", body); again.Body.String() != w.Body.String() {
			t.Errorf("asked again with the same key, the answer is %d %s", again.Code, again.Body)
		}
		if w := ask(a, "POST", "/posts", "", of(`{"at":"`+at.Add(time.Hour).Format(time.RFC3339)+`"}`)); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "duplicate") {
			t.Errorf("the same text an hour later is answered with %d %s", w.Code, w.Body)
		}
		if w := ask(a, "POST", "/posts", "", of(`{"at":"tomorrow"}`)); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("a time that is none is answered with %d %s", w.Code, w.Body)
		}
		if n, err := db.One[int](ctx, database, `select count(*) from posts`); err != nil || n != 1 {
			t.Errorf("%d posts, %v", n, err)
		}
	})
}
