package conversations

import (
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// savedView is the list of saved replies, with the form of one.
type savedView struct {
	Replies []inbox.SavedReply
	Form    *page.Form
	Editing string // id of the one in the form; "" = a new one
	Edit    bool
}

func (r Rooms) saved(c *page.Context) error {
	return r.replies(c, 200, nil, c.Query("edit"))
}

func (r Rooms) replies(c *page.Context, status int, f *page.Form, editing string) error {
	v := savedView{Form: f, Editing: editing, Edit: c.Actor().Can(workspace.InboxRules, workspace.Scope{})}
	var err error
	if v.Replies, err = r.Inbox.SavedReplies(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	if f == nil {
		v.Form, v.Editing = page.Blank(nil), ""
		for _, s := range v.Replies {
			if s.ID == editing {
				v.Form, v.Editing = page.Blank(map[string]string{"name": s.Name, "text": s.Text, "language": s.Language}), s.ID
			}
		}
	}
	return c.Render(status, "Saved replies", "inbox", savedPage(v))
}

func (r Rooms) keepReply(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	_, err = r.Inbox.KeepReply(c.Ctx(), c.Actor(), inbox.SavedReply{ID: c.Path("reply"), Name: f.Value("name"), Text: f.Raw("text"), Language: f.Value("language")})
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.replies(c, f.Status(), f, c.Path("reply"))
	}
	c.Done("The saved reply is kept.")
	return c.Redirect("/inbox/replies")
}

func (r Rooms) dropReply(c *page.Context) error {
	if err := r.Inbox.DropReply(c.Ctx(), c.Actor(), c.Path("reply")); err != nil {
		return err
	}
	c.Done("The saved reply is deleted. Answers sent from it stay as they are.")
	return c.Redirect("/inbox/replies")
}
