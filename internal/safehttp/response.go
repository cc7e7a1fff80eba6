package safehttp

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Response is a whole answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte    // unpacked; empty after Fetch
	URL    *url.URL  // where the answer came from, after redirects
	At     time.Time // when it came
}

// Err says what the status means where a network's documentation says nothing else; nil for 2xx.
//
// 401 is Unauthorised, 404 and 410 NotFound, 429 Later with its time, 408 and 5xx Unknown (the request was read,
// perhaps carried out), everything else Rejected with the server's own reason. The code is "http_" and the status.
func (r *Response) Err() error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	e := &fault.Error{Kind: fault.Rejected, Code: "http_" + strconv.Itoa(r.Status)}
	switch {
	case r.Status == http.StatusUnauthorized:
		e.Kind = fault.Unauthorised
	case r.Status == http.StatusNotFound, r.Status == http.StatusGone:
		e.Kind = fault.NotFound
	case r.Status == http.StatusTooManyRequests:
		e.Kind, e.RetryAt = fault.Later, RetryAt(r.Header, r.At)
	case r.Status == http.StatusRequestTimeout, r.Status >= 500:
		e.Kind = fault.Unknown
	}
	e.Message = r.host() + " answered " + strconv.Itoa(r.Status)
	if reason := r.Reason(); reason != "" {
		e.Message += ": " + reason
	}
	return e
}

func (r *Response) host() string {
	if r.URL == nil {
		return "the server"
	}
	return r.URL.Host
}

// Reason returns the server's own words for a refusal, as plain text of at most 300 characters, or "": the usual
// fields of JSON errors are understood, web pages are not quoted.
func (r *Response) Reason() string {
	var doc any
	if json.Unmarshal(r.Body, &doc) == nil {
		return tidy(said(doc, 4))
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
		return tidy(string(r.Body))
	}
	return ""
}

func said(doc any, depth int) string {
	if depth == 0 {
		return ""
	}
	switch v := doc.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return said(v[0], depth-1)
		}
	case map[string]any:
		for _, field := range []string{"error_description", "message", "detail", "error", "errors", "title", "description", "reason"} {
			if text := said(v[field], depth-1); text != "" {
				return text
			}
		}
	}
	return ""
}

func tidy(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:299]) + "…"
	}
	return s
}

// decode reads the body as JSON into out. A success that can't be read is Unknown: the request was carried out or
// it was not, and only looking can tell.
func (r *Response) decode(out any) error {
	if out == nil || r.Status == http.StatusNoContent {
		return nil
	}
	err := json.Unmarshal(r.Body, out)
	if err == nil {
		return nil
	}
	what := "something that is not the data asked for"
	if strings.HasPrefix(strings.TrimSpace(string(r.Body[:min(len(r.Body), 64)])), "<") {
		what = "a web page instead of data"
	}
	return &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: r.host() + " answered " + what, Cause: err}
}
