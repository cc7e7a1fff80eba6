package bluesky_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/blueskyfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func recordOf(t *testing.T, f *blueskyfake.Fake, o network.Outcome) map[string]any {
	t.Helper()
	r := f.Record("app.bsky.feed.post", o.RemoteID[strings.LastIndex(o.RemoteID, "/")+1:])
	if r == nil {
		t.Fatalf("no record %s", o.RemoteID)
	}
	return r
}

// same compares a record's field with JSON.
func same(t *testing.T, got any, want string) {
	t.Helper()
	var expected any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("differs:\n%s", diff)
	}
}

func TestRecordKeysComeFromTheDeliveryAndTheTime(t *testing.T) {
	n := bluesky.New()
	valid := regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	keys := func(key string, at time.Time) (out []string) {
		steps, _ := n.Plan(network.Draft{Key: key, At: at, Parts: make([]network.Part, 3)}, network.Account{})
		if steps != nil {
			t.Fatal("parts without a text are planned")
		}
		steps, _ = n.Plan(network.Draft{Key: key, At: at, Parts: []network.Part{{Text: "a"}, {Text: "b"}, {Text: "c"}}, FirstComment: &network.Part{Text: "d"}}, network.Account{})
		for _, s := range steps {
			if !valid.MatchString(s.Key) || s.Kind != network.Keyed {
				t.Errorf("step %s is %s with the key %q", s.Name, s.Kind, s.Key)
			}
			out = append(out, s.Key)
		}
		return out
	}
	first := keys("dlv_1", at)
	if !slices.IsSorted(first) || len(slices.Compact(slices.Clone(first))) != 4 {
		t.Errorf("keys of a thread are not in its order: %v", first)
	}
	if !slices.Equal(first, keys("dlv_1", at)) || slices.Equal(first, keys("dlv_2", at)) {
		t.Error("the same delivery has other keys, or another one the same")
	}
	if later := keys("dlv_2", at.Add(time.Second)); later[0] <= first[3] {
		t.Error("keys do not sort by time")
	}
	seen := map[string]bool{}
	for i := range 20_000 {
		k := keys2(n, "dlv_"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+time.Duration(i).String(), at)
		if seen[k] {
			t.Fatalf("two deliveries of one second share the key %s", k)
		}
		seen[k] = true
	}
}

func keys2(n bluesky.Bluesky, key string, at time.Time) string {
	steps, _ := n.Plan(network.Draft{Key: key, At: at, Parts: []network.Part{{Text: "a"}}}, network.Account{})
	return steps[0].Key
}

func TestFacetsAndSettingsReachTheRecord(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	bob := f.DID("bob.test")
	d := w.Draft("Grüße @bob.test und @nobody.test: example.com/spring #Frühling", "Part two #more")
	d.Parts[0].Mentions = map[string]string{"@bob.test": bob}
	d.Settings = map[string]string{"languages": "de, en", "labels": "nudity", "tags": "launch,#sale", "replies": "nobody", "quotes_off": "on"}
	done := published(t, w, d)
	r := recordOf(t, f, done["post"])
	same(t, r["facets"], `[{"index":{"byteStart":8,"byteEnd":17},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"`+bob+`"}]},
		{"index":{"byteStart":36,"byteEnd":54},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.com/spring"}]},
		{"index":{"byteStart":55,"byteEnd":65},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"Frühling"}]}]`)
	same(t, r["langs"], `["de","en"]`)
	same(t, r["tags"], `["launch","sale"]`)
	same(t, r["labels"], `{"$type":"com.atproto.label.defs#selfLabels","values":[{"val":"nudity"}]}`)
	same(t, r["createdAt"], `"2026-03-02T09:00:00.000Z"`)
	second := recordOf(t, f, done["part-2"])
	same(t, second["createdAt"], `"2026-03-02T09:00:00.001Z"`)
	if second["tags"] != nil || second["labels"] == nil {
		t.Errorf("the second part has tags %v and labels %v", second["tags"], second["labels"])
	}
	key := done["post"].RemoteID[strings.LastIndex(done["post"].RemoteID, "/")+1:]
	same(t, f.Record("app.bsky.feed.threadgate", key)["allow"], `[]`)
	same(t, f.Record("app.bsky.feed.postgate", key)["embeddingRules"], `[{"$type":"app.bsky.feed.postgate#disableRule"}]`)
	if f.Records("app.bsky.feed.threadgate") != 1 || f.Records("app.bsky.feed.postgate") != 1 {
		t.Error("the thread has more than one gate")
	}
	if err := bluesky.New().Delete(t.Context(), w.Session, network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data}); err != nil || f.Records("app.bsky.feed.threadgate")+f.Records("app.bsky.feed.postgate") != 0 {
		t.Errorf("deleting left the gates: %v", err)
	}
}

