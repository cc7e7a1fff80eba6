package tiktok

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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

// Begin returns the network's authorisation page. TikTok wants the challenge of PKCE in hexadecimal digits, unlike
// anybody else, so it is made from the verifier here.
func (t TikTok) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	key, secret := req.App["client_key"], req.App["client_secret"]
	if key == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no application is registered with TikTok").WithHint("Enter the client key and secret in the workspace's settings first.")
	}
	q := url.Values{"client_key": {key}, "redirect_uri": {req.RedirectURL}, "scope": {scopes()}, "response_type": {"code"}, "state": {req.State}}
	keep := map[string]string{"client_key": key, "client_secret": secret, "redirect_url": req.RedirectURL}
	if req.Verifier != "" {
		sum := sha256.Sum256([]byte(req.Verifier))
		q.Set("code_challenge", hex.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
		keep["verifier"] = req.Verifier
	}
	return network.ConnectRedirect{URL: strings.TrimSuffix(cmp.Or(t.at, signIn), "/") + "/v2/auth/authorize/?" + q.Encode(), Keep: keep}, nil
}

// token is the answer of the sign-in's calls; their errors are flat.
type token struct {
	Access      string `json:"access_token"`
	Refresh     string `json:"refresh_token"`
	Expires     int64  `json:"expires_in"` // seconds
	OpenID      string `json:"open_id"`
	Scope       string `json:"scope"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// trade asks for a token. A refusal may come with status 200.
func (t TikTok) trade(ctx context.Context, client *safehttp.Client, path string, form url.Values) (token, *safehttp.Response, error) {
	var got token
	resp, err := client.Form(ctx, http.MethodPost, t.base()+path, nil, form, &got)
	if err != nil && resp != nil {
		_ = json.Unmarshal(resp.Body, &got) // what is no refusal is judged by its status
	}
	switch {
	case got.Error == "rate_limit_exceeded" || got.Error == "server_error" || got.Error == "temporarily_unavailable":
		return got, resp, &fault.Error{Kind: fault.Later, Code: got.Error, Message: "TikTok signs nobody in for now"}
	case got.Error != "" && (resp == nil || resp.Status < 500 && resp.Status != http.StatusTooManyRequests):
		return got, resp, &fault.Error{Kind: fault.Unauthorised, Code: got.Error, Message: "TikTok refuses the sign-in: " + short(cmp.Or(got.Description, got.Error)), Hint: "Reconnect the channel."}
	}
	return got, resp, again(err)
}

func (got token) grant(resp *safehttp.Response, before network.Grant) (network.Grant, error) {
	if got.Access == "" {
		return network.Grant{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "TikTok answered without a token"}
	}
	g := network.Grant{Scopes: before.Scopes, Values: map[string]string{"access_token": got.Access, "refresh_token": cmp.Or(got.Refresh, before.Values["refresh_token"])}}
	if got.Scope != "" {
		g.Scopes = strings.Split(got.Scope, ",")
	}
	if got.Expires > 0 {
		g.ExpiresAt = resp.At.UTC().Add(time.Duration(got.Expires) * time.Second)
	}
	return g, nil
}

// Finish exchanges the code and reads the account.
func (t TikTok) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	none := network.Grant{}
	code := callback.Get("code")
	if code == "" {
		return none, nil, fault.Rejectedf("TikTok sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	form := url.Values{"client_key": {keep["client_key"]}, "client_secret": {keep["client_secret"]}, "code": {code}, "grant_type": {"authorization_code"}, "redirect_uri": {keep["redirect_url"]}}
	if keep["verifier"] != "" {
		form.Set("code_verifier", keep["verifier"])
	}
	got, resp, err := t.trade(ctx, client, "/v2/oauth/token/", form)
	if err != nil {
		f := *fault.As(err)
		if f.Kind == fault.Unauthorised { // nothing is connected, so there is nothing to reconnect
			f.Kind = fault.Rejected
		}
		f.Hint = "Start again: a code works once and for a few minutes. If it happens again, compare the client key and secret."
		return none, nil, &f
	}
	grant, err := got.grant(resp, none)
	if err != nil {
		return none, nil, err
	}
	a, err := t.Check(ctx, network.Session{Grant: grant, HTTP: client})
	if err != nil {
		return none, nil, err
	}
	return grant, []network.Account{a}, nil
}

// Refresh renews the token of a day. TikTok may give another refresh token with it; the old one is worthless then.
func (t TikTok) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	got, resp, err := t.trade(ctx, s.HTTP, "/v2/oauth/token/", url.Values{"client_key": {s.App["client_key"]}, "client_secret": {s.App["client_secret"]},
		"grant_type": {"refresh_token"}, "refresh_token": {s.Grant.Values["refresh_token"]}})
	if err != nil {
		return network.Grant{}, err
	}
	return got.grant(resp, s.Grant)
}

// Revoke gives the grant back.
func (t TikTok) Revoke(ctx context.Context, s network.Session) error {
	_, _, err := t.trade(ctx, s.HTTP, "/v2/oauth/revoke/", url.Values{"client_key": {s.App["client_key"]}, "client_secret": {s.App["client_secret"]}, "token": {s.Grant.Values["access_token"]}})
	return err
}

// user is the creator as the Display API shows it. A field whose scope was not granted must not be asked for.
type user struct {
	OpenID    string `json:"open_id"`
	Name      string `json:"display_name"`
	Username  string `json:"username"`
	Avatar    string `json:"avatar_url"`
	Profile   string `json:"profile_deep_link"`
	Followers *int64 `json:"follower_count"`
}

func (a api) user(ctx context.Context, g network.Grant) (user, error) {
	has := func(scope string) bool { return len(g.Scopes) == 0 || slices.Contains(g.Scopes, scope) }
	fields := "open_id,display_name,avatar_url"
	if has("user.info.profile") {
		fields += ",username,profile_deep_link"
	}
	if has("user.info.stats") {
		fields += ",follower_count"
	}
	var got struct {
		User user `json:"user"`
	}
	_, err := a.ask(ctx, http.MethodGet, "/v2/user/info/?fields="+fields, nil, &got)
	if err == nil && got.User.OpenID == "" {
		err = &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "TikTok did not say whose account this is"}
	}
	return got.User, err
}

// creator is what the creator may choose for a post, now.
type creator struct {
	Username string   `json:"creator_username"`
	Options  []string `json:"privacy_level_options"`
	Comment  bool     `json:"comment_disabled"`
	Duet     bool     `json:"duet_disabled"`
	Stitch   bool     `json:"stitch_disabled"`
	Seconds  int64    `json:"max_video_post_duration_sec"`
}

func (a api) creator(ctx context.Context) (c creator, err error) {
	_, err = a.ask(ctx, http.MethodPost, "/v2/post/publish/creator_info/query/", struct{}{}, &c)
	return c, err
}

// unpublishing are the refusals to say what a creator may choose that concern publishing alone.
var unpublishing = []string{"scope_not_authorized", "scope_permission_missed", "spam_risk_too_many_posts", "spam_risk_user_banned_from_posting", "reached_active_user_cap"}

// Check reads the account anew, and what its creator may choose.
func (t TikTok) Check(ctx context.Context, s network.Session) (network.Account, error) {
	u, err := t.api(s).user(ctx, s.Grant)
	if err != nil {
		return network.Account{}, err
	}
	a := network.Account{ID: u.OpenID, Handle: cmp.Or(u.Username, u.Name), Name: cmp.Or(u.Name, u.Username), URL: cmp.Or(u.Profile, profile(u.Username)), AvatarURL: u.Avatar, Limits: limits,
		Extra: map[string]string{}}
	if u.Followers != nil {
		a.Followers = *u.Followers
	}
	c, err := t.api(s).creator(ctx)
	if err != nil {
		f := fault.As(err)
		if !slices.Contains(unpublishing, f.Code) {
			return network.Account{}, err
		}
		// The creator may not publish now, or did not allow it; the account works for all else.
		a.Choices, a.Extra["cannot_publish"] = s.Account.Choices, f.Message
		return a, nil
	}
	a.Handle = cmp.Or(u.Username, cmp.Or(c.Username, a.Handle))
	a.URL = cmp.Or(u.Profile, profile(a.Handle))
	var options []network.Option
	for _, v := range c.Options {
		options = append(options, network.Option{Value: v, Label: cmp.Or(audiences[v], v)})
	}
	a.Choices = map[string][]network.Option{"privacy": options}
	for key, off := range map[string]bool{"comment": c.Comment, "duet": c.Duet, "stitch": c.Stitch} {
		if off {
			a.Extra[key+"_disabled"] = "true"
		}
	}
	if c.Seconds > 0 {
		a.Extra["max_seconds"] = strconv.FormatInt(c.Seconds, 10)
	}
	return a, nil
}

func profile(username string) string {
	if username == "" {
		return signIn
	}
	return signIn + "/@" + url.PathEscape(username)
}
