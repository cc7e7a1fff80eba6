package x

import (
	"fmt"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// What X charges for a call, in millionths of a US dollar (docs.x.com, pricing, August 2026).
const (
	pricePost        = 15_000
	priceLinkPost    = 200_000 // a post with a link in it
	priceDescription = 5_000   // of one picture
	priceAccount     = 10_000  // looked up
)

// Price says what a draft costs to publish. Reading it back, its numbers and its look-ups come on top.
func (X) Price(d network.Draft, _ network.Account) network.Price {
	posts, links, descriptions := 0, 0, 0
	count := func(p network.Part) {
		if len(text.Links(p.Text)) > 0 {
			links++
		} else {
			posts++
		}
		for _, m := range p.Media {
			if m.Alt != "" && m.Kind != network.Video {
				descriptions++
			}
		}
	}
	for _, p := range d.Parts {
		count(p)
	}
	if d.FirstComment != nil {
		count(*d.FirstComment)
	}
	price, why := network.Price{Currency: "USD"}, []string{}
	for _, c := range []struct {
		n, each   int
		one, many string
	}{{posts, pricePost, "post", "posts"}, {links, priceLinkPost, "post with a link", "posts with a link"},
		{descriptions, priceDescription, "description", "descriptions"}, {len(tagged(d)), priceAccount, "account to look up", "accounts to look up"}} {
		if c.n == 0 {
			continue
		}
		word := c.many
		if c.n == 1 {
			word = c.one
		}
		price.Micros += int64(c.n) * int64(c.each)
		why = append(why, fmt.Sprintf("%d %s at $%.3f", c.n, word, float64(c.each)/1e6))
	}
	price.Why = strings.Join(why, ", ")
	return price
}
