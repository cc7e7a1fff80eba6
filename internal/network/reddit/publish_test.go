package reddit_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/reddit"
	"github.com/bellwether-social/bellwether/internal/network/reddit/redditfake"
)

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := reddit.New("").Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

// carryOut plans a draft and runs it where nothing misbehaves; answers that say "not yet" are counted, and the clock
// moves on by their wait.
func carryOut(t *testing.T, w *networktest.World, d network.Draft) (done network.Outcomes, pending int) {
	t.Helper()
	n := w.Network.(reddit.Reddit)
	done = network.Outcomes{}
	for _, step := range plan(t, w, d) {
		for {
			o, err := n.Do(t.Context(), w.Session, step, done)
			if err != nil {
				t.Fatalf("step %s: %v", step.Name, err)
			}
			if done[step.Name] = o; !o.Pending {
				break
			}
			pending++
			w.Clock.Advance(o.Wait)
		}
	}
	return done, pending
}

// run publishes a post with files whose public call meets a fault, and looks it up as the journal does.
func run(t *testing.T, w *networktest.World, f *redditfake.Fake, d network.Draft, lost networkfake.Fault) string {
	t.Helper()
	n, done, steps := w.Network.(reddit.Reddit), network.Outcomes{}, plan(t, w, d)
	f.Faults.Next("create", lost)
	for _, step := range steps {
		sent := w.Clock.Now()
		for {
			ctx, cancel := context.WithCancel(t.Context())
			f.Faults.OnHold(cancel)
			o, err := n.Do(ctx, w.Session, step, done)
			cancel()
			if fault.Is(err, fault.Unknown) {
				for range 3 {
					if finding, _, err := n.Find(t.Context(), w.Session, step, done, sent); err == nil && finding == network.Found {
						return "published"
					}
					w.Clock.Advance(time.Minute)
				}
				return "in doubt"
			}
			if err != nil {
				return string(fault.KindOf(err))
			}
			if done[step.Name] = o; !o.Pending {
				break
			}
			w.Clock.Advance(o.Wait)
		}
	}
	if !strings.HasPrefix(done["post"].RemoteID, "t3_") || !strings.HasPrefix(done["post"].URL, "http") {
		t.Errorf("the post is known as %+v", done["post"])
	}
	return "published"
}

