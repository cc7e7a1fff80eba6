package pinterest

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// scopes is what is needed. scopeAds is asked for beside it, and done without.
var scopes = []string{"user_accounts:read", "boards:read", "boards:write", "pins:read", "pins:write"}

const (
	boardPages = 8  // pages of boards that are read
	sectioned  = 40 // boards whose sections are read: each is a call
)

// Begin returns Pinterest's page that asks the person. Pinterest knows no PKCE.
func (p Pinterest) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no Pinterest app is registered yet").WithHint("An administrator enters its id and secret first.")
	}
	q := url.Values{"client_id": {id}, "redirect_uri": {req.RedirectURL}, "response_type": {"code"}, "scope": {strings.Join(append(slices.Clone(scopes), scopeAds), ",")}, "state": {req.State}}
	return network.ConnectRedirect{URL: p.website() + "/oauth/?" + q.Encode(),
		Keep: map[string]string{"client_id": id, "client_secret": secret, "redirect_url": req.RedirectURL}}, nil
}

// Finish exchanges the code and reads the account.
func (p Pinterest) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := callback.Get("code")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("Pinterest sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	grant, err := p.token(ctx, client, keep, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {keep["redirect_url"]}, "continuous_refresh": {"true"}})
	if err != nil {
		f := *fault.As(err)
		if f.Kind == fault.Unauthorised {
			f.Kind = fault.Rejected
		}
		f.Hint = "Start again: a code works once and for a few minutes. If it fails again, compare the app's id and secret with those at Pinterest."
		return network.Grant{}, nil, &f
	}
	for _, needed := range scopes {
		if !slices.Contains(grant.Scopes, needed) {
			return network.Grant{}, nil, fault.Rejectedf("access was granted without %s", needed).WithHint("Start again and allow everything that is asked for.")
		}
	}
	a, err := p.Check(ctx, network.Session{Grant: grant, HTTP: client})
	if err != nil {
		return network.Grant{}, nil, err
	}
	return grant, []network.Account{a}, nil
}

// Refresh renews the grant. Pinterest's refresh tokens live for 60 days and are renewed with each use; apps registered
// before September 2025 must ask for that kind each time.
func (p Pinterest) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	old := s.Grant.Values["refresh_token"]
	grant, err := p.token(ctx, s.HTTP, s.App, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}, "continuous_refresh": {"true"}})
	if err != nil {
		if f := *fault.As(err); f.Kind == fault.Rejected {
			f.Kind, f.Message, f.Hint = fault.Unauthorised, "Pinterest does not renew this sign-in", "Reconnect the channel."
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

func (p Pinterest) token(ctx context.Context, client *safehttp.Client, app map[string]string, form url.Values) (network.Grant, error) {
	var token struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Expires int64  `json:"expires_in"` // seconds
		Scope   string `json:"scope"`
	}
	basic := base64.StdEncoding.EncodeToString([]byte(app["client_id"] + ":" + app["client_secret"]))
	resp, err := client.Form(ctx, http.MethodPost, p.api()+"/oauth/token", http.Header{"Authorization": {"Basic " + basic}}, form, &token)
	if err != nil {
		return network.Grant{}, again(explain(resp, err))
	}
	if token.Access == "" {
		return network.Grant{}, fault.Rejectedf("Pinterest granted access without a token")
	}
	grant := network.Grant{Values: map[string]string{"access_token": token.Access, "refresh_token": token.Refresh},
		Scopes: strings.FieldsFunc(token.Scope, func(r rune) bool { return r == ' ' || r == ',' })}
	if token.Expires > 0 {
		grant.ExpiresAt = resp.At.UTC().Add(time.Duration(token.Expires) * time.Second)
	}
	return grant, nil
}

// Check reads the account anew, with its boards and their sections.
func (p Pinterest) Check(ctx context.Context, s network.Session) (network.Account, error) {
	a := p.as(s)
	var me user
	if _, err := a.get(ctx, "/user_account", nil, &me); err != nil {
		return network.Account{}, err
	}
	if me.ID == "" {
		return network.Account{}, fault.Rejectedf("Pinterest did not say whose account this is")
	}
	out := network.Account{ID: me.ID, Handle: me.Username, Name: cmp.Or(me.Business, me.Username), URL: p.website() + "/" + escape(me.Username) + "/", AvatarURL: me.Image,
		Limits: fallback, Extra: map[string]string{"type": me.Type}}
	if me.Followers != nil {
		out.Followers = *me.Followers
	}
	boards, err := a.boards(ctx)
	if err != nil {
		return network.Account{}, err
	}
	out.Choices = map[string][]network.Option{"board": {}, "section": {}}
	for _, b := range boards {
		out.Choices["board"] = append(out.Choices["board"], network.Option{Value: b.ID, Label: b.Name})
	}
	slices.SortStableFunc(boards, func(x, y board) int { return y.Changed.Compare(x.Changed.Time) })
	for _, b := range boards[:min(len(boards), sectioned)] {
		var list struct {
			Items []board `json:"items"`
		}
		_, err := a.get(ctx, "/boards/"+escape(b.ID)+"/sections", url.Values{"page_size": {"250"}}, &list)
		if fault.Is(err, fault.NotFound) {
			continue // deleted since
		}
		if err != nil {
			return network.Account{}, err
		}
		for _, section := range list.Items {
			out.Choices["section"] = append(out.Choices["section"], network.Option{Value: b.ID + "/" + section.ID, Label: section.Name, Of: b.ID})
		}
	}
	return out, nil
}

// boards lists the boards that pins can be put on.
func (a api) boards(ctx context.Context) (all []board, err error) {
	bookmark := ""
	for range boardPages {
		q := url.Values{"page_size": {"250"}}
		if bookmark != "" {
			q.Set("bookmark", bookmark)
		}
		var list struct {
			Items    []board `json:"items"`
			Bookmark string  `json:"bookmark"`
		}
		if _, err := a.get(ctx, "/boards", q, &list); err != nil {
			return nil, err
		}
		for _, b := range list.Items {
			if b.ID != "" && !b.AdsOnly {
				all = append(all, b)
			}
		}
		if bookmark = list.Bookmark; bookmark == "" || len(list.Items) == 0 {
			break
		}
	}
	return all, nil
}
