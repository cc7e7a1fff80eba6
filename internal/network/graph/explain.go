package graph

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// problem is Graph's error object.
type problem struct {
	Message   string `json:"message"`
	Type      string `json:"type"`
	Code      int    `json:"code"`
	Subcode   int    `json:"error_subcode"`
	Transient bool   `json:"is_transient"`
	Title     string `json:"error_user_title"`
	ForPeople string `json:"error_user_msg"`
}

// meaning is what a code or subcode says.
type meaning struct {
	kind        fault.Kind
	code, field string
	wait        time.Duration // Later only, where no header says how long
	message     string        // empty keeps Meta's own words
	hint        string
}

const (
	quota = 15 * time.Minute // Meta names no time without a header
	soon  = time.Minute
)

// subcodes decide before codes do. Sources: Meta's error references for Pages, reels and Instagram content publishing.
var subcodes = map[int]meaning{
	33:      {kind: fault.NotFound, code: "gone", message: "Meta knows no such item, or the account may not see it"},
	458:     {kind: fault.Unauthorised, message: "the app was removed in the person's Facebook settings"},
	459:     {kind: fault.Unauthorised, message: "Facebook wants the person to confirm who they are", hint: "Log in at facebook.com, follow what it asks for, then reconnect the channel."},
	460:     {kind: fault.Unauthorised, message: "the person's Facebook password was changed"},
	463:     {kind: fault.Unauthorised, message: "the sign-in has expired"},
	464:     {kind: fault.Unauthorised, message: "the person's Facebook account is not confirmed", hint: "Log in at facebook.com, confirm the account, then reconnect the channel."},
	467:     {kind: fault.Unauthorised, message: "the sign-in was ended"},
	1363019: {kind: fault.Unknown}, 1363030: {kind: fault.Unknown}, 1363033: {kind: fault.Unknown}, 1363041: {kind: fault.Unknown}, // uploads that took too long
	1363023: {kind: fault.Rejected, code: "media_too_large", field: "media", hint: "Use a smaller video."},
	1363042: {kind: fault.Rejected, code: "media_format", field: "media", hint: "Convert the video to MP4 with H.264 and AAC."},
	1366046: {kind: fault.Rejected, code: "media_format", field: "media", hint: "Use a JPEG or PNG of at most 10 MB."},
	1390008: {kind: fault.Rejected, code: "text_too_long", field: "text", hint: "Shorten the text."},
	1609008: {kind: fault.Rejected, code: "media_format", field: "media", hint: "A reel is upright, 3 to 90 seconds long and at least 540 × 960 pixels."},
	1609010: {kind: fault.Rejected, code: "media_format", field: "media", hint: "A reel is upright, 3 to 90 seconds long and at least 540 × 960 pixels."},
	2018278: {kind: fault.Rejected, code: "reply_window", message: "the time in which an answer is allowed is over", hint: "The person has to write again."},
	2207001: {kind: fault.Later, wait: soon}, 2207003: {kind: fault.Later, wait: soon}, 2207006: {kind: fault.Later, wait: soon}, 2207008: {kind: fault.Later, wait: 2 * soon},
	2207020: {kind: fault.Later, wait: soon}, 2207027: {kind: fault.Later, code: "media_processing", wait: soon / 2, message: "Instagram is still processing the file"},
	2207032: {kind: fault.Later, wait: soon},
	2207052: {kind: fault.Later, wait: soon, code: "media_address", field: "media", hint: "Instagram fetches files from this installation: its public address (BELLWETHER_URL) must be reachable from the internet."},
	2207053: {kind: fault.Later, wait: soon},
	2207004: {kind: fault.Rejected, code: "media_too_large", field: "media", hint: "Use a picture of at most 8 MB."},
	2207005: {kind: fault.Rejected, code: "media_format", field: "media", hint: "Use a JPEG."},
	2207009: {kind: fault.Rejected, code: "media_ratio", field: "media", hint: "Crop it to between 4:5 and 1.91:1."},
	2207010: {kind: fault.Rejected, code: "text_too_long", field: "text", hint: "A caption has at most 2,200 characters, 30 hashtags and 20 mentions."},
	2207023: {kind: fault.Rejected, code: "media_format", field: "media"},
	2207026: {kind: fault.Rejected, code: "media_format", field: "media", hint: "Use an MP4 or MOV with H.264 or HEVC and AAC."},
	2207028: {kind: fault.Rejected, code: "media_count", field: "media", hint: "A carousel has 2 to 10 pictures and videos."},
	2207035: {kind: fault.Rejected, code: "tags", field: "settings.user_tags"}, 2207036: {kind: fault.Rejected, code: "tags", field: "settings.user_tags"},
	2207037: {kind: fault.Rejected, code: "tags", field: "settings.user_tags"}, 2207040: {kind: fault.Rejected, code: "tags", field: "settings.user_tags", hint: "Tag at most 20 people."},
	2207042: {kind: fault.Later, code: "publishing_limit", wait: time.Hour, message: "the account has used up what it may publish in a day"},
	2207050: {kind: fault.Rejected, code: "restricted", message: "Instagram has restricted the account", hint: "Open the Instagram app and follow what it says."},
	2207051: {kind: fault.Rejected, code: "spam", message: "Instagram takes this for spam", hint: "Change the post, or wait a day; it is not sent again by itself."},
	2207057: {kind: fault.Rejected, code: "thumb_offset", field: "settings.thumb_offset", hint: "Choose a moment inside the video."},
	2207081: {kind: fault.Rejected, code: "trial_reels", field: "settings.trial", message: "the account may not publish trial reels", hint: "Publish it as an ordinary reel."},
}

