package threads

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

func scopes() string {
	var list []string
	for _, s := range app.Scopes {
		list = append(list, s.Name)
	}
	return strings.Join(list, ",")
}

// Begin returns the network's authorisation page. Threads knows no PKCE.
func (t Threads) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no application is registered with Threads").WithHint("Enter the Threads app ID and secret in the workspace's settings first.")
	}
	q := url.Values{"client_id": {id}, "redirect_uri": {req.RedirectURL}, "scope": {scopes()}, "response_type": {"code"}, "state": {req.State}}
	return network.ConnectRedirect{URL: strings.TrimSuffix(cmp.Or(t.at, signIn), "/") + "/oauth/authorize?" + q.Encode(),
		Keep: map[string]string{"client_id": id, "client_secret": secret, "redirect_url": req.RedirectURL}}, nil
}

// token is the answer of every call that gives one.
type token struct {
	Access  string `json:"access_token"`
	Expires int64  `json:"expires_in"` // seconds
}

// Finish exchanges the code for a token of an hour, that one for a token of 60 days, and reads the profile.
func (t Threads) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	none := network.Grant{}
	code := strings.TrimSuffix(callback.Get("code"), "#_")
	if code == "" {
		return none, nil, fault.Rejectedf("Threads sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	g := graph{http: client, base: t.base()}
	var brief token
	resp, err := client.Form(ctx, http.MethodPost, g.base+"/oauth/access_token", nil, url.Values{"client_id": {keep["client_id"]}, "client_secret": {keep["client_secret"]},
		"code": {code}, "grant_type": {"authorization_code"}, "redirect_uri": {keep["redirect_url"]}}, &brief)
	if err != nil {
		return none, nil, startAgain(again(explain(resp, err)))
	}
	if brief.Access == "" {
		return none, nil, fault.Rejectedf("Threads granted access without a token").WithHint("Start again.")
	}
	g.token = brief.Access
	var long token
	resp, err = g.get(ctx, "/access_token", url.Values{"grant_type": {"th_exchange_token"}, "client_secret": {keep["client_secret"]}}, &long)
	if err != nil {
		return none, nil, startAgain(err)
	}
	grant, err := granted(resp, long)
	if err != nil {
		return none, nil, err
	}
	g.token = long.Access
	a, err := g.self(ctx)
	if err != nil {
		return none, nil, err
	}
	return grant, []network.Account{a}, nil
}

// startAgain words a failed sign-in: nothing is connected, so there is nothing to reconnect.
func startAgain(err error) error {
	f := *fault.As(err)
	switch f.Kind {
	case fault.Unauthorised, fault.NotFound:
		f.Kind, f.Message = fault.Rejected, "Threads refused the sign-in"
	case fault.Rejected:
	default:
		return err
	}
	f.Hint = "Start again: a code works once and for an hour. If it happens again, compare the Threads app ID and secret."
	return &f
}

func granted(resp *safehttp.Response, t token) (network.Grant, error) {
	if t.Access == "" {
		return network.Grant{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Threads answered without a token"}
	}
	grant := network.Grant{Scopes: strings.Split(scopes(), ","), Values: map[string]string{"access_token": t.Access}}
	if t.Expires > 0 {
		grant.ExpiresAt = resp.At.UTC().Add(time.Duration(t.Expires) * time.Second)
	}
	return grant, nil
}

// Refresh renews the token for another 60 days. Threads renews no token of its first day and none of some private
// profiles; as long as such a token works it is kept as it is.
func (t Threads) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	g := t.graph(s)
	var fresh token
	resp, err := g.get(ctx, "/refresh_access_token", url.Values{"grant_type": {"th_refresh_token"}}, &fresh)
	if err == nil {
		return granted(resp, fresh)
	}
	if fault.Is(err, fault.Later) {
		return network.Grant{}, err
	}
	if _, err := g.self(ctx); err != nil {
		return network.Grant{}, err
	}
	return s.Grant, nil
}

// Check reads the profile anew.
func (t Threads) Check(ctx context.Context, s network.Session) (network.Account, error) {
	return t.graph(s).self(ctx)
}

func (g graph) self(ctx context.Context) (network.Account, error) {
	var me struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
		Picture  string `json:"threads_profile_picture_url"`
		Geo      bool   `json:"is_eligible_for_geo_gating"`
	}
	if _, err := g.get(ctx, path("me"), url.Values{"fields": {"id,username,name,threads_profile_picture_url,is_eligible_for_geo_gating"}}, &me); err != nil {
		return network.Account{}, err
	}
	if me.ID == "" {
		return network.Account{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Threads did not say whose profile this is"}
	}
	a := network.Account{ID: me.ID, Handle: me.Username, Name: cmp.Or(me.Name, me.Username), URL: profile(me.Username), AvatarURL: me.Picture, Limits: limits, Extra: map[string]string{}}
	if me.Geo {
		a.Extra["countries"] = "true"
	}
	return a, nil
}

func profile(username string) string { return "https://www.threads.net/@" + url.PathEscape(username) }
