package tiktok

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Count counts the text: a video's caption, or the description of pictures.
func (TikTok) Count(d network.Draft, part int, _ network.Account) network.Count {
	p := network.Part{}
	if part >= 0 && part < len(d.Parts) {
		p = d.Parts[part]
	}
	c := network.Count{Used: text.UTF16Units(p.Text), Limit: videoText, Unit: "characters"}
	if isPhoto(p) {
		c.Limit = photoText
	}
	return c
}

func isPhoto(p network.Part) bool { return len(p.Media) > 0 && p.Media[0].Kind == network.Image }

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a}
	if len(d.Parts) == 0 {
		c.add(network.Error, "empty", "media", "There is nothing to publish yet.", "Add a video or pictures.")
		return c.list
	}
	if len(d.Parts) > 1 {
		c.add(network.Error, "threads_unsupported", "text", "TikTok has no threads.", "Keep one part.")
	}
	if d.FirstComment != nil {
		c.add(network.Error, "comment_unsupported", "comment", "TikTok lets programs write no comments.", "Remove the first comment, or put it into the text.")
	}
	c.part(d.Parts[0])
	c.settings(d.Parts[0])
	return c.list
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(level network.Level, code, field, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Message: message, Fix: fix})
}

func (c *checker) on(key string) bool { return network.IsOn(c.d.Settings[key]) }

func mode(d network.Draft) string { return cmp.Or(d.Settings["mode"], direct) }

func (c *checker) settings(p network.Part) {
	privacy := c.d.Settings["privacy"]
	if m := mode(c.d); m != direct && m != inbox {
		c.add(network.Error, "setting_unknown", "settings.mode", fmt.Sprintf("%q is not one of the choices of “Publish”.", m), "Choose one of the list.")
	}
	if mode(c.d) == inbox {
		if !isPhoto(p) && strings.TrimSpace(p.Text) != "" {
			c.add(network.Warning, "text_not_sent", "text", "A draft of a video arrives without its text.", "Copy the text into the app when you finish the draft.")
		}
		return
	}
	if why := c.a.Extra["cannot_publish"]; why != "" {
		c.add(network.Warning, "cannot_publish", "settings.mode", "When the account was last checked it could not publish. "+why+".", "Check the channel.")
	}
	offered := c.a.Choices["privacy"]
	switch {
	case privacy == "":
		c.add(network.Error, "privacy_missing", "settings.privacy", "Nobody has chosen who sees the post, and TikTok allows no default.", "Choose who sees it.")
	case len(offered) > 0 && !slices.ContainsFunc(offered, func(o network.Option) bool { return o.Value == privacy }), audiences[privacy] == "":
		c.add(network.Error, "privacy_unknown", "settings.privacy", fmt.Sprintf("The creator cannot choose %q.", cmp.Or(audiences[privacy], privacy)), "Choose one of the list.")
	}
	if c.on("brand_content") && privacy == private {
		c.add(network.Error, "brand_private", "settings.brand_content", "A paid partnership cannot be seen by the creator alone.", "Choose another audience, or take the label off.")
	}
	for _, key := range []string{"comment", "duet", "stitch"} {
		if c.on("allow_"+key) && c.a.Extra[key+"_disabled"] != "" {
			c.add(network.Error, key+"_disabled", "settings.allow_"+key, "The creator has switched this off in TikTok's settings.", "Switch it off here, or on there.")
		}
	}
	if isPhoto(p) {
		if c.on("ai_generated") {
			c.add(network.Warning, "ai_label_not_sent", "settings.ai_generated", "TikTok takes the AI label with videos only.", "Set it in the app.")
		}
	}
	c.numbers(p)
	consent := "By publishing you agree to TikTok's Music Usage Confirmation."
	if c.on("brand_content") {
		consent = "By publishing you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
	}
	c.add(network.Hint, "consent", "settings.privacy", consent, "")
}

