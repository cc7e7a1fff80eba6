package snapchat_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/snapchat"
	"github.com/bellwether-social/bellwether/internal/network/snapchat/snapchatfake"
)

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := snapchat.New("").Plan(d, w.Session.Account)
	if len(steps) != 2 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

// carryOut plans a draft and runs it where nothing misbehaves; answers that say "not yet" are counted, and the clock
// moves on by their wait.
func carryOut(t *testing.T, w *networktest.World, d network.Draft) (done network.Outcomes, pending int) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range plan(t, w, d) {
		for {
			o, err := w.Network.(snapchat.Snapchat).Do(t.Context(), w.Session, step, done)
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

func draft(w *networktest.World, kind, text string, m network.Media, pairs ...string) network.Draft {
	d := w.Draft(text)
	d.Parts[0].Media, d.Settings = []network.Media{m}, map[string]string{"kind": kind}
	for i := 0; i < len(pairs); i += 2 {
		d.Settings[pairs[i]] = pairs[i+1]
	}
	return d
}

func TestEveryKindOfPostGoesOutDecryptable(t *testing.T) {
	for name, c := range map[string]struct {
		d     func(*networktest.World) network.Draft
		want  snapchatfake.Post
		kind  network.StepKind
		where string
	}{
		"story": {func(w *networktest.World) network.Draft { return draft(w, "story", "", snap()) },
			snapchatfake.Post{Kind: "stories"}, network.Once, "/add/brand"},
		"video story": {func(w *networktest.World) network.Draft { return draft(w, "", "", film(1<<20)) },
			snapchatfake.Post{Kind: "stories"}, network.Once, "/add/brand"},
		"saved story": {func(w *networktest.World) network.Draft { return draft(w, "saved_story", "First line\nsecond", snap()) },
			snapchatfake.Post{Kind: "saved_stories", Title: "First line"}, network.Once, "/add/brand"},
		"Spotlight": {func(w *networktest.World) network.Draft {
			return draft(w, "spotlight", "Words #topic", film(100_001), "locale", "de_DE", "off_profile", "true")
		},
			snapchatfake.Post{Kind: "spotlights", Text: "Words #topic", Locale: "de_DE", OffProfile: true}, network.Findable, "/spotlight/"},
	} {
		for shape, o := range map[string]snapchatfake.Options{"plain": {}, "wrapped": {Wrapped: true}, "with ids": {StoryIDs: true}} {
			t.Run(name+" "+shape, func(t *testing.T) {
				w, f := world(t, o)
				d := c.d(w)
				if steps := plan(t, w, d); steps[1].Kind != c.kind || steps[0].Kind != network.Repeatable {
					t.Errorf("planned as %s after %s", steps[1].Kind, steps[0].Kind)
				}
				done, pending := carryOut(t, w, d)
				posts, files := f.Posts()
				if len(posts) != 1 {
					t.Fatalf("%d posts", len(posts))
				}
				p := posts[0]
				if p.Kind != c.want.Kind || p.Text != c.want.Text || p.Title != c.want.Title || p.Locale != c.want.Locale || p.OffProfile != c.want.OffProfile || p.Profile != snapchatfake.Profile {
					t.Errorf("%+v", p)
				}
				file, _ := d.Parts[0].Media[0].Open(t.Context())
				raw, _ := io.ReadAll(file)
				if !bytes.Equal(files[0].Plain, raw) || (files[0].Type == "VIDEO") != (d.Parts[0].Media[0].Kind == network.Video) {
					t.Errorf("%d bytes of %d arrived as %s", len(files[0].Plain), len(raw), files[0].Type)
				}
				if o := done["post"]; o.RemoteID != p.ID || !strings.Contains(o.URL, c.where) || o.Data["kind"] == "" {
					t.Errorf("known as %+v, it is %s", o, p.ID)
				}
				if asks := c.want.Kind == "stories" && !o.StoryIDs && !o.Wrapped; asks != (pending > 0) && !o.Wrapped {
					t.Errorf("%d times pending", pending)
				}
				if left := done["media-1"].ExpiresAt.Sub(w.Clock.Now()); left > 23*time.Hour || left < 22*time.Hour {
					t.Errorf("the upload is good for %s", left)
				}
			})
		}
	}
}

// TestLargeFilesAreSentInParts crosses the size of a part by one byte, and ends on a whole block.
func TestLargeFilesAreSentInParts(t *testing.T) {
	const part = 30 << 20
	for size, want := range map[int]int{16: 1, 15: 1, part - 1: 1, part: 2} {
		w, f := world(t, snapchatfake.Options{})
		carryOut(t, w, draft(w, "story", "", film(size)))
		_, files := f.Posts()
		if files[0].Parts != want || len(files[0].Plain) != size {
			t.Errorf("%d bytes: %d parts, %d bytes arrived", size, files[0].Parts, len(files[0].Plain))
		}
	}
}

func TestStoryWhoseAnswerIsLostIsNeverPostedAgainOrGuessed(t *testing.T) {
	for _, lost := range []networkfake.Fault{networkfake.DropAfter, networkfake.ErrorAfter, networkfake.Truncated, networkfake.DropBefore} {
		w, f := world(t, snapchatfake.Options{})
		n, done := w.Network.(snapchat.Snapchat), network.Outcomes{}
		steps := plan(t, w, draft(w, "story", "", snap()))
		var err error
		if done["media-1"], err = n.Do(t.Context(), w.Session, steps[0], done); err != nil {
			t.Fatal(err)
		}
		f.Faults.Next("create", lost)
		if _, err := n.Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Unknown) {
			t.Errorf("%s: %v is %s", lost, err, fault.KindOf(err))
		}
		if finding, _, err := n.Find(t.Context(), w.Session, steps[1], done, w.Clock.Now()); finding != network.NotSeen || err != nil {
			t.Errorf("%s: %s, %v: a story can't be told from another", lost, finding, err)
		}
		if lost.Creates() { // sent again all the same, Snapchat says that the file is on its way: still in doubt
			if _, err := n.Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Unknown) {
				t.Errorf("%s: again: %v is %s", lost, err, fault.KindOf(err))
			}
		}
	}
}

