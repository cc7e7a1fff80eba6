package xfake

import (
	"net/url"
	"slices"
)

// webhook is an address that is called with accounts' events.
type webhook struct {
	ID, URL string
	Valid   bool
	Who     []string // ids of the subscribed accounts
}

// app reports whether the application itself calls.
func (c *call) app() bool { return c.Header.Get("Authorization") == "Bearer "+AppToken }

func (h *webhook) doc() map[string]any {
	return map[string]any{"id": h.ID, "url": h.URL, "valid": h.Valid, "created_at": "2026-03-01T00:00:00.000Z"}
}

func (f *Fake) hook(id string) *webhook {
	for _, h := range f.hooks {
		if h.ID == id {
			return h
		}
	}
	return nil
}

func (f *Fake) webhooks(c *call) (int, any, *refusal) {
	if !c.app() {
		return 0, nil, no(401, "", "Unauthorized")
	}
	list := []any{}
	for _, h := range f.hooks {
		list = append(list, h.doc())
	}
	return 200, map[string]any{"data": list, "meta": map[string]any{"result_count": len(list)}}, nil
}

// addWebhook takes only addresses with https and no port, as X says, and none twice.
func (f *Fake) addWebhook(c *call) (int, any, *refusal) {
	u, err := url.Parse(text(c.body, "url"))
	switch {
	case !c.app():
		return 0, nil, no(401, "", "Unauthorized")
	case err != nil || u.Scheme != "https" || u.Port() != "":
		return 0, nil, no(400, "invalid-request", "The webhook URL does not meet the requirements.")
	case slices.ContainsFunc(f.hooks, func(h *webhook) bool { return h.URL == u.String() }):
		return 0, nil, no(400, "invalid-request", "DuplicateUrlFailed: the webhook exists.")
	}
	h := &webhook{ID: f.id(), URL: u.String(), Valid: true}
	f.hooks = append(f.hooks, h)
	return 200, map[string]any{"data": h.doc()}, nil
}

func (f *Fake) proveWebhook(c *call) (int, any, *refusal) {
	h := f.hook(c.PathValue("id"))
	if !c.app() || h == nil {
		return 0, nil, no(404, "resource-not-found", "There is no such webhook.")
	}
	h.Valid = true
	return 200, map[string]any{"data": map[string]any{"attempted": true}}, nil
}

func (f *Fake) subscribed(c *call) (int, any, *refusal) {
	h := f.hook(c.PathValue("id"))
	if h == nil {
		return 0, nil, no(404, "resource-not-found", "There is no such webhook.")
	}
	return 200, map[string]any{"data": map[string]any{"subscribed": slices.Contains(h.Who, c.me.ID)}}, nil
}

func (f *Fake) subscribe(c *call) (int, any, *refusal) {
	h := f.hook(c.PathValue("id"))
	if h == nil || !h.Valid || slices.Contains(h.Who, c.me.ID) {
		return 0, nil, no(400, "invalid-request", "The subscription is invalid, or it exists.")
	}
	h.Who = append(h.Who, c.me.ID)
	return 200, map[string]any{"data": map[string]any{"subscribed": true}}, nil
}

func (f *Fake) unsubscribe(c *call) (int, any, *refusal) {
	h := f.hook(c.PathValue("id"))
	if !c.app() || h == nil || !slices.Contains(h.Who, c.PathValue("who")) {
		return 0, nil, no(404, "resource-not-found", "There is no such subscription.")
	}
	h.Who = slices.DeleteFunc(h.Who, func(id string) bool { return id == c.PathValue("who") })
	return 200, map[string]any{"data": map[string]any{"subscribed": false}}, nil
}

// Subscribed lists the accounts whose events an address gets; distrust makes X want proof of it again.
func (f *Fake) Subscribed(address string, distrust bool) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.hooks {
		if h.URL == address {
			h.Valid = h.Valid && !distrust
			return slices.Clone(h.Who)
		}
	}
	return nil
}
