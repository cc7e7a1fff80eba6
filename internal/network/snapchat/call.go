package snapchat

import (
	"bytes"
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

// api is the API as one account calls it.
type api struct {
	http    *safehttp.Client
	base    string
	site    string
	token   string
	profile string
	handle  string
}

func (n Snapchat) as(s network.Session) api {
	return api{http: s.HTTP, base: n.api(), site: n.website(), token: s.Grant.Values["access_token"], profile: s.Account.ID, handle: s.Account.Handle}
}

func (a api) header() http.Header { return http.Header{"Authorization": {"Bearer " + a.token}} }

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (a api) get(ctx context.Context, path string, query url.Values) (answer, *safehttp.Response, error) {
	address := a.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	out, resp, err := a.ask(ctx, http.MethodGet, address, nil)
	return out, resp, again(err)
}

// ask sends JSON and reads both levels of the answer.
func (a api) ask(ctx context.Context, method, address string, in any) (out answer, resp *safehttp.Response, err error) {
	resp, err = a.http.JSON(ctx, method, address, a.header(), in, &out)
	return out, resp, judge(resp, out, err, method == http.MethodGet)
}

// form sends a multipart form and reads both levels of the answer.
func (a api) form(ctx context.Context, address string, parts []safehttp.Part, timeout time.Duration) error {
	var out answer
	resp, err := a.http.WithTimeout(timeout).Upload(ctx, http.MethodPost, address, a.header(), parts, &out)
	return again(judge(resp, out, err, false))
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

// answer is the envelope of every answer.
type answer struct {
	Status  string `json:"request_status"` // SUCCESS, PARTIAL, ERROR
	Request string `json:"request_id"`
	Debug   string `json:"debug_message"`
	Display string `json:"display_message"`
	Code    string `json:"error_code"`

	// of a media
	Media        string `json:"media_id"`
	AddPath      string `json:"add_path"`
	FinalizePath string `json:"finalize_path"`

	// of a post; which of them is there depends on the kind
	Spotlight string `json:"spotlight_id"`
	Story     string `json:"story_id"`
	Snap      string `json:"snap_id"`
	Saved     string `json:"saved_story_id"`

	Profile *profile `json:"public_profile"`
	Paging  struct {
		Link string `json:"next_link"`
		ID   string `json:"next_page_id"`
	} `json:"paging"`

	Items  []entry         `json:"-"` // of whatever list the answer has, without those that failed
	Raw    json.RawMessage `json:"-"`
	failed string          // why a part of the request failed
}

// entry is one member of a list: its own status, and what it is.
type entry struct {
	Status string // sub_request_status
	Reason string // sub_request_error_reason
	asset
}

// asset is a profile, a media, a story or a Spotlight.
type asset struct {
	profile
	Text         string `json:"description"`
	Title        string `json:"title"`
	State        string `json:"status"` // SUBMITTED, LIVE, REJECTED, …
	Created      moment `json:"created_at"`
	AddPath      string `json:"add_path"`
	FinalizePath string `json:"finalize_path"`
}

type profile struct {
	ID           string `json:"id"`
	Organisation string `json:"organization_id"`
	Name         string `json:"display_name"`
	Handle       string `json:"snap_user_name"`
	Subscribers  number `json:"subscriber_count"`
	Logos        struct {
		Small    string `json:"manage_profile_logo_url"`
		Original string `json:"original_logo_url"`
	} `json:"logo_urls"`
}

// UnmarshalJSON reads the envelope, and the members of its lists, each of which wraps one asset under its own name.
func (a *answer) UnmarshalJSON(raw []byte) error {
	type plain answer
	if err := json.Unmarshal(raw, (*plain)(a)); err != nil {
		return err
	}
	a.Raw = bytes.Clone(raw)
	var lists map[string]json.RawMessage
	_ = json.Unmarshal(raw, &lists) // is an object: it was read above
	for _, list := range lists {
		var members []map[string]json.RawMessage
		if json.Unmarshal(list, &members) != nil {
			continue
		}
		for _, m := range members {
			var e entry
			_ = json.Unmarshal(m["sub_request_status"], &e.Status)
			_ = json.Unmarshal(m["sub_request_error_reason"], &e.Reason)
			whole, _ := json.Marshal(m)
			_ = json.Unmarshal(whole, &e.asset)
			for name, inner := range m {
				if bytes.HasPrefix(bytes.TrimSpace(inner), []byte("{")) && name != "logo_urls" {
					_ = json.Unmarshal(inner, &e.asset)
				}
			}
			if e.Status != "" && !strings.EqualFold(e.Status, "SUCCESS") {
				a.failed = cmp.Or(e.Reason, "a part of the request failed")
				continue
			}
			a.Items = append(a.Items, e)
		}
	}
	return nil
}

// number is a count, written as a number or as text.
type number struct{ Value *int64 }

// UnmarshalJSON reads either; what is no number is none.
func (n *number) UnmarshalJSON(raw []byte) error {
	if v, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64); err == nil {
		n.Value = &v
	}
	return nil
}

// moment is a time: RFC 3339, or milliseconds or seconds of the epoch.
type moment struct{ time.Time }

// UnmarshalJSON reads it; what is no time is none.
func (m *moment) UnmarshalJSON(raw []byte) error {
	s := strings.Trim(string(raw), `"`)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		m.Time = t.UTC()
	} else if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 1e11 {
		m.Time = time.UnixMilli(n).UTC()
	} else if err == nil && n > 0 {
		m.Time = time.Unix(n, 0).UTC()
	}
	return nil
}

