package main

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/text"
)

// textRules times what every keystroke asks of a text of 300 characters, beside one walk over its characters.
func textRules(_ context.Context, b *bench) error {
	const post = "The winter roast is here: dark, slow and a little sweet ☕️. @nordlys.coffee@mastodon.example says hello, 日本語も少し, see https://shop.example/p/12?utm_source=x and #WinterRoast #コーヒー 👩‍🍳👍🏽 "
	s := strings.Repeat(post, 2)
	n := b.n(2000, 20)
	for _, rule := range []struct {
		name string
		do   func() int
	}{
		{"length on X", func() int { return text.Tweet(s).Weighted }},
		{"length on Mastodon", func() int { return text.MastodonLength(s, "", 23) }},
		{"length on Bluesky", func() int { g, _, _ := text.BlueskyLength(s); return g }},
		{"facets on Bluesky", func() int { return len(text.BlueskyFacets(s)) }},
		{"links, mentions and tags", func() int { return len(text.Links(s)) + len(text.Mentions(s)) + len(text.Hashtags(s)) }},
		{"fingerprint", func() int { return len(text.Fingerprint(s)) }},
	} {
		sum := 0
		turn := func(do func() int) func() (float64, error) {
			return func() (float64, error) {
				from := time.Now()
				for range n {
					sum += do()
				}
				return float64(time.Since(from)) / float64(n), nil
			}
		}
		ours, floor, err := b.alternate(turn(rule.do), turn(func() int {
			count := 0
			for _, r := range s {
				count += utf8.RuneLen(r)
			}
			return count
		}))
		if err != nil {
			return err
		}
		b.add(cell{goal: "text", what: rule.name + " of " + "a long post", ours: ms(time.Duration(ours)), floor: ms(time.Duration(floor)), ratio: ours / floor, limit: "≤ 1 ms", pass: ours <= 1e6})
	}
	return nil
}
