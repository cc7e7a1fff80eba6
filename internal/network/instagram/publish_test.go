package instagram_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/instagram"
	"github.com/bellwether-social/bellwether/internal/network/instagram/instagramfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// plan lays out a draft that must be good.
func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(instagram.Instagram).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

// carryOut runs steps until one fails; the clock moves as long as a step asks for.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) (done network.Outcomes, pending int, err error) {
	t.Helper()
	done = network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Address = w.Address
		}
		for {
			o, err := w.Network.(instagram.Instagram).Do(t.Context(), w.Session, s, done)
			if err != nil {
				return done, pending, err
			}
			if done[s.Name] = o; !o.Pending {
				break
			}
			if pending++; pending > 30 {
				t.Fatalf("step %s is pending for ever", s.Name)
			}
			w.Clock.Advance(o.Wait)
		}
	}
	return done, pending, nil
}

func TestSettingsReachTheContainer(t *testing.T) {
	for name, c := range map[string]struct {
		media    []network.Media
		settings map[string]string
		want     map[string]string
		product  string
		count    int
	}{
		"a picture": {[]network.Media{picture("A red square")}, map[string]string{"collaborators": "@ann, ben", "location": "7640348500", "user_tags": "@ann 0.25 0.75, ben", "ai": "true", "partnership": "true", "sponsors": "178414, 178415", "products": "99", "cover_url": "https://example.com/c.jpg"},
			map[string]string{"caption": "Words", "alt_text": "A red square", "media_type": "", "collaborators": `["ann","ben"]`, "location_id": "7640348500", "is_ai_generated": "true", "cover_url": "", "is_paid_partnership": "true", "branded_content_sponsor_ids": `["178414","178415"]`, "product_tags": `[{"product_id":"99","x":0.5,"y":0.5}]`,
				"user_tags": `[{"username":"ann","x":0.25,"y":0.75},{"username":"ben","x":0.5,"y":0.5}]`}, "feed", 1},
		"a reel": {[]network.Media{film("")}, map[string]string{"cover_url": "https://example.com/c.jpg", "thumb_offset": "1500", "share": "reels", "audio_name": "Our song", "trial": "MANUAL", "user_tags": "ann 0.1 0.1"},
			map[string]string{"media_type": "REELS", "share_to_feed": "false", "cover_url": "https://example.com/c.jpg", "thumb_offset": "1500", "audio_name": "Our song", "trial_params": `{"graduation_strategy":"MANUAL"}`, "user_tags": `[{"username":"ann"}]`, "alt_text": ""}, "reels", 1},
		"an ordinary reel": {[]network.Media{film("")}, nil, map[string]string{"media_type": "REELS", "share_to_feed": "true", "trial_params": ""}, "reels", 1},
		"a carousel": {[]network.Media{picture("One"), film(""), picture("Three")}, map[string]string{"collaborators": "ann", "user_tags": "ann 0.1 0.1"},
			map[string]string{"media_type": "CAROUSEL", "caption": "Words", "collaborators": `["ann"]`, "user_tags": "", "image_url": ""}, "feed", 3},
		"a story":       {[]network.Media{picture("Red")}, map[string]string{"kind": "story", "collaborators": "ann"}, map[string]string{"media_type": "STORIES", "caption": "", "alt_text": "", "collaborators": ""}, "story", 1},
		"a video story": {[]network.Media{film("")}, map[string]string{"kind": "story"}, map[string]string{"media_type": "STORIES", "video_url": "https://bellwether.example/files/x/file.jpg"}, "story", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, instagramfake.Options{AsyncMedia: 2})
			d := w.Draft("Words")
			d.Parts[0].Media, d.Settings = c.media, c.settings
			done, pending, err := carryOut(t, w, plan(t, w, d))
			if err != nil || pending < 3 {
				t.Fatalf("%v, %d times pending", err, pending)
			}
			o := done["publish"]
			got := f.Sent(o.RemoteID)
			for k, v := range c.want {
				if got.Get(k) != v {
					t.Errorf("%s is %q, want %q", k, got.Get(k), v)
				}
			}
			if items := f.Items(); len(items) != 1 || items[0].Visibility != c.product || items[0].Media != c.count {
				t.Errorf("%+v", items)
			}
			if c.count == 3 {
				first, second := f.Container(done["media-1"].RemoteID), f.Container(done["media-2"].RemoteID)
				if first.Get("alt_text") != "One" || first.Get("user_tags") == "" || first.Get("is_carousel_item") != "true" || second.Get("media_type") != "VIDEO" || second.Get("user_tags") != "" {
					t.Errorf("the children are %v and %v", first, second)
				}
			}
			n := w.Network.(instagram.Instagram)
			item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
			if live, err := n.Read(t.Context(), w.Session, item); err != nil || !live.Exists || live.MediaCount != c.count || live.Data["kind"] != o.Data["kind"] {
				t.Errorf("%+v, %v; published as %s", live, err, o.Data["kind"])
			}
			measured, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item})
			if err != nil || measured[0].Values["M-IMPR"] == 0 {
				t.Errorf("%+v, %v", measured, err)
			}
			if c.product == "story" && (measured[0].Values["M-STEX"] != 4 || measured[0].Values["M-STFWD"] != 5 || measured[0].Values["M-FOLLGAIN"] != 1 || measured[0].Values["M-LCLICK"] != 6 || measured[0].Values["M-STREP"] != 1) {
				t.Errorf("the story's numbers are %v", measured[0].Values)
			}
			if c.product == "reels" && (measured[0].Values["M-VAVG"] != 4600 || measured[0].Values["M-VTIME"] != 414 || measured[0].Values["M-SKIP"] != 2160 || measured[0].Values["M-SHARE"] != 3) {
				t.Errorf("the reel's numbers are %v", measured[0].Values)
			}
		})
	}
}

