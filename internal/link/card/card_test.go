package card_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link/card"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

func TestPagesOfTheWild(t *testing.T) {
	f, err := os.Open(filepath.Join(sharedtest.Dir(t), "data", "links", "unfurl_pages.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Pages []struct {
			Name     string
			Base     string `json:"base_url"`
			Expected map[string]string
			HTML     string
		}
	}
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	right, wrong := map[string]int{}, map[string]int{}
	for _, p := range all.Pages {
		base, err := url.Parse(p.Base)
		if err != nil {
			t.Fatal(err)
		}
		c := card.Parse(strings.NewReader(p.HTML), "text/html; charset=utf-8", base)
		for field, got := range map[string]string{"title": c.Title, "description": c.Description, "image": c.Image, "language": c.Language, "site_name": c.Site} {
			want, ok := p.Expected[field]
			if !ok {
				continue
			}
			if same(got, want) {
				right[field]++
				continue
			}
			wrong[field]++
			t.Logf("%s: %s is %q, expected %q", p.Name, field, got, want)
		}
	}
	if len(all.Pages) < 20 {
		t.Fatalf("only %d pages", len(all.Pages))
	}
	for field, least := range map[string]float64{"title": 0.85, "description": 0.93, "image": 0.95, "language": 0.9} {
		if share := float64(right[field]) / float64(right[field]+wrong[field]); share < least {
			t.Errorf("%s is right on %.0f %% of the pages, expected at least %.0f %%", field, share*100, least*100)
		}
	}
	t.Logf("right: %v, otherwise: %v", right, wrong)
}

// same compares as a reader would: spaces do not count, an ellipsis stands for the rest.
func same(got, want string) bool {
	got, want = strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(want), " ")
	if cut, ok := strings.CutSuffix(got, "…"); ok && strings.HasPrefix(want, strings.TrimSpace(cut)) {
		return true
	}
	return got == want || strings.EqualFold(got, want)
}

func TestWordsOfAPageAreText(t *testing.T) {
	base, _ := url.Parse("https://shop.example/a/b")
	c := card.Parse(strings.NewReader(`<html lang=de><head><title>Ein &lt;b&gt;Titel
		in zwei Zeilen</title><meta property="og:image" content="../p.png"><meta property="og:url" content="https://bank.example/login">
		<meta name="description" content="abc&#x202E;def"></head><body><meta property="og:title" content="of the body">`), "text/html", base)
	if c.Title != "Ein <b>Titel in zwei Zeilen" || c.Description != "abcdef" || c.Image != "https://shop.example/p.png" || c.Language != "de" {
		t.Errorf("%+v", c)
	}
	if c.URL != "https://shop.example/a/b" {
		t.Errorf("a page speaks for another host: %s", c.URL)
	}
	for _, image := range []string{"javascript:alert(1)", "data:image/png;base64,AA", "file:///etc/passwd", "https://u:p@shop.example/x.png"} {
		if c := card.Parse(strings.NewReader(`<meta property="og:image" content="`+image+`">`), "text/html", base); c.Image != "" {
			t.Errorf("%s is taken as a picture: %s", image, c.Image)
		}
	}
	if c := card.Parse(strings.NewReader("<title>\xc4pfel</title>"), "text/html; charset=iso-8859-1", base); c.Title != "Äpfel" {
		t.Errorf("the charset of the answer is not used: %q", c.Title)
	}
	if c := card.Parse(strings.NewReader("<meta charset=windows-1251><title>\xcf\xf0\xe8\xe2\xe5\xf2</title>"), "text/html", base); c.Title != "Привет" {
		t.Errorf("the charset of the page is not used: %q", c.Title)
	}
}

func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, *card.Reader) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u, _ := url.Parse(s.URL)
	allow, err := safehttp.ParseAllow(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return s, card.New(safehttp.New(safehttp.Policy{Allow: allow}))
}

func TestACardIsReadThroughTheGuardedClient(t *testing.T) {
	s, r := serve(t, func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/private":
			http.Redirect(w, req, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		case "/endless":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<title>Long</title><body>")
			for range 40 {
				fmt.Fprint(w, strings.Repeat("x", 64<<10))
			}
		case "/gone":
			http.Error(w, "no", http.StatusNotFound)
		case "/slow":
			select {
			case <-req.Context().Done():
			case <-time.After(20 * time.Second):
			}
		case "/file.pdf":
			w.Header().Set("Content-Type", "application/pdf")
			fmt.Fprint(w, "%PDF-1.7")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<title>Autumn walk</title>")
		}
	})
	ctx := context.Background()
	if c, err := r.Read(ctx, s.URL+"/walk"); err != nil || c.Title != "Autumn walk" {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := r.Read(ctx, s.URL+"/endless"); err != nil || c.Title != "Long" {
		t.Errorf("an endless page is answered with %+v %v", c, err)
	}
	if c, err := r.Read(ctx, s.URL+"/file.pdf"); err != nil || c.Title != "file.pdf" {
		t.Errorf("a file is answered with %+v %v", c, err)
	}
	if _, err := r.Read(ctx, s.URL+"/gone"); !fault.Is(err, fault.Rejected) {
		t.Errorf("a page that is gone is answered with %v", err)
	}
	for _, address := range []string{s.URL + "/private", "http://127.0.0.1:22/", "http://[::1]/", "http://localhost/", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "http://10.0.0.1/", "http://0x7f000001/"} {
		if c, err := r.Read(ctx, address); err == nil || fault.Is(err, fault.Internal) {
			t.Errorf("%s is read: %+v %v", address, c, err)
		}
	}
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := r.Read(soon, s.URL+"/slow"); !fault.Is(err, fault.Rejected) {
		t.Errorf("a slow page is answered with %v", err)
	}
}
