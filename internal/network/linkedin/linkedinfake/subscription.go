package linkedinfake

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
)

// aSubscription is the key of one: by whom, for whom and about what LinkedIn calls.
var aSubscription = regexp.MustCompile(`^\(developerApplication:urn:li:developerApplication:[0-9]+,user:urn:li:person:[^,()]+,entity:urn:li:organization:[0-9]+,eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS\)$`)

func (f *Fake) subscription(c *call) (answer, *refusal) {
	webhook := f.subscriptions[c.PathValue("key")]
	if webhook == "" {
		return answer{}, no(404, "NOT_FOUND", "There is no such subscription")
	}
	return answer{doc: map[string]any{"webhook": webhook}}, nil
}

func (f *Fake) subscribe(c *call) (answer, *refusal) {
	webhook, _ := c.body["webhook"].(string)
	if !aSubscription.MatchString(c.PathValue("key")) || !strings.HasPrefix(webhook, "https://") {
		return answer{}, no(400, "INVALID", "The subscription is invalid")
	}
	f.subscriptions[c.PathValue("key")] = webhook
	return answer{status: http.StatusNoContent}, nil
}

func (f *Fake) unsubscribe(c *call) (answer, *refusal) {
	if f.subscriptions[c.PathValue("key")] == "" {
		return answer{}, no(404, "NOT_FOUND", "There is no such subscription")
	}
	delete(f.subscriptions, c.PathValue("key"))
	return answer{status: http.StatusNoContent}, nil
}

// Subscriptions are the addresses that are called, by what they are about.
func (f *Fake) Subscriptions() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.subscriptions)
}
