package graph

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Windows of answers, counted from the person's last message or comment.
const (
	standard = 24 * time.Hour
	human    = 7 * 24 * time.Hour // with the tag HUMAN_AGENT, which an app is granted by review
	private  = 7 * 24 * time.Hour // for one private answer to a comment
)

// Windows are how long Pages and Instagram accounts can answer.
func Windows() []network.Window {
	return []network.Window{
		{Words: "Comments can be answered at any time."},
		{Kind: network.Direct, For: standard, Longer: human, Words: "Messages: 24 hours after the person's last one, up to 7 days as an answer by a person (Human Agent)."},
		{Kind: network.Comment, Private: true, For: private, Words: "A private answer to a comment: one, within 7 days."},
	}
}

// Private plans the private answer to a comment: a letter whose recipient is named by the comment.
func Private(r network.Reply) network.Reply {
	r.To = network.Message{Remote: network.Remote{ID: r.To.ID, Data: map[string]string{"comment": r.To.ID}}, Kind: network.Direct, At: r.To.At, From: r.To.From, Text: r.To.Text}
	return r
}

// NotPrivate says that a message takes no private answer.
func NotPrivate(name string) network.Problem {
	return network.Problem{Level: network.Error, Code: "not_private", Field: "text", Message: name + " takes no private answer to this: its author does not allow it, or it was answered in private before.", Fix: "Answer in public."}
}

// Someone is a person as conversations and comments name them.
type Someone struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

// Person describes somebody; Meta does not say who everybody is.
func (s Someone) Person() network.Person {
	return network.Person{ID: s.ID, Handle: cmp.Or(s.Username, s.Name, "unknown"), Name: cmp.Or(s.Name, s.Username, "Somebody")}
}

type conversation struct {
	ID      string `json:"id"`
	Updated Time   `json:"updated_time"`
}

type letter struct {
	ID          string        `json:"id"`
	At          Time          `json:"created_time"`
	From        Someone       `json:"from"`
	To          Page[Someone] `json:"to"`
	Text        string        `json:"message"`
	Attachments Page[struct {
		MIME  string `json:"mime_type"`
		URL   string `json:"file_url"`
		Image struct {
			URL string `json:"url"`
		} `json:"image_data"`
		Video struct {
			URL string `json:"url"`
		} `json:"video_data"`
	}] `json:"attachments"`
}

const letterFields = "id,created_time,from,to,message,attachments"

// Talks reads the direct messages of an owner (a Page, or an Instagram account by its own sign-in) on one platform.
// self are the ids the account writes as.
func (c Client) Talks(ctx context.Context, owner, platform string, self []string, from Place) ([]network.Message, Place, error) {
	q := url.Values{"platform": {platform}, "fields": {"id,updated_time"}}
	list, err := Back(ctx, c, "/"+Escape(owner)+"/conversations", q, from.From(), !from.Begun, func(v conversation) time.Time { return v.Updated.Time })
	if err != nil {
		return nil, from, err
	}
	var all []network.Message
	for _, v := range list {
		if v.Updated.Before(from.From()) {
			continue
		}
		letters, err := Back(ctx, c, "/"+Escape(v.ID)+"/messages", url.Values{"fields": {letterFields}}, from.From(), !from.Begun, func(l letter) time.Time { return l.At.Time })
		if err != nil {
			return nil, from, err
		}
		for _, l := range letters {
			all = append(all, l.message(v.ID, self))
		}
	}
	fresh, next := from.Take(all)
	return fresh, next, nil
}

func (l letter) message(thread string, self []string) network.Message {
	own := slices.Contains(self, l.From.ID)
	other := l.From.ID
	if own && len(l.To.Data) > 0 {
		other = l.To.Data[0].ID
	}
	m := network.Message{Remote: network.Remote{ID: l.ID, Data: map[string]string{"recipient": other, "conversation": thread}}, Kind: network.Direct, Thread: thread,
		From: l.From.Person(), Own: own, Text: l.Text, At: l.At.Time}
	for _, a := range l.Attachments.Data {
		if address := cmp.Or(a.Image.URL, a.Video.URL, a.URL); address != "" {
			m.Media = append(m.Media, network.Attachment{URL: address, MIME: a.MIME})
		}
	}
	return m
}

// Letter is one direct message to send.
type Letter struct {
	Recipient string `json:"recipient,omitempty"` // a person's id with this account, or
	Comment   string `json:"comment,omitempty"`   // the comment that is answered in private
	Thread    string `json:"thread,omitempty"`    // the conversation, where it is known
	Text      string `json:"text,omitempty"`
	Kind      string `json:"kind,omitempty"` // of a file: image, video, audio, file
	Human     bool   `json:"human,omitempty"`
}

