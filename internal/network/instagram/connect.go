package instagram

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const profileFields = "id,username,name,profile_picture_url,followers_count"

type profile struct {
	ID        string `json:"id"`
	User      string `json:"user_id"` // with Instagram's own sign-in: the id that webhooks name
	Username  string `json:"username"`
	Name      string `json:"name"`
	Picture   string `json:"profile_picture_url"`
	Followers int64  `json:"followers_count"`
}

func (p profile) account(extra map[string]string) network.Account {
	return network.Account{ID: cmp.Or(p.User, p.ID), Handle: p.Username, Name: cmp.Or(p.Name, p.Username), URL: "https://www.instagram.com/" + p.Username + "/", AvatarURL: p.Picture,
		Followers: p.Followers, Limits: limits, Extra: extra}
}

// caller is the session's account.
type caller struct {
	graph.Client
	id, handle string
	own        bool   // signed in with Instagram itself
	writer     string // whose conversations and messages these are: the linked Page's, or the account's
}

func (n Instagram) caller(s network.Session) caller {
	a := s.Account
	c := caller{id: a.ID, handle: a.Handle, own: a.Extra["login"] == own, writer: a.Extra["page"]}
	if c.own {
		c.writer = a.ID
		c.Client = graph.Client{HTTP: s.HTTP, Base: n.base + "/" + graph.Version, Token: s.Grant.Values[graph.UserToken]}
		return c
	}
	c.Client = graph.Client{HTTP: s.HTTP, Base: n.facebook.Graph + "/" + graph.Version, Token: s.Grant.Values[graph.PageToken+c.writer], Secret: graph.SecretOf(s)}
	return c
}

func (c caller) edge(name string) string { return "/" + graph.Escape(c.id) + "/" + name }

// self are the ids the account writes messages as.
func (c caller) self() []string { return []string{c.id, c.writer} }

// Begin sends the person to Facebook's or Instagram's dialogue.
func (n Instagram) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	if strings.TrimSpace(strings.ToLower(req.App["login"])) != own {
		return graph.Begin(n.facebook, req, names(byFacebook))
	}
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, graph.Unregistered()
	}
	q := url.Values{"client_id": {id}, "redirect_uri": {req.RedirectURL}, "response_type": {"code"}, "scope": {strings.Join(byInstagram, ",")}, "state": {req.State}}
	return network.ConnectRedirect{URL: n.web + "/oauth/authorize?" + q.Encode(), Keep: map[string]string{"client_id": id, "client_secret": secret, "redirect_url": req.RedirectURL, "login": own}}, nil
}

// Finish exchanges the code and returns the professional accounts it opens.
func (n Instagram) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	if keep["login"] == own {
		return n.finishOwn(ctx, client, keep, callback)
	}
	c, grant, err := graph.Finish(ctx, client, n.facebook, keep, callback)
	if err != nil {
		return network.Grant{}, nil, err
	}
	type page struct {
		ID        string   `json:"id"`
		Token     string   `json:"access_token"`
		Instagram *profile `json:"instagram_business_account"`
	}
	list, err := graph.Pages[page](ctx, c, "id,access_token,instagram_business_account{"+profileFields+"}")
	if err != nil {
		return network.Grant{}, nil, err
	}
	var accounts []network.Account
	for _, p := range list {
		if p.Token == "" || p.Instagram == nil || p.Instagram.ID == "" {
			continue
		}
		grant.Values[graph.PageToken+p.ID] = p.Token
		accounts = append(accounts, p.Instagram.account(map[string]string{"page": p.ID, "login": "facebook"}))
		c.Token = p.Token
		// Without the doorbell everything is still found by looking; so its failure is no obstacle.
		_ = c.Repeat(ctx, http.MethodPost, "/"+graph.Escape(p.ID)+"/subscribed_apps", url.Values{"subscribed_fields": {"feed,messages"}}, nil)
	}
	if len(accounts) == 0 {
		return network.Grant{}, nil, fault.Rejectedf("none of the %d Pages that were opened is linked to a professional Instagram account", len(list)).
			WithHint("Switch the account to professional, link it to a Page in Instagram's settings, then start again and choose that Page.")
	}
	return grant, accounts, nil
}

