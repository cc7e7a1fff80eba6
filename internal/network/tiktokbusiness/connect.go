package tiktokbusiness

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Begin returns the authorisation page that TikTok's portal made for the app; only the state is ours.
func (t TikTok) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" || req.App["authorize_url"] == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no application is registered with TikTok API for Business").WithHint("Enter its App ID, secret and authorization URL in the workspace's settings first.")
	}
	page, err := url.Parse(strings.TrimSpace(req.App["authorize_url"]))
	if err != nil || !t.isTheirs(page) {
		return network.ConnectRedirect{}, &fault.Error{Kind: fault.Rejected, Field: "authorize_url", Message: "the authorization URL is not an address of TikTok", Hint: "Copy it from your app's page in TikTok's portal."}
	}
	q := page.Query()
	q.Set("state", req.State)
	page.RawQuery = q.Encode()
	return network.ConnectRedirect{URL: page.String(), Keep: map[string]string{"client_id": id, "client_secret": secret, "redirect_url": slashed(req.RedirectURL)}}, nil
}

func (t TikTok) isTheirs(u *url.URL) bool {
	if gate, err := url.Parse(t.at); t.at != "" && err == nil && u.Host == gate.Host && u.Scheme == gate.Scheme {
		return true
	}
	return u.Scheme == "https" && u.User == nil && (u.Host == "www.tiktok.com" || u.Host == "business-api.tiktok.com")
}

// slashed ends an address in a slash, as TikTok demands of redirect URLs.
func slashed(s string) string { return strings.TrimSuffix(s, "/") + "/" }

// token is the answer of the sign-in's calls.
type token struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Expires int64  `json:"expires_in"` // seconds
	OpenID  string `json:"open_id"`
	Scope   string `json:"scope"`
}

func (t TikTok) trade(ctx context.Context, client *safehttp.Client, path string, in map[string]any) (network.Grant, error) {
	var got token
	resp, err := api{http: client, base: t.base()}.send(ctx, http.MethodPost, path, in, &got)
	if err != nil {
		return network.Grant{}, again(err)
	}
	if got.Access == "" || got.OpenID == "" {
		return network.Grant{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "TikTok answered without a token"}
	}
	g := network.Grant{Values: map[string]string{"access_token": got.Access, "refresh_token": got.Refresh, "open_id": got.OpenID}}
	if got.Scope != "" {
		g.Scopes = strings.Split(got.Scope, ",")
	}
	if got.Expires > 0 {
		g.ExpiresAt = resp.At.UTC().Add(time.Duration(got.Expires) * time.Second)
	}
	return g, nil
}

// Finish exchanges the code, which TikTok calls auth_code here, and reads the account.
func (t TikTok) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := cmp.Or(callback.Get("auth_code"), callback.Get("code"))
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("TikTok sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	grant, err := t.trade(ctx, client, "/tt_user/oauth2/token/", map[string]any{"client_id": keep["client_id"], "client_secret": keep["client_secret"], "grant_type": "authorization_code",
		"auth_code": code, "redirect_uri": keep["redirect_url"]})
	if err != nil {
		f := *fault.As(err)
		if f.Kind == fault.Unauthorised { // nothing is connected, so there is nothing to reconnect
			f.Kind, f.Message = fault.Rejected, "TikTok refused the sign-in"
		}
		f.Hint = "Start again: a code works once and for ten minutes. If it happens again, compare the App ID, the secret and the redirect URL with its slash at the end."
		return network.Grant{}, nil, &f
	}
	a, err := t.Check(ctx, network.Session{Grant: grant, HTTP: client})
	if err != nil {
		return network.Grant{}, nil, err
	}
	return grant, []network.Account{a}, nil
}

// Refresh renews the token of a day. The refresh token is another one each time.
func (t TikTok) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	g, err := t.trade(ctx, s.HTTP, "/tt_user/oauth2/refresh_token/", map[string]any{"client_id": s.App["client_id"], "client_secret": s.App["client_secret"],
		"grant_type": "refresh_token", "refresh_token": s.Grant.Values["refresh_token"]})
	if err == nil && g.Values["refresh_token"] == "" {
		g.Values["refresh_token"] = s.Grant.Values["refresh_token"]
	}
	return g, err
}

// Revoke gives the grant back.
func (t TikTok) Revoke(ctx context.Context, s network.Session) error {
	_, err := api{http: s.HTTP, base: t.base()}.send(ctx, http.MethodPost, "/tt_user/oauth2/revoke/", map[string]any{"client_id": s.App["client_id"], "client_secret": s.App["client_secret"],
		"access_token": s.Grant.Values["access_token"]}, nil)
	return again(err)
}

// account is the account as the API shows it.
type account struct {
	Username  string `json:"username"`
	Name      string `json:"display_name"`
	Picture   string `json:"profile_image"`
	Followers *int64 `json:"followers_count"`
}

func (a api) account(ctx context.Context) (got account, err error) {
	err = a.get(ctx, "/business/get/", map[string]any{"fields": []string{"username", "display_name", "profile_image", "followers_count"}}, &got)
	return got, err
}

// settings are what the account may choose for a post, now.
type settings struct {
	Options []string `json:"privacy_level_options"`
	Comment bool     `json:"comment_disabled"`
	Duet    bool     `json:"duet_disabled"`
	Stitch  bool     `json:"stitch_disabled"`
	Seconds int64    `json:"max_video_post_duration_sec"`
}

func (a api) settings(ctx context.Context) (got settings, err error) {
	err = a.get(ctx, "/business/video/settings/", nil, &got)
	return got, err
}

// Check reads the account anew, and what it may choose.
func (t TikTok) Check(ctx context.Context, s network.Session) (network.Account, error) {
	c := t.api(s)
	got, err := c.account(ctx)
	if err != nil {
		return network.Account{}, err
	}
	a := network.Account{ID: c.me, Handle: cmp.Or(got.Username, got.Name), Name: cmp.Or(got.Name, got.Username), URL: profile(got.Username), AvatarURL: got.Picture, Limits: limits, Extra: map[string]string{}}
	if got.Followers != nil {
		a.Followers = *got.Followers
	}
	set, err := c.settings(ctx)
	if fault.Is(err, fault.Rejected) { // the app or the account may not publish; the rest works
		a.Choices, a.Extra["cannot_publish"] = s.Account.Choices, fault.As(err).Message
		return a, nil
	}
	if err != nil {
		return network.Account{}, err
	}
	var options []network.Option
	for _, v := range set.Options {
		options = append(options, network.Option{Value: v, Label: cmp.Or(audiences[v], v)})
	}
	a.Choices = map[string][]network.Option{"privacy": options}
	for key, off := range map[string]bool{"comment": set.Comment, "duet": set.Duet, "stitch": set.Stitch} {
		if off {
			a.Extra[key+"_disabled"] = "true"
		}
	}
	if set.Seconds > 0 {
		a.Extra["max_seconds"] = strconv.FormatInt(set.Seconds, 10)
	}
	return a, nil
}

func profile(username string) string {
	if username == "" {
		return site
	}
	return site + "/@" + url.PathEscape(username)
}
