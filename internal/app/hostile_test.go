package app

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/api"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// hostile is what strangers and members write where words are asked for: in a text, and in an address.
var hostile = []string{
	`<script>alert(7331)</script>"><img src=x onerror=alert(7331)>'-alert(7331)-'</textarea></title></style><svg onload=alert(7331)>` +
		"{{.Env}} {{ env \"HOME\" }} ${7*7} <%= 7*7 %> a\u202egnp.exe\u200b",
	"javascript:alert(7331)", "data:text/html,<script>alert(7331)</script>", "java\tscript:alert(7331)",
}

// follows are the attributes whose address a browser follows or loads.
var follows = []string{"href", "src", "action", "formaction", "poster", "data", "xlink:href", "hx-get", "hx-post", "data-refresh-url", "background", "cite", "ping"}

// acts returns the ways in which a page, as a browser reads it, would run what somebody wrote.
func acts(body string) (found []string) {
	for z := html.NewTokenizer(strings.NewReader(body)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return found
		}
		token := z.Token()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		inline := token.Data == "script"
		for _, a := range token.Attr {
			value := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			inline = inline && a.Key != "src"
			runs := strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "vbscript:") || strings.HasPrefix(value, "data:text") || value == "x"
			if strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" || a.Key == "style" || runs && slices.Contains(follows, a.Key) {
				found = append(found, token.String())
			}
		}
		if inline || slices.Contains([]string{"iframe", "object", "embed", "base"}, token.Data) {
			found = append(found, token.String())
		}
	}
}

