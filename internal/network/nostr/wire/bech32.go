package wire

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// People write keys and references in bech32 (BIP-173), references with fields inside (NIP-19).

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

func bech32Sum(values []byte) uint32 {
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}

func bech32Prefix(name string) (out []byte) {
	for i := range len(name) {
		out = append(out, name[i]>>5)
	}
	out = append(out, 0)
	for i := range len(name) {
		out = append(out, name[i]&31)
	}
	return out
}

// regroup turns groups of from bits into groups of to bits.
func regroup(data []byte, from, to uint, pad bool) ([]byte, error) {
	var out []byte
	held, bits := uint(0), uint(0)
	for _, v := range data {
		held, bits = held<<from|uint(v), bits+from
		for bits >= to {
			bits -= to
			out = append(out, byte(held>>bits&(1<<to-1)))
		}
	}
	if rest := held & (1<<bits - 1); pad && bits > 0 {
		out = append(out, byte(rest<<(to-bits)))
	} else if !pad && (bits >= from || rest != 0) {
		return nil, errors.New("bad padding")
	}
	return out, nil
}

func bech32Encode(name string, data []byte) string {
	values, _ := regroup(data, 8, 5, true) // fails only without padding
	sum := bech32Sum(slices.Concat(bech32Prefix(name), values, make([]byte, 6))) ^ 1
	for i := range 6 {
		values = append(values, byte(sum>>(5*(5-i))&31))
	}
	var b strings.Builder
	b.WriteString(name + "1")
	for _, v := range values {
		b.WriteByte(bech32Letters[v])
	}
	return b.String()
}

func bech32Decode(s string) (name string, data []byte, err error) {
	i := strings.LastIndex(s, "1")
	if i < 1 || len(s)-i < 7 || len(s) > 5000 || s != strings.ToLower(s) {
		return "", nil, errors.New("not bech32")
	}
	var values []byte
	for _, c := range []byte(s[i+1:]) {
		v := strings.IndexByte(bech32Letters, c)
		if v < 0 {
			return "", nil, fmt.Errorf("%q cannot be in it", c)
		}
		values = append(values, byte(v))
	}
	if bech32Sum(append(bech32Prefix(s[:i]), values...)) != 1 {
		return "", nil, errors.New("it is mistyped")
	}
	data, err = regroup(values[:len(values)-6], 5, 8, false)
	return s[:i], data, err
}

// Reference is what a nostr: address points at: a person (author only), an event (id), or all versions of one (d, kind).
type Reference struct {
	ID, Author, Relay, D string
	Kind                 int
	Versions             bool
}

// Target is the id or address that tags name the event by.
func (r Reference) Target() string {
	if r.Versions {
		return fmt.Sprintf("%d:%s:%s", r.Kind, r.Author, r.D)
	}
	return r.ID
}

// ReadReference reads npub, nprofile, note, nevent, naddr (with or without nostr:), an id or an address.
func ReadReference(s string) (Reference, error) {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexAny(s, "/:"); i >= 0 && strings.Contains(s[i+1:], "1") && !strings.Contains(s[:i], ":3") {
		if _, _, _, address := ParseAddress(s); !address {
			s = s[i+1:] // nostr:…, or the page of a gateway
		}
	}
	if kind, author, d, ok := ParseAddress(s); ok {
		return Reference{Author: author, D: d, Kind: kind, Versions: true}, nil
	}
	if IsKey(s) {
		return Reference{ID: s}, nil
	}
	name, data, err := bech32Decode(strings.ToLower(s))
	if err != nil {
		return Reference{}, err
	}
	switch name {
	case "npub", "note":
		if len(data) != 32 {
			return Reference{}, errors.New("it has the wrong length")
		}
		if name == "npub" {
			return Reference{Author: hex.EncodeToString(data)}, nil
		}
		return Reference{ID: hex.EncodeToString(data)}, nil
	case "nprofile", "nevent", "naddr":
		return readFields(name, data)
	}
	return Reference{}, fmt.Errorf("%s is no reference", name)
}

// readFields reads the fields of a longer reference; unknown ones are passed over.
func readFields(name string, data []byte) (r Reference, err error) {
	r.Versions = name == "naddr"
	for len(data) >= 2 && len(data) >= 2+int(data[1]) {
		kind, v := data[0], data[2:2+int(data[1])]
		data = data[2+len(v):]
		switch {
		case kind == 0 && name == "naddr":
			r.D = string(v)
		case kind == 0 && name == "nevent" && len(v) == 32:
			r.ID = hex.EncodeToString(v)
		case kind == 0 && name == "nprofile" && len(v) == 32, kind == 2 && len(v) == 32:
			r.Author = hex.EncodeToString(v)
		case kind == 1 && r.Relay == "":
			r.Relay = string(v)
		case kind == 3 && len(v) == 4:
			r.Kind = int(binary.BigEndian.Uint32(v))
		}
	}
	if name == "nevent" && r.ID == "" || name != "nevent" && r.Author == "" {
		err = errors.New("it lacks what it points at")
	}
	return r, err
}

// Npub is a public key as people write it.
func Npub(key string) string {
	raw, err := hex.DecodeString(key)
	if err != nil {
		return key
	}
	return bech32Encode("npub", raw)
}

// Refer writes a reference to an event, with a relay that has it.
func Refer(e Event, relay string) string {
	field := func(kind byte, v []byte) []byte { return append([]byte{kind, byte(len(v))}, v...) }
	raw := func(s string) []byte { b, _ := hex.DecodeString(s); return b }
	kind := binary.BigEndian.AppendUint32(nil, uint32(e.Kind))
	hint := []byte(nil)
	if relay != "" && len(relay) < 256 {
		hint = field(1, []byte(relay))
	}
	if e.Address() != "" {
		return bech32Encode("naddr", slices.Concat(field(0, []byte(e.Tag("d"))), hint, field(2, raw(e.PubKey)), field(3, kind)))
	}
	return bech32Encode("nevent", slices.Concat(field(0, raw(e.ID)), hint, field(2, raw(e.PubKey)), field(3, kind)))
}