func TestLostStoryIsFoundByItsContainer(t *testing.T) {
	for f0, want := range map[networkfake.Fault]network.Finding{networkfake.DropAfter: network.Found, networkfake.DropBefore: network.NotSeen} {
		w, f := world(t, instagramfake.Options{})
		d := w.Draft("")
		d.Settings = map[string]string{"kind": "story"}
		if _, _, err := carryOut(t, w, plan(t, w, d)); err != nil { // another story, some time before
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
		steps := plan(t, w, d)
		f.Faults.Next("create", f0)
		done, _, err := carryOut(t, w, steps)
		if !fault.Is(err, fault.Unknown) {
			t.Fatal(err)
		}
		finding, o, err := w.Network.(instagram.Instagram).Find(t.Context(), w.Session, steps[1], done, w.Clock.Now())
		items := f.Items()
		if err != nil || finding != want || want == network.Found && o.RemoteID != items[len(items)-1].ID {
			t.Errorf("%s: %s %+v, %v", f0, finding, o, err)
		}
	}
}

func TestFirstCommentIsWrittenBeforeCommentsAreClosed(t *testing.T) {
	w, f := world(t, instagramfake.Options{})
	d := w.Draft("Words")
	d.Settings, d.FirstComment = map[string]string{"comments": "off"}, &network.Part{Text: "#more #tags"}
	done, _, err := carryOut(t, w, plan(t, w, d))
	if err != nil {
		t.Fatal(err)
	}
	if items := f.Items(); len(items) != 2 || items[1].ReplyTo != done["publish"].RemoteID || !f.Closed(done["publish"].RemoteID) {
		t.Errorf("%+v", items)
	}
}

func TestPublishingLimitIsReadBefore(t *testing.T) {
	w, f := world(t, instagramfake.Options{Quota: 1})
	if _, _, err := carryOut(t, w, plan(t, w, w.Draft("One"))); err != nil {
		t.Fatal(err)
	}
	_, _, err := carryOut(t, w, plan(t, w, w.Draft("Two")))
	if !fault.Is(err, fault.Later) || fault.As(err).RetryAt.Sub(w.Clock.Now()) != time.Hour || !strings.Contains(err.Error(), "1") {
		t.Errorf("%v, at %s", err, fault.As(err).RetryAt)
	}
	if f.Calls("create") != 1 {
		t.Errorf("publishing was tried %d times", f.Calls("create"))
	}
}

func TestFailedContainerSaysWhy(t *testing.T) {
	for says, want := range map[string]struct {
		code  string
		calls int
	}{
		"Error: Media upload has failed with error code 2207026": {"media_format", 1},
		"Error: Media upload has failed with error code 2207003": {"media_processing_failed", 3}, // a time-out: tried again
		"Error": {"media_processing_failed", 1},
	} {
		w, f := world(t, instagramfake.Options{BadMedia: says})
		_, _, err := carryOut(t, w, plan(t, w, w.Draft("Words")))
		if !fault.Is(err, fault.Rejected) || fault.As(err).Code != want.code || fault.As(err).Field != "media" || f.Calls("upload") != want.calls {
			t.Errorf("%s: %v (%s), %d containers", says, err, fault.As(err).Code, f.Calls("upload"))
		}
	}
	w, f := world(t, instagramfake.Options{BadMedia: "Error: 2207003", BadOnce: true})
	if _, _, err := carryOut(t, w, plan(t, w, w.Draft("Words"))); err != nil || f.Calls("upload") != 2 || len(f.Items()) != 1 {
		t.Errorf("%v, %d containers", err, f.Calls("upload"))
	}
}

func TestContainersLiveADay(t *testing.T) {
	w, f := world(t, instagramfake.Options{})
	steps := plan(t, w, w.Draft("Words"))
	done, _, err := carryOut(t, w, steps[:1])
	if err != nil || done["container"].ExpiresAt.Sub(w.Clock.Now()) > 23*time.Hour {
		t.Fatalf("%+v, %v", done, err)
	}
	w.Clock.Advance(25 * time.Hour)
	if _, err := w.Network.(instagram.Instagram).Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Rejected) || fault.As(err).Code != "container_expired" {
		t.Errorf("%v", err)
	}
	steps[0].Media.Address = w.Address
	before := done["container"]
	before.Pending = true
	o, err := w.Network.(instagram.Instagram).Do(t.Context(), w.Session, steps[0], network.Outcomes{"container": before})
	if err != nil || o.RemoteID == before.RemoteID || f.Calls("upload") != 2 {
		t.Errorf("an expired container is not made anew: %+v, %v", o, err)
	}
}

