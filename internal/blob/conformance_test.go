package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bellwether-social/bellwether/e2e/lab"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/secret"
)

func TestFolder(t *testing.T) { conform(t, newFolder(t, t.TempDir())) }

func TestS3(t *testing.T) { conform(t, newS3(t)) }

func newFolder(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func s3Settings(t *testing.T) S3Settings {
	t.Helper()
	b := lab.S3(t)
	return S3Settings{
		Endpoint: b.BaseURL, Region: b.Region, Bucket: b.Name, Prefix: "tests/" + lab.Mark(),
		AccessKey: b.AccessKey, SecretKey: secret.NewText(b.SecretKey), PathStyle: true,
	}
}

func newS3(t *testing.T) *S3 {
	t.Helper()
	s, err := NewS3(s3Settings(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// conform is what every store does.
func conform(t *testing.T, store Store) {
	ctx := t.Context()
	put := func(key, text string) {
		t.Helper()
		if err := store.Put(ctx, key, strings.NewReader(text), int64(len(text)), "text/plain"); err != nil {
			t.Fatalf("put %s: %v", key, err)
		}
	}
	read := func(key string) string {
		t.Helper()
		r, _, err := store.Get(ctx, key)
		if fault.Is(err, fault.NotFound) {
			return "(none)"
		}
		if err != nil {
			t.Fatalf("get %s: %v", key, err)
		}
		defer r.Close()
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("read %s: %v", key, err)
		}
		return string(raw)
	}
	there := func(key string) bool {
		t.Helper()
		ok, err := store.Exists(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	list := func(prefix string) (keys []string) {
		t.Helper()
		for info, err := range store.List(ctx, prefix) {
			if err != nil {
				t.Fatalf("list %q: %v", prefix, err)
			}
			keys = append(keys, info.Key)
		}
		slices.Sort(keys)
		return keys
	}

	t.Run("works at all", func(t *testing.T) {
		if err := Check(ctx, store); err != nil {
			t.Fatal(err)
		}
		if left := list(""); len(left) != 0 {
			t.Errorf("the check left %v", left)
		}
	})

	t.Run("what is put is there, whole, with its type", func(t *testing.T) {
		content := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
		for name, size := range map[string]int64{"known": int64(len(content)), "unknown": -1} {
			key := "ws_1/put/" + name + ".png"
			before := time.Now().Add(-time.Minute)
			if err := store.Put(ctx, key, bytes.NewReader(content), size, "image/png"); err != nil {
				t.Fatal(err)
			}
			r, info, err := store.Get(ctx, key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(content), err)
			}
			if info.Key != key || info.Size != int64(len(content)) || info.ContentType != "image/png" || info.Modified.Before(before) {
				t.Errorf("%s: %+v", name, info)
			}
			part := make([]byte, 6)
			if _, err := r.Seek(16*1000+10, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(r, part); err != nil || string(part) != "abcdef" {
				t.Errorf("%s: in the middle %q, %v", name, part, err)
			}
			if end, err := r.Seek(0, io.SeekEnd); err != nil || end != int64(len(content)) {
				t.Errorf("%s: the end is at %d, %v", name, end, err)
			}
			r.Close()
		}
	})

	t.Run("put replaces, delete removes, twice too", func(t *testing.T) {
		put("ws_1/one", "first")
		put("ws_1/one", "second, longer")
		if got := read("ws_1/one"); got != "second, longer" {
			t.Errorf("%q", got)
		}
		put("ws_1/one", "")
		if got := read("ws_1/one"); got != "" || !there("ws_1/one") {
			t.Errorf("an empty blob is %q, there %v", got, there("ws_1/one"))
		}
		for range 2 {
			if err := store.Delete(ctx, "ws_1/one"); err != nil {
				t.Fatal(err)
			}
			if there("ws_1/one") || read("ws_1/one") != "(none)" {
				t.Error("deleted and still there")
			}
		}
		if there("ws_1/never") || there("nowhere/at/all") {
			t.Error("a blob that was never put is there")
		}
	})

	t.Run("list finds what begins so", func(t *testing.T) {
		for _, key := range []string{"tree/a", "tree/ab/c", "tree/a.b", "tree-2/x"} {
			put(key, "1")
		}
		for prefix, want := range map[string][]string{
			"tree":       {"tree-2/x", "tree/a", "tree/a.b", "tree/ab/c"},
			"tree/":      {"tree/a", "tree/a.b", "tree/ab/c"},
			"tree/a":     {"tree/a", "tree/a.b", "tree/ab/c"},
			"tree/ab":    {"tree/ab/c"},
			"tree/ab/":   {"tree/ab/c"},
			"tree/z":     nil,
			"nothing/":   nil,
			"tree-2/x":   {"tree-2/x"},
			"tree/ab/c/": nil,
		} {
			if got := list(prefix); !slices.Equal(got, want) {
				t.Errorf("list %q: %v, want %v", prefix, got, want)
			}
		}
		seen := 0
		for info, err := range store.List(ctx, "tree") {
			if err != nil || info.Size != 1 || info.Modified.IsZero() {
				t.Errorf("%+v, %v", info, err)
			}
			if seen++; seen == 2 {
				break // stopping early is allowed
			}
		}
	})

	t.Run("a put that fails leaves what was there", func(t *testing.T) {
		put("keep/x", "before")
		gone := errors.New("the upload broke off")
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		for name, try := range map[string]func(key string) error{
			"reader fails": func(key string) error {
				return store.Put(ctx, key, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(gone)), 100, "text/plain")
			},
			"reader of unknown size fails": func(key string) error {
				return store.Put(ctx, key, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(gone)), -1, "text/plain")
			},
			"too short": func(key string) error { return store.Put(ctx, key, strings.NewReader("half"), 100, "text/plain") },
			"too long":  func(key string) error { return store.Put(ctx, key, strings.NewReader("half"), 2, "text/plain") },
			"cancelled": func(key string) error { return store.Put(cancelled, key, strings.NewReader("half"), 4, "text/plain") },
		} {
			for _, key := range []string{"keep/x", "keep/fresh"} {
				err := try(key)
				if err == nil {
					t.Errorf("%s: %s was put", name, key)
				}
				if strings.HasPrefix(name, "reader") && !errors.Is(err, gone) {
					t.Errorf("%s: the error is %v", name, err)
				}
				if strings.HasPrefix(name, "too") && !fault.Is(err, fault.Invalid) {
					t.Errorf("%s: the error is %v", name, err)
				}
			}
			if read("keep/x") != "before" || there("keep/fresh") {
				t.Errorf("%s: left %q, fresh there %v", name, read("keep/x"), there("keep/fresh"))
			}
		}
	})

	t.Run("writers of one key leave one whole", func(t *testing.T) {
		var group sync.WaitGroup
		for _, letter := range "abcdefgh" {
			group.Go(func() {
				text := strings.Repeat(string(letter), 50_000)
				if err := store.Put(ctx, "race/x", strings.NewReader(text), int64(len(text)), "text/plain"); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := read("race/x"); len(got) != 50_000 || strings.Trim(got, got[:1]) != "" {
			t.Errorf("%d bytes, mixed", len(got))
		}
	})

	t.Run("same content is kept once", func(t *testing.T) {
		first, size, err := PutContent(ctx, store, "ws_2/media", strings.NewReader("picture"), "image/png")
		if err != nil || size != 7 || first != ContentKey("ws_2/media", sha256.Sum256([]byte("picture"))) {
			t.Fatalf("%q, %d, %v", first, size, err)
		}
		second, _, err := PutContent(ctx, store, "ws_2/media", strings.NewReader("picture"), "image/png")
		other, _, err2 := PutContent(ctx, store, "ws_3/media", strings.NewReader("picture"), "image/png")
		if err != nil || err2 != nil || second != first || other == first || read(first) != "picture" {
			t.Errorf("%q, %q, %v, %v", second, other, err, err2)
		}
		if got := list("ws_2/"); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})

	t.Run("S9 no key leads out", func(t *testing.T) {
		for _, key := range []string{"", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "a//b", "a/", "/a", "a/./b", ".temp/x", "a/.b", `a\b`,
			"a\x00b", "a b", "A", "ä", "a+blob", "a%2e%2e", "a:b", "a\n", "~", strings.Repeat("a", 201), strings.Repeat("abcdefg/", 80) + "x"} {
			_, _, getErr := store.Get(ctx, key)
			_, existsErr := store.Exists(ctx, key)
			for verb, err := range map[string]error{
				"put": store.Put(ctx, key, strings.NewReader("x"), 1, "text/plain"), "get": getErr, "exists": existsErr, "delete": store.Delete(ctx, key),
			} {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("%s %q: %v", verb, key, err)
				}
			}
		}
		for _, prefix := range []string{"../", "/", "a/../", ".temp/", "a//"} {
			for _, err := range store.List(ctx, prefix) {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("list %q: %v", prefix, err)
				}
			}
		}
	})
}
