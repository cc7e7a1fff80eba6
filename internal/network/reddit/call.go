package reddit

import (
	"cmp"
	"context"
	"fmt"
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

// api is the API as one account calls it.
type api struct {
	http  *safehttp.Client
	base  string
	site  string
	token string
	agent string
	me    string // the account's name
}

func (r Reddit) as(s network.Session) api {
	return api{http: s.HTTP, base: r.api(), site: r.website(), token: s.Grant.Values["access_token"], agent: agent(s.App["username"]), me: s.Account.Handle}
}

// agent is how Reddit wants every client to name itself: platform, app, version and developer.
func agent(developer string) string {
	developer = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(developer), "/"), "u/")
	return "web:social.bellwether:1 (by /u/" + cmp.Or(developer, "unknown") + ")"
}

func (a api) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + a.token}, "User-Agent": {a.agent}}
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (a api) get(ctx context.Context, path string, query url.Values, out any) (*safehttp.Response, error) {
	q := url.Values{"raw_json": {"1"}} // else texts come with &amp; in them
	for k, v := range query {
		q[k] = v
	}
	resp, err := a.http.JSON(ctx, http.MethodGet, a.base+path+"?"+q.Encode(), a.header(), nil, out)
	return resp, again(explain(resp, err))
}

// post sends a form, whose answer may hold errors under 200.
func (a api) post(ctx context.Context, path string, form url.Values) (answer, *safehttp.Response, error) {
	form.Set("api_type", "json")
	form.Set("raw_json", "1")
	var out answer
	resp, err := a.http.Form(ctx, http.MethodPost, a.base+path, a.header(), form, &out)
	if err == nil {
		err = out.refusal(resp)
	}
	return out, resp, explain(resp, err)
}

