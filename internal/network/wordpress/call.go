package wordpress

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/text"
)

// flood is how long WordPress makes an author who may not moderate wait between two comments.
const flood = 15 * time.Second

// site is one site's API as one user calls it.
type site struct {
	http           *safehttp.Client
	root           string // of the API: https://example.com/wp-json/ or https://example.com/?rest_route=/
	user, password string
}

func at(s network.Session) site {
	return site{http: s.HTTP, root: s.Account.Extra["api"], user: s.Grant.Values["username"], password: s.Grant.Values["password"]}
}

func (s site) header() http.Header {
	h := http.Header{}
	if s.user != "" {
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(s.user+":"+s.password)))
	}
	return h
}

// address is where a route is called. Sites without pretty addresses take the route as a parameter.
func (s site) address(route string, query url.Values) string {
	u, err := url.Parse(s.root)
	if err != nil {
		return s.root // refused by the client as it is
	}
	q := u.Query()
	maps.Copy(q, query)
	if base := u.Query().Get("rest_route"); base != "" {
		q.Set("rest_route", strings.TrimSuffix(base, "/")+route)
	} else {
		u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/")+route, ""
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (s site) get(ctx context.Context, route string, query url.Values, out any) (*safehttp.Response, error) {
	resp, err := s.http.JSON(ctx, http.MethodGet, s.address(route, query), s.header(), nil, out)
	return resp, again(explain(resp, err))
}

// repeat sends something that may be sent any number of times.
func (s site) repeat(ctx context.Context, method, route string, in, out any) (*safehttp.Response, error) {
	resp, err := s.once(ctx, method, route, in, out)
	return resp, again(err)
}

// once sends something whose answer decides whether it happened.
func (s site) once(ctx context.Context, method, route string, in, out any) (*safehttp.Response, error) {
	// Cheap hosts are slow, and giving up early only makes doubt.
	resp, err := s.http.WithTimeout(time.Minute).JSON(ctx, method, s.address(route, nil), s.header(), in, out)
	return resp, explain(resp, err)
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

// refusal is an error as WordPress words it.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"` // HTML
	Data    struct {
		Params map[string]any `json:"params"`
		Term   int64          `json:"term_id"` // of term_exists
	} `json:"data"`
}

func refusalOf(resp *safehttp.Response) (r refusal) {
	if resp != nil && json.Unmarshal(resp.Body, &r) != nil {
		return refusal{} // a plugin's or a proxy's words
	}
	return r
}

// explain gives WordPress's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	r := refusalOf(resp)
	if r.Code != "" {
		f.Code = r.Code
	}
	if words := text.FromHTML(r.Message); words != "" {
		f.Message = "the site answered: " + words
	}
	switch {
	case resp.Status == http.StatusUnauthorized:
		f.Message, f.Hint = "the site does not accept this application password", "Look at the site under Users, Profile, Application Passwords, make a new one and reconnect the channel."
		if r.Code == "rest_not_logged_in" {
			f.Hint = "Either the password was deleted, or the site's web server or a security plugin drops the Authorization header. Its host can tell."
		}
	case resp.Status == http.StatusForbidden && r.Code == "":
		f.Code, f.Message, f.Hint = "blocked", "the site's firewall or a security plugin blocked the call", "Allow Bellwether's address there, or its calls to /wp-json/."
	case resp.Status == http.StatusForbidden:
		f.Hint = "The user's role at the site does not allow this. An administrator can change the role."
	case r.Code == "rest_no_route":
		f.Kind, f.Hint = fault.Rejected, "The site's API is switched off or changed by a plugin."
	case resp.Status == http.StatusRequestEntityTooLarge, strings.HasPrefix(r.Code, "rest_upload"):
		f.Kind, f.Field, f.Hint = fault.Rejected, "media", "Use a smaller file of an ordinary type, or raise the site's upload limit."
		if resp.Status == http.StatusRequestEntityTooLarge {
			f.Code = "media_too_large"
		}
	case r.Code == "rest_invalid_param":
		names := slices.Sorted(maps.Keys(r.Data.Params))
		f.Message = "the site does not take the value of " + strings.Join(names, ", ")
		if len(names) > 0 {
			f.Field = "settings." + names[0]
		}
	case r.Code == "comment_flood": // a 400, or with some plugins a 429
		f.Kind, f.Message, f.RetryAt = fault.Later, "the site wants more time between two comments of one author", cmp.Or(f.RetryAt, resp.At.UTC().Add(flood))
	case resp.Status == http.StatusTooManyRequests:
		f.Message = "the site takes no more for now"
	}
	return &f
}

// refused makes "no such thing" a refusal: for a call that changes something, a missing thing is final.
func refused(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, hint
	return &f
}
