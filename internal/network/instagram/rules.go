package instagram

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Limits by Meta's reference of content publishing, 2026-09.
const (
	mostHashtags      = 30
	mostMentions      = 20
	mostCollaborators = 3
	mostTagged        = 20
	mostSponsors      = 2
	mostProducts      = 5
	leastCarousel     = 2
	commentLength     = 2200
	letterBytes       = 1000 // of a message

	shortestVideo = 3 * time.Second
	longestReel   = 15 * time.Minute
	longestStory  = 60 * time.Second
	storyBytes    = 100 << 20
	widestVideo   = 1920
)

// Count counts a caption or a comment.
func (Instagram) Count(d network.Draft, part int, _ network.Account) network.Count {
	c := network.Count{Limit: limits.Characters, Unit: "characters"}
	if part == len(d.Parts) {
		c.Limit = commentLength
	}
	c.Used = text.UTF16Units(partOf(d, part).Text)
	return c
}

func partOf(d network.Draft, part int) network.Part {
	switch {
	case part >= 0 && part < len(d.Parts):
		return d.Parts[part]
	case part == len(d.Parts) && d.FirstComment != nil:
		return *d.FirstComment
	}
	return network.Part{}
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	own  bool // signed in with Instagram itself
	list []network.Problem
}

func (c *checker) add(level network.Level, code, field string, part int, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Part: part, Message: message, Fix: fix})
}

func (c *checker) wrong(code, field, message, fix string) {
	c.add(network.Error, code, field, 0, message, fix)
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, own: a.Extra["login"] == own}
	switch {
	case len(d.Parts) == 0:
		c.wrong("empty", "media", "There is nothing to publish yet.", "Add a picture or a video.")
		return c.list
	case len(d.Parts) > 1:
		c.wrong("threads", "text", fmt.Sprintf("The post has %d parts; Instagram has no threads.", len(d.Parts)), "Join them, or use the first comment.")
	}
	p := d.Parts[0]
	c.settings(p)
	c.words(0)
	if p.Poll != nil {
		c.wrong("poll", "poll", "The API has no polls.", "Ask in the caption.")
	}
	switch n := len(p.Media); {
	case n == 0:
		c.wrong("media_required", "media", "Instagram takes no post without a picture or video.", "Add one.")
	case d.Settings["kind"] == story && n > 1:
		c.wrong("story_media", "media", fmt.Sprintf("A story is one picture or video; the post has %d media.", n), "Make a post of each.")
	case n > limits.Media:
		c.wrong("media_too_many", "media", fmt.Sprintf("The post has %d media, the limit is %d.", n, limits.Media), fmt.Sprintf("Remove %d.", n-limits.Media))
	}
	for n, m := range p.Media {
		c.file(m, n+1)
	}
	c.shapes(p)
	c.comment()
	return c.list
}

