// Package hook proves X's own calls to us and reads for whom they are.
package hook

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// aToken is what a check's token looks like. Our answer is a signature over it, made as X makes those over events;
// so nothing is signed that could be an event.
var aToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// Hear answers X's check, which is repeated every hour, and reads for whom an event is.
func Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	secret := app["consumer_secret"]
	if secret == "" {
		return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "no API key secret is registered, so X's calls cannot be proved")
	}
	if token := call.Query.Get("crc_token"); call.Method == http.MethodGet && token != "" {
		if !aToken.MatchString(token) {
			return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "the check's token is not one of X's")
		}
		raw, _ := json.Marshal(map[string]string{"response_token": sign(secret, []byte(token))}) // plain data: cannot fail
		return network.Heard{Answer: raw, MIME: "application/json"}, nil
	}
	if !hmac.Equal([]byte(call.Header.Get("X-Twitter-Webhooks-Signature")), []byte(sign(secret, call.Body))) {
		return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "the call does not carry X's signature")
	}
	var e struct {
		Data struct { // the Activity API
			ID     string `json:"event_uuid"`
			Filter struct {
				User string `json:"user_id"`
			} `json:"filter"`
		} `json:"data"`
		User string `json:"for_user_id"` // the older Account Activity API
	}
	if err := json.Unmarshal(call.Body, &e); err != nil {
		return network.Heard{}, fault.Wrap(fault.Rejected, err, "X's call cannot be read")
	}
	heard := network.Heard{ID: e.Data.ID}
	if who := cmp.Or(e.Data.Filter.User, e.User); who != "" {
		heard.Accounts = []string{who}
	}
	return heard, nil
}

func sign(secret string, what []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(what)
	return "sha256=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
