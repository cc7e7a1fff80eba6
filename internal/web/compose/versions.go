package compose

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// versionLine is one version of the list: what was saved on purpose, and of each run of autosaves the last.
type versionLine struct {
	post.Version
	Since time.Time // of a run of autosaves the first
	Runs  int       // how many it stands for
}

// versionsView is the list and, beside it, what one version changed.
type versionsView struct {
	Post    post.Post
	Lines   []versionLine
	Chosen  post.Version
	Against post.Version
	Fields  []fieldDiff
	Zone    *time.Location
	Edit    bool
}

func (r Rooms) versions(c *page.Context) error {
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	all, err := r.Posts.Versions(c.Ctx(), c.Actor(), p.ID)
	if err != nil {
		return err
	}
	v := versionsView{Post: p, Lines: gathered(all), Zone: c.Zone(), Edit: !(view{Post: p}).locked()}
	if len(v.Lines) > 0 {
		v.Chosen = chosenVersion(v.Lines, c.Query("version"), 0)
		before := slices.IndexFunc(v.Lines, func(l versionLine) bool { return l.Version.Version == v.Chosen.Version }) + 1
		v.Against = chosenVersion(v.Lines, c.Query("against"), before)
		names, err := r.channelNames(c)
		if err != nil {
			return err
		}
		v.Fields = compare(v.Against.Snapshot, v.Chosen.Snapshot, names)
	}
	return c.Render(http.StatusOK, "Versions", "compose", versionsPage(v))
}

func (r Rooms) channelNames(c *page.Context) (map[string]string, error) {
	all, err := r.Channels.List(c.Ctx(), c.Actor())
	names := map[string]string{}
	for _, ch := range all {
		names[ch.ID] = ch.Name
	}
	return names, err
}

// gathered folds a person's autosaves within ten minutes into the last of them.
func gathered(all []post.Version) []versionLine {
	var lines []versionLine
	for _, v := range all { // the newest first
		if n := len(lines); n > 0 && v.Note == post.Autosave {
			last := &lines[n-1]
			if last.Note == post.Autosave && last.By == v.By && last.At.Sub(v.At) < 10*time.Minute {
				last.Since, last.Runs = v.At, last.Runs+1
				continue
			}
		}
		lines = append(lines, versionLine{Version: v, Since: v.At, Runs: 1})
	}
	return lines
}

func chosenVersion(lines []versionLine, asked string, otherwise int) post.Version {
	n, _ := strconv.Atoi(asked)
	for _, l := range lines {
		if l.Version.Version == n {
			return l.Version
		}
	}
	if otherwise < len(lines) {
		return lines[otherwise].Version
	}
	return post.Version{}
}

func (r Rooms) restore(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	old := f.Int("version", 1, 1<<30)
	if _, err := r.Posts.Restore(c.Ctx(), c.Actor(), p.ID, old, p.Version); err != nil {
		return err
	}
	c.Done("Version " + itoa(old) + " is the newest again. Nothing was deleted.")
	return c.Redirect("/compose/" + p.ID)
}

func (r Rooms) trash(c *page.Context) error {
	id := c.Path("id")
	if err := r.Posts.Trash(c.Ctx(), c.Actor(), id); err != nil {
		return err
	}
	c.Flash(ui.ToastProps{Tone: ui.Good, Text: "Moved to the trash; it is kept for 30 days.", UndoURL: "/compose/" + id + "/untrash"})
	return c.Redirect("/compose/posts")
}

func (r Rooms) untrash(c *page.Context) error {
	if err := r.Posts.Untrash(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("It is a draft again.")
	return c.Redirect("/compose/" + c.Path("id"))
}
