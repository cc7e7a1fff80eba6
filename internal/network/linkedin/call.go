package linkedin

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// server is LinkedIn as one account calls it.
type server struct {
	http    *safehttp.Client
	base    string
	token   string
	version string
	me      network.Account
}

func (n LinkedIn) server(s network.Session) server {
	return server{http: s.HTTP, base: n.base(), token: s.Grant.Values["access_token"], version: cmp.Or(s.App["version"], apiVersion), me: s.Account}
}

// header of a call; method is Rest.li's own name of it where HTTP's does not say enough.
func (s server) header(method string) http.Header {
	h := http.Header{"Authorization": {"Bearer " + s.token}, "Linkedin-Version": {s.version}, "X-Restli-Protocol-Version": {"2.0.0"}}
	if method != "" {
		h.Set("X-Restli-Method", method)
	}
	return h
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (s server) get(ctx context.Context, path, method string, out any) (*safehttp.Response, error) {
	resp, err := s.http.JSON(ctx, http.MethodGet, s.base+path, s.header(method), nil, out)
	return resp, again(explain(resp, err))
}

// repeat sends something that may be sent any number of times.
func (s server) repeat(ctx context.Context, method, path, rest string, in, out any) (*safehttp.Response, error) {
	resp, err := s.http.JSON(ctx, method, s.base+path, s.header(rest), in, out)
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

// explain gives LinkedIn's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	var said struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(resp.Body, &said) // a proxy's page says nothing more than its status
	reason := strings.ToUpper(said.Code + " " + resp.Reason())
	switch {
	case resp.Status == http.StatusUnauthorized:
		f.Message, f.Hint = "LinkedIn no longer accepts this sign-in", "Reconnect the channel. LinkedIn ends most sign-ins after 60 days."
	case resp.Status == http.StatusForbidden:
		f.Code, f.Hint = "forbidden", "Check that the member still administers the organisation and that the application has LinkedIn's approval, then reconnect the channel."
	case resp.Status == http.StatusConflict:
		f.Kind = fault.Later // two changes met; this one was not made
	case resp.Status == http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	case resp.Status == http.StatusUpgradeRequired:
		f.Code, f.Hint = "version_ended", "LinkedIn ended this version of its API. An operator names a later one with the registered application, or updates Bellwether."
	case resp.Status == http.StatusTooManyRequests:
		f.Message = "LinkedIn allows no more calls for now"
		if f.RetryAt.IsZero() && strings.Contains(reason, "DAY") { // limits of a day begin anew at midnight UTC
			f.RetryAt = resp.At.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		}
	case strings.Contains(reason, "PROCESSING_FAILED"):
		f.Field, f.Code, f.Hint = "media", "media_processing", "Convert the file or use another one."
	case strings.Contains(reason, "WAITING_UPLOAD"), strings.Contains(reason, "MEDIA_ASSET_PROCESSING"), strings.Contains(reason, "NOT YET AVAILABLE"):
		f.Kind, f.Code, f.Field, f.Message = fault.Later, "media_processing", "media", "LinkedIn is still processing a file"
	}
	return &f
}

// twin finds the post LinkedIn names when it refuses another one as its duplicate.
var twin = regexp.MustCompile(`(?i)duplicate of (urn:li:(?:share|ugcPost):[0-9]+)`)

// refused makes "no such thing" a refusal: for a call that creates something, a missing parent is final.
func refused(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, hint
	return &f
}

// about names the field at fault.
func about(err error, field string) error {
	if !fault.Is(err, fault.Rejected) {
		return err
	}
	f := *fault.As(err)
	f.Field = field
	return &f
}

// escape writes a URN into an address: Rest.li wants every colon, bracket and comma encoded.
func escape(urn string) string { return url.QueryEscape(urn) }

// made is when a share, post or activity was made: its number's first 41 bits are milliseconds. Zero = no such number.
func made(urn string) time.Time {
	n, err := strconv.ParseUint(urn[strings.LastIndex(urn, ":")+1:], 10, 63)
	if err != nil {
		return time.Time{}
	}
	return at(int64(n >> 22))
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
