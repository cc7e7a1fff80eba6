package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // for the common passwords
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Lengths count characters. Eight is the least; fifteen is advised on the screen.
const (
	ShortestPassword = 8
	AdvisedPassword  = 15
	LongestPassword  = 256
)

//go:embed common.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(commonText) {
		words[word] = true
	}
	return words
})

// CheckPassword refuses what is guessed first. There are no rules about kinds of characters: they make passwords
// worse. about are words a guesser knows, such as the person's name and address.
func CheckPassword(password string, about ...string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < ShortestPassword:
		return fault.Invalidf("password", "the password has %d characters; at least %d are needed", n, ShortestPassword).
			WithHint(fmt.Sprintf("Several unrelated words, %d characters or more, are easy to keep and hard to guess.", AdvisedPassword))
	case n > LongestPassword:
		return fault.Invalidf("password", "the password has %d characters; the limit is %d", n, LongestPassword)
	}
	plain := strings.ToLower(password)
	base := strings.TrimRight(plain, "0123456789!.?*#$")
	if common()[plain] || common()[base] || repeats(plain) {
		return fault.Invalidf("password", "this password is among the first that are tried").
			WithHint("Choose another; several unrelated words are good.")
	}
	for _, words := range about {
		for _, word := range strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return strings.ContainsRune(" @.-_+", r) }) {
			if len(word) >= 4 && (base == word || plain == word) {
				return fault.Invalidf("password", "the password is your own name or address").WithHint("Choose something that nobody knows about you.")
			}
		}
	}
	return nil
}

// repeats finds aaaaaaaa, abababab and runs such as 12345678.
func repeats(s string) bool {
	for size := 1; size <= 3; size++ {
		if len(s) > size && strings.HasPrefix(strings.Repeat(s[:size], len(s)/size+1), s) {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(s); i++ {
		up = up && s[i] == s[i-1]+1
		down = down && s[i] == s[i-1]-1
	}
	return up || down
}

// The cost of a hash: 19 MiB, two passes, one lane, OWASP's first choice for machines as small as ours may be.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashSize   = 32
	saltSize   = 16
)

// hasher hashes with argon2id, a few at a time: each takes memory and a core for a while, and a flood of sign-ins must
// not take the machine down.
type hasher struct {
	slots chan struct{}
	dummy string // compared with when there is no user, so that both take equally long
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, max(2, runtime.NumCPU()))}
	h.dummy = encode(make([]byte, saltSize), make([]byte, hashSize))
	return h
}

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Later, ctx.Err(), "too many people sign in at this moment")
	}
}

func (h *hasher) make(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails; it ends the program instead
	return encode(salt, argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, 1, hashSize)), nil
}

func encode(salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, hashMemory, hashPasses,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

// matches compares in constant time. A hash of "" compares with the dummy and never matches.
func (h *hasher) matches(ctx context.Context, password, stored string) (bool, error) {
	real := stored != ""
	if !real {
		stored = h.dummy
	}
	if utf8.RuneCountInString(password) > LongestPassword {
		password = "" // nobody's; not worth more memory
	}
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("check a password: the stored hash is not argon2id")
	}
	var version int
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil {
		return false, fmt.Errorf("check a password: read the stored hash: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("check a password: read the stored salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("check a password: read the stored hash: %w", err)
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.slots }()
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && real, nil
}
