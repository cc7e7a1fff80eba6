package wordpress_test

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
	"github.com/bellwether-social/bellwether/internal/network/wordpress"
	"github.com/bellwether-social/bellwether/internal/network/wordpress/wordpressfake"
)

// publish carries steps out where nothing misbehaves.
func publish(t *testing.T, w *networktest.World, steps []network.Step) network.Outcomes {
	t.Helper()
	if len(steps) == 0 {
		t.Fatal("there is nothing to carry out")
	}
	done := network.Outcomes{}
	for _, s := range steps {
		if s.Media != nil {
			s.Media.Open = networktest.Picture("").Open
		}
		o, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, s, done)
		if err != nil {
			t.Fatalf("step %s: %v", s.Name, err)
		}
		done[s.Name] = o
	}
	return done
}

func planned(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := wordpress.New().Plan(d, w.Session.Account)
	for _, p := range problems {
		if p.Level == network.Error {
			t.Fatalf("refused: %+v", p)
		}
	}
	return steps
}

func remote(o network.Outcome) network.Remote {
	return network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
}

func TestPostCarriesEverySetting(t *testing.T) {
	w, f := world(t, wordpressfake.Options{})
	d := w.Draft("First <b>& foremost</b>,\nsee https://example.com/a?b=1&c=2\n\nSecond")
	d.Settings = map[string]string{"title": "Frühling & more", "status": "private", "categories": "1,2", "tags": "3", "new_tags": "Spring, 2026 ", "excerpt": "In short", "format": "aside", "sticky": "true", "comments": "closed", "author": "1", "date": "2026-02-01T09:30:00+01:00"}
	second := networktest.Picture("Another")
	second.SHA256 = strings.Repeat("ab", 32)
	d.Parts[0].Media = []network.Media{networktest.Picture(`A "red" square`), second}
	done := publish(t, w, planned(t, w, d))
	got := f.Post(done["post"].RemoteID)
	if !strings.HasPrefix(got.Slug, "fruehling-more-") || !strings.HasSuffix(got.Featured, ".png") || !strings.HasPrefix(got.Featured, "fruehling-more-") {
		t.Errorf("the address is %s, the featured image %s", got.Slug, got.Featured)
	}
	content := got.Content
	got.Slug, got.Featured, got.Content = "", "", ""
	want := wordpressfake.Shown{Base: "posts", Status: "private", Title: "Frühling & more", Excerpt: "In short", Format: "aside", Comments: "closed", Date: "2026-02-01T08:30:00",
		Categories: []string{"News &amp; more", "Recipes"}, Tags: []string{"spring", "2026"}, Alt: `A "red" square`, Sticky: true, Author: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the post differs:\n%s", diff)
	}
	first, rest, _ := strings.Cut(content, "<!-- /wp:paragraph -->")
	if !strings.Contains(first, `<p>First &lt;b&gt;&amp; foremost&lt;/b&gt;,<br>see <a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a></p>`) ||
		!strings.Contains(rest, "<p>Second</p>") || strings.Count(content, "<img ") != 1 || !strings.Contains(content, `alt="Another"`) {
		t.Errorf("the content is\n%s", content)
	}
}

func TestFeaturedImageIsWhereItWasAskedFor(t *testing.T) {
	for how, want := range map[string]struct {
		images   int
		featured bool
	}{"": {0, true}, "first": {0, true}, "both": {1, true}, "none": {1, false}} {
		w, f := world(t, wordpressfake.Options{})
		d := w.Draft("A picture")
		d.Settings = map[string]string{"featured": how}
		d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
		p := f.Post(publish(t, w, planned(t, w, d))["post"].RemoteID)
		if strings.Count(p.Content, "<img ") != want.images || (p.Featured != "") != want.featured {
			t.Errorf("%q: featured %q, content\n%s", how, p.Featured, p.Content)
		}
	}
}

func TestOneFileIsUploadedOnce(t *testing.T) {
	w, f := world(t, wordpressfake.Options{})
	for range 2 {
		d := w.Draft("The same picture")
		d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
		publish(t, w, planned(t, w, d))
	}
	if n := f.Files(); n != 1 {
		t.Errorf("the library has %d files, want 1", n)
	}
}