func film() network.Media {
	raw := bytes.Repeat([]byte("film"), 1000)
	return network.Media{Kind: network.Video, MIME: "video/mp4", Bytes: int64(len(raw)), Duration: 10 * time.Second, SHA256: "sum-of-the-film",
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
}

func TestEveryKindOfPostGoesOut(t *testing.T) {
	red, blue := networktest.Picture("Red"), networktest.Picture("Blue")
	for name, c := range map[string]struct {
		text    string
		media   []network.Media
		poll    *network.Poll
		set     map[string]string
		pending bool
		check   func(p redditfake.Post, url string) bool
	}{
		"text": {text: "Hello *world* &amp; <b>", set: settings("flair", redditfake.Home+"/"+redditfake.Flair, "flair_text", "Mine", "nsfw", "true", "spoiler", "on"), check: func(p redditfake.Post, _ string) bool {
			return p.Kind == "text" && p.Text == "Hello *world* &amp; <b>" && p.Title == "A title" && p.Flair == redditfake.Flair && p.FlairText == "Mine" && p.NSFW && p.Spoiler && p.Replies
		}},
		"text with its title in the first line": {text: "The title\n\nThe text", set: settings("title", "", "send_replies", "false"), check: func(p redditfake.Post, _ string) bool {
			return p.Title == "The title" && p.Text == "The text" && !p.Replies && !p.NSFW && !p.Spoiler
		}},
		"link": {text: "Look  at\nthis", set: settings("title", "", "url", "https://example.com/x"), check: func(p redditfake.Post, _ string) bool {
			return p.Kind == "link" && p.URL == "https://example.com/x" && p.Title == "Look at this"
		}},
		"picture": {media: []network.Media{red}, set: settings(), pending: true, check: func(p redditfake.Post, url string) bool {
			return p.Kind == "image" && strings.Contains(p.URL, "/storage/rte_images/") && strings.Contains(url, "/r/Gardening/comments/")
		}},
		"video": {media: []network.Media{film(), red}, set: settings(), pending: true, check: func(p redditfake.Post, _ string) bool {
			return p.Kind == "video" && p.Poster != "" && p.Poster != p.URL
		}},
		"gallery": {media: []network.Media{red, blue}, set: settings(), check: func(p redditfake.Post, url string) bool {
			return p.Kind == "gallery" && len(p.Items) == 2 && p.Items[0]["caption"] == "Red" && p.Items[1]["caption"] == "Blue" && strings.Contains(url, "/comments/")
		}},
		"poll": {text: "Why?", poll: &network.Poll{Options: []string{"This", " That "}, Duration: 72 * time.Hour}, set: settings("title", "Which?"), check: func(p redditfake.Post, _ string) bool {
			return p.Kind == "poll" && p.Title == "Which?" && p.Text == "Why?" && len(p.Options) == 2 && p.Options[1] == "That" && p.Days == 3
		}},
		"crosspost": {set: settings("crosspost", "https://www.reddit.com/r/pics/comments/1abc9/a_title/?x=1"), check: func(p redditfake.Post, _ string) bool {
			return p.Kind == "crosspost" && p.Crosspost == "t3_1abc9"
		}},
		"own profile": {text: "Hello", set: settings("community", "u_brand"), check: func(p redditfake.Post, _ string) bool { return p.Community == "u_brand" }},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, redditfake.Options{Processing: 25 * time.Second})
			d := w.Draft(c.text)
			d.Parts[0].Media, d.Parts[0].Poll, d.Settings = c.media, c.poll, c.set
			done, pending := carryOut(t, w, d)
			p, ok := f.Find(done["post"].RemoteID)
			if !ok || !c.check(p, done["post"].URL) || (pending > 0) != c.pending {
				t.Errorf("%+v at %s after %d times pending", p, done["post"].URL, pending)
			}
			// The same post is found again by its content, and nothing else is.
			n, steps := w.Network.(reddit.Reddit), plan(t, w, d)
			post := steps[len(steps)-1]
			finding, o, err := n.Find(t.Context(), w.Session, post, done, w.Clock.Now().Add(-time.Minute))
			if err != nil || finding != network.Found || o.RemoteID != done["post"].RemoteID {
				t.Errorf("looked up: %s %+v %v", finding, o, err)
			}
			if finding, _, _ = n.Find(t.Context(), w.Session, post, done, w.Clock.Now().Add(time.Hour)); finding != network.NotSeen {
				t.Error("a post from before the call was taken for it")
			}
			d.Settings = settings("community", "Links", "url", "https://example.com/other", "kind", "link")
			d.Parts[0] = network.Part{Text: c.text}
			steps = plan(t, w, d)
			if finding, _, _ = n.Find(t.Context(), w.Session, steps[len(steps)-1], done, w.Clock.Now().Add(-time.Minute)); finding != network.NotSeen {
				t.Error("another post was taken for it")
			}
		})
	}
}

