package mastodonfake

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// domain is the part of the account addresses behind the @.
const domain = "fake.example"

var types = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/webm", "audio/mpeg"}

func (f *Fake) configuration() map[string]any {
	media, options := 4, 4
	if f.o.Software == "gotosocial" {
		media, options = 6, 6
	}
	return map[string]any{
		"statuses":          map[string]any{"max_characters": f.o.Characters, "max_media_attachments": media, "characters_reserved_per_url": 23},
		"media_attachments": map[string]any{"supported_mime_types": types, "description_limit": 1500, "image_size_limit": 16777216, "image_matrix_limit": 33177600, "video_size_limit": 103809024, "video_frame_rate_limit": 120, "video_matrix_limit": 8294400},
		"polls":             map[string]any{"max_options": options, "max_characters_per_option": 50, "min_expiration": 300, "max_expiration": 2629746},
	}
}

func (f *Fake) instance2(*call) (answer, *refusal) {
	if f.o.Old {
		return answer{}, no(404, "Record not found")
	}
	doc := map[string]any{"domain": domain, "title": "Fake", "version": f.o.Version, "source_url": "https://github.com/mastodon/mastodon", "configuration": f.configuration()}
	if f.o.Software == "mastodon" {
		doc["api_versions"] = map[string]any{"mastodon": 7}
	}
	return answer{doc: doc}, nil
}

func (f *Fake) instance1(*call) (answer, *refusal) {
	version := f.o.Version
	if f.o.Old {
		version = "3.5.19"
	}
	return answer{doc: map[string]any{"uri": domain, "title": "Fake", "version": version, "configuration": f.configuration()}}, nil
}

func (f *Fake) nodeLinks(c *call) (answer, *refusal) {
	if f.o.NoNodeInfo {
		return answer{}, no(404, "Record not found")
	}
	return answer{doc: map[string]any{"links": []any{map[string]string{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "http://" + c.Host + "/nodeinfo/2.0"}}}}, nil
}

func (f *Fake) nodeInfo(*call) (answer, *refusal) {
	return answer{doc: map[string]any{"version": "2.0", "software": map[string]string{"name": f.o.Software, "version": f.o.Version}}}, nil
}

func (f *Fake) oauthDescription(c *call) (answer, *refusal) {
	if f.o.Old || f.o.Software != "mastodon" {
		return answer{}, no(404, "Record not found")
	}
	base := "http://" + c.Host
	return answer{doc: map[string]any{"issuer": base, "authorization_endpoint": base + "/oauth/authorize", "token_endpoint": base + "/oauth/token", "code_challenge_methods_supported": []string{"S256"}}}, nil
}

type app struct{ secret, redirect, scopes string }

type code struct{ client, challenge, redirect, account, scope string }

func (f *Fake) registerApp(c *call) (answer, *refusal) {
	redirect := c.text("redirect_uris")
	if c.text("client_name") == "" || redirect == "" {
		return answer{}, no(422, "Validation failed: Redirect URI must be an absolute URI.")
	}
	id := "client-" + f.id()
	f.apps[id] = app{secret: "secret-" + id, redirect: redirect, scopes: c.text("scopes")}
	return answer{doc: map[string]any{"id": id, "name": c.text("client_name"), "client_id": id, "client_secret": "secret-" + id, "redirect_uri": redirect, "redirect_uris": []string{redirect}, "scopes": strings.Fields(c.text("scopes"))}}, nil
}

// authorize plays a person who is signed in as the brand and allows everything.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	known, ok := f.apps[q.Get("client_id")]
	back, err := url.Parse(q.Get("redirect_uri"))
	if !ok || err != nil || known.redirect != q.Get("redirect_uri") || q.Get("response_type") != "code" {
		http.Error(w, "invalid client or redirect", http.StatusBadRequest)
		return
	}
	for _, scope := range strings.Fields(q.Get("scope")) {
		if !strings.Contains(" "+known.scopes+" ", " "+scope+" ") {
			http.Error(w, "invalid scope", http.StatusBadRequest)
			return
		}
	}
	key := "code-" + f.id()
	f.codes[key] = code{client: q.Get("client_id"), challenge: q.Get("code_challenge"), redirect: known.redirect, account: f.named(Brand).ID, scope: q.Get("scope")}
	back.RawQuery = url.Values{"code": {key}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (f *Fake) token(c *call) (answer, *refusal) {
	known, ok := f.codes[c.text("code")]
	switch {
	case c.text("grant_type") != "authorization_code":
		return answer{}, no(400, "unsupported_grant_type")
	case !ok || known.client != c.text("client_id") || known.redirect != c.text("redirect_uri"):
		return answer{}, no(400, "invalid_grant")
	case f.apps[known.client].secret != c.text("client_secret"):
		return answer{}, no(401, "invalid_client")
	case known.challenge != "":
		sum := sha256.Sum256([]byte(c.text("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != known.challenge {
			return answer{}, no(400, "invalid_grant")
		}
	}
	delete(f.codes, c.text("code"))
	token := "token-" + f.id()
	f.tokens[token] = known.account
	return answer{doc: map[string]any{"access_token": token, "token_type": "Bearer", "scope": known.scope, "created_at": f.o.Now().Unix()}}, nil
}

func (f *Fake) revoke(c *call) (answer, *refusal) {
	if f.apps[c.text("client_id")].secret != c.text("client_secret") {
		return answer{}, no(403, "unauthorized_client")
	}
	delete(f.tokens, c.text("token"))
	return answer{doc: map[string]any{}}, nil
}

func (f *Fake) show(p *person) map[string]any {
	if p == nil {
		return nil
	}
	at := f.URL + "/@" + p.Username
	return map[string]any{"id": p.ID, "username": p.Username, "acct": p.Username, "display_name": p.Name, "url": at, "avatar": at + ".png", "avatar_static": at + ".png",
		"followers_count": p.Followers, "following_count": 0, "statuses_count": 0, "locked": false, "bot": false, "note": "", "created_at": "2024-01-01T00:00:00.000Z"}
}

func (f *Fake) self(c *call) (answer, *refusal) { return answer{doc: f.show(c.me)}, nil }

func (f *Fake) searchAccounts(c *call) (answer, *refusal) {
	found := []any{}
	for _, p := range f.people {
		if strings.Contains(p.Username, strings.ToLower(c.URL.Query().Get("q"))) {
			found = append(found, f.show(p))
		}
	}
	return answer{doc: found}, nil
}

func (f *Fake) actOnAccount(c *call) (answer, *refusal) {
	who := f.people[c.PathValue("id")]
	if who == nil {
		return answer{}, no(404, "Record not found")
	}
	what, undo := strings.CutPrefix(c.PathValue("act"), "un")
	if what != "mute" && what != "block" {
		return answer{}, no(404, "Not Found")
	}
	f.pairs[what+" "+c.me.ID+" "+who.ID] = !undo
	return answer{doc: map[string]any{"id": who.ID, "muting": what == "mute" && !undo, "blocking": what == "block" && !undo}}, nil
}

func (f *Fake) report(c *call) (answer, *refusal) {
	who := f.people[c.text("account_id")]
	if who == nil {
		return answer{}, no(404, "Record not found")
	}
	f.pairs["report "+c.me.ID+" "+who.ID] = true
	return answer{doc: map[string]any{"id": "1", "action_taken": false, "category": "other", "comment": c.text("comment"), "target_account": f.show(who)}}, nil
}
