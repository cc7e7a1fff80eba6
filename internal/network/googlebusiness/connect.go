package googlebusiness

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

// Begin returns Google's consent page. Offline access with renewed consent is what makes Google hand out a refresh
// token every time. Rights given to the same application for another product are not asked for again here: giving this
// sign-in back would take those away too.
func (b Business) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	id, secret := req.App["client_id"], req.App["client_secret"]
	if id == "" || secret == "" {
		return network.ConnectRedirect{}, fault.Rejectedf("no application is registered with Google yet").WithHint("Register it first: client ID and client secret.")
	}
	q := values("client_id", id, "redirect_uri", req.RedirectURL, "response_type", "code", "scope", scope, "state", req.State,
		"access_type", "offline", "prompt", "consent")
	keep := map[string]string{"client_id": id, "client_secret": secret, "redirect_url": req.RedirectURL}
	if req.Challenge != "" {
		q.Set("code_challenge", req.Challenge)
		q.Set("code_challenge_method", "S256")
		keep["verifier"] = req.Verifier
	}
	return network.ConnectRedirect{URL: address(b.base(signIn), "/o/oauth2/v2/auth", q), Keep: keep}, nil
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

// Finish exchanges the code and reads every location the person manages: the choice is theirs.
func (b Business) Finish(ctx context.Context, client *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	code := callback.Get("code")
	if code == "" {
		return network.Grant{}, nil, fault.Rejectedf("Google sent no code; access was not granted").WithHint("Start again and allow access.")
	}
	form := values("grant_type", "authorization_code", "code", code, "client_id", keep["client_id"], "client_secret", keep["client_secret"], "redirect_uri", keep["redirect_url"])
	if keep["verifier"] != "" {
		form.Set("code_verifier", keep["verifier"])
	}
	var t token
	resp, err := client.Form(ctx, http.MethodPost, b.base(tokens)+"/token", nil, form, &t)
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
	case t.Scope != "" && !slices.Contains(strings.Fields(t.Scope), scope):
		return network.Grant{}, nil, fault.Rejectedf("the right to manage the business was not given").WithHint("Connect again and leave the box ticked.")
	}
	grant := t.grant(resp.At, "")
	list, err := b.caller(network.Session{HTTP: client, Grant: grant}).everyLocation(ctx)
	if err != nil {
		return network.Grant{}, nil, err
	}
	if len(list) == 0 {
		return network.Grant{}, nil, fault.Rejectedf("this Google account manages no place of business").WithHint("Sign in with the account that owns it, or have yourself invited as a manager.")
	}
	return grant, list, nil
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
func (b Business) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	refresh := s.Grant.Values["refresh_token"]
	form := values("grant_type", "refresh_token", "refresh_token", refresh, "client_id", s.App["client_id"], "client_secret", s.App["client_secret"])
	var t token
	resp, err := s.HTTP.Form(ctx, http.MethodPost, b.base(tokens)+"/token", nil, form, &t)
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
func (b Business) Revoke(ctx context.Context, s network.Session) error {
	resp, err := s.HTTP.Form(ctx, http.MethodPost, b.base(tokens)+"/revoke", nil, values("token", s.Grant.Values["refresh_token"]), nil)
	if err != nil && said(resp) == "invalid_token" {
		return nil
	}
	return again(err)
}
