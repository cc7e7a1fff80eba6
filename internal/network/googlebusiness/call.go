package googlebusiness

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

// caller is the APIs as one grant calls them.
type caller struct {
	b     Business
	http  *safehttp.Client
	token string
}

func (b Business) caller(s network.Session) caller {
	return caller{b: b, http: s.HTTP, token: s.Grant.Values["access_token"]}
}

func address(base, path string, q url.Values) string {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return base + path
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (c caller) get(ctx context.Context, base, path string, q url.Values, out any) (*safehttp.Response, error) {
	resp, err := c.call(ctx, http.MethodGet, base, path, q, nil, out)
	return resp, again(err)
}

// call sends something once.
func (c caller) call(ctx context.Context, method, base, path string, q url.Values, in, out any) (*safehttp.Response, error) {
	resp, err := c.http.JSON(ctx, method, address(base, path, q), http.Header{"Authorization": {"Bearer " + c.token}}, in, out)
	return resp, explain(resp, err)
}

// v4 is the path of something in the legacy API.
func v4(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "/v4/" + strings.Join(parts, "/")
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

// refused makes "no such thing" a refusal: for a call that changes something, a missing target is final.
func refused(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, hint
	return &f
}

func ignore(err error, kind fault.Kind) error {
	if fault.Is(err, kind) {
		return nil
	}
	return err
}

// refusal is google.rpc.Status, with the details of the newer services and those of the legacy one.
type refusal struct {
	Error struct {
		Status  string `json:"status"`
		Details []struct {
			Reason   string `json:"reason"` // ErrorInfo
			Metadata struct {
				Limit string `json:"quota_limit_value"`
			} `json:"metadata"`
			Fields []struct { // BadRequest
				Field       string `json:"field"`
				Description string `json:"description"`
			} `json:"fieldViolations"`
			Errors []struct { // ValidationError of the legacy service
				Field   string `json:"field"`
				Message string `json:"message"`
			} `json:"errorDetails"`
		} `json:"details"`
	} `json:"error"`
}

// fields are our names of what the legacy API calls its fields, the first that fits.
var fields = []struct{ theirs, ours string }{
	{"summary", "text"}, {"call_to_action", "settings.button_url"}, {"calltoaction", "settings.button_url"}, {"media", "media"}, {"source_url", "media"}, {"sourceurl", "media"},
	{"event.title", "settings.event_title"}, {"event", "settings.start"}, {"coupon", "settings.coupon"}, {"redeem", "settings.redeem_url"}, {"terms", "settings.terms"},
	{"language", "settings.language"}, {"category", "settings.category"}, {"comment", "text"},
}

func field(theirs string) string {
	theirs = strings.ToLower(theirs)
	for _, f := range fields {
		if strings.Contains(theirs, f.theirs) {
			return f.ours
		}
	}
	return ""
}

// explain gives Google's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	switch resp.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		f.Hint = "Change what Google names, then send it again."
	case http.StatusUnauthorized:
		f.Message, f.Hint = "Google no longer accepts this sign-in", "Reconnect the channel."
	case http.StatusForbidden:
		f.Hint = "The location may not be verified, belong to a chain that may not post, or no longer be managed by this account."
	case http.StatusConflict:
		f.Hint = "The location has it already."
	case http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	case http.StatusTooManyRequests:
		f.Message = "Google allows no more calls for now"
	}
	var doc refusal
	if json.Unmarshal(resp.Body, &doc) != nil {
		return &f
	}
	f.Code = cmp.Or(strings.ToLower(doc.Error.Status), f.Code)
	for _, d := range doc.Error.Details {
		for _, v := range d.Fields {
			f.Field, f.Message = cmp.Or(field(v.Field), f.Field), "Google refused it: "+cmp.Or(v.Description, v.Field)
		}
		for _, v := range d.Errors {
			f.Field, f.Message = cmp.Or(field(v.Field), f.Field), "Google refused it: "+cmp.Or(v.Message, v.Field)
		}
		switch {
		case d.Reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
			f.Kind, f.Message, f.Hint = fault.Unauthorised, "the sign-in does not include this right", "Reconnect the channel and leave the box ticked."
		case d.Reason == "SERVICE_DISABLED":
			f.Kind, f.Message, f.Hint = fault.Rejected, "the API is not enabled in the Google Cloud project", "Enable the four Business Profile APIs in the project's library."
		case d.Metadata.Limit == "0":
			f.Kind, f.Message, f.Hint = fault.Rejected, "Google has not approved the Cloud project for the Business Profile APIs", "Ask for access with the project's number, then wait for Google's answer."
		}
	}
	return &f
}

func values(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}
