// Package search is what the search field finds: posts, conversations, contacts, campaigns and files with the words in
// them, each by its own room's search and rights.
package search

import (
	"strings"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what is searched.
type Rooms struct {
	Posts     *post.Posts
	Inbox     *inbox.Inbox
	Contacts  *contact.Contacts
	Campaigns *campaign.Campaigns
	Library   *asset.Library
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{page.Get("/search", page.Member, r.search)}
}

const perKind = 5 // lines of each kind: more are found by the kind's own screen

type line struct{ Icon, Label, Href string }

type group struct {
	Name  string
	Lines []line
}

type view struct {
	Words  string
	Groups []group
}

// search answers with the lines alone while somebody types, and with a screen when the form is sent.
func (r Rooms) search(c *page.Context) error {
	v := view{Words: strings.TrimSpace(c.Query("q"))}
	if v.Words != "" {
		for _, find := range []func(*page.Context, string) (group, error){r.posts, r.conversations, r.contacts, r.campaigns, r.files} {
			g, err := find(c, v.Words)
			if err != nil {
				return err
			}
			if len(g.Lines) > 0 {
				v.Groups = append(v.Groups, g)
			}
		}
	}
	if c.Fragment() {
		return c.RenderPart(200, results(v))
	}
	return c.Render(200, "Search", "", resultsPage(v))
}

func (r Rooms) posts(c *page.Context, words string) (group, error) {
	g := group{Name: "Posts"}
	if !c.Actor().CanSomewhere(workspace.PostRead) {
		return g, nil
	}
	found, _, err := r.Posts.List(c.Ctx(), c.Actor(), post.Filter{Search: words, Limit: perKind})
	for _, p := range found {
		label := p.Title
		if label == "" && len(p.Base.Parts) > 0 {
			label = p.Base.Parts[0].Text
		}
		g.add("square-pen", label, "/compose/"+p.ID)
	}
	return g, err
}

func (r Rooms) conversations(c *page.Context, words string) (group, error) {
	g := group{Name: "Conversations"}
	if !c.Actor().CanSomewhere(workspace.InboxRead) {
		return g, nil
	}
	found, _, err := r.Inbox.List(c.Ctx(), c.Actor(), inbox.Filter{Search: words, Limit: perKind})
	for _, l := range found {
		g.add("message-circle", l.ContactName+": "+l.Preview, "/inbox/"+l.ID)
	}
	return g, err
}

func (r Rooms) contacts(c *page.Context, words string) (group, error) {
	g := group{Name: "Contacts"}
	if !c.Actor().CanSomewhere(workspace.InboxRead) {
		return g, nil
	}
	found, err := r.Contacts.Find(c.Ctx(), c.Actor(), words)
	for _, p := range found[:min(perKind, len(found))] {
		g.add("user", p.Name, "/contacts/"+p.ID)
	}
	return g, err
}

func (r Rooms) campaigns(c *page.Context, words string) (group, error) {
	g := group{Name: "Campaigns"}
	if !c.Actor().CanSomewhere(workspace.CampaignRead) {
		return g, nil
	}
	all, err := r.Campaigns.List(c.Ctx(), c.Actor())
	for _, k := range all {
		if len(g.Lines) < perKind && strings.Contains(strings.ToLower(k.Name), strings.ToLower(words)) {
			g.add("megaphone", k.Name, "/campaigns/"+k.ID)
		}
	}
	return g, err
}

func (r Rooms) files(c *page.Context, words string) (group, error) {
	g := group{Name: "Library"}
	if !c.Actor().CanSomewhere(workspace.PostRead) {
		return g, nil
	}
	found, _, err := r.Library.List(c.Ctx(), c.Actor(), asset.Filter{Search: words, Limit: perKind})
	for _, a := range found {
		g.add("image", a.Name, "/library/"+a.ID)
	}
	return g, err
}

func (g *group) add(icon, label, href string) {
	if label = strings.TrimSpace(label); label == "" {
		label = "(no text)"
	}
	g.Lines = append(g.Lines, line{icon, show.Clip(label, 70), href})
}
