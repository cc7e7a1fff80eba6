package blob

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/secret"
)

func TestS3SettingsThatCannotWork(t *testing.T) {
	good := S3Settings{Endpoint: "https://s3.example", Bucket: "media", AccessKey: "a", SecretKey: secret.NewText("s")}
	if _, err := NewS3(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*S3Settings){
		"no scheme":  func(s *S3Settings) { s.Endpoint = "s3.example" },
		"ftp":        func(s *S3Settings) { s.Endpoint = "ftp://s3.example" },
		"with path":  func(s *S3Settings) { s.Endpoint = "https://s3.example/media" },
		"with user":  func(s *S3Settings) { s.Endpoint = "https://a:b@s3.example" },
		"no bucket":  func(s *S3Settings) { s.Bucket = "" },
		"no key":     func(s *S3Settings) { s.AccessKey = "" },
		"no secret":  func(s *S3Settings) { s.SecretKey = secret.Text{} },
		"bad prefix": func(s *S3Settings) { s.Prefix = "../x" },
	} {
		s := good
		spoil(&s)
		if _, err := NewS3(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestS3SaysWhatIsWrong(t *testing.T) {
	settings := s3Settings(t)
	for name, c := range map[string]struct {
		spoil func(*S3Settings)
		kind  fault.Kind
	}{
		"wrong secret":   {func(s *S3Settings) { s.SecretKey = secret.NewText("wrong-secret-value") }, fault.Internal},
		"wrong bucket":   {func(s *S3Settings) { s.Bucket = "no-such-bucket" }, fault.Internal},
		"nobody listens": {func(s *S3Settings) { s.Endpoint = "http://127.0.0.1:1" }, fault.Later},
	} {
		s := settings
		c.spoil(&s)
		store, err := NewS3(s)
		if err != nil {
			t.Fatal(err)
		}
		err = Check(t.Context(), store)
		if !fault.Is(err, c.kind) {
			t.Errorf("%s: %v (%s), want %s", name, err, fault.KindOf(err), c.kind)
		}
		if err != nil && strings.Contains(err.Error(), s.SecretKey.Reveal()) {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}

// The bucket is the operator's, but its answers are not: a redirect must not lead inside.
func TestS2BucketCannotSendUsElsewhere(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request arrived inside") }))
	defer inside.Close()
	bucket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	}))
	defer bucket.Close()
	store, err := NewS3(S3Settings{Endpoint: bucket.URL, Region: "us-east-1", Bucket: "media", AccessKey: "a", SecretKey: secret.NewText("s"), PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), "x", strings.NewReader("x"), 1, "text/plain"); err == nil {
		t.Error("put succeeded")
	}
	if _, _, err := store.Get(t.Context(), "x"); err == nil {
		t.Error("get succeeded")
	}
}

// A file of unknown size goes in parts; one that breaks off in a later part must not appear at all.
func TestS3FileInSeveralParts(t *testing.T) {
	store, content, gone := newS3(t), bytes.Repeat([]byte("0123456789abcdef"), 17<<16), errors.New("the upload broke off")
	if err := store.Put(t.Context(), "big", io.MultiReader(bytes.NewReader(content), iotest.ErrReader(gone)), -1, "video/mp4"); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	if there, err := store.Exists(t.Context(), "big"); there || err != nil {
		t.Errorf("a broken upload is there: %v, %v", there, err)
	}
	if err := store.Put(t.Context(), "big", bytes.NewReader(content), -1, "video/mp4"); err != nil {
		t.Fatal(err)
	}
	r, info, err := store.Get(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) || info.ContentType != "video/mp4" {
		t.Errorf("%d bytes of %d, %+v, %v", len(got), len(content), info, err)
	}
}
