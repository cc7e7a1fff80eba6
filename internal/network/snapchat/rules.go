package snapchat

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Count counts a Spotlight's description.
func (Snapchat) Count(d network.Draft, part int, _ network.Account) network.Count {
	used := 0
	if part >= 0 && part < len(d.Parts) {
		used = utf8.RuneCountInString(d.Parts[part].Text)
	}
	return network.Count{Used: used, Limit: descriptionMax, Unit: "characters"}
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	kind string
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

func check(d network.Draft) []network.Problem {
	c := &checker{d: d, kind: kindOf(d)}
	switch {
	case plural[c.kind] == "":
		c.fail("setting_unknown", "settings.kind", fmt.Sprintf("%q is not a kind of post.", c.kind), "Choose one of the list.")
		return c.list
	case len(d.Parts) == 0 || len(d.Parts[0].Media) == 0:
		c.fail("media_required", "media", "Snapchat takes no post without a picture or a video.", "Add one.")
		return c.list
	}
	c.words()
	c.files()
	if len(d.Parts) > 1 {
		c.list = append(c.list, network.Problem{Level: network.Error, Code: "no_threads", Field: "text", Part: 1, Message: "Snapchat has no threads.", Fix: "Plan a post of its own for each part."})
	}
	if d.FirstComment != nil {
		c.fail("no_comments", "first_comment", "Snapchat's API has no comments.", "Remove the first comment.")
	}
	if d.Parts[0].Poll != nil {
		c.fail("no_polls", "poll", "Snapchat's API has no polls.", "Remove the poll.")
	}
	return c.list
}

func kindOf(d network.Draft) string { return cmp.Or(strings.TrimSpace(d.Settings["kind"]), story) }

// title is a saved story's title.
func title(d network.Draft) string {
	if t := strings.TrimSpace(d.Settings["title"]); t != "" {
		return t
	}
	first, _, _ := strings.Cut(strings.TrimSpace(d.Parts[0].Text), "\n")
	return strings.TrimSpace(first)
}

func (c *checker) words() {
	used := utf8.RuneCountInString(c.d.Parts[0].Text)
	switch c.kind {
	case spotlight:
		if used > descriptionMax {
			c.fail("text_too_long", "text", fmt.Sprintf("The description has %d characters, the limit is %d.", used, descriptionMax), fmt.Sprintf("Shorten it by %d.", used-descriptionMax))
		}
		if l := c.d.Settings["locale"]; locale(c.d) == "" {
			c.fail("locale_unknown", "settings.locale", fmt.Sprintf("%q is not a language and a country.", l), "Write it as en_US or de_DE.")
		}
	case saved:
		switch n := utf8.RuneCountInString(title(c.d)); {
		case n == 0:
			c.fail("title_required", "settings.title", "A saved story needs a title.", "Write one.")
		case n > titleMax:
			c.fail("title_too_long", "settings.title", fmt.Sprintf("The title has %d characters, the limit is %d.", n, titleMax), fmt.Sprintf("Shorten it by %d.", n-titleMax))
		}
		if strings.TrimSpace(c.d.Settings["title"]) != "" && used > 0 {
			c.add(network.Warning, "text_unused", "text", "A saved story has a title and no text; the text is not sent.", "Put it into the file.")
		}
	default:
		if used > 0 {
			c.add(network.Warning, "text_unused", "text", "A story has no text; it is not sent.", "Put it into the file, or post a Spotlight.")
		}
	}
}

func (c *checker) files() {
	media := c.d.Parts[0].Media
	if n := len(media); n > 1 {
		c.fail("media_too_many", "media", fmt.Sprintf("The post has %d files, the limit is 1.", n), fmt.Sprintf("Remove %d.", n-1))
	}
	spec, m := Snapchat{}.Spec(), media[0]
	types, bytes := spec.ImageMIME, fallback.ImageBytes
	if m.Kind == network.Video {
		types, bytes = spec.VideoMIME, fallback.VideoBytes
		least := storyShortest
		if c.kind == spotlight {
			least = spotlightLeast
		}
		if s := m.Duration.Seconds(); m.Duration > 0 && (s < float64(least) || s > longest) {
			c.fail("video_duration", "media", fmt.Sprintf("The video runs for %.1f seconds; %d to %d are possible here.", s, least, longest), "Cut it.")
		}
	} else if c.kind == spotlight {
		c.fail("video_required", "media", "A Spotlight is a video.", "Add a video, or post a story.")
	}
	if !slices.Contains(types, m.MIME) {
		c.fail("media_type", "media", fmt.Sprintf("The file is %s; Snapchat takes %s.", cmp.Or(m.MIME, "of an unknown type"), strings.Join(slices.Concat(spec.ImageMIME, spec.VideoMIME), ", ")), "Convert it.")
	}
	if m.Bytes > bytes {
		c.fail("media_too_large", "media", fmt.Sprintf("The file has %d bytes, the limit is %d.", m.Bytes, bytes), "Use a smaller version.")
	}
	if m.Width > 0 && m.Height > 0 {
		if m.Width < narrowest || m.Height < lowest {
			c.fail("media_too_small", "media", fmt.Sprintf("The file is %d × %d; at least %d × %d are needed.", m.Width, m.Height, narrowest, lowest), "Use a larger version.")
		}
		if m.Width*16 != m.Height*9 {
			c.add(network.Warning, "media_shape", "media", fmt.Sprintf("The file is %d × %d; Snapchat shows 9:16 and crops or frames everything else.", m.Width, m.Height), "Crop it to 9:16.")
		}
	}
}

var localePattern = regexp.MustCompile(`^[a-z]{2}_[A-Z]{2}$`)

// countries are where a language that stands alone is mostly spoken; Snapchat wants both.
var countries = map[string]string{"en": "US", "ar": "SA", "cs": "CZ", "da": "DK", "el": "GR", "hi": "IN", "ja": "JP", "ko": "KR", "nb": "NO", "sv": "SE", "uk": "UA", "vi": "VN", "zh": "CN", "pt": "BR"}

// locale is what a Spotlight's language is said to be; "" where the setting is none.
func locale(d network.Draft) string {
	if l := strings.TrimSpace(d.Settings["locale"]); l != "" {
		if !localePattern.MatchString(l) {
			return ""
		}
		return l
	}
	language, rest, _ := strings.Cut(strings.ReplaceAll(d.Language, "_", "-"), "-")
	if l := strings.ToLower(language) + "_" + strings.ToUpper(rest); localePattern.MatchString(l) {
		return l
	}
	if language = strings.ToLower(language); len(language) == 2 {
		if l := language + "_" + cmp.Or(countries[language], strings.ToUpper(language)); localePattern.MatchString(l) {
			return l
		}
	}
	return "en_US"
}
