package card

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Card is what a page says about itself. All of it is a stranger's text.
type Card struct {
	URL         string // the page's own address for itself where it names one on the same host, else where it was found
	Title       string
	Description string
	Image       string // address of a picture, "" when it names none
	Site        string
	Language    string // BCP 47, "" = it does not say
}

// The most that is read, and how long it may take.
const (
	mostPage    = 1 << 20
	mostPicture = 8 << 20
	patience    = 5 * time.Second
)

// Reader fetches pages.
type Reader struct{ pages, pictures *safehttp.Client }

// New returns a reader that asks through the client.
func New(client *safehttp.Client) *Reader {
	return &Reader{pages: client.WithTimeout(patience).WithMaxBody(mostPage), pictures: client.WithTimeout(2 * patience).WithMaxBody(mostPicture)}
}

// Read fetches a page and returns its card. A page that cannot be reached, refuses or is no web page is an error of
// kind Rejected with the reason in plain words; an address that may not be asked is Invalid.
func (r *Reader) Read(ctx context.Context, address string) (Card, error) {
	resp, body, err := fetch(ctx, r.pages, address, "text/html,application/xhtml+xml")
	if err != nil {
		return Card{}, err
	}
	kind := resp.Header.Get("Content-Type")
	if media, _, _ := strings.Cut(kind, ";"); media != "" && !strings.Contains(media, "html") && !strings.Contains(media, "xml") {
		return Card{URL: address, Title: path.Base(resp.URL.Path), Site: resp.URL.Host}, nil
	}
	c := Parse(bytes.NewReader(body), kind, resp.URL)
	if c.Title == "" {
		return c, fault.Rejectedf("%s says nothing about itself", resp.URL.Host).WithHint("Write title and description by hand.")
	}
	return c, nil
}

// Picture fetches a card's picture.
func (r *Reader) Picture(ctx context.Context, c Card) (raw io.Reader, name string, err error) {
	resp, body, err := fetch(ctx, r.pictures, c.Image, "image/jpeg,image/png,image/webp,image/gif")
	if err != nil {
		return nil, "", err
	}
	return bytes.NewReader(body), path.Base(resp.URL.Path), nil
}

func fetch(ctx context.Context, client *safehttp.Client, address, accept string) (*safehttp.Response, []byte, error) {
	target, err := client.CheckURL(address)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://placeholder", nil)
	if err != nil {
		return nil, nil, err
	}
	req.URL = target
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Language", "en")
	var body bytes.Buffer
	resp, err := client.Fetch(ctx, req, &body)
	if err != nil && !(fault.As(err).Code == "too_large" && accept[:4] == "text") { // the head of a page that goes on and on is enough
		if fault.Is(err, fault.Invalid) {
			return nil, nil, err
		}
		return nil, nil, fault.Wrap(fault.Rejected, err, target.Host+" could not be read").WithHint("Try again later, or write title and description by hand.")
	}
	if err := resp.Err(); err != nil {
		return nil, nil, fault.Wrap(fault.Rejected, err, target.Host+" refused").WithHint("Write title and description by hand.")
	}
	return resp, body.Bytes(), nil
}

// tidy is a stranger's words in one line of at most n characters as people see them.
func tidy(s string, n int) string {
	return text.Truncate(strings.Join(strings.Fields(strings.Map(printable, s)), " "), n)
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	if r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 { // direction tricks
		return -1
	}
	return r
}

// absolute returns a web address that the page names, seen from the page; "" for anything else.
func absolute(base *url.URL, address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || address == "" {
		return ""
	}
	u = base.ResolveReference(u)
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}
