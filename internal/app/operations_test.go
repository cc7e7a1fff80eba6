package app

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/api"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var updateOperations = flag.Bool("update-operations", false, "write the golden list of operations and who may call them anew; read the change before you commit it")

// callers are the town's people with a key each that is as strong as they are. The token is the name.
func callers(a *App, people *gatetest.Town) *api.API {
	rooms := a.API.Rooms
	rooms.Authenticate = func(_ context.Context, token string) (workspace.Actor, error) {
		for _, p := range people.People {
			if p.Name == token && p.Actor.WorkspaceID != "" {
				actor := p.Actor
				actor.Via, actor.KeyID = "api", "key_"+p.Name
				if p.Name == "nothing" {
					actor.Limit = []workspace.Capability{}
				}
				return actor, nil
			}
		}
		return workspace.Actor{}, fault.NotFoundf("there is no such key")
	}
	return api.New(rooms, "test")
}

func call(server http.Handler, token, method, path string, body any) *httptest.ResponseRecorder {
	var raw []byte
	if body != nil {
		raw, _ = json.Marshal(body)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

// document is what the interface says about itself, as far as this test reads it.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	Parameters []struct {
		Name, In string
		Schema   schema
	}
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Format     string
	Enum       []any
	Minimum    *float64
	Properties map[string]schema
	Items      *schema
}

func describe(t *testing.T, server http.Handler) document {
	t.Helper()
	w := call(server, "", http.MethodGet, api.Prefix+"/openapi.json", nil)
	var d document
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil || len(d.Paths) == 0 {
		t.Fatalf("the description (status %d) cannot be read: %v", w.Code, err)
	}
	return d
}

