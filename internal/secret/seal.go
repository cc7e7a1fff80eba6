package secret

import (
	"encoding/base64"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
)

const version = "v1"

// Seal returns plain as an envelope that opens only for boundTo, which names the row and column that hold it
// ("channel_grant/chan_…"). Sealing twice gives different envelopes.
func (k *Keys) Seal(plain []byte, boundTo string) (string, error) {
	if boundTo == "" {
		return "", &fault.Error{Kind: fault.Internal, Code: "secret_unbound", Message: "a secret must be sealed for a row"}
	}
	sealed := k.active.seal.Seal(nil, nil, plain, bound(k.active.id, boundTo))
	return version + "." + k.active.id + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open returns the plain value. The errors are Internal and say whether the key is missing (code
// "secret_key_missing") or the envelope was altered, cut or belongs to another row ("secret_unreadable").
func (k *Keys) Open(sealed, boundTo string) ([]byte, error) {
	id, raw, ok := split(sealed)
	if !ok {
		return nil, unreadable()
	}
	key := k.byID[id]
	if key == nil {
		return nil, &fault.Error{
			Kind: fault.Internal, Code: "secret_key_missing",
			Message: "a secret was sealed with the key \"" + id + "\", which is not among the secret keys",
			Hint:    "Add that key again behind the others, in the key file or in BELLWETHER_SECRET_KEYS.",
		}
	}
	plain, err := key.seal.Open(nil, nil, raw, bound(id, boundTo))
	if err != nil {
		return nil, unreadable()
	}
	return plain, nil
}

// NeedsRotation reports whether sealed was made with another key than the active one.
func (k *Keys) NeedsRotation(sealed string) bool {
	id, _, ok := split(sealed)
	return ok && id != k.active.id
}

// Reseal returns the same value sealed with the active key.
func (k *Keys) Reseal(sealed, boundTo string) (string, error) {
	plain, err := k.Open(sealed, boundTo)
	if err != nil {
		return "", err
	}
	return k.Seal(plain, boundTo)
}

func unreadable() error {
	return &fault.Error{Kind: fault.Internal, Code: "secret_unreadable", Message: "a sealed secret was altered or belongs to another row"}
}

func bound(id, boundTo string) []byte { return []byte(version + "\x00" + id + "\x00" + boundTo) }

// split takes an envelope apart. The strict decoding keeps one spelling per envelope.
func split(sealed string) (id string, raw []byte, ok bool) {
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != version {
		return "", nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	return parts[1], raw, err == nil
}
