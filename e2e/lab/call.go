package lab

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// person calls a server in somebody's name.
type person struct {
	t     testing.TB
	base  string
	token string
	basic string // user name and password, encoded, where a server wants these
}

var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// try calls and decodes a good answer into out; it returns the status and the answer's text. Content is a form when it
// is url.Values, JSON otherwise, none when nil.
func (p person) try(method, path string, content, out any) (int, string) {
	p.t.Helper()
	var body io.Reader
	kind := ""
	switch c := content.(type) {
	case nil:
	case url.Values:
		body, kind = strings.NewReader(c.Encode()), "application/x-www-form-urlencoded"
	default:
		text, err := json.Marshal(c)
		if err != nil {
			p.t.Fatalf("%s %s: %v", method, path, err)
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	if p.basic != "" {
		req.Header.Set("Authorization", "Basic "+p.basic)
	}
	res, err := client.Do(req)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	if res.StatusCode < 300 && out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			p.t.Fatalf("%s %s: %v in %.300s", method, path, err, text)
		}
	}
	return res.StatusCode, string(text)
}

// call is try for what must succeed.
func (p person) call(method, path string, content, out any) {
	p.t.Helper()
	if status, text := p.try(method, path, content, out); status >= 300 {
		p.t.Fatalf("%s %s: %d %.300s", method, path, status, text)
	}
}

// Eventually calls look until it is true, for what a server does in its own time, and fails the test after 30 seconds.
func Eventually(t testing.TB, what string, look func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !look(); {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 30 s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
