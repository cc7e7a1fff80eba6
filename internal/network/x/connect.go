package x

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Begin returns X's authorisation page.
func (n X) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Invalidf("client_id", "no application is registered with X yet").WithHint("An operator registers one first.")
	}
	var scopes []string
	for _, s := range app.Scopes {
		scopes = append(scopes, s.Name)
	}
	q := url.Values{"response_type": {"code"}, "client_id": {id}, "redirect_uri": {req.RedirectURL}, "scope": {strings.Join(scopes, " ")}, "state": {req.State},
		"code_challenge": {req.Challenge}, "code_challenge_method": {"S256"}}
	return network.ConnectRedirect{URL: n.page() + "/i/oauth2/authorize?" + q.Encode(),
		Keep: map[string]string{"client_id": id, "client_secret": secret, "verifier": req.Verifier, "redirect_url": req.RedirectURL}}, nil
}

// Finish exchanges the code, which lives for half a minute, and reads the account.
func (n X) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := callback.Get("code")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("X sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {keep["redirect_url"]}, "code_verifier": {keep["verifier"]}, "client_id": {keep["client_id"]}}
	grant, resp, err := n.token(ctx, client, keep, form)
	if err != nil {
		f := *fault.As(again(err))
		if f.Kind == fault.Unauthorised {
			f.Kind = fault.Rejected
		}
		f.Hint = "Start again: a code works once and for half a minute."
		if resp != nil && resp.Status == http.StatusUnauthorized {
			f.Hint = "An operator checks the registered application's id and secret."
		}
		return network.Grant{}, nil, &f
	}
	a, err := n.server(network.Session{HTTP: client, Grant: grant}).self(ctx)
	if err != nil {
		return network.Grant{}, nil, err
	}
	return grant, []network.Account{a}, nil
}

// token asks for tokens. X gives a new refresh token each time; the one before ends.
func (n X) token(ctx context.Context, client *safehttp.Client, app map[string]string, form url.Values) (network.Grant, *safehttp.Response, error) {
	var made struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Scope   string `json:"scope"`
		Expires int64  `json:"expires_in"` // seconds
	}
	resp, err := client.Form(ctx, http.MethodPost, n.base()+"/2/oauth2/token", identify(app), form, &made)
	if err != nil {
		return network.Grant{}, resp, explain(resp, err)
	}
	if made.Access == "" {
		return network.Grant{}, resp, fault.Rejectedf("X granted access without a token")
	}
	g := network.Grant{Values: map[string]string{"access_token": made.Access, "refresh_token": made.Refresh}, Scopes: strings.Fields(made.Scope)}
	if made.Expires > 0 {
		g.ExpiresAt = resp.At.UTC().Add(time.Duration(made.Expires) * time.Second)
	}
	return g, resp, nil
}

// identify is how the application proves itself: both values are form-encoded before they are joined (RFC 6749 2.3.1).
func identify(app map[string]string) http.Header {
	pair := url.QueryEscape(app["client_id"]) + ":" + url.QueryEscape(app["client_secret"])
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}}
}

// Refresh renews the grant.
func (n X) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	token := s.Grant.Values["refresh_token"]
	if token == "" {
		return network.Grant{}, &fault.Error{Kind: fault.Unauthorised, Message: "X gave no right to stay signed in", Hint: "Reconnect the channel and allow everything that is asked for."}
	}
	g, resp, err := n.token(ctx, s.HTTP, s.App, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {s.App["client_id"]}})
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
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "X no longer renews this sign-in", "Reconnect the channel. If that fails, an operator checks the registered application."
	}
	return network.Grant{}, &f
}

// Revoke gives the grant back.
func (n X) Revoke(ctx context.Context, s network.Session) error {
	form := url.Values{"token": {cmp.Or(s.Grant.Values["refresh_token"], s.Grant.Values["access_token"])}, "client_id": {s.App["client_id"]}}
	resp, err := s.HTTP.Form(ctx, http.MethodPost, n.base()+"/2/oauth2/revoke", identify(s.App), form, nil)
	return again(explain(resp, err))
}

// Check reads the account anew.
func (n X) Check(ctx context.Context, s network.Session) (network.Account, error) {
	return n.server(s).self(ctx)
}

// self reads who the token belongs to.
func (s server) self(ctx context.Context) (network.Account, error) {
	var me user
	q := url.Values{"user.fields": {"name,username,profile_image_url,protected,public_metrics,subscription_type"}}
	if _, _, err := s.get(ctx, "/2/users/me", q, &me); err != nil {
		return network.Account{}, err
	}
	if me.ID == "" {
		return network.Account{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "X did not say whose account this is"}
	}
	p := me.person()
	a := network.Account{ID: p.ID, Handle: p.Handle, Name: p.Name, URL: p.URL, AvatarURL: p.AvatarURL, Followers: p.Followers, Limits: fallback,
		Extra: map[string]string{"subscription": me.Subscription}}
	if paid(a) {
		a.Limits.Characters = longText
	}
	return a, nil
}