// ownToken is an answer of Instagram's own token endpoints; the first of them wraps it into a list.
type ownToken struct {
	Access  string `json:"access_token"`
	Expires int64  `json:"expires_in"`
	Data    []struct {
		Access string `json:"access_token"`
	} `json:"data"`
}

func (n Instagram) finishOwn(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := strings.TrimSuffix(callback.Get("code"), "#_")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("Instagram sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	form := url.Values{"client_id": {keep["client_id"]}, "client_secret": {keep["client_secret"]}, "grant_type": {"authorization_code"}, "redirect_uri": {keep["redirect_url"]}, "code": {code}}
	var short ownToken
	resp, err := client.Form(ctx, http.MethodPost, n.api+"/oauth/access_token", nil, form, &short)
	if err != nil {
		return network.Grant{}, nil, graph.StartAgain(graph.Again(graph.Explain(resp, err)))
	}
	if short.Access == "" && len(short.Data) > 0 {
		short.Access = short.Data[0].Access
	}
	grant, err := n.exchange(ctx, client, "/access_token", url.Values{"grant_type": {"ig_exchange_token"}, "client_secret": {keep["client_secret"]}, "access_token": {short.Access}})
	if err != nil {
		return network.Grant{}, nil, graph.StartAgain(err)
	}
	grant.Scopes = byInstagram
	s := network.Session{HTTP: client, Grant: grant, Account: network.Account{Extra: map[string]string{"login": own}}}
	a, err := n.Check(ctx, s)
	if err != nil {
		return network.Grant{}, nil, err
	}
	c := n.caller(network.Session{HTTP: client, Grant: grant, Account: a})
	_ = c.Repeat(ctx, http.MethodPost, c.edge("subscribed_apps"), url.Values{"subscribed_fields": {"comments,messages"}}, nil) // as above
	return grant, []network.Account{a}, nil
}

// exchange asks for a token that lives about sixty days. These paths have no version.
func (n Instagram) exchange(ctx context.Context, client *safehttp.Client, path string, q url.Values) (network.Grant, error) {
	var long ownToken
	resp, err := graph.Client{HTTP: client, Base: n.base}.Get(ctx, path, q, &long)
	if err != nil {
		return network.Grant{}, err
	}
	if long.Access == "" {
		return network.Grant{}, fault.Rejectedf("Instagram granted access without a token")
	}
	grant := network.Grant{Values: map[string]string{graph.UserToken: long.Access}}
	if long.Expires > 0 {
		grant.ExpiresAt = resp.At.UTC().Add(time.Duration(long.Expires) * time.Second)
	}
	return grant, nil
}

// Refresh extends the token.
func (n Instagram) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	if s.Account.Extra["login"] == own {
		grant, err := n.exchange(ctx, s.HTTP, "/refresh_access_token", url.Values{"grant_type": {"ig_refresh_token"}, "access_token": {s.Grant.Values[graph.UserToken]}})
		grant.Scopes = s.Grant.Scopes
		return grant, err
	}
	return graph.Renew(ctx, s, n.facebook, func(ctx context.Context, c graph.Client, g network.Grant) error {
		type page struct {
			ID    string `json:"id"`
			Token string `json:"access_token"`
		}
		list, err := graph.Pages[page](ctx, c, "id,access_token")
		for _, p := range list {
			if _, ours := s.Grant.Values[graph.PageToken+p.ID]; ours && p.Token != "" {
				g.Values[graph.PageToken+p.ID] = p.Token
			}
		}
		return err
	}, func(ctx context.Context) error { _, err := n.Check(ctx, s); return err })
}

// Check reads the account anew.
func (n Instagram) Check(ctx context.Context, s network.Session) (network.Account, error) {
	c := n.caller(s)
	path, fields := "/"+graph.Escape(c.id), profileFields
	if c.own {
		path, fields = "/me", "user_id,"+profileFields
	}
	var p profile
	if _, err := c.Get(ctx, path, url.Values{"fields": {fields}}, &p); err != nil {
		return network.Account{}, err
	}
	a := p.account(s.Account.Extra)
	if s.Account.ID != "" && a.ID != s.Account.ID {
		return network.Account{}, fault.Rejectedf("Instagram answered for another account than %s", s.Account.Handle)
	}
	return a, nil
}

// Hear takes Meta's calls about Instagram accounts.
func (Instagram) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	return graph.Hear(app, call, "instagram")
}
