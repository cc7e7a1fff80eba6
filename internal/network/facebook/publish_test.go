package facebook_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/facebook"
	"github.com/bellwether-social/bellwether/internal/network/facebook/facebookfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// plan lays out a draft that must be good.
func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(facebook.Facebook).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

// carryOut runs steps where nothing misbehaves; the clock moves as long as a step asks for.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) (done network.Outcomes, pending int) {
	t.Helper()
	done = network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Open, s.Media.Address = networktest.Picture("").Open, w.Address
		}
		for {
			o, err := w.Network.(facebook.Facebook).Do(t.Context(), w.Session, s, done)
			if err != nil {
				t.Fatalf("step %s: %v", s.Name, err)
			}
			if done[s.Name] = o; !o.Pending {
				break
			}
			if pending++; pending > 20 {
				t.Fatalf("step %s is pending for ever", s.Name)
			}
			w.Clock.Advance(o.Wait)
		}
	}
	return done, pending
}

func TestSettingsReachThePage(t *testing.T) {
	picture := networktest.Picture("A red square")
	for name, c := range map[string]struct {
		part     network.Part
		settings map[string]string
		want     map[string]string
		media    int
	}{
		"a text":            {part: network.Part{Text: "Hello"}, want: map[string]string{"message": "Hello", "link": ""}},
		"a link in a text":  {part: network.Part{Text: "See https://example.com/a?b=c"}, want: map[string]string{"link": "https://example.com/a?b=c"}},
		"a link of its own": {part: network.Part{Text: "See https://example.com/a"}, settings: map[string]string{"link": "https://example.org"}, want: map[string]string{"link": "https://example.org"}},
		"a link alone":      {part: network.Part{}, settings: map[string]string{"link": "https://example.org"}, want: map[string]string{"link": "https://example.org"}},
		"a picture":         {part: network.Part{Text: "Look", Media: []network.Media{picture}}, media: 1},
		"pictures":          {part: network.Part{Media: []network.Media{picture, picture, picture}}, media: 3},
		"a place":           {part: network.Part{Text: "Here"}, settings: map[string]string{"place": "110843418940484"}, want: map[string]string{"place": "110843418940484"}},
		"an age":            {part: network.Part{Text: "Prost"}, settings: map[string]string{"countries": "DE", "age_min": "18"}, want: map[string]string{"targeting": `{"age_min":18,"geo_locations":{"countries":["DE"]}}`}},
		"a preference":      {part: network.Part{Text: "Grüezi"}, settings: map[string]string{"prefer_countries": "ch"}, want: map[string]string{"feed_targeting": `{"geo_locations":{"countries":["CH"]}}`}},
		"countries":         {part: network.Part{Text: "Grüezi"}, settings: map[string]string{"countries": "de, at;CH"}, want: map[string]string{"targeting": `{"geo_locations":{"countries":["DE","AT","CH"]}}`}},
		"a background":      {part: network.Part{Text: "Big"}, settings: map[string]string{"background": "106018623298955"}, want: map[string]string{"text_format_preset_id": "106018623298955"}},
		"an old date":       {part: network.Part{Text: "Founded"}, settings: map[string]string{"backdate": "2012-05-01T12:00:00+02:00"}, want: map[string]string{"backdated_time": "2012-05-01T10:00:00Z"}},
		"a draft":           {part: network.Part{Text: "Soon"}, settings: map[string]string{"state": "draft"}, want: map[string]string{"published": "false", "unpublished_content_type": "DRAFT"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, facebookfake.Options{})
			d := w.Draft("")
			d.Parts, d.Settings = []network.Part{c.part}, c.settings
			done, _ := carryOut(t, w, plan(t, w, d))
			got, alts := f.Sent(done["post"].RemoteID)
			for k, v := range c.want {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
			if items := f.Items(); len(items) != 1 || items[0].Media != c.media {
				t.Errorf("%+v", items)
			}
			if c.media > 0 && alts[0] != "A red square" {
				t.Errorf("the descriptions are %q", alts)
			}
		})
	}
}

