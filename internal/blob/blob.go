package blob

import (
	"context"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Store keeps blobs by key.
type Store interface {
	// Put keeps all of r under key, replacing what was there; size is its length in bytes or -1 when unknown. A
	// reader that fails or gives another number of bytes leaves the store as it was.
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error
	// Get opens a blob for reading at any place. A missing one is fault.NotFound.
	Get(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)
	// Delete removes a blob; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	Exists(ctx context.Context, key string) (bool, error)
	// List yields the blobs whose key begins with prefix, in no promised order; ContentType is not filled in.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}

// Info describes a blob.
type Info struct {
	Key         string
	Size        int64 // bytes
	ContentType string
	Modified    time.Time // UTC
}

// CheckKey refuses what is not a key: parts of a-z, 0-9, dot, dash and underscore, joined by slashes, none of them
// beginning with a dot, at most 512 characters. Capitals are refused because some file systems do not tell them
// apart. One key must not be the folder of another (a and a/b): some servers keep objects as files.
func CheckKey(key string) error {
	if len(key) > 512 {
		return fault.Invalidf("key", "a storage key has %d characters, the limit is 512", len(key))
	}
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || len(part) > 200 || part[0] == '.' || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
			return fault.Invalidf("key", "%q is not a storage key", key)
		}
	}
	return nil
}

func notFound(key string) error {
	return fault.NotFoundf("there is no stored file %q", key).WithCode("blob_not_found")
}

func wrongSize(key string, got, want int64) error {
	return fault.Invalidf("file", "%q has %d bytes, announced were %d", key, got, want).WithCode("wrong_size")
}