func TestPostThatNeverAppearsIsInDoubt(t *testing.T) {
	w, _ := world(t, redditfake.Options{Processing: time.Hour})
	d := w.Draft("")
	d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	n, done := w.Network.(reddit.Reddit), network.Outcomes{}
	for _, step := range plan(t, w, d) {
		for {
			o, err := n.Do(t.Context(), w.Session, step, done)
			if fault.Is(err, fault.Unknown) && step.Name == "post" {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if done[step.Name] = o; !o.Pending {
				break
			}
			w.Clock.Advance(o.Wait)
		}
	}
	t.Error("a post that is not there was called published")
}

func TestUploadIsNeverInDoubt(t *testing.T) {
	for _, lost := range []networkfake.Fault{networkfake.ErrorAfter, networkfake.DropAfter, networkfake.DropBefore, networkfake.HTMLUnavailable, networkfake.LimitedSilent} {
		for _, before := range []int{0, 1} { // asking for a place, sending
			w, f := world(t, redditfake.Options{})
			d := w.Draft("")
			d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
			n, step := w.Network.(reddit.Reddit), plan(t, w, d)[1]
			for range before {
				f.Faults.Next("upload", networkfake.OK)
			}
			f.Faults.Next("upload", lost)
			if _, err := n.Do(t.Context(), w.Session, step, nil); !fault.Is(err, fault.Later) {
				t.Errorf("%s: %v is %s", lost, err, fault.KindOf(err))
			}
			if o, err := n.Do(t.Context(), w.Session, step, nil); err != nil || o.ExpiresAt.Sub(w.Clock.Now()) != 50*time.Minute {
				t.Errorf("%s: again: %+v %v", lost, o, err)
			}
		}
	}
}

func TestFirstCommentStandsBelowThePost(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	d := w.Draft("A post")
	d.FirstComment = &network.Part{Text: "The source: https://example.com"}
	done, _ := carryOut(t, w, d)
	items := f.Items()
	if len(items) != 2 || items[1].ReplyTo != done["post"].RemoteID || items[1].ID != done["comment"].RemoteID || !strings.HasPrefix(done["comment"].URL, f.URL+"/r/Gardening/comments/") {
		t.Errorf("%+v %+v", items, done["comment"])
	}
	n := w.Network.(reddit.Reddit)
	steps := plan(t, w, d)
	if finding, o, err := n.Find(t.Context(), w.Session, steps[2], done, w.Clock.Now()); err != nil || finding != network.Found || o.RemoteID != items[1].ID {
		t.Errorf("looked up: %s %+v %v", finding, o, err)
	}
}

func TestSameLinkIsRefusedByTheCommunity(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	d := w.Draft("")
	d.Settings = settings("url", "https://example.com/")
	carryOut(t, w, d)
	steps := plan(t, w, d)
	_, err := w.Network.(reddit.Reddit).Do(t.Context(), w.Session, steps[1], nil)
	if !fault.Is(err, fault.Rejected) || fault.As(err).Field != "settings.url" || len(f.Items()) != 1 {
		t.Errorf("%v, %d posts", err, len(f.Items()))
	}
}

func TestRulesOfACommunityAreReadAgainBeforeSending(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	n, steps := w.Network.(reddit.Reddit), plan(t, w, w.Draft("A text"))
	f.Require(redditfake.Home, "is_flair_required", true)
	_, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if f := fault.As(err); !fault.Is(err, fault.Rejected) || f.Field != "settings.flair" || f.Hint == "" || !strings.Contains(f.Message, "r/Gardening") {
		t.Errorf("%v", err)
	}
	if w.Session.Account, err = n.Check(t.Context(), w.Session); err != nil {
		t.Fatal(err)
	}
	if steps, problems := n.Plan(w.Draft("A text"), w.Session.Account); len(steps) > 0 || !has(problems, "flair_required", "settings.flair") {
		t.Errorf("after the next check: %+v", problems)
	}
}

func TestPostWaitsWhereNoCallsAreLeft(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	f.Leave("0.0")
	n, steps := w.Network.(reddit.Reddit), plan(t, w, w.Draft("A text"))
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Later) || fault.As(err).RetryAt.Sub(w.Clock.Now()) != 10*time.Minute {
		t.Errorf("%v until %s", err, fault.As(err).RetryAt)
	}
}

func has(problems []network.Problem, code, field string) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool {
		return p.Level == network.Error && p.Code == code && p.Field == field && p.Message != "" && p.Fix != ""
	})
}