func TestPagesDraftsAndOtherTypesArePublished(t *testing.T) {
	for _, set := range []map[string]string{{"type": "pages"}, {"type": "product"}, {"status": "draft"}, {"status": "pending"}, {"markup": "html"}} {
		w, f := world(t, wordpressfake.Options{})
		d := w.Draft("<p>Some <em>words</em></p>")
		d.Settings = set
		done := publish(t, w, planned(t, w, d))
		p := f.Post(done["post"].RemoteID)
		if want := set["type"]; want != "" && p.Base != want {
			t.Errorf("%v: made a %s", set, p.Base)
		}
		if want := set["status"]; want != "" && p.Status != want {
			t.Errorf("%v: it is %s", set, p.Status)
		}
		if set["markup"] == "html" && p.Content != "<p>Some <em>words</em></p>" {
			t.Errorf("the markup became %q", p.Content)
		}
		live, err := wordpress.New().Read(t.Context(), w.Session, remote(done["post"]))
		if err != nil || !live.Exists {
			t.Errorf("%v: read back as %+v, %v", set, live, err)
		}
	}
}

func TestEditKeepsFilesAndAddress(t *testing.T) {
	w, f := world(t, wordpressfake.Options{})
	d := w.Draft("Before")
	d.Settings = map[string]string{"title": "Title", "featured": "both"}
	d.Parts[0].Media = []network.Media{networktest.Picture("Red")}
	item := remote(publish(t, w, planned(t, w, d))["post"])
	before := f.Post(item.ID)
	d.Parts[0].Text, d.Settings["title"], d.Parts[0].Media[0].Alt = "After", "A better title", "A red square"
	steps, problems := wordpress.New().PlanEdit(item, d, w.Session.Account)
	if len(steps) != 1 {
		t.Fatalf("editing takes %d calls: %+v", len(steps), problems)
	}
	publish(t, w, steps)
	after := f.Post(item.ID)
	if after.Slug != before.Slug || after.Title != "A better title" || after.Featured != before.Featured || !strings.Contains(after.Content, "<p>After</p>") || !strings.Contains(after.Content, `alt="A red square"`) || f.Files() != 1 {
		t.Errorf("after the edit: %+v", after)
	}
	d.Parts[0].Media = nil
	steps, _ = wordpress.New().PlanEdit(item, d, w.Session.Account)
	publish(t, w, steps)
	if after = f.Post(item.ID); after.Featured != "" || strings.Contains(after.Content, "<img") {
		t.Errorf("the picture is still there: %+v", after)
	}
}

func TestRulesFollowTheRoleAndTheSite(t *testing.T) {
	contributor, _ := world(t, wordpressfake.Options{Role: "contributor"})
	author, _ := world(t, wordpressfake.Options{Role: "author"})
	editor, _ := world(t, wordpressfake.Options{})
	picture := func(d *network.Draft) { d.Parts[0].Media = []network.Media{networktest.Picture("Red")} }
	for _, c := range []struct {
		w        *networktest.World
		settings map[string]string
		change   func(*network.Draft)
		code     string
	}{
		{contributor, nil, nil, "role_publish"},
		{contributor, map[string]string{"status": "pending"}, nil, ""},
		{contributor, map[string]string{"status": "pending"}, picture, "role_upload"},
		{author, nil, picture, ""},
		{author, map[string]string{"sticky": "true"}, nil, "role_sticky"},
		{author, map[string]string{"type": "pages"}, nil, "setting_unknown"},
		{editor, map[string]string{"categories": "1,99"}, nil, "setting_unknown"},
		{editor, map[string]string{"format": "video"}, nil, "setting_unknown"},
		{editor, map[string]string{"type": "pages", "tags": "3"}, nil, "only_posts"},
		{editor, map[string]string{"date": "yesterday"}, nil, "date_unreadable"},
		{editor, map[string]string{"date": "2026-03-02T09:01:00Z"}, nil, "date_in_future"},
		{editor, map[string]string{"date": "2026-03-02T09:00:00Z"}, nil, ""},
		{editor, map[string]string{"comments": "closed"}, func(d *network.Draft) { d.FirstComment = &network.Part{Text: "Hm"} }, "comments_closed"},
		{editor, map[string]string{"status": "draft"}, func(d *network.Draft) { d.FirstComment = &network.Part{Text: "Hm"} }, "comment_on_draft"},
		{editor, nil, func(d *network.Draft) {
			d.FirstComment = &network.Part{Text: "Hm", Media: []network.Media{networktest.Picture("")}}
		}, "comment_media"},
		{editor, nil, func(d *network.Draft) { d.Parts[0].Poll = &network.Poll{} }, "poll_unsupported"},
		{editor, nil, func(d *network.Draft) { d.Parts[0].Text = " " }, "empty"},
		{editor, nil, func(d *network.Draft) {
			picture(d)
			d.Parts[0].Media[0].MIME = "application/x-sh"
		}, "media_type"},
	} {
		d := c.w.Draft("A post")
		d.Settings = c.settings
		if c.change != nil {
			c.change(&d)
		}
		steps, problems := wordpress.New().Plan(d, c.w.Session.Account)
		i := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
		switch {
		case c.code == "" && i >= 0, c.code != "" && (i < 0 || problems[i].Code != c.code || problems[i].Message == "" || problems[i].Fix == ""):
			t.Errorf("%v: %+v, want %q", c.settings, problems, c.code)
		case (i >= 0) == (len(steps) > 0):
			t.Errorf("%v: %d steps with %+v", c.settings, len(steps), problems)
		}
	}
}

