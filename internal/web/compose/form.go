package compose

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// formOf fills the form with a stored post.
func formOf(e post.Edit, p post.Post) *page.Form {
	f := page.Blank(map[string]string{"title": e.Title, "brand": e.BrandID, "campaign": e.CampaignID, "tags": strings.Join(e.Tags, ", "), "language": e.Base.Language,
		"comment": e.Base.FirstComment, "version": strconv.Itoa(p.Version)})
	f.Set("channels", e.Channels...)
	var texts []string
	for i, part := range e.Base.Parts {
		texts = append(texts, part.Text)
		var ids []string
		for _, m := range part.Media {
			ids = append(ids, m.AssetID)
			if m.Alt != nil {
				f.Set(fmt.Sprintf("alt-%d-%s", i, m.AssetID), *m.Alt)
			}
		}
		f.Set(fmt.Sprintf("media-%d", i), ids...)
		if i == 0 && part.Poll != nil {
			f.Set("poll", strings.Join(part.Poll.Options, "\n"))
			f.Set("poll_hours", strconv.Itoa(int(part.Poll.Duration.Hours())))
			if part.Poll.Multiple {
				f.Set("poll_multiple", "on")
			}
		}
		if i == 0 && part.Card != nil {
			f.Set("card_url", part.Card.URL)
			f.Set("card_title", part.Card.Title)
			f.Set("card_description", part.Card.Description)
		}
	}
	f.Set("part", texts...)
	for channelID, v := range e.Variants {
		for key, value := range v.Settings {
			f.Set("setting-"+channelID+"-"+key, value)
		}
		if v.Content != nil {
			var own []string
			for _, part := range v.Content.Parts {
				own = append(own, part.Text)
			}
			f.Set("differs-"+channelID, "on")
			f.Set("variant-"+channelID, strings.Join(own, partMark))
		}
	}
	return f
}

// partMark divides the parts of a variant in its one text field.
const partMark = "\n---\n"

// partsOf reads the parts of the base.
func partsOf(f *page.Form) []partForm {
	var parts []partForm
	for i, words := range f.All("part") {
		part := partForm{Text: strings.ReplaceAll(words, "\r\n", "\n")}
		for _, assetID := range f.All(fmt.Sprintf("media-%d", i)) {
			if assetID == "" || f.On(fmt.Sprintf("drop-%d-%s", i, assetID)) {
				continue
			}
			use := post.MediaUse{AssetID: assetID}
			if alt := f.Value(fmt.Sprintf("alt-%d-%s", i, assetID)); alt != "" {
				use.Alt = &alt
			}
			part.Media = append(part.Media, use)
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		parts = []partForm{{}}
	}
	return parts
}

// editOf reads the whole form as the edit it stands for.
func editOf(f *page.Form) post.Edit {
	e := post.Edit{BrandID: f.Value("brand"), CampaignID: f.Value("campaign"), Title: f.Value("title"), Channels: f.All("channels"), Variants: map[string]post.VariantEdit{},
		Base: post.Content{FirstComment: strings.ReplaceAll(f.Value("comment"), "\r\n", "\n"), Language: f.Value("language")}}
	for _, tag := range strings.Split(f.Value("tags"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			e.Tags = append(e.Tags, tag)
		}
	}
	for i, part := range partsOf(f) {
		p := post.Part{Text: part.Text, Media: part.Media}
		if i == 0 {
			p.Poll, p.Card = pollOf(f), cardOf(f)
		}
		e.Base.Parts = append(e.Base.Parts, p)
	}
	for _, channelID := range e.Channels {
		v := post.VariantEdit{Settings: map[string]string{}}
		for name, value := range f.Prefixed("setting-" + channelID + "-") {
			if value != "" {
				v.Settings[name] = value
			}
		}
		if f.On("differs-" + channelID) {
			v.Content = variant(e.Base, f.Raw("variant-"+channelID))
		}
		if v.Content != nil || len(v.Settings) > 0 {
			e.Variants[channelID] = v
		}
	}
	return e
}

// variant is the base with other words; media and poll stay.
func variant(base post.Content, words string) *post.Content {
	out := base
	out.Parts = nil
	for i, t := range strings.Split(strings.ReplaceAll(words, "\r\n", "\n"), partMark) {
		part := post.Part{Text: t}
		if i < len(base.Parts) {
			part = base.Parts[i]
			part.Text = t
		}
		out.Parts = append(out.Parts, part)
	}
	return &out
}

func pollOf(f *page.Form) *network.Poll {
	var options []string
	for _, line := range strings.Split(f.Raw("poll"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			options = append(options, line)
		}
	}
	if len(options) == 0 {
		return nil
	}
	hours, err := strconv.Atoi(f.Value("poll_hours"))
	if err != nil || hours < 1 {
		hours = 24
	}
	return &network.Poll{Options: options, Duration: time.Duration(hours) * time.Hour, Multiple: f.On("poll_multiple")}
}

func cardOf(f *page.Form) *network.Card {
	if f.Value("card_url") == "" {
		return nil
	}
	return &network.Card{URL: f.Value("card_url"), Title: f.Value("card_title"), Description: f.Value("card_description")}
}

func removePart(f *page.Form, n string) {
	at, err := strconv.Atoi(n)
	parts := f.All("part")
	if err != nil || at < 0 || at >= len(parts) || len(parts) == 1 {
		return
	}
	for i := at; i < len(parts)-1; i++ {
		f.Set(fmt.Sprintf("media-%d", i), f.All(fmt.Sprintf("media-%d", i+1))...)
	}
	f.Set(fmt.Sprintf("media-%d", len(parts)-1))
	f.Set("part", append(parts[:at:at], parts[at+1:]...)...)
}

// splitParts turns a long first part into a thread, cut between sentences.
func splitParts(f *page.Form) {
	parts := f.All("part")
	if len(parts) == 0 {
		return
	}
	cut := text.Split(parts[0], text.Graphemes, 290, false)
	f.Set("part", append(cut, parts[1:]...)...)
}
