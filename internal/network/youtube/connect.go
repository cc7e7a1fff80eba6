package youtube

import (
	"cmp"
	"context"
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

// Begin returns Google's consent page. Offline access with renewed consent is what makes Google hand out a refresh
// token every time. Rights given to the same application for another product are not asked for again here: giving this
// sign-in back would take those away too.
func (y YouTube) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no application is registered with Google yet").WithHint("Register it first: client ID and client secret.")
	}
	q := values("client_id", id, "redirect_uri", req.RedirectURL, "response_type", "code", "scope", strings.Join(scopes, " "), "state", req.State,
		"access_type", "offline", "prompt", "consent")
	keep := map[string]string{"client_id": id, "client_secret": secret, "redirect_url": req.RedirectURL}
	if req.Challenge != "" {
		q.Set("code_challenge", req.Challenge)
		q.Set("code_challenge_method", "S256")
		keep["verifier"] = req.Verifier
	}
	return network.ConnectRedirect{URL: address(y.base(signIn), "/o/oauth2/v2/auth", q), Keep: keep}, nil
}

// token is what Google answers to a code or a refresh token.
type token struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Expires int64  `json:"expires_in"` // seconds
	Scope   string `json:"scope"`
}

func (t token) grant(at time.Time, refresh string) network.Grant {
	return network.Grant{Values: map[string]string{"access_token": t.Access, "refresh_token": cmp.Or(t.Refresh, refresh)},
		Scopes: strings.Fields(t.Scope), ExpiresAt: at.UTC().Add(time.Duration(t.Expires) * time.Second)}
}

// Finish exchanges the code and reads the channel.
func (y YouTube) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := callback.Get("code")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("Google sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	form := values("grant_type", "authorization_code", "code", code, "client_id", keep["client_id"], "client_secret", keep["client_secret"], "redirect_uri", keep["redirect_url"])
	if keep["verifier"] != "" {
		form.Set("code_verifier", keep["verifier"])
	}
	var t token
	resp, err := client.Form(ctx, http.MethodPost, y.base(tokens)+"/token", nil, form, &t)
	if err != nil {
		f := *fault.As(again(err))
		if f.Kind == fault.Unauthorised || f.Kind == fault.Rejected {
			f.Kind, f.Hint = fault.Rejected, "Start again: a code works once and for a few minutes."
			if said(resp) == "invalid_client" {
				f.Message, f.Hint = "Google does not know this client ID with this secret", "Copy both again from the Google Cloud console."
			}
		}
		return network.Grant{}, nil, &f
	}
	switch {
	case t.Access == "":
		return network.Grant{}, nil, fault.Rejectedf("Google granted access without a token")
	case t.Refresh == "":
		return network.Grant{}, nil, fault.Rejectedf("Google gave a sign-in that ends in an hour").WithHint("Remove Bellwether under myaccount.google.com/permissions and connect again.")
	case t.Scope != "" && !slices.Contains(strings.Fields(t.Scope), scopeManage):
		return network.Grant{}, nil, fault.Rejectedf("the right to manage videos and comments was not given").WithHint("Connect again and leave all boxes ticked.")
	}
	grant := t.grant(resp.At, "")
	a, err := y.Check(ctx, network.Session{HTTP: client, Grant: grant})
	if err != nil {
		return network.Grant{}, nil, err
	}
	return grant, []network.Account{a}, nil
}

// said is the machine word of a refusal of the sign-in service.
func said(resp *safehttp.Response) string {
	if resp == nil {
		return ""
	}
	for _, word := range []string{"invalid_grant", "invalid_client", "invalid_token"} {
		if strings.Contains(string(resp.Body), `"`+word+`"`) {
			return word
		}
	}
	return ""
}

