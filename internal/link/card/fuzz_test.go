package card

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse reads pages of strangers: no panic, bounded words, and only web addresses.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`<title>Hello</title><meta property="og:image" content="/a.png"><link rel=canonical href="https://other.example/">`, `<meta name=description content="` + strings.Repeat("x", 5000) + `">`,
		`<script>alert(1)</script><title><b>no</b>`, "<meta charset=utf-16><title>\xff\xfe", `<meta property="og:url" content="javascript:alert(1)"><meta property="og:image" content="http://a:b@c/">`, strings.Repeat("<div>", 3000), "<!--", "<title>\x00\u202ex"} {
		f.Add([]byte(s), "text/html; charset=windows-1252")
		f.Add([]byte(s), "text/html")
	}
	base := &url.URL{Scheme: "https", Host: "page.example", Path: "/x"}
	f.Fuzz(func(t *testing.T, page []byte, kind string) {
		c := Parse(strings.NewReader(string(page)), kind, base)
		for _, address := range []string{c.Image, c.URL} {
			if u, err := url.Parse(address); address != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
				t.Errorf("the page names %q", address)
			}
		}
		if u, err := url.Parse(c.URL); err != nil || u.Hostname() != base.Hostname() {
			t.Errorf("the page speaks for %q", c.URL)
		}
		for _, words := range []string{c.Title, c.Description, c.Site, c.Language} {
			if !utf8.ValidString(words) || strings.ContainsAny(words, "\n\r\x00\u202e") || len(words) > 64_000 {
				t.Errorf("the page says %q", words)
			}
		}
	})
}
