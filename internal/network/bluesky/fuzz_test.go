package bluesky_test

import (
	"fmt"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/blueskyfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// FuzzWhatIsPlannedIsTaken: whatever people type, it is refused before anything is sent, or the server takes it, with
// facets that begin and end between characters.
func FuzzWhatIsPlannedIsTaken(f *testing.F) {
	for _, s := range []string{"Hello", "", "@bob.test #tag https://example.com/ä?b=%20#c $ABC", "\xff\xfe @bob.test #x", "#ａｂ　＃full https://例え.jp/パス", "👩‍👩‍👧‍👦 @bob.test\u200b#zero", "(https://a.example/b_(c))", "\x00", "https://" + fmt.Sprintf("%0400d", 1) + ".com"} {
		f.Add(s, "en", "one,two", "https://bsky.app/profile/bob.test/post/3abc")
		f.Add(s, s, s, s)
	}
	fake, err := blueskyfake.Start(blueskyfake.Options{TokenLife: 10_000 * time.Hour})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(fake.Close)
	described, err := lexicon(sharedtest.Dir(f))
	if err != nil {
		f.Fatal(err)
	}
	fake.Describe(described)
	n := bluesky.New()
	s := network.Session{HTTP: networktest.Client(f, nil)}
	grant, accounts, err := n.SignIn(f.Context(), s.HTTP, credentials(fake))
	if err != nil {
		f.Fatal(err)
	}
	s.Grant, s.Account = grant, accounts[0]
	count := 0
	f.Fuzz(func(t *testing.T, words, languages, tags, quote string) {
		count++
		d := network.Draft{Key: fmt.Sprint("dlv_", count), At: time.Unix(int64(count), 0), Settings: map[string]string{"languages": languages, "tags": tags, "quote": quote},
			Parts: []network.Part{{Text: words, Mentions: map[string]string{"@bob.test": fake.DID("bob.test")}}}}
		steps, problems := n.Plan(d, s.Account)
		if (len(steps) == 0) != hasError(problems) {
			t.Fatalf("%d steps with %+v", len(steps), problems)
		}
		done := network.Outcomes{}
		for _, step := range steps {
			o, err := n.Do(t.Context(), s, step, done)
			if step.Name == "quote" && err != nil {
				return // there is no such post
			}
			if err != nil {
				t.Fatalf("planned and not taken: %v", fault.As(err))
			}
			done[step.Name] = o
			if step.Name != "post" {
				continue
			}
			record := recordOf(t, fake, o)
			text, _ := record["text"].(string)
			facets, _ := record["facets"].([]any)
			last := 0.0
			for _, facet := range facets {
				index := facet.(map[string]any)["index"].(map[string]any)
				start, end := index["byteStart"].(float64), index["byteEnd"].(float64)
				if start < last || end <= start || int(end) > len(text) || !utf8.ValidString(text[int(start):int(end)]) {
					t.Fatalf("a facet from %v to %v in %q", start, end, text)
				}
				last = end
			}
		}
		for _, v := range fake.Violations() {
			t.Fatalf("the lexicons do not allow: %s", v)
		}
	})
}

func hasError(problems []network.Problem) bool {
	for _, p := range problems {
		if p.Level == network.Error {
			return true
		}
	}
	return false
}
