package wordpress

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// placed is a file that is at the site.
type placed struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	SHA  string `json:"sha"`
	MIME string `json:"mime"`
	Alt  string `json:"alt"`
}

// body is a post's content as the block editor writes it: a block for each paragraph, then one for each file.
func body(words, markup string, files []placed) string {
	var b strings.Builder
	if markup == "html" {
		b.WriteString(words)
	} else {
		for paragraph := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSpace(words), "\r\n", "\n"), "\n\n") {
			if p := strings.Trim(paragraph, "\n"); strings.TrimSpace(p) != "" {
				b.WriteString("<!-- wp:paragraph -->\n<p>" + inline(p) + "</p>\n<!-- /wp:paragraph -->\n\n")
			}
		}
	}
	for _, f := range files {
		b.WriteString(block(f))
	}
	return strings.TrimSpace(b.String())
}

// inline writes a stretch of plain text as HTML: nothing in it is markup, links can be followed, lines stay lines.
func inline(s string) string {
	var b strings.Builder
	for _, e := range text.Segments(s, text.Links(s)) {
		words := strings.ReplaceAll(html.EscapeString(e.Text), "\n", "<br>")
		if e.Kind == text.Link {
			words = `<a href="` + html.EscapeString(e.Value) + `">` + words + "</a>"
		}
		b.WriteString(words)
	}
	return b.String()
}

func block(f placed) string {
	at, alt := html.EscapeString(f.URL), html.EscapeString(f.Alt)
	switch kind, _, _ := strings.Cut(f.MIME, "/"); kind {
	case "image":
		return fmt.Sprintf("<!-- wp:image {\"id\":%s,\"sizeSlug\":\"large\"} -->\n<figure class=\"wp-block-image size-large\"><img src=\"%s\" alt=\"%s\" class=\"wp-image-%s\"/></figure>\n<!-- /wp:image -->\n\n", f.ID, at, alt, f.ID)
	case "video":
		return fmt.Sprintf("<!-- wp:video {\"id\":%s} -->\n<figure class=\"wp-block-video\"><video controls src=\"%s\"></video></figure>\n<!-- /wp:video -->\n\n", f.ID, at)
	case "audio":
		return fmt.Sprintf("<!-- wp:audio {\"id\":%s} -->\n<figure class=\"wp-block-audio\"><audio controls src=\"%s\"></audio></figure>\n<!-- /wp:audio -->\n\n", f.ID, at)
	}
	name := html.EscapeString(cmp.Or(f.Alt, f.URL[strings.LastIndex(f.URL, "/")+1:]))
	return fmt.Sprintf("<!-- wp:file {\"id\":%s,\"href\":\"%s\"} -->\n<div class=\"wp-block-file\"><a href=\"%s\">%s</a></div>\n<!-- /wp:file -->\n\n", f.ID, at, at, name)
}

// files finds the files in a post.
var files = regexp.MustCompile(`(?is)<figure class="wp-block-(?:image|video|audio)[^"]*">.*?</figure>|<div class="wp-block-file">.*?</div>`)

// plain is the text of a post as it was written, without its files.
func plain(raw string) string { return text.FromHTML(files.ReplaceAllString(raw, "")) }

var latin = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "o", "å", "a", "á", "a", "à", "a", "â", "a", "ã", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"í", "i", "ì", "i", "î", "i", "ï", "i", "ñ", "n", "ó", "o", "ò", "o", "ô", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ý", "y", "ł", "l", "š", "s", "ž", "z", "č", "c", "'", "", "’", "")

// slug is the last part of a post's address: words for people, and a code of the delivery, which makes it ours alone.
func slug(d network.Draft) string {
	words := latin.Replace(strings.ToLower(cmp.Or(strings.TrimSpace(d.Settings["slug"]), strings.TrimSpace(d.Settings["title"]))))
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "-")
	if len(words) > 80 {
		words = words[:80]
		if i := strings.LastIndex(words, "-"); i > 0 {
			words = words[:i]
		}
	}
	sum := sha256.Sum256([]byte(d.Key))
	return cmp.Or(words, "post") + "-" + hex.EncodeToString(sum[:5])
}
