package threads

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

func unproved() error {
	return &fault.Error{Kind: fault.Unauthorised, Message: "the call does not prove that it is from Threads"}
}

// Hear answers Meta's handshake, which carries the verify token, and takes its calls, which are signed with the app's
// secret over the raw body.
func (Threads) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	if call.Method == http.MethodGet {
		token := app["verify_token"]
		if token == "" || call.Query.Get("hub.mode") != "subscribe" || !hmac.Equal([]byte(call.Query.Get("hub.verify_token")), []byte(token)) {
			return network.Heard{}, unproved()
		}
		return network.Heard{Answer: []byte(call.Query.Get("hub.challenge")), MIME: "text/plain"}, nil
	}
	sent, ok := strings.CutPrefix(call.Header.Get("X-Hub-Signature-256"), "sha256=")
	mac := hmac.New(sha256.New, []byte(app["client_secret"]))
	mac.Write(call.Body)
	if !ok || app["client_secret"] == "" || !hmac.Equal([]byte(strings.ToLower(sent)), []byte(hex.EncodeToString(mac.Sum(nil)))) {
		return network.Heard{}, unproved()
	}
	// One news, or several in one call. A field of another type than documented says nothing.
	var news struct {
		Target string          `json:"target_id"`
		Values json.RawMessage `json:"values"`
	}
	if err := json.Unmarshal(call.Body, &news); err != nil {
		return network.Heard{}, fault.Invalidf("body", "the call is not the JSON that Threads sends")
	}
	var heard network.Heard
	add := func(id string) {
		if id != "" && !slices.Contains(heard.Accounts, id) {
			heard.Accounts = append(heard.Accounts, id)
		}
	}
	add(news.Target)
	type value struct {
		Value struct {
			Root struct {
				Owner string `json:"owner_id"`
			} `json:"root_post"`
		} `json:"value"`
	}
	var list []value
	if json.Unmarshal(news.Values, &list) != nil {
		var one value
		if json.Unmarshal(news.Values, &one) == nil {
			list = []value{one}
		}
	}
	for _, v := range list {
		add(v.Value.Root.Owner)
	}
	return heard, nil
}
