package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const uploadTime = 10 * time.Minute

// client is Discord as one grant calls it: as a bot, as a webhook, or as a webhook with a bot to look things up.
type client struct {
	http *safehttp.Client
	base string // without a slash at the end
	bot  string // the bot's token, "" without
	hook string // the webhook's path with its token, "" without
}

func clientOf(at string, s network.Session) client {
	c := client{http: s.HTTP, base: base(at), bot: s.Grant.Values["token"]}
	if id := s.Grant.Values["webhook_id"]; id != "" {
		c.hook = "/webhooks/" + id + "/" + s.Grant.Values["webhook_token"]
	}
	return c
}

func base(at string) string { return cmp.Or(strings.TrimSuffix(at, "/"), own) + "/api/v10" }

// header is what every call carries; Discord refuses programs that do not name themselves so.
func (c client) header() http.Header {
	h := http.Header{"User-Agent": {"DiscordBot (https://github.com/bellwether-social/bellwether, 1)"}}
	if c.bot != "" {
		h.Set("Authorization", "Bot "+c.bot)
	}
	return h
}

// get reads. Reading again harms nobody, so whatever went wrong is never Unknown but Later.
func (c client) get(ctx context.Context, path string, query url.Values, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	resp, err := c.http.JSON(ctx, http.MethodGet, c.base+path, c.header(), nil, out)
	return again(explain(resp, err))
}

// repeat sends something that may be sent any number of times.
func (c client) repeat(ctx context.Context, method, path string, in, out any) error {
	resp, err := c.http.JSON(ctx, method, c.base+path, c.header(), in, out)
	return again(explain(resp, err))
}

// send makes or changes a message, with its files where it has any.
func (c client) send(ctx context.Context, method, path string, body map[string]any, files []network.Media, out any) error {
	if len(files) == 0 {
		resp, err := c.http.JSON(ctx, method, c.base+path, c.header(), body, out)
		return explain(resp, err)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the message: %w", err)
	}
	part := safehttp.Field("payload_json", string(raw))
	part.ContentType = "application/json"
	parts := []safehttp.Part{part}
	for i, m := range files {
		if m.Open == nil {
			return fault.Rejectedf("the file of this step cannot be opened")
		}
		content, err := m.Open(ctx)
		if err != nil {
			return fault.Wrap(fault.KindOf(err), err, "open the file to send")
		}
		defer content.Close()
		size := m.Bytes
		if size <= 0 {
			size = -1
		}
		parts = append(parts, safehttp.Part{Name: fmt.Sprintf("files[%d]", i), Filename: filename(m, i), ContentType: m.MIME, Body: io.Reader(content), Size: size})
	}
	resp, err := c.http.WithTimeout(uploadTime).Upload(ctx, method, c.base+path, c.header(), parts, out)
	return explain(resp, err)
}

func filename(m network.Media, i int) string {
	known := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "video/mp4": ".mp4", "video/quicktime": ".mov",
		"video/webm": ".webm", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "audio/wav": ".wav", "application/pdf": ".pdf"}
	return fmt.Sprintf("%s-%d%s", cmp.Or(string(m.Kind), "file"), i+1, known[m.MIME])
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

// refusal is an error as Discord says it.
type refusal struct {
	Code       int             `json:"code"`
	Message    string          `json:"message"`
	Errors     json.RawMessage `json:"errors"`      // a tree by field, its leaves {"_errors": [{"code", "message"}]}
	RetryAfter float64         `json:"retry_after"` // seconds
}

