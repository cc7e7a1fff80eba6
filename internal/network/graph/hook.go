package graph

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Hear answers a call of Meta's: the handshake, proved by the word the operator chose, or news of an object ("page",
// "instagram"), proved by X-Hub-Signature-256 over the raw body.
func Hear(app map[string]string, call network.Webhook, object string) (network.Heard, error) {
	if call.Method == http.MethodGet {
		word := app["verify_token"]
		if word == "" || call.Query.Get("hub.mode") != "subscribe" || subtle.ConstantTimeCompare([]byte(call.Query.Get("hub.verify_token")), []byte(word)) != 1 {
			return network.Heard{}, unproved("the handshake does not carry the word that was agreed on")
		}
		return network.Heard{Answer: []byte(call.Query.Get("hub.challenge")), MIME: "text/plain; charset=utf-8"}, nil
	}
	secret := app["client_secret"]
	signature, ok := strings.CutPrefix(call.Header.Get("X-Hub-Signature-256"), "sha256=")
	have, err := hex.DecodeString(signature)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(call.Body)
	if !ok || err != nil || secret == "" || !hmac.Equal(have, mac.Sum(nil)) {
		return network.Heard{}, unproved("the call is not signed with the app's secret")
	}
	var doc struct {
		Object string `json:"object"`
		Entry  []struct {
			ID json.RawMessage `json:"id"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(call.Body, &doc); err != nil {
		return network.Heard{}, fault.Wrap(fault.Invalid, err, "the call cannot be read")
	}
	var heard network.Heard
	for _, e := range doc.Entry {
		id := strings.Trim(string(e.ID), `"`)
		if doc.Object == object && id != "" && !slices.Contains(heard.Accounts, id) {
			heard.Accounts = append(heard.Accounts, id)
		}
	}
	return heard, nil
}

func unproved(why string) error {
	return &fault.Error{Kind: fault.Unauthorised, Code: "not_signed", Message: why}
}
