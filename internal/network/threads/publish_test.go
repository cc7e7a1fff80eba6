package threads_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/threads/threadsfake"
)

const address = "https://bellwether.example/files/1"

// carryOut runs steps where nothing misbehaves; answers that say "not yet" are counted.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) (done network.Outcomes, pending int, err error) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range steps {
		if step.Media != nil {
			step.Media.Address = address
		}
		for range 40 {
			o, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, step, done)
			if err != nil {
				return done, pending, err
			}
			done[step.Name] = o
			if !o.Pending {
				break
			}
			w.Clock.Advance(o.Wait)
			pending++
		}
	}
	return done, pending, nil
}

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(network.Publisher).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

func publish(t *testing.T, w *networktest.World, d network.Draft) network.Outcomes {
	t.Helper()
	done, _, err := carryOut(t, w, plan(t, w, d))
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestEveryKindOfPostIsMade(t *testing.T) {
	quoted := ""
	for name, c := range map[string]struct {
		change func(*network.Draft)
		want   map[string]string
		media  int
	}{
		"text":     {func(*network.Draft) {}, map[string]string{"media_type": "TEXT"}, 0},
		"link":     {func(d *network.Draft) { d.Parts[0].Card = &network.Card{URL: "https://example.com/a", Title: "A"} }, map[string]string{"media_type": "TEXT", "link_attachment": "https://example.com/a"}, 0},
		"picture":  {func(d *network.Draft) { d.Parts[0].Media = []network.Media{picture(nil)} }, map[string]string{"media_type": "IMAGE", "image_url": address, "alt_text": "Red"}, 1},
		"video":    {func(d *network.Draft) { d.Parts[0].Media = []network.Media{video(nil)} }, map[string]string{"media_type": "VIDEO", "video_url": address, "alt_text": "Red"}, 1},
		"carousel": {func(d *network.Draft) { d.Parts[0].Media = []network.Media{picture(nil), video(nil), picture(nil)} }, map[string]string{"media_type": "CAROUSEL"}, 3},
		"poll": {func(d *network.Draft) {
			d.Parts[0].Poll = &network.Poll{Options: []string{"Tea", " Coffee "}, Duration: 24 * time.Hour}
		}, map[string]string{"media_type": "TEXT", "poll_attachment": `{"option_a":"Tea","option_b":"Coffee"}`}, 0},
		"quote":       {func(d *network.Draft) { d.Settings["quote_post_id"] = quoted }, map[string]string{"quote_post_id": "quoted"}, 0},
		"who replies": {func(d *network.Draft) { d.Settings["reply_control"] = "followers_only" }, map[string]string{"reply_control": "followers_only"}, 0},
		"topic":       {func(d *network.Draft) { d.Settings["topic_tag"] = "#Spring sale" }, map[string]string{"topic_tag": "Spring sale"}, 0},
		"place":       {func(d *network.Draft) { d.Settings["location_id"] = "123" }, map[string]string{"location_id": "123"}, 0},
		"countries":   {func(d *network.Draft) { d.Settings["countries"] = "at, DE;ch" }, map[string]string{"allowlisted_country_codes": "AT,DE,CH"}, 0},
		"spoiler": {func(d *network.Draft) {
			d.Parts[0].Media, d.Settings["spoiler"] = []network.Media{picture(nil)}, "true"
		}, map[string]string{"is_spoiler_media": "true"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, threadsfake.Options{Geo: true, Processing: 2})
			quoted = f.Say("stranger", "Quote me", "")
			d := w.Draft("Words")
			d.Settings = map[string]string{}
			c.change(&d)
			done := publish(t, w, d)
			post := done["post"]
			made := f.Made(post.RemoteID)
			if !strings.HasPrefix(post.URL, "https://www.threads.net/") || made["text"] != "Words" || made["auto_publish_text"] != "" {
				t.Errorf("%+v made with %v", post, made)
			}
			want := maps.Clone(c.want)
			if want["quote_post_id"] != "" {
				want["quote_post_id"] = quoted
			}
			for k, v := range want {
				if made[k] != v {
					t.Errorf("%s is %q, want %q", k, made[k], v)
				}
			}
			if name != "who replies" && made["reply_control"] != "everyone" {
				t.Errorf("who may reply was not said: %v", made)
			}
			if it := f.Items()[1]; it.Media != c.media {
				t.Errorf("%d media, want %d", it.Media, c.media)
			}
		})
	}
}