func TestVideosReelsAndStoriesArePublished(t *testing.T) {
	for name, c := range map[string]struct {
		kind  string
		media network.Media
		polls int
		step  network.StepKind
		on    map[string]string
	}{
		"video":       {"", film(""), 4, network.Keyed, map[string]string{"title": "The film", "description": "Watch"}},
		"reel":        {"reel", film(""), 4, network.Keyed, map[string]string{"video_state": "PUBLISHED", "title": "The film", "place": "77"}},
		"video story": {"story", film(""), 4, network.Keyed, map[string]string{"video_state": "PUBLISHED", "description": ""}},
		"photo story": {"story", networktest.Picture("Red"), 0, network.Findable, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, facebookfake.Options{AsyncVideo: 4})
			d := w.Draft("Watch")
			d.Parts[0].Media, d.Settings = []network.Media{c.media}, map[string]string{"kind": c.kind, "title": "The film", "place": "77"}
			steps := plan(t, w, d)
			if len(steps) != 2 || steps[1].Kind != c.step {
				t.Fatalf("%+v", steps)
			}
			done, pending := carryOut(t, w, steps)
			if pending != c.polls {
				t.Errorf("%d times pending", pending)
			}
			got, _ := f.Sent(done["post"].RemoteID)
			for k, v := range c.on {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
			o := done["post"]
			item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
			n := w.Network.(facebook.Facebook)
			live, err := n.Read(t.Context(), w.Session, item)
			if err != nil || !live.Exists || live.MediaCount != 1 || live.At.IsZero() {
				t.Errorf("%+v, %v", live, err)
			}
			measured, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item})
			if err != nil || len(measured) != 1 || measured[0].Values["M-IMPR"] == 0 {
				t.Errorf("%+v, %v", measured, err)
			}
			if err := n.Delete(t.Context(), w.Session, item); err != nil {
				t.Error(err)
			}
			if live, err := n.Read(t.Context(), w.Session, item); err != nil || live.Exists {
				t.Errorf("after deleting: %+v, %v", live, err)
			}
		})
	}
}

func TestPictureBesideAVideoIsItsCover(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	d := w.Draft("Watch")
	d.Parts[0].Media = []network.Media{networktest.Picture("The cover"), film("")}
	steps := plan(t, w, d)
	done, _ := carryOut(t, w, steps)
	got, _ := f.Sent(done["post"].RemoteID)
	if len(steps) != 2 || steps[0].Media.Kind != network.Video || got["thumb"] == "" || f.Items()[0].Media != 1 {
		t.Errorf("%+v, %v, %+v", steps, got, f.Items())
	}
}

// A story's picture is its name: a lost answer is found by it, and nothing else is.
func TestLostStoryIsFoundByItsPicture(t *testing.T) {
	for fault, found := range map[networkfake.Fault]network.Finding{networkfake.DropAfter: network.Found, networkfake.DropBefore: network.NotSeen} {
		w, f := world(t, facebookfake.Options{})
		d := w.Draft("")
		d.Parts[0].Media, d.Settings = []network.Media{networktest.Picture("Red")}, map[string]string{"kind": "story"}
		carryOut(t, w, plan(t, w, d)) // another story, just before
		steps := plan(t, w, d)
		done, _ := carryOut(t, w, steps[:1])
		f.Faults.Next("create", fault)
		if _, err := w.Network.(facebook.Facebook).Do(t.Context(), w.Session, steps[1], done); err == nil {
			t.Fatal("the answer was not lost")
		}
		finding, o, err := w.Network.(facebook.Facebook).Find(t.Context(), w.Session, steps[1], done, w.Clock.Now())
		if err != nil || finding != found || found == network.Found && o.RemoteID != f.Items()[1].ID {
			t.Errorf("%s: %s %+v, %v", fault, finding, o, err)
		}
	}
}

