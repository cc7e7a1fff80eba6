package x

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// server is X as one account calls it.
type server struct {
	http  *safehttp.Client
	base  string
	token string
	me    network.Account
}

func (n X) server(s network.Session) server {
	return server{http: s.HTTP, base: n.base(), token: s.Grant.Values["access_token"], me: s.Account}
}

// answer is the shape of every answer. A 200 may carry errors beside or instead of data.
type answer struct {
	Data     json.RawMessage `json:"data"`
	Errors   []problem       `json:"errors"`
	Includes struct {
		Users  []user  `json:"users"`
		Posts  []post  `json:"posts"`
		Tweets []post  `json:"tweets"` // the older name of posts
		Media  []media `json:"media"`
	} `json:"includes"`
	Meta struct {
		Next string `json:"next_token"`
	} `json:"meta"`
}

// problem is X's own description of a refusal.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Detail   string `json:"detail"`
	Message  string `json:"message"`
	Value    string `json:"value"`
	Resource string `json:"resource_id"`
}

func (p problem) is(kind string) bool { return strings.HasSuffix(p.Type, "/"+kind) }

func (s server) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + s.token}}
}

// get reads data. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (s server) get(ctx context.Context, path string, query url.Values, data any) (answer, *safehttp.Response, error) {
	address := s.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return s.ask(ctx, http.MethodGet, address, nil, data)
}

// repeat sends something that may be sent any number of times.
func (s server) repeat(ctx context.Context, method, path string, in, data any) (*safehttp.Response, error) {
	_, resp, err := s.ask(ctx, method, s.base+path, in, data)
	return resp, err
}

func (s server) ask(ctx context.Context, method, address string, in, data any) (answer, *safehttp.Response, error) {
	var a answer
	resp, err := s.http.JSON(ctx, method, address, s.header(), in, &a)
	if err != nil {
		return a, resp, again(explain(resp, err))
	}
	return a, resp, a.read(data)
}

// read takes the data out of an answer. Without data its first error is the answer.
func (a answer) read(data any) error {
	if len(a.Data) == 0 || string(a.Data) == "null" {
		if len(a.Errors) == 0 {
			return nil
		}
		p := a.Errors[0]
		f := fault.Rejectedf("X answered: %s", cmp.Or(p.Detail, cmp.Or(p.Message, p.Title)))
		if p.is("resource-not-found") {
			f.Kind = fault.NotFound
		}
		return f
	}
	if data == nil {
		return nil
	}
	if err := json.Unmarshal(a.Data, data); err != nil {
		return &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "X answered something that is not the data asked for", Cause: err}
	}
	return nil
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

// explain gives X's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	var p problem
	_ = json.Unmarshal(resp.Body, &p) // a proxy's page says nothing more than its status
	reason := strings.ToLower(p.Detail + " " + p.Title + " " + resp.Reason())
	says := func(words string) bool { return strings.Contains(reason, words) }
	switch {
	case resp.Status == http.StatusUnauthorized:
		f.Message, f.Hint = "X no longer accepts this sign-in", "Reconnect the channel."
	case resp.Status == http.StatusPaymentRequired, p.is("usage-capped"), says("credits"):
		f.Kind, f.Code, f.RetryAt = fault.Later, "usage_capped", reset(resp)
		f.Message, f.Hint = "X has no credits left for this application, or its spending limit is reached", "An operator buys credits or raises the limit in X's developer console."
	case resp.Status == http.StatusTooManyRequests:
		f.Message, f.RetryAt = "X allows no more calls for now", reset(resp)
	case resp.Status == http.StatusForbidden && says("duplicate content"):
		f.Code, f.Field = "duplicate_text", "text"
		f.Hint = "X refuses a text that it published lately. If an earlier attempt got no answer it may be live: look at the account before you change the text."
	case resp.Status == http.StatusForbidden && says("scope"):
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "the sign-in does not include this right", "Reconnect the channel and allow everything that is asked for."
	case p.is("client-forbidden"), says("client-not-enrolled"):
		f.Code, f.Hint = "app_forbidden", "An operator checks the application's access and project in X's developer console."
	case resp.Status == http.StatusForbidden && (says("reply") || says("conversation")):
		f.Code, f.Hint = "reply_not_allowed", "X lets an application answer only where the author mentioned the account or quoted it. Answer at X."
	case resp.Status == http.StatusForbidden && (says("suspended") || says("locked")):
		f.Code, f.Hint = "account_restricted", "Open X with this account and follow what it asks for."
	case resp.Status == http.StatusForbidden:
		f.Hint = "Look at the account at X: it may be limited, or the application lacks a right."
	case resp.Status == http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	}
	return &f
}

// reset is when the limit that was hit begins anew: the day's if that is used up, else the quarter of an hour's.
func reset(resp *safehttp.Response) time.Time {
	for _, whose := range []string{"User", "App"} {
		if resp.Header.Get("X-"+whose+"-Limit-24hour-Remaining") != "0" {
			continue
		}
		if at, err := strconv.ParseInt(resp.Header.Get("X-"+whose+"-Limit-24hour-Reset"), 10, 64); err == nil && at > resp.At.Unix() {
			return time.Unix(min(at, resp.At.Add(24*time.Hour).Unix()), 0).UTC()
		}
	}
	return safehttp.RetryAt(resp.Header, resp.At)
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

// about names the field at fault.
func about(err error, field string) error {
	if !fault.Is(err, fault.Rejected) {
		return err
	}
	f := *fault.As(err)
	f.Field = field
	return &f
}

func escape(id string) string { return url.PathEscape(id) }
