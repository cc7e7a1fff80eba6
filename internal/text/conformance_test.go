package text

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// xCase is one case of twitter-text's conformance suite; each section expects something of its own shape.
type xCase struct {
	Description string    `yaml:"description"`
	Text        string    `yaml:"text"`
	Expected    yaml.Node `yaml:"expected"`
}

// xCases reads one section of a file of the suite.
func xCases(t *testing.T, file, section string) []xCase {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "data", "text", "twitter-text", file+".yml"))
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Tests map[string][]xCase `yaml:"tests"`
	}
	if err := yaml.Unmarshal(raw, &suite); err != nil {
		t.Fatal(err)
	}
	if len(suite.Tests[section]) == 0 {
		t.Fatalf("%s has no section %s", file, section)
	}
	return suite.Tests[section]
}

func values(entities []Entity) []string {
	list := []string{}
	for _, e := range entities {
		list = append(list, e.Value)
	}
	return list
}

func texts(entities []Entity) []string {
	list := []string{}
	for _, e := range entities {
		list = append(list, e.Text)
	}
	return list
}

func TestXExtraction(t *testing.T) {
	for section, find := range map[string]func(string) []string{
		"mentions":             func(s string) []string { return values(XMentions(s)) },
		"urls":                 func(s string) []string { return texts(Links(s)) },
		"tco_urls_with_params": func(s string) []string { return texts(Links(s)) },
		"hashtags":             func(s string) []string { return values(Hashtags(s)) },
		"hashtags_from_astral": func(s string) []string { return values(Hashtags(s)) },
		"cashtags":             func(s string) []string { return values(Cashtags(s)) },
	} {
		cases := xCases(t, "extract", section)
		for _, c := range cases {
			want := []string{}
			if err := c.Expected.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if got := find(c.Text); !slices.Equal(got, want) {
				t.Errorf("%s: %s: %q\n got %q\nwant %q", section, c.Description, c.Text, got, want)
			}
		}
		t.Logf("%s: %d cases", section, len(cases))
	}
}

func TestXIndices(t *testing.T) {
	type place struct {
		URL     string  `yaml:"url"`
		Name    string  `yaml:"screen_name"`
		List    *string `yaml:"list_slug"`
		Hashtag string  `yaml:"hashtag"`
		Cashtag string  `yaml:"cashtag"`
		Indices [2]int  `yaml:"indices"` // in code points
	}
	for section, find := range map[string]func(string) []Entity{
		"mentions_with_indices":          XMentions,
		"mentions_or_lists_with_indices": xMentionsAndLists,
		"urls_with_indices":              Links,
		"urls_with_directional_markers":  Links,
		"hashtags_with_indices":          Hashtags,
		"cashtags_with_indices":          Cashtags,
	} {
		cases := xCases(t, "extract", section)
		for _, c := range cases {
			var want []place
			if err := c.Expected.Decode(&want); err != nil {
				t.Fatal(err)
			}
			got := find(c.Text)
			if len(got) != len(want) {
				t.Errorf("%s: %s: got %v, want %v", section, c.Description, got, want)
				continue
			}
			for i, w := range want {
				value := w.URL + w.Name + w.Hashtag + w.Cashtag
				if w.List != nil {
					value += *w.List
				}
				start, end := len([]rune(c.Text[:got[i].Start])), len([]rune(c.Text[:got[i].End]))
				if found := got[i].Value; strings.TrimPrefix(found, "https://") != strings.TrimPrefix(value, "https://") || start != w.Indices[0] || end != w.Indices[1] {
					t.Errorf("%s: %s: %q at %d–%d, want %q at %v", section, c.Description, found, start, end, value, w.Indices)
				}
			}
		}
		t.Logf("%s: %d cases", section, len(cases))
	}
}

func TestXReplies(t *testing.T) {
	cases := xCases(t, "extract", "replies")
	for _, c := range cases {
		e, _ := LeadingMention(c.Text)
		if want := c.Expected.Value; e.Value != want {
			t.Errorf("%s: %q, want %q", c.Description, e.Value, want)
		}
	}
	t.Logf("%d cases", len(cases))
}

