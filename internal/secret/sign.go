package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Sign returns a signature of msg that Verify accepts for the same purpose alone ("oauth_state", "approval_link").
// It is printable in an address, names its key, and holds for as long as that key is kept; what must end earlier
// says so inside msg.
func (k *Keys) Sign(purpose, msg string) string {
	return k.active.id + "." + base64.RawURLEncoding.EncodeToString(k.active.mac(purpose, msg))
}

// Verify reports whether signature is ours for exactly this purpose and message, in constant time.
func (k *Keys) Verify(purpose, msg, signature string) bool {
	id, encoded, ok := strings.Cut(signature, ".")
	key := k.byID[id]
	if !ok || key == nil {
		return false
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	return err == nil && hmac.Equal(mac, key.mac(purpose, msg))
}

func (k *key) mac(purpose, msg string) []byte {
	h := hmac.New(sha256.New, k.derive("sign "+purpose, sha256.Size))
	h.Write([]byte(msg))
	return h.Sum(nil)
}
