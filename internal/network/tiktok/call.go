package tiktok

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// api is the network as one account calls it.
type api struct {
	http  *safehttp.Client
	base  string // without a slash at the end
	token string
}

func (t TikTok) base() string { return strings.TrimSuffix(cmp.Or(t.at, host), "/") }

func (t TikTok) api(s network.Session) api {
	return api{http: s.HTTP, base: t.base(), token: s.Grant.Values["access_token"]}
}

// envelope is around every answer but those of the sign-in: a call succeeded only if its code is "ok", whatever the
// status of the answer is.
type envelope struct {
	Data  json.RawMessage `json:"data"`
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// send makes a call that must not be repeated blindly.
func (a api) send(ctx context.Context, method, path string, in, out any) (*safehttp.Response, error) {
	var body []byte
	kind := ""
	if in != nil {
		body, _ = json.Marshal(in) // plain data: cannot fail
		kind = "application/json; charset=UTF-8"
	}
	var e envelope
	resp, err := a.http.Send(ctx, method, a.base+path, http.Header{"Authorization": {"Bearer " + a.token}}, bytes.NewReader(body), int64(len(body)), kind, &e)
	if err != nil {
		if resp != nil && resp.Status >= 300 {
			_ = json.Unmarshal(resp.Body, &e) // what is no envelope is judged by its status
		}
		return resp, explain(resp, e, err)
	}
	switch e.Error.Code {
	case "ok":
	case "":
		return resp, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok answered without saying whether it succeeded"}
	default:
		return resp, explain(resp, e, &fault.Error{Kind: fault.Rejected, Code: e.Error.Code})
	}
	if err := json.Unmarshal(e.Data, out); err != nil {
		return resp, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok answered something that is not the data asked for", Cause: err}
	}
	return resp, nil
}

// ask makes a call that only reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (a api) ask(ctx context.Context, method, path string, in, out any) (*safehttp.Response, error) {
	resp, err := a.send(ctx, method, path, in, out)
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

// meaning is what one of TikTok's error codes says to a person.
type meaning struct {
	kind                 fault.Kind
	field, message, hint string
	wait                 time.Duration // Later only, where TikTok names no time
}

const day = 24 * time.Hour

var meanings = map[string]meaning{
	"access_token_invalid":             {kind: fault.Unauthorised, message: "TikTok no longer accepts this sign-in", hint: "Reconnect the channel."},
	"scope_not_authorized":             {kind: fault.Unauthorised, message: "the sign-in does not include this right", hint: "Reconnect the channel and allow everything that is asked for."},
	"scope_permission_missed":          {kind: fault.Unauthorised, message: "the sign-in does not include this right", hint: "Reconnect the channel and allow everything that is asked for."},
	"rate_limit_exceeded":              {kind: fault.Later, message: "TikTok allows no more calls for now", wait: time.Minute},
	"spam_risk_too_many_posts":         {kind: fault.Later, message: "the creator has published all that TikTok allows programs in 24 hours", wait: day},
	"spam_risk_too_many_pending_share": {kind: fault.Later, message: "five drafts are waiting in the app's inbox already", hint: "Publish or discard one in the app.", wait: 6 * time.Hour},
	"reached_active_user_cap":          {kind: fault.Later, message: "your app has published for all the creators it may in 24 hours", hint: "TikTok's audit of your app lifts this.", wait: day},
	"internal_error":                   {kind: fault.Unknown, message: "TikTok failed in itself"},
	"spam_risk_user_banned_from_posting": {kind: fault.Rejected, message: "TikTok has banned this creator from publishing",
		hint: "Look at the account's status in the app."},
	"spam_risk":                     {kind: fault.Rejected, message: "TikTok takes this for spam", hint: "Change the text or the file before you try again."},
	"privacy_level_option_mismatch": {kind: fault.Rejected, field: "settings.privacy", message: "the creator may not choose who sees it this way", hint: "Check the channel and choose again."},
	"url_ownership_unverified": {kind: fault.Rejected, field: "media", message: "TikTok fetches pictures from verified domains only",
		hint: "Verify the domain of BELLWETHER_URL under URL properties in TikTok's portal."},
	"unaudited_client_can_only_post_to_private_accounts": {kind: fault.Rejected, field: "settings.privacy", message: "TikTok has not audited your app: it publishes only for accounts that are set to private, and only for the creator's own eyes",
		hint: "Ask for the audit, set the account to private for a trial, or send a draft."},
	"app_version_check_failed":                      {kind: fault.Rejected, message: "the creator's app is too old to take drafts", hint: "Update TikTok on the phone."},
	"invalid_publish_id":                            {kind: fault.NotFound, message: "TikTok no longer knows this publication"},
	"token_not_authorized_for_specified_publish_id": {kind: fault.NotFound, message: "TikTok no longer knows this publication"},
	"file_format_check_failed":                      {kind: fault.Rejected, field: "media", message: "TikTok does not take this kind of file", hint: "Convert it to MP4 with H.264, or JPEG."},
}

// explain gives TikTok's refusals their meaning and their next step.
func explain(resp *safehttp.Response, e envelope, err error) error {
	f := *fault.As(err)
	if resp != nil && f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the answer could not be read whole
	}
	m, known := meanings[e.Error.Code]
	switch {
	case known && !(f.Kind == fault.Unknown && m.kind != fault.Unknown):
		f.Kind, f.Field, f.Code, f.Hint = m.kind, m.field, e.Error.Code, m.hint
		f.Message = "TikTok: " + m.message
	case e.Error.Message != "":
		f.Message = "TikTok says: " + short(e.Error.Message)
	case e.Error.Code != "":
		f.Message = "TikTok says: " + short(e.Error.Code)
	case f.Kind == fault.Unauthorised:
		f.Message, f.Hint = "TikTok no longer accepts this sign-in", "Reconnect the channel."
	}
	if resp != nil && resp.Status == http.StatusRequestEntityTooLarge {
		f.Field, f.Hint = "media", "Use a smaller file."
	}
	if f.Kind == fault.Later && resp != nil {
		if f.RetryAt = safehttp.RetryAt(resp.Header, resp.At); f.RetryAt.IsZero() && m.wait > 0 {
			f.RetryAt = resp.At.UTC().Add(m.wait)
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
