package described_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

type request struct {
	method, target, kind, body string
	wrong                      string // "" = allowed
}

func (q request) check(t *testing.T, d *described.Document) {
	t.Helper()
	r := httptest.NewRequest(q.method, q.target, strings.NewReader(q.body))
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	got := strings.Join(d.Check(r, []byte(q.body)), "\n")
	if q.wrong == "" && got != "" || q.wrong != "" && !strings.Contains(got, q.wrong) {
		t.Errorf("%s %s %s: %q, want %q", q.method, q.target, q.body, got, q.wrong)
	}
}

const small = `{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://api.example/v1"}], "paths": {
	"/posts/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "fields", "in": "query", "schema": {"type": "string"}}], "responses": {"200": {"description": "ok"}}}},
	"/posts/mine": {"get": {"responses": {"200": {"description": "ok"}}}},
	"/posts": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "maxLength": 5}, "kind": {"type": "string", "enum": ["a", "b"]}}}}}}, "responses": {"200": {"description": "ok"}}}}}}`

func TestRequestsAreJudged(t *testing.T) {
	d, err := described.Read([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []request{
		{"GET", "/posts/7?fields=x", "", "", ""},
		{"GET", "/v1/posts/7", "", "", ""},
		{"GET", "/posts/mine", "", "", ""},
		{"GET", "/posts/mine?fields=x", "", "", "no query parameter fields"},
		{"GET", "/posts/7?field=x", "", "", "no query parameter field"},
		{"GET", "/post/7", "", "", "no such call"},
		{"DELETE", "/posts/7", "", "", "no such call"},
		{"POST", "/posts", "application/json", `{"text": "hi", "kind": "a"}`, ""},
		{"POST", "/posts", "application/json", `{"kind": "a"}`, "text"},
		{"POST", "/posts", "application/json", `{"text": "hi", "kind": "c"}`, "kind"},
		{"POST", "/posts", "application/json", `{"text": 7}`, "text"},
		{"POST", "/posts", "application/json", `{"text": "too long"}`, "text"},
		{"POST", "/posts", "application/json", `{"text": "hi", "color": "red"}`, "no body parameter color"},
	} {
		q.check(t, d)
	}
}

const google = `{"discoveryVersion": "v1", "servicePath": "", "parameters": {"alt": {"type": "string", "location": "query"}}, "schemas": {"Video": {"type": "object", "properties": {"title": {"type": "string"}, "views": {"type": "string", "format": "int64"}}}},
	"resources": {"videos": {"methods": {"insert": {"httpMethod": "POST", "flatPath": "v3/videos", "parameters": {"part": {"type": "string", "location": "query", "required": true, "repeated": true}}, "request": {"$ref": "Video"},
	"mediaUpload": {"protocols": {"resumable": {"path": "/resumable/upload/v3/videos"}}}}}}}}`

func TestDiscoveryDocumentsAreJudgedAlike(t *testing.T) {
	d, err := described.Read([]byte(google))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []request{
		{"POST", "/v3/videos?part=snippet&alt=json", "application/json", `{"title": "x", "views": "7"}`, ""},
		{"POST", "/resumable/upload/v3/videos?part=snippet&uploadType=resumable", "application/json", `{"title": "x"}`, ""},
		{"POST", "/v3/videos", "application/json", `{"title": "x"}`, "part"},
		{"POST", "/v3/videos?part=snippet", "application/json", `{"title": 7}`, "title"},
		{"POST", "/v3/videos?part=snippet", "application/json", `{"name": "x"}`, "no body parameter name"},
		{"POST", "/v3/videos?part=snippet&parts=x", "application/json", `{}`, "no query parameter parts"},
	} {
		q.check(t, d)
	}
}

// TestPublishedDescriptionsAreRead reads every description that the networks' tests use.
func TestPublishedDescriptionsAreRead(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "specs")
	for file, q := range map[string]request{
		"x/openapi.json":                          {"GET", "/2/users/me", "", "", ""},
		"pinterest/openapi.yaml":                  {"GET", "/v5/boards?page_size=25", "", "", ""},
		"discord/openapi.json":                    {"GET", "/api/v10/users/@me", "", "", ""},
		"mastodon/schema.json":                    {"GET", "/api/v2/instance", "", "", ""},
		"google/youtube-v3.json":                  {"GET", "/youtube/v3/videos?part=id&id=7", "", "", ""},
		"google/youtubeanalytics-v2.json":         {"GET", "/v2/reports?ids=channel==MINE&metrics=views", "", "", ""},
		"reddit/reddit-unofficial.yaml":           {"GET", "/api/v1/me", "", "", ""},
		"snapchat/capi-v2-openapi.yaml":           {"GET", "/nothing", "", "", "no such call"},
		"linkedin/linkedin-marketing-content.yml": {"GET", "/nothing", "", "", "no such call"},
	} {
		t.Run(filepath.Dir(file)+" "+filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			d, err := described.Read(raw)
			if err != nil {
				t.Fatal(err)
			}
			q.check(t, d)
			(request{http.MethodGet, "/no/such/call/at/all/here", "", "", "no such call"}).check(t, d)
		})
	}
}