func TestWhatACommunityDoesNotTakeIsSaidBefore(t *testing.T) {
	w, _ := world(t, redditfake.Options{})
	n := w.Network.(reddit.Reddit)
	strict := func(pairs ...string) map[string]string {
		s := settings("community", redditfake.Strict, "title", "[news] a title", "flair", redditfake.Strict+"/strict-flair")
		for i := 0; i < len(pairs); i += 2 {
			s[pairs[i]] = pairs[i+1]
		}
		return s
	}
	picture := []network.Media{networktest.Picture("")}
	for _, c := range []struct {
		code, field, text string
		media             []network.Media
		set               map[string]string
	}{
		{"community_required", "settings.community", "x", nil, settings("community", "")},
		{"community_gone", "settings.community", "x", nil, settings("community", "Elsewhere")},
		{"kind_not_allowed", "settings.kind", "x", nil, settings("community", "Links")},
		{"kind_not_allowed", "settings.kind", "", picture, strict()},
		{"title_required", "settings.title", "", nil, settings("title", "")},
		{"words_missing", "settings.title", "Enough", nil, strict("title", "Without a tag")},
		{"words_banned", "settings.title", "Enough", nil, strict("title", "[News] Buy now")},
		{"words_banned", "text", "Get Free Money here", nil, strict()},
		{"text_required", "text", "", nil, strict()},
		{"flair_required", "settings.flair", "Enough", nil, strict("flair", "")},
		{"flair_elsewhere", "settings.flair", "Enough", nil, strict("flair", redditfake.Home+"/"+redditfake.Flair)},
		{"flair_gone", "settings.flair", "x", nil, settings("flair", redditfake.Home+"/another")},
		{"domain_not_allowed", "settings.url", "", nil, strict("url", "https://elsewhere.org/")},
		{"domain_banned", "settings.url", "", nil, strict("url", "https://bad.example.com/")},
		{"gallery_size", "media", "", []network.Media{networktest.Picture("A"), networktest.Picture("B")}, strict()},
		{"captions_required", "media", "", []network.Media{networktest.Picture("A"), networktest.Picture("B"), networktest.Picture("")}, strict()},
		{"url_required", "settings.url", "x", nil, settings("kind", "link")},
		{"url_unknown", "settings.url", "x", nil, settings("url", "javascript:alert(1)")},
		{"crosspost_unknown", "settings.crosspost", "x", nil, settings("crosspost", "https://example.com/r/x/comments/1/")},
		{"setting_unknown", "settings.kind", "x", nil, settings("kind", "essay")},
		{"poster_required", "media", "x", []network.Media{film()}, settings()},
		{"media_elsewhere", "media", "x", picture, settings("kind", "text")},
		{"poll_required", "poll", "x", nil, settings("kind", "poll")},
	} {
		d := w.Draft(c.text)
		d.Parts[0].Media, d.Settings = c.media, c.set
		if steps, problems := n.Plan(d, w.Session.Account); len(steps) > 0 || !has(problems, c.code, c.field) {
			t.Errorf("%s at %s: %+v", c.code, c.field, problems)
		}
	}
	d := w.Draft("Fine words")
	d.Settings = strict("url", "https://sub.example.com/", "kind", "link")
	if steps, problems := n.Plan(d, w.Session.Account); len(steps) == 0 {
		t.Errorf("a link that is allowed: %+v", problems)
	}
}

func TestOnlyTheTextOfATextPostIsChanged(t *testing.T) {
	w, _ := world(t, redditfake.Options{})
	n := w.Network.(reddit.Reddit)
	done, _ := carryOut(t, w, w.Draft("Before"))
	item := network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data}
	d := w.Draft("After")
	d.Settings = settings("title", "Another title")
	if steps, problems := n.PlanEdit(item, d, w.Session.Account); len(steps) > 0 || !has(problems, "title_fixed", "settings.title") {
		t.Errorf("%+v", problems)
	}
	d.Settings = settings("community", redditfake.Strict)
	if steps, _ := n.PlanEdit(item, d, w.Session.Account); len(steps) > 0 {
		t.Error("a post moves to another community")
	}
	d = w.Draft("")
	d.Settings = settings("url", "https://example.com/")
	done, _ = carryOut(t, w, d)
	if steps, problems := n.PlanEdit(network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data}, d, w.Session.Account); len(steps) > 0 || !has(problems, "edit_text_only", "text") {
		t.Errorf("%+v", problems)
	}
	steps, _ := n.PlanEdit(network.Remote{ID: "t3_gone"}, w.Draft("After"), w.Session.Account)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("changing what is gone: %v", err)
	}
}

