package tiktokbusiness_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness/tiktokbusinessfake"
)

const address = "https://bellwether.example/files/1"

func do(t *testing.T, w *networktest.World, step network.Step, done network.Outcomes) (network.Outcome, error) {
	t.Helper()
	for i := range step.Files {
		step.Files[i].Address = address
	}
	return w.Network.(network.Publisher).Do(t.Context(), w.Session, step, done)
}

// carryOut runs steps where nothing misbehaves; answers that say "not yet" are counted.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) (done network.Outcomes, pending int, err error) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range steps {
		for range 40 {
			o, err := do(t, w, step, done)
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

func TestVideoIsFetchedFollowedAndCommented(t *testing.T) {
	w, f := world(t, tiktokbusinessfake.Options{Processing: 2, Moderation: 1}, clip)
	d := w.Draft("A video #spring")
	d.Settings = map[string]string{"allow_duet": "true", "brand_organic": "on", "ai_generated": "true", "cover_ms": "1500"}
	d.FirstComment = &network.Part{Text: "Ask us anything"}
	done, pending, err := carryOut(t, w, plan(t, w, d))
	if err != nil || pending != 4 {
		t.Fatalf("%v after %d polls", err, pending)
	}
	want := tiktokbusinessfake.Body{Path: "/business/video/publish/", JSON: map[string]any{"business_id": tiktokbusinessfake.OpenID, "video_url": address,
		"post_info": map[string]any{"caption": "A video #spring", "is_brand_organic": true, "is_branded_content": false, "disable_comment": true, "disable_duet": false, "disable_stitch": true,
			"is_ai_generated": true, "upload_to_draft": false, "thumbnail_offset": 1500.0}}}
	if diff := cmp.Diff(want, f.Bodies()[0]); diff != "" {
		t.Errorf("handed over as\n%s", diff)
	}
	items := f.Items()
	if len(items) != 2 || done["post"].RemoteID != items[0].ID || done["post"].URL != "https://www.tiktok.com/@brand/video/"+items[0].ID || items[1].ReplyTo != items[0].ID || items[1].Text != "Ask us anything" {
		t.Errorf("%+v, %+v", done, items)
	}
	n := w.Network.(network.Reader)
	read := func(name string, want bool) {
		t.Helper()
		o := done[name]
		live, err := n.Read(t.Context(), w.Session, network.Remote{ID: o.RemoteID, Data: o.Data})
		if err != nil || live.Exists != want {
			t.Errorf("%s reads back as %+v, %v", name, live, err)
		}
	}
	read("post", true)
	read("comment", true)
	f.Remove(done["post"].RemoteID)
	read("post", false)
	read("comment", false)
}

func TestPicturesNeedAnAudienceAndAnAddress(t *testing.T) {
	w, f := world(t, tiktokbusinessfake.Options{Processing: 1}, photo)
	d := with(w, photo(""), photo(""))
	d.Settings = map[string]string{"privacy": "SELF_ONLY", "photo_title": "Spring", "photo_cover": "2", "allow_comment": "true"}
	done, _, err := carryOut(t, w, plan(t, w, d))
	if err != nil {
		t.Fatal(err)
	}
	want := tiktokbusinessfake.Body{Path: "/business/photo/publish/", JSON: map[string]any{"business_id": tiktokbusinessfake.OpenID, "photo_images": []any{address, address}, "photo_cover_index": 1.0,
		"post_info": map[string]any{"title": "Spring", "caption": "With media", "privacy_level": "SELF_ONLY", "disable_comment": false, "auto_add_music": false, "is_brand_organic": false,
			"is_branded_content": false, "is_draft": false}}}
	if diff := cmp.Diff(want, f.Bodies()[0]); diff != "" {
		t.Errorf("handed over as\n%s", diff)
	}
	post := done["post"] // only the account sees it: TikTok gives no id
	item := network.Remote{ID: post.RemoteID, Data: post.Data}
	if live, err := w.Network.(network.Reader).Read(t.Context(), w.Session, item); err != nil || !live.Exists || live.MediaCount != 2 || post.RemoteID != post.Data["share_id"] {
		t.Errorf("%+v, %+v, %v", post, live, err)
	}
	if list, err := w.Network.(network.Measurer).PostMetrics(t.Context(), w.Session, []network.Remote{item}); err != nil || len(list) != 0 {
		t.Errorf("what cannot be listed is measured: %+v, %v", list, err)
	}
	steps := plan(t, w, d)
	n := w.Network.(network.Publisher)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "BELLWETHER_URL") {
		t.Errorf("without an address: %v", err)
	}
}

