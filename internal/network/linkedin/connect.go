package linkedin

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Begin returns LinkedIn's authorisation page. LinkedIn has PKCE only for programs without a secret.
func (n LinkedIn) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Invalidf("client_id", "no application is registered with LinkedIn yet").WithHint("An operator registers one first.")
	}
	q := url.Values{"response_type": {"code"}, "client_id": {id}, "redirect_uri": {req.RedirectURL}, "scope": {scopesOf(req.App["product"])}, "state": {req.State}}
	return network.ConnectRedirect{URL: n.page() + "/oauth/v2/authorization?" + q.Encode(),
		Keep: map[string]string{"client_id": id, "client_secret": secret, "version": req.App["version"], "redirect_url": req.RedirectURL}}, nil
}

// Finish exchanges the code and lists the accounts: the member, and the organisations the member administers.
func (n LinkedIn) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := callback.Get("code")
	if code == "" {
		f := fault.Rejectedf("LinkedIn sent no code; access was not granted").WithHint("Start again and allow access.")
		if strings.Contains(callback.Get("error"), "scope") {
			f.Hint = "The application lacks a product. An operator checks which products LinkedIn gave it and says so in its registration."
		}
		return network.Grant{}, nil, f
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {keep["redirect_url"]}, "client_id": {keep["client_id"]}, "client_secret": {keep["client_secret"]}}
	grant, _, err := n.token(ctx, client, form)
	if err != nil {
		f := *fault.As(again(err))
		if f.Kind == fault.Unauthorised {
			f.Kind = fault.Rejected
		}
		f.Hint = "Start again: a code works once. If it fails again, an operator checks the registered application's id and secret."
		return network.Grant{}, nil, &f
	}
	s := n.server(network.Session{HTTP: client, Grant: grant, App: map[string]string{"version": keep["version"]}})
	me, err := s.member(ctx, grant)
	if err != nil {
		return network.Grant{}, nil, err
	}
	accounts := []network.Account{me}
	if slices.Contains(grant.Scopes, "rw_organization_admin") {
		all, err := s.organizations(ctx)
		if err != nil {
			return network.Grant{}, nil, err
		}
		accounts = append(accounts, all...)
	}
	return grant, accounts, nil
}

// token asks for tokens.
func (n LinkedIn) token(ctx context.Context, client *safehttp.Client, form url.Values) (network.Grant, *safehttp.Response, error) {
	var given struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Scope   string `json:"scope"`
		Expires int64  `json:"expires_in"` // seconds
	}
	resp, err := client.Form(ctx, http.MethodPost, n.page()+"/oauth/v2/accessToken", nil, form, &given)
	if err != nil {
		return network.Grant{}, resp, explain(resp, err)
	}
	if given.Access == "" {
		return network.Grant{}, resp, fault.Rejectedf("LinkedIn granted access without a token")
	}
	g := network.Grant{Values: map[string]string{"access_token": given.Access}, Scopes: strings.FieldsFunc(given.Scope, func(r rune) bool { return r == ',' || r == ' ' })}
	if given.Refresh != "" {
		g.Values["refresh_token"] = given.Refresh
	}
	if given.Expires > 0 {
		g.ExpiresAt = resp.At.UTC().Add(time.Duration(given.Expires) * time.Second)
	}
	return g, resp, nil
}

// Refresh renews the grant, where LinkedIn gave the application the right to. A year after consent even that ends.
func (n LinkedIn) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	token := s.Grant.Values["refresh_token"]
	if token == "" {
		return network.Grant{}, &fault.Error{Kind: fault.Unauthorised, Message: "LinkedIn ends this sign-in after 60 days and gave no right to renew it", Hint: "Reconnect the channel."}
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {s.App["client_id"]}, "client_secret": {s.App["client_secret"]}}
	g, resp, err := n.token(ctx, s.HTTP, form)
	if err == nil {
		if g.Values["refresh_token"] == "" {
			g.Values["refresh_token"] = token
		}
		if len(g.Scopes) == 0 {
			g.Scopes = s.Grant.Scopes
		}
		return g, nil
	}
	f := *fault.As(again(err))
	if resp != nil && (resp.Status == http.StatusBadRequest || resp.Status == http.StatusUnauthorized) {
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "LinkedIn no longer renews this sign-in", "Reconnect the channel. If that fails, an operator checks the registered application."
	}
	return network.Grant{}, &f
}

