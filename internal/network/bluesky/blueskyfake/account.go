package blueskyfake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

func claims(token string) (scope string, expires time.Time) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", time.Time{}
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var c struct {
		Scope   string `json:"scope"`
		Expires int64  `json:"exp"`
	}
	_ = json.Unmarshal(raw, &c)
	return c.Scope, time.Unix(c.Expires, 0)
}

// directory is the identity directory.
func (f *Fake) directory(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	p := f.people[r.PathValue("did")]
	f.mu.Unlock()
	if p == nil {
		send(w, 404, map[string]string{"message": "DID not registered: " + r.PathValue("did")})
		return
	}
	send(w, 200, f.document(p))
}

func (f *Fake) document(p *person) map[string]any {
	return map[string]any{"id": p.DID, "alsoKnownAs": []string{"at://" + p.Handle},
		"service": []any{map[string]any{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": f.URL}}}
}

func (f *Fake) resolveHandle(c *call) (any, *refusal) {
	if did := f.claimed[c.q("handle")]; did != "" {
		return map[string]any{"did": did}, nil
	}
	for _, p := range f.people {
		if p.Handle == c.q("handle") {
			return map[string]any{"did": p.DID}, nil
		}
	}
	return nil, no(400, "InvalidRequest", "Unable to resolve handle")
}

func (f *Fake) describeServer(*call) (any, *refusal) {
	return map[string]any{"did": "did:web:localhost", "availableUserDomains": []string{".test"}, "blobUploadLimit": 5 << 20}, nil
}

func (f *Fake) createSession(c *call) (any, *refusal) {
	p := f.people[c.text("identifier")]
	if p == nil || c.text("password") != BrandPassword {
		return nil, no(401, "AuthenticationRequired", "Invalid identifier or password")
	}
	return f.session(p), nil
}

func (f *Fake) session(p *person) map[string]any {
	access, refresh := f.tokensOf(p)
	return map[string]any{"accessJwt": access, "refreshJwt": refresh, "did": p.DID, "handle": p.Handle, "didDoc": f.document(p), "active": true}
}

// refreshSession gives a new pair; the old refresh token is good for a little longer, as at the real server.
func (f *Fake) refreshSession(c *call) (any, *refusal) { return f.session(c.me), nil }

func (f *Fake) deleteSession(c *call) (any, *refusal) {
	delete(f.tokens, c.token)
	return map[string]any{}, nil
}

func (f *Fake) getSession(c *call) (any, *refusal) {
	return map[string]any{"did": c.me.DID, "handle": c.me.Handle, "active": true}, nil
}

func (f *Fake) profile(p *person, reader *person) map[string]any {
	doc := map[string]any{"did": p.DID, "handle": p.Handle, "displayName": p.Name, "avatar": f.URL + "/img/" + p.DID, "viewer": map[string]any{"muted": false}}
	for _, r := range f.records {
		if r.collection == "app.bsky.graph.block" && r.did == reader.DID && r.value["subject"] == p.DID {
			doc["viewer"] = map[string]any{"blocking": r.uri()}
		}
	}
	return doc
}

func (f *Fake) find(actor string) *person {
	for _, p := range f.people {
		if p.DID == actor || p.Handle == actor {
			return p
		}
	}
	return nil
}

func (f *Fake) getProfile(c *call) (any, *refusal) {
	p := f.find(c.q("actor"))
	if p == nil {
		return nil, no(400, "InvalidRequest", "Profile not found")
	}
	doc := f.profile(p, c.me)
	followers := 0
	for _, r := range f.records {
		if r.collection == "app.bsky.graph.follow" && r.value["subject"] == p.DID {
			followers++
		}
	}
	doc["followersCount"] = followers
	return doc, nil
}

func (f *Fake) searchActors(c *call) (any, *refusal) {
	actors := []any{}
	for _, p := range f.people {
		if strings.HasPrefix(p.Handle, strings.ToLower(c.q("q"))) {
			actors = append(actors, f.profile(p, c.me))
		}
	}
	return map[string]any{"actors": actors}, nil
}

func (f *Fake) muteActor(c *call) (any, *refusal) { return f.mute(c, true) }

func (f *Fake) unmuteActor(c *call) (any, *refusal) { return f.mute(c, false) }

func (f *Fake) mute(c *call, on bool) (any, *refusal) {
	p := f.find(c.text("actor"))
	if p == nil {
		return nil, no(400, "InvalidRequest", "Actor not found")
	}
	f.mutes[c.me.DID+" "+p.DID] = on
	return map[string]any{}, nil
}

func (f *Fake) createReport(c *call) (any, *refusal) {
	subject, _ := c.body["subject"].(map[string]any)
	f.reports = append(f.reports, fmt.Sprint(subject["uri"], subject["did"]))
	return map[string]any{"id": len(f.reports), "reasonType": c.text("reasonType"), "subject": subject, "reportedBy": c.me.DID, "createdAt": f.o.Now().UTC().Format(time.RFC3339)}, nil
}