// TestLostDraftIsFoundAgain loses the answer of the call before the public one: no stray draft stays behind.
func TestLostDraftIsFoundAgain(t *testing.T) {
	for _, lost := range []networkfake.Fault{networkfake.ErrorAfter, networkfake.DropAfter, networkfake.Truncated, networkfake.EmptySuccess} {
		w, f := world(t, wordpressfake.Options{})
		steps := planned(t, w, w.Draft("Once"))
		f.Faults.Next("draft", lost)
		if _, err := wordpress.New().Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Later) {
			t.Errorf("%s: %v, want later", lost, err)
		}
		publish(t, w, steps)
		if n := f.Calls("draft"); n != 1 || len(f.Items()) != 1 {
			t.Errorf("%s: %d drafts were made, %d posts are public", lost, n, len(f.Items()))
		}
	}
}

func TestFirstCommentStandsBelowThePost(t *testing.T) {
	w, f := world(t, wordpressfake.Options{})
	d := w.Draft("A post")
	d.FirstComment = &network.Part{Text: "And <more>\nof it"}
	steps := planned(t, w, d)
	sent := w.Clock.Now()
	done := publish(t, w, steps)
	items := f.Items()
	if len(items) != 2 || items[1].ReplyTo != items[0].ID || items[1].Text != "And <more>\nof it" {
		t.Fatalf("live: %+v", items)
	}
	comment := steps[len(steps)-1]
	finding, o, err := wordpress.New().Find(t.Context(), w.Session, comment, network.Outcomes{"draft": done["draft"], "post": done["post"]}, sent)
	if err != nil || finding != network.Found || o.RemoteID != done["comment"].RemoteID {
		t.Errorf("looked up: %s %+v, %v", finding, o, err)
	}
	if finding, _, err = wordpress.New().Find(t.Context(), w.Session, comment, network.Outcomes{"post": done["post"]}, sent.Add(time.Hour)); err != nil || finding != network.NotSeen {
		t.Errorf("a comment from before the call is %s, %v", finding, err)
	}
	// A person decided to send it again: WordPress refuses the double, and the live one is taken for it.
	again, err := wordpress.New().Do(t.Context(), w.Session, comment, network.Outcomes{"draft": done["draft"], "post": done["post"]})
	if err != nil || again.RemoteID != done["comment"].RemoteID || len(f.Items()) != 2 {
		t.Errorf("sent again: %+v, %v", again, err)
	}
	for range 2 {
		if err := wordpress.New().Delete(t.Context(), w.Session, remote(done["comment"])); err != nil {
			t.Errorf("delete the comment: %v", err)
		}
	}
	if live, err := wordpress.New().Read(t.Context(), w.Session, remote(done["comment"])); err != nil || live.Exists {
		t.Errorf("the deleted comment reads %+v, %v", live, err)
	}
}
