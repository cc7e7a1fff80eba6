package threads

import (
	"cmp"
	"context"
	"encoding/json"
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

// graph is the API as one account calls it.
type graph struct {
	http  *safehttp.Client
	base  string // without a slash at the end
	token string
}

func (t Threads) base() string { return strings.TrimSuffix(cmp.Or(t.at, host), "/") }

func (t Threads) graph(s network.Session) graph {
	return graph{http: s.HTTP, base: t.base(), token: s.Grant.Values["access_token"]}
}

// version is the only one there is; the calls for tokens have none.
const version = "/v1.0"

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (g graph) get(ctx context.Context, path string, query url.Values, out any) (*safehttp.Response, error) {
	resp, err := g.http.JSON(ctx, http.MethodGet, g.base+path+"?"+g.signed(query).Encode(), nil, nil, out)
	return resp, again(explain(resp, err))
}

// post sends something. The token goes where the API takes it: among the parameters.
func (g graph) post(ctx context.Context, path string, form url.Values, out any) (*safehttp.Response, error) {
	resp, err := g.http.Form(ctx, http.MethodPost, g.base+path, nil, g.signed(form), out)
	return resp, explain(resp, err)
}

func (g graph) signed(values url.Values) url.Values {
	out := url.Values{}
	for k, v := range values {
		out[k] = v
	}
	if g.token != "" {
		out.Set("access_token", g.token)
	}
	return out
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

// refusal is an error as the API words it: nested for calls, flat while signing in.
type refusal struct {
	Error struct {
		Message   string `json:"message"`
		Code      int    `json:"code"`
		Subcode   int    `json:"error_subcode"`
		Title     string `json:"error_user_title"`
		Words     string `json:"error_user_msg"`
		Transient bool   `json:"is_transient"`
	} `json:"error"`
	Message string `json:"error_message"`
	Code    int    `json:"code"`
}

const missing = "missing" // the code of what is not there, or not yet

// explain gives the API's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	var said refusal
	_ = json.Unmarshal(resp.Body, &said) // what is not JSON is judged by its status
	e := said.Error
	if words := cmp.Or(cmp.Or(e.Words, e.Message), said.Message); words != "" {
		f.Message = "Threads says: " + short(words)
	}
	switch code := cmp.Or(e.Code, said.Code); {
	case code == 190 || code == 102 || resp.Status == http.StatusUnauthorized:
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "Threads no longer accepts this sign-in", "Reconnect the channel."
	case slices.Contains([]int{4, 17, 32, 613}, code) || resp.Status == http.StatusTooManyRequests:
		f.Kind, f.Message, f.RetryAt = fault.Later, "Threads allows no more calls for now", retryAt(resp)
	case code == 1 || code == 2 || e.Transient:
		f.Kind, f.Code = fault.Unknown, "transient"
	case e.Subcode == notYet || code == 24 || code == 100 && e.Subcode == 33 || code == 803:
		f.Kind, f.Code = fault.NotFound, missing
	case resp.Status >= 500:
	case code == 10 || code >= 200 && code < 300:
		f.Kind, f.Hint = fault.Rejected, "Reconnect the channel and allow everything that is asked for; strangers' profiles need the app's review first."
	case code == 368:
		f.Kind, f.Hint = fault.Rejected, "Threads has blocked this for now. Look at the profile in the app before you try again."
	case strings.Contains(e.Message+e.Words, "LINK_LIMIT"):
		f.Kind, f.Field, f.Hint = fault.Rejected, "text", "Use at most 5 different links."
	case resp.Status == http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	}
	return &f
}

// notYet is the subcode of a container that publishing does not find. It happens within seconds of making one.
const notYet = 4279009

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		return string(r[:299]) + "…"
	}
	return s
}

// retryAt is when the network takes calls again: by Retry-After, else by the minutes its usage report names.
func retryAt(resp *safehttp.Response) time.Time {
	if at := safehttp.RetryAt(resp.Header, resp.At); !at.IsZero() {
		return at
	}
	var usage map[string][]struct {
		Minutes int64 `json:"estimated_time_to_regain_access"`
	}
	_ = json.Unmarshal([]byte(resp.Header.Get("X-Business-Use-Case-Usage")), &usage) // no report, no time
	wait := int64(0)
	for _, list := range usage {
		for _, u := range list {
			wait = max(wait, u.Minutes)
		}
	}
	if wait == 0 {
		return time.Time{}
	}
	return resp.At.UTC().Add(time.Duration(min(wait, 24*60)) * time.Minute)
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

func field(err error, name string) error {
	if !fault.Is(err, fault.Rejected) {
		return err
	}
	f := *fault.As(err)
	f.Field = name
	return &f
}

func path(id string) string { return version + "/" + url.PathEscape(id) }

func number(n int) string { return strconv.Itoa(n) }