func TestStoryThatIsNotListedStaysKnownByItsMedia(t *testing.T) {
	w, f := world(t, snapchatfake.Options{Unlist: true})
	n := w.Network.(snapchat.Snapchat)
	done, pending := carryOut(t, w, draft(w, "story", "", snap()))
	o := done["post"]
	if !strings.HasPrefix(o.RemoteID, "media:") || pending < 10 || !strings.HasSuffix(o.URL, "/add/brand") {
		t.Fatalf("%+v after %d times pending", o, pending)
	}
	item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
	if _, err := n.Read(t.Context(), w.Session, item); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("read: %v", err)
	}
	if err := n.Delete(t.Context(), w.Session, item); !fault.Is(err, fault.Rejected) {
		t.Errorf("delete: %v", err)
	}
	if list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item}); err != nil || len(list) != 0 {
		t.Errorf("measured: %+v, %v", list, err)
	}
	if len(f.Items()) != 1 {
		t.Error("the story is not there")
	}
}

func TestStoriesAreReadMeasuredAndDeletedByTheirKind(t *testing.T) {
	for _, kind := range []string{"story", "saved_story"} {
		w, _ := world(t, snapchatfake.Options{})
		n := w.Network.(snapchat.Snapchat)
		done, _ := carryOut(t, w, draft(w, kind, "A title", snap()))
		item := network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data}
		live, err := n.Read(t.Context(), w.Session, item)
		if err != nil || !live.Exists || live.Visibility != "live" || live.MediaCount != 1 {
			t.Errorf("%s: %+v, %v", kind, live, err)
		}
		list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item})
		if err != nil || len(list) != 1 || !maps.Equal(list[0].Values, network.Values{"M-VVIEW": 120, "M-LIKE": 9, "M-SHARE": 2}) {
			t.Errorf("%s: %+v, %v", kind, list, err)
		}
		if err := n.Delete(t.Context(), w.Session, item); err != nil {
			t.Error(err)
		}
		if live, err = n.Read(t.Context(), w.Session, item); err != nil || live.Exists {
			t.Errorf("%s: after deleting: %+v, %v", kind, live, err)
		}
	}
}

