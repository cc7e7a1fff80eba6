package pinterest

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// api is the API as one account calls it.
type api struct {
	http  *safehttp.Client
	base  string
	site  string
	token string
}

func (p Pinterest) as(s network.Session) api {
	return api{http: s.HTTP, base: p.api(), site: p.website(), token: s.Grant.Values["access_token"]}
}

func (a api) header() http.Header { return http.Header{"Authorization": {"Bearer " + a.token}} }

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (a api) get(ctx context.Context, path string, query url.Values, out any) (*safehttp.Response, error) {
	address := a.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	resp, err := a.http.JSON(ctx, http.MethodGet, address, a.header(), nil, out)
	return resp, again(explain(resp, err))
}

// repeat sends something that may be sent any number of times.
func (a api) repeat(ctx context.Context, method, path string, in, out any) error {
	resp, err := a.http.JSON(ctx, method, a.base+path, a.header(), in, out)
	return again(explain(resp, err))
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

// reasons are what Pinterest says when it refuses a pin, and what to do.
var reasons = []struct{ says, field, hint string }{
	{"board", "settings.board", "Check the channel, so that its boards are read again, and choose a board."},
	{"section", "settings.section", "Check the channel, so that its boards are read again, and choose a section."},
	{"link", "settings.link", "Pinterest does not allow this link: it may be blocked, shortened or not reachable."},
	{"url", "settings.link", "Pinterest does not allow this link: it may be blocked, shortened or not reachable."},
	{"image", "media", "Use another picture: at least 100 × 200 pixels, JPEG or PNG."},
	{"media", "media", "Send the file again, or use another one."},
	{"title", "settings.title", "Change the title."},
	{"description", "text", "Change the description."},
}

// explain gives Pinterest's refusals, {"code": …, "message": …}, their meaning and their next step.
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
		f.Message, f.Hint = "Pinterest no longer accepts this sign-in", "Reconnect the channel."
	case http.StatusForbidden:
		if strings.Contains(reason, "scope") {
			f.Kind, f.Message, f.Hint = fault.Unauthorised, "the sign-in does not include this right", "Reconnect the channel and allow everything that is asked for."
			break
		}
		f.Hint = "The board may belong to somebody else, the link may be blocked, or the account may be limited: look at it in Pinterest."
	case http.StatusConflict:
		f.Kind, f.Hint = fault.Later, "Somebody else is changing the board."
	case http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use smaller files."
	case http.StatusTooManyRequests:
		f.Message = "Pinterest allows no more calls for now"
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		for _, r := range reasons {
			if strings.Contains(reason, r.says) {
				f.Field, f.Hint = r.field, r.hint
				break
			}
		}
		f.Hint = cmp.Or(f.Hint, "Change the pin as Pinterest says.")
	}
	return &f
}

// refused makes "no such thing" a refusal: for a call that creates or changes something, it is final.
func refused(err error, field, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Field, f.Hint = fault.Rejected, field, hint
	return &f
}

func escape(id string) string { return url.PathEscape(id) }
