package discord

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// embed is a framed block below the text, with what a message may give it.
type embed struct {
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	URL         string       `json:"url,omitempty"`
	Color       int          `json:"color,omitempty"`
	Timestamp   string       `json:"timestamp,omitempty"`
	Footer      *embedFooter `json:"footer,omitempty"`
	Image       *embedImage  `json:"image,omitempty"`
	Thumbnail   *embedImage  `json:"thumbnail,omitempty"`
	Author      *embedAuthor `json:"author,omitempty"`
	Fields      []embedField `json:"fields,omitempty"`
}

type embedFooter struct {
	Text    string `json:"text"`
	IconURL string `json:"icon_url,omitempty"`
}

type embedImage struct {
	URL string `json:"url"`
}

type embedAuthor struct {
	Name    string `json:"name"`
	URL     string `json:"url,omitempty"`
	IconURL string `json:"icon_url,omitempty"`
}

type embedField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline,omitempty"`
}

// embedsOf are the embeds of a draft: the settings' own, those given as JSON, and the link card, if the text has not
// its link already (then Discord draws the preview itself).
func embedsOf(d network.Draft, part network.Part, first bool) ([]embed, error) {
	var list []embed
	set := d.Settings
	own := embed{Title: set["embed_title"], Description: set["embed_text"], URL: set["embed_url"]}
	if c, err := strconv.ParseInt(strings.TrimPrefix(set["embed_color"], "#"), 16, 32); err == nil {
		own.Color = int(c)
	}
	if set["embed_footer"] != "" {
		own.Footer = &embedFooter{Text: set["embed_footer"]}
	}
	if first && (own.Title != "" || own.Description != "" || own.Footer != nil) {
		list = append(list, own)
	}
	if c := part.Card; c != nil && !strings.Contains(part.Text, c.URL) {
		list = append(list, embed{Title: text.Truncate(cmp.Or(c.Title, c.URL), 256), Description: text.Truncate(c.Description, 4096), URL: c.URL})
	}
	if raw := strings.TrimSpace(set["embeds"]); first && raw != "" {
		if raw[0] == '{' {
			raw = "[" + raw + "]"
		}
		var more []embed
		decoder := json.NewDecoder(bytes.NewReader([]byte(raw)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&more); err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// embeds checks Discord's limits: of each field, and 6000 characters over all embeds of a message.
func (c *checker) embeds(list []embed) {
	add := func(code, message string) {
		c.wrong(code, "settings.embeds", 0, message, "Shorten or mend the embeds.")
	}
	if len(list) > 10 {
		add("embeds_too_many", fmt.Sprintf("There are %d embeds, the limit is 10.", len(list)))
	}
	total := 0
	for i, e := range list {
		long := func(what, words string, limit int) {
			used := text.UTF16Units(words)
			total += used
			if used > limit {
				add("embed_too_long", fmt.Sprintf("The %s of embed %d has %d characters, the limit is %d.", what, i+1, used, limit))
			}
		}
		long("title", e.Title, 256)
		long("text", e.Description, 4096)
		addresses := []string{e.URL}
		if e.Footer != nil {
			long("footer", e.Footer.Text, 2048)
			addresses = append(addresses, e.Footer.IconURL)
		}
		if e.Author != nil {
			long("author", e.Author.Name, 256)
			addresses = append(addresses, e.Author.URL, e.Author.IconURL)
		}
		for _, picture := range []*embedImage{e.Image, e.Thumbnail} {
			if picture != nil {
				addresses = append(addresses, picture.URL)
			}
		}
		if len(e.Fields) > 25 {
			add("embed_fields", fmt.Sprintf("Embed %d has %d fields, the limit is 25.", i+1, len(e.Fields)))
		}
		for _, f := range e.Fields {
			long("name of a field", f.Name, 256)
			long("value of a field", f.Value, 1024)
			if f.Name == "" || f.Value == "" {
				add("embed_field_empty", fmt.Sprintf("A field of embed %d lacks its name or its value.", i+1))
			}
		}
		for _, a := range addresses {
			if u, err := url.Parse(a); a != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(a) > 2048) {
				add("embed_address", fmt.Sprintf("%q in embed %d is no web address of at most 2048 characters.", text.Truncate(a, 80), i+1))
			}
		}
		if _, err := time.Parse(time.RFC3339, e.Timestamp); e.Timestamp != "" && err != nil {
			add("embed_time", fmt.Sprintf("%q in embed %d is no time such as 2026-03-02T09:00:00Z.", text.Truncate(e.Timestamp, 40), i+1))
		}
		if e.Color < 0 || e.Color > 0xffffff {
			add("embed_color", fmt.Sprintf("The colour of embed %d is out of range.", i+1))
		}
	}
	if total > 6000 {
		add("embeds_too_long", fmt.Sprintf("The embeds have %d characters together, the limit is 6000.", total))
	}
}
