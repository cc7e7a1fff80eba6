package tiktokfake

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const accessLife = 24 * time.Hour

type code struct{ redirect, challenge string }

// authorize plays a person who is signed in as the brand and allows what Grants says.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" || back.RawQuery != "" || q.Get("client_key") != ClientKey || q.Get("response_type") != "code" || q.Get("state") == "" ||
		!slices.Contains(strings.Split(q.Get("scope"), ","), "user.info.basic") || q.Get("code_challenge") != "" && q.Get("code_challenge_method") != "S256" {
		f.complain("the authorisation page was called with %s", r.URL.RawQuery)
		http.Error(w, "invalid request", http.StatusBadRequest)
		return
	}
	key := "code*" + f.id()
	f.codes[key] = code{redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge")}
	back.RawQuery = url.Values{"code": {key}, "scopes": {f.scopes}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (f *Fake) token(c *call) (any, *refusal) {
	get := c.form.Get
	if get("client_key") != ClientKey || get("client_secret") != ClientSecret {
		return nil, &refusal{401, "invalid_client"}
	}
	switch get("grant_type") {
	case "authorization_code":
		known, ok := f.codes[get("code")]
		delete(f.codes, get("code"))
		sum := sha256.Sum256([]byte(get("code_verifier")))
		if !ok || known.redirect != get("redirect_uri") || known.challenge != "" && known.challenge != hex.EncodeToString(sum[:]) {
			return nil, &refusal{200, "invalid_grant"} // with status 200, as it happens
		}
	case "refresh_token":
		if !f.refresh[get("refresh_token")] {
			return nil, no("invalid_grant")
		}
		delete(f.refresh, get("refresh_token"))
	default:
		return nil, no("unsupported_grant_type")
	}
	access, refresh := "act."+f.id(), "rft."+f.id()
	f.tokens[access], f.refresh[refresh] = f.o.Now().Add(accessLife), true
	return map[string]any{"access_token": access, "expires_in": int(accessLife.Seconds()), "open_id": OpenID, "refresh_expires_in": 31536000, "refresh_token": refresh,
		"scope": f.scopes, "token_type": "Bearer"}, nil
}

func (f *Fake) revoke(c *call) (any, *refusal) {
	if c.form.Get("client_key") != ClientKey || c.form.Get("client_secret") != ClientSecret {
		return nil, &refusal{401, "invalid_client"}
	}
	delete(f.tokens, c.form.Get("token"))
	return map[string]any{}, nil
}

func (f *Fake) has(scope string) bool { return slices.Contains(strings.Split(f.scopes, ","), scope) }

func (f *Fake) user(c *call) (any, *refusal) {
	all := map[string]any{"open_id": OpenID, "display_name": "The Brand", "avatar_url": f.URL + "/avatar.jpg", "username": Brand, "profile_deep_link": "https://www.tiktok.com/@" + Brand, "follower_count": 4711}
	needs := map[string]string{"username": "user.info.profile", "profile_deep_link": "user.info.profile", "follower_count": "user.info.stats"}
	user := map[string]any{}
	for _, name := range strings.Split(c.URL.Query().Get("fields"), ",") {
		if _, ok := all[name]; !ok {
			f.complain("the user is asked for %q", name)
		}
		if needs[name] != "" && !f.has(needs[name]) {
			return nil, &refusal{401, "scope_not_authorized"}
		}
		user[name] = all[name]
	}
	return map[string]any{"user": user}, nil
}

func (f *Fake) options() []string {
	if f.o.Unaudited {
		return []string{"FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"} // those of a private account
	}
	return []string{"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"}
}

func (f *Fake) creator(*call) (any, *refusal) {
	if !f.has("video.publish") {
		return nil, &refusal{401, "scope_not_authorized"}
	}
	if f.today() >= f.o.Daily {
		return nil, no("spam_risk_too_many_posts")
	}
	return map[string]any{"creator_avatar_url": f.URL + "/avatar.jpg", "creator_username": Brand, "creator_nickname": "The Brand", "privacy_level_options": f.options(),
		"comment_disabled": f.o.NoComments, "duet_disabled": false, "stitch_disabled": false, "max_video_post_duration_sec": f.o.MaxSeconds}, nil
}

func (f *Fake) today() (n int) {
	for _, p := range f.posts {
		if !p.draft && p.whole() && f.o.Now().Sub(p.at) < 24*time.Hour {
			n++
		}
	}
	return n
}