func TestRefusalsOfRedditAreSaidInPlainWords(t *testing.T) {
	w, f := world(t, redditfake.Options{})
	n, steps := w.Network.(reddit.Reddit), plan(t, w, w.Draft("A text"))
	for _, c := range []struct {
		code, words string
		kind        fault.Kind
		field       string
		wait        time.Duration
	}{
		{"SUBREDDIT_NOEXIST", "that community doesn't exist", fault.Rejected, "settings.community", 0},
		{"SUBREDDIT_NOTALLOWED", "you aren't allowed to post there", fault.Rejected, "settings.community", 0},
		{"NO_SELFS", "that community doesn't allow text posts", fault.Rejected, "settings.kind", 0},
		{"NO_LINKS", "only text posts", fault.Rejected, "settings.kind", 0},
		{"IMAGES_NOTALLOWED", "no images", fault.Rejected, "settings.kind", 0},
		{"ALREADY_SUB", "already submitted", fault.Rejected, "settings.url", 0},
		{"DOMAIN_BANNED", "example.com is banned", fault.Rejected, "settings.url", 0},
		{"NO_TEXT", "we need something here", fault.Rejected, "settings.title", 0},
		{"TOO_LONG", "this is too long (max: 300)", fault.Rejected, "text", 0},
		{"SUBMIT_VALIDATION_FLAIR_REQUIRED", "Your post must contain post flair.", fault.Rejected, "settings.flair", 0},
		{"SUBMIT_VALIDATION_TITLE_MIN_LENGTH", "Your title is too short.", fault.Rejected, "settings.title", 0},
		{"SUBMIT_VALIDATION_BODY_BLACKLISTED_STRING", "Not this word.", fault.Rejected, "text", 0},
		{"SUBMIT_VALIDATION_LINK_WHITELIST", "Not this website.", fault.Rejected, "settings.url", 0},
		{"SOMETHING_NEW", "", fault.Rejected, "", 0},
		{"USER_REQUIRED", "Please log in to do that.", fault.Unauthorised, "", 0},
		{"RATELIMIT", "Looks like you've been doing that a lot. Take a break for 9 minutes before trying again.", fault.Later, "", 10 * time.Minute},
		{"RATELIMIT", "Take a break for 41 seconds before trying again.", fault.Later, "", 42 * time.Second},
		{"RATELIMIT", "Take a break for 1 hour before trying again.", fault.Later, "", 2 * time.Hour},
		{"RATELIMIT", "Take a break.", fault.Later, "", 0},
	} {
		f.Refuse(c.code, c.words, "sr")
		_, err := n.Do(t.Context(), w.Session, steps[1], nil)
		got := fault.As(err)
		if got.Kind != c.kind || got.Field != c.field || got.Hint == "" || !strings.Contains(got.Message, c.words) {
			t.Errorf("%s: %s at %q: %s (%s)", c.code, got.Kind, got.Field, got.Message, got.Hint)
		}
		if wait := got.RetryAt.Sub(w.Clock.Now()); c.wait > 0 && wait != c.wait || c.wait == 0 && !got.RetryAt.IsZero() {
			t.Errorf("%s: %s waits %s, want %s", c.code, c.words, wait, c.wait)
		}
	}
	if n := len(f.Items()); n != 0 {
		t.Errorf("%d posts are live after nothing but refusals", n)
	}
}