func TestThreadFollowsItsFirstPart(t *testing.T) {
	w, f := world(t, threadsfake.Options{Processing: 1, Geo: true})
	d := w.Draft("One", "Two", "Three")
	d.Parts[1].Media, d.Parts[2].Media = []network.Media{picture(nil)}, []network.Media{picture(nil), picture(nil)}
	d.FirstComment = &network.Part{Text: "Comment"}
	d.Settings = map[string]string{"topic_tag": "Tea", "countries": "AT"}
	steps := plan(t, w, d)
	var names []string
	for _, s := range steps {
		names = append(names, s.Name)
		if s.Public != (s.Kind == network.Keyed) {
			t.Errorf("%s: %s", s.Name, s.Kind)
		}
	}
	if got := strings.Join(names, " "); got != "item-1 item-2 container-post post container-part-2 part-2 container-part-3 part-3 container-comment comment" {
		t.Errorf("planned as %s", got)
	}
	done, _, err := carryOut(t, w, steps)
	if err != nil {
		t.Fatal(err)
	}
	last := f.Made(done["comment"].RemoteID)
	if last["reply_to_id"] != done["post"].RemoteID || last["topic_tag"] != "" || last["reply_control"] != "" || last["allowlisted_country_codes"] != "AT" {
		t.Errorf("the comment was made with %v", last)
	}
	if items := f.Items(); len(items) != 4 || items[2].ReplyTo != items[1].ID || items[2].Media != 2 {
		t.Errorf("%+v", items)
	}
}

func TestWithoutAnAddressNothingIsFetched(t *testing.T) {
	w, f := world(t, threadsfake.Options{})
	d := w.Draft("A picture")
	d.Parts[0].Media = []network.Media{picture(nil)}
	_, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, plan(t, w, d)[0], nil)
	if !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "BELLWETHER_URL") || f.Calls("upload") != 0 {
		t.Errorf("%v", err)
	}
}

