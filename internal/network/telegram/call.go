package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const uploadTime = 15 * time.Minute // for the largest files on a slow line

// bot is one bot at one Bot API server. Its token stands in the path of every address, which therefore is never shown.
type bot struct {
	http  *safehttp.Client
	base  string // without a slash at the end
	token string
}

func (n Telegram) bot(s network.Session) bot {
	return bot{http: s.HTTP, base: cmp.Or(s.Account.Server, cmp.Or(strings.TrimSuffix(n.at, "/"), own)), token: s.Grant.Values["token"]}
}

// id is the bot's own user id, which its token begins with.
func (b bot) id() int64 {
	before, _, _ := strings.Cut(b.token, ":")
	n, _ := strconv.ParseInt(before, 10, 64)
	return n
}

// file is one file of a call, under the name the call's parameters refer to.
type file struct {
	name string
	network.Media
}

// call carries out one method. A group that became a supergroup has another number: the refusal names it, nothing was
// done, and the call goes there.
func (b bot) call(ctx context.Context, method string, params map[string]any, files []file, out any) (*safehttp.Response, error) {
	resp, err := b.send(ctx, method, params, files, out)
	if moved := told(resp).Parameters.Moved; err != nil && moved != 0 {
		params["chat_id"] = moved
		resp, err = b.send(ctx, method, params, files, out)
	}
	return resp, explain(method, resp, err)
}

func (b bot) send(ctx context.Context, method string, params map[string]any, files []file, out any) (*safehttp.Response, error) {
	var answer struct {
		OK     bool            `json:"ok"`
		Result json.RawMessage `json:"result"`
	}
	address := b.base + "/bot" + b.token + "/" + method
	var resp *safehttp.Response
	var err error
	if len(files) == 0 {
		resp, err = b.http.JSON(ctx, http.MethodPost, address, nil, params, &answer)
	} else {
		parts, done, openErr := form(ctx, params, files)
		defer done()
		if openErr != nil {
			return nil, openErr
		}
		resp, err = b.http.WithTimeout(uploadTime).Upload(ctx, http.MethodPost, address, nil, parts, &answer)
	}
	if err != nil {
		return resp, err
	}
	if !answer.OK || json.Unmarshal(answer.Result, out) != nil {
		return resp, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Telegram answered something that is not the data asked for"}
	}
	return resp, nil
}

// form opens the files and puts them with the parameters into one form; done closes them.
func form(ctx context.Context, params map[string]any, files []file) (parts []safehttp.Part, done func(), err error) {
	var open []io.Closer
	done = func() {
		for _, c := range open {
			_ = c.Close() // read only
		}
	}
	for name, v := range params {
		s, plain := v.(string)
		if !plain {
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, done, fmt.Errorf("write %s: %w", name, err)
			}
			s = string(raw)
		}
		parts = append(parts, safehttp.Field(name, s))
	}
	for _, f := range files {
		if f.Open == nil {
			return nil, done, fault.Rejectedf("the file of this step cannot be opened")
		}
		body, err := f.Open(ctx)
		if err != nil {
			return nil, done, fault.Wrap(fault.KindOf(err), err, "open the file to send")
		}
		open = append(open, body)
		size := f.Bytes
		if size <= 0 {
			size = -1
		}
		parts = append(parts, safehttp.Part{Name: f.name, Filename: "file" + extension(f.MIME), ContentType: f.MIME, Body: body, Size: size})
	}
	return parts, done, nil
}

// ask is a call that changes nothing, or nothing that could not be done again: what went wrong is never Unknown.
func (b bot) ask(ctx context.Context, method string, params map[string]any, out any) (*safehttp.Response, error) {
	resp, err := b.call(ctx, method, params, nil, out)
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

// refusal is an error as the Bot API says it.
type refusal struct {
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"`        // seconds
		Moved      int64 `json:"migrate_to_chat_id"` // the chat's new number
	} `json:"parameters"`
}

