package xfake

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type code struct {
	challenge, redirect, person, scope string
	at                                 time.Time
}

// authorize plays a person who is signed in as the brand.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("redirect_uri") != Redirect || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
		http.Error(w, "Something went wrong. You weren't able to give access to the App.", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if f.deny {
		answer.Set("error", "access_denied")
	} else {
		key := "code-" + f.id()
		f.codes[key] = code{challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), person: f.person(Brand).ID, scope: q.Get("scope"), at: f.o.Now()}
		answer.Set("code", key)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// client checks how the application proves itself.
func (c *call) client() bool {
	id, secret, ok := c.BasicAuth()
	plainID, err1 := url.QueryUnescape(id)
	plain, err2 := url.QueryUnescape(secret)
	return ok && err1 == nil && err2 == nil && plainID == ClientID && plain == ClientSecret
}

const codeLife = 30 * time.Second

func (f *Fake) token(c *call) (int, any, *refusal) {
	if !c.client() {
		return 0, nil, no(401, "", "Missing valid authorization header")
	}
	var person, scope string
	switch c.form.Get("grant_type") {
	case "authorization_code":
		known, ok := f.codes[c.form.Get("code")]
		delete(f.codes, c.form.Get("code"))
		sum := sha256.Sum256([]byte(c.form.Get("code_verifier")))
		if !ok || known.redirect != c.form.Get("redirect_uri") || f.o.Now().Sub(known.at) > codeLife || base64.RawURLEncoding.EncodeToString(sum[:]) != known.challenge {
			return 0, nil, no(400, "", "Value passed for the authorization code was invalid.")
		}
		person, scope = known.person, known.scope
	case "refresh_token":
		person, scope = f.refresh[c.form.Get("refresh_token")], "tweet.read tweet.write users.read offline.access dm.read"
		delete(f.refresh, c.form.Get("refresh_token"))
		if person == "" {
			return 0, nil, no(400, "", "Value passed for the token was invalid.")
		}
	default:
		return 0, nil, no(400, "", "unsupported grant type")
	}
	id := f.id()
	doc := map[string]any{"token_type": "bearer", "expires_in": 7200, "access_token": "access-" + id, "scope": scope}
	f.tokens["access-"+id] = person
	if strings.Contains(scope, "offline.access") {
		f.refresh["refresh-"+id] = person
		doc["refresh_token"] = "refresh-" + id
	}
	return 200, doc, nil
}

func (f *Fake) revoke(c *call) (int, any, *refusal) {
	if !c.client() {
		return 0, nil, no(401, "", "Missing valid authorization header")
	}
	who := f.refresh[c.form.Get("token")]
	if who == "" {
		who = f.tokens[c.form.Get("token")]
	}
	for _, tokens := range []map[string]string{f.tokens, f.refresh} {
		for t, p := range tokens {
			if p == who {
				delete(tokens, t)
			}
		}
	}
	return 200, map[string]any{"revoked": true}, nil
}

func (f *Fake) show(p *person) map[string]any {
	subscription := "None"
	if p.Username == Brand {
		subscription = f.o.Subscription
	}
	return map[string]any{"id": p.ID, "username": p.Username, "name": strings.ToUpper(p.Username[:1]) + p.Username[1:], "profile_image_url": "https://pbs.example/" + p.Username + ".png",
		"subscription_type": subscription, "protected": false, "public_metrics": map[string]any{"followers_count": p.Followers, "following_count": 1, "post_count": 1, "listed_count": 0}}
}

func (f *Fake) self(c *call) (int, any, *refusal) {
	return 200, map[string]any{"data": f.show(c.me)}, nil
}

func (f *Fake) byName(c *call) (int, any, *refusal) {
	found, missing := []any{}, []any{}
	for name := range strings.SplitSeq(c.URL.Query().Get("usernames"), ",") {
		known := false
		for _, p := range f.people {
			if strings.EqualFold(p.Username, name) {
				found, known = append(found, f.show(p)), true
			}
		}
		if !known {
			missing = append(missing, notFound(name, "user"))
		}
	}
	doc := map[string]any{}
	if len(found) > 0 {
		doc["data"] = found
	}
	if len(missing) > 0 {
		doc["errors"] = missing
	}
	return 200, doc, nil
}

func notFound(id, what string) map[string]any {
	return map[string]any{"type": "https://api.x.com/2/problems/resource-not-found", "title": "Not Found Error", "detail": "Could not find " + what + " with id: [" + id + "].",
		"resource_type": what, "resource_id": id, "value": id, "parameter": "id"}
}

func (f *Fake) mute(c *call) (int, any, *refusal) {
	f.pairs["mute "+text(c.body, "target_user_id")] = true
	return 200, map[string]any{"data": map[string]bool{"muting": true}}, nil
}

func (f *Fake) unmute(c *call) (int, any, *refusal) {
	f.pairs["mute "+c.PathValue("whom")] = false
	return 200, map[string]any{"data": map[string]bool{"muting": false}}, nil
}

func (f *Fake) repost(c *call) (int, any, *refusal) {
	f.pairs["repost "+text(c.body, "tweet_id")] = true
	return 200, map[string]any{"data": map[string]bool{"retweeted": true}}, nil
}

// silence keeps somebody from writing direct messages, or lets them again.
func (f *Fake) silence(c *call) (int, any, *refusal) {
	on := strings.HasSuffix(c.URL.Path, "/block")
	f.pairs["block "+c.PathValue("id")] = on
	return 200, map[string]any{"data": map[string]bool{"blocked": on}}, nil
}
