package youtube

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// caller is the API as one channel calls it.
type caller struct {
	http  *safehttp.Client
	data  string // base address of the Data API
	stats string // of the Analytics API
	token string
}

func (y YouTube) caller(s network.Session) caller {
	return caller{http: s.HTTP, data: y.base(data), stats: y.base(analytics), token: s.Grant.Values["access_token"]}
}

func (c caller) header() http.Header { return http.Header{"Authorization": {"Bearer " + c.token}} }

func address(base, path string, q url.Values) string {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return base + path
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (c caller) get(ctx context.Context, path string, q url.Values, out any) (*safehttp.Response, error) {
	return c.repeat(ctx, http.MethodGet, path, q, nil, out)
}

// repeat sends something that may be sent any number of times.
func (c caller) repeat(ctx context.Context, method, path string, q url.Values, in, out any) (*safehttp.Response, error) {
	resp, err := c.call(ctx, method, path, q, in, out)
	return resp, again(err)
}

// call sends something that must be sent once.
func (c caller) call(ctx context.Context, method, path string, q url.Values, in, out any) (*safehttp.Response, error) {
	resp, err := c.http.JSON(ctx, method, address(c.data, path, q), c.header(), in, out)
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

// refused makes "no such thing" a refusal: for a call that changes something, a missing target is final.
func refused(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, cmp.Or(f.Hint, hint)
	return &f
}

// meaning is what one of the API's reasons means to the person who reads it.
type meaning struct {
	kind                 fault.Kind // "" = as the status says
	field, message, hint string
}

// meanings are the documented reasons of the calls used here (developers.google.com/youtube/v3/docs/errors).
var meanings = map[string]meaning{
	"invalidTitle":                          {fault.Rejected, "settings.title", "YouTube does not take this title", "It needs 1 to 100 characters without < and >."},
	"invalidDescription":                    {fault.Rejected, "text", "YouTube does not take this description", "It may have 5,000 bytes, without < and >."},
	"invalidTags":                           {fault.Rejected, "settings.tags", "YouTube does not take these tags", "Use fewer, without < and >."},
	"invalidCategoryId":                     {fault.Rejected, "settings.category", "this category cannot be used for videos", "Choose another category."},
	"invalidPublishAt":                      {fault.Rejected, "settings.publish_at", "YouTube does not take this time", "It must lie in the future."},
	"invalidVideoMetadata":                  {fault.Rejected, "", "the request has no title or no category", "Fill in the title."},
	"invalidFilename":                       {fault.Rejected, "media", "YouTube does not take the file's name", ""},
	"mediaBodyRequired":                     {fault.Rejected, "media", "YouTube received no file", "Add the file again."},
	"invalidImage":                          {fault.Rejected, "media", "YouTube cannot read the thumbnail", "Use a JPEG or PNG of up to 2 MB."},
	"defaultLanguageNotSet":                 {fault.Rejected, "settings.language", "the language of title and description is missing", "Fill it in."},
	"forbiddenPrivacySetting":               {fault.Rejected, "settings.privacy", "this channel may not use that visibility", "Choose another one."},
	"forbiddenLicenseSetting":               {fault.Rejected, "settings.licence", "this channel may not use that licence", "Choose the standard licence."},
	"forbiddenEmbedSetting":                 {fault.Rejected, "settings.no_embedding", "this channel may not decide about embedding", "Leave the setting as it is."},
	"youtubeSignupRequired":                 {fault.Rejected, "", "this Google account has no YouTube channel", "Create a channel, then connect it."},
	"channelClosed":                         {fault.Rejected, "", "the channel is closed", "Look at it in YouTube Studio."},
	"channelSuspended":                      {fault.Rejected, "", "the channel is suspended", "Look at it in YouTube Studio."},
	"commentsDisabled":                      {fault.Rejected, "comment", "comments are switched off for this video", "Switch them on in YouTube Studio."},
	"commentTextTooLong":                    {fault.Rejected, "text", "the comment is too long", "Shorten it."},
	"commentTextRequired":                   {fault.Rejected, "text", "the comment is empty", "Write something."},
	"parentCommentIsPrivate":                {fault.Rejected, "", "what it answers is private", ""},
	"ineligibleAccount":                     {fault.Rejected, "", "this account is not allowed to comment", "Look at it in YouTube Studio."},
	"playlistContainsMaximumNumberOfVideos": {fault.Rejected, "settings.playlist", "the playlist is full", "Choose another playlist."},
	"playlistNotFound":                      {fault.Rejected, "settings.playlist", "the playlist no longer exists", "Check the channel, then choose another playlist."},
	"playlistOperationUnsupported":          {fault.Rejected, "settings.playlist", "nothing can be added to this playlist", "Choose another playlist."},
	"accessNotConfigured":                   {fault.Rejected, "", "the API is not enabled in the Google Cloud project", "Enable “YouTube Data API v3” and “YouTube Analytics API” in the project's library."},
	"SERVICE_DISABLED":                      {fault.Rejected, "", "the API is not enabled in the Google Cloud project", "Enable “YouTube Data API v3” and “YouTube Analytics API” in the project's library."},
	"insufficientPermissions":               {fault.Unauthorised, "", "the sign-in does not include this right", "Reconnect the channel and leave all boxes ticked."},
	"ACCESS_TOKEN_SCOPE_INSUFFICIENT":       {fault.Unauthorised, "", "the sign-in does not include this right", "Reconnect the channel and leave all boxes ticked."},
	"quotaExceeded":                         {fault.Later, "", "the project's daily quota at YouTube is used up", "It starts anew at midnight Pacific time. A compliance audit can raise it."},
	"dailyLimitExceeded":                    {fault.Later, "", "the project's daily quota at YouTube is used up", "It starts anew at midnight Pacific time. A compliance audit can raise it."},
	"uploadLimitExceeded":                   {fault.Later, "", "the channel has uploaded as many videos as it may in a day", "YouTube allows more to verified channels."},
	"rateLimitExceeded":                     {fault.Later, "", "YouTube allows no more calls for now", ""},
	"userRateLimitExceeded":                 {fault.Later, "", "YouTube allows no more calls for now", ""},
	"uploadRateLimitExceeded":               {fault.Later, "", "the channel has uploaded as many thumbnails as it may for now", ""},
}

// reasons lists the machine words of a refusal, in both of the shapes Google answers in.
func reasons(body []byte) (words []string) {
	var doc struct {
		Error struct {
			Errors  []struct{ Reason string } `json:"errors"`
			Details []struct{ Reason string } `json:"details"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return nil
	}
	for _, e := range append(doc.Error.Details, doc.Error.Errors...) {
		words = append(words, e.Reason)
	}
	return words
}

// explain gives YouTube's refusals their meaning and their next step.
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
		f.Message, f.Hint = "Google no longer accepts this sign-in", "Reconnect the channel."
	case http.StatusForbidden:
		f.Hint = "Look at the channel in YouTube Studio: it may be limited, or the video may be somebody else's."
	case http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	case http.StatusTooManyRequests:
		f.Message = "YouTube allows no more calls for now"
	}
	for _, word := range reasons(resp.Body) {
		m, known := meanings[word]
		if !known {
			continue
		}
		f.Kind, f.Code, f.Message, f.Hint = m.kind, word, m.message, m.hint
		f.Field = cmp.Or(m.field, f.Field)
		if f.Kind == fault.Later {
			f.RetryAt = renewed(word, resp)
		}
		break
	}
	return &f
}

// renewed is when a limit ends: by the answer's own word, else by what is documented.
func renewed(reason string, resp *safehttp.Response) time.Time {
	at := safehttp.RetryAt(resp.Header, resp.At)
	switch reason {
	case "quotaExceeded", "dailyLimitExceeded":
		return cmp.Or(at, midnight(resp.At))
	case "uploadLimitExceeded":
		return cmp.Or(at, resp.At.UTC().Add(24*time.Hour))
	}
	return at
}

// midnight is the next midnight in California, when Google's daily quotas start anew.
func midnight(now time.Time) time.Time {
	pacific, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		pacific = time.FixedZone("PST", -8*60*60)
	}
	y, m, d := now.In(pacific).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, pacific).UTC()
}

func values(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}
