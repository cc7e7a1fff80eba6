package x

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// The rules of X's media guide that are not Limits.
const (
	gifBytes             = 15 << 20
	gifWidth, gifHeight  = 1280, 1080
	shortest, longest    = 500 * time.Millisecond, 140 * time.Second
	narrowest            = 32 // pixels of a video's side
	widest               = 3  // times as wide as high, or as high as wide
	mostTagged           = 10
	mostSymbols          = 1 // cashtags in a post
	directCharacters     = 10000
	editsInWords         = "X lets a post be changed for about half an hour, five times at most, by accounts with a subscription"
	videoSubscriberWords = "X takes videos longer than 140 seconds only from some subscriptions."
)

var (
	aName      = regexp.MustCompile(`^[A-Za-z0-9_]{1,15}$`)
	aCommunity = regexp.MustCompile(`^(?:https://(?:www\.)?(?:x|twitter)\.com/i/communities/)?([0-9]{1,19})/?$`)
	aPlace     = regexp.MustCompile(`^[0-9A-Za-z:]{1,40}$`)
)

// Count counts one part's text as X does.
func (X) Count(d network.Draft, part int, a network.Account) network.Count {
	return network.Count{Used: text.Tweet(partOf(d, part).Text).Weighted, Limit: limits(a).Characters, Unit: "characters"}
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

// community is the number of the community a post goes to, "" for none.
func community(d network.Draft) string {
	if m := aCommunity.FindStringSubmatch(strings.TrimSpace(d.Settings["community"])); m != nil {
		return m[1]
	}
	return ""
}

// tagged lists the account names of the people in the pictures.
func tagged(d network.Draft) (names []string) {
	for name := range strings.SplitSeq(d.Settings["tagged"], ",") {
		if name = strings.TrimPrefix(strings.TrimSpace(name), "@"); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	l    network.Limits
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a, l: limits(a)}
	if len(d.Parts) == 0 {
		c.add(network.Error, "empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	c.settings()
	seen := map[string]bool{}
	parts := len(d.Parts)
	if d.FirstComment != nil {
		parts++
	}
	for i := range parts {
		c.part(i)
		words := text.Normalise(partOf(d, i).Text)
		if words != "" && seen[words] {
			c.add(network.Warning, "text_twice", "text", i, "This part says the same as another one; X refuses a text it published lately.", "Change a word.")
		}
		seen[words] = true
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
	set := func(key string) string { return strings.TrimSpace(c.d.Settings[key]) }
	if v := set("reply_settings"); v != "" && !slices.ContainsFunc(settings[0].Options, func(o network.Option) bool { return o.Value == v }) {
		c.add(network.Error, "setting_unknown", "settings.reply_settings", 0, fmt.Sprintf("%q is not one of the choices of “%s”.", v, settings[0].Label), "Choose one of the list.")
	}
	if v := set("community"); v != "" && community(c.d) == "" {
		c.add(network.Error, "community_unknown", "settings.community", 0, fmt.Sprintf("%q is neither the number nor the address of a community.", v), "Copy the address of the community's page at X.")
	}
	if network.IsOn(set("share_with_followers")) && set("community") == "" {
		c.add(network.Warning, "share_without_community", "settings.share_with_followers", 0, "Sharing with followers has an effect only for posts to a community.", "Name the community, or switch it off.")
	}
	if v := set("place"); v != "" && !aPlace.MatchString(v) {
		c.add(network.Error, "place_unknown", "settings.place", 0, fmt.Sprintf("%q is not an id of a place.", v), "Take the id X uses, such as 07d9cd6afd884001.")
	}
	names := tagged(c.d)
	for _, name := range names {
		if !aName.MatchString(name) {
			c.add(network.Error, "tagged_unknown", "settings.tagged", 0, fmt.Sprintf("%q is not an account name: at most 15 letters, digits and underscores.", name), "Write the name without its address.")
		}
	}
	if n := len(names); n > mostTagged {
		c.add(network.Error, "tagged_too_many", "settings.tagged", 0, fmt.Sprintf("%d people are tagged, the limit is %d.", n, mostTagged), fmt.Sprintf("Remove %d.", n-mostTagged))
	}
	if len(names) > 0 && len(partOf(c.d, 0).Media) == 0 {
		c.add(network.Error, "tagged_without_media", "settings.tagged", 0, "People can be tagged only in pictures and videos.", "Add a picture to the first part, or tag nobody.")
	}
}

func (c *checker) part(i int) {
	p := partOf(c.d, i)
	count := X{}.Count(c.d, i, c.a)
	switch {
	case count.Used > count.Limit:
		c.add(network.Error, "text_too_long", "text", i, fmt.Sprintf("The text has %d characters as X counts, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
	case strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && p.Poll == nil:
		c.add(network.Error, "empty", "text", i, "There is nothing to publish yet.", "Write a text or add a picture.")
	case strings.TrimSpace(p.Text) == "" && p.Poll != nil:
		c.add(network.Error, "poll_without_text", "text", i, "A poll needs a text that asks the question.", "Write the question.")
	}
	if strings.ContainsAny(p.Text, "\uFFFE\uFEFF\uFFFF") {
		c.add(network.Error, "text_forbidden", "text", i, "The text has a character that X refuses (U+FFFE, U+FEFF or U+FFFF).", "Write the text anew instead of pasting it.")
	}
	if n := len(text.Cashtags(p.Text)); n > mostSymbols {
		c.add(network.Error, "cashtags_too_many", "text", i, fmt.Sprintf("The text has %d stock symbols, the limit is %d.", n, mostSymbols), fmt.Sprintf("Remove the $ of %d.", n-mostSymbols))
	}
	if _, ok := text.LeadingMention(p.Text); ok && i == 0 {
		c.add(network.Hint, "leading_mention", "text", i, "A post that begins with an account's name looks like an answer and is shown to fewer people.", "Begin with another word.")
	}
	if p.Card != nil {
		c.add(network.Hint, "card_by_network", "card", i, "X draws the link preview by itself; yours is not sent.", "")
	}
	c.media(p, i)
	if p.Poll != nil {
		c.poll(p, i)
	}
}

func (c *checker) media(p network.Part, i int) {
	if n := len(p.Media); n > c.l.Media {
		c.add(network.Error, "media_too_many", "media", i, fmt.Sprintf("The post has %d media, the limit is %d.", n, c.l.Media), fmt.Sprintf("Remove %d.", n-c.l.Media))
	}
	if len(p.Media) > 1 && slices.ContainsFunc(p.Media, func(m network.Media) bool { return m.Kind != network.Image }) {
		c.add(network.Error, "media_mixed", "media", i, "A video or an animation stands alone; only pictures go together.", "Keep one of them, or only the pictures.")
	}
	for n, m := range p.Media {
		c.file(m, n+1, i)
	}
}

func (c *checker) file(m network.Media, n, i int) {
	bad := func(code, fix, message string, args ...any) {
		c.add(network.Error, code, "media", i, fmt.Sprintf("Medium %d ", n)+fmt.Sprintf(message, args...), fix)
	}
	bytes, types := c.l.ImageBytes, X{}.Spec().ImageMIME
	switch m.Kind {
	case network.GIF:
		bytes = gifBytes
		if m.Width > gifWidth || m.Height > gifHeight {
			bad("media_too_many_pixels", "Scale it down.", "has %d×%d pixels, an animation may have %d×%d.", m.Width, m.Height, gifWidth, gifHeight)
		}
	case network.Video:
		bytes, types = c.l.VideoBytes, X{}.Spec().VideoMIME
		c.video(m, i, bad)
	}
	if m.Bytes > bytes {
		bad("media_too_large", "Use a smaller version.", "has %d bytes, the limit is %d.", m.Bytes, bytes)
	}
	if !slices.Contains(types, m.MIME) {
		bad("media_type", "Convert it.", "is %s, which X does not take.", cmp.Or(m.MIME, "of an unknown type"))
	}
	switch alt := utf8.RuneCountInString(m.Alt); {
	case m.Kind == network.Video:
	case alt > c.l.AltCharacters:
		bad("alt_too_long", fmt.Sprintf("Shorten it by %d.", alt-c.l.AltCharacters), "has a description of %d characters, the limit is %d.", alt, c.l.AltCharacters)
	case alt == 0:
		c.add(network.Hint, "alt_missing", "media", i, fmt.Sprintf("Medium %d has no description for people who cannot see it.", n), "Describe it in a sentence.")
	}
}

func (c *checker) video(m network.Media, i int, bad func(code, fix, message string, args ...any)) {
	switch {
	case m.Duration > longest && paid(c.a):
		c.add(network.Warning, "media_long", "media", i, videoSubscriberWords, "Cut it if X refuses it.")
	case m.Duration > longest:
		bad("media_too_long", "Cut it.", "runs for %.1f seconds, the limit is %.0f.", m.Duration.Seconds(), longest.Seconds())
	case m.Duration > 0 && m.Duration < shortest:
		bad("media_too_short", "Use a longer one.", "runs for %.2f seconds, the least is %.1f.", m.Duration.Seconds(), shortest.Seconds())
	}
	if m.Width == 0 || m.Height == 0 {
		return
	}
	if m.Width < narrowest || m.Height < narrowest {
		bad("media_too_small", "Use a larger version.", "has %d×%d pixels, each side needs %d.", m.Width, m.Height, narrowest)
	}
	if m.Width > widest*m.Height || m.Height > widest*m.Width {
		bad("media_ratio", "Crop it.", "has %d×%d pixels; between 1:%d and %d:1 is possible.", m.Width, m.Height, widest, widest)
	}
}

func (c *checker) poll(p network.Part, i int) {
	add := func(code, message, fix string) { c.add(network.Error, code, "poll", i, message, fix) }
	if len(p.Media) > 0 {
		add("poll_with_media", "A poll cannot have media.", "Remove the media or the poll.")
	}
	if n := len(p.Poll.Options); n < 2 || n > c.l.PollOptions {
		add("poll_options", fmt.Sprintf("The poll has %d options; 2 to %d are possible.", n, c.l.PollOptions), "Change the number of options.")
	}
	seen := map[string]bool{}
	for n, o := range p.Poll.Options {
		o = strings.TrimSpace(o)
		switch used := utf8.RuneCountInString(o); {
		case used == 0:
			add("poll_option_empty", fmt.Sprintf("Option %d is empty.", n+1), "Fill it in or remove it.")
		case used > c.l.PollOptionChars:
			add("poll_option_too_long", fmt.Sprintf("Option %d has %d characters, the limit is %d.", n+1, used, c.l.PollOptionChars), "Shorten it.")
		case seen[o]:
			add("poll_option_twice", fmt.Sprintf("Option %d is there twice.", n+1), "Change or remove it.")
		}
		seen[o] = true
	}
	if s := p.Poll.Duration.Seconds(); s < float64(c.l.PollMinSeconds) || s > float64(c.l.PollMaxSeconds) {
		add("poll_duration", fmt.Sprintf("The poll runs for %.0f seconds; %d to %d are possible.", s, c.l.PollMinSeconds, c.l.PollMaxSeconds), "Change how long it runs.")
	}
	if p.Poll.Multiple {
		c.add(network.Warning, "poll_single", "poll", i, "At X everybody chooses one option only.", "")
	}
	if p.Poll.HideTotals {
		c.add(network.Hint, "poll_totals", "poll", i, "X shows the result to everybody who voted.", "")
	}
}
