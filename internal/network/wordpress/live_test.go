package wordpress_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/lab"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/wordpress"
)

// live is a user connected at a real site, and its administrator, who judges.
type live struct {
	*networktest.World
	site  lab.WordPress
	judge lab.WordPressUser
}

func connected(t *testing.T, name string) *live {
	t.Helper()
	site := lab.Blog(t)
	me := site.As(t, name)
	client := networktest.Client(t, nil)
	grant, accounts, err := wordpress.New().SignIn(t.Context(), client, map[string]string{"site": site.BaseURL, "username": name, "password": me.ApplicationPassword})
	if err != nil || len(accounts) != 1 {
		t.Fatalf("sign in: %+v, %v", accounts, err)
	}
	w := &networktest.World{Network: wordpress.New(), Session: network.Session{Account: accounts[0], Grant: grant, HTTP: client}, Clock: networktest.NewClock()}
	return &live{World: w, site: site, judge: site.As(t, "alice")}
}

func TestRealSiteIsConnectedAndChecked(t *testing.T) {
	l := connected(t, "bob")
	a := l.Session.Account
	if !strings.HasPrefix(a.ID, "2@") || !strings.HasSuffix(a.Name, "(Bob)") || a.Server != l.site.BaseURL || !strings.Contains(a.Extra["can"], "moderate_comments") {
		t.Errorf("the account is %+v", a)
	}
	if c := a.Choices; len(c["categories"]) == 0 || len(c["type"]) < 2 || len(c["author"]) < 3 || len(c["format"]) == 0 {
		t.Errorf("the site's choices are %+v", c)
	}
	again, err := wordpress.New().Check(t.Context(), l.Session)
	if err != nil || again.ID != a.ID {
		t.Errorf("check: %+v, %v", again, err)
	}
	for user, password := range map[string]string{"bob": "abcd efgh ijkl mnop qrst uvwx", "nobody": l.Session.Grant.Values["password"]} {
		_, _, err := wordpress.New().SignIn(t.Context(), l.Session.HTTP, map[string]string{"site": l.site.BaseURL, "username": user, "password": password})
		if e := fault.As(err); e.Kind != fault.Rejected || e.Field != "password" || e.Hint == "" {
			t.Errorf("%s: %v", user, err)
		}
	}
	dan := l.site.As(t, "dan")
	if _, _, err := wordpress.New().SignIn(t.Context(), l.Session.HTTP, map[string]string{"site": l.site.BaseURL, "username": "dan", "password": dan.ApplicationPassword}); !fault.Is(err, fault.Rejected) || !strings.Contains(err.Error(), "role") {
		t.Errorf("a subscriber: %v", err)
	}
}