func TestPicturesVideoCardAndQuote(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	quoted := f.Say("bob.test", "Quote me", "")
	d := w.Draft("Pictures", "A card", "A video")
	d.Settings = map[string]string{"quote": "https://bsky.app/profile/bob.test/post/" + quoted[strings.LastIndex(quoted, "/")+1:]}
	d.Parts[0].Media = []network.Media{networktest.Picture("One"), networktest.Picture("Two")}
	thumb := networktest.Picture("")
	d.Parts[1].Card = &network.Card{URL: "https://example.com/", Title: "Example", Description: "Words", Thumb: &thumb}
	video := networktest.Picture("A clip")
	video.Kind, video.MIME = network.Video, "video/mp4"
	d.Parts[2].Media = []network.Media{video}
	done := published(t, w, d)
	embed := func(step string) map[string]any {
		e, _ := recordOf(t, f, done[step])["embed"].(map[string]any)
		return e
	}
	first := embed("post")
	media, _ := first["media"].(map[string]any)
	images, _ := media["images"].([]any)
	image, _ := images[1].(map[string]any)
	if first["$type"] != "app.bsky.embed.recordWithMedia" || len(images) != 2 || image["alt"] != "Two" {
		t.Errorf("pictures with a quote: %v", first)
	}
	same(t, image["aspectRatio"], `{"width":64,"height":48}`)
	if second := embed("part-2"); second["$type"] != "app.bsky.embed.external" {
		t.Errorf("the card: %v", second)
	}
	if third := embed("part-3"); third["$type"] != "app.bsky.embed.video" || third["alt"] != "A clip" {
		t.Errorf("the video: %v", third)
	}
	own, _, err := bluesky.New().Own(t.Context(), w.Session, "", 10)
	if err != nil || len(own) != 3 || own[0].MediaCount != 1 || own[1].MediaCount != 0 || own[2].MediaCount != 2 {
		t.Errorf("listed as %+v, %v", own, err)
	}
}

func TestQuoteThatIsNotPossibleNamesItsSetting(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := bluesky.New()
	quoted := f.Say("bob.test", "Do not quote me", "")
	did, key, _ := strings.Cut(strings.TrimPrefix(quoted, "at://"), "/app.bsky.feed.post/")
	f.Gate(did, key)
	for name, address := range map[string]string{"not allowed": quoted, "gone": "https://bsky.app/profile/" + did + "/post/3zzzzzzzzzzzz", "nobody": "https://bsky.app/profile/gone.test/post/3zzzzzzzzzzzz"} {
		d := w.Draft("Quoting")
		d.Settings = map[string]string{"quote": address}
		steps, problems := n.Plan(d, w.Session.Account)
		if len(steps) != 2 {
			t.Fatalf("%s: planned %+v %+v", name, steps, problems)
		}
		if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "settings.quote" {
			t.Errorf("%s: %v names %q", name, err, fault.As(err).Field)
		}
		if _, err := n.Do(t.Context(), w.Session, steps[1], network.Outcomes{}); !fault.Is(err, fault.Rejected) {
			t.Errorf("%s: published without what it quotes: %v", name, err)
		}
	}
	d := w.Draft("Quoting")
	for _, address := range []string{"https://example.com/", "at://did:plc:x/app.bsky.feed.like/3zzzzzzzzzzzz", "nonsense", "https://bsky.app/profile/bob.test/lists/3zzz"} {
		d.Settings = map[string]string{"quote": address}
		if steps, _ := n.Plan(d, w.Session.Account); steps != nil {
			t.Errorf("%q is planned as a post to quote", address)
		}
	}
}

