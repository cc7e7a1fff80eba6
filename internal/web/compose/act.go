package compose

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// act is a button that changes the form: a verb, the place it works at and what more it needs, "down:base:p1".
type act struct {
	verb, place string
	part        int
	rest        string
}

func actOf(do string) act {
	words := strings.SplitN(do, ":", 4)
	a := act{verb: words[0]}
	if len(words) > 1 {
		a.place = words[1]
	}
	if len(words) > 2 {
		a.part, _ = strconv.Atoi(strings.TrimPrefix(words[2], "p"))
	}
	if len(words) > 3 {
		a.rest = words[3]
	}
	return a
}

// content is the content of a place, for changing it; nil where a channel follows the base.
func (s *sheet) content(place string) *post.Content {
	if place == base {
		return &s.Edit.Base
	}
	return s.Edit.Variants[place].Content
}

// apply carries out the acts that need nothing but the form; false for another.
func (s *sheet) apply(a act) bool {
	switch a.verb {
	case "tab":
		s.Tab = a.place
		if a.place == base {
			s.Tab = ""
		}
		return true
	case "own":
		own := clone(s.Edit.Base)
		v := s.Edit.Variants[a.place]
		v.Content = &own
		s.Edit.Variants[a.place], s.Tab = v, a.place
		return true
	case "follow":
		v := s.Edit.Variants[a.place]
		v.Content = nil
		s.Edit.Variants[a.place] = v
		return true
	case "library":
		s.Picker = a.place + ":p" + strconv.Itoa(a.part)
		return true
	case "close", "choose", "refresh":
		return true
	}
	c := s.content(a.place)
	if c == nil || a.part < 0 || a.part >= len(c.Parts) {
		return false
	}
	return applyTo(c, a)
}

func applyTo(c *post.Content, a act) bool {
	p := &c.Parts[a.part]
	switch a.verb {
	case "add":
		c.Parts = slices.Insert(c.Parts, a.part+1, post.Part{})
	case "remove":
		c.Parts = slices.Delete(c.Parts, a.part, a.part+1)
		if len(c.Parts) == 0 {
			c.Parts = []post.Part{{}}
		}
	case "up", "down":
		to := a.part + map[string]int{"up": -1, "down": 1}[a.verb]
		if to >= 0 && to < len(c.Parts) {
			c.Parts[a.part], c.Parts[to] = c.Parts[to], c.Parts[a.part]
		}
	case "poll":
		p.Poll = &network.Poll{Options: []string{}, Duration: 24 * time.Hour}
	case "unpoll":
		p.Poll = nil
	case "uncard":
		p.Card = nil
	case "unthumb":
		if p.Card != nil {
			p.Card.Thumb = nil
		}
	case "pick":
		if !slices.ContainsFunc(p.Media, func(u post.MediaUse) bool { return u.AssetID == a.rest }) {
			p.Media = append(p.Media, post.MediaUse{AssetID: a.rest})
		}
	case "drop":
		p.Media = slices.DeleteFunc(p.Media, func(u post.MediaUse) bool { return u.AssetID == a.rest })
	case "earlier":
		if i := slices.IndexFunc(p.Media, func(u post.MediaUse) bool { return u.AssetID == a.rest }); i > 0 {
			p.Media[i-1], p.Media[i] = p.Media[i], p.Media[i-1]
		}
	default:
		return false
	}
	return true
}

// clone copies a content so deeply that writing on one leaves the other alone.
func clone(c post.Content) post.Content {
	parts := make([]post.Part, len(c.Parts))
	for i, p := range c.Parts {
		parts[i] = p
		parts[i].Media = slices.Clone(p.Media)
		if p.Poll != nil {
			poll := *p.Poll
			poll.Options = slices.Clone(poll.Options)
			parts[i].Poll = &poll
		}
		if p.Card != nil {
			card := *p.Card
			parts[i].Card = &card
		}
	}
	c.Parts = parts
	return c
}