// spoil puts words into every place of the first workspace that holds words of people, networks, visitors and shops.
func spoil(t *testing.T, a *App, people *gatetest.Town, words string) []string {
	t.Helper()
	owner := people.Person("owner")
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(t.Context(), a.DB, query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	ws, now := owner.Actor.WorkspaceID, db.Now()
	list := db.JSON([]string{words})
	base := db.JSON(map[string]any{"parts": []any{map[string]any{"text": words}}, "first_comment": words, "language": words, "warning": words})
	for _, q := range []string{`update workspaces set name = $1, paused_reason = $1 where id = $2`, `update brands set name = $1, signature = $1, colour = $1 where workspace_id = $2`,
		`update channels set name = $1, handle = $1, url = $1, avatar_url = $1, paused_reason = $1, inbox_error = $1 where workspace_id = $2`,
		`update connections set state_reason = $1, server = $1 where workspace_id = $2`, `update campaigns set name = $1, message = $1, colour = $1 where workspace_id = $2`,
		`update targets set text_plain = $1, url = $1, held_reason = $1 where workspace_id = $2`, `update links set title = $1, url = $1 where workspace_id = $2`,
		`update custom_roles set name = $1 where workspace_id = $2`, `update api_keys set name = $1, prefix = $1 where workspace_id = $2`, `update invitations set email = $1 where workspace_id = $2`} {
		exec(q, words, ws)
	}
	exec(`update users set name = $1`, words)
	exec(`update posts set title = $1, base = $3, tags = $4 where workspace_id = $2`, words, ws, base, list)
	last := people.IDs[len(people.IDs)-5:] // as town made them
	channel, target := last[0], last[2]
	brand := people.IDs[slices.IndexFunc(people.IDs, func(id string) bool { return strings.HasPrefix(id, "brand_") })]
	exec(`update targets set state = 'published', due_at = $2, published_at = $2, delivery_id = 'dlv_h' where workspace_id = $1`, ws, now)
	exec(`insert into deliveries (workspace_id, id, kind, channel_id, target_id, state, reason, hint, field, draft, fingerprint, due_at, responsible_id, created_by, created_at, url)
		values ($1, 'dlv_h', 'post', $4, $5, 'needs_human', $2, $2, $2, '{}', '', $3, '', $2, $3, $2)`, ws, words, now, channel, target)
	exec(`insert into delivery_steps (workspace_id, delivery_id, position, name, part, kind, public, key, step, state) values ($1, 'dlv_h', 0, $2, 0, 'once', true, $2, '{}', 'unknown')`, ws, words)
	exec(`insert into attempts (workspace_id, delivery_id, id, step, fence, started_at, class, detail) values ($1, 'dlv_h', 'a', $2, 1, $3, $2, $2)`, ws, words, now)
	exec(`insert into contacts (workspace_id, id, name, note, tags, created_at) values ($1, 'cont_h', $2, $2, $3, $4)`, ws, words, list, now)
	exec(`insert into identities (workspace_id, id, contact_id, kind, value, handle, name, url, avatar_url, source, created_at) values ($1, 'idn_h', 'cont_h', 'sandbox', $2, $2, $2, $2, $2, $2, $3)`, ws, words, now)
	exec(`insert into conversations (workspace_id, id, brand_id, channel_id, kind, thread, contact_id, target_id, state, first_inbound_at, last_message_at, preview, tags)
		values ($1, 'conv_h', $5, $6, 'comment', $2, 'cont_h', $7, 'new', $4, $4, $2, $3)`, ws, words, list, now, brand, channel, target)
	exec(`insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, outbound, text, media, at, received_at, identity_id)
		values ($1, 'msg_h', 'conv_h', $5, $2, false, $2, $3, $4, $4, 'idn_h')`, ws, words, db.JSON([]map[string]string{{"url": words, "alt": words}}), now, channel)
	exec(`insert into notes (workspace_id, id, conversation_id, author_id, text, at) values ($1, 'note_h', 'conv_h', $2, $2, $3)`, ws, words, now)
	exec(`insert into saved_replies (workspace_id, id, name, text, language) values ($1, 'rep_h', $2, $2, $2)`, ws, words)
	exec(`insert into goals (workspace_id, id, brand_id, name, metric, target, currency, starts_at, ends_at, zone, owner_id, state, note, created_at)
		values ($1, 'goal_h', $4, $2, 'M-REV', 100, 'EUR', $3, $5, 'UTC', '', 'active', $2, 0)`, ws, words, now.Add(-time.Second), brand, now.Add(time.Second))
	exec(`insert into goal_changes (workspace_id, id, goal_id, at, actor, target_before, target_after, reason) values ($1, 'ch_h', 'goal_h', $3, $2, 1, 2, $2)`, ws, words, now)
	exec(`insert into assets (workspace_id, id, name, kind, mime, bytes, sha256, blob_key, original_sha256, original_key, alt, tags, created_by, created_at)
		values ($1, 'asset_h', $2, 'image', 'image/png', 1, 'h', 'h', 'h', 'h', $2, $3, $2, 0)`, ws, words, list)
	exec(`insert into orders (workspace_id, id, shop, order_id, customer, contact_id, visitor, ordered_at, amount_minor, currency, code, products, state, source, created_at, channel_group, channel_id, target_id, touch_at)
		values ($1, 'ord_h', $2, $2, $2, 'cont_h', 'v', $4, 5, 'EUR', $2, $3, $2, $2, $4, $2, $5, $6, $4)`, ws, words, list, now, channel, target)
	exec(`insert into touchpoints (workspace_id, id, visitor, at, kind, channel_group, source, medium, campaign) values ($1, 'tp_h', 'v', $3, $2, $2, $2, $2, $2)`, ws, words, now.Add(-1))
	exec(`insert into track_events (workspace_id, id, site_id, name, at, received_at, visitor, visit, url, referrer, source, medium, campaign, content, props)
		values ($1, 'ev_h', 'site_h', $2, $3, $3, 'v', 'v', $2, $2, $2, $2, $2, $2, $4)`, ws, words, now, db.JSON(map[string]string{words: words}))
	exec(`insert into sites (workspace_id, id, name, origins, key, created_at) values ($1, 'site_h', $2, $3, 'h', 0)`, ws, words, list)
	exec(`insert into conversion_rules (workspace_id, id, event_name, name, since) values ($1, 'rule_h', $2, $2, 0)`, ws, words)
	exec(`insert into saved_views (workspace_id, id, user_id, screen, name, query) values ($1, 'view_h', $3, 'calendar', $2, $2)`, ws, words, owner.User.ID)
	exec(`insert into blackouts (workspace_id, id, name, starts_at, ends_at) values ($1, 'blk_h', $2, $3, $4)`, ws, words, now, now.Add(time.Second))
	exec(`insert into clicks (workspace_id, id, link_id, at, kind, referrer, agent_family, device) select workspace_id, 'click_h', id, $3, 'human', $2, $2, $2 from links where workspace_id = $1 limit 1`, ws, words, now)
	exec(`insert into audit_entries (workspace_id, id, position, at, actor, action, entity, before_state, after_state, address, previous_hash, hash) values ($1, 'audit_h', 999999, $3, $2, $2, $2, $2, $2, $2, '', '')`, ws, words, now)
	return append([]string{"dlv_h", "cont_h", "conv_h", "goal_h", "asset_h", "ord_h", "view_h", "x"}, last...)
}

// fillIn puts a value into every wildcard of a pattern.
func fillIn(pattern, value string) string {
	parts := strings.Split(strings.TrimSuffix(pattern, "{$}"), "/")
	for n, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[n] = url.PathEscape(value)
		}
	}
	return strings.Join(parts, "/")
}

func TestS5S7WordsOfStrangersRunOnNoScreen(t *testing.T) {
	for _, words := range hostile {
		a, people, builder := town(t)
		ids := spoil(t, a, people, words)
		server, owner := builder(a.routes()), people.Person("owner")
		shown := 0
		for _, r := range a.routes() {
			if r.Method != http.MethodGet || r.Pattern == "/events" {
				continue
			}
			for _, id := range ids {
				path := fillIn(r.Pattern, id)
				if path == strings.TrimSuffix(r.Pattern, "{$}") && id != ids[0] {
					break
				}
				w := owner.Ask(server, people.House, http.MethodGet, path, nil)
				if strings.Contains(w.Body.String(), "7331") {
					shown++
				}
				if w.Code >= 500 && !strings.HasPrefix(path, "/media/") && !strings.HasSuffix(path, "/original") { // these files were never stored
					t.Errorf("%q: GET %s is answered with %d", words, path, w.Code)
				}
				if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
					continue
				}
				for _, tag := range acts(w.Body.String()) {
					t.Errorf("%q: GET %s holds %s", words, path, tag)
				}
			}
		}
		if strings.Contains(words, "7331") && shown < 15 {
			t.Errorf("%q is shown on %d pages only: this test looks at nothing", words, shown)
		}
	}
}

