package bluesky

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// server is one server as one account calls it.
type server struct {
	http  *safehttp.Client
	base  string // without a slash at the end
	token string
	proxy string // the service the server shall pass the call on to; "" = it knows
}

func at(s network.Session) server {
	return server{http: s.HTTP, base: s.Account.Server, token: s.Grant.Values["access"]}
}

func (s server) header() http.Header {
	h := http.Header{}
	if s.token != "" {
		h.Set("Authorization", "Bearer "+s.token)
	}
	if s.proxy != "" {
		h.Set("Atproto-Proxy", s.proxy)
	}
	return h
}

// query reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (s server) query(ctx context.Context, method string, params url.Values, out any) (*safehttp.Response, error) {
	address := s.base + "/xrpc/" + method
	if len(params) > 0 {
		address += "?" + params.Encode()
	}
	resp, err := s.http.JSON(ctx, http.MethodGet, address, s.header(), nil, out)
	return resp, again(explain(resp, err))
}

// call changes something; an error is Unknown when it may have been carried out.
func (s server) call(ctx context.Context, method string, in, out any) (*safehttp.Response, error) {
	resp, err := s.http.JSON(ctx, http.MethodPost, s.base+"/xrpc/"+method, s.header(), in, out)
	return resp, explain(resp, err)
}

// repeat changes something that may be sent any number of times.
func (s server) repeat(ctx context.Context, method string, in, out any) error {
	_, err := s.call(ctx, method, in, out)
	return again(err)
}

// again turns "the outcome is not known" into "later" for calls that may be repeated.
func again(err error) error {
	if !fault.Is(err, fault.Unknown) {
		return err
	}
	f := *fault.As(err)
	f.Kind = fault.Later
	return &f
}

// name is the word the protocol has for a refusal.
func name(resp *safehttp.Response) string {
	var said struct {
		Error string `json:"error"`
	}
	if resp == nil || resp.Status < 300 || json.Unmarshal(resp.Body, &said) != nil || strings.Contains(said.Error, " ") {
		return ""
	}
	return said.Error
}

// explain gives the protocol's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	word := name(resp)
	f.Code = cmp.Or(word, f.Code)
	switch {
	case f.Kind == fault.Unknown:
	case word == "ExpiredToken" || word == "InvalidToken" || resp.Status == http.StatusUnauthorized:
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "the server no longer accepts this sign-in", "Reconnect the channel with an app password."
	case word == "AccountTakedown" || word == "AccountDeactivated" || word == "AccountSuspended":
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "the account is suspended or deactivated at its server", "Sign in on Bluesky and see what it says; then reconnect."
	case word == "RecordNotFound" || word == "NotFound":
		f.Kind = fault.NotFound
	case word == "BlobTooLarge" || resp.Status == http.StatusRequestEntityTooLarge:
		f.Code, f.Field, f.Hint = "media_too_large", "media", "Use a smaller file."
	case word == "InvalidMimeType":
		f.Code, f.Field, f.Hint = "media_type", "media", "Convert the file."
	case word == "RateLimitExceeded" || resp.Status == http.StatusTooManyRequests:
		f.Kind, f.Message, f.RetryAt = fault.Later, "the server allows no more calls for now", safehttp.RetryAt(resp.Header, resp.At)
	}
	return &f
}

// field says which part of the form a refusal is about.
func field(err error, name, hint string) error {
	if !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Field, f.Hint = fault.Rejected, name, cmp.Or(hint, f.Hint)
	return &f
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// ref names one version of a record.
type ref struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// recordAt takes at://did/collection/key apart; three empty strings when it is none.
func recordAt(uri string) (did, collection, key string) {
	parts := strings.Split(strings.TrimPrefix(uri, "at://"), "/")
	if !strings.HasPrefix(uri, "at://") || len(parts) != 3 {
		return "", "", ""
	}
	return parts[0], parts[1], parts[2]
}

// link is where people see a post.
func link(uri string) string {
	did, _, key := recordAt(uri)
	if did == "" {
		return ""
	}
	return website + "/profile/" + did + "/post/" + key
}
