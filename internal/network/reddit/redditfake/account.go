package redditfake

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const allScopes = "identity read history mysubreddits flair submit edit privatemessages vote modposts"

// authorize plays a person who is signed in as the brand and allows everything.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != AppID || q.Get("response_type") != "code" || q.Get("duration") != "permanent" || q.Get("scope") != allScopes {
		http.Error(w, "invalid client or request", http.StatusBadRequest)
		return
	}
	code := "code-" + f.id()
	f.codes[code] = q.Get("redirect_uri")
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (f *Fake) app(c *call) bool {
	id, secret, ok := c.BasicAuth()
	return ok && id == AppID && secret == AppSecret
}

// token refuses with 200 and an error, as Reddit does.
func (f *Fake) token(c *call) (any, *refusal) {
	if !f.app(c) {
		return nil, no(401, "Unauthorized")
	}
	scope := allScopes
	if f.o.Narrow {
		scope = "identity read history mysubreddits flair"
	}
	out := map[string]any{"token_type": "bearer", "expires_in": 86400, "scope": scope}
	switch c.text("grant_type") {
	case "authorization_code":
		redirect, known := f.codes[c.text("code")]
		if !known || redirect != c.text("redirect_uri") {
			return map[string]any{"error": "invalid_grant"}, nil
		}
		delete(f.codes, c.text("code"))
		refresh := "1234-" + f.id() + "-refresh"
		f.refresh[refresh] = true
		out["refresh_token"] = refresh
	case "refresh_token":
		if !f.refresh[c.text("refresh_token")] {
			return nil, no(400, "Bad Request")
		}
		out["refresh_token"] = c.text("refresh_token") // stays the same
	default:
		return map[string]any{"error": "unsupported_grant_type"}, nil
	}
	access := "eyJ-" + f.id() + "-access"
	f.access[access] = true
	out["access_token"] = access
	return out, nil
}

func (f *Fake) revokeToken(c *call) (any, *refusal) {
	if !f.app(c) {
		return nil, no(401, "Unauthorized")
	}
	if f.refresh[c.text("token")] {
		delete(f.refresh, c.text("token"))
		f.access = map[string]bool{}
	}
	return map[string]any{}, nil
}

func (f *Fake) self(*call) (any, *refusal) {
	return map[string]any{"id": "abc12", "name": Brand, "icon_img": f.URL + "/icon.png", "is_suspended": false, "total_karma": 1200,
		"subreddit": map[string]any{"title": "The Brand", "display_name": "u_" + Brand, "subscribers": 7}}, nil
}

func (f *Fake) community(name string) *Community {
	for _, c := range f.communities {
		if strings.EqualFold(c.Name, name) {
			return c
		}
	}
	return nil
}

func (f *Fake) joined(c *call) (any, *refusal) {
	var all []map[string]any
	for _, j := range f.communities {
		all = append(all, map[string]any{"kind": "t5", "data": map[string]any{"name": "t5_" + j.Name, "display_name": j.Name, "subreddit_type": "public", "submission_type": j.Takes,
			"user_is_moderator": j.Moderator, "user_is_banned": false, "allow_images": !j.NoImages, "allow_videos": true, "allow_galleries": true, "allow_polls": true}})
	}
	return list(c, all)
}

func (f *Fake) requirements(c *call) (any, *refusal) {
	j := f.community(c.PathValue("community"))
	if j == nil {
		return nil, no(404, "Not Found")
	}
	if j.Requirements == nil {
		return map[string]any{"title_text_min_length": nil, "title_text_max_length": nil, "body_restriction_policy": "none", "is_flair_required": false, "domain_whitelist": []string{}}, nil
	}
	return j.Requirements, nil
}

func (f *Fake) flairs(c *call) (any, *refusal) {
	j := f.community(c.PathValue("community"))
	if j == nil || len(j.Flairs) == 0 {
		return nil, no(403, "Forbidden")
	}
	out := []any{map[string]any{"id": "for-moderators", "text": "Official", "mod_only": true}}
	for _, id := range j.Flairs {
		out = append(out, map[string]any{"id": id, "text": "Question", "mod_only": false, "text_editable": true})
	}
	return out, nil
}

// list cuts a page out of a list; after is the full name of the last thing of the page before.
func list(c *call, all []map[string]any) (any, *refusal) {
	q := c.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	if limit == 0 {
		limit = 25
	}
	if limit > 100 {
		limit = 100
	}
	name := func(t map[string]any) string { s, _ := t["data"].(map[string]any)["name"].(string); return s }
	if after := q.Get("after"); after != "" {
		i := slices.IndexFunc(all, func(t map[string]any) bool { return name(t) == after })
		all = all[i+1:]
	}
	var next any
	if len(all) > limit {
		all = all[:limit]
		next = name(all[limit-1])
	}
	if all == nil {
		all = []map[string]any{}
	}
	return map[string]any{"kind": "Listing", "data": map[string]any{"children": all, "after": next, "before": nil, "dist": len(all)}}, nil
}