func TestS6WhatAFormIsToldComesBackAsText(t *testing.T) {
	a, people, builder := town(t)
	server, owner := builder(a.routes()), people.Person("owner")
	for _, r := range a.routes() {
		for _, words := range hostile[:3] {
			form := url.Values{}
			for _, name := range []string{"name", "title", "text", "email", "url", "server", "handle", "note", "reason", "q", "tag", "brand", "channel", "campaign", "zone", "currency", "state", "do",
				"from", "to", "wall", "version", "metric", "target", "message", "colour", "slug", "role", "roles", "password", "code", "csv", "origins", "event", "budget", "next", "choice", "id", "item", "base"} {
				form.Set(name, words)
			}
			path := fillIn(r.Pattern, words)
			if r.Method == http.MethodGet {
				if r.Pattern == "/events" {
					continue
				}
				path += "?" + form.Encode()
			}
			w := owner.Ask(server, people.House, r.Method, path, form)
			if w.Code >= 500 && w.Code != http.StatusServiceUnavailable { // who guesses is asked to wait
				t.Errorf("%s %s with %q is answered with %d", r.Method, path, words, w.Code)
			}
			if to := w.Header().Get("Location"); to != "" && !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
				t.Errorf("%s %s with %q leads to %q", r.Method, path, words, to)
			}
			for _, tag := range acts(w.Body.String()) {
				t.Errorf("%s %s with %q is answered with %s", r.Method, path, words, tag)
			}
			for _, c := range w.Result().Cookies() { // signed out, or somebody's password changed: come in again
				if c.Name == people.House.CookieName(page.SessionCookie) {
					opened, err := a.Accounts.Open(t.Context(), owner.User.ID, account.ByPassword, account.From{Address: "192.0.2.1"}, "")
					if err != nil {
						t.Fatal(err)
					}
					owner.Token = opened.Token
				}
			}
		}
	}
}

// TestS27QueriesTakeWordsAsWords puts pieces of SQL into every filter of every screen and operation: none fails, and
// none shows more than the plain word that nothing matches.
func TestS27QueriesTakeWordsAsWords(t *testing.T) { onBoth(t, queriesTakeWords) }

func queriesTakeWords(t *testing.T, database string) {
	a, people, builder := townOn(t, database)
	server, owner := builder(a.routes()), people.Person("owner")
	calls := callers(a, people)
	d := describe(t, a.API)
	for _, words := range []string{`' or '1'='1`, `x') or 1=1 --`, `"; drop table posts; --`, `%`, `_`, `\`, `$1`, `?`, `created_at; select`, "1,(select 1)", `{"$ne":""}`} {
		asked := url.QueryEscape(words)
		for _, r := range a.routes() {
			if r.Method != http.MethodGet || r.Pattern == "/events" {
				continue
			}
			query := ""
			for _, name := range []string{"q", "sort", "by", "dir", "order", "state", "tag", "brand", "channel", "campaign", "person", "kind", "group", "who", "entity", "from", "to", "days", "before", "cursor", "assignee", "search", "offset"} {
				query += "&" + name + "=" + asked
			}
			path := fillIn(r.Pattern, words) + "?" + query[1:]
			if w := owner.Ask(server, people.House, http.MethodGet, path, nil); w.Code >= 500 {
				t.Errorf("GET %s is answered with %d", path, w.Code)
			}
		}
		for path, methods := range d.Paths {
			op, ok := methods["get"]
			for _, p := range op.Parameters {
				if !ok || p.In != "query" {
					continue
				}
				at := strings.ReplaceAll(path, "{id}", "x") + "?" + url.Values{p.Name: {words}, "from": {"2026-01-01T00:00:00Z"}, "to": {"2027-01-01T00:00:00Z"}}.Encode()
				w := call(calls, "owner", http.MethodGet, at, nil)
				if w.Code >= 500 {
					t.Errorf("GET %s is answered with %d: %s", at, w.Code, w.Body)
				}
				if path == api.Prefix+"/posts" && p.Name != "limit" && p.Name != "cursor" && w.Code == http.StatusOK && strings.Contains(w.Body.String(), gatetest.Secret) {
					t.Errorf("GET %s shows posts that are not asked for: %s", at, w.Body)
				}
			}
		}
	}
	n, err := db.One[int](t.Context(), a.DB, `select count(*) from posts`)
	if err != nil || n != 1 {
		t.Errorf("%d posts are left, %v", n, err)
	}
}
