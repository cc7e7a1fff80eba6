package tiktok

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// fresh is how old a call may be: the time is part of what is signed.
const fresh = 5 * time.Minute

// Hear takes TikTok's calls. TikTok-Signature holds a time and the HMAC of the time, a dot and the raw body by the
// app's secret.
func (TikTok) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	unproved := &fault.Error{Kind: fault.Unauthorised, Message: "the call does not prove that it is from TikTok"}
	sent := map[string]string{}
	for _, part := range strings.Split(call.Header.Get("TikTok-Signature"), ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		sent[k] = v
	}
	mac := hmac.New(sha256.New, []byte(app["client_secret"]))
	mac.Write([]byte(sent["t"] + "."))
	mac.Write(call.Body)
	if app["client_secret"] == "" || !hmac.Equal([]byte(strings.ToLower(sent["s"])), []byte(hex.EncodeToString(mac.Sum(nil)))) {
		return network.Heard{}, unproved
	}
	if t, err := strconv.ParseInt(sent["t"], 10, 64); err != nil || call.At.Sub(time.Unix(t, 0)).Abs() > fresh {
		return network.Heard{}, unproved
	}
	var news struct {
		ClientKey string `json:"client_key"`
		OpenID    string `json:"user_openid"`
	}
	if err := json.Unmarshal(call.Body, &news); err != nil {
		return network.Heard{}, fault.Invalidf("body", "the call is not the JSON that TikTok sends")
	}
	if news.OpenID == "" || news.ClientKey != app["client_key"] {
		return network.Heard{}, nil
	}
	return network.Heard{Accounts: []string{news.OpenID}}, nil
}