func TestFailedFilesAreExplained(t *testing.T) {
	for reason, want := range map[string]struct {
		again bool
		words string
	}{
		"INVALID_DURATION": {false, "5 minutes"}, "INVALID_ASPEC_RATIO": {false, "shape"}, "FAILED_DOWNLOADING_VIDEO": {true, "fetch"}, "UNKNOWN": {true, "UNKNOWN"},
	} {
		w, f := world(t, threadsfake.Options{Processing: 1})
		d := w.Draft("A video")
		d.Parts[0].Media = []network.Media{video(nil)}
		f.Spoil(reason)
		_, _, err := carryOut(t, w, plan(t, w, d))
		if want.again {
			if err != nil || f.Calls("upload") != 2 || len(f.Items()) != 1 {
				t.Errorf("%s once: %v after %d tries", reason, err, f.Calls("upload"))
			}
			f.Spoil(reason, reason, reason)
			_, _, err = carryOut(t, w, plan(t, w, d))
		}
		if !fault.Is(err, fault.Rejected) || fault.As(err).Field != "media" || fault.As(err).Hint == "" || !strings.Contains(err.Error(), want.words) {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

func TestQuotaIsAskedBeforeAnythingIsSent(t *testing.T) {
	w, f := world(t, threadsfake.Options{Quota: 2})
	first := publish(t, w, w.Draft("One"))["post"]
	publish(t, w, w.Draft("Two"))
	sent := f.Calls("upload")
	_, _, err := carryOut(t, w, plan(t, w, w.Draft("Three")))
	if !fault.Is(err, fault.Later) || !fault.As(err).RetryAt.After(w.Clock.Now()) || f.Calls("upload") != sent {
		t.Errorf("%v", err)
	}
	// Replies have an allowance of their own.
	steps, _ := w.Network.(network.Converser).PlanReply(network.Reply{Key: "r", To: network.Message{Remote: network.Remote{ID: first.RemoteID}}, Text: "A reply"}, w.Session.Account)
	if _, _, err := carryOut(t, w, steps); err != nil {
		t.Errorf("a reply: %v", err)
	}
	w.Clock.Advance(25 * time.Hour)
	if _, _, err := carryOut(t, w, plan(t, w, w.Draft("Three"))); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func TestContainerThatIsNotFoundYetIsTriedAgain(t *testing.T) {
	w, f := world(t, threadsfake.Options{})
	f.HideContainers(1)
	steps := plan(t, w, w.Draft("Too quick"))
	done, _, err := carryOut(t, w, steps)
	if !fault.Is(err, fault.Later) || len(f.Items()) != 0 {
		t.Fatalf("%v", err)
	}
	if o, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, steps[1], done); err != nil || o.RemoteID == "" {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestPublishedContainerIsAdoptedAndNeverPublishedAgain(t *testing.T) {
	w, f := world(t, threadsfake.Options{})
	n := w.Network.(network.Publisher)
	steps := plan(t, w, w.Draft("Once"))
	done, _, err := carryOut(t, w, steps[:1])
	if err != nil {
		t.Fatal(err)
	}
	f.Faults.Next("create", networkfake.DropAfter)
	if _, err := n.Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Unknown) {
		t.Fatalf("%v", err)
	}
	calls := f.Calls("create")
	o, err := n.Do(t.Context(), w.Session, steps[1], done)
	if err != nil || o.RemoteID != f.Items()[0].ID || f.Calls("create") != calls {
		t.Errorf("called again: %+v, %v, %d calls", o, err, f.Calls("create"))
	}
	finding, o, err := w.Network.(network.Prober).Find(t.Context(), w.Session, steps[1], done, w.Clock.Now())
	if finding != network.Found || o.RemoteID != f.Items()[0].ID || err != nil {
		t.Errorf("looked up: %s %+v %v", finding, o, err)
	}
	w.Clock.Advance(25 * time.Hour)
	late, _, err := carryOut(t, w, plan(t, w, w.Draft("Forgotten"))[:1])
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(25 * time.Hour)
	forgotten := plan(t, w, w.Draft("Forgotten"))[1]
	if finding, _, _ = w.Network.(network.Prober).Find(t.Context(), w.Session, forgotten, late, w.Clock.Now()); finding != network.Absent {
		t.Errorf("a container that expired: %s", finding)
	}
	if _, err := n.Do(t.Context(), w.Session, forgotten, late); !fault.Is(err, fault.Rejected) {
		t.Errorf("a container that expired: %v", err)
	}
}

func TestPublishedPostThatIsNotListedYetIsWaitedFor(t *testing.T) {
	w, f := world(t, threadsfake.Options{})
	n := w.Network.(network.Publisher)
	publish(t, w, w.Draft("The same words"))
	w.Clock.Advance(time.Hour)
	steps := plan(t, w, w.Draft("The same words"))
	done, _, err := carryOut(t, w, steps[:1])
	if err != nil {
		t.Fatal(err)
	}
	f.Faults.Next("create", networkfake.DropAfter)
	if _, err := n.Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Unknown) {
		t.Fatalf("%v", err)
	}
	f.HideNewest(2)
	if finding, o, err := w.Network.(network.Prober).Find(t.Context(), w.Session, steps[1], done, w.Clock.Now()); finding != network.NotSeen || err != nil {
		t.Errorf("looked up: %s %+v %v", finding, o, err)
	}
	o, err := n.Do(t.Context(), w.Session, steps[1], done)
	if err != nil || !o.Pending || o.RemoteID != "" {
		t.Errorf("%+v, %v", o, err)
	}
	done["post"] = o
	if o, err = n.Do(t.Context(), w.Session, steps[1], done); err != nil || o.Pending || o.RemoteID != f.Items()[1].ID || len(f.Items()) != 2 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	w, _ := world(t, threadsfake.Options{})
	for setting, value := range map[string]string{"reply_control": "friends", "quote_post_id": "https://www.threads.net/@a/post/b", "location_id": "here", "topic_tag": "a.b", "countries": "Austria"} {
		d := w.Draft("Hello")
		d.Settings = map[string]string{setting: value}
		if steps, problems := w.Network.(network.Publisher).Plan(d, w.Session.Account); len(steps) > 0 || problems[0].Field != "settings."+setting || problems[0].Fix == "" {
			t.Errorf("%s=%s: %+v", setting, value, problems)
		}
	}
	for name, change := range map[string]func(*network.Draft){
		"poll_with_media": func(d *network.Draft) {
			d.Parts[0].Poll, d.Parts[0].Media = &network.Poll{Options: []string{"a", "b"}}, []network.Media{picture(nil)}
		},
		"poll_without_text": func(d *network.Draft) {
			d.Parts[0].Text, d.Parts[0].Poll = "", &network.Poll{Options: []string{"a", "b"}}
		},
		"media_type": func(d *network.Draft) {
			d.Parts[0].Media = []network.Media{picture(func(m *network.Media) { m.MIME = "image/webp" })}
		},
		"countries_unsupported": func(d *network.Draft) { d.Settings = map[string]string{"countries": "AT"} },
		"empty":                 func(d *network.Draft) { d.Parts[0].Text = " " },
	} {
		d := w.Draft("Hello")
		change(&d)
		steps, problems := w.Network.(network.Publisher).Plan(d, w.Session.Account)
		if len(steps) > 0 || !slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Code == name && p.Level == network.Error }) {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

func TestLostContainerIsMadeAgainUnseen(t *testing.T) {
	w, f := world(t, threadsfake.Options{})
	f.Faults.Next("upload", networkfake.DropAfter)
	steps := plan(t, w, w.Draft("Hello"))
	if _, err := w.Network.(network.Publisher).Do(context.Background(), w.Session, steps[0], nil); !fault.Is(err, fault.Later) {
		t.Errorf("%v is %s: nobody saw it, so it may be repeated", err, fault.KindOf(err))
	}
	publish(t, w, w.Draft("Hello"))
	if n := len(f.Items()); n != 1 {
		t.Errorf("%d posts", n)
	}
}