func TestVideoThatCannotBeUsedIsRefused(t *testing.T) {
	w, _ := world(t, facebookfake.Options{BadVideo: true})
	d := w.Draft("Watch")
	d.Parts[0].Media, d.Settings = []network.Media{film("")}, map[string]string{"kind": "reel"}
	steps := plan(t, w, d)
	done, _ := carryOut(t, w, steps[:1])
	_, err := w.Network.(facebook.Facebook).Do(t.Context(), w.Session, steps[1], done)
	if !fault.Is(err, fault.Rejected) || fault.As(err).Field != "media" || !strings.Contains(err.Error(), "codec") {
		t.Errorf("%v", err)
	}
}

func TestWhatFacebookHoldsIsAcceptedWhenItIsLive(t *testing.T) {
	for _, kind := range []string{"", "reel"} {
		w, f := world(t, facebookfake.Options{})
		d := w.Draft("Later")
		at := w.Clock.Now().Add(48 * time.Hour)
		d.Settings = map[string]string{"state": "scheduled", "publish_at": at.Format(time.RFC3339), "kind": kind}
		d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
		if kind == "reel" {
			d.Parts[0].Media = []network.Media{film("")}
		}
		d.FirstComment = &network.Part{Text: "First"}
		done, pending := carryOut(t, w, plan(t, w, d))
		if pending == 0 || w.Clock.Now().Before(at) {
			t.Errorf("accepted at %s, published at %s", w.Clock.Now(), at)
		}
		items := f.Items()
		if len(items) != 2 || items[0].Visibility != "" || items[1].At.Before(at) || done["post"].RemoteID != items[0].ID {
			t.Errorf("%+v", items)
		}
	}
}

func TestScheduledPostIsFoundAmongTheScheduled(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	d, sent := w.Draft("Later"), w.Clock.Now()
	d.Settings = map[string]string{"state": "scheduled", "publish_at": sent.Add(time.Hour).Format(time.RFC3339)}
	step := plan(t, w, d)[0]
	f.Faults.Next("create", networkfake.DropAfter)
	if _, err := w.Network.(facebook.Facebook).Do(t.Context(), w.Session, step, nil); !fault.Is(err, fault.Unknown) {
		t.Fatal(err)
	}
	finding, o, err := w.Network.(facebook.Facebook).Find(t.Context(), w.Session, step, nil, sent)
	if err != nil || finding != network.Found || o.RemoteID != f.Items()[0].ID {
		t.Errorf("%s %+v, %v", finding, o, err)
	}
	d.Settings = map[string]string{"state": "draft"}
	if kind := plan(t, w, d)[0].Kind; kind != network.Once {
		t.Errorf("a draft that no list shows is %s", kind)
	}
}

func TestFirstCommentWithAPicture(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	d := w.Draft("Post")
	d.FirstComment = &network.Part{Text: "More here", Media: []network.Media{networktest.Picture("Blue")}}
	done, _ := carryOut(t, w, plan(t, w, d))
	items := f.Items()
	if len(items) != 2 || items[1].ReplyTo != done["post"].RemoteID || items[1].Media != 1 || items[1].Text != "More here" {
		t.Errorf("%+v", items)
	}
}