func TestFileThatIsStillProcessedIsWaitedFor(t *testing.T) {
	w, f := world(t, snapchatfake.Options{Processing: 1})
	n, done := w.Network.(snapchat.Snapchat), network.Outcomes{}
	steps := plan(t, w, w.Draft("Words"))
	done["media-1"], _ = n.Do(t.Context(), w.Session, steps[0], done)
	_, err := n.Do(t.Context(), w.Session, steps[1], done)
	if !fault.Is(err, fault.Later) || fault.As(err).RetryAt.Sub(w.Clock.Now()) != 10*time.Second {
		t.Errorf("%v is %s", err, fault.KindOf(err))
	}
	if _, err := n.Do(t.Context(), w.Session, steps[1], done); err != nil || len(f.Items()) != 1 {
		t.Errorf("then: %v", err)
	}
}

func TestNumbersInPairsAreRead(t *testing.T) {
	w, _ := world(t, snapchatfake.Options{Wrapped: true})
	done, _ := carryOut(t, w, w.Draft("Words"))
	list, err := w.Network.(snapchat.Snapchat).PostMetrics(t.Context(), w.Session, []network.Remote{{ID: done["post"].RemoteID}})
	if err != nil || len(list) != 1 || !maps.Equal(list[0].Values, network.Values{"M-VVIEW": 120, "M-SHARE": 2}) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestReviewOfASpotlightIsSeen(t *testing.T) {
	w, f := world(t, snapchatfake.Options{})
	n := w.Network.(snapchat.Snapchat)
	done, _ := carryOut(t, w, w.Draft("Words"))
	item := network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data}
	for _, c := range []struct {
		state  string
		exists bool
	}{{"SUBMITTED", true}, {"LIVE", true}, {"REJECTED", false}} {
		f.Judge(item.ID, c.state)
		live, err := n.Read(t.Context(), w.Session, item)
		if err != nil || live.Exists != c.exists || live.Visibility != strings.ToLower(c.state) {
			t.Errorf("%s: %+v, %v", c.state, live, err)
		}
	}
}

func TestWhatSnapchatDoesNotTakeIsSaidBefore(t *testing.T) {
	w, _ := world(t, snapchatfake.Options{})
	gif := snap()
	gif.Kind, gif.MIME = network.GIF, "image/gif"
	for name, c := range map[string]struct {
		d           network.Draft
		code, field string
	}{
		"no file":           {network.Draft{Parts: []network.Part{{Text: "x"}}}, "media_required", "media"},
		"no part":           {network.Draft{}, "media_required", "media"},
		"Spotlight picture": {draft(w, "spotlight", "x", snap()), "video_required", "media"},
		"unknown kind":      {draft(w, "lens", "x", snap()), "setting_unknown", "settings.kind"},
		"unknown language":  {draft(w, "spotlight", "x", film(40), "locale", "german"), "locale_unknown", "settings.locale"},
		"no title":          {draft(w, "saved_story", "", snap()), "title_required", "settings.title"},
		"animation":         {draft(w, "story", "", gif), "media_type", "media"},
	} {
		steps, problems := snapchat.New("").Plan(c.d, w.Session.Account)
		if len(steps) > 0 || len(problems) == 0 || problems[0].Code != c.code || problems[0].Field != c.field || problems[0].Fix == "" {
			t.Errorf("%s: %+v", name, problems)
		}
	}
	for language, want := range map[string]string{"": "en_US", "de": "de_DE", "pt-BR": "pt_BR", "ja": "ja_JP", "zh-Hant-TW": "zh_CN", "xyz": "en_US"} {
		d := draft(w, "spotlight", "x", film(40))
		d.Language = language
		if steps := plan(t, w, d); !strings.Contains(string(steps[1].Payload), `"`+want+`"`) {
			t.Errorf("%q: %s", language, steps[1].Payload)
		}
	}
}