func TestDraftsArriveInTheInbox(t *testing.T) {
	for name, file := range map[string]func(string) network.Media{"video": clip, "photo": photo} {
		w, f := world(t, tiktokbusinessfake.Options{Processing: 1}, file)
		d := w.Draft("Words")
		d.Settings = map[string]string{"mode": "inbox"}
		done, _, err := carryOut(t, w, plan(t, w, d))
		if err != nil || f.Drafts() != 1 || len(f.Items()) != 0 || done["post"].RemoteID == "" {
			t.Errorf("%s: %v, %d drafts, %+v", name, err, f.Drafts(), done)
		}
		f.Faults.Next("create", networkfake.DropAfter)
		step := plan(t, w, d)[0]
		if _, err := do(t, w, step, nil); !fault.Is(err, fault.Unknown) {
			t.Errorf("%s: %v", name, err)
		}
		if finding, _, err := w.Network.(network.Prober).Find(t.Context(), w.Session, step, nil, w.Clock.Now()); finding != network.NotSeen || err != nil {
			t.Errorf("%s: a draft is looked up as %s, %v", name, finding, err)
		}
	}
}

func TestChoicesAreChecked(t *testing.T) {
	w, f := world(t, tiktokbusinessfake.Options{NoComments: true, MaxSeconds: 60}, clip)
	n := w.Network.(network.Publisher)
	for code, change := range map[string]func(*network.Draft){
		"privacy_missing": func(d *network.Draft) { d.Settings, d.Parts[0].Media = nil, []network.Media{photo("")} },
		"privacy_unknown": func(d *network.Draft) {
			d.Settings["privacy"], d.Parts[0].Media = "FOLLOWER_OF_CREATOR", []network.Media{photo("")}
		},
		"privacy_video":       func(d *network.Draft) { d.Settings["privacy"] = "SELF_ONLY" },
		"brand_private":       func(d *network.Draft) { d.Settings["privacy"], d.Settings["brand_content"] = "SELF_ONLY", "true" },
		"comment_disabled":    func(d *network.Draft) { d.Settings["allow_comment"] = "true" },
		"video_too_long":      func(d *network.Draft) { d.Parts[0].Media[0].Duration = 61 * time.Second },
		"media_required":      func(d *network.Draft) { d.Parts[0].Media = nil },
		"threads_unsupported": func(d *network.Draft) { d.Parts = append(d.Parts, d.Parts[0]) },
		"comment_draft":       func(d *network.Draft) { d.Settings["mode"], d.FirstComment = "inbox", &network.Part{Text: "x"} },
		"comment_media":       func(d *network.Draft) { d.FirstComment = &network.Part{Text: "x", Media: []network.Media{photo("")}} },
	} {
		d := w.Draft("Hello")
		d.Settings = map[string]string{}
		change(&d)
		steps, problems := n.Plan(d, w.Session.Account)
		if len(steps) > 0 || !slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Code == code && p.Level == network.Error && p.Fix != "" }) {
			t.Errorf("%s: %+v", code, problems)
		}
	}
	account := w.Session.Account
	account.Extra = nil
	d := w.Draft("Hello")
	d.Settings = map[string]string{"allow_comment": "true"}
	steps, _ := n.Plan(d, account)
	if _, err := do(t, w, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "settings.allow_comment" || f.Calls("create") != 0 {
		t.Errorf("comments were switched off since: %v", err)
	}
}

func TestFailuresOfProcessingAreExplained(t *testing.T) {
	for reason, field := range map[string]string{"file_format_check_failed": "media", "video_pull_failed": "media", "internal": "", "brand_new_reason": ""} {
		w, f := world(t, tiktokbusinessfake.Options{Processing: 1}, clip)
		f.Spoil(reason)
		_, _, err := carryOut(t, w, plan(t, w, w.Draft("Hello")))
		if f := fault.As(err); !fault.Is(err, fault.Rejected) || f.Field != field || f.Hint == "" || f.Message == "" {
			t.Errorf("%s: %+v", reason, f)
		}
	}
}

