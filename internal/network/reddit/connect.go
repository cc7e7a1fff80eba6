package reddit

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	page   = 100 // things in one answer, the most Reddit gives
	joined = 3   // pages of communities that are read
	asked  = 12  // communities whose rules and flairs are read at a check: two calls each
)

func scopeNames() (names []string) {
	for _, s := range scopes {
		names = append(names, s.Name)
	}
	return names
}

// Begin returns Reddit's page that asks the person, for a grant that does not end. Reddit knows no PKCE.
func (r Reddit) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no Reddit app is registered yet").WithHint("An administrator enters its id and secret first.")
	}
	q := url.Values{"client_id": {id}, "response_type": {"code"}, "state": {req.State}, "redirect_uri": {req.RedirectURL}, "duration": {"permanent"}, "scope": {strings.Join(scopeNames(), " ")}}
	return network.ConnectRedirect{URL: r.website() + "/api/v1/authorize?" + q.Encode(),
		Keep: map[string]string{"client_id": id, "client_secret": secret, "username": req.App["username"], "redirect_url": req.RedirectURL}}, nil
}

// Finish exchanges the code and reads the account.
func (r Reddit) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := callback.Get("code")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("Reddit sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	grant, err := r.token(ctx, client, keep, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {keep["redirect_url"]}})
	if err != nil {
		f := *fault.As(err)
		if f.Kind == fault.Unauthorised {
			f.Kind = fault.Rejected
		}
		f.Hint = "Start again: a code works once and for a few minutes. If it fails again, compare the app's id and secret with those at Reddit."
		return network.Grant{}, nil, &f
	}
	for _, needed := range scopeNames() {
		if !slices.Contains(grant.Scopes, needed) && !slices.Contains(grant.Scopes, "*") {
			return network.Grant{}, nil, fault.Rejectedf("access was granted without %s", needed).WithHint("Start again and allow everything that is asked for.")
		}
	}
	a, err := r.Check(ctx, network.Session{Grant: grant, HTTP: client, App: keep})
	if err != nil {
		return network.Grant{}, nil, err
	}
	return grant, []network.Account{a}, nil
}

// Refresh renews the grant. The refresh token stays the same until it is revoked.
func (r Reddit) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	old := s.Grant.Values["refresh_token"]
	grant, err := r.token(ctx, s.HTTP, s.App, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}})
	if err != nil {
		if f := *fault.As(err); f.Kind == fault.Rejected {
			f.Kind, f.Message, f.Hint = fault.Unauthorised, "Reddit does not renew this sign-in", "Reconnect the channel."
			return network.Grant{}, &f
		}
		return network.Grant{}, err
	}
	grant.Values["refresh_token"] = cmp.Or(grant.Values["refresh_token"], old)
	return grant, nil
}

func (r Reddit) token(ctx context.Context, client *safehttp.Client, app map[string]string, form url.Values) (network.Grant, error) {
	var token struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Expires int64  `json:"expires_in"` // seconds: a day, an hour in older days
		Scope   string `json:"scope"`
		Error   string `json:"error"` // comes with 200, too
	}
	resp, err := client.Form(ctx, http.MethodPost, r.website()+"/api/v1/access_token", r.basic(app), form, &token)
	if err != nil {
		return network.Grant{}, again(explain(resp, err))
	}
	if token.Error != "" || token.Access == "" {
		return network.Grant{}, fault.Rejectedf("Reddit granted no access: %s", cmp.Or(token.Error, "there is no token"))
	}
	grant := network.Grant{Values: map[string]string{"access_token": token.Access, "refresh_token": token.Refresh},
		Scopes: strings.FieldsFunc(token.Scope, func(c rune) bool { return c == ' ' || c == ',' })}
	if token.Expires > 0 {
		grant.ExpiresAt = resp.At.UTC().Add(time.Duration(token.Expires) * time.Second)
	}
	return grant, nil
}

func (r Reddit) basic(app map[string]string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(app["client_id"]+":"+app["client_secret"]))}, "User-Agent": {agent(app["username"])}}
}

// Revoke gives the grant back: without its refresh token nothing of it is left.
func (r Reddit) Revoke(ctx context.Context, s network.Session) error {
	form := url.Values{"token": {s.Grant.Values["refresh_token"]}, "token_type_hint": {"refresh_token"}}
	resp, err := s.HTTP.Form(ctx, http.MethodPost, r.website()+"/api/v1/revoke_token", r.basic(s.App), form, nil)
	return again(explain(resp, err))
}