func told(resp *safehttp.Response) (r refusal) {
	if resp != nil && resp.Status >= 300 {
		_ = json.Unmarshal(resp.Body, &r) // without it the status alone speaks
	}
	return r
}

// Refusals that end when an administrator gives the bot its place, or its rights, back.
var (
	outside = []string{"bot was kicked", "bot is not a member"}
	rights  = []string{"not enough rights", "have no rights", "need administrator rights", "chat_write_forbidden", "chat_admin_required"}
)

// faulty says which field a refusal is about and what to do, by Telegram's own words.
var faulty = []struct{ words, field, hint string }{
	{"chat not found", "", "Add the bot to the channel or group again."},
	{"too long", "text", "Shorten the text."},
	{"text is empty", "text", "Write a text."},
	{"thread not found", "settings.topic", "Choose a topic that exists."},
	{"topic_closed", "settings.topic", "Open the topic again, or choose another."},
	{"to be replied not found", "", "What it answers is gone."},
	{"replied message not found", "", "What it answers is gone."},
	{"button", "settings.buttons", "Check the buttons' addresses."},
	{"poll", "poll", "Check the poll."},
	{"quiz", "poll", "Check the quiz."},
	{"photo", "media", "Use another picture, or send it as a file."},
	{"image", "media", "Use another picture, or send it as a file."},
	{"file", "media", "Use another file."},
	{"media", "media", "Use another file."},
	{"bot was blocked", "", "The person has blocked the bot."},
}

// explain gives Telegram's refusals their meaning and their next step.
func explain(method string, resp *safehttp.Response, err error) error {
	if err == nil || resp == nil || resp.Status < 300 {
		return err
	}
	f := *fault.As(err)
	if f.Kind == fault.Unknown && resp.Status < 500 && resp.Status != http.StatusRequestTimeout {
		return err // the refusal itself could not be read whole
	}
	r := told(resp)
	words := strings.ToLower(r.Description)
	says := func(list ...string) bool {
		for _, w := range list {
			if strings.Contains(words, w) {
				return true
			}
		}
		return false
	}
	switch resp.Status {
	case http.StatusUnauthorized, http.StatusNotFound: // a token that never was answers 404
		f.Kind, f.Message, f.Hint = fault.Unauthorised, "Telegram no longer accepts the bot's token", "Reconnect the channel with the token @BotFather shows now."
	case http.StatusTooManyRequests:
		f.Message = "Telegram allows the bot no more messages for now"
		if r.Parameters.RetryAfter > 0 {
			f.RetryAt = resp.At.UTC().Add(time.Duration(min(r.Parameters.RetryAfter, 86400)) * time.Second)
		}
	case http.StatusConflict:
		f.Kind, f.Message = fault.Later, "another program is reading this bot's messages"
		if says("webhook") {
			f.Kind = fault.Rejected
		}
		f.Hint = "Let no other program use this bot, or make a bot for Bellwether alone."
	case http.StatusRequestEntityTooLarge:
		f.Field, f.Code, f.Hint = "media", "media_too_large", "Use a smaller file."
	case http.StatusBadRequest, http.StatusForbidden:
		if says(rights...) {
			f.Hint = "Make the bot an administrator again, with the right to do this."
		}
		if says(outside...) || says(rights...) && strings.HasPrefix(method, "send") { // a right to pin or delete may lack while posting goes on
			f.Kind, f.Hint = fault.Unauthorised, "Make the bot an administrator of the channel or group again, with the right to post."
			break
		}
		for _, known := range faulty {
			if says(known.words) {
				f.Field, f.Hint = known.field, known.hint
				break
			}
		}
	}
	return &f
}

func extension(mime string) string {
	known := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "video/mp4": ".mp4", "video/quicktime": ".mov",
		"video/webm": ".webm", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "audio/wav": ".wav", "application/pdf": ".pdf"}
	return known[mime]
}