// words checks a caption or a comment.
func (c *checker) words(part int) {
	count := (Instagram{}).Count(c.d, part, network.Account{})
	if count.Used > count.Limit {
		c.add(network.Error, "text_too_long", "text", part, fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
	}
	words := partOf(c.d, part).Text
	if n := len(text.Hashtags(words)); n > mostHashtags {
		c.add(network.Error, "hashtags_too_many", "text", part, fmt.Sprintf("The text has %d hashtags, the limit is %d.", n, mostHashtags), fmt.Sprintf("Remove %d.", n-mostHashtags))
	}
	if n := len(text.Mentions(words)); n > mostMentions {
		c.add(network.Error, "mentions_too_many", "text", part, fmt.Sprintf("The text mentions %d accounts, the limit is %d.", n, mostMentions), fmt.Sprintf("Remove %d.", n-mostMentions))
	}
}

func (c *checker) settings(p network.Part) {
	s := c.d.Settings
	for _, set := range (Instagram{}).Spec().Settings {
		v := s[set.Key]
		if set.Kind == network.Choice && v != "" && !slices.ContainsFunc(set.Options, func(o network.Option) bool { return o.Value == v }) {
			c.wrong("setting_unknown", "settings."+set.Key, fmt.Sprintf("%q is not one of the choices of “%s”.", v, set.Label), "Choose one of the list.")
		}
	}
	if n := len(people(s["collaborators"])); n > mostCollaborators {
		c.wrong("collaborators_too_many", "settings.collaborators", fmt.Sprintf("The post has %d collaborators, the limit is %d.", n, mostCollaborators), fmt.Sprintf("Remove %d.", n-mostCollaborators))
	}
	tags, err := tagged(s["user_tags"])
	switch {
	case err != nil:
		c.wrong("tags_invalid", "settings.user_tags", err.Error(), "Write a name and two numbers from 0 to 1, such as: anna 0.5 0.3.")
	case len(tags) > mostTagged:
		c.wrong("tags_too_many", "settings.user_tags", fmt.Sprintf("The post tags %d people, the limit is %d.", len(tags), mostTagged), fmt.Sprintf("Remove %d.", len(tags)-mostTagged))
	}
	for _, list := range []struct {
		key  string
		most int
	}{{"sponsors", mostSponsors}, {"products", mostProducts}} {
		key, most, ids := list.key, list.most, people(s[list.key])
		switch {
		case strings.Trim(strings.Join(ids, ""), "0123456789") != "":
			c.wrong(key+"_invalid", "settings."+key, fmt.Sprintf("%q are not numbers.", s[key]), "Enter the numbers only, with commas between.")
		case len(ids) > most:
			c.wrong(key+"_too_many", "settings."+key, fmt.Sprintf("There are %d, the limit is %d.", len(ids), most), fmt.Sprintf("Remove %d.", len(ids)-most))
		case c.own && len(ids) > 0:
			c.add(network.Warning, "facebook_only", "settings."+key, 0, "Only accounts that are connected with Facebook have this; it is not sent.", "")
		}
	}
	if c.own && network.IsOn(s["partnership"]) {
		c.wrong("partnership", "settings.partnership", "Instagram's own sign-in cannot mark a paid partnership.", "Connect the account with Facebook, or publish in the Instagram app.")
	}
	if strings.Trim(s["location"], "0123456789") != "" {
		c.wrong("location_invalid", "settings.location", fmt.Sprintf("%q is not a number.", s["location"]), "Enter the number of the place's Page only.")
	}
	if s["cover_url"] != "" && !text.ValidLink(s["cover_url"]) {
		c.wrong("link_invalid", "settings.cover_url", "The cover is not a web address.", "Write it whole, beginning with https://.")
	}
	if ms, err := strconv.Atoi(s["thumb_offset"]); s["thumb_offset"] != "" && (err != nil || ms < 0) {
		c.wrong("thumb_offset", "settings.thumb_offset", fmt.Sprintf("%q is not a number of milliseconds.", s["thumb_offset"]), "Enter a whole number.")
	} else if isReel(c.d) && p.Media[0].Duration > 0 && time.Duration(ms)*time.Millisecond > p.Media[0].Duration {
		c.wrong("thumb_offset", "settings.thumb_offset", fmt.Sprintf("The cover would be at %d ms; the video lasts %d ms.", ms, p.Media[0].Duration.Milliseconds()), "Choose a moment inside the video.")
	}
	if !isReel(c.d) {
		for _, key := range []string{"cover_url", "thumb_offset", "share", "trial", "audio_name"} {
			if s[key] != "" {
				c.add(network.Warning, "reel_only", "settings."+key, 0, "This setting is only for reels; it is not sent.", "")
			}
		}
	}
	if s["trial"] != "" && s["collaborators"] != "" {
		c.wrong("trial_collaborators", "settings.trial", "A trial reel cannot have collaborators.", "Choose one of the two.")
	}
	if s["kind"] == story {
		for _, key := range []string{"collaborators", "location", "comments"} {
			if s[key] != "" {
				c.add(network.Warning, "not_for_stories", "settings."+key, 0, "Stories do not have this; it is not sent.", "")
			}
		}
		if strings.TrimSpace(p.Text) != "" {
			c.add(network.Warning, "story_text", "text", 0, "A story has no caption; it is not sent.", "Draw it into the picture.")
		}
	}
}

// people reads names with commas between, with or without @.
func people(s string) (out []string) {
	for _, name := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }) {
		out = append(out, strings.TrimPrefix(name, "@"))
	}
	return out
}

// tag is a person in a picture; in a video there are no places.
type tag struct {
	Name string   `json:"username"`
	X    *float64 `json:"x,omitempty"`
	Y    *float64 `json:"y,omitempty"`
}

// tagged reads "anna 0.5 0.3, ben".
func tagged(s string) (out []tag, err error) {
	for _, one := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		f := strings.Fields(one)
		switch len(f) {
		case 0:
			continue
		case 1, 3:
		default:
			return nil, fmt.Errorf("%q is not a name with a place", strings.TrimSpace(one))
		}
		t, middle := tag{Name: strings.TrimPrefix(f[0], "@")}, 0.5
		t.X, t.Y = &middle, &middle
		if len(f) == 3 {
			x, errX := strconv.ParseFloat(f[1], 64)
			y, errY := strconv.ParseFloat(f[2], 64)
			if errX != nil || errY != nil || !(x >= 0 && x <= 1 && y >= 0 && y <= 1) {
				return nil, fmt.Errorf("%s %s is not a place in the picture", f[1], f[2])
			}
			t.X, t.Y = &x, &y
		}
		out = append(out, t)
	}
	return out, nil
}