// Write plans a letter from a reply and says what is wrong with it. limit is the most of what count counts.
// A message is answered in private by replying to a Direct message whose Data names a "comment" and no "recipient".
func Write(r network.Reply, limit int, count func(string) int) (Letter, []network.Problem) {
	l := Letter{Recipient: r.To.Data["recipient"], Thread: r.To.Data["conversation"], Text: r.Text}
	var problems []network.Problem
	add := func(code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	age := r.At.Sub(r.To.At)
	switch {
	case l.Recipient == "" && r.To.Data["comment"] != "":
		l.Comment = r.To.Data["comment"]
		if age > private {
			add("reply_window", "text", "The comment is "+days(age)+" old; a private answer is possible for 7 days.", "Answer in public.")
		}
	case age > human:
		add("reply_window", "text", "The last message is "+days(age)+" old; an answer is possible for 7 days.", "The person has to write again.")
	case age > standard:
		l.Human = true
		problems = append(problems, network.Problem{Level: network.Hint, Code: "human_agent", Field: "text", Message: "The last message is more than 24 hours old: this answer is sent as one by a person, which Meta's review must have allowed the app."})
	}
	if n := count(r.Text); n > limit {
		add("text_too_long", "text", fmt.Sprintf("The message has %d characters, the limit is %d.", n, limit), fmt.Sprintf("Shorten it by %d.", n-limit))
	}
	switch {
	case len(r.Media) > 1:
		add("media_too_many", "media", fmt.Sprintf("The message has %d files, the limit is 1.", len(r.Media)), "Send them one by one.")
	case len(r.Media) == 1 && r.Text != "":
		add("media_with_text", "media", "A file and a text are two messages.", "Send the text first, then the file.")
	case len(r.Media) == 0 && r.Text == "":
		add("empty", "text", "There is nothing to send yet.", "Write an answer.")
	case len(r.Media) == 1:
		l.Kind = map[network.MediaKind]string{network.Image: "image", network.GIF: "image", network.Video: "video", network.Audio: "audio"}[r.Media[0].Kind]
		l.Kind = cmp.Or(l.Kind, "file")
	}
	return l, problems
}

func days(d time.Duration) string { return strconv.Itoa(int(d.Hours()/24)) + " days" }

// Send sends a letter. address is where Meta fetches its file.
func (c Client) Send(ctx context.Context, owner string, l Letter, address string) (network.Outcome, error) {
	message := map[string]any{"text": l.Text}
	if l.Kind != "" {
		if address == "" {
			return network.Outcome{}, NeedsAddress()
		}
		message = map[string]any{"attachment": map[string]any{"type": l.Kind, "payload": map[string]any{"url": address}}}
	}
	to := map[string]string{"id": l.Recipient}
	if l.Comment != "" {
		to = map[string]string{"comment_id": l.Comment}
	}
	form := url.Values{"recipient": {JSON(to)}, "message": {JSON(message)}, "messaging_type": {"RESPONSE"}}
	if l.Human {
		form.Set("messaging_type", "MESSAGE_TAG")
		form.Set("tag", "HUMAN_AGENT")
	}
	var made struct {
		ID string `json:"message_id"`
	}
	if _, err := c.Create(ctx, "/"+Escape(owner)+"/messages", form, &made); err != nil {
		return network.Outcome{}, err
	}
	if made.ID == "" {
		return network.Outcome{}, NoID()
	}
	return network.Outcome{RemoteID: made.ID}, nil
}

// NeedsAddress says that a file must be fetched and this installation cannot be reached.
func NeedsAddress() error {
	return fault.Rejectedf("Meta fetches this file from here, and this installation has no public address").WithHint("An administrator sets BELLWETHER_URL to an address that is reachable from the internet.")
}

// Sent looks for a letter among what was said since it was sent.
func (c Client) Sent(ctx context.Context, owner, platform string, self []string, l Letter, sent time.Time) (network.Finding, network.Outcome, error) {
	threads := []string{l.Thread}
	var at time.Time
	if l.Thread == "" { // a private answer opens a conversation
		var list Page[conversation]
		resp, err := c.Get(ctx, "/"+Escape(owner)+"/conversations", url.Values{"platform": {platform}, "fields": {"id,updated_time"}, "limit": {"25"}}, &list)
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		at, threads = Since(resp, sent), nil
		for _, v := range list.Data {
			if !v.Updated.Before(at) {
				threads = append(threads, v.ID)
			}
		}
	}
	for _, thread := range threads {
		var list Page[letter]
		resp, err := c.Get(ctx, "/"+Escape(thread)+"/messages", url.Values{"fields": {letterFields}, "limit": {"25"}}, &list)
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		for _, m := range list.Data {
			same := m.Text != "" && text.Normalise(m.Text) == text.Normalise(l.Text) || m.Text == "" && l.Kind != "" && len(m.Attachments.Data) > 0
			if same && slices.Contains(self, m.From.ID) && !m.At.Before(Since(resp, sent)) {
				return network.Found, network.Outcome{RemoteID: m.ID}, nil
			}
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}
