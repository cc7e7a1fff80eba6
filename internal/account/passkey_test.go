package account_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// device is a person's device with a passkey, as far as a server can tell.
type device struct {
	t        *testing.T
	key      *ecdsa.PrivateKey
	id       []byte
	user     string // handle it was made for
	host     string
	origin   string
	counter  uint32
	verified bool // the person was asked for finger, face or PIN
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	rand.Read(id)
	return &device{t: t, key: key, id: id, host: "localhost", origin: "http://localhost:8080", verified: true}
}

var b64 = base64.RawURLEncoding

type question struct {
	PublicKey struct {
		Challenge string
		User      struct{ ID string }
	}
}

func (d *device) read(raw []byte) question {
	d.t.Helper()
	var q question
	if err := json.Unmarshal(raw, &q); err != nil || q.PublicKey.Challenge == "" {
		d.t.Fatalf("question %s: %v", raw, err)
	}
	return q
}

func (d *device) client(kind, challenge string) []byte {
	raw, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return raw
}

func (d *device) data(attested []byte) []byte {
	host := sha256.Sum256([]byte(d.host))
	flags := byte(0x01)
	if d.verified {
		flags |= 0x04
	}
	if attested != nil {
		flags |= 0x40
	}
	d.counter++
	return append(binary.BigEndian.AppendUint32(append(host[:], flags), d.counter), attested...)
}

// make answers the question for a new passkey.
func (d *device) make(raw []byte) []byte {
	q := d.read(raw)
	handle, err := b64.DecodeString(q.PublicKey.User.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	d.user = string(handle)
	public, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: d.key.X.FillBytes(make([]byte, 32)), -3: d.key.Y.FillBytes(make([]byte, 32))})
	if err != nil {
		d.t.Fatal(err)
	}
	attested := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	attested = append(append(attested, d.id...), public...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.data(attested)})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64.EncodeToString(d.client("webauthn.create", q.PublicKey.Challenge)), "attestationObject": b64.EncodeToString(object)})
}

// sign answers the question for a sign-in.
func (d *device) sign(raw []byte) []byte {
	client, data := d.client("webauthn.get", d.read(raw).PublicKey.Challenge), d.data(nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(data, hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString([]byte(d.user))})
}

func (d *device) answer(response map[string]any) []byte {
	raw, _ := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return raw
}

func (h *house) addPasskey(t *testing.T, d *device) error {
	t.Helper()
	q, token, err := h.BeginPasskey(context.Background(), h.user)
	if err != nil {
		t.Fatal(err)
	}
	return h.AddPasskey(context.Background(), h.user, token, "Phone", d.make(q))
}

func (h *house) byPasskey(t *testing.T, d *device) (account.User, error) {
	t.Helper()
	q, token, err := h.BeginPasskeySignIn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return h.PasskeySignIn(context.Background(), token, d.sign(q))
}

func TestAPasskeySignsIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDevice(t)
		if err := h.addPasskey(t, d); err != nil {
			t.Fatal(err)
		}
		if u, err := h.byPasskey(t, d); err != nil || u.ID != h.user.ID || !u.SecondFactor() {
			t.Fatalf("%+v, %v", u, err)
		}
		keys, err := h.Passkeys(context.Background(), h.user.ID)
		if err != nil || len(keys) != 1 || keys[0].Name != "Phone" || keys[0].Used.IsZero() {
			t.Errorf("%+v, %v", keys, err)
		}
		if err := h.DropPasskey(context.Background(), h.user, keys[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.byPasskey(t, d); !fault.Is(err, fault.Invalid) {
			t.Errorf("a forgotten passkey: %v", err)
		}
	})
}

func TestAPasskeyThatIsNotRightIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*device){
		"of another site":                  func(d *device) { d.origin = "https://evil.example" },
		"bound to another host":            func(d *device) { d.host = "evil.example" },
		"without asking the person":        func(d *device) { d.verified = false },
		"signed with another key":          func(d *device) { d.key = newDevice(d.t).key },
		"claiming to be somebody else's":   func(d *device) { d.user = "user_somebody" },
		"whose counter went back (a copy)": func(d *device) { d.counter = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dbtest.SQLite(t), "http://localhost:8080")
			d := newDevice(t)
			if err := h.addPasskey(t, d); err != nil {
				t.Fatal(err)
			}
			if _, err := h.byPasskey(t, d); err != nil {
				t.Fatal(err)
			}
			spoil(d)
			if u, err := h.byPasskey(t, d); !fault.Is(err, fault.Invalid) || u.ID != "" {
				t.Errorf("%+v, %v", u, err)
			}
		})
	}
}

func TestAPasskeysAnswerWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, d := context.Background(), newDevice(t)
		if err := h.addPasskey(t, d); err != nil {
			t.Fatal(err)
		}
		q, token, err := h.BeginPasskeySignIn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.sign(q)
		if _, err := h.PasskeySignIn(ctx, token, answer); err != nil {
			t.Fatal(err)
		}
		if _, err := h.PasskeySignIn(ctx, token, answer); !fault.Is(err, fault.Invalid) {
			t.Errorf("the answer works twice: %v", err)
		}
		q, token, err = h.BeginPasskeySignIn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		h.pass(11 * time.Minute)
		if _, err := h.PasskeySignIn(ctx, token, d.sign(q)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a late answer: %v", err)
		}
	})
}

func TestTheOnlyWayInStays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.user = h.add(t, "Without Password", "without@example.org", "")
		if err := h.addPasskey(t, newDevice(t)); err != nil {
			t.Fatal(err)
		}
		keys, err := h.Passkeys(context.Background(), h.user.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.DropPasskey(context.Background(), h.user, keys[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("the last way in is gone: %v", err)
		}
	})
}

func TestPasskeysSayWhyTheyDoNotWork(t *testing.T) {
	for site, works := range map[string]bool{"https://social.example.org": true, "http://localhost:8080": true, "http://127.0.0.1:8080": false, "http://social.example.org": false, "https://192.0.2.4": false} {
		a, err := account.New(nil, nil, site)
		if err != nil {
			t.Fatal(err)
		}
		if why := a.PasskeysWork(); (why == "") != works || !works && !strings.HasPrefix(why, "Passkeys need") {
			t.Errorf("%s: %q", site, why)
		}
	}
}