func TestRepliesAreReadBelowTheirComments(t *testing.T) {
	w, f := world(t, tiktokbusinessfake.Options{}, clip)
	n := w.Network.(network.Converser)
	d := w.Draft("Our post")
	d.FirstComment = &network.Part{Text: "Ask us anything"}
	done, _, err := carryOut(t, w, plan(t, w, d))
	if err != nil {
		t.Fatal(err)
	}
	post := done["post"].RemoteID
	start, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil || len(start.Messages) != 0 {
		t.Fatalf("our own comment is no conversation: %+v, %v", start.Messages, err)
	}
	var want []string
	say := func(who, words, on string) string {
		w.Clock.Advance(time.Second)
		id := f.Say(who, words, on)
		want = append(want, id)
		return id
	}
	top := say("ann", "Nice", post)
	for range 5 { // more than come with the comment
		say("bob", "Indeed", top)
	}
	say(tiktokbusinessfake.Brand, "Thank you, from the app", top)
	b, err := n.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range b.Messages {
		got = append(got, m.ID)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("read %v, want %v", got, want)
	}
	first, last := b.Messages[1], b.Messages[6]
	if first.ReplyTo != top || first.Thread != post || first.From.ID != "uid-bob" || first.From.Handle != "bob" || first.Own || !last.Own {
		t.Errorf("%+v, %+v", first, last)
	}
	// An answer to an answer stands below the same comment, and is found there.
	steps, _ := n.PlanReply(network.Reply{Key: "r", Text: "You are welcome", To: first}, w.Session.Account)
	f.Faults.Next("create", networkfake.DropAfter)
	sent := w.Clock.Now()
	if _, err := do(t, w, steps[0], nil); !fault.Is(err, fault.Unknown) {
		t.Fatalf("%v", err)
	}
	finding, o, err := w.Network.(network.Prober).Find(t.Context(), w.Session, steps[0], nil, sent)
	if finding != network.Found || err != nil || o.RemoteID != f.Items()[len(f.Items())-1].ID {
		t.Errorf("looked up: %s %+v %v", finding, o, err)
	}
	live, err := w.Network.(network.Reader).Read(t.Context(), w.Session, network.Remote{ID: o.RemoteID, Data: o.Data})
	if err != nil || !live.Exists || live.Text != "You are welcome" {
		t.Errorf("read back %+v, %v", live, err)
	}
	if steps, problems := n.PlanReply(network.Reply{Key: "r", Text: "x"}, w.Session.Account); len(steps) > 0 || problems[0].Code != "post_unknown" {
		t.Errorf("an answer to nothing: %+v", problems)
	}
}

func TestCommentsAreLikedAndHidden(t *testing.T) {
	w, f := world(t, tiktokbusinessfake.Options{}, clip)
	n := w.Network.(network.Reactor)
	done, _, err := carryOut(t, w, plan(t, w, w.Draft("Our post")))
	if err != nil {
		t.Fatal(err)
	}
	post := done["post"].RemoteID
	on := network.Remote{ID: f.Say("troll", "Rude", post), Data: map[string]string{"video_id": post}}
	for _, act := range []network.Act{network.Hide, network.Hide, network.Like, network.Unhide, network.Unlike} {
		if err := n.Act(t.Context(), w.Session, act, on); err != nil {
			t.Errorf("%s: %v", act, err)
		}
		if act == network.Hide && !f.Hidden(on.ID) || act == network.Like && !f.Liked(on.ID) {
			t.Errorf("%s did nothing", act)
		}
	}
	if f.Hidden(on.ID) || f.Liked(on.ID) {
		t.Error("it was not taken back")
	}
	if err := n.Act(t.Context(), w.Session, network.Mute, on); !fault.Is(err, fault.Rejected) {
		t.Errorf("muting: %v", err)
	}
}

func TestNumbersAreNamedAsInTheDictionary(t *testing.T) {
	w, _ := world(t, tiktokbusinessfake.Options{}, clip)
	done, _, err := carryOut(t, w, plan(t, w, w.Draft("Count me")))
	if err != nil {
		t.Fatal(err)
	}
	list, err := w.Network.(network.Measurer).PostMetrics(t.Context(), w.Session, []network.Remote{{ID: done["post"].RemoteID}})
	want := network.Values{"M-IMPR": 100, "M-REACH": 80, "M-LIKE": 10, "M-COMM": 0, "M-SHARE": 3, "M-SAVE": 4, "M-FOLLGAIN": 1, "M-PVIS": 2, "M-VVIEW": 100, "M-VTIME": 386, "M-VAVG": 3862, "M-VDONE": 4}
	if err != nil || cmp.Diff(want, list[0].Values) != "" {
		t.Errorf("%+v, %v", list, err)
	}
	if diff := cmp.Diff([]network.Watched{{At: 0, Share: 10_000}, {At: 5000, Share: 4000}, {At: 10_000, Share: 1000}}, list[0].Watched); diff != "" {
		t.Errorf("H05: the retention differs:\n%s", diff)
	}
}

func TestOldCallsAreRefused(t *testing.T) {
	w, _ := world(t, tiktokbusinessfake.Options{}, clip)
	call := w.Hook()
	call.At = call.At.Add(6 * time.Minute)
	if _, err := tiktokbusiness.New("").Hear(w.Session.App, call); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("six minutes later: %v", err)
	}
}
