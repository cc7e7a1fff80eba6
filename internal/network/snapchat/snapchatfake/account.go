package snapchatfake

import (
	"net/http"
	"net/url"
)

// authorize plays a person who is signed in as the brand and allows everything.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != AppID || q.Get("response_type") != "code" || q.Get("scope") != "snapchat-profile-api" {
		http.Error(w, "invalid client or request", http.StatusBadRequest)
		return
	}
	code := "code-" + f.id()
	f.codes[code] = q.Get("redirect_uri")
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (f *Fake) token(c *call) (map[string]any, *refusal) {
	if c.text("client_id") != AppID || c.text("client_secret") != AppSecret {
		return nil, no(401, "invalid_client", "The client is not known")
	}
	out := map[string]any{"token_type": "Bearer", "expires_in": 3600, "scope": "snapchat-profile-api"}
	switch c.text("grant_type") {
	case "authorization_code":
		redirect, known := f.codes[c.text("code")]
		if !known || redirect != c.text("redirect_uri") {
			return nil, no(400, "invalid_grant", "The code is wrong or used")
		}
		delete(f.codes, c.text("code"))
	case "refresh_token":
		if !f.refresh[c.text("refresh_token")] {
			return nil, no(400, "invalid_grant", "The refresh token is wrong or used")
		}
		delete(f.refresh, c.text("refresh_token")) // each is good once
	default:
		return nil, no(400, "unsupported_grant_type", "The grant is not known")
	}
	access, refresh := "snap-"+f.id()+"-access", "snap-"+f.id()+"-refresh"
	f.access[access], f.refresh[refresh] = true, true
	out["access_token"], out["refresh_token"] = access, refresh
	return out, nil
}

func (f *Fake) profile(id string) map[string]any {
	p := map[string]any{"id": id, "organization_id": Organisation, "display_name": "The Brand", "snap_user_name": Brand, "subscriber_count": "7", "profile_tier": "TIER_PUBLIC",
		"logo_urls": map[string]any{"manage_profile_logo_url": f.URL + "/logo.png", "original_logo_url": f.URL + "/large.png"}}
	if id == OtherProfile {
		p["display_name"], p["snap_user_name"] = "The Other", "other"
	}
	return p
}

func (f *Fake) mine(*call) (map[string]any, *refusal) {
	if f.o.NoProfile {
		return map[string]any{"public_profiles": []any{}}, nil
	}
	if f.o.Wrapped {
		return map[string]any{"public_profiles": []any{map[string]any{"sub_request_status": "SUCCESS", "public_profile": f.profile(Profile)}}}, nil
	}
	return map[string]any{"public_profile": f.profile(Profile)}, nil
}

func (f *Fake) one(c *call) (map[string]any, *refusal) {
	id := c.PathValue("profile")
	if id != Profile && id != OtherProfile {
		return nil, no(404, "E1003", "The profile was not found")
	}
	return map[string]any{"public_profiles": []any{map[string]any{"sub_request_status": "SUCCESS", "public_profile": f.profile(id)}}}, nil
}

// ofOrganisation lists both profiles, and one that the account may not see.
func (f *Fake) ofOrganisation(c *call) (map[string]any, *refusal) {
	if c.PathValue("organisation") != Organisation {
		return nil, no(403, "E1004", "No role in this organisation")
	}
	wrap := func(id string) any {
		return map[string]any{"sub_request_status": "SUCCESS", "public_profile": f.profile(id)}
	}
	hidden := map[string]any{"sub_request_status": "ERROR", "sub_request_error_reason": "No role on this profile", "public_profile": map[string]any{"id": "hidden"}}
	return map[string]any{"request_status": "PARTIAL", "public_profiles": []any{wrap(Profile), hidden, wrap(OtherProfile)}}, nil
}