func TestXTopLevelDomains(t *testing.T) {
	n := 0
	for _, section := range []string{"country", "generic"} {
		for _, c := range xCases(t, "tlds", section) {
			n++
			var want []string
			if err := c.Expected.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if got := texts(Links(c.Text)); !slices.Equal(got, want) {
				t.Errorf("%s: got %q", c.Description, got)
			}
		}
	}
	t.Logf("%d cases", n)
}

func xConfig(t *testing.T, name string) weights {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "data", "text", "twitter-text", name))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Max    int  `json:"maxWeightedTweetLength"`
		Scale  int  `json:"scale"`
		Normal int  `json:"defaultWeight"`
		Emoji  bool `json:"emojiParsingEnabled"`
		Link   int  `json:"transformedURLLength"`
		Ranges []struct {
			Start  rune `json:"start"`
			End    rune `json:"end"`
			Weight int  `json:"weight"`
		} `json:"ranges"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	w := weights{max: c.Max, scale: c.Scale, normal: c.Normal, link: c.Link, emoji: c.Emoji}
	for _, r := range c.Ranges {
		w.ranges = append(w.ranges, weightRange{r.Start, r.End, r.Weight})
	}
	return w
}

func TestXWeights(t *testing.T) {
	if published := xConfig(t, "config_v3.json"); fmt.Sprint(published) != fmt.Sprint(xWeights) {
		t.Errorf("we count with %v, X publishes %v", xWeights, published)
	}
	for section, config := range map[string]string{
		"tweets":                    "config_v1.json",
		"WeightedTweetsCounterTest": "config_v2.json",
		"WeightedTweetsWithDiscountedEmojiCounterTest": "config_v3.json",
		"UnicodeDirectionalMarkerCounterTest":          "config_v3.json",
	} {
		w := xConfig(t, config)
		cases := xCases(t, "validate", section)
		for _, c := range cases {
			got := w.measure(c.Text)
			if section == "tweets" {
				if want := c.Expected.Value == "true"; got.Valid != want {
					t.Errorf("%s: valid %v", c.Description, got.Valid)
				}
				continue
			}
			var want struct {
				Weighted   int  `yaml:"weightedLength"`
				Valid      bool `yaml:"valid"`
				Permillage int  `yaml:"permillage"`
				ValidEnd   int  `yaml:"validRangeEnd"`   // last UTF-16 unit that fits
				DisplayEnd int  `yaml:"displayRangeEnd"` // last UTF-16 unit
			}
			if err := c.Expected.Decode(&want); err != nil {
				t.Fatal(err)
			}
			end := UTF16Units(c.Text[:got.ValidEnd]) - 1
			if got.Weighted != want.Weighted || got.Valid != want.Valid || got.Permillage != want.Permillage || end != want.ValidEnd || UTF16Units(c.Text)-1 != want.DisplayEnd {
				t.Errorf("%s: %s: %+v (ends at unit %d), want %+v", section, c.Description, got, end, want)
			}
		}
		t.Logf("%s: %d cases", section, len(cases))
	}
}

// A text is a valid account, list or tag where the whole of it is one.
func TestXValidation(t *testing.T) {
	whole := func(found []Entity, s string) bool { return len(found) == 1 && found[0].Text == s }
	for section, valid := range map[string]func(string) bool{
		"usernames":             func(s string) bool { return whole(XMentions(s), s) },
		"lists":                 func(s string) bool { return whole(only(xMentionsAndLists(s), List), s) },
		"hashtags":              func(s string) bool { return whole(Hashtags(s), s) },
		"urls":                  func(s string) bool { return ValidLink(s) },
		"urls_without_protocol": func(s string) bool { return ValidLink("https://"+s) && whole(Links(s), s) },
	} {
		cases := xCases(t, "validate", section)
		for _, c := range cases {
			if want := c.Expected.Value == "true"; valid(c.Text) != want {
				t.Errorf("%s: %s: %q is %v", section, c.Description, c.Text, !want)
			}
		}
		t.Logf("%s: %d cases", section, len(cases))
	}
}

// anchors renders a text as twitter-text's own renderer does, to compare its cases character by character.
func anchors(s string, entities []Entity) string {
	var b strings.Builder
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
	for _, e := range Segments(s, entities) {
		tag := func(sign string) {
			class := strings.ToLower(string(e.Kind))
			if strings.ContainsFunc(e.Value, func(r rune) bool { return 0x600 <= r && r <= 0x6FF }) {
				class += " rtl"
			}
			fmt.Fprintf(&b, `<a href="https://twitter.com/search?q=%s%s" title="%s%s" class="tweet-url %s">%s</a>`,
				map[string]string{"#": "%23", "$": "%24"}[sign], e.Value, sign, e.Value, class, e.Text)
		}
		switch e.Kind {
		case Mention, List:
			class := map[Kind]string{Mention: "username", List: "list-slug"}[e.Kind]
			fmt.Fprintf(&b, `%s<a class="tweet-url %s" href="https://twitter.com/%s">%s</a>`, strings.TrimSuffix(e.Text, e.Value), class, e.Value, e.Value)
		case Link:
			fmt.Fprintf(&b, `<a href="%s">%s</a>`, escape(e.Text), escape(e.Text))
		case Hashtag:
			tag("#")
		case Cashtag:
			tag("$")
		default:
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

func TestXAutolink(t *testing.T) {
	withScheme := func(s string) []Entity { return links(s, xLink, false) }
	all := func(s string) []Entity {
		return slices.DeleteFunc(XEntities(s), func(e Entity) bool { return e.Kind == Link && scheme(e.Text) == 0 })
	}
	for section, find := range map[string]func(string) []Entity{
		"usernames": xMentionsAndLists, "lists": xMentionsAndLists, "hashtags": Hashtags, "urls": withScheme, "cashtags": Cashtags, "all": all,
	} {
		cases := xCases(t, "autolink", section)
		for _, c := range cases {
			if got := anchors(c.Text, find(c.Text)); got != c.Expected.Value {
				t.Errorf("%s: %s\n got %s\nwant %s", section, c.Description, got, c.Expected.Value)
			}
		}
		t.Logf("%s: %d cases", section, len(cases))
	}
}

func TestBlueskyFacets(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "data", "text", "bluesky_facets.json"))
	if err != nil {
		t.Fatal(err)
	}
	type tagCase struct {
		Text  string   `json:"text"`
		Tags  []string `json:"tags"`
		Bytes [][2]int `json:"bytes"`
	}
	var suite struct {
		Rich []struct {
			Text     string `json:"text"`
			Segments []struct {
				Text   string `json:"text"`
				Target string `json:"target"`
			} `json:"segments"`
		} `json:"links_and_mentions"`
		Tags     []tagCase `json:"tags"`
		Cashtags []tagCase `json:"cashtags"`
	}
	if err := json.Unmarshal(raw, &suite); err != nil {
		t.Fatal(err)
	}
	for _, c := range suite.Rich {
		var got, want []string
		for _, e := range Segments(c.Text, BlueskyFacets(c.Text)) {
			target := e.Value
			if e.Kind == Mention {
				target = "did:fake:" + e.Value
			}
			if e.Text != "" {
				got = append(got, e.Text+" → "+target)
			}
		}
		for _, s := range c.Segments {
			if s.Text != "" {
				want = append(want, s.Text+" → "+s.Target)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", c.Text, got, want)
		}
	}
	for kind, cases := range map[Kind][]tagCase{Hashtag: suite.Tags, Cashtag: suite.Cashtags} {
		for _, c := range cases {
			got := only(BlueskyFacets(c.Text), kind)
			places := [][2]int{}
			for _, e := range got {
				places = append(places, [2]int{e.Start, e.End})
			}
			if !slices.Equal(values(got), c.Tags) || !slices.Equal(places, c.Bytes) {
				t.Errorf("%s: %q: got %q %v, want %q %v", kind, c.Text, values(got), places, c.Tags, c.Bytes)
			}
		}
	}
	t.Logf("%d texts with links and mentions, %d with tags, %d with cashtags", len(suite.Rich), len(suite.Tags), len(suite.Cashtags))
}
