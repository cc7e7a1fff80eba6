package tiktokbusiness

import (
	"cmp"
	"context"
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

// api is the network as one account calls it.
type api struct {
	http  *safehttp.Client
	base  string // with the version, without a slash at the end
	token string
	me    string // business_id: the account's open id
}

func (t TikTok) base() string { return strings.TrimSuffix(cmp.Or(t.at, host), "/") + "/open_api/v1.3" }

func (t TikTok) api(s network.Session) api {
	return api{http: s.HTTP, base: t.base(), token: s.Grant.Values["access_token"], me: cmp.Or(s.Account.ID, s.Grant.Values["open_id"])}
}

// envelope is around every answer: a call succeeded only if its code is 0, whatever the status of the answer is.
type envelope struct {
	Code    *int            `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// send makes a call that must not be repeated blindly. Every path ends in a slash; without it there is no such call.
func (a api) send(ctx context.Context, method, path string, in map[string]any, out any) (*safehttp.Response, error) {
	header := http.Header{}
	if a.token != "" {
		header.Set("Access-Token", a.token)
	}
	var body any
	if in != nil {
		body = in
	}
	var e envelope
	resp, err := a.http.JSON(ctx, method, a.base+path, header, body, &e)
	if err != nil {
		if resp != nil && resp.Status >= 300 {
			_ = json.Unmarshal(resp.Body, &e) // what is no envelope is judged by its status
		}
		return resp, explain(resp, e, err)
	}
	switch {
	case e.Code == nil:
		return resp, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok answered without saying whether it succeeded"}
	case *e.Code != 0:
		return resp, explain(resp, e, &fault.Error{Kind: fault.Rejected})
	}
	if err := json.Unmarshal(e.Data, out); out != nil && err != nil {
		return resp, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok answered something that is not the data asked for", Cause: err}
	}
	return resp, nil
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (a api) get(ctx context.Context, path string, query map[string]any, out any) error {
	_, err := a.read(ctx, path, query, out)
	return err
}

// read is get for those who need to know when the answer came.
func (a api) read(ctx context.Context, path string, query map[string]any, out any) (*safehttp.Response, error) {
	q := url.Values{"business_id": {a.me}}
	for k, v := range query {
		if s, ok := v.(string); ok {
			q.Set(k, s)
			continue
		}
		raw, _ := json.Marshal(v) // plain data: cannot fail
		q.Set(k, string(raw))
	}
	resp, err := a.send(ctx, http.MethodGet, path+"?"+q.Encode(), nil, out)
	return resp, again(err)
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

// throttled is how long TikTok asks to wait after too many calls in a minute.
const throttled = 5 * time.Minute

// explain gives TikTok's codes their meaning and their next step.
func explain(resp *safehttp.Response, e envelope, err error) error {
	f := *fault.As(err)
	if resp != nil && f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the answer could not be read whole
	}
	code := 0
	if e.Code != nil {
		code = *e.Code
	}
	if e.Message != "" {
		f.Message = "TikTok says: " + short(e.Message)
	}
	switch {
	case slices.Contains([]int{40101, 40102, 40103, 40104, 40105, 40106, 40107}, code), f.Kind == fault.Unauthorised:
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "TikTok no longer accepts this sign-in", "Reconnect the channel."
	case slices.Contains([]int{40016, 40100, 40132, 40133}, code):
		f.Kind, f.Message = fault.Later, "TikTok allows no more calls for now"
	case code == 40001 || code == 40125:
		f.Kind, f.Hint = fault.Rejected, "Give your app this permission in TikTok's portal, then reconnect the channel."
	case code == 40007 || code == 40905:
		f.Kind = fault.NotFound
	case code == 40050:
		f.Kind, f.Code, f.Message = fault.Rejected, "duplicate", "TikTok has taken the same request a moment ago"
		f.Hint = "Look whether it is there before you send it again."
	case code == 40902 || code == 40903:
		f.Kind, f.Field, f.Hint = fault.Rejected, "media", "Check that BELLWETHER_URL can be reached from outside and that its domain is verified for your app."
	case code == 40202 || code == 60001 || code >= 50000 && code < 60000:
		f.Kind, f.Code = fault.Unknown, "transient"
	}
	if resp != nil && resp.Status == http.StatusRequestEntityTooLarge {
		f.Field, f.Hint = "media", "Use a smaller file."
	}
	if f.Kind == fault.Later && resp != nil {
		if f.RetryAt = safehttp.RetryAt(resp.Header, resp.At); f.RetryAt.IsZero() && code != 0 {
			f.RetryAt = resp.At.UTC().Add(throttled)
		}
	}
	return &f
}

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		return string(r[:299]) + "…"
	}
	return s
}

// final makes "no such thing" a refusal: for a call that creates something, a missing parent is final.
func final(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, hint
	return &f
}
