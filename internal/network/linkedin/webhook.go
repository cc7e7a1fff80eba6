package linkedin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// aChallenge is a UUID. Our answer is a signature over it with the secret that also signs events; so nothing is signed
// that could be an event.
var aChallenge = regexp.MustCompile(`^[0-9A-Fa-f-]{8,64}$`)

// Hear answers LinkedIn's challenge, which is repeated every two hours, and reads for which organisations events are.
func (LinkedIn) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	secret := app["client_secret"]
	if secret == "" {
		return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "no client secret is registered, so LinkedIn's calls cannot be proved")
	}
	if challenge := call.Query.Get("challengeCode"); call.Method == http.MethodGet && challenge != "" {
		if !aChallenge.MatchString(challenge) {
			return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "the challenge is not one of LinkedIn's")
		}
		raw, _ := json.Marshal(map[string]string{"challengeCode": challenge, "challengeResponse": sign(secret, challenge)}) // plain data: cannot fail
		return network.Heard{Answer: raw, MIME: "application/json"}, nil
	}
	proof := strings.TrimPrefix(call.Header.Get("X-Li-Signature"), "hmacsha256=")
	if !hmac.Equal([]byte(proof), []byte(sign(secret, "hmacsha256="+string(call.Body)))) {
		return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "the call does not carry LinkedIn's signature")
	}
	var e struct {
		Notifications []note `json:"notifications"`
	}
	if err := json.Unmarshal(call.Body, &e); err != nil {
		return network.Heard{}, fault.Wrap(fault.Rejected, err, "LinkedIn's call cannot be read")
	}
	var heard network.Heard
	for _, n := range e.Notifications {
		if n.Organization != "" && !slices.Contains(heard.Accounts, n.Organization) {
			heard.Accounts = append(heard.Accounts, n.Organization)
		}
	}
	return heard, nil
}

func sign(secret, what string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(what))
	return hex.EncodeToString(mac.Sum(nil))
}