// repeat is post for what may be sent any number of times.
func (a api) repeat(ctx context.Context, path string, form url.Values) error {
	_, _, err := a.post(ctx, path, form)
	return again(err)
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

// answer is what every call that changes something says.
type answer struct {
	JSON *struct {
		Errors [][]any `json:"errors"` // code, words, field
		Data   struct {
			ID        string  `json:"id"`   // without or with its t3_
			Name      string  `json:"name"` // with t3_
			URL       string  `json:"url"`
			Socket    string  `json:"websocket_url"`       // instead of all these for files: the post comes later
			Submitted string  `json:"user_submitted_page"` // likewise
			Things    []thing `json:"things"`              // comments
		} `json:"data"`
		Ratelimit float64 `json:"ratelimit"` // seconds
	} `json:"json"`
}

// known are Reddit's refusals, by their code: the field at fault and what to do.
var known = map[string]struct{ field, hint string }{
	"SUBREDDIT_NOEXIST":       {"settings.community", "Check the channel, so that its communities are read again, and choose another one."},
	"SUBREDDIT_NOTALLOWED":    {"settings.community", "This community lets only some people post: ask its moderators, or choose another one."},
	"SUBREDDIT_REQUIRED":      {"settings.community", "Choose a community."},
	"BAD_SR_NAME":             {"settings.community", "Choose another community."},
	"NO_SELFS":                {"settings.kind", "This community takes no text posts: send a link."},
	"NO_LINKS":                {"settings.kind", "This community takes text posts only."},
	"NO_IMAGES":               {"settings.kind", "This community takes no pictures."},
	"IMAGES_NOTALLOWED":       {"settings.kind", "This community takes no pictures."},
	"NO_VIDEOS":               {"settings.kind", "This community takes no videos."},
	"NO_CROSSPOSTS":           {"settings.kind", "This community takes no crossposts."},
	"INVALID_CROSSPOST_THING": {"settings.crosspost", "This post can't be crossposted."},
	"INVALID_OPTION":          {"settings.kind", "Choose another kind of post."},
	"ALREADY_SUB":             {"settings.url", "This link was posted to the community before. Nothing was posted a second time."},
	"NO_URL":                  {"settings.url", "Enter the link."},
	"BAD_URL":                 {"settings.url", "Correct the link."},
	"DOMAIN_BANNED":           {"settings.url", "Reddit or the community blocks this website."},
	"NO_TEXT":                 {"settings.title", "Write a title and a text."},
	"TOO_LONG":                {"text", "Shorten it."},
	"TOO_SHORT":               {"text", "Write more."},
	"MISSING_VIDEO_URLS":      {"media", "Add a picture beside the video: it is its poster."},
	"BAD_FLAIR_TEMPLATE_ID":   {"settings.flair", "Check the channel, so that its flairs are read again, and choose another one."},
	"FLAIR_REQUIRED":          {"settings.flair", "Choose a flair."},
	"THREAD_LOCKED":           {"", "The thread is locked: nobody can answer any more."},
	"TOO_OLD":                 {"", "The thread is archived: nobody can answer any more."},
	"DELETED_COMMENT":         {"", "What it answers was deleted."},
	"DELETED_LINK":            {"", "The post it answers was deleted."},
	"NO_THING_ID":             {"", "What it answers or changes is gone."},
	"USER_BLOCKED":            {"", "You blocked its author, or its author blocked you."},
	"USER_MUTED":              {"", "The community has muted this account."},
}

// validations are the ends of SUBMIT_VALIDATION_…, the rules that a community makes for its posts.
var validations = []struct{ part, field string }{{"FLAIR", "settings.flair"}, {"TITLE", "settings.title"}, {"BODY", "text"}, {"LINK", "settings.url"}, {"URL", "settings.url"}, {"REPOST", "settings.url"}, {"MEDIA", "media"}, {"GALLERY", "media"}}

var pause = regexp.MustCompile(`(?i)(\d+) (millisecond|second|minute|hour)`)

// refusal is the first error of an answer, nil where there is none. What is not an answer at all stays in doubt.
func (a answer) refusal(resp *safehttp.Response) error {
	if a.JSON == nil || len(a.JSON.Errors) == 0 {
		return nil
	}
	first := make([]string, 3)
	for i, v := range a.JSON.Errors[0] {
		if s, ok := v.(string); ok && i < len(first) {
			first[i] = s
		}
	}
	code, words := first[0], first[1]
	f := &fault.Error{Kind: fault.Rejected, Code: strings.ToLower(code), Message: "Reddit refused: " + cmp.Or(words, code)}
	if code == "RATELIMIT" {
		f.Kind, f.Hint = fault.Later, "Reddit slows down new accounts and accounts that post often."
		if s := a.JSON.Ratelimit; s > 0 && s < 86400 {
			f.RetryAt = resp.At.UTC().Add(time.Duration(s*1000)*time.Millisecond + time.Second)
		} else if m := pause.FindStringSubmatch(words); m != nil {
			unit := map[string]time.Duration{"millisecond": time.Millisecond, "second": time.Second, "minute": time.Minute, "hour": time.Hour}[strings.ToLower(m[2])]
			n, _ := strconv.Atoi(m[1])
			f.RetryAt = resp.At.UTC().Add(min(time.Duration(min(n, 86400)+1)*unit, 24*time.Hour)) // it says whole units, rounded down
		}
		return f
	}
	if code == "USER_REQUIRED" {
		f.Kind, f.Hint = fault.Unauthorised, "Reconnect the channel."
		return f
	}
	if k, ok := known[code]; ok {
		f.Field, f.Hint = k.field, k.hint
	} else if rest, ok := strings.CutPrefix(code, "SUBMIT_VALIDATION_"); ok {
		f.Hint = "Change the post as the community asks."
		for _, v := range validations {
			if strings.Contains(rest, v.part) {
				f.Field = v.field
				break
			}
		}
	}
	f.Hint = cmp.Or(f.Hint, "Change the post as Reddit says.")
	return f
}

// explain gives Reddit's refusals by status their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	switch resp.Status {
	case http.StatusUnauthorized:
		f.Message, f.Hint = "Reddit no longer accepts this sign-in", "Reconnect the channel."
	case http.StatusForbidden:
		f.Hint = "The community may be private, banned or quarantined, or the account banned from it; a new app may not be approved yet."
		if strings.Contains(strings.ToLower(resp.Header.Get("WWW-Authenticate")), "insufficient_scope") {
			f.Kind, f.Message, f.Hint = fault.Unauthorised, "the sign-in does not include this right", "Reconnect the channel and allow everything that is asked for."
		}
	case http.StatusConflict:
		f.Kind = fault.Later
	case http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	case http.StatusTooManyRequests:
		f.Message = "Reddit allows no more calls for now"
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		f.Hint = "Change the post as Reddit says."
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

func flag(b bool) string { return fmt.Sprintf("%t", b) }
