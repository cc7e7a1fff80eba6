package compose

import (
	"net/http"

	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// conflictView is two versions of one post: the stored one and the one on the page.
type conflictView struct {
	view
	Theirs  post.Version
	Started int // the version one's own text started from
	Fields  []fieldDiff
}

// conflict shows what somebody else saved meanwhile beside one's own text. Both are kept until a person chooses; the
// form that comes back saves on top of the newer version.
func (r Rooms) conflict(c *page.Context, s sheet, f *page.Form) error {
	v, err := r.view(c, s, f)
	if err != nil {
		return err
	}
	all, err := r.Posts.Versions(c.Ctx(), c.Actor(), s.PostID)
	if err != nil {
		return err
	}
	names, err := r.channelNames(c)
	if err != nil {
		return err
	}
	cv := conflictView{view: v, Started: s.Version}
	if len(all) > 0 {
		cv.Theirs = all[0]
	}
	e := s.Edit
	cv.Fields = compare(cv.Theirs.Snapshot, post.Snapshot{Title: e.Title, Base: e.Base, Tags: e.Tags, Channels: v.Edit.Channels, Variants: e.Variants, CampaignID: e.CampaignID}, names)
	cv.Version = cv.Theirs.Version
	c.Wide()
	return c.Render(http.StatusConflict, "Two versions", "compose", conflictPage(cv))
}

func capital(s string) string { return page.Capital(s) }
