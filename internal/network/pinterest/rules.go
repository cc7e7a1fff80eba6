package pinterest

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Count counts the description.
func (Pinterest) Count(d network.Draft, part int, _ network.Account) network.Count {
	used := 0
	if part >= 0 && part < len(d.Parts) {
		used = utf8.RuneCountInString(d.Parts[part].Text)
	}
	return network.Count{Used: used, Limit: descriptionMax, Unit: "characters"}
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	list []network.Problem
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(level network.Level, code, field, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Message: message, Fix: fix})
}

func (c *checker) fail(code, field, message, fix string) {
	c.add(network.Error, code, field, message, fix)
}

// set returns a setting as it was chosen.
func (c *checker) set(key string) string { return strings.TrimSpace(c.d.Settings[key]) }

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a}
	c.place()
	switch {
	case len(d.Parts) == 0:
		c.fail("media_required", "media", "A pin needs a picture or a video.", "Add one.")
	case c.set("save") != "":
		c.saved()
	default:
		c.pin(d.Parts[0])
	}
	if len(d.Parts) > 1 {
		c.list = append(c.list, network.Problem{Level: network.Error, Code: "no_threads", Field: "text", Part: 1, Message: "Pinterest has no threads.", Fix: "Keep only the first part."})
	}
	if d.FirstComment != nil {
		c.fail("no_comments", "first_comment", "Pinterest's API has no comments.", "Remove the first comment.")
	}
	return c.list
}

// place checks board and section against what the account had when it was last read.
func (c *checker) place() {
	boards, sections := c.a.Choices["board"], c.a.Choices["section"]
	has := func(list []network.Option, v string) bool {
		return slices.ContainsFunc(list, func(o network.Option) bool { return o.Value == v })
	}
	switch board := c.set("board"); {
	case board == "":
		c.fail("board_required", "settings.board", "A pin lies on a board, and none is chosen.", "Choose a board.")
	case c.a.Choices != nil && !has(boards, board):
		c.fail("board_gone", "settings.board", "The chosen board does not exist any more, or pins can't be put on it.", "Choose another board.")
	}
	section := c.set("section")
	if section == "" {
		return
	}
	switch in, _, _ := strings.Cut(section, "/"); {
	case in != c.set("board"):
		c.fail("section_elsewhere", "settings.section", "The chosen section is part of another board.", "Choose a section of the same board, or none.")
	case c.a.Choices != nil && !has(sections, section):
		c.fail("section_gone", "settings.section", "The chosen section does not exist any more.", "Choose another section, or none.")
	}
}

func (c *checker) saved() {
	if pinOf(c.set("save")) == "" {
		c.fail("save_unknown", "settings.save", "This is not the address of a pin.", "Copy the address of the pin, such as https://www.pinterest.com/pin/12345/.")
	}
	if p := c.d.Parts[0]; strings.TrimSpace(p.Text) != "" || len(p.Media) > 0 {
		c.add(network.Warning, "save_alone", "settings.save", "A saved pin keeps its own text and picture; those of this post are not used.", "")
	}
}

var pinAddress = regexp.MustCompile(`^(?:https?://[^/\s]+/pin/(?:[^/\s]*--)?)?(\d+)(?:[/?#]\S*)?$`)

// pinOf returns the id in a pin's address, or the id itself; "" where there is none.
func pinOf(address string) string {
	if m := pinAddress.FindStringSubmatch(strings.TrimSpace(address)); m != nil {
		return m[1]
	}
	return ""
}

