package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// ContentKey returns the key of content with this SHA-256 sum below prefix, spread over folders of at most 256.
// The prefix names the workspace: equal files of two workspaces are two blobs, so that deleting one is safe.
func ContentKey(prefix string, sum [sha256.Size]byte) string {
	name := hex.EncodeToString(sum[:])
	return prefix + "/" + name[:2] + "/" + name
}

// PutContent keeps r under the key of its content and returns that key. Content already there is not sent again.
func PutContent(ctx context.Context, to Store, prefix string, r io.ReadSeeker, contentType string) (key string, size int64, err error) {
	hash := sha256.New()
	if size, err = io.Copy(hash, r); err != nil {
		return "", 0, fmt.Errorf("read the file: %w", err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", 0, fmt.Errorf("read the file again: %w", err)
	}
	key = ContentKey(prefix, [sha256.Size]byte(hash.Sum(nil)))
	there, err := to.Exists(ctx, key)
	if err != nil || there {
		return key, size, err
	}
	return key, size, to.Put(ctx, key, r, size, contentType)
}

// Check writes, reads and removes a small blob, and says what does not work.
func Check(ctx context.Context, store Store) error {
	key, text := "check/"+strings.ToLower(rand.Text()), "bellwether"
	if err := store.Put(ctx, key, strings.NewReader(text), int64(len(text)), "text/plain"); err != nil {
		return fmt.Errorf("write to the media store: %w", err)
	}
	r, _, err := store.Get(ctx, key)
	if err != nil {
		return fmt.Errorf("read from the media store: %w", err)
	}
	raw, err := io.ReadAll(r)
	r.Close()
	if err != nil || string(raw) != text {
		return fmt.Errorf("read from the media store: got %d bytes of %d: %w", len(raw), len(text), err)
	}
	if err := store.Delete(ctx, key); err != nil {
		return fmt.Errorf("delete from the media store: %w", err)
	}
	return nil
}
