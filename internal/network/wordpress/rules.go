package wordpress

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Count counts one part's text. Posts have no limit; a comment's is the size of the database's column.
func (WordPress) Count(d network.Draft, part int, _ network.Account) network.Count {
	switch {
	case part >= 0 && part < len(d.Parts):
		return network.Count{Used: utf8.RuneCountInString(d.Parts[part].Text), Unit: "characters"}
	case part == len(d.Parts) && d.FirstComment != nil:
		return network.Count{Used: len(html.EscapeString(d.FirstComment.Text)), Limit: commentBytes, Unit: "bytes"}
	}
	return network.Count{Unit: "characters"}
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a}
	if len(d.Parts) == 0 {
		c.add(network.Error, "empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
		return c.list
	}
	if len(d.Parts) > 1 {
		c.add(network.Error, "thread_unsupported", "text", 1, "WordPress has no threads.", "Put everything into one post.")
	}
	c.settings()
	c.rights()
	c.post(d.Parts[0])
	if d.FirstComment != nil {
		c.comment(*d.FirstComment, len(d.Parts))
		if d.Settings["comments"] == "closed" {
			c.add(network.Error, "comments_closed", "settings.comments", 0, "A first comment needs open comments.", "Open the comments, or remove the comment.")
		}
		if s := status(d); s == draft || s == pending {
			c.add(network.Error, "comment_on_draft", "settings.status", 0, "A post that is not published takes no comments.", "Publish it, or remove the comment.")
		}
	}
	return c.list
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(level network.Level, code, field string, part int, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Part: part, Message: message, Fix: fix})
}

func (c *checker) settings() {
	for _, s := range settings {
		v := c.d.Settings[s.Key]
		options := s.Options
		if s.Live && len(c.a.Choices[s.Key]) > 0 {
			options = c.a.Choices[s.Key]
		}
		values := []string{v}
		if s.Kind == network.Several {
			values = several(v)
		}
		for _, v := range values {
			known := slices.ContainsFunc(options, func(o network.Option) bool { return o.Value == v })
			if (s.Kind == network.Choice || s.Kind == network.Several) && v != "" && !known {
				c.add(network.Error, "setting_unknown", "settings."+s.Key, 0, fmt.Sprintf("%q is not one of the choices of “%s” at this site.", v, s.Label), "Choose one of the list; check the channel if the site has new ones.")
			}
		}
		if n := utf8.RuneCountInString(v); s.Max > 0 && n > s.Max {
			c.add(network.Error, "setting_too_long", "settings."+s.Key, 0, fmt.Sprintf("“%s” has %d characters, the limit is %d.", s.Label, n, s.Max), fmt.Sprintf("Shorten it by %d.", n-s.Max))
		}
	}
	switch at, ok := day(c.d.Settings["date"]); {
	case !ok:
		c.add(network.Error, "date_unreadable", "settings.date", 0, fmt.Sprintf("%q is not a date.", c.d.Settings["date"]), "Choose one, or write it as 2026-03-02T09:30:00Z or 2026-03-02.")
	case !c.d.At.IsZero() && at.After(c.d.At):
		c.add(network.Error, "date_in_future", "settings.date", 0, "The date shown is after the time of publication; the site would hold the post back.", "Choose an earlier date, or plan the post for later.")
	}
	if base(c.d) != posts {
		for _, key := range []string{"format", "sticky", "categories", "tags", "new_tags"} {
			if v := c.d.Settings[key]; v != "" && (key != "sticky" || network.IsOn(v)) {
				c.add(network.Error, "only_posts", "settings."+key, 0, "Only posts have a format, categories and tags, or stay on top.", "Leave it empty, or choose the type Post.")
			}
		}
	}
}

// day reads an instant or a date in UTC; an empty one is none, which is fine.
func day(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	for _, form := range []string{time.RFC3339, "2006-01-02"} {
		if at, err := time.Parse(form, s); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// rights are what the user's role allows, as it was when the account was last checked.
func (c *checker) rights() {
	right := map[string]string{posts: "publish_posts", "pages": "publish_pages"}[base(c.d)]
	if s := status(c.d); right != "" && (s == publish || s == private) && !can(c.a, right) {
		c.add(network.Error, "role_publish", "settings.status", 0, "The user's role at the site does not allow publishing this.", "Choose “Waiting for review”, or give the user another role.")
	}
	if len(c.d.Parts[0].Media) > 0 && !can(c.a, "upload_files") {
		c.add(network.Error, "role_upload", "media", 0, "The user's role at the site does not allow uploading files.", "Remove the files, or give the user another role.")
	}
	if network.IsOn(c.d.Settings["sticky"]) && !can(c.a, "edit_others_posts") {
		c.add(network.Error, "role_sticky", "settings.sticky", 0, "The user's role at the site does not allow keeping posts on top.", "Leave it off, or give the user another role.")
	}
}

func (c *checker) post(p network.Part) {
	if strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 {
		c.add(network.Error, "empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if strings.TrimSpace(c.d.Settings["title"]) == "" {
		c.add(network.Warning, "title_missing", "settings.title", 0, "The post has no title.", "Give it one: lists and search engines show it.")
	}
	if p.Poll != nil {
		c.add(network.Error, "poll_unsupported", "poll", 0, "WordPress itself has no polls.", "Remove the poll.")
	}
	if p.Card != nil {
		c.add(network.Hint, "card_unsupported", "card", 0, "A link is shown as a link; your preview is not sent.", "")
	}
	if n := len(p.Media); n > mostMedia {
		c.add(network.Error, "media_too_many", "media", 0, fmt.Sprintf("The post has %d files, the limit is %d.", n, mostMedia), fmt.Sprintf("Remove %d.", n-mostMedia))
	}
	for n, m := range p.Media {
		if !slices.Contains(imageMIME, m.MIME) && !slices.Contains(videoMIME, m.MIME) && !slices.Contains(otherMIME, m.MIME) {
			c.add(network.Error, "media_type", "media", 0, fmt.Sprintf("File %d is %s, which WordPress does not take.", n+1, cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
		}
		if m.Kind == network.Image && strings.TrimSpace(m.Alt) == "" {
			c.add(network.Hint, "alt_missing", "media", 0, fmt.Sprintf("Picture %d has no description for people who cannot see it.", n+1), "Describe it in a sentence.")
		}
	}
}

func (c *checker) comment(p network.Part, part int) {
	switch n := len(html.EscapeString(p.Text)); {
	case strings.TrimSpace(p.Text) == "":
		c.add(network.Error, "empty", "text", part, "There is nothing to send yet.", "Write a comment.")
	case n > commentBytes:
		c.add(network.Error, "text_too_long", "text", part, fmt.Sprintf("The comment has %d bytes, the limit is %d.", n, commentBytes), fmt.Sprintf("Shorten it by %d.", n-commentBytes))
	}
	if len(p.Media) > 0 {
		c.add(network.Error, "comment_media", "media", part, "Comments on WordPress have no files.", "Remove them, or put a link into the text.")
	}
	if p.Poll != nil {
		c.add(network.Error, "poll_unsupported", "poll", part, "WordPress itself has no polls.", "Remove the poll.")
	}
}