func TestFilesNeedAnAddress(t *testing.T) {
	w, f := world(t, instagramfake.Options{})
	w.Address = ""
	_, _, err := carryOut(t, w, plan(t, w, w.Draft("Words")))
	if !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "BELLWETHER_URL") || f.Calls("upload") != 0 {
		t.Errorf("%v", err)
	}
	w, _ = world(t, instagramfake.Options{Fetch: true})
	w.Address = "http://127.0.0.1:1/file.jpg"
	if _, _, err := carryOut(t, w, plan(t, w, w.Draft("Words"))); !fault.Is(err, fault.Later) || !strings.Contains(fault.As(err).Hint, "BELLWETHER_URL") {
		t.Errorf("an address that cannot be reached: %v", err)
	}
}

func TestOwnSignInSaysWhatItCannotSend(t *testing.T) {
	w, _ := world(t, instagramfake.Options{Own: true})
	n := w.Network.(instagram.Instagram)
	d := w.Draft("Words")
	d.Settings = map[string]string{"products": "99"}
	steps, problems := n.Plan(d, w.Session.Account)
	if len(steps) != 2 || len(problems) != 1 || problems[0].Code != "facebook_only" || strings.Contains(string(steps[0].Payload), "99") {
		t.Errorf("%s, %+v", steps[0].Payload, problems)
	}
	d.Settings = map[string]string{"partnership": "true"} // a label that the law asks for is not dropped silently
	if steps, problems := n.Plan(d, w.Session.Account); len(steps) > 0 || problems[0].Code != "partnership" {
		t.Errorf("%+v", problems)
	}
}

