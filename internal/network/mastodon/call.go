package mastodon

import (
	"context"
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
}

func at(s network.Session) server {
	return server{http: s.HTTP, base: s.Account.Server, token: s.Grant.Values["access_token"]}
}

// rawID is the account's id at its own server.
func rawID(a network.Account) string { return a.Extra["id"] }

// domain is what stands behind the @ of the server's accounts.
func domain(a network.Account) string { return a.Extra["domain"] }

func (s server) header() http.Header {
	h := http.Header{}
	if s.token != "" {
		h.Set("Authorization", "Bearer "+s.token)
	}
	return h
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (s server) get(ctx context.Context, path string, query url.Values, out any) (*safehttp.Response, error) {
	address := s.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	resp, err := s.http.JSON(ctx, http.MethodGet, address, s.header(), nil, out)
	return resp, again(explain(resp, err))
}

// repeat sends something that may be sent any number of times.
func (s server) repeat(ctx context.Context, method, path string, in, out any) (*safehttp.Response, error) {
	resp, err := s.http.JSON(ctx, method, s.base+path, s.header(), in, out)
	return resp, again(explain(resp, err))
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

// explain gives Mastodon's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	reason := strings.ToLower(resp.Reason())
	switch resp.Status {
	case http.StatusUnauthorized:
		f.Message, f.Hint = "the server no longer accepts this sign-in", "Reconnect the channel."
	case http.StatusForbidden:
		if strings.Contains(reason, "scope") {
			f.Kind, f.Message, f.Hint = fault.Unauthorised, "the sign-in does not include this right", "Reconnect the channel and allow everything that is asked for."
			break
		}
		f.Hint = "Look at the account on its server: it may be limited, suspended or not confirmed."
	case http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	case http.StatusTooManyRequests:
		f.Message = "the server allows no more calls for now"
	}
	return &f
}

// refused makes "no such thing" a refusal: for a call that creates something, a missing parent is final.
func refused(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, hint
	return &f
}

func escape(id string) string { return url.PathEscape(id) }
