package card

import (
	"cmp"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// Parse reads the head of a page. contentType is the answer's, for its charset; base is where the page came from.
func Parse(page io.Reader, contentType string, base *url.URL) Card {
	decoded, err := charset.NewReader(page, contentType)
	if err != nil {
		return Card{}
	}
	h := head{names: map[string]string{}}
	h.read(html.NewTokenizer(decoded))
	c := Card{
		Title:       tidy(cmp.Or(h.names["og:title"], h.names["twitter:title"], h.title, h.names["dc.title"]), 300),
		Description: tidy(cmp.Or(h.names["og:description"], h.names["twitter:description"], h.names["description"], h.names["dc.description"]), 1000),
		Image:       absolute(base, cmp.Or(h.names["og:image"], h.names["og:image:url"], h.names["og:image:secure_url"], h.names["twitter:image"], h.names["twitter:image:src"], h.image)),
		Site:        tidy(cmp.Or(h.names["og:site_name"], h.names["application-name"]), 100),
		Language:    tidy(cmp.Or(h.language, h.names["content-language"]), 35),
		URL:         base.String(),
	}
	for _, own := range []string{h.names["og:url"], h.canonical} { // a page may only speak for its own host
		if u, err := url.Parse(absolute(base, own)); err == nil && u.Host != "" && strings.EqualFold(u.Hostname(), base.Hostname()) {
			c.URL = u.String()
			break
		}
	}
	return c
}

// head is what the head of a page names.
type head struct {
	title, canonical, image, language string
	names                             map[string]string // of meta elements, the first of each
}

// read goes through the head; a body's own words come from anybody and are not asked.
func (h *head) read(z *html.Tokenizer) {
	inTitle := false
	for range 20_000 {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if inTitle {
				h.title += string(z.Text())
			}
		case html.EndTagToken:
			if t := z.Token(); t.DataAtom == atom.Title {
				inTitle = false
			} else if t.DataAtom == atom.Head {
				return
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.DataAtom {
			case atom.Body:
				return
			case atom.Html:
				h.language = attr(t, "lang")
			case atom.Title:
				inTitle = h.title == ""
			case atom.Meta:
				h.meta(t)
			case atom.Link:
				h.link(t)
			}
		}
	}
}

func (h *head) meta(t html.Token) {
	value := strings.TrimSpace(attr(t, "content"))
	if value == "" {
		return
	}
	for _, key := range []string{attr(t, "property"), attr(t, "name"), attr(t, "http-equiv"), attr(t, "itemprop")} {
		if key = strings.ToLower(strings.TrimSpace(key)); key != "" && h.names[key] == "" && len(h.names) < 500 {
			h.names[key] = value
		}
	}
}

func (h *head) link(t html.Token) {
	switch rel := " " + strings.ToLower(attr(t, "rel")) + " "; {
	case strings.Contains(rel, " canonical ") && h.canonical == "":
		h.canonical = attr(t, "href")
	case strings.Contains(rel, " image_src ") && h.image == "":
		h.image = attr(t, "href")
	}
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
