package bluesky

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

// document is what an identity says about itself.
type document struct {
	ID      string   `json:"id"`
	Known   []string `json:"alsoKnownAs"`
	Service []struct {
		ID       string `json:"id"`
		Endpoint any    `json:"serviceEndpoint"`
	} `json:"service"`
}

// home is the server the account lives on.
func (d document) home() string {
	for _, s := range d.Service {
		if s.ID == "#atproto_pds" || s.ID == d.ID+"#atproto_pds" {
			endpoint, _ := s.Endpoint.(string)
			return strings.TrimSuffix(endpoint, "/")
		}
	}
	return ""
}

// session is what signing in and renewing answer.
type session struct {
	Access  string `json:"accessJwt"`
	Refresh string `json:"refreshJwt"`
	DID     string `json:"did"`
	Handle  string `json:"handle"`
	Active  *bool  `json:"active"`
	Status  string `json:"status"`
}

// SignIn finds the account behind the handle, then signs in at the server its identity names.
func (Bluesky) SignIn(ctx context.Context, client *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	handle := strings.ToLower(strings.Trim(strings.TrimSpace(fields["handle"]), "@\u200e\u202a\u202c\u2068\u2069"))
	if !anIdentity.MatchString(handle) {
		return network.Grant{}, nil, fault.Invalidf("handle", "a handle is a domain such as ann.bsky.social").WithHint("Take it from your profile, not your e-mail address.")
	}
	known, err := address(client, "server", fields["server"], "")
	if err != nil {
		return network.Grant{}, nil, err
	}
	plc, err := address(client, "plc", fields["plc"], directory)
	if err != nil {
		return network.Grant{}, nil, err
	}
	did, err := identity(ctx, client, handle, known)
	if err != nil {
		return network.Grant{}, nil, err
	}
	doc, err := describe(ctx, client, did, plc)
	if err != nil {
		return network.Grant{}, nil, err
	}
	if did != handle && !slices.Contains(doc.Known, "at://"+handle) {
		return network.Grant{}, nil, fault.Invalidf("handle", "the account behind %s does not carry this handle", handle).WithHint("Check the handle in your profile.")
	}
	if _, err := client.CheckURL(doc.home()); err != nil {
		return network.Grant{}, nil, fault.Rejectedf("the account's identity names no server that can be reached")
	}
	s := server{http: client, base: doc.home()}
	var made session
	resp, err := s.call(ctx, "com.atproto.server.createSession", map[string]string{"identifier": did, "password": fields["password"]}, &made)
	if err != nil {
		return network.Grant{}, nil, refusedSignIn(resp, again(err))
	}
	if made.DID != did || made.Access == "" || made.Refresh == "" {
		return network.Grant{}, nil, fault.Rejectedf("the server signed in another account than the one asked for")
	}
	grant := made.grant()
	s.token = made.Access
	a, err := s.self(ctx, network.Account{ID: did, Handle: handle, Server: s.base, Extra: map[string]string{"plc": plc}}, grant)
	if err != nil {
		return network.Grant{}, nil, err
	}
	return grant, []network.Account{a}, nil
}

func address(client *safehttp.Client, field, typed, otherwise string) (string, error) {
	typed = cmp.Or(strings.TrimSpace(typed), otherwise)
	if typed == "" {
		return "", nil
	}
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := client.CheckURL(typed)
	if err != nil {
		f := *fault.As(err)
		f.Kind, f.Field, f.Hint = fault.Invalid, field, "Type an address such as https://pds.example.org, or leave it empty."
		return "", &f
	}
	return u.Scheme + "://" + u.Host + strings.TrimSuffix(u.Path, "/"), nil
}

func refusedSignIn(resp *safehttp.Response, err error) error {
	f := *fault.As(err)
	switch word := name(resp); {
	case word == "AuthFactorTokenRequired":
		return fault.Invalidf("password", "this is the account's main password, which also asks for a code by e-mail").WithHint("Make an app password and use that.")
	case word == "AccountTakedown":
		f.Kind, f.Field = fault.Rejected, "handle"
	case f.Kind == fault.Unauthorised:
		return fault.Invalidf("password", "the server does not accept this app password").WithHint("Copy it again, or make a new one on Bluesky under App passwords.")
	}
	return &f
}

// identity asks who carries a handle: the server the person named, else the handle's own domain, else Bluesky's public
// service, which also knows proofs in DNS. Whoever answers is believed only as far as the identity confirms it.
func identity(ctx context.Context, client *safehttp.Client, handle, known string) (string, error) {
	if strings.HasPrefix(handle, "did:") {
		return handle, nil
	}
	if known != "" {
		did, err := (server{http: client, base: known}).resolve(ctx, handle)
		return did, unknownHandle(handle, err)
	}
	if req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+handle+"/.well-known/atproto-did", nil); err == nil {
		resp, err := client.WithMaxBody(4<<10).WithTimeout(8*time.Second).Do(ctx, req)
		if err == nil && resp.Status == http.StatusOK {
			if did := strings.TrimSpace(string(resp.Body)); strings.HasPrefix(did, "did:") && !strings.ContainsAny(did, " \n<>/?#") {
				return did, nil
			}
		}
	}
	did, err := (server{http: client, base: publicAPI}).resolve(ctx, handle)
	return did, unknownHandle(handle, err)
}