var codes = map[int]meaning{
	1: {kind: fault.Unknown}, 2: {kind: fault.Unknown},
	4: {kind: fault.Later, code: "rate_limited", wait: quota}, 17: {kind: fault.Later, code: "rate_limited", wait: quota},
	32: {kind: fault.Later, code: "rate_limited", wait: quota}, 613: {kind: fault.Later, code: "rate_limited", wait: quota},
	102: {kind: fault.Unauthorised, message: "Meta no longer accepts this sign-in"}, 190: {kind: fault.Unauthorised, message: "Meta no longer accepts this sign-in"},
	368: {kind: fault.Rejected, code: "blocked", message: "Meta has blocked this action of the account for now", hint: "Look at the account's support inbox at Facebook."},
	506: {kind: fault.Rejected, code: "duplicate", field: "text", message: "Facebook says that this repeats the post before it", hint: "Look at the Page; change the words if it is not there."},
	803: {kind: fault.NotFound, code: "gone", message: "Meta knows no such item"},
}

// Explain gives Meta's refusals their meaning and their next step.
func Explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	var doc struct {
		Error problem `json:"error"`
	}
	if json.Unmarshal(resp.Body, &doc) != nil || doc.Error.Code == 0 && doc.Error.Subcode == 0 {
		f := *fault.As(err)
		if resp.Status == http.StatusRequestEntityTooLarge && f.Kind == fault.Rejected {
			f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
		}
		return &f
	}
	p := doc.Error
	m := p.meaning(resp.Status)
	f := &fault.Error{Kind: m.kind, Code: m.code, Field: m.field, Message: m.message, Hint: m.hint, Cause: err}
	if f.Message == "" {
		f.Message = "Meta refused: " + p.words()
	}
	switch f.Kind {
	case fault.Later:
		if f.RetryAt = regained(resp); f.RetryAt.IsZero() {
			f.RetryAt = resp.At.UTC().Add(m.wait)
		}
	case fault.Unauthorised:
		if f.Hint == "" {
			f.Hint = "Reconnect the channel."
		}
	}
	return f
}

func (p problem) meaning(status int) meaning {
	for _, n := range []int{p.Subcode, p.Code} {
		if m, ok := subcodes[n]; ok {
			return m
		}
	}
	said := strings.ToLower(p.Message)
	if m, ok := codes[p.Code]; ok && !strings.Contains(said, "client secret") {
		return m
	}
	switch {
	case p.Code >= 80001 && p.Code <= 80014:
		return meaning{kind: fault.Later, code: "rate_limited", wait: quota}
	case p.Transient, status >= 500:
		return meaning{kind: fault.Unknown}
	case (p.Code == 10 || p.Code >= 200 && p.Code <= 299) && (strings.Contains(said, "permission") || strings.Contains(said, "authoriz")):
		return meaning{kind: fault.Unauthorised, code: "permission", message: "the sign-in does not include this right: " + p.words(),
			hint: "Reconnect the channel and allow everything that is asked for; the app may also need Meta's review for it."}
	case status == http.StatusRequestEntityTooLarge:
		return meaning{kind: fault.Rejected, code: "media_too_large", field: "media", hint: "Use a smaller file."}
	}
	return meaning{kind: fault.Rejected, code: "meta_" + strconv.Itoa(p.Code)}
}

// words are Meta's own, those meant for people first.
func (p problem) words() string {
	said := p.ForPeople
	if said == "" {
		said = p.Message
	}
	if r := []rune(strings.Join(strings.Fields(said), " ")); len(r) > 300 {
		return string(r[:299]) + "…"
	}
	if said == "" {
		return "it gave no reason (code " + strconv.Itoa(p.Code) + ")"
	}
	return strings.Join(strings.Fields(said), " ")
}

// regained is when calls are allowed again: minutes in the usage headers, or Retry-After; zero where nothing says it.
func regained(resp *safehttp.Response) time.Time {
	at := safehttp.RetryAt(resp.Header, resp.At)
	for _, name := range []string{"X-Business-Use-Case-Usage", "X-App-Usage", "X-Page-Usage"} {
		var usage any
		if json.Unmarshal([]byte(resp.Header.Get(name)), &usage) != nil {
			continue
		}
		if n := minutes(usage); n > 0 {
			if t := resp.At.UTC().Add(time.Duration(n * float64(time.Minute))); t.After(at) {
				at = t
			}
		}
	}
	return at
}

func minutes(v any) (most float64) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			most = max(most, minutes(one))
		}
	case map[string]any:
		for name, one := range v {
			if n, ok := one.(float64); ok && name == "estimated_time_to_regain_access" {
				most = max(most, n)
			} else if !ok {
				most = max(most, minutes(one))
			}
		}
	}
	return most
}

// Meaning gives a subcode that Meta names outside an error, in the words of a failed container, to a fault.
func Meaning(sub int, f *fault.Error) *fault.Error {
	m, ok := subcodes[sub]
	if !ok {
		return f
	}
	out := *f
	out.Kind = m.kind
	if m.code != "" {
		out.Code = m.code
	}
	if m.hint != "" {
		out.Hint = m.hint
	}
	return &out
}
