// Package id makes the identifiers of every row: a kind, an underscore and 26 characters that sort by time.
//
// The program makes them, not the database, so that a row's id is known before it is stored (a journal needs
// that) and a workspace can be moved to another database unchanged.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

// alphabet is Crockford's base 32 in lower case: no i, l, o, u, and its order is the byte order.
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

var (
	mu   sync.Mutex
	last uint64
	tail [8]byte
)

// New returns a new id such as post_01k9…; ids of one process are strictly increasing in the order they were made.
func New(kind string) string { return kind + "_" + next(time.Now()) }

// At returns a new id that sorts as if it had been made at an instant, for a row that tells of something earlier.
func At(kind string, at time.Time) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(max(at.UnixMicro(), 0)))
	if _, err := rand.Read(raw[8:]); err != nil {
		panic("id: no randomness: " + err.Error())
	}
	return kind + "_" + encoding.EncodeToString(raw[:])
}

func next(now time.Time) string {
	mu.Lock()
	defer mu.Unlock()
	var raw [16]byte
	tick := uint64(now.UnixMicro())
	if tick <= last {
		tick = last + 1 // same microsecond or a clock step back: keep the order
	}
	last = tick
	if _, err := rand.Read(tail[:]); err != nil {
		panic("id: no randomness: " + err.Error())
	}
	binary.BigEndian.PutUint64(raw[:8], tick)
	copy(raw[8:], tail[:])
	return encoding.EncodeToString(raw[:])
}

// Is reports whether s has the shape of an id of this kind. It proves nothing about existence.
func Is(s, kind string) bool {
	rest, ok := strings.CutPrefix(s, kind+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	_, err := encoding.DecodeString(rest)
	return err == nil
}

// Secret returns 160 random bits in the same alphabet, for tokens that must not be guessed.
func Secret() string {
	var raw [20]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic("id: no randomness: " + err.Error())
	}
	return encoding.EncodeToString(raw[:])
}