func (c *checker) pin(p network.Part) {
	if used := utf8.RuneCountInString(p.Text); used > descriptionMax {
		c.fail("text_too_long", "text", fmt.Sprintf("The description has %d characters, the limit is %d.", used, descriptionMax), fmt.Sprintf("Shorten it by %d.", used-descriptionMax))
	}
	if used := utf8.RuneCountInString(c.set("title")); used > titleMax {
		c.fail("title_too_long", "settings.title", fmt.Sprintf("The title has %d characters, the limit is %d.", used, titleMax), fmt.Sprintf("Shorten it by %d.", used-titleMax))
	} else if used == 0 {
		c.add(network.Hint, "title_missing", "settings.title", "Pins with a title are found more often.", "Add one.")
	}
	c.link("settings.link", c.set("link"))
	if color := c.set("color"); color != "" && !regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`).MatchString(color) {
		c.fail("color_unknown", "settings.color", fmt.Sprintf("%q is not a colour.", color), "Write it as #6E7874.")
	}
	if p.Poll != nil {
		c.fail("no_polls", "poll", "Pinterest has no polls.", "Remove the poll.")
	}
	c.media(p)
}

func (c *checker) link(field, link string) {
	if link == "" {
		return
	}
	if used := utf8.RuneCountInString(link); used > linkMax {
		c.fail("link_too_long", field, fmt.Sprintf("The link has %d characters, the limit is %d.", used, linkMax), "Use a shorter address.")
		return
	}
	if u, err := url.Parse(link); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		c.fail("link_unknown", field, "The link is not a web address.", "Begin it with https://.")
	}
}

// media checks the files: one picture, one video with or without a cover, or a carousel.
func (c *checker) media(p network.Part) {
	videos, pictures := split(p.Media)
	switch {
	case len(p.Media) == 0:
		c.fail("media_required", "media", "A pin needs a picture or a video.", "Add one.")
	case len(videos) > 1:
		c.fail("media_mixed", "media", fmt.Sprintf("The pin has %d videos, the limit is 1.", len(videos)), "Keep one of them.")
	case len(videos) == 1 && len(pictures) > 1:
		c.fail("media_mixed", "media", fmt.Sprintf("Beside a video stands at most one picture, its cover; there are %d.", len(pictures)), "Keep one of the pictures.")
	case len(pictures) > carouselMax:
		c.fail("media_too_many", "media", fmt.Sprintf("The pin has %d pictures, the limit is %d.", len(pictures), carouselMax), fmt.Sprintf("Remove %d.", len(pictures)-carouselMax))
	}
	for i, m := range p.Media {
		c.file(m, i+1)
	}
	for _, m := range pictures[min(1, len(pictures)):] {
		if first := pictures[0]; len(videos) == 0 && m.Width*first.Height != first.Width*m.Height {
			c.add(network.Warning, "carousel_shapes", "media", "The pictures of a carousel differ in shape; Pinterest crops them to the first one's.", "Crop them alike.")
			break
		}
	}
	if len(videos) == 1 {
		if n, err := strconv.Atoi(cmp.Or(c.set("cover_seconds"), "0")); err != nil || n < 0 {
			c.fail("cover_unknown", "settings.cover_seconds", fmt.Sprintf("%q is no second of a video.", c.set("cover_seconds")), "Write a whole number, 0 for the beginning.")
		}
	}
	c.cards(len(pictures), len(videos) == 0 && len(pictures) >= carouselMin)
}

// split parts videos from pictures. An animation is neither: Pinterest takes GIF files only in its own apps.
func split(media []network.Media) (videos, pictures []network.Media) {
	for _, m := range media {
		if m.Kind == network.Video {
			videos = append(videos, m)
		} else {
			pictures = append(pictures, m)
		}
	}
	return videos, pictures
}

func (c *checker) file(m network.Media, n int) {
	spec, name := Pinterest{}.Spec(), fmt.Sprintf("Medium %d", n)
	if m.Kind != network.Video {
		if !slices.Contains(spec.ImageMIME, m.MIME) {
			c.fail("media_type", "media", fmt.Sprintf("%s is %s; Pinterest takes JPEG and PNG.", name, cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
		}
		if m.Bytes > fallback.ImageBytes {
			c.fail("media_too_large", "media", fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, fallback.ImageBytes), "Use a smaller version.")
		}
	} else {
		if !slices.Contains(spec.VideoMIME, m.MIME) {
			c.fail("media_type", "media", fmt.Sprintf("%s is %s; Pinterest takes MP4, MOV and M4V.", name, cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
		}
		if m.Bytes > fallback.VideoBytes {
			c.fail("media_too_large", "media", fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, fallback.VideoBytes), "Use a smaller version.")
		}
		if s := m.Duration.Seconds(); s > 0 && (s < videoMinSeconds || s > videoMaxSeconds) {
			c.fail("video_duration", "media", fmt.Sprintf("The video runs for %.0f seconds; %d to %d are possible.", s, videoMinSeconds, videoMaxSeconds), "Cut it.")
		}
		if m.Width > 0 && m.Height > 0 {
			if shape := float64(m.Width) / float64(m.Height); shape < videoNarrowest || shape > videoWidest {
				c.fail("video_shape", "media", fmt.Sprintf("The video is %d × %d; shapes from 1:2 to 1.91:1 are possible.", m.Width, m.Height), "Crop it.")
			}
		}
	}
	switch alt := utf8.RuneCountInString(m.Alt); {
	case alt > altMax:
		c.fail("alt_too_long", "media", fmt.Sprintf("The description of medium %d has %d characters, the limit is %d.", n, alt, altMax), fmt.Sprintf("Shorten it by %d.", alt-altMax))
	case alt == 0 && n == 1:
		c.add(network.Hint, "alt_missing", "media", name+" has no description for people who cannot see it.", "Describe it in a sentence.")
	case alt > 0 && n > 1:
		c.add(network.Hint, "alt_first", "media", fmt.Sprintf("Pinterest keeps one description for a pin, the first medium's; that of medium %d is not sent.", n), "")
	}
}

func (c *checker) cards(pictures int, carousel bool) {
	cards := cardsOf(c.set("cards"))
	switch {
	case len(cards) > 0 && !carousel:
		c.add(network.Warning, "cards_unused", "settings.cards", "Only carousels have titles and links for each picture; these are not sent.", "")
		return
	case len(cards) > pictures:
		c.fail("cards_too_many", "settings.cards", fmt.Sprintf("There are %d lines for %d pictures.", len(cards), pictures), "Write one line for each picture.")
	}
	for i, k := range cards {
		if used := utf8.RuneCountInString(k.Title); used > titleMax {
			c.fail("title_too_long", "settings.cards", fmt.Sprintf("The title of picture %d has %d characters, the limit is %d.", i+1, used, titleMax), "Shorten it.")
		}
		c.link("settings.cards", k.Link)
	}
}

// card is what one picture of a carousel says and where it leads.
type card struct {
	Title string `json:"title,omitempty"`
	Link  string `json:"link,omitempty"`
}

// cardsOf reads lines of "title | link"; either may be missing.
func cardsOf(lines string) (cards []card) {
	if strings.TrimSpace(lines) == "" {
		return nil
	}
	for line := range strings.SplitSeq(lines, "\n") {
		title, link, _ := strings.Cut(line, "|")
		title, link = strings.TrimSpace(title), strings.TrimSpace(link)
		if link == "" && strings.Contains(title, "://") {
			title, link = "", title
		}
		cards = append(cards, card{title, link})
	}
	return cards
}