// Revoke gives the grant back.
func (n LinkedIn) Revoke(ctx context.Context, s network.Session) error {
	form := url.Values{"token": {s.Grant.Values["access_token"]}, "client_id": {s.App["client_id"]}, "client_secret": {s.App["client_secret"]}}
	resp, err := s.HTTP.Form(ctx, http.MethodPost, n.page()+"/oauth/v2/revoke", nil, form, nil)
	return again(explain(resp, err))
}

// Check reads the account anew.
func (n LinkedIn) Check(ctx context.Context, s network.Session) (network.Account, error) {
	x := n.server(s)
	if !isOrganization(s.Account) {
		return x.member(ctx, s.Grant)
	}
	return x.organization(ctx, s.Account.ID)
}

// member reads who signed in, by whichever right the application has.
func (s server) member(ctx context.Context, grant network.Grant) (network.Account, error) {
	var me struct {
		Sub     string `json:"sub"`
		Name    string `json:"name"`
		Picture string `json:"picture"`
		ID      string `json:"id"`
		First   string `json:"localizedFirstName"`
		Last    string `json:"localizedLastName"`
		Vanity  string `json:"vanityName"`
	}
	path := "/v2/me"
	if slices.Contains(grant.Scopes, "openid") {
		path = "/v2/userinfo"
	}
	if _, err := s.get(ctx, path, "", &me); err != nil {
		return network.Account{}, err
	}
	id := cmp.Or(me.Sub, me.ID)
	if id == "" {
		return network.Account{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "LinkedIn did not say whose account this is"}
	}
	a := network.Account{ID: "urn:li:person:" + id, Handle: cmp.Or(me.Vanity, id), Name: cmp.Or(me.Name, strings.TrimSpace(me.First+" "+me.Last)), AvatarURL: me.Picture,
		URL: "https://www.linkedin.com/feed/", Limits: fallback, Extra: map[string]string{"kind": member}}
	if me.Vanity != "" {
		a.URL = "https://www.linkedin.com/in/" + me.Vanity
	}
	if slices.Contains(grant.Scopes, "r_member_social") {
		a.Extra["reads"] = "posts"
	}
	return a, nil
}

// organizations lists those the member administers.
func (s server) organizations(ctx context.Context) (out []network.Account, err error) {
	for start := 0; ; start += page {
		var list struct {
			Elements []struct {
				Organization string `json:"organization"`
				Target       string `json:"organizationTarget"` // the older name
			} `json:"elements"`
		}
		_, err := s.get(ctx, "/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED"+paged(start), "FINDER", &list)
		if err != nil {
			return nil, err
		}
		for _, e := range list.Elements {
			a, err := s.organization(ctx, cmp.Or(e.Organization, e.Target))
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		}
		if len(list.Elements) < page {
			return out, nil
		}
	}
}

// company is an organisation as LinkedIn shows it.
type company struct {
	ID     int64  `json:"id"`
	Name   string `json:"localizedName"`
	Vanity string `json:"vanityName"`
}

func (s server) organization(ctx context.Context, urn string) (network.Account, error) {
	id := urn[strings.LastIndex(urn, ":")+1:]
	var o company
	if _, err := s.get(ctx, "/rest/organizations/"+escape(id), "", &o); err != nil {
		return network.Account{}, err
	}
	if o.ID == 0 {
		return network.Account{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "LinkedIn did not describe the organisation"}
	}
	return network.Account{ID: urn, Handle: cmp.Or(o.Vanity, id), Name: o.Name, URL: "https://www.linkedin.com/company/" + cmp.Or(o.Vanity, id), Limits: fallback,
		Extra: map[string]string{"kind": organization}}, nil
}