// Refresh renews the access token. The refresh token stays the same unless Google sends another.
func (y YouTube) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	refresh := s.Grant.Values["refresh_token"]
	form := values("grant_type", "refresh_token", "refresh_token", refresh, "client_id", s.App["client_id"], "client_secret", s.App["client_secret"])
	var t token
	resp, err := s.HTTP.Form(ctx, http.MethodPost, y.base(tokens)+"/token", nil, form, &t)
	switch word := said(resp); {
	case err != nil && word == "invalid_grant":
		return network.Grant{}, &fault.Error{Kind: fault.Unauthorised, Code: word, Message: "Google no longer accepts this sign-in", Hint: "Reconnect the channel. Projects in “Testing” lose their sign-ins after seven days."}
	case err != nil && word == "invalid_client":
		return network.Grant{}, &fault.Error{Kind: fault.Unauthorised, Code: word, Message: "Google no longer accepts the registered application", Hint: "Check client ID and client secret, then reconnect the channel."}
	case err != nil:
		return network.Grant{}, again(err)
	case t.Access == "":
		return network.Grant{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Google renewed the sign-in without a token"}
	}
	grant := t.grant(resp.At, refresh)
	if len(grant.Scopes) == 0 {
		grant.Scopes = s.Grant.Scopes
	}
	return grant, nil
}

// Revoke gives the grant back; one that Google does not know any more is given back.
func (y YouTube) Revoke(ctx context.Context, s network.Session) error {
	resp, err := s.HTTP.Form(ctx, http.MethodPost, y.base(tokens)+"/revoke", nil, values("token", s.Grant.Values["refresh_token"]), nil)
	if err != nil && said(resp) == "invalid_token" {
		return nil
	}
	return again(err)
}

// Check reads the channel anew: its name, subscribers, how long its videos may be, and its playlists.
func (y YouTube) Check(ctx context.Context, s network.Session) (network.Account, error) {
	c := y.caller(s)
	ch, err := c.channel(ctx, "snippet,statistics,contentDetails,status")
	if err != nil {
		return network.Account{}, err
	}
	a := network.Account{ID: ch.ID, Handle: strings.TrimPrefix(cmp.Or(ch.Snippet.CustomURL, ch.ID), "@"), Name: ch.Snippet.Title, URL: "https://www.youtube.com/channel/" + ch.ID,
		AvatarURL: ch.Snippet.Thumbnails["default"].URL, Limits: YouTube{}.Spec().Limits,
		Extra: map[string]string{uploadsList: ch.ContentDetails.RelatedPlaylists.Uploads, longUploads: ch.Status.LongUploads}}
	if !ch.Statistics.HiddenSubscribers {
		a.Followers = ch.Statistics.Subscribers.or(0)
	}
	lists, err := c.playlists(ctx)
	if err != nil {
		return network.Account{}, err
	}
	a.Choices = map[string][]network.Option{"playlist": lists}
	return a, nil
}

// channel reads the channel the grant was given for.
func (c caller) channel(ctx context.Context, parts string) (channel, error) {
	var list struct{ Items []channel }
	if _, err := c.get(ctx, "/youtube/v3/channels", values("part", parts, "mine", "true"), &list); err != nil {
		return channel{}, err
	}
	if len(list.Items) == 0 || list.Items[0].ID == "" {
		m := meanings["youtubeSignupRequired"]
		return channel{}, fault.Rejectedf("%s", m.message).WithHint(m.hint)
	}
	return list.Items[0], nil
}

const mostPlaylists = 200

func (c caller) playlists(ctx context.Context) (out []network.Option, err error) {
	q := values("part", "snippet", "mine", "true", "maxResults", strconv.Itoa(page))
	for len(out) < mostPlaylists {
		var list struct {
			Next  string `json:"nextPageToken"`
			Items []struct {
				ID      string
				Snippet struct{ Title string }
			}
		}
		if _, err := c.get(ctx, "/youtube/v3/playlists", q, &list); err != nil {
			return nil, err
		}
		for _, p := range list.Items {
			out = append(out, network.Option{Value: p.ID, Label: p.Snippet.Title})
		}
		if list.Next == "" {
			break
		}
		q.Set("pageToken", list.Next)
	}
	return out, nil
}