func TestProblemsAreNamed(t *testing.T) {
	w, _ := world(t, blueskyfake.Options{})
	for code, change := range map[string]func(*network.Draft){
		"empty":               func(d *network.Draft) { d.Parts[0].Text = " " },
		"poll_unsupported":    func(d *network.Draft) { d.Parts[0].Poll = &network.Poll{Options: []string{"a", "b"}} },
		"setting_unknown":     func(d *network.Draft) { d.Settings["labels"] = "spicy" },
		"setting_contradicts": func(d *network.Draft) { d.Settings["replies"] = "nobody,follower" },
		"language_unknown":    func(d *network.Draft) { d.Settings["languages"] = "english" },
		"address":             func(d *network.Draft) { d.Settings["replies_list"] = "my friends" },
		"media_type":          func(d *network.Draft) { d.Parts[0].Media = []network.Media{{Kind: network.Image, MIME: "image/tiff"}} },
		"card_address":        func(d *network.Draft) { d.Parts[0].Card = &network.Card{URL: "javascript:alert(1)"} },
	} {
		d := w.Draft("A text")
		d.Settings = map[string]string{}
		change(&d)
		steps, problems := bluesky.New().Plan(d, w.Session.Account)
		i := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Code == code && p.Level == network.Error })
		if i < 0 || len(steps) > 0 || problems[i].Message == "" || problems[i].Fix == "" || problems[i].Field == "" {
			t.Errorf("%s: %d steps, %+v", code, len(steps), problems)
		}
	}
	d := w.Draft("Picture and card")
	d.Parts[0].Media = []network.Media{networktest.Picture("")}
	d.Parts[0].Card = &network.Card{URL: "https://example.com/", Title: "Example"}
	steps, problems := bluesky.New().Plan(d, w.Session.Account)
	if len(steps) != 2 || !slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Code == "card_with_media" && p.Level == network.Warning }) {
		t.Errorf("the card is left out silently: %+v", problems)
	}
}

// TestLaterWordsNeverReplaceWhatWasPublished: under a used key the first record stays, and it is what is reported.
func TestLaterWordsNeverReplaceWhatWasPublished(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := bluesky.New()
	d := w.Draft("The first words")
	done := published(t, w, d)
	d.Parts[0].Text = "Other words"
	steps, _ := n.Plan(d, w.Session.Account)
	o, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil || o.RemoteID != done["post"].RemoteID || o.Data["cid"] != done["post"].Data["cid"] {
		t.Errorf("reported %+v, %v", o, err)
	}
	same(t, recordOf(t, f, o)["text"], `"The first words"`)
}

func TestMissingUploadIsRefusedBeforeAnythingLeaves(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	d := w.Draft("With a picture")
	d.Parts[0].Media = []network.Media{networktest.Picture("")}
	steps, _ := bluesky.New().Plan(d, w.Session.Account)
	if _, err := bluesky.New().Do(t.Context(), w.Session, steps[1], network.Outcomes{}); !fault.Is(err, fault.Rejected) || f.Calls("create") != 0 {
		t.Errorf("%v, %d calls", err, f.Calls("create"))
	}
}

func TestPostTheIndexDoesNotShowYetIsNotGone(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := bluesky.New()
	done := published(t, w, w.Draft("Just published"))
	f.Lag(done["post"].RemoteID)
	item := network.Remote{ID: done["post"].RemoteID}
	if list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item}); err != nil || len(list) != 0 {
		t.Errorf("measured %+v, %v; nothing is known yet", list, err)
	}
	if live, err := n.Read(t.Context(), w.Session, item); err != nil || !live.Exists || live.Visibility == "public" {
		t.Errorf("read back %+v, %v", live, err)
	}
}

func TestServerErrorsKeepTheirWords(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	n := bluesky.New()
	steps, _ := n.Plan(w.Draft("Refused"), w.Session.Account)
	f.Faults.Next("create", networkfake.Invalid)
	_, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if e := fault.As(err); e.Kind != fault.Rejected || !strings.Contains(e.Message, "not allowed here") {
		t.Errorf("%+v", e)
	}
}