func TestDraftsAreRefusedInPlainWords(t *testing.T) {
	picture, video := networktest.Picture("Red"), film("")
	song := network.Media{Kind: network.Audio, MIME: "audio/mpeg", Bytes: 1, Alt: "A song"}
	for name, c := range map[string]struct {
		part     network.Part
		comment  *network.Part
		settings map[string]string
		code     string
	}{
		"nothing":                  {part: network.Part{Text: " "}, code: "empty"},
		"a poll":                   {part: network.Part{Text: "Which?", Poll: &network.Poll{}}, code: "poll"},
		"a video with pictures":    {part: network.Part{Media: []network.Media{video, picture, picture}}, code: "media_mixed"},
		"two videos":               {part: network.Part{Media: []network.Media{video, video}}, code: "media_mixed"},
		"a reel with a cover":      {part: network.Part{Media: []network.Media{video, picture}}, settings: map[string]string{"kind": "reel"}, code: "reel_media"},
		"a song":                   {part: network.Part{Media: []network.Media{song}}, code: "media_type"},
		"a reel of a picture":      {part: network.Part{Media: []network.Media{picture}}, settings: map[string]string{"kind": "reel"}, code: "reel_media"},
		"a story of words":         {part: network.Part{Text: "Hello"}, settings: map[string]string{"kind": "story"}, code: "story_media"},
		"a comment on a story":     {part: network.Part{Media: []network.Media{picture}}, comment: &network.Part{Text: "x"}, settings: map[string]string{"kind": "story"}, code: "comment_on_story"},
		"a comment on a draft":     {part: network.Part{Text: "x"}, comment: &network.Part{Text: "x"}, settings: map[string]string{"state": "draft"}, code: "comment_on_draft"},
		"an empty comment":         {part: network.Part{Text: "x"}, comment: &network.Part{}, code: "empty"},
		"an unknown kind":          {part: network.Part{Text: "x"}, settings: map[string]string{"kind": "note"}, code: "setting_unknown"},
		"a link with a picture":    {part: network.Part{Media: []network.Media{picture}}, settings: map[string]string{"link": "https://example.com"}, code: "link_with_media"},
		"a broken link":            {part: network.Part{Text: "x"}, settings: map[string]string{"link": "example"}, code: "link_invalid"},
		"a place by name":          {part: network.Part{Text: "x"}, settings: map[string]string{"place": "Berlin"}, code: "place_invalid"},
		"an age of its own":        {part: network.Part{Text: "x"}, settings: map[string]string{"age_min": "17"}, code: "setting_unknown"},
		"a country by name":        {part: network.Part{Text: "x"}, settings: map[string]string{"countries": "Germany"}, code: "country_unknown"},
		"a background on a link":   {part: network.Part{Text: "x"}, settings: map[string]string{"background": "1", "link": "https://example.com"}, code: "background_with_media"},
		"no time":                  {part: network.Part{Text: "x"}, settings: map[string]string{"state": "scheduled"}, code: "time_invalid"},
		"a scheduled story":        {part: network.Part{Media: []network.Media{picture}}, settings: map[string]string{"kind": "story", "state": "scheduled", "publish_at": "2026-03-02T10:00:00Z"}, code: "schedule_story"},
		"a date in the future":     {part: network.Part{Text: "x"}, settings: map[string]string{"backdate": "2027-01-01T00:00:00Z"}, code: "backdate_future"},
		"an old date for a reel":   {part: network.Part{Media: []network.Media{video}}, settings: map[string]string{"kind": "reel", "backdate": "2020-01-01T00:00:00Z"}, code: "backdate_kind"},
		"a date that is not one":   {part: network.Part{Text: "x"}, settings: map[string]string{"backdate": "yesterday"}, code: "time_invalid"},
		"scheduled and dated back": {part: network.Part{Text: "x"}, settings: map[string]string{"state": "scheduled", "publish_at": "2026-03-02T10:00:00Z", "backdate": "2020-01-01T00:00:00Z"}, code: "schedule_backdate"},
	} {
		d := network.Draft{Key: "d", At: networktest.NewClock().Now(), Parts: []network.Part{c.part}, FirstComment: c.comment, Settings: c.settings}
		steps, problems := facebook.New("").Plan(d, network.Account{})
		i := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Code == c.code })
		if len(steps) > 0 || i < 0 || problems[i].Level != network.Error || problems[i].Message == "" || problems[i].Fix == "" {
			t.Errorf("%s: %d steps, problems %+v, want %s", name, len(steps), problems, c.code)
		}
	}
}
