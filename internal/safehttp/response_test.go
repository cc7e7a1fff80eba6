package safehttp

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func TestR23RetryAfterIsHonouredAndCapped(t *testing.T) {
	day := noon.Add(24 * time.Hour)
	for value, want := range map[string]time.Time{
		"30":                             noon.Add(30 * time.Second),
		" 30 ":                           noon.Add(30 * time.Second),
		"0":                              noon,
		"1.5":                            noon.Add(1500 * time.Millisecond),
		"86400":                          day,
		"86401":                          day,
		"315360000":                      day, // ten years
		"99999999999999999999999999":     day,
		"1e400":                          {},
		"-5":                             {},
		"NaN":                            {},
		"soon":                           {},
		"":                               {},
		"Sun, 01 Mar 2026 12:05:00 GMT":  time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC),
		"Sun, 01 Mar 2026 11:00:00 GMT":  noon, // past: now
		"Mon, 02 Mar 2026 13:00:00 GMT":  day,
		"Fri, 01 Mar 2036 12:00:00 GMT":  day,
		"Sunday, 01-Mar-26 12:05:00 GMT": time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC),
		"2026-03-01 12:05":               {},
	} {
		if got := RetryAt(http.Header{"Retry-After": {value}}, noon); !got.Equal(want) {
			t.Errorf("Retry-After: %q → %v, want %v", value, got, want)
		}
	}
}

func TestR23LimitResetInEverySpelling(t *testing.T) {
	reset := time.Date(2026, 3, 1, 12, 15, 0, 0, time.UTC)
	for _, c := range []struct {
		name, value string
		want        time.Time
	}{
		{"X-RateLimit-Reset", "2026-03-01T12:15:00.000Z", reset},
		{"X-RateLimit-Reset", "2026-03-01T13:15:00+01:00", reset},
		{"X-RateLimit-Reset", "1772367300", reset},
		{"x-rate-limit-reset", "1772367300", reset},
		{"ratelimit-reset", "1772367300", reset},
		{"X-RateLimit-Reset", "1772367300000", reset},
		{"X-RateLimit-Reset", "1772367299.5", reset},
		{"X-RateLimit-Reset", "600", noon.Add(10 * time.Minute)},
		{"RateLimit-Reset", "600", noon.Add(10 * time.Minute)},
		{"X-RateLimit-Reset-After", "1.25", noon.Add(1250 * time.Millisecond)},
		{"X-RateLimit-Reset", "1577836800", noon},
		{"X-RateLimit-Reset", "9999999999", noon.Add(24 * time.Hour)},
		{"X-RateLimit-Reset", "3026-01-01T00:00:00Z", noon.Add(24 * time.Hour)},
		{"X-RateLimit-Reset", "later", time.Time{}},
	} {
		h := http.Header{}
		h.Set(c.name, c.value)
		if got := LimitReset(h, noon); !got.Equal(c.want) {
			t.Errorf("%s: %s → %v, want %v", c.name, c.value, got, c.want)
		}
		if got := RetryAt(h, noon); !got.Equal(c.want) {
			t.Errorf("without Retry-After, %s: %s → %v, want %v", c.name, c.value, got, c.want)
		}
	}
	h := http.Header{"X-Ratelimit-Remaining": {"17"}}
	if n, ok := Remaining(h); !ok || n != 17 {
		t.Errorf("remaining %d, %v", n, ok)
	}
	if _, ok := Remaining(http.Header{"X-Ratelimit-Remaining": {"-1"}}); ok {
		t.Error("a negative remainder was believed")
	}
}

func FuzzR23RetryAfter(f *testing.F) {
	for _, v := range []string{"30", "1e300", "-1", "Sun, 01 Mar 2026 12:05:00 GMT", "2026-03-01T12:15:00Z", "1772367300"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, name := range []string{"Retry-After", "X-Ratelimit-Reset"} {
			at := RetryAt(http.Header{name: {v}}, noon)
			if !at.IsZero() && (at.Before(noon) || at.After(noon.Add(24*time.Hour))) {
				t.Fatalf("%s: %q → %v", name, v, at)
			}
		}
	})
}

