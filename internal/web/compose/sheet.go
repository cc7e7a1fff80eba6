package compose

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/when"
)

// sheet is everything a person has before them: the post, when it goes out, and where they stand on the page.
type sheet struct {
	PostID  string
	Version int
	Edit    post.Edit
	Tab     string // channel whose variant is open, "" = the base
	Picker  string // place and part that the library is open for, "base:p0"
	When    string // "at", "next", "first" or "now"
	At      string // wall-clock time, 2027-03-28T10:00
	Zone    string // IANA
	Confirm bool   // has seen the warnings that ask
}

// base is the name of the base among the places one can write at; the others are channel ids.
const base = "base"

// read reads the form. Fields are named by place, what they hold, and part: base:text:p0, chan_…:alt:p1:asset_….
func (r Rooms) read(c *page.Context) (sheet, *page.Form, error) {
	f, err := c.Form()
	if err != nil {
		return sheet{}, f, err
	}
	all, err := r.Channels.List(c.Ctx(), c.Actor())
	if err != nil {
		return sheet{}, f, err
	}
	return readSheet(f, all, r.Channels.Networks()), f, nil
}

func readSheet(f *page.Form, all []channel.Channel, networks *network.Registry) sheet {
	s := sheet{PostID: f.Value("post"), Tab: f.Value("tab"), When: f.Value("when"), At: f.Value("at"), Zone: f.Value("zone"), Confirm: f.On("confirm")}
	s.Version, _ = strconv.Atoi(f.Value("version"))
	e := post.Edit{BrandID: f.Value("brand"), CampaignID: f.Value("campaign"), Title: f.Value("title"), Tags: tagsOf(f.Value("tags")), Base: contentOf(f, base),
		Channels: append([]string{}, f.All("channel")...), Variants: map[string]post.VariantEdit{}}
	for _, ch := range all {
		v := post.VariantEdit{Settings: map[string]string{}}
		if n := networks.Of(ch.Network, ch.Account); n != nil {
			for _, set := range n.Spec().For(ch.Account).Settings {
				readSetting(f, ch, set, v.Settings)
			}
		}
		if f.On(ch.ID + ":own") {
			own := contentOf(f, ch.ID)
			v.Content = &own
		}
		if v.Content != nil || len(v.Settings) > 0 {
			e.Variants[ch.ID] = v
		}
		if e.BrandID == "" && f.Has("channel", ch.ID) {
			e.BrandID = ch.BrandID
		}
	}
	s.Edit = e
	return s
}

// readSetting keeps what differs from what the channel does anyway, so that a later change of the default is followed.
func readSetting(f *page.Form, ch channel.Channel, set network.Setting, into map[string]string) {
	name := "set:" + ch.ID + ":" + set.Key
	if !f.Has(name+":shown", "1") {
		return
	}
	value := f.Value(name)
	switch set.Kind {
	case network.Toggle:
		value = map[bool]string{true: "yes", false: "no"}[f.On(name)]
	case network.Several:
		value = strings.Join(f.All(name), ",")
	case network.Lines:
		value = strings.TrimSpace(lines(f.Raw(name)))
	case network.Moment:
		if at, err := when.At(value, ch.Zone); err == nil {
			value = at.UTC().Format(time.RFC3339)
		}
	}
	if value != usual(ch, set) {
		into[set.Key] = value
	}
}

// usual is the value a setting has when nobody touches it.
func usual(ch channel.Channel, set network.Setting) string {
	if v, ok := ch.Defaults.Settings[set.Key]; ok {
		if set.Kind == network.Toggle {
			return map[bool]string{true: "yes", false: "no"}[network.IsOn(v)]
		}
		return v
	}
	if set.Kind == network.Toggle {
		return map[bool]string{true: "yes", false: "no"}[network.IsOn(set.Default)]
	}
	return set.Default
}

func tagsOf(s string) []string {
	tags := []string{}
	for t := range strings.SplitSeq(s, ",") {
		if t = strings.Join(strings.Fields(t), " "); t != "" {
			tags = append(tags, t)
		}
	}
	return tags
}

func contentOf(f *page.Form, place string) post.Content {
	c := post.Content{FirstComment: lines(f.Raw(place + ":first_comment")), Language: f.Value(place + ":language")}
	for _, key := range f.All(place + ":part") {
		c.Parts = append(c.Parts, partOf(f, place, key))
	}
	if len(c.Parts) == 0 {
		c.Parts = []post.Part{{}}
	}
	return c
}

func partOf(f *page.Form, place, key string) post.Part {
	name := func(kind string) string { return place + ":" + kind + ":" + key }
	p := post.Part{Text: lines(f.Raw(name("text")))}
	for _, assetID := range f.All(name("media")) {
		use := post.MediaUse{AssetID: assetID}
		if alt := f.All(name("alt") + ":" + assetID); len(alt) > 0 {
			written := lines(alt[0])
			use.Alt = &written
		}
		use.FocusX, use.FocusY = focus(f.Value(name("focus")+":"+assetID+"_x"), f.Value(name("focus")+":"+assetID+"_y"))
		p.Media = append(p.Media, use)
	}
	if f.On(name("poll")) {
		p.Poll = pollOf(f, name)
	}
	if address := f.Value(name("card")); address != "" {
		p.Card = &network.Card{URL: address, Title: f.Value(name("card_title")), Description: lines(f.Value(name("card_description")))}
		if thumb := f.Value(name("card_thumb")); thumb != "" {
			p.Card.Thumb = &network.Media{ID: thumb}
		}
	}
	for _, m := range f.All(name("mention")) {
		if word := strings.SplitN(m, "|", 3); len(word) == 3 && strings.Contains(p.Text, word[1]) {
			if p.Mentions == nil {
				p.Mentions = map[string]map[string]string{}
			}
			if p.Mentions[word[0]] == nil {
				p.Mentions[word[0]] = map[string]string{}
			}
			p.Mentions[word[0]][word[1]] = word[2]
		}
	}
	return p
}

func pollOf(f *page.Form, name func(string) string) *network.Poll {
	p := &network.Poll{Multiple: f.On(name("poll_multiple")), HideTotals: f.On(name("poll_hide")), Options: []string{}}
	for _, o := range f.All(name("poll_option")) {
		if o = strings.TrimSpace(o); o != "" {
			p.Options = append(p.Options, o)
		}
	}
	minutes, err := strconv.Atoi(f.Value(name("poll_minutes")))
	if err != nil || minutes <= 0 {
		minutes = 24 * 60
	}
	p.Duration = time.Duration(minutes) * time.Minute
	return p
}

// focus reads a focal point given in per cent from the left upper corner, as −1 … 1 with up and right positive.
func focus(x, y string) (fx, fy *float64) {
	px, errX := strconv.ParseFloat(x, 64)
	py, errY := strconv.ParseFloat(y, 64)
	if errX != nil || errY != nil {
		return nil, nil
	}
	round := func(v float64) *float64 { v = math.Round(min(max(v, -1), 1)*100) / 100; return &v }
	return round((px - 50) / 50), round((50 - py) / 50)
}

// percent is the other way round.
func percent(fx, fy float64) (x, y int) {
	return int(math.Round(50 + fx*50)), int(math.Round(50 - fy*50))
}

// lines gives a text the line ends it has everywhere but in forms.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