func TestRefusalsUnderASuccessAreSeen(t *testing.T) {
	w, f := world(t, snapchatfake.Options{})
	n, done := w.Network.(snapchat.Snapchat), network.Outcomes{}
	steps := plan(t, w, w.Draft("Words"))
	var err error
	if done["media-1"], err = n.Do(t.Context(), w.Session, steps[0], done); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]fault.Kind{"MEDIA_PROCESSING": fault.Later, "MEDIA_EXPIRED": fault.Rejected, "MEDIA_POSTING_ALREADY_IN_PROGRESS": fault.Unknown, "E9999": fault.Rejected} {
		f.Refuse(code)
		_, err := n.Do(t.Context(), w.Session, steps[1], done)
		if got := fault.As(err); got.Kind != want || got.Hint == "" || !strings.Contains(got.Message, code) {
			t.Errorf("%s: %s: %s (%s)", code, got.Kind, got.Message, got.Hint)
		}
	}
	if len(f.Items()) != 0 {
		t.Error("something is live after nothing but refusals")
	}
}

func TestAnswersOfEveryClass(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   fault.Kind
		hint   string
	}{
		{200, `{"request_status":"SUCCESS","request_id":"1","spotlights":[{"sub_request_status":"ERROR","sub_request_error_reason":"Bad media"}]}`, fault.Rejected, "as Snapchat says"},
		{200, `{"request_status":"PARTIAL","request_id":"1"}`, fault.Rejected, "as Snapchat says"},
		{200, `{"request_status":"SUCCESS","request_id":"1"}`, fault.Unknown, ""},
		{200, `{}`, fault.Unknown, ""},
		{200, `<html>`, fault.Unknown, ""},
		{400, `{"request_status":"ERROR","error_code":"E1234","display_message":"The description is not allowed"}`, fault.Rejected, "as Snapchat says"},
		{401, `{}`, fault.Unauthorised, "Reconnect"},
		{403, ``, fault.Rejected, "Publish by hand"},
		{404, `{}`, fault.Rejected, "profile is gone"},
		{413, `{}`, fault.Rejected, "smaller"},
		{429, `{}`, fault.Later, ""},
		{500, `{"request_status":"ERROR","error_code":"MEDIA_PROCESSING"}`, fault.Unknown, ""},
		{503, ``, fault.Unknown, ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		n := snapchat.New(server.URL)
		s := network.Session{HTTP: networktest.Client(t, nil), Account: network.Account{ID: "p"}}
		steps, _ := n.Plan(network.Draft{Key: "d", Settings: map[string]string{"kind": "spotlight"}, Parts: []network.Part{{Text: "x", Media: []network.Media{film(40)}}}}, s.Account)
		_, err := n.Do(t.Context(), s, steps[1], network.Outcomes{"media-1": {Data: map[string]string{"media": "m"}}})
		if f := fault.As(err); f.Kind != c.kind || !strings.Contains(f.Hint, c.hint) || f.Message == "" {
			t.Errorf("%d %s: %s: %s (%s)", c.status, c.body, f.Kind, f.Message, f.Hint)
		}
		server.Close()
	}
}

// TestTokenStaysAtSnapchat: where to send a file is Snapchat's word, and the token goes with it; it must not lead
// elsewhere.
func TestTokenStaysAtSnapchat(t *testing.T) {
	for _, path := range []string{"https://evil.example/x", "//evil.example/x", "/../x", "/a/../../x", "\\\\evil.example", "", "/", "/x?u=http://evil.example"} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"request_status":"SUCCESS","media_id":"m","add_path":"` + strings.ReplaceAll(path, `\`, `\\`) + `","finalize_path":"/f"}`))
		}))
		n := snapchat.New(server.URL)
		s := network.Session{HTTP: networktest.Client(t, nil), Account: network.Account{ID: "p"}}
		steps, _ := n.Plan(network.Draft{Key: "d", Parts: []network.Part{{Media: []network.Media{film(40)}}}}, s.Account)
		_, err := n.Do(t.Context(), s, steps[0], nil)
		if path != "//evil.example/x" && (!fault.Is(err, fault.Later) || asked != 1) {
			t.Errorf("%q: %v after %d calls", path, err, asked)
		}
		server.Close() // a path that begins with two slashes is a path at Snapchat: the server here was asked
	}
}