func TestStatusesBecomeKinds(t *testing.T) {
	here := &url.URL{Scheme: "https", Host: "social.example"}
	for status, want := range map[int]fault.Kind{
		200: "", 201: "", 204: "", 301: fault.Rejected, 400: fault.Rejected, 401: fault.Unauthorised, 403: fault.Rejected,
		404: fault.NotFound, 408: fault.Unknown, 410: fault.NotFound, 413: fault.Rejected, 422: fault.Rejected,
		429: fault.Later, 500: fault.Unknown, 502: fault.Unknown, 503: fault.Unknown, 504: fault.Unknown,
	} {
		r := &Response{Status: status, URL: here, At: noon, Header: http.Header{"Retry-After": {"60"}}, Body: []byte(`{"error":"Text is too long"}`)}
		err := r.Err()
		if fault.KindOf(err) != want {
			t.Errorf("%d is %q, want %q", status, fault.KindOf(err), want)
		}
		if err != nil && !strings.Contains(err.Error(), "social.example") {
			t.Errorf("%d: %v does not say who", status, err)
		}
		if e := fault.As(err); status == 429 && !e.RetryAt.Equal(noon.Add(time.Minute)) {
			t.Errorf("429: retry at %v", e.RetryAt)
		}
	}
}

func TestReasonsAreTheServersWordsAsPlainText(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":"Validation failed: Text character limit of 500 exceeded"}`:  "Validation failed: Text character limit of 500 exceeded",
		`{"error":{"message":"(#100) Bad","type":"OAuthException"}}`:           "(#100) Bad",
		`{"error":"invalid_grant","error_description":"The code has expired"}`: "The code has expired",
		`{"errors":[{"code":187,"message":"Status is a duplicate."}]}`:         "Status is a duplicate.",
		`{"title":"Forbidden","detail":"no\r\nsuch\u0000thing"}`:               "no such thing",
		`{"message":["first","second"]}`:                                       "first",
		`"just text"`:                                                          "just text",
		`<html><script>alert(1)</script>`:                                      "",
		`{"error":`:                                                            "",
		`{"error":{"error":{"error":{"error":"deep"}}}}`:                       "",
		`{"error":42}`: "",
		``:             "",
	} {
		if got := (&Response{Body: []byte(body)}).Reason(); got != want {
			t.Errorf("%s → %q, want %q", body, got, want)
		}
	}
	long := &Response{Body: []byte(`{"error":"` + strings.Repeat("ä", 5000) + `"}`)}
	if got := []rune(long.Reason()); len(got) != 300 {
		t.Errorf("a long reason has %d characters", len(got))
	}
}

func TestS29DeeplyNestedAnswerIsRefused(t *testing.T) {
	body := strings.Repeat(`{"error":`, 20000)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	var out any
	if _, err := lab(t, Policy{}).JSON(t.Context(), "GET", server.URL, nil, nil, &out); code(err) != "bad_answer" {
		t.Errorf("%v", err)
	}
	if got := (&Response{Body: []byte(body)}).Reason(); got != "" {
		t.Errorf("reason %q", got)
	}
}

func TestJSONAndFormRoundTrip(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") == "application/json" {
			var in map[string]string
			json.NewDecoder(r.Body).Decode(&in)
			json.NewEncoder(w).Encode(map[string]string{"got": in["say"] + r.Header.Get("X-Key") + r.Header.Get("Accept")})
			return
		}
		r.ParseForm()
		json.NewEncoder(w).Encode(map[string]string{"got": r.Form.Get("say") + r.Header.Get("User-Agent")})
	})
	c := lab(t, Policy{UserAgent: "Bellwether/1.0"})
	header := http.Header{"X-Key": {"k"}}
	var out struct{ Got string }
	if resp, err := c.JSON(t.Context(), "POST", server.URL, header, map[string]string{"say": "hé"}, &out); err != nil || out.Got != "hékapplication/json" || resp.Status != 200 {
		t.Errorf("json: %v, %+v", err, out)
	}
	if _, err := c.Form(t.Context(), "POST", server.URL, nil, url.Values{"say": {"a&b"}}, &out); err != nil || out.Got != "a&bBellwether/1.0" {
		t.Errorf("form: %v, %+v", err, out)
	}
	if len(header) != 1 {
		t.Errorf("the caller's header was changed: %v", header)
	}
	if _, err := c.JSON(t.Context(), "POST", server.URL, nil, func() {}, nil); err == nil {
		t.Error("a function was sent as json")
	}
}