func TestT6EveryOperationHasAnEntryThatSaysWhoMayCallIt(t *testing.T) {
	a, people, _ := town(t)
	var lines, documented []string
	for _, op := range a.API.Operations() {
		line := op.Method + " " + op.Path + " " + string(op.Need)
		for _, role := range workspace.Roles {
			if op.Need == "" || people.Person(string(role)).Actor.CanSomewhere(op.Need) {
				line += " " + string(role)
			}
		}
		lines = append(lines, line)
		documented = append(documented, op.Method+" "+op.Path)
	}
	for path, methods := range describe(t, a.API).Paths {
		for method := range methods {
			if name := strings.ToUpper(method) + " " + path; !slices.Contains(documented, name) {
				t.Errorf("%s is described but not in the table of operations", name)
			}
		}
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *updateOperations {
		if err := os.WriteFile("testdata/operations.txt", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/operations.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Split(strings.TrimSpace(string(want)), "\n")
	for _, line := range lines {
		if !slices.Contains(known, line) {
			t.Errorf("this operation has no entry in testdata/operations.txt: %s", line)
		}
	}
	for _, line := range known {
		if !slices.Contains(lines, line) {
			t.Errorf("the entry of testdata/operations.txt has no operation: %s", line)
		}
	}
}

func TestT6EveryOperationLetsInWhoMayAndNobodyElse(t *testing.T) {
	a, people, _ := town(t)
	server := callers(a, people)
	golden, err := os.ReadFile("testdata/operations.txt")
	if err != nil {
		t.Fatal(err)
	}
	nothing := people.Person("owner")
	nothing.Name = "nothing" // a key without any capability
	people.People = append(people.People, nothing)
	for line := range strings.SplitSeq(strings.TrimSpace(string(golden)), "\n") {
		words := strings.Fields(line + " ")
		method, path, may := words[0], words[1], words[3:]
		if !slices.Contains(workspace.Capabilities, workspace.Capability(words[2])) { // open to any key
			may = append(words[2:], "nothing")
		}
		for _, p := range people.People {
			w := call(server, p.Name, method, strings.NewReplacer("{", "", "}", "").Replace(path), nil)
			known := p.Actor.WorkspaceID != ""
			switch in := slices.Contains(may, p.Name) || p.Name == "rival"; {
			case !known && w.Code != http.StatusUnauthorized:
				t.Errorf("%s %s as %s is answered with %d", method, path, p.Name, w.Code)
			case known && !in && w.Code != http.StatusForbidden:
				t.Errorf("%s %s as %s is answered with %d instead of refused", method, path, p.Name, w.Code)
			case known && in && (w.Code == http.StatusForbidden || w.Code == http.StatusUnauthorized || w.Code >= 500):
				t.Errorf("%s %s as %s is answered with %d: %s", method, path, p.Name, w.Code, w.Body)
			}
		}
		if w := call(server, "", method, path, nil); w.Code != http.StatusUnauthorized {
			t.Errorf("%s %s without a key is answered with %d", method, path, w.Code)
		}
	}
}

// like fills a body or parameter as its description says, every text with the given id of somebody else's thing.
func (d document) like(s schema, id string, depth int) any {
	if s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	kind := fmt.Sprint(s.Type)
	switch {
	case depth > 6:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[0]
	case strings.Contains(kind, "array") && s.Items != nil:
		return []any{d.like(*s.Items, id, depth+1)}
	case strings.Contains(kind, "object"):
		out := map[string]any{}
		for name, p := range s.Properties {
			if name != "$schema" {
				out[name] = d.like(p, id, depth+1)
			}
		}
		return out
	case strings.Contains(kind, "integer"), strings.Contains(kind, "number"):
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case strings.Contains(kind, "boolean"):
		return true
	case s.Format == "date-time":
		return "2027-01-01T10:00:00Z"
	}
	return id
}

// TestS14NoOperationTouchesAnotherWorkspace calls every operation as another workspace's owner with every id of the
// first workspace in path, filters and body. Nothing of the first may show in an answer or change.
func TestS14NoOperationTouchesAnotherWorkspace(t *testing.T) { onBoth(t, noOperationTouches) }

func noOperationTouches(t *testing.T, database string) {
	a, people, _ := townOn(t, database)
	server, d := callers(a, people), describe(t, a.API)
	first := people.Person("owner").Actor.WorkspaceID
	// state is the first workspace as its rows say it: how many of each, and what was audited.
	state := func() string {
		t.Helper()
		var out []string
		for _, table := range []string{"audit_entries", "events", "posts", "variants", "post_versions", "targets", "slots", "cadences", "recurrences", "blackouts", "deliveries",
			"conversations", "messages", "notes", "links", "campaigns", "goals", "orders", "channels", "assets", "contacts", "sites", "conversion_rules", "imports"} {
			n, err := db.One[int](t.Context(), a.DB, `select count(*) from `+table+` where workspace_id = $1`, first)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprint(table, " ", n))
		}
		return strings.Join(out, ", ")
	}
	before := state()
	for path, methods := range d.Paths {
		for method, op := range methods {
			for _, id := range people.IDs {
				filled, query := path, ""
				for _, p := range op.Parameters {
					switch p.In {
					case "path":
						filled = strings.Replace(filled, "{"+p.Name+"}", id, 1)
					case "query":
						query += fmt.Sprintf("&%s=%v", p.Name, d.like(p.Schema, id, 0))
					}
				}
				var body any
				for _, content := range op.RequestBody.Content {
					body = d.like(content.Schema, id, 0)
				}
				w := call(server, "rival", strings.ToUpper(method), filled+"?"+strings.TrimPrefix(query, "&"), body)
				if strings.Contains(w.Body.String(), gatetest.Secret) {
					t.Errorf("%s %s shows what belongs to another workspace: %s", method, filled, w.Body)
				}
				if w.Code >= 500 {
					t.Errorf("%s %s with %v is answered with %d: %s", method, filled, body, w.Code, w.Body)
				}
				if names := strings.Contains(filled, id); names && w.Code < 300 && method != "get" {
					t.Errorf("%s %s, of another workspace, is answered with %d: %s", method, filled, w.Code, w.Body)
				}
			}
		}
	}
	if after := state(); after != before {
		t.Errorf("the first workspace changed\nfrom %s\nto   %s", before, after)
	}
	if w := call(server, "owner", http.MethodGet, api.Prefix+"/posts", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), gatetest.Secret) {
		t.Errorf("the owner's own posts: status %d, without what others must not see", w.Code)
	}
}

func TestS14ThingsOfAnotherWorkspaceAreNoPartOfOurs(t *testing.T) {
	a, people, _ := town(t)
	server := callers(a, people)
	owner, rival := people.Person("owner").Actor, people.Person("rival").Actor
	brands, err := a.Workspaces.Brands(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	own, err := a.Workspaces.Brands(t.Context(), rival)
	if err != nil {
		t.Fatal(err)
	}
	channels, err := a.Channels.List(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	campaigns, err := a.Campaigns.List(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]any{"parts": []any{map[string]any{"text": "Hello"}}}
	campaign := func(brand string) map[string]any {
		return map[string]any{"name": "Spring", "brand_id": brand, "zone": "UTC", "state": "active"}
	}
	goal := func(brand string) map[string]any {
		return map[string]any{"name": "More", "brand_id": brand, "metric": "M-REV", "currency": "EUR", "target": 5, "zone": "UTC", "starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-02-01T00:00:00Z"}
	}
	with := func(body map[string]any, key string, value any) map[string]any { body[key] = value; return body }
	for _, c := range []struct {
		path string
		body map[string]any
		want int
	}{
		{"/campaigns", campaign(own[0].ID), 201},
		{"/campaigns", campaign(brands[0].ID), 422},
		{"/goals", goal(own[0].ID), 201},
		{"/goals", goal(brands[0].ID), 422},
		{"/goals", with(goal(own[0].ID), "campaign_id", campaigns[0].ID), 422},
		{"/goals", with(goal(own[0].ID), "channels", []string{channels[0].ID}), 422},
		{"/posts", map[string]any{"brand_id": own[0].ID, "base": text}, 201},
		{"/posts", map[string]any{"brand_id": brands[0].ID, "base": text}, 422},
		{"/posts", map[string]any{"brand_id": own[0].ID, "base": text, "channels": []string{channels[0].ID}}, 422},
		{"/posts", map[string]any{"brand_id": own[0].ID, "base": text, "campaign_id": campaigns[0].ID}, 422},
		{"/links", map[string]any{"url": "https://shop.example", "brand_id": own[0].ID}, 201},
		{"/links", map[string]any{"url": "https://shop.example", "brand_id": brands[0].ID}, 422},
		{"/links", map[string]any{"url": "https://shop.example", "brand_id": own[0].ID, "campaign_id": campaigns[0].ID}, 422},
	} {
		if w := call(server, "rival", http.MethodPost, api.Prefix+c.path, c.body); w.Code != c.want {
			t.Errorf("POST %s %v is answered with %d: %s", c.path, c.body, w.Code, w.Body)
		}
	}
}
