package mastodon

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

// scopes is what is asked for: nothing that is not used.
const scopes = "read:accounts read:statuses read:notifications read:search write:statuses write:media write:favourites write:mutes write:blocks write:reports"

// Begin registers the application at the server the person named and returns its authorisation page.
func (Mastodon) Begin(ctx context.Context, client *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	base, err := baseOf(client, req.Server)
	if err != nil {
		return network.ConnectRedirect{}, err
	}
	s := server{http: client, base: base}
	if _, _, err := s.about(ctx); err != nil {
		return network.ConnectRedirect{}, unreachable(err)
	}
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	form := url.Values{"client_name": {cmp.Or(req.AppName, "Bellwether")}, "redirect_uris": {req.RedirectURL}, "scopes": {scopes}}
	if req.AppURL != "" {
		form.Set("website", req.AppURL)
	}
	resp, err := client.Form(ctx, http.MethodPost, base+"/api/v1/apps", nil, form, &app)
	if err != nil {
		return network.ConnectRedirect{}, unreachable(again(explain(resp, err)))
	}
	if app.ID == "" || app.Secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("the server registered the application without telling its name")
	}
	keep := map[string]string{"server": base, "client_id": app.ID, "client_secret": app.Secret, "app": form.Get("client_name"), "redirect_url": req.RedirectURL}
	q := url.Values{"response_type": {"code"}, "client_id": {app.ID}, "redirect_uri": {req.RedirectURL}, "scope": {scopes}, "state": {req.State}}
	if req.Challenge != "" && s.offersPKCE(ctx) {
		q.Set("code_challenge", req.Challenge)
		q.Set("code_challenge_method", "S256")
		keep["pkce"], keep["verifier"] = "S256", req.Verifier
	}
	return network.ConnectRedirect{URL: base + "/oauth/authorize?" + q.Encode(), Keep: keep}, nil
}

// baseOf reads what people type: a domain, an address of the website, or a full handle.
func baseOf(client *safehttp.Client, typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		if i := strings.LastIndex(typed, "@"); i >= 0 {
			typed = typed[i+1:]
		}
		typed = "https://" + typed
	}
	u, err := client.CheckURL(typed)
	if err != nil {
		f := *fault.As(err)
		f.Field, f.Hint = "server", "Type the server's name, such as mastodon.social."
		return "", &f
	}
	return u.Scheme + "://" + u.Host, nil
}

func unreachable(err error) error {
	f := *fault.As(err)
	f.Field = "server"
	if f.Kind == fault.NotFound {
		f.Kind, f.Message = fault.Rejected, "this server does not speak Mastodon's API"
	}
	f.Hint = cmp.Or(f.Hint, "Check the server's name. Bluesky, Threads and Misskey servers are other networks.")
	return &f
}

// offersPKCE asks the server's OAuth description; servers before Mastodon 4.3 have none and ignore a challenge.
func (s server) offersPKCE(ctx context.Context) bool {
	var meta struct {
		Methods []string `json:"code_challenge_methods_supported"`
	}
	_, err := s.get(ctx, "/.well-known/oauth-authorization-server", nil, &meta)
	return err == nil && slices.Contains(meta.Methods, "S256")
}

// Finish exchanges the code and reads the account. Only the server that was named at the beginning is asked, whatever
// the callback says.
func (Mastodon) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	base := keep["server"]
	if iss := callback.Get("iss"); iss != "" && strings.TrimSuffix(iss, "/") != base {
		return network.Grant{}, nil, fault.Rejectedf("the answer names another server than the one that was asked").WithHint("Start again. Nothing was connected.")
	}
	code := callback.Get("code")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("the server sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {keep["client_id"]}, "client_secret": {keep["client_secret"]},
		"redirect_uri": {keep["redirect_url"]}, "scope": {scopes}}
	if keep["pkce"] != "" {
		form.Set("code_verifier", keep["verifier"])
	}
	var token struct {
		Access  string `json:"access_token"`
		Scope   string `json:"scope"`
		Expires int64  `json:"expires_in"` // seconds; today's servers send none
	}
	resp, err := client.Form(ctx, http.MethodPost, base+"/oauth/token", nil, form, &token)
	if err != nil {
		f := *fault.As(explain(resp, err))
		if f.Kind == fault.Unauthorised {
			f.Kind = fault.Rejected
		}
		f.Hint = "Start again: a code works once and for a few minutes."
		return network.Grant{}, nil, &f
	}
	if token.Access == "" {
		return network.Grant{}, nil, fault.Rejectedf("the server granted access without a token")
	}
	grant := network.Grant{Scopes: strings.Fields(token.Scope), Values: map[string]string{
		"access_token": token.Access, "client_id": keep["client_id"], "client_secret": keep["client_secret"]}}
	if token.Expires > 0 {
		grant.ExpiresAt = resp.At.UTC().Add(time.Duration(token.Expires) * time.Second)
	}
	a, err := (server{http: client, base: base, token: token.Access}).self(ctx, keep["app"])
	if err != nil {
		return network.Grant{}, nil, err
	}
	return grant, []network.Account{a}, nil
}

// Check reads the account anew.
func (Mastodon) Check(ctx context.Context, s network.Session) (network.Account, error) {
	return at(s).self(ctx, s.Account.Extra["app"])
}

// self reads who the token belongs to and what its server allows. Ids count per server, so the server is part of ours.
func (s server) self(ctx context.Context, app string) (network.Account, error) {
	var me account
	if _, err := s.get(ctx, "/api/v1/accounts/verify_credentials", nil, &me); err != nil {
		return network.Account{}, err
	}
	if me.ID == "" {
		return network.Account{}, fault.Rejectedf("the server did not say whose account this is")
	}
	about, extra, err := s.about(ctx)
	if err != nil {
		return network.Account{}, err
	}
	host := strings.TrimPrefix(strings.TrimPrefix(s.base, "https://"), "http://")
	extra["id"], extra["app"], extra["domain"] = me.ID, app, cmp.Or(extra["domain"], host)
	p := me.person(extra["domain"])
	return network.Account{ID: me.ID + "@" + host, Handle: p.Handle, Name: p.Name, URL: p.URL, AvatarURL: p.AvatarURL, Server: s.base,
		Followers: p.Followers, Limits: about.limits(), Extra: extra}, nil
}

// Revoke gives the token back.
func (Mastodon) Revoke(ctx context.Context, s network.Session) error {
	v := s.Grant.Values
	form := url.Values{"client_id": {v["client_id"]}, "client_secret": {v["client_secret"]}, "token": {v["access_token"]}}
	resp, err := s.HTTP.Form(ctx, http.MethodPost, s.Account.Server+"/oauth/revoke", nil, form, nil)
	return again(explain(resp, err))
}