func TestUploadIsStreamedWithItsLength(t *testing.T) {
	file := bytes.Repeat([]byte{0, 1, 2, 0xff}, 300_000)
	for _, known := range []bool{true, false} {
		server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			if known != (r.ContentLength > int64(len(file))) {
				t.Errorf("length known %v: %d", known, r.ContentLength)
			}
			f, head, err := r.FormFile("file")
			if err != nil {
				t.Error(err)
				return
			}
			got, _ := io.ReadAll(f)
			if !bytes.Equal(got, file) || head.Header.Get("Content-Type") != "image/png" || r.FormValue("description") != "a cat\r\nasleep" {
				t.Errorf("%d bytes, %v, %q", len(got), head.Header, r.FormValue("description"))
			}
		})
		size := int64(-1)
		if known {
			size = int64(len(file))
		}
		parts := []Part{Field("description", "a cat\r\nasleep"), {Name: "file", Filename: "cat.png", ContentType: "image/png", Body: bytes.NewReader(file), Size: size}}
		if _, err := lab(t, Policy{}).Upload(t.Context(), "POST", server.URL, nil, parts, nil); err != nil {
			t.Error(err)
		}
	}
}

func TestS13FileNamesDoNotEndTheirHeader(t *testing.T) {
	for _, name := range []string{"../../etc/passwd", "a\r\nContent-Type: text/html\r\n\r\n<script>", `q"; name="other`, "nul\x00byte", strings.Repeat("n", 4096), "Привет.png"} {
		body, size, contentType := Multipart([]Part{{Name: "file", Filename: name, ContentType: "image/png\r\nX-Evil: 1", Body: strings.NewReader("x"), Size: 1}})
		raw, _ := io.ReadAll(body)
		if int64(len(raw)) != size {
			t.Errorf("%q: %d bytes, said %d", name, len(raw), size)
		}
		_, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		reader := multipart.NewReader(bytes.NewReader(raw), params["boundary"])
		part, err := reader.NextPart()
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		content, _ := io.ReadAll(part)
		if part.FormName() != "file" || string(content) != "x" || len(part.Header) != 2 {
			t.Errorf("%q: field %q, content %q, header %v", name, part.FormName(), content, part.Header)
		}
		if _, err := reader.NextPart(); err != io.EOF {
			t.Errorf("%q made a second part", name)
		}
	}
}

func TestWebsocketUpgradePassesThrough(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
		line, _ := rw.ReadString('\n')
		io.WriteString(conn, "you said "+line)
	})
	req, _ := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := lab(t, Policy{}).WithTimeout(-1).HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream, ok := resp.Body.(io.ReadWriteCloser)
	if !ok {
		t.Fatalf("the upgraded body is a %T", resp.Body)
	}
	io.WriteString(stream, "hello\n")
	if got, _ := io.ReadAll(stream); string(got) != "you said hello\n" {
		t.Errorf("%q", got)
	}
}

// TestS11NoAnswerIsLongerOrSlowerThanAllowed: media and pages are fetched from strangers, who may send without end, say
// another length than they send, or send one byte at a time.
func TestS11NoAnswerIsLongerOrSlowerThanAllowed(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"without end": func(w http.ResponseWriter, r *http.Request) {
			for piece := make([]byte, 64<<10); r.Context().Err() == nil; {
				if _, err := w.Write(piece); err != nil {
					return
				}
			}
		},
		"longer than said": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99999999999")
			_, _ = w.Write(make([]byte, 2<<20))
		},
		"byte by byte": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte("x")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(10 * time.Millisecond):
				}
			}
		},
		"never": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		s := serve(t, answer)
		c := lab(t, Policy{MaxBody: 1 << 20, Timeout: 500 * time.Millisecond})
		var kept bytes.Buffer
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Fetch(t.Context(), req, &kept); err == nil || kept.Len() > 1<<20+1 {
			t.Errorf("an answer %s: %v, %d bytes kept", name, err, kept.Len())
		}
		if _, err := c.Send(t.Context(), http.MethodGet, s.URL, nil, nil, -1, "", nil); err == nil {
			t.Errorf("an answer %s is read into memory", name)
		}
	}
}
