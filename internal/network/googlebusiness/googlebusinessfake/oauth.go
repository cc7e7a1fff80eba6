package googlebusinessfake

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// authorize plays a person who allows everything, or who cancels where the state says so.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	wrong := ""
	switch {
	case q.Get("client_id") != ClientID:
		wrong = "invalid_client"
	case err != nil || back.Host == "":
		wrong = "redirect_uri_mismatch"
	case q.Get("response_type") != "code", q.Get("access_type") != "offline", q.Get("prompt") != "consent":
		wrong = "invalid_request"
	case q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256":
		wrong = "invalid_request: no code challenge"
	}
	for _, scope := range strings.Fields(q.Get("scope")) {
		if !strings.HasPrefix(scope, "https://www.googleapis.com/auth/") {
			wrong = "invalid_scope"
		}
	}
	if wrong != "" {
		http.Error(w, wrong, http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if strings.Contains(q.Get("state"), "cancel") {
		answer.Set("error", "access_denied")
	} else {
		key := f.id("4/code-%d")
		f.codes[key] = code{redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge")}
		answer.Set("code", key)
		answer.Set("scope", q.Get("scope"))
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// open serves a call of the sign-in service, which takes forms.
func (f *Fake) open(w http.ResponseWriter, r *http.Request, class string, do func(url.Values) (int, map[string]any)) {
	if err := r.ParseForm(); err != nil || r.URL.RawQuery != "" {
		f.complain(r.URL.Path + ": send a form")
	}
	f.mu.Lock()
	f.calls[class]++
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		status, doc := do(r.PostForm)
		f.mu.Unlock()
		send(w, status, doc)
	})
}

func (f *Fake) token(form url.Values) (int, map[string]any) {
	if form.Get("client_id") != ClientID || form.Get("client_secret") != ClientSecret {
		return 401, map[string]any{"error": "invalid_client", "error_description": "The provided client secret is invalid."}
	}
	scope := "https://www.googleapis.com/auth/business.manage"
	if f.o.Narrow {
		scope = "openid"
	}
	doc := map[string]any{"token_type": "Bearer", "expires_in": 3599, "scope": scope}
	switch form.Get("grant_type") {
	case "authorization_code":
		known, ok := f.codes[form.Get("code")]
		delete(f.codes, form.Get("code"))
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if !ok || known.redirect != form.Get("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != known.challenge {
			return 400, map[string]any{"error": "invalid_grant", "error_description": "Malformed auth code."}
		}
		if !f.o.NoRefresh {
			doc["refresh_token"] = f.id("1//refresh-%d")
			f.refresh[doc["refresh_token"].(string)] = true
		}
	case "refresh_token":
		if !f.refresh[form.Get("refresh_token")] {
			return 400, map[string]any{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
		}
	default:
		return 400, map[string]any{"error": "unsupported_grant_type"}
	}
	access := f.id("ya29.access-%d")
	f.access[access] = true
	doc["access_token"] = access
	return 200, doc
}

func (f *Fake) giveBack(form url.Values) (int, map[string]any) {
	if !f.refresh[form.Get("token")] {
		return 400, map[string]any{"error": "invalid_token", "error_description": "Token expired or revoked"}
	}
	delete(f.refresh, form.Get("token"))
	clear(f.access)
	return 200, map[string]any{}
}
