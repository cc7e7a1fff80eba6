package snapchat

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

// Begin returns Snapchat's page that asks the person. Apps with a secret send no PKCE challenge.
func (n Snapchat) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no Snapchat app is registered yet").WithHint("An administrator enters its id and secret first.")
	}
	q := url.Values{"client_id": {id}, "redirect_uri": {req.RedirectURL}, "response_type": {"code"}, "scope": {scope}, "state": {req.State}}
	return network.ConnectRedirect{URL: n.accounts() + "/login/oauth2/authorize?" + q.Encode(),
		Keep: map[string]string{"client_id": id, "client_secret": secret, "redirect_url": req.RedirectURL}}, nil
}

// Finish exchanges the code and reads the profiles that the person may post to.
func (n Snapchat) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := callback.Get("code")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("Snapchat sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	grant, err := n.token(ctx, client, keep, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {keep["redirect_url"]}})
	if err != nil {
		f := *fault.As(err)
		if f.Kind == fault.Unauthorised {
			f.Kind = fault.Rejected
		}
		f.Hint = "Start again: a code works once and for a few minutes. If it fails again, compare the app's id and secret with those at Snapchat."
		return network.Grant{}, nil, &f
	}
	if !slices.Contains(grant.Scopes, scope) && len(grant.Scopes) > 0 {
		return network.Grant{}, nil, fault.Rejectedf("access was granted without %s", scope).WithHint("Start again and allow everything that is asked for.")
	}
	accounts, err := n.profiles(ctx, n.as(network.Session{Grant: grant, HTTP: client}))
	return grant, accounts, err
}

// Refresh renews the grant. Snapchat may send another refresh token with it, or none; then the old one stays good.
func (n Snapchat) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	old := s.Grant.Values["refresh_token"]
	grant, err := n.token(ctx, s.HTTP, s.App, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}})
	if err != nil {
		if f := *fault.As(err); f.Kind == fault.Rejected {
			f.Kind, f.Message, f.Hint = fault.Unauthorised, "Snapchat does not renew this sign-in", "Reconnect the channel."
			return network.Grant{}, &f
		}
		return network.Grant{}, err
	}
	grant.Values["refresh_token"] = cmp.Or(grant.Values["refresh_token"], old)
	if len(grant.Scopes) == 0 {
		grant.Scopes = s.Grant.Scopes
	}
	return grant, nil
}

func (n Snapchat) token(ctx context.Context, client *safehttp.Client, app map[string]string, form url.Values) (network.Grant, error) {
	var token struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Expires int64  `json:"expires_in"` // seconds: half an hour to an hour
		Scope   string `json:"scope"`
	}
	form.Set("client_id", app["client_id"])
	form.Set("client_secret", app["client_secret"])
	resp, err := client.Form(ctx, http.MethodPost, n.accounts()+"/login/oauth2/access_token", nil, form, &token)
	if err != nil {
		return network.Grant{}, again(err)
	}
	if token.Access == "" {
		return network.Grant{}, fault.Rejectedf("Snapchat granted access without a token")
	}
	grant := network.Grant{Values: map[string]string{"access_token": token.Access, "refresh_token": token.Refresh}, Scopes: strings.Fields(token.Scope)}
	if token.Expires > 0 {
		grant.ExpiresAt = resp.At.UTC().Add(time.Duration(token.Expires) * time.Second)
	}
	return grant, nil
}

// profiles lists the person's own profile and those of its organisation, each once.
func (n Snapchat) profiles(ctx context.Context, a api) ([]network.Account, error) {
	out, _, err := a.get(ctx, myProfile, nil)
	if err != nil {
		return nil, err
	}
	var all []profile
	if out.Profile != nil {
		all = append(all, *out.Profile)
	}
	for _, e := range out.Items {
		all = append(all, e.profile)
	}
	all = slices.DeleteFunc(all, func(p profile) bool { return p.ID == "" })
	if len(all) == 0 {
		return nil, fault.Rejectedf("this Snapchat account has no public profile").WithHint("Create a public profile in Snapchat's settings, then start again.")
	}
	if organisation := all[0].Organisation; organisation != "" {
		more, _, err := a.get(ctx, organisationPath(organisation), nil)
		if err != nil && !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) { // no role there is no obstacle
			return nil, err
		}
		for _, e := range more.Items {
			all = append(all, e.profile)
		}
	}
	var accounts []network.Account
	for _, p := range all {
		if p.ID != "" && !slices.ContainsFunc(accounts, func(x network.Account) bool { return x.ID == p.ID }) {
			accounts = append(accounts, n.account(p))
		}
	}
	return accounts, nil
}

func (n Snapchat) account(p profile) network.Account {
	handle := cmp.Or(p.Handle, p.ID)
	a := network.Account{ID: p.ID, Handle: handle, Name: cmp.Or(p.Name, handle), URL: n.website() + "/add/" + url.PathEscape(handle), AvatarURL: cmp.Or(p.Logos.Small, p.Logos.Original), Limits: fallback}
	if p.Subscribers.Value != nil {
		a.Followers = *p.Subscribers.Value
	}
	return a
}

// Check reads the profile anew.
func (n Snapchat) Check(ctx context.Context, s network.Session) (network.Account, error) {
	p, err := n.as(s).self(ctx)
	if err != nil {
		return network.Account{}, err
	}
	return n.account(p), nil
}

// self reads the profile of this account.
func (a api) self(ctx context.Context) (profile, error) {
	out, _, err := a.get(ctx, profilePath(a.profile), nil)
	if err != nil {
		return profile{}, refused(err, "The profile is gone, or the account lost its role on it.")
	}
	for _, e := range out.Items {
		if e.ID == a.profile {
			return e.profile, nil
		}
	}
	if out.Profile != nil && out.Profile.ID == a.profile {
		return *out.Profile, nil
	}
	return profile{}, fault.Rejectedf("Snapchat did not say whose profile this is")
}