// resolve asks the server who carries a handle.
func (s server) resolve(ctx context.Context, handle string) (string, error) {
	var said struct {
		DID string `json:"did"`
	}
	_, err := s.query(ctx, "com.atproto.identity.resolveHandle", values("handle", handle), &said)
	return said.DID, err
}

func unknownHandle(handle string, err error) error {
	if err == nil || fault.Is(err, fault.Later) {
		return err
	}
	return fault.Invalidf("handle", "nobody on the network carries the handle %s", handle).WithHint("Check the spelling. On a private network also name the server.")
}

// describe reads an identity's document: did:plc from the directory, did:web from its own domain.
func describe(ctx context.Context, client *safehttp.Client, did, plc string) (document, error) {
	var doc document
	where := ""
	switch method, rest, _ := strings.Cut(strings.TrimPrefix(did, "did:"), ":"); method {
	case "plc":
		where = cmp.Or(plc, directory) + "/" + url.PathEscape(did)
	case "web":
		if host, err := url.PathUnescape(rest); err == nil && !strings.ContainsAny(host, "/:@") {
			where = "https://" + host + "/.well-known/did.json"
		}
	}
	if where == "" {
		return doc, fault.Rejectedf("%.60s is no identity of a kind that is known", did)
	}
	_, err := client.JSON(ctx, http.MethodGet, where, nil, nil, &doc)
	switch {
	case fault.Is(err, fault.NotFound):
		return doc, fault.Invalidf("handle", "the identity directory does not know this account")
	case err != nil:
		return doc, again(err)
	case doc.ID != did:
		return doc, fault.Rejectedf("the identity directory answered for another account")
	}
	return doc, nil
}

func (s session) grant() network.Grant {
	g := network.Grant{Values: map[string]string{"access": s.Access, "refresh": s.Refresh}}
	claims := read(s.Access)
	if claims.Scope != "" {
		g.Scopes = []string{claims.Scope}
	}
	if claims.Expires > 0 {
		g.ExpiresAt = time.Unix(claims.Expires, 0).UTC()
	}
	return g
}

type claims struct {
	Scope   string `json:"scope"`
	Expires int64  `json:"exp"`
}

// read looks into a token for what it says of itself; only its server can judge it, so nothing is proved by it.
func read(token string) (c claims) {
	if parts := strings.Split(token, "."); len(parts) == 3 {
		if raw, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			_ = json.Unmarshal(raw, &c)
		}
	}
	return c
}

// Refresh trades the refresh token for a new pair. A server accepts the old one again for a short while, so a lost
// answer may be repeated.
func (Bluesky) Refresh(ctx context.Context, s network.Session) (network.Grant, error) {
	var made session
	old := server{http: s.HTTP, base: s.Account.Server, token: s.Grant.Values["refresh"]}
	if err := old.repeat(ctx, "com.atproto.server.refreshSession", nil, &made); err != nil {
		return network.Grant{}, err
	}
	if made.DID != s.Account.ID || made.Access == "" || made.Refresh == "" {
		return network.Grant{}, fault.Wrap(fault.Unauthorised, nil, "the server renewed another account's session")
	}
	return made.grant(), nil
}

// Revoke ends the session.
func (Bluesky) Revoke(ctx context.Context, s network.Session) error {
	return server{http: s.HTTP, base: s.Account.Server, token: s.Grant.Values["refresh"]}.repeat(ctx, "com.atproto.server.deleteSession", nil, nil)
}

// Check reads the account anew.
func (Bluesky) Check(ctx context.Context, s network.Session) (network.Account, error) {
	var now session
	if _, err := at(s).query(ctx, "com.atproto.server.getSession", nil, &now); err != nil {
		return s.Account, err
	}
	if now.DID != s.Account.ID || now.Active != nil && !*now.Active {
		return s.Account, &fault.Error{Kind: fault.Unauthorised, Message: "the account is " + cmp.Or(now.Status, "not active") + " at its server", Hint: "If it moved to another server, reconnect the channel."}
	}
	a := s.Account
	a.Handle = cmp.Or(now.Handle, a.Handle)
	return at(s).self(ctx, a, s.Grant)
}

// self completes an account: profile, limits of its server, and whether direct messages are open to us.
func (s server) self(ctx context.Context, a network.Account, grant network.Grant) (network.Account, error) {
	var about struct {
		Upload int64 `json:"blobUploadLimit"`
	}
	if _, err := s.query(ctx, "com.atproto.server.describeServer", nil, &about); err != nil {
		return a, err
	}
	a.Limits = fallback
	if about.Upload > 0 {
		a.Limits.ImageBytes, a.Limits.VideoBytes = min(about.Upload, fallback.ImageBytes), min(about.Upload, 100_000_000)
	}
	var p profile
	_, err := s.query(ctx, "app.bsky.actor.getProfile", values("actor", a.ID), &p)
	if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Rejected) { // a new account is not indexed yet
		return a, err
	}
	a.Name, a.AvatarURL, a.URL = cmp.Or(p.Name, a.Handle), p.Avatar, website+"/profile/"+a.ID
	if p.Followers != nil {
		a.Followers = *p.Followers
	}
	extra := map[string]string{"plc": a.Extra["plc"], "messages": "no"}
	if s.mayChat(ctx, grant) {
		extra["messages"] = "yes"
	}
	a.Extra = extra
	return a, nil
}