func TestDraftsAreRefusedInPlainWords(t *testing.T) {
	png := networktest.Picture("Red")
	for name, c := range map[string]struct {
		media    []network.Media
		comment  *network.Part
		poll     *network.Poll
		settings map[string]string
		code     string
		level    network.Level
	}{
		"a PNG":                      {media: []network.Media{png}, code: "media_type"},
		"a poll":                     {media: []network.Media{picture("Red")}, poll: &network.Poll{}, code: "poll"},
		"an unknown kind":            {media: []network.Media{picture("Red")}, settings: map[string]string{"kind": "note"}, code: "setting_unknown"},
		"a place by name":            {media: []network.Media{picture("Red")}, settings: map[string]string{"location": "Berlin"}, code: "location_invalid"},
		"a broken cover":             {media: []network.Media{film("")}, settings: map[string]string{"cover_url": "cover.jpg"}, code: "link_invalid"},
		"a moment that is none":      {media: []network.Media{film("")}, settings: map[string]string{"thumb_offset": "-1"}, code: "thumb_offset"},
		"a tag outside":              {media: []network.Media{picture("Red")}, settings: map[string]string{"user_tags": "ann 1.5 0"}, code: "tags_invalid"},
		"half a place":               {media: []network.Media{picture("Red")}, settings: map[string]string{"user_tags": "ann 0.5"}, code: "tags_invalid"},
		"a trial with collaborators": {media: []network.Media{film("")}, settings: map[string]string{"trial": "MANUAL", "collaborators": "ann"}, code: "trial_collaborators"},
		"a comment on a story":       {media: []network.Media{picture("Red")}, comment: &network.Part{Text: "x"}, settings: map[string]string{"kind": "story"}, code: "comment_on_story"},
		"a picture in a comment":     {media: []network.Media{picture("Red")}, comment: &network.Part{Text: "x", Media: []network.Media{picture("Red")}}, code: "comment_media"},
		"an empty comment":           {media: []network.Media{picture("Red")}, comment: &network.Part{}, code: "empty"},
		"a caption on a story":       {media: []network.Media{picture("Red")}, settings: map[string]string{"kind": "story"}, code: "story_text", level: network.Warning},
		"a cover on a picture":       {media: []network.Media{picture("Red")}, settings: map[string]string{"cover_url": "https://example.com/c.jpg"}, code: "reel_only", level: network.Warning},
	} {
		if c.level == "" {
			c.level = network.Error
		}
		d := network.Draft{Key: "d", At: networktest.NewClock().Now(), Parts: []network.Part{{Text: "Words", Media: c.media, Poll: c.poll}}, FirstComment: c.comment, Settings: c.settings}
		steps, problems := instagram.New("").Plan(d, network.Account{})
		i := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Code == c.code })
		if (len(steps) == 0) != (c.level == network.Error) || i < 0 || problems[i].Level != c.level || problems[i].Message == "" {
			t.Errorf("%s: %d steps, problems %+v, want %s", name, len(steps), problems, c.code)
		}
	}
}

func TestB13CarouselsOfDifferentShapesAreNamed(t *testing.T) {
	shape := func(w, h int) network.Media {
		return network.Media{ID: "m", Kind: network.Image, MIME: "image/jpeg", Bytes: 1000, Width: w, Height: h, Alt: "A hill"}
	}
	for name, c := range map[string]struct {
		media []network.Media
		want  bool
	}{"alike": {[]network.Media{shape(1080, 1350), shape(540, 675)}, false}, "different": {[]network.Media{shape(1080, 1350), shape(1080, 1080)}, true}, "one": {[]network.Media{shape(1080, 1080)}, false}} {
		_, problems := instagram.New("").Plan(network.Draft{Parts: []network.Part{{Text: "Look", Media: c.media}}, Settings: map[string]string{}}, network.Account{ID: "1"})
		if got := slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Code == "carousel_shapes" }); got != c.want {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}
