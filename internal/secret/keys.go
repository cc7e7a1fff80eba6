package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// Keys holds the master keys by id; the first one is used for everything new. It is safe for concurrent use.
type Keys struct {
	active *key
	byID   map[string]*key
}

type key struct {
	id     string
	seal   cipher.AEAD
	master []byte
}

const keySize = 32

// New returns keys from text as Load reads it: "id:key" entries separated by commas, spaces or lines, the active
// one first; a key is 32 bytes in base64. Lines that begin with # are skipped.
func New(text string) (*Keys, error) {
	keys := &Keys{byID: map[string]*key{}}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, entry := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
			k, err := parseKey(entry)
			if err != nil {
				return nil, fmt.Errorf("read secret key %d: %w", len(keys.byID)+1, err)
			}
			if keys.byID[k.id] != nil {
				return nil, fmt.Errorf("read secret keys: the id %q occurs twice", k.id)
			}
			if keys.active == nil {
				keys.active = k
			}
			keys.byID[k.id] = k
		}
	}
	if keys.active == nil {
		return nil, fmt.Errorf("read secret keys: there is none")
	}
	return keys, nil
}

// parseKey never quotes its input: a slip of the hand would print the key.
func parseKey(entry string) (*key, error) {
	id, encoded, ok := strings.Cut(entry, ":")
	if !ok || id == "" || len(id) > 32 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return nil, fmt.Errorf("an entry must be id:key, the id of a-z, 0-9, - and _, at most 32 characters")
	}
	encoded = strings.TrimRight(encoded, "=")
	encoded = strings.NewReplacer("-", "+", "_", "/").Replace(encoded)
	master, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil || len(master) != keySize {
		return nil, fmt.Errorf("key %q must be %d bytes in base64", id, keySize)
	}
	k := &key{id: id, master: master}
	block, err := aes.NewCipher(k.derive("seal", keySize))
	if err != nil {
		return nil, err
	}
	k.seal, err = cipher.NewGCMWithRandomNonce(block)
	return k, err
}

// derive gives each use its own key, so that a weakness in one use says nothing about another.
func (k *key) derive(use string, size int) []byte {
	out, err := hkdf.Key(sha256.New, k.master, nil, "bellwether v1 "+use, size)
	if err != nil {
		panic("secret: derive a key: " + err.Error()) // only for sizes that are constants here
	}
	return out
}

// generate returns a new entry as New reads it.
func generate() (id, entry string) {
	master := make([]byte, keySize)
	rand.Read(master) // never fails; it ends the program instead
	id = "k" + strings.ToLower(rand.Text()[:8])
	return id, id + ":" + base64.RawURLEncoding.EncodeToString(master)
}

// Active returns the id of the key that seals.
func (k *Keys) Active() string { return k.active.id }
