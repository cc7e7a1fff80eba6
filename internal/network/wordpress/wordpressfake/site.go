package wordpressfake

import (
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/text"
)

func (f *Fake) index(*call, int64) (int, any, *refusal) {
	return 0, map[string]any{"name": "The brand's blog", "home": f.URL, "url": f.URL, "namespaces": []string{"oembed/1.0", "wp/v2"}}, nil
}

func (f *Fake) me(c *call, _ int64) (int, any, *refusal) {
	doc := map[string]any{"id": userID, "name": "Brand", "slug": Brand, "avatar_urls": map[string]string{"96": "https://secure.gravatar.com/avatar/0?s=96"}}
	if c.query.Get("context") == "edit" {
		can := map[string]bool{}
		for _, right := range roles[f.o.Role] {
			can[right] = true
		}
		doc["capabilities"] = can
	}
	return 0, doc, nil
}

func (f *Fake) users(c *call, _ int64) (int, any, *refusal) {
	if c.query.Get("who") == "authors" && !f.may("edit_others_posts") {
		return 0, nil, no(403, "rest_forbidden_who", "Sorry, you are not allowed to query users by this parameter.")
	}
	return 0, []map[string]any{{"id": 1, "name": "Alice"}, {"id": userID, "name": "Brand"}}, nil
}

func (f *Fake) types(*call, int64) (int, any, *refusal) {
	kind := func(name, base string, viewable bool, supports ...string) map[string]any {
		s := map[string]bool{}
		for _, v := range supports {
			s[v] = true
		}
		return map[string]any{"name": name, "rest_base": base, "viewable": viewable, "supports": s}
	}
	return 0, map[string]any{"post": kind("Posts", "posts", true, "title", "editor"), "page": kind("Pages", "pages", true, "title", "editor"), "attachment": kind("Media", "media", true, "title"),
		"wp_block": kind("Reusable blocks", "blocks", false, "title", "editor"), "product": kind("Products", "product", true, "title", "editor")}, nil
}

func (f *Fake) themes(*call, int64) (int, any, *refusal) {
	return 0, []any{map[string]any{"theme_supports": map[string]any{"formats": []string{"standard", "aside", "quote"}}}}, nil
}

func (f *Fake) listTerms(c *call, _ int64) (int, any, *refusal) {
	list := []any{}
	for _, t := range f.terms {
		if t.Taxonomy == path.Base(c.route) {
			list = append(list, map[string]any{"id": t.ID, "name": t.Name})
		}
	}
	return 0, list, nil
}

func (f *Fake) makeTag(c *call, _ int64) (int, any, *refusal) {
	name := c.text("name")
	for _, t := range f.terms {
		if t.Taxonomy == "tags" && strings.EqualFold(t.Name, name) {
			r := no(400, "term_exists", "A term with the name provided already exists in this taxonomy.")
			r.data = map[string]any{"term_id": t.ID}
			return 0, nil, r
		}
	}
	if name == "" {
		return 0, nil, no(400, "rest_missing_callback_param", "Missing parameter(s): name")
	}
	f.others++
	f.terms = append(f.terms, &term{ID: f.others, Taxonomy: "tags", Name: name})
	return 201, map[string]any{"id": f.others, "name": name}, nil
}

func (f *Fake) showFile(m *file) map[string]any {
	return map[string]any{"id": m.ID, "source_url": f.URL + "/wp-content/uploads/2026/03/" + m.Name}
}

func (f *Fake) listMedia(c *call, _ int64) (int, any, *refusal) {
	list := []any{}
	for _, m := range f.files {
		if strings.Contains(m.Name, c.query.Get("search")) {
			list = append(list, f.showFile(m))
		}
	}
	return 0, list, nil
}

func (f *Fake) upload(c *call, _ int64) (int, any, *refusal) {
	if !f.may("upload_files") {
		return 0, nil, no(403, "rest_cannot_create", "Sorry, you are not allowed to upload media on this site.")
	}
	kind := http.DetectContentType(c.file)
	if len(c.file) == 0 || !strings.HasPrefix(kind, "image/") && !strings.HasPrefix(kind, "video/") && kind != "application/pdf" {
		return 0, nil, no(500, "rest_upload_unknown_error", "Sorry, you are not allowed to upload this file type.")
	}
	f.posts++
	m := &file{ID: f.posts, Name: c.text("file"), Alt: c.text("alt_text"), MIME: kind}
	f.files = append(f.files, m)
	return 201, f.showFile(m), nil
}

// words is what a reader finds in a post, without its files.
func words(content string) string {
	var kept []string
	for part := range strings.SplitSeq(content, "<figure") {
		if _, rest, cut := strings.Cut(part, "</figure>"); cut {
			part = rest
		}
		kept = append(kept, part)
	}
	return text.FromHTML(strings.Join(kept, ""))
}

func (p *post) media() int {
	n := strings.Count(p.Content, "<img ") + strings.Count(p.Content, "<video ")
	if p.Feature != 0 && !strings.Contains(p.Content, "wp-image-"+strconv.FormatInt(p.Feature, 10)+`"`) {
		n++
	}
	return n
}
