package graphfake

import (
	"net/http"
	"net/url"
	"strings"
)

// person is the subject of user tokens.
const person = "person"

// UserToken is a person's token that is good from the start.
const UserToken = "token-of-the-person"

// dialogue plays a person who is signed in and allows everything.
func (f *Core) dialogue(w http.ResponseWriter, r *http.Request) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != AppID || q.Get("response_type") != "code" || q.Get("scope") == "" {
		http.Error(w, "invalid client or redirect", http.StatusBadRequest)
		return
	}
	f.rights = strings.Split(q.Get("scope"), ",")
	code := f.Code(q.Get("redirect_uri"))
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token exchanges a code, or a person's token for one that lives sixty days.
func (f *Core) token(c *Call) (any, *Refusal) {
	q := c.Form
	if q.Get("client_id") != AppID || q.Get("client_secret") != AppSecret {
		return nil, No(1, 0, "Error validating client secret.")
	}
	if q.Get("grant_type") == "fb_exchange_token" {
		if f.tokens[q.Get("fb_exchange_token")] != person {
			return nil, No(190, 463, "Error validating access token: Session has expired.")
		}
		token := "long-" + f.Number()
		f.tokens[token] = person
		return Doc{"access_token": token, "token_type": "bearer", "expires_in": 5184000}, nil
	}
	if !f.Redeem(q.Get("code"), q.Get("redirect_uri")) {
		return nil, No(100, 36009, "This authorization code has been used.")
	}
	token := "short-" + f.Number()
	f.tokens[token] = person
	return Doc{"access_token": token, "token_type": "bearer", "expires_in": 5400}, nil
}

// user answers what every person can be asked; the rest is the book's.
func (f *Core) user(c *Call) (doc any, refused *Refusal, done bool) {
	if !c.Is("GET", "User", "permissions") {
		return nil, nil, false
	}
	list := []any{}
	for _, r := range f.rights {
		list = append(list, Doc{"permission": r, "status": "granted"})
	}
	return Doc{"data": list}, nil, true
}

// PageTokenOf returns a Page's token for the person who asks, and makes it good; with the core locked.
func (f *Core) PageTokenOf(page string) string {
	token := "page-" + page + "-" + f.Number()
	f.tokens[token] = page
	return token
}

// Code keeps a code for a redirect address and returns it; Redeem takes it back once. With the core locked.
func (f *Core) Code(redirect string) string {
	code := "code-" + f.Number()
	f.codes[code] = redirect
	return code
}

// Redeem reports whether a code is good for a redirect address; it works once.
func (f *Core) Redeem(code, redirect string) bool {
	known, ok := f.codes[code]
	if !ok || known != redirect {
		return false
	}
	delete(f.codes, code)
	return true
}

// Token makes a new token for a subject, and SubjectOf reads one; with the core locked.
func (f *Core) Token(subject string) string {
	token := "token-" + f.Number()
	f.tokens[token] = subject
	return token
}

// SubjectOf returns whose token it is, "" if it is no good; with the core locked.
func (f *Core) SubjectOf(token string) string { return f.tokens[token] }

// Person is the subject of a person's token.
func Person() string { return person }