func TestRealSitePublishesFindsEditsAndDeletes(t *testing.T) {
	l := connected(t, "bob")
	mark := lab.Mark()
	d := network.Draft{Key: mark, At: time.Now().UTC(), Settings: map[string]string{"title": "Grüße " + mark, "excerpt": "In short", "new_tags": "Lab, " + mark, "featured": "both", "comments": "open", "sticky": "false", "date": "2025-03-02"},
		Parts: []network.Part{{Text: "It's \"quoted\" & <b>plain</b>, see https://example.com/a?mark=" + mark + "&more=1\nA line\n\nA paragraph", Media: []network.Media{networktest.Picture("A red square")}}}}
	d.Settings["categories"] = l.Session.Account.Choices["categories"][0].Value
	steps := planned(t, l.World, d)
	sent := time.Now()
	done := publish(t, l.World, steps)
	post := done["post"]
	found := l.judge.Posts(mark)
	if len(found) != 1 {
		t.Fatalf("%d posts, want 1", len(found))
	}
	got := found[0]
	if strconv.FormatInt(got.ID, 10) != post.RemoteID || got.Status != "publish" || got.Link != post.URL || got.Feature == 0 || len(got.Categories) != 1 || len(got.Tags) != 2 || got.Title.Raw != "Grüße "+mark || got.Excerpt.Raw != "In short" || !strings.HasPrefix(got.Date, "2025-03-02") || !strings.HasPrefix(got.Slug, "gruesse-"+mark+"-") {
		t.Errorf("the site has %+v", got)
	}
	status, page := l.judge.Page(post.URL)
	if status != 200 || !strings.Contains(page, "&lt;b&gt;plain&lt;/b&gt;") || !strings.Contains(page, `href="https://example.com/a?mark=`+mark+`&#038;more=1"`) && !strings.Contains(page, `href="https://example.com/a?mark=`+mark+`&amp;more=1"`) || !strings.Contains(page, `alt="A red square"`) {
		t.Errorf("a visitor finds %d:\n%s", status, page)
	}
	finding, o, err := wordpress.New().Find(t.Context(), l.Session, steps[len(steps)-1], done, sent)
	if err != nil || finding != network.Found || o.RemoteID != post.RemoteID || o.URL != post.URL || o.Data["files"] != post.Data["files"] {
		t.Errorf("looked up: %s %+v, %v", finding, o, err)
	}
	read, err := wordpress.New().Read(t.Context(), l.Session, remote(post))
	if err != nil || !read.Exists || read.MediaCount != 1 || read.Text != d.Parts[0].Text || read.Visibility != "publish" {
		t.Errorf("read back: %+v, %v", read, err)
	}
	// Everything once more, as after lost answers: the same post, the same file.
	if again := publish(t, l.World, steps); again["post"].RemoteID != post.RemoteID || again["media-1"].RemoteID != done["media-1"].RemoteID || len(l.judge.Posts(mark)) != 1 {
		t.Errorf("sent again: %+v, %d posts", again, len(l.judge.Posts(mark)))
	}
	d.Parts[0].Text, d.Settings["title"] = "Corrected "+mark, "A title "+mark
	edit, problems := wordpress.New().PlanEdit(remote(post), d, l.Session.Account)
	if len(edit) != 2 { // the tags, and the post
		t.Fatalf("the edit has %d steps: %+v", len(edit), problems)
	}
	publish(t, l.World, edit)
	if got = l.judge.Posts(mark)[0]; got.Slug != found[0].Slug || got.Title.Raw != "A title "+mark || !strings.Contains(got.Content.Raw, "Corrected "+mark) || !strings.Contains(got.Content.Raw, "wp-image-") {
		t.Errorf("after the edit: %+v", got)
	}
	items, next, err := wordpress.New().Own(t.Context(), l.Session, "", 2)
	if err != nil || len(items) == 0 || next == "" || items[0].At.IsZero() {
		t.Errorf("own posts: %+v, %q, %v", items, next, err)
	}
	for range 2 {
		if err := wordpress.New().Delete(t.Context(), l.Session, remote(post)); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if read, err = wordpress.New().Read(t.Context(), l.Session, remote(post)); err != nil || read.Exists || len(l.judge.Posts(mark)) != 0 {
		t.Errorf("after deleting: %+v, %v", read, err)
	}
	measured, err := wordpress.New().PostMetrics(t.Context(), l.Session, []network.Remote{remote(post)})
	if err != nil || len(measured) != 1 || !measured[0].Gone {
		t.Errorf("measured %+v, %v", measured, err)
	}
}

func TestRealSiteTakesPagesAndStates(t *testing.T) {
	l := connected(t, "bob")
	for _, set := range []map[string]string{{"type": "pages"}, {"status": "draft"}, {"status": "pending"}, {"status": "private"}} {
		mark := lab.Mark()
		set["title"] = mark
		steps := planned(t, l.World, network.Draft{Key: mark, At: time.Now().UTC(), Settings: set, Parts: []network.Part{{Text: "Words of " + mark}}})
		done := publish(t, l.World, steps)
		read, err := wordpress.New().Read(t.Context(), l.Session, remote(done["post"]))
		if err != nil || read.Visibility != or(set["status"], "publish") || read.Text != "Words of "+mark {
			t.Errorf("%v: %+v, %v", set, read, err)
		}
		finding, o, err := wordpress.New().Find(t.Context(), l.Session, steps[len(steps)-1], done, time.Now())
		if err != nil || finding != network.Found || o.RemoteID != done["post"].RemoteID {
			t.Errorf("%v: looked up %s %+v, %v", set, finding, o, err)
		}
		if err := wordpress.New().Delete(t.Context(), l.Session, remote(done["post"])); err != nil {
			t.Errorf("%v: delete: %v", set, err)
		}
	}
	carol := connected(t, "carol")
	mark := lab.Mark()
	done := publish(t, carol.World, planned(t, carol.World, network.Draft{Key: mark, At: time.Now().UTC(), Settings: map[string]string{"title": mark},
		Parts: []network.Part{{Text: "By an author", Media: []network.Media{networktest.Picture("Red")}}}}))
	if found := l.judge.Posts(mark); len(found) != 1 || found[0].Status != "publish" || found[0].Feature == 0 {
		t.Errorf("an author's post %s: %+v", done["post"].RemoteID, found)
	}
	if err := wordpress.New().Delete(t.Context(), carol.Session, remote(done["post"])); err != nil {
		t.Errorf("an author deletes: %v", err)
	}
	if _, problems := wordpress.New().Plan(network.Draft{Key: "k", Settings: map[string]string{"type": "pages"}, Parts: []network.Part{{Text: "x"}}}, carol.Session.Account); len(problems) == 0 {
		t.Error("an author is allowed to write pages")
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func TestRealSiteBringsCommentsWhichAreAnsweredAndModerated(t *testing.T) {
	l := connected(t, "bob")
	mark := lab.Mark()
	d := network.Draft{Key: mark, At: time.Now().UTC(), Settings: map[string]string{"title": mark}, Parts: []network.Part{{Text: mark}}, FirstComment: &network.Part{Text: "First & <foremost> " + mark}}
	steps := planned(t, l.World, d)
	start := fetch(t, l.World, "")
	sent := time.Now()
	done := publish(t, l.World, steps)
	post, first := done["post"], done["comment"]
	id, _ := strconv.ParseInt(post.RemoteID, 10, 64)
	earlier := network.Outcomes{"post": post}
	finding, o, err := wordpress.New().Find(t.Context(), l.Session, steps[len(steps)-1], earlier, sent)
	if err != nil || finding != network.Found || o.RemoteID != first.RemoteID {
		t.Errorf("the first comment is %s %+v, %v", finding, o, err)
	}
	if again, err := wordpress.New().Do(t.Context(), l.Session, steps[len(steps)-1], earlier); err != nil || again.RemoteID != first.RemoteID || len(l.judge.Comments(id)) != 1 {
		t.Errorf("the first comment sent again: %+v, %v", again, err)
	}
	said := l.judge.Say(id, 0, "I like it &lt;b&gt;very&lt;/b&gt; much &amp; "+mark)
	l.judge.Set(said.ID, "hold")
	b := fetch(t, l.World, start.Cursor)
	mine := slices.DeleteFunc(b.Messages, func(m network.Message) bool { return !strings.Contains(m.Text, mark) })
	if len(mine) != 1 || mine[0].ID != "comment-"+strconv.FormatInt(said.ID, 10) || mine[0].Text != "I like it <b>very</b> much & "+mark || mine[0].Data["status"] != "hold" || mine[0].ReplyTo != post.RemoteID || mine[0].From.Name != "alice" || mine[0].Own {
		t.Fatalf("the comment came as %+v", mine)
	}
	number := strings.TrimPrefix(mine[0].ID, "comment-")
	for _, step := range []struct {
		act  network.Act
		want string
	}{{network.Approve, "approved"}, {network.Approve, "approved"}, {network.Hide, "hold"}, {network.Unhide, "approved"}, {network.Spam, "spam"}, {network.Approve, "approved"}, {network.Trash, "trash"}, {network.Approve, "approved"}} {
		if err := wordpress.New().Act(t.Context(), l.Session, step.act, mine[0].Remote); err != nil || l.judge.Comment(number).Status != step.want {
			t.Errorf("%s: %v, the comment is %s", step.act, err, l.judge.Comment(number).Status)
		}
	}
	reply, problems := wordpress.New().PlanReply(network.Reply{Key: mark + "r", To: mine[0], Text: "Thank you, " + mark}, l.Session.Account)
	if len(reply) != 1 {
		t.Fatalf("the answer is refused: %+v", problems)
	}
	sent = time.Now()
	answer := publish(t, l.World, reply)["reply"]
	if c := l.judge.Comment(strings.TrimPrefix(answer.RemoteID, "comment-")); c.Parent != said.ID || c.Status != "approved" || c.Name != "Bob" {
		t.Errorf("the answer is %+v", c)
	}
	if finding, o, err = wordpress.New().Find(t.Context(), l.Session, reply[0], nil, sent); err != nil || finding != network.Found || o.RemoteID != answer.RemoteID {
		t.Errorf("the answer is looked up as %s %+v, %v", finding, o, err)
	}
	elsewhere := l.site.As(t, "bob").Say(id, said.ID, "From the dashboard "+mark)
	b = fetch(t, l.World, b.Cursor)
	own := slices.DeleteFunc(b.Messages, func(m network.Message) bool { return !strings.Contains(m.Text, mark) })
	if len(own) != 1 || own[0].ID != "comment-"+strconv.FormatInt(elsewhere.ID, 10) || !own[0].Own {
		t.Errorf("own messages: %+v", own)
	}
	measured, err := wordpress.New().PostMetrics(t.Context(), l.Session, []network.Remote{remote(post)})
	if err != nil || len(measured) != 1 || measured[0].Values["M-COMM"] != 4 {
		t.Errorf("measured %+v, %v", measured, err)
	}
	for range 2 {
		if err := wordpress.New().Delete(t.Context(), l.Session, remote(answer)); err != nil {
			t.Errorf("delete the answer: %v", err)
		}
	}
}

// TestRealSiteSlowsDownAuthors: who may not moderate must wait between two comments, which is no refusal for good.
func TestRealSiteSlowsDownAuthors(t *testing.T) {
	l := connected(t, "carol")
	mark := lab.Mark()
	post := publish(t, l.World, planned(t, l.World, network.Draft{Key: mark, At: time.Now().UTC(), Settings: map[string]string{"title": mark}, Parts: []network.Part{{Text: mark}}}))["post"]
	var last error
	for _, words := range []string{"One", "Two"} {
		steps, _ := wordpress.New().PlanReply(network.Reply{Key: mark + words, To: network.Message{Thread: post.RemoteID, Remote: network.Remote{Data: map[string]string{"post": post.RemoteID}}}, Text: words}, l.Session.Account)
		_, last = wordpress.New().Do(t.Context(), l.Session, steps[0], nil)
	}
	if !fault.Is(last, fault.Later) || fault.As(last).RetryAt.IsZero() {
		t.Errorf("two comments at once: %v", last)
	}
}