// shapes warns where the pictures of a carousel differ: Instagram crops all of them to the shape of the first.
func (c *checker) shapes(p network.Part) {
	for n, m := range p.Media {
		if first := p.Media[0]; m.Width > 0 && first.Width > 0 && m.Width*first.Height != first.Width*m.Height {
			c.add(network.Warning, "carousel_shapes", "media", 0, fmt.Sprintf("Medium %d has another shape than the first; Instagram crops a carousel to the first one's.", n+1), "Crop them alike.")
			return
		}
	}
}

func isReel(d network.Draft) bool {
	return len(d.Parts) > 0 && len(d.Parts[0].Media) == 1 && d.Parts[0].Media[0].Kind == network.Video && d.Settings["kind"] != story
}

func (c *checker) file(m network.Media, n int) {
	name := fmt.Sprintf("Medium %d", n)
	isStory := c.d.Settings["kind"] == story
	spec := (Instagram{}).Spec()
	if !slices.Contains(spec.ImageMIME, m.MIME) && !slices.Contains(spec.VideoMIME, m.MIME) {
		c.wrong("media_type", "media", fmt.Sprintf("%s is %s, which Instagram does not take.", name, m.MIME), "Convert it to JPEG or MP4.")
		return
	}
	most := limits.ImageBytes
	if m.Kind == network.Video {
		if most = limits.VideoBytes; isStory {
			most = storyBytes
		}
		c.video(m, name, isStory)
	} else {
		c.picture(m, n, name, isStory)
	}
	if m.Bytes > most {
		c.wrong("media_too_large", "media", fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, most), "Use a smaller version.")
	}
}

func (c *checker) video(m network.Media, name string, isStory bool) {
	most := longestReel
	if isStory {
		most = longestStory
	}
	if d := m.Duration; d > most || d > 0 && d < shortestVideo {
		c.wrong("video_duration", "media", fmt.Sprintf("%s lasts %s; %s to %s are possible.", name, d, shortestVideo, most), "Cut it.")
	}
	if m.Width > widestVideo {
		c.wrong("video_width", "media", fmt.Sprintf("%s is %d pixels wide, the limit is %d.", name, m.Width, widestVideo), "Scale it down.")
	}
	if m.Width > 0 && m.Height > 0 && m.Width*16 != m.Height*9 && len(c.d.Parts[0].Media) == 1 {
		c.add(network.Hint, "video_ratio", "media", 0, fmt.Sprintf("%s has %d × %d pixels; 9:16 fills the screen.", name, m.Width, m.Height), "")
	}
}

func (c *checker) picture(m network.Media, n int, name string, isStory bool) {
	if w, h := m.Width, m.Height; !isStory && w > 0 && h > 0 && (w*5 < h*4 || w*100 > h*191) {
		c.wrong("media_ratio", "media", fmt.Sprintf("%s has %d × %d pixels (%.2f:1); 4:5 (0.80:1) to 1.91:1 are possible.", name, w, h, float64(w)/float64(h)), "Crop it.")
	}
	if isStory {
		return
	}
	switch alt := text.Graphemes(m.Alt); {
	case alt > limits.AltCharacters:
		c.wrong("alt_too_long", "media", fmt.Sprintf("The description of medium %d has %d characters, the limit is %d.", n, alt, limits.AltCharacters), fmt.Sprintf("Shorten it by %d.", alt-limits.AltCharacters))
	case alt == 0:
		c.add(network.Hint, "alt_missing", "media", 0, name+" has no description for people who cannot see it.", "Describe it in a sentence.")
	}
}

func (c *checker) comment() {
	p := c.d.FirstComment
	if p == nil {
		return
	}
	last := len(c.d.Parts)
	c.words(last)
	switch {
	case c.d.Settings["kind"] == story:
		c.add(network.Error, "comment_on_story", "text", last, "Stories have no comments.", "Remove the first comment.")
	case c.d.Settings["comments"] == "off":
		c.add(network.Hint, "comment_then_closed", "text", last, "The first comment is written, then comments are closed.", "")
	}
	if len(p.Media) > 0 {
		c.add(network.Error, "comment_media", "media", last, "A comment takes no pictures.", "Remove them.")
	}
	if strings.TrimSpace(p.Text) == "" {
		c.add(network.Error, "empty", "text", last, "The first comment is empty.", "Write it, or remove it.")
	}
}
