package reddit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// community is what a community allows and asks for, as the account keeps it.
type community struct {
	Only string        `json:"only,omitempty"` // "self" or "link" where it takes nothing else
	No   []string      `json:"no,omitempty"`   // kinds of posts it does not take
	Asks *requirements `json:"asks,omitempty"` // nil where its rules were not read
}

// requirements are the rules that its moderators made for posts. Reddit answers null for what is not asked for.
type requirements struct {
	TitleMin   int      `json:"title_text_min_length,omitempty"`
	TitleMax   int      `json:"title_text_max_length,omitempty"`
	TitleNeeds []string `json:"title_required_strings,omitempty"`
	TitleBans  []string `json:"title_blacklisted_strings,omitempty"`
	Body       string   `json:"body_restriction_policy,omitempty"` // required, notAllowed or none
	BodyMin    int      `json:"body_text_min_length,omitempty"`
	BodyMax    int      `json:"body_text_max_length,omitempty"`
	BodyNeeds  []string `json:"body_required_strings,omitempty"`
	BodyBans   []string `json:"body_blacklisted_strings,omitempty"`
	Domains    []string `json:"domain_whitelist,omitempty"`
	DomainBans []string `json:"domain_blacklist,omitempty"`
	Flair      bool     `json:"is_flair_required,omitempty"`
	GalleryMin int      `json:"gallery_min_items,omitempty"`
	GalleryMax int      `json:"gallery_max_items,omitempty"`
	Captions   string   `json:"gallery_captions_requirement,omitempty"` // required, notAllowed or none
}

// rulesOf returns what the account knows about a community.
func rulesOf(a network.Account, name string) (community, bool) {
	var all map[string]community
	_ = json.Unmarshal([]byte(a.Extra["communities"]), &all) // written by us; nothing is no rules
	c, ok := all[strings.ToLower(name)]
	return c, ok
}

// requirements reads the rules of one community; one that does not tell has none.
func (a api) requirements(ctx context.Context, name string) (*requirements, *safehttp.Response, error) {
	var r requirements
	resp, err := a.get(ctx, "/api/v1/"+escape(name)+"/post_requirements", nil, &r)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Rejected) {
		return nil, resp, nil
	}
	return &r, resp, err
}

// flairs reads the flairs that people may give their posts in a community; most have none.
func (a api) flairs(ctx context.Context, name string) (options []network.Option, err error) {
	var list []struct {
		ID   string `json:"id"`
		Text string `json:"text"`
		Mods bool   `json:"mod_only"`
	}
	_, err = a.get(ctx, "/r/"+escape(name)+"/api/link_flair_v2", nil, &list)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Rejected) {
		return nil, nil
	}
	for _, f := range list {
		if f.ID != "" && !f.Mods {
			options = append(options, network.Option{Value: name + "/" + f.ID, Label: cmp.Or(f.Text, "without text"), Of: name})
		}
	}
	return options, err
}

// complaint is one rule that a post breaks.
type complaint struct{ code, field, message, fix string }

// check compares a post with the rules.
func (c community) check(p payload) (list []complaint) {
	where := "r/" + p.Community
	add := func(code, field, message, fix string) { list = append(list, complaint{code, field, message, fix}) }
	if c.Only == "self" && p.Kind != self && p.Kind != poll || c.Only == "link" && p.Kind == self || slices.Contains(c.No, p.Kind) {
		add("kind_not_allowed", "settings.kind", fmt.Sprintf("%s takes no posts of the kind %q.", where, p.Kind), "Choose another kind or another community.")
	}
	r := c.Asks
	if r == nil {
		return list
	}
	title, body := utf8.RuneCountInString(p.Title), utf8.RuneCountInString(p.Text)
	if r.TitleMin > 0 && title < r.TitleMin {
		add("title_too_short", "settings.title", fmt.Sprintf("The title has %d characters; %s asks for at least %d.", title, where, r.TitleMin), fmt.Sprintf("Write %d more.", r.TitleMin-title))
	}
	if r.TitleMax > 0 && title > r.TitleMax {
		add("title_too_long", "settings.title", fmt.Sprintf("The title has %d characters; %s allows %d.", title, where, r.TitleMax), fmt.Sprintf("Shorten it by %d.", title-r.TitleMax))
	}
	words := func(text, field string, needs, bans []string) {
		if len(needs) > 0 && holds(text, needs) == "" {
			add("words_missing", field, fmt.Sprintf("%s asks for one of: %s.", where, strings.Join(needs, ", ")), "Write one of them.")
		}
		if bad := holds(text, bans); bad != "" {
			add("words_banned", field, fmt.Sprintf("%s does not allow %q.", where, bad), "Leave it out.")
		}
	}
	words(p.Title, "settings.title", r.TitleNeeds, r.TitleBans)
	if r.Flair && p.Flair == "" {
		add("flair_required", "settings.flair", where+" asks for a flair.", "Choose one.")
	}
	switch p.Kind {
	case self:
		switch {
		case r.Body == "required" && body == 0:
			add("text_required", "text", where+" asks for a text below the title.", "Write one.")
		case r.Body == "notAllowed" && body > 0:
			add("text_not_allowed", "text", where+" allows no text below the title.", "Leave it out.")
		case r.BodyMin > 0 && body < r.BodyMin:
			add("text_too_short", "text", fmt.Sprintf("The text has %d characters; %s asks for at least %d.", body, where, r.BodyMin), fmt.Sprintf("Write %d more.", r.BodyMin-body))
		case r.BodyMax > 0 && body > r.BodyMax:
			add("text_too_long", "text", fmt.Sprintf("The text has %d characters; %s allows %d.", body, where, r.BodyMax), fmt.Sprintf("Shorten it by %d.", body-r.BodyMax))
		}
		words(p.Text, "text", r.BodyNeeds, r.BodyBans)
	case link:
		host := hostOf(p.URL)
		if len(r.Domains) > 0 && !of(host, r.Domains) {
			add("domain_not_allowed", "settings.url", fmt.Sprintf("%s allows links to these websites only: %s.", where, strings.Join(r.Domains, ", ")), "Link to one of them.")
		}
		if of(host, r.DomainBans) {
			add("domain_banned", "settings.url", fmt.Sprintf("%s allows no links to %s.", where, host), "Link to another website.")
		}
	case gallery:
		n := len(p.Files)
		if r.GalleryMin > 0 && n < r.GalleryMin || r.GalleryMax > 0 && n > r.GalleryMax {
			add("gallery_size", "media", fmt.Sprintf("The gallery has %d pictures; %s asks for %d to %d.", n, where, max(r.GalleryMin, galleryMin), cmp.Or(r.GalleryMax, galleryMax)), "Change the number of pictures.")
		}
		if r.Captions == "required" && slices.ContainsFunc(p.Files, func(f file) bool { return f.Caption == "" }) {
			add("captions_required", "media", where+" asks for a caption of every picture.", "Describe every picture: descriptions are the captions.")
		}
	}
	return list
}

// holds returns the first of the words that a text has, "" where it has none. Reddit looks at no case.
func holds(text string, words []string) string {
	text = strings.ToLower(text)
	for _, w := range words {
		if w != "" && strings.Contains(text, strings.ToLower(w)) {
			return w
		}
	}
	return ""
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// of reports whether a host is one of the domains or below one.
func of(host string, domains []string) bool {
	return slices.ContainsFunc(domains, func(d string) bool {
		d = strings.ToLower(strings.TrimPrefix(d, "www."))
		return host == d || strings.HasSuffix(host, "."+d)
	})
}