// numbers checks the settings that are numbers, and the title.
func (c *checker) numbers(p network.Part) {
	whole := func(key string, least, most int, what string) {
		v := strings.TrimSpace(c.d.Settings[key])
		if n, err := strconv.Atoi(v); v != "" && (err != nil || n < least || n > most) {
			c.add(network.Error, "setting_number", "settings."+key, fmt.Sprintf("%q is not %s from %d to %d.", v, what, least, most), "Change the number.")
		}
	}
	if !isPhoto(p) {
		most := videoSecond * 1000
		if len(p.Media) > 0 && p.Media[0].Duration > 0 {
			most = int(p.Media[0].Duration.Milliseconds())
		}
		whole("cover_ms", 0, most, "a moment of the video, in milliseconds")
		return
	}
	whole("photo_cover", 1, len(p.Media), "a picture of this post")
	if n := text.UTF16Units(c.d.Settings["photo_title"]); n > photoTitle {
		c.add(network.Error, "title_too_long", "settings.photo_title", fmt.Sprintf("The title has %d characters, the limit is %d.", n, photoTitle), fmt.Sprintf("Shorten it by %d.", n-photoTitle))
	}
}

func (c *checker) part(p network.Part) {
	if count := (TikTok{}).Count(c.d, 0, c.a); count.Used > count.Limit {
		c.add(network.Error, "text_too_long", "text", fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
	}
	if p.Poll != nil {
		c.add(network.Error, "poll_unsupported", "poll", "TikTok lets programs make no polls.", "Remove the poll.")
	}
	if p.Card != nil {
		c.add(network.Hint, "card_not_sent", "card", "TikTok shows no link previews; yours is not sent.", "")
	}
	if len(p.Media) == 0 {
		c.add(network.Error, "media_required", "media", "TikTok takes no post without a video or a picture.", "Add one.")
		return
	}
	most, what := photos, "pictures"
	if !isPhoto(p) {
		most, what = 1, "videos"
	}
	if n := len(p.Media); n > most {
		c.add(network.Error, "media_too_many", "media", fmt.Sprintf("The post has %d media, the limit is %d for %s.", n, most, what), fmt.Sprintf("Remove %d.", n-most))
	}
	if slices.ContainsFunc(p.Media, func(m network.Media) bool { return (m.Kind == network.Image) != isPhoto(p) }) {
		c.add(network.Error, "media_mixed", "media", "A post has one video, or pictures.", "Keep the video, or only the pictures.")
	}
	for n, m := range p.Media {
		name := fmt.Sprintf("Medium %d", n+1)
		if m.Kind == network.Image {
			c.photo(name, m)
			continue
		}
		c.video(name, m)
	}
}

func (c *checker) large(name string, m network.Media, mimes []string, limit int64) {
	if !slices.Contains(mimes, m.MIME) {
		c.add(network.Error, "media_type", "media", fmt.Sprintf("%s is %s, which TikTok does not take.", name, cmp.Or(m.MIME, "of an unknown type")), "Use MP4, MOV or WebM; JPEG or WebP for pictures.")
	}
	if m.Bytes > limit {
		c.add(network.Error, "media_too_large", "media", fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, limit), "Use a smaller version.")
	}
}

func (c *checker) photo(name string, m network.Media) {
	c.large(name, m, TikTok{}.Spec().ImageMIME, photoBytes)
	if max(m.Width, m.Height) > photoLong || min(m.Width, m.Height) > photoBrief {
		c.add(network.Error, "media_too_many_pixels", "media", fmt.Sprintf("%s is %d × %d; the limit is %d × %d, upright or not.", name, m.Width, m.Height, photoLong, photoBrief), "Scale it down.")
	}
}

func (c *checker) video(name string, m network.Media) {
	c.large(name, m, TikTok{}.Spec().VideoMIME, videoBytes)
	if brief, long := min(m.Width, m.Height), max(m.Width, m.Height); brief > 0 && (brief < videoLeast || long > videoMost) {
		c.add(network.Error, "media_pixels", "media", fmt.Sprintf("%s is %d × %d; each side needs %d to %d pixels.", name, m.Width, m.Height, videoLeast, videoMost), "Scale it.")
	}
	most := videoSecond
	if n, err := strconv.Atoi(c.a.Extra["max_seconds"]); err == nil && n > 0 && mode(c.d) == direct {
		most = min(most, n)
	}
	if m.Duration.Milliseconds() > int64(most)*1000 {
		c.add(network.Error, "video_too_long", "media", fmt.Sprintf("%s runs for %d seconds, the limit of this creator is %d.", name, int(m.Duration.Seconds()), most), "Cut it.")
	}
	if m.Bytes <= 0 {
		c.add(network.Error, "media_empty", "media", name+" is empty.", "Use another file.")
	}
}
