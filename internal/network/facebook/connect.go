package facebook

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// pageFields describe a Page. A person's token lists Pages with their tokens and what the person may do there.
const pageFields = "id,name,username,link,followers_count,picture{url}"

// subscribed is what a Page tells our webhook.
const subscribed = "feed,mention,messages,messaging_postbacks,message_reactions,ratings"

type page struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Username  string   `json:"username"`
	Link      string   `json:"link"`
	Followers int64    `json:"followers_count"`
	Token     string   `json:"access_token"`
	Tasks     []string `json:"tasks"`
	Picture   struct {
		Data struct {
			URL string `json:"url"`
		} `json:"data"`
	} `json:"picture"`
}

func (p page) account() network.Account {
	a := network.Account{ID: p.ID, Handle: p.Username, Name: p.Name, URL: p.Link, AvatarURL: p.Picture.Data.URL, Followers: p.Followers, Limits: limits}
	if a.Handle == "" {
		a.Handle = p.ID
	}
	if a.URL == "" {
		a.URL = "https://www.facebook.com/" + p.ID
	}
	return a
}

// at calls the Graph API as the session's Page.
func (f Facebook) at(s network.Session) graph.Client {
	return graph.Client{HTTP: s.HTTP, Base: f.hosts.Graph + "/" + graph.Version, Token: s.Grant.Values[graph.PageToken+s.Account.ID], Secret: graph.SecretOf(s)}
}

// Begin sends the person to Facebook's dialogue.
func (f Facebook) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	return graph.Begin(f.hosts, req, names(scopes))
}

// Finish exchanges the code and returns every Page the person may publish on.
func (f Facebook) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	c, grant, err := graph.Finish(ctx, client, f.hosts, keep, callback)
	if err != nil {
		return network.Grant{}, nil, err
	}
	list, err := graph.Pages[page](ctx, c, pageFields+",access_token,tasks")
	if err != nil {
		return network.Grant{}, nil, err
	}
	var accounts []network.Account
	for _, p := range list {
		if p.Token == "" || !slices.Contains(p.Tasks, "CREATE_CONTENT") && !slices.Contains(p.Tasks, "MANAGE") {
			continue
		}
		grant.Values[graph.PageToken+p.ID] = p.Token
		accounts = append(accounts, p.account())
		c.Token = p.Token
		// Without the doorbell everything is still found by looking; so its failure is no obstacle.
		_ = c.Repeat(ctx, http.MethodPost, "/"+graph.Escape(p.ID)+"/subscribed_apps", url.Values{"subscribed_fields": {subscribed}}, nil)
	}
	switch {
	case len(list) == 0:
		return network.Grant{}, nil, fault.Rejectedf("Facebook opened no Page to Bellwether").WithHint("Start again and choose at least one Page; the person needs a role on it.")
	case len(accounts) == 0:
		return network.Grant{}, nil, fault.Rejectedf("the person may not create content on any of the %d Pages", len(list)).WithHint("An administrator of the Page gives the person the task “Content”.")
	}
	return grant, accounts, nil
}

// Refresh extends the person's token and reads the Pages' tokens anew.
func (f Facebook) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	return graph.Renew(ctx, s, f.hosts, func(ctx context.Context, c graph.Client, g network.Grant) error {
		list, err := graph.Pages[page](ctx, c, "id,access_token")
		for _, p := range list {
			if p.Token != "" {
				g.Values[graph.PageToken+p.ID] = p.Token
			}
		}
		return err
	}, func(ctx context.Context) error { _, err := f.Check(ctx, s); return err })
}

// Check reads the Page anew.
func (f Facebook) Check(ctx context.Context, s network.Session) (network.Account, error) {
	var p page
	if _, err := f.at(s).Get(ctx, "/"+graph.Escape(s.Account.ID), url.Values{"fields": {pageFields}}, &p); err != nil {
		return network.Account{}, err
	}
	if p.ID != s.Account.ID {
		return network.Account{}, fault.Rejectedf("Facebook answered for another Page than %s", strings.ToValidUTF8(s.Account.Name, ""))
	}
	return p.account(), nil
}

// Hear takes Meta's calls about Pages.
func (Facebook) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	return graph.Hear(app, call, "page")
}