// redditor is an account as it sees itself.
type redditor struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Icon      string `json:"icon_img"`
	Suspended bool   `json:"is_suspended"`
	Profile   struct {
		Title     string `json:"title"`
		Name      string `json:"display_name"` // u_name
		Followers *int64 `json:"subscribers"`
	} `json:"subreddit"`
}

// joinedCommunity is a community in the list of those the account has joined.
type joinedCommunity struct {
	Name      string `json:"display_name"`
	Type      string `json:"subreddit_type"`
	Takes     string `json:"submission_type"` // any, link, self
	Moderator bool   `json:"user_is_moderator"`
	Banned    bool   `json:"user_is_banned"`
	Images    *bool  `json:"allow_images"`
	Videos    *bool  `json:"allow_videos"`
	Galleries *bool  `json:"allow_galleries"`
	Polls     *bool  `json:"allow_polls"`
}

func (j joinedCommunity) rules() (c community) {
	if j.Takes == "link" || j.Takes == "self" {
		c.Only = j.Takes
	}
	for _, k := range []struct {
		kind  string
		allow *bool
	}{{picture, j.Images}, {video, j.Videos}, {gallery, j.Galleries}, {poll, j.Polls}} {
		if k.allow != nil && !*k.allow {
			c.No = append(c.No, k.kind)
		}
	}
	return c
}

// Check reads the account anew, with the communities it has joined and the rules and flairs of the first of them; those
// it moderates come first.
func (r Reddit) Check(ctx context.Context, s network.Session) (network.Account, error) {
	a := r.as(s)
	var me redditor
	if _, err := a.get(ctx, "/api/v1/me", nil, &me); err != nil {
		return network.Account{}, err
	}
	if me.ID == "" || me.Name == "" {
		return network.Account{}, fault.Rejectedf("Reddit did not say whose account this is")
	}
	if me.Suspended {
		return network.Account{}, &fault.Error{Kind: fault.Unauthorised, Message: "Reddit has suspended this account", Hint: "Look at the account on Reddit."}
	}
	out := network.Account{ID: me.ID, Handle: me.Name, Name: cmp.Or(me.Profile.Title, me.Name), URL: r.website() + "/user/" + escape(me.Name), AvatarURL: me.Icon, Limits: fallback}
	if me.Profile.Followers != nil {
		out.Followers = *me.Profile.Followers
	}
	communities, err := a.joined(ctx)
	if err != nil {
		return network.Account{}, err
	}
	slices.SortStableFunc(communities, func(x, y joinedCommunity) int { return rank(x) - rank(y) })
	own := cmp.Or(me.Profile.Name, "u_"+me.Name)
	out.Choices = map[string][]network.Option{"community": {{Value: own, Label: "u/" + me.Name + " (own profile)"}}, "flair": {}}
	rules := map[string]community{}
	for i, c := range communities {
		out.Choices["community"] = append(out.Choices["community"], network.Option{Value: c.Name, Label: "r/" + c.Name})
		known := c.rules()
		if i < asked {
			if known.Asks, _, err = a.requirements(ctx, c.Name); err != nil {
				return network.Account{}, err
			}
			flairs, err := a.flairs(ctx, c.Name)
			if err != nil {
				return network.Account{}, err
			}
			out.Choices["flair"] = append(out.Choices["flair"], flairs...)
		}
		rules[strings.ToLower(c.Name)] = known
	}
	raw, _ := json.Marshal(rules) // plain data: cannot fail
	out.Extra = map[string]string{"communities": string(raw)}
	return out, nil
}

func rank(c joinedCommunity) int {
	if c.Moderator {
		return 0
	}
	return 1
}

// joined lists the communities that the account has joined and may post to.
func (a api) joined(ctx context.Context) (all []joinedCommunity, err error) {
	after := ""
	for range joined {
		q := url.Values{"limit": {"100"}}
		if after != "" {
			q.Set("after", after)
		}
		var list struct {
			Data struct {
				Children []struct {
					Data joinedCommunity `json:"data"`
				} `json:"children"`
				After string `json:"after"`
			} `json:"data"`
		}
		if _, err := a.get(ctx, "/subreddits/mine/subscriber", q, &list); err != nil {
			return nil, err
		}
		for _, c := range list.Data.Children {
			if c.Data.Name != "" && !c.Data.Banned && c.Data.Type != "user" && c.Data.Type != "archived" {
				all = append(all, c.Data)
			}
		}
		if after = list.Data.After; after == "" {
			break
		}
	}
	return all, nil
}
