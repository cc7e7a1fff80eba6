package wire

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// The kinds of events that are written or read.
const (
	KindProfile   = 0
	KindNote      = 1
	KindFollows   = 3
	KindDelete    = 5
	KindRepost    = 6
	KindReaction  = 7
	KindRepostAny = 16
	KindPicture   = 20
	KindVideo     = 21
	KindShort     = 22 // a video upright
	KindComment   = 1111
	KindRelays    = 10002
	KindServers   = 10063 // for media
	KindAuth      = 22242
	KindUpload    = 24242
	KindArticle   = 30023
)

// Event is a signed statement (NIP-01).
type Event struct {
	ID        string     `json:"id"`
	PubKey    string     `json:"pubkey"`
	CreatedAt int64      `json:"created_at"` // seconds
	Kind      int        `json:"kind"`
	Tags      [][]string `json:"tags"`
	Content   string     `json:"content"`
	Sig       string     `json:"sig,omitempty"`
}

// At is when the author says it was said, in UTC.
func (e Event) At() time.Time { return time.Unix(e.CreatedAt, 0).UTC() }

// digest is the event's id: of its one canonical spelling, which escapes less than JSON libraries do.
func (e Event) digest() [32]byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `[0,"%s",%d,%d,[`, e.PubKey, e.CreatedAt, e.Kind)
	for i, tag := range e.Tags {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('[')
		for j, v := range tag {
			if j > 0 {
				b.WriteByte(',')
			}
			spell(&b, v)
		}
		b.WriteByte(']')
	}
	b.WriteString("],")
	spell(&b, e.Content)
	b.WriteByte(']')
	return sha256.Sum256(b.Bytes())
}

func spell(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '\n':
			b.WriteString(`\n`)
		case '"':
			b.WriteString(`\"`)
		case '\\':
			b.WriteString(`\\`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		default:
			if c < 0x20 { // not said by the specification; every library writes these so
				fmt.Fprintf(b, `\u%04x`, c)
				continue
			}
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}

// Seal gives the event its id.
func (e Event) Seal() Event {
	if e.Tags == nil {
		e.Tags = [][]string{}
	}
	sum := e.digest()
	e.ID = hex.EncodeToString(sum[:])
	return e
}

// Genuine reports whether the event is what its author signed.
func (e Event) Genuine() bool {
	sum := e.digest()
	if e.ID != hex.EncodeToString(sum[:]) || len(e.Sig) != 128 {
		return false
	}
	key, err1 := hex.DecodeString(e.PubKey)
	sig, err2 := hex.DecodeString(e.Sig)
	if err1 != nil || err2 != nil {
		return false
	}
	pub, err1 := schnorr.ParsePubKey(key)
	parsed, err2 := schnorr.ParseSignature(sig)
	return err1 == nil && err2 == nil && parsed.Verify(sum[:], pub)
}

// Tag returns the first value of the first tag of this name, "" if none.
func (e Event) Tag(name string) string {
	for _, t := range e.Tags {
		if len(t) > 1 && t[0] == name {
			return t[1]
		}
	}
	return ""
}

// Has reports whether there is a tag of this name with this value.
func (e Event) Has(name, value string) bool {
	return slices.ContainsFunc(e.Tags, func(t []string) bool { return len(t) > 1 && t[0] == name && t[1] == value })
}

// Address names all versions of an event of a kind that can be replaced; "" for others.
func (e Event) Address() string {
	if e.Kind < 30000 || e.Kind >= 40000 {
		return ""
	}
	return fmt.Sprintf("%d:%s:%s", e.Kind, e.PubKey, e.Tag("d"))
}

// RemoteID is what we call an event: its address where it has one, because its id changes with every edit.
func (e Event) RemoteID() string { return cmp.Or(e.Address(), e.ID) }

// ParseAddress takes an address apart; false for an id.
func ParseAddress(s string) (kind int, author, d string, ok bool) {
	parts := strings.SplitN(s, ":", 3)
	if len(parts) != 3 || !IsKey(parts[1]) {
		return 0, "", "", false
	}
	kind, err := strconv.Atoi(parts[0])
	return kind, parts[1], parts[2], err == nil
}

// IsKey reports whether a text is a public key or an event's id: 32 bytes in small hexadecimal digits.
func IsKey(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == 32 && s == strings.ToLower(s)
}

// Key is an account's private key.
type Key struct{ key *btcec.PrivateKey }

// ReadKey reads a key as people have it: nsec1…, or 64 hexadecimal digits.
func ReadKey(s string) (Key, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	raw, err := hex.DecodeString(s)
	switch {
	case strings.HasPrefix(s, "nsec1"):
		_, raw, err = bech32Decode(s)
	case strings.HasPrefix(s, "npub1"):
		return Key{}, fault.Invalidf("secret_key", "this is the public key; publishing needs the secret one, which begins with nsec1")
	case strings.HasPrefix(s, "ncryptsec1"):
		return Key{}, fault.Invalidf("secret_key", "this key is locked with a password").WithHint("Unlock it in the app that locked it, and paste the key that begins with nsec1.")
	case strings.HasPrefix(s, "bunker://"):
		return Key{}, fault.Invalidf("secret_key", "remote signers are not supported").WithHint("Paste the key that begins with nsec1.")
	}
	if err != nil || len(raw) != 32 {
		return Key{}, fault.Invalidf("secret_key", "this is not a Nostr key").WithHint("It begins with nsec1, or has 64 hexadecimal digits.")
	}
	var n btcec.ModNScalar
	if n.SetByteSlice(raw) || n.IsZero() {
		return Key{}, fault.Invalidf("secret_key", "this number is not a valid key")
	}
	key, _ := btcec.PrivKeyFromBytes(raw)
	return Key{key}, nil
}

// Hex is the key as it is kept.
func (s Key) Hex() string { return hex.EncodeToString(s.key.Serialize()) }

// Public is the public key, by which the account is known.
func (s Key) Public() string { return hex.EncodeToString(schnorr.SerializePubKey(s.key.PubKey())) }

// Sign seals and signs an event in the name of the key. The same event gets the same signature every time.
func (s Key) Sign(e Event) (Event, error) {
	e.PubKey = s.Public()
	e = e.Seal()
	sum := e.digest()
	sig, err := schnorr.Sign(s.key, sum[:])
	if err != nil {
		return e, fault.Wrap(fault.Internal, err, "sign an event")
	}
	e.Sig = hex.EncodeToString(sig.Serialize())
	return e, nil
}