// known are Snapchat's refusals by their code: their kind, the field at fault, and what to do.
var known = map[string]struct {
	kind        fault.Kind
	field, hint string
}{
	"MEDIA_PROCESSING":                  {fault.Later, "media", "Snapchat is still processing the file."},
	"MEDIA_EXPIRED":                     {fault.Rejected, "media", "The upload was not used within a day: send the post again."},
	"MEDIA_NOT_FOUND":                   {fault.Rejected, "media", "Send the post again."},
	"MEDIA_POSTING_ALREADY_IN_PROGRESS": {fault.Unknown, "media", "This file is being posted already: look at the profile before sending it again."},
}

const processingWait = 10 * time.Second

// judge gives an answer its meaning: its status, then what its envelope says, then what its parts say. Of a list that is
// read, a part may be missing.
func judge(resp *safehttp.Response, out answer, err error, reads bool) error {
	if resp == nil || err != nil && resp.Status < 300 {
		return err // no answer, or one that cannot be read
	}
	if err != nil && resp.Status >= 400 {
		_ = json.Unmarshal(resp.Body, &out) // a refusal's own code says more than its status
	}
	well := out.Status == "" || slices.Contains([]string{"SUCCESS", "OK"}, strings.ToUpper(out.Status))
	if reads && len(out.Items) > 0 {
		well = well || strings.EqualFold(out.Status, "PARTIAL")
	} else {
		well = well && out.failed == ""
	}
	if err == nil && well {
		return nil
	}
	f := &fault.Error{Kind: fault.Rejected}
	if err != nil {
		copied := *fault.As(err)
		f = &copied
	}
	if k, ok := known[strings.ToUpper(out.Code)]; ok && resp.Status < 500 {
		f.Kind, f.Field, f.Hint = k.kind, k.field, k.hint
		if f.Kind == fault.Later {
			f.RetryAt = resp.At.UTC().Add(processingWait)
		}
	}
	if err == nil || f.Code == "" {
		f.Code = strings.ToLower(cmp.Or(out.Code, "refused"))
	}
	if words := cmp.Or(out.Display, cmp.Or(out.Debug, out.failed)); words != "" && resp.Status < 500 {
		f.Message = "Snapchat refused: " + tidy(words)
	}
	f.Message = cmp.Or(f.Message, "Snapchat refused without saying why")
	switch resp.Status {
	case http.StatusUnauthorized:
		f.Message, f.Hint = "Snapchat no longer accepts this sign-in", "Reconnect the channel."
	case http.StatusForbidden:
		f.Hint = "Snapchat has not put the app on the list of its Public Profile API, or the account has no role on the profile. Publish by hand meanwhile."
	case http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	case http.StatusTooManyRequests:
		f.Message = "Snapchat allows no more calls for now"
	}
	if f.Kind == fault.Rejected {
		f.Hint = cmp.Or(f.Hint, "Change the post as Snapchat says.")
	}
	return f
}

// tidy shortens a stranger's words for a message.
func tidy(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		return string(r[:299]) + "…"
	}
	return s
}

// refused makes "no such thing" a refusal: for a call that creates something, it is final.
func refused(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, hint
	return &f
}

// field names the field at fault where nothing did.
func field(err error, name string) error {
	if err == nil {
		return nil
	}
	f := *fault.As(err)
	f.Field = cmp.Or(f.Field, name)
	return &f
}
