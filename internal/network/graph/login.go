package graph

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Keys of a grant's values.
const (
	UserToken = "user"  // the person's own token, about sixty days
	PageToken = "page:" // with the Page's id: does not end by itself
)

// Begin returns Facebook's dialogue for an application that the operator registered.
func Begin(h Hosts, req network.ConnectRequest, scopes []string) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, Unregistered()
	}
	q := url.Values{"client_id": {id}, "redirect_uri": {req.RedirectURL}, "state": {req.State}, "response_type": {"code"}, "scope": {strings.Join(scopes, ",")}}
	return network.ConnectRedirect{URL: h.Web + "/" + Version + "/dialog/oauth?" + q.Encode(),
		Keep: map[string]string{"client_id": id, "client_secret": secret, "redirect_url": req.RedirectURL}}, nil
}

// Unregistered says that the operator has to register an application first.
func Unregistered() error {
	return fault.Rejectedf("no Meta app is registered for this workspace").WithHint("An administrator registers one first and enters its id and secret.")
}

// token is an answer of the token endpoint.
type token struct {
	Access  string `json:"access_token"`
	Expires int64  `json:"expires_in"` // seconds
}

// Finish exchanges the callback's code for the person's long-lived token.
func Finish(ctx context.Context, client *safehttp.Client, h Hosts, keep map[string]string, callback url.Values) (Client, network.Grant, error) {
	code := callback.Get("code")
	if code == "" {
		return Client{}, network.Grant{}, fault.Rejectedf("Facebook sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	app := Client{HTTP: client, Base: h.Graph + "/" + Version}
	var short token
	_, err := app.Get(ctx, "/oauth/access_token", url.Values{"client_id": {keep["client_id"]}, "client_secret": {keep["client_secret"]}, "redirect_uri": {keep["redirect_url"]}, "code": {code}}, &short)
	if err != nil {
		return Client{}, network.Grant{}, StartAgain(err)
	}
	c := Client{HTTP: client, Base: app.Base, Token: short.Access, Secret: keep["client_secret"]}
	grant, err := c.Extend(ctx, keep["client_id"])
	if err != nil {
		return Client{}, network.Grant{}, StartAgain(err)
	}
	c.Token = grant.Values[UserToken]
	var rights Page[struct {
		Permission string `json:"permission"`
		Status     string `json:"status"`
	}]
	if _, err := c.Get(ctx, "/me/permissions", nil, &rights); err != nil {
		return Client{}, network.Grant{}, err
	}
	for _, r := range rights.Data {
		if r.Status == "granted" {
			grant.Scopes = append(grant.Scopes, r.Permission)
		}
	}
	return c, grant, nil
}

// StartAgain is what a refused exchange of a code means: codes work once and for a few minutes.
func StartAgain(err error) error {
	f := *fault.As(err)
	if f.Kind == fault.Unauthorised || f.Kind == fault.NotFound {
		f.Kind = fault.Rejected
	}
	if f.Kind == fault.Rejected {
		f.Hint = "Start again: a code works once and for a few minutes. If it fails again, compare the app's id and secret."
	}
	return &f
}

// Extend exchanges the person's token for one that lives about sixty days.
func (c Client) Extend(ctx context.Context, appID string) (network.Grant, error) {
	app := Client{HTTP: c.HTTP, Base: c.Base}
	var long token
	resp, err := app.Get(ctx, "/oauth/access_token", url.Values{"grant_type": {"fb_exchange_token"}, "client_id": {appID}, "client_secret": {c.Secret}, "fb_exchange_token": {c.Token}}, &long)
	if err != nil {
		return network.Grant{}, err
	}
	if long.Access == "" {
		return network.Grant{}, fault.Rejectedf("Facebook granted access without a token")
	}
	grant := network.Grant{Values: map[string]string{UserToken: long.Access}}
	if long.Expires > 0 {
		grant.ExpiresAt = resp.At.UTC().Add(time.Duration(long.Expires) * time.Second)
	}
	return grant, nil
}

// Pages lists the Pages that the person opened to the application, each with its own token.
func Pages[T any](ctx context.Context, c Client, fields string) (all []T, err error) {
	q := url.Values{"fields": {fields}, "limit": {"100"}}
	for range mostRead {
		var p Page[T]
		if _, err := c.Get(ctx, "/me/accounts", q, &p); err != nil {
			return nil, err
		}
		all = append(all, p.Data...)
		after := p.Next()
		if after == "" {
			break
		}
		q.Set("after", after)
	}
	return all, nil
}

// Renew extends the person's token and reads the Pages' tokens anew with it. Where the person's token has ended and the
// account's own has not (a Page token does not end by itself), the grant stays as it is, without an end.
func Renew(ctx context.Context, s network.Session, h Hosts, pages func(context.Context, Client, network.Grant) error, works func(context.Context) error) (network.Grant, error) {
	c := Client{HTTP: s.HTTP, Base: h.Graph + "/" + Version, Token: s.Grant.Values[UserToken], Secret: SecretOf(s)}
	grant, err := c.Extend(ctx, s.App["client_id"])
	if fault.Is(err, fault.Unauthorised) {
		if works(ctx) != nil {
			return network.Grant{}, err
		}
		same := s.Grant
		same.ExpiresAt = time.Time{}
		return same, nil
	}
	if err != nil {
		return network.Grant{}, err
	}
	grant.Scopes, c.Token = s.Grant.Scopes, grant.Values[UserToken]
	if err := pages(ctx, c, grant); err != nil {
		return network.Grant{}, err
	}
	for k, v := range s.Grant.Values { // a Page that is not listed just now keeps its token
		if _, ok := grant.Values[k]; !ok {
			grant.Values[k] = v
		}
	}
	return grant, nil
}
