package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
)

// S3Settings says where the bucket is.
type S3Settings struct {
	Endpoint  string // "https://s3.eu-central-1.amazonaws.com"; the operator's, so it may be private
	Region    string
	Bucket    string
	Prefix    string // below which all keys lie, "" for the whole bucket
	AccessKey string
	SecretKey secret.Text
	PathStyle bool // bucket in the path rather than in the host name; most servers other than Amazon's
}

// S3 keeps blobs in a bucket. Several processes may share one.
type S3 struct {
	client *minio.Client
	bucket string
	prefix string // "" or ends with a slash
}

// NewS3 returns the store; it makes no request (see Check).
func NewS3(s S3Settings) (*S3, error) {
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return nil, fault.Invalidf("s3_endpoint", "the S3 endpoint must look like https://host or https://host:port")
	}
	if s.Bucket == "" || s.AccessKey == "" || s.SecretKey.IsZero() {
		return nil, fault.Invalidf("s3_bucket", "an S3 store needs a bucket, an access key and a secret key")
	}
	prefix := strings.Trim(s.Prefix, "/")
	if prefix != "" {
		if err := CheckKey(prefix); err != nil {
			return nil, err
		}
		prefix += "/"
	}
	allow, err := safehttp.ParseAllow(u.Host, "*."+u.Host) // the endpoint, and the bucket as a name below it
	if err != nil {
		allow, err = safehttp.ParseAllow(u.Host) // an address has no names below it
	}
	if err != nil {
		return nil, fault.Invalidf("s3_endpoint", "the S3 endpoint's host is not usable: %v", err)
	}
	lookup := minio.BucketLookupDNS
	if s.PathStyle {
		lookup = minio.BucketLookupPath
	}
	out := safehttp.New(safehttp.Policy{Allow: allow, MaxBody: -1, Timeout: -1, MaxRedirects: -1, HeaderTimeout: time.Minute})
	client, err := minio.New(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(s.AccessKey, s.SecretKey.Reveal(), ""),
		Secure: u.Scheme == "https", Region: s.Region, BucketLookup: lookup,
		Transport:  asIs{out.HTTPClient().Transport},
		MaxRetries: 3, // the same bytes under the same key: sending again is harmless
	})
	if err != nil {
		return nil, fmt.Errorf("set up the S3 store: %w", err)
	}
	return &S3{client: client, bucket: s.Bucket, prefix: prefix}, nil
}

// asIs asks for objects as they are stored: some servers repeat the encoding of the upload (aws-chunked) with the
// download, where it means nothing.
type asIs struct{ next http.RoundTripper }

func (a asIs) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept-Encoding", "identity")
	return a.next.RoundTrip(req)
}

func (s *S3) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	from := &source{ctx: ctx, r: r}
	counted := &exact{r: from, key: key, want: size}
	// An unknown size is sent in parts of this size, which is also what it costs in memory.
	_, err := s.client.PutObject(ctx, s.bucket, s.prefix+key, counted, size, minio.PutObjectOptions{ContentType: contentType, PartSize: 16 << 20})
	switch {
	case from.err != nil:
		return fmt.Errorf("read what to store as %q: %w", key, from.err)
	case counted.err != nil:
		return counted.err
	case err != nil:
		return unreachable("store", key, err)
	}
	return nil
}

// exact fails a reader that gives fewer or more bytes than announced before the bucket can take them for whole.
type exact struct {
	r         io.Reader
	key       string
	got, want int64
	err       error
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.got += int64(n)
	if e.want >= 0 && (e.got > e.want || err == io.EOF && e.got < e.want) {
		e.err = wrongSize(e.key, e.got, e.want)
		return 0, e.err
	}
	return n, err
}

func (s *S3) Get(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	object, err := s.client.GetObject(ctx, s.bucket, s.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, unreachable("read", key, err)
	}
	stat, err := object.Stat()
	if err != nil {
		object.Close()
		return nil, Info{}, unreachable("read", key, err)
	}
	return object, Info{Key: key, Size: stat.Size, ContentType: stat.ContentType, Modified: stat.LastModified.UTC()}, nil
}

func (s *S3) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	err := unreachable("delete", key, s.client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{}))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func (s *S3) Exists(ctx context.Context, key string) (bool, error) {
	if err := CheckKey(key); err != nil {
		return false, err
	}
	_, err := s.client.StatObject(ctx, s.bucket, s.prefix+key, minio.StatObjectOptions{})
	err = unreachable("look for", key, err)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx) // ends the listing when the caller has seen enough
		defer cancel()
		for object := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}) {
			if object.Err != nil {
				yield(Info{}, unreachable("list", prefix, object.Err))
				return
			}
			key := strings.TrimPrefix(object.Key, s.prefix)
			if CheckKey(key) != nil { // not ours: someone else's object in a shared bucket
				continue
			}
			if !yield(Info{Key: key, Size: object.Size, Modified: object.LastModified.UTC()}, nil) {
				return
			}
		}
	}
}

// unreachable says what the bucket refused. Everything done here may be done again.
func unreachable(doing, key string, err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case minio.NoSuchKey, "NotFound":
		return notFound(key)
	case minio.NoSuchBucket, minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch":
		e := fault.Wrap(fault.Internal, err, "the S3 bucket refused us ("+answer.Code+")")
		return e.WithCode("storage_refused").WithHint("Check the bucket's name, the keys and their rights.")
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := fault.Wrap(fault.Later, fmt.Errorf("%s %q: %w", doing, key, err), "the media store could not be reached")
	return e.WithCode("storage_unreachable")
}
