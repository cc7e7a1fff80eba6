package compose

import (
	"net/http"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// listView is the list of posts, by state.
type listView struct {
	Posts    []post.Post
	Next     string
	State    string
	Search   string
	Query    url.Values
	Zone     *time.Location
	Channels map[string]string // of each post, in words
}

// states are the views of the list.
var states = []struct{ Key, Label string }{{"", "All"}, {"draft", "Drafts"}, {"scheduled", "Scheduled"}, {"held", "Held"}, {"published", "Published"}, {"native", "Made outside"}, {"failed", "Failed"}, {"trash", "Trash"}}

func (r Rooms) list(c *page.Context) error {
	q := c.R.URL.Query()
	v := listView{State: q.Get("state"), Search: q.Get("q"), Query: q, Zone: c.Zone(), Channels: map[string]string{}}
	filter := post.Filter{State: post.State(v.State), Search: v.Search, Before: q.Get("before"), CampaignID: q.Get("campaign"), Limit: 50}
	if v.State == string(post.Native) {
		filter.State, filter.Origin = "", post.Native
	}
	if v.State == "trash" {
		filter.State, filter.Trashed = "", true
	}
	brand, err := c.Brand()
	if err != nil {
		return err
	}
	filter.BrandID = brand.ID
	if v.Posts, v.Next, err = r.Posts.List(c.Ctx(), c.Actor(), filter); err != nil {
		return err
	}
	return c.Render(http.StatusOK, "Posts", "compose", listPage(v))
}

func (v listView) tabs() []ui.Tab {
	var tabs []ui.Tab
	for _, s := range states {
		tabs = append(tabs, ui.Tab{Label: s.Label, Href: show.With("/compose/posts", v.Query, "state", s.Key), Active: s.Key == v.State})
	}
	return tabs
}

func postTitle(p post.Post) string {
	if p.Title != "" {
		return p.Title
	}
	for _, part := range p.Base.Parts {
		if words := show.Clip(part.Text, 90); words != "" {
			return words
		}
	}
	return "No text yet"
}
