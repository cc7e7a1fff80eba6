package graph

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Version of the Graph API. A version lives about two years; v26.0 came on 2026-07-29.
const Version = "v26.0"

// Hosts are Meta's hosts, without a slash at the end.
type Hosts struct{ Web, Graph, Video, Upload string }

// At returns the hosts; base replaces all of them where it is not empty.
func At(base string) Hosts {
	if base = strings.TrimSuffix(base, "/"); base != "" {
		return Hosts{base, base, base, base}
	}
	return Hosts{Web: "https://www.facebook.com", Graph: "https://graph.facebook.com", Video: "https://graph-video.facebook.com", Upload: "https://rupload.facebook.com"}
}

// Client calls one host with one token.
type Client struct {
	HTTP   *safehttp.Client
	Base   string // with the version
	Token  string
	Secret string // of the application; empty sends no proof
}

// header carries the token, so that no address does.
func (c Client) header() http.Header {
	h := http.Header{}
	if c.Token != "" {
		h.Set("Authorization", "Bearer "+c.Token)
	}
	return h
}

// proved adds appsecret_proof, which shows that the call comes from the application's own server.
func (c Client) proved(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = v
	}
	if c.Secret != "" && c.Token != "" {
		mac := hmac.New(sha256.New, []byte(c.Secret))
		mac.Write([]byte(c.Token))
		out.Set("appsecret_proof", hex.EncodeToString(mac.Sum(nil)))
	}
	return out
}

// Get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (c Client) Get(ctx context.Context, path string, query url.Values, out any) (*safehttp.Response, error) {
	address := c.Base + path
	if q := c.proved(query); len(q) > 0 {
		address += "?" + q.Encode()
	}
	resp, err := c.HTTP.JSON(ctx, http.MethodGet, address, c.header(), nil, out)
	return resp, Again(Explain(resp, err))
}

// Create makes something: the one kind of call that must never be repeated blindly.
func (c Client) Create(ctx context.Context, path string, form url.Values, out any) (*safehttp.Response, error) {
	resp, err := c.HTTP.Form(ctx, http.MethodPost, c.Base+path, c.header(), c.proved(form), out)
	return resp, refused(Explain(resp, err))
}

// Repeat sends something that may be sent any number of times.
func (c Client) Repeat(ctx context.Context, method, path string, form url.Values, out any) error {
	if method == http.MethodDelete {
		address := c.Base + path
		if q := c.proved(form); len(q) > 0 {
			address += "?" + q.Encode()
		}
		resp, err := c.HTTP.JSON(ctx, method, address, c.header(), nil, out)
		return Again(Explain(resp, err))
	}
	resp, err := c.HTTP.Form(ctx, method, c.Base+path, c.header(), c.proved(form), out)
	return Again(Explain(resp, err))
}

// Upload sends a file with its fields; it may be sent any number of times.
func (c Client) Upload(ctx context.Context, path string, fields url.Values, file safehttp.Part, out any) error {
	return Again(c.CreateWith(ctx, path, fields, file, out))
}

// CreateWith is Create with a file.
func (c Client) CreateWith(ctx context.Context, path string, fields url.Values, file safehttp.Part, out any) error {
	var parts []safehttp.Part
	for name, values := range c.proved(fields) {
		parts = append(parts, safehttp.Field(name, values[0]))
	}
	resp, err := c.HTTP.Upload(ctx, http.MethodPost, c.Base+path, c.header(), append(parts, file), out)
	return refused(Explain(resp, err))
}

// refused makes "no such thing" a refusal: for a call that creates something, a missing parent is final.
func refused(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, "What it belongs to is gone, or the account may not see it."
	return &f
}

// Again turns "the outcome is not known" into "later" for calls that may be repeated.
func Again(err error) error {
	if !fault.Is(err, fault.Unknown) {
		return err
	}
	f := *fault.As(err)
	f.Kind = fault.Later
	return &f
}

// Field names the field at fault of a refusal that names none.
func Field(err error, name string) error {
	if !fault.Is(err, fault.Rejected) || fault.As(err).Field != "" {
		return err
	}
	f := *fault.As(err)
	f.Field = name
	return &f
}

// NoID is a success that does not say what was made.
func NoID() error {
	return &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Meta answered without saying what was made"}
}

// Time is an instant as Graph writes it: 2026-03-02T09:00:00+0000.
type Time struct{ time.Time }

// UnmarshalJSON reads Graph's form, RFC 3339 and seconds since 1970.
func (t *Time) UnmarshalJSON(raw []byte) error {
	var n int64
	if json.Unmarshal(raw, &n) == nil {
		if n > 0 {
			t.Time = time.Unix(n, 0).UTC()
		}
		return nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil || s == "" {
		return err
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		t.Time = time.Unix(n, 0).UTC()
		return nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is not a time", s)
}

// JSON writes a nested parameter, which Graph takes as text.
func JSON(v any) string {
	raw, _ := json.Marshal(v) // plain data: cannot fail
	return string(raw)
}

// Escape makes an id a part of a path.
func Escape(id string) string { return url.PathEscape(id) }

// Since is the earliest instant at Meta of something that was made by a call at sent: the clocks' difference is read from
// an answer's date. An older item of the same words is another one; taking it for the lost one would lose a post for
// good, while overlooking the lost one only asks a person. So little is allowed for.
func Since(resp *safehttp.Response, sent time.Time) time.Time {
	const dated, undated = 10 * time.Second, 2 * time.Minute
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return sent.Add(-undated)
	}
	if ahead := date.Sub(resp.At); ahead.Abs() > 2*time.Second {
		sent = sent.Add(ahead)
	}
	return sent.Add(-dated).Truncate(time.Second)
}

// May reports whether a grant includes a right; a grant that does not say what it includes may have it.
func May(s network.Session, scope string) bool {
	return len(s.Grant.Scopes) == 0 || slices.Contains(s.Grant.Scopes, scope)
}

// SecretOf is the registered application's secret of a session.
func SecretOf(s network.Session) string { return s.App["client_secret"] }