// meanings are Discord's error codes that need more than their own words.
var meanings = map[int]struct {
	kind        fault.Kind
	field, hint string
}{
	10003:  {fault.Unauthorised, "", "The channel is gone, or the bot no longer sees it. Give the bot the right to see it, or connect another channel."},
	10004:  {fault.Unauthorised, "", "The bot is no longer in the server. Invite it again."},
	10015:  {fault.Unauthorised, "", "The webhook was deleted in Discord. Make a new one and reconnect the channel with its URL."},
	50001:  {fault.Unauthorised, "", "Give the bot the right to see the channel again."},
	50013:  {fault.Unauthorised, "", "Give the bot the rights that are missing in Discord."},
	50027:  {fault.Unauthorised, "", "Reconnect the channel with the webhook's present URL."},
	20016:  {fault.Later, "", "The channel is in slow mode."},
	20028:  {fault.Later, "", ""},
	40005:  {fault.Rejected, "media", "Use smaller files."},
	40067:  {fault.Rejected, "settings.tags", "Choose a tag: this forum requires one."},
	50006:  {fault.Rejected, "text", "Write a text or add a file."},
	50083:  {fault.Rejected, "settings.thread", "The thread is archived. Open it again, or choose another."},
	160005: {fault.Rejected, "settings.thread", "The thread is locked. Choose another."},
	200000: {fault.Rejected, "text", "The server's rules for messages blocked it. Change the text, or the rules."},
	200001: {fault.Rejected, "settings.thread_name", "The server's rules for messages blocked the title."},
	220001: {fault.Rejected, "settings.thread_name", "This webhook belongs to a forum: give the post a title, or name a thread."},
	220002: {fault.Rejected, "settings.thread_name", "Give either a title or a thread."},
	220003: {fault.Rejected, "settings.thread_name", "Only in a forum can a webhook open a thread. Remove the title."},
}

// explain gives Discord's refusals their meaning and their next step.
func explain(resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	var r refusal
	_ = json.Unmarshal(resp.Body, &r) // without it the status alone speaks
	switch {
	case resp.Status >= 500 || resp.Status == http.StatusRequestTimeout:
		return &f
	case resp.Status == http.StatusTooManyRequests:
		f.Message = "Discord allows no more calls for now"
		if r.RetryAfter > 0 {
			f.RetryAt = resp.At.UTC().Add(time.Duration(math.Ceil(min(r.RetryAfter, 86400)*1000)) * time.Millisecond) // never early
		}
		return &f
	case resp.Status == http.StatusUnauthorized:
		f.Message, f.Hint = "Discord no longer accepts the token", "Reconnect the channel with the token the developer portal shows now."
	case resp.Status == http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use smaller files."
	}
	if known, ok := meanings[r.Code]; ok {
		f.Kind, f.Field, f.Hint = known.kind, known.field, known.hint
	}
	if leaf, field := wrong(r.Errors, ""); leaf != "" {
		f.Message, f.Field = f.Message+": "+leaf, field
	}
	return &f
}

// fields are the composer's names of what Discord calls otherwise.
var fields = map[string]string{"content": "text", "files": "media", "attachments": "media", "poll": "poll", "username": "settings.username", "avatar_url": "settings.avatar_url",
	"name": "settings.thread_name", "thread_name": "settings.thread_name", "applied_tags": "settings.tags", "embeds": "settings.embeds"}

// wrong finds the first complaint in a tree of them and the field it is about.
func wrong(tree json.RawMessage, field string) (string, string) {
	var node map[string]json.RawMessage
	if json.Unmarshal(tree, &node) != nil {
		return "", ""
	}
	var leaves []struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(node["_errors"], &leaves) == nil && len(leaves) > 0 {
		return leaves[0].Message, field
	}
	for name, below := range node {
		if leaf, at := wrong(below, cmp.Or(field, fields[name])); leaf != "" {
			return leaf, at
		}
	}
	return "", ""
}

// allowed makes a missing right or a vanished place a refusal: for a call beside publishing it does not mean that the
// channel as a whole is lost. A vanished webhook does.
func (c client) allowed(err error) error {
	if !fault.Is(err, fault.Unauthorised) || fault.As(err).Code == "http_401" || c.hook != "" {
		return err
	}
	f := *fault.As(err)
	f.Kind = fault.Rejected
	return &f
}

// absent reports whether a message is gone: by itself, or with the channel or thread it was in.
func (c client) absent(err error) bool {
	return fault.Is(err, fault.NotFound) || c.hook == "" && fault.Is(err, fault.Unauthorised) && fault.As(err).Code == "http_404"
}

// refused makes "no such thing" a refusal: for a call that creates something it is final.
func refused(err error, hint string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Rejected, hint
	return &f
}
