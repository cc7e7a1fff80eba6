package nostr

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// Count counts what one part's event says: its text with mentions and the addresses of its files written out.
func (Nostr) Count(d network.Draft, part int, a network.Account) network.Count {
	if kind(d) == video && part == 0 && len(partOf(d, 0).Media) == 0 {
		d.Settings = nil // not yet what it is going to be
	}
	return network.Count{Used: utf8.RuneCountInString(compose(d, part, a).Content), Limit: limits(a).Characters, Unit: "characters"}
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
	a    network.Account
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a}
	if len(d.Parts) == 0 {
		c.add(network.Error, "empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
		return c.list
	}
	c.settings()
	c.kind()
	for i := range d.Parts {
		c.part(i)
	}
	if d.FirstComment != nil {
		c.part(len(d.Parts))
	}
	if !broken(c.list) {
		c.size()
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
		if s.Kind == network.Choice && v != "" && !slices.ContainsFunc(s.Options, func(o network.Option) bool { return o.Value == v }) {
			c.add(network.Error, "setting_unknown", "settings."+s.Key, 0, fmt.Sprintf("%q is not one of the choices of “%s”.", v, s.Label), "Choose one of the list.")
		}
		if n := utf8.RuneCountInString(v); s.Max > 0 && n > s.Max {
			c.add(network.Error, "setting_too_long", "settings."+s.Key, 0, fmt.Sprintf("“%s” has %d characters, the limit is %d.", s.Label, n, s.Max), fmt.Sprintf("Shorten it by %d.", n-s.Max))
		}
	}
	mine := writes(c.a)
	for _, u := range chosen(c.d, c.a) {
		if !slices.Contains(mine, u) {
			c.add(network.Error, "setting_unknown", "settings.relays", 0, fmt.Sprintf("%q is not one of the account's relays.", u), "Choose one of the list, or reconnect the channel with other relays.")
		}
	}
	if len(mine) == 0 {
		c.add(network.Error, "no_relays", "settings.relays", 0, "The account has no relays to publish at.", "Reconnect the channel and name some.")
	}
	if v := c.d.Settings["expires_days"]; v != "" {
		if n, err := strconv.Atoi(v); err != nil || n < 0 || n > 3650 {
			c.add(network.Error, "expiry_unreadable", "settings.expires_days", 0, fmt.Sprintf("%q is not a number of days from 0 to 3,650.", v), "Type a number, or leave it empty.")
		}
	}
}

// kind checks what each kind of post must and must not have.
func (c *checker) kind() {
	p, how := c.d.Parts[0], kind(c.d)
	if slices.Contains([]string{article, picture, video}, how) && strings.TrimSpace(c.d.Settings["title"]) == "" {
		c.add(network.Error, "title_missing", "settings.title", 0, "Articles, picture and video posts need a title.", "Give it one.")
	}
	for k, want := range map[string]network.MediaKind{picture: network.Image, video: network.Video} {
		other := slices.ContainsFunc(p.Media, func(m network.Media) bool { return m.Kind != want && (k != picture || m.Kind != network.GIF) })
		if how == k && (len(p.Media) == 0 || other) {
			c.add(network.Error, "media_required", "media", 0, "A "+k+" post needs at least one "+string(want)+", and nothing else.", "Add one, or choose the kind Note.")
		}
	}
	r, err := wire.ReadReference(c.d.Settings["target"])
	switch found := err == nil && r.Target() != ""; {
	case how == repost && !found:
		c.add(network.Error, "target_unreadable", "settings.target", 0, "A repost needs the address of what is reposted.", "Paste its nevent, naddr or note address.")
	case how == repost && (strings.TrimSpace(p.Text) != "" || len(p.Media) > 0):
		c.add(network.Error, "repost_with_text", "text", 0, "A repost says nothing of its own.", "Remove the text, or write a note and paste the address into it: that quotes it.")
	case how == comment && !found && !strings.HasPrefix(c.d.Settings["target"], "https://") && !strings.HasPrefix(c.d.Settings["target"], "http://"):
		c.add(network.Error, "target_unreadable", "settings.target", 0, "A comment needs the address of what it stands below.", "Paste a nevent, naddr or note address, or that of a web page.")
	case how != repost && how != comment && c.d.Settings["target"] != "":
		c.add(network.Warning, "target_unused", "settings.target", 0, "Only reposts and comments have a target; it is not used.", "Choose that kind, or empty it.")
	}
	if how == repost && (len(c.d.Parts) > 1 || c.d.FirstComment != nil) {
		c.add(network.Error, "repost_with_thread", "text", 1, "Nothing can stand below a repost.", "Remove the other parts.")
	}
}

func (c *checker) part(i int) {
	p, l := partOf(c.d, i), limits(c.a)
	repeats := kind(c.d) == repost && i == 0
	if strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && !repeats {
		c.add(network.Error, "empty", "text", i, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if p.Poll != nil {
		c.add(network.Error, "poll_unsupported", "poll", i, "Polls are not offered on Nostr: few apps show them.", "Remove the poll.")
	}
	if p.Card != nil {
		c.add(network.Hint, "card_by_reader", "card", i, "Each app draws link previews by itself; yours is not sent.", "")
	}
	if n := len(p.Media); n > l.Media {
		c.add(network.Error, "media_too_many", "media", i, fmt.Sprintf("The post has %d files, the limit is %d.", n, l.Media), fmt.Sprintf("Remove %d.", n-l.Media))
	}
	if len(p.Media) > 0 && c.a.Extra["media"] == "" {
		c.add(network.Error, "media_server_missing", "media", i, "The account has no media server.", "Reconnect the channel and name one.")
	}
	for n, m := range p.Media {
		if !slices.Contains(slices.Concat(imageMIME, videoMIME, audioMIME), m.MIME) {
			c.add(network.Error, "media_type", "media", i, fmt.Sprintf("File %d is %s, which apps do not show.", n+1, cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
		}
		if strings.TrimSpace(m.Alt) == "" {
			c.add(network.Hint, "alt_missing", "media", i, fmt.Sprintf("File %d has no description for people who cannot see it.", n+1), "Describe it in a sentence.")
		}
	}
	if broken(c.list) {
		return
	}
	if count := (Nostr{}).Count(c.d, i, c.a); count.Used > count.Limit {
		c.add(network.Error, "text_too_long", "text", i, fmt.Sprintf("The text has %d characters with the addresses of its files, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
	}
}

// size checks the whole message, as it is sent, against the relays' limits.
func (c *checker) size() {
	for i, e := range events(c.d, c.a) {
		raw, _ := json.Marshal([]any{"EVENT", e}) // plain data: cannot fail
		n := len(raw) + len(`,"sig":""`) + 128
		for _, k := range relaysOf(c.a) {
			if limit := cmp.Or(k.Bytes, messageBytes); slices.Contains(chosen(c.d, c.a), k.URL) && n > limit {
				c.add(network.Error, "message_too_large", "text", i, fmt.Sprintf("The whole event has %d bytes, the limit of %s is %d.", n, k.URL, limit), "Shorten the text, or leave this relay out.")
				return
			}
		}
	}
}
