package telegram

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// message is a message as Telegram shows it.
type message struct {
	ID         int64     `json:"message_id"`
	Thread     int64     `json:"message_thread_id"`
	From       *user     `json:"from"`
	SenderChat *chatInfo `json:"sender_chat"`
	Date       int64     `json:"date"` // seconds of the epoch
	Edited     int64     `json:"edit_date"`
	Chat       chatInfo  `json:"chat"`
	Origin     *struct {
		Type    string   `json:"type"`
		Date    int64    `json:"date"`
		Chat    chatInfo `json:"chat"`
		Message int64    `json:"message_id"`
	} `json:"forward_origin"`
	InTopic bool     `json:"is_topic_message"`
	Copy    bool     `json:"is_automatic_forward"` // of a channel's post, in its discussion group
	ReplyTo *message `json:"reply_to_message"`
	Album   string   `json:"media_group_id"`
	Text    string   `json:"text"`
	Caption string   `json:"caption"`
	Poll    *struct {
		Question string `json:"question"`
	} `json:"poll"`
	Photo     []any `json:"photo"`
	Video     any   `json:"video"`
	Animation any   `json:"animation"`
	Audio     any   `json:"audio"`
	Voice     any   `json:"voice"`
	Document  any   `json:"document"`
	Sticker   *struct {
		Emoji string `json:"emoji"`
	} `json:"sticker"`
	Note     any `json:"video_note"`
	Location any `json:"location"`
	Venue    *struct {
		Title   string `json:"title"`
		Address string `json:"address"`
	} `json:"venue"`
}

type user struct {
	ID       int64  `json:"id"`
	Bot      bool   `json:"is_bot"`
	First    string `json:"first_name"`
	Last     string `json:"last_name"`
	Username string `json:"username"`
}

// words are what the message says; what it holds besides stands in brackets where it says nothing.
func (m message) words() string {
	switch held := m.kind(); {
	case m.Text != "":
		return m.Text
	case m.Caption != "":
		return m.Caption
	case m.Poll != nil:
		return m.Poll.Question
	case m.Venue != nil:
		return m.Venue.Title + "\n" + m.Venue.Address
	case m.Sticker != nil:
		return strings.TrimSpace(m.Sticker.Emoji + " [sticker]")
	case held != "":
		return "[" + held + "]"
	}
	return ""
}

// kind names what the message holds besides words.
func (m message) kind() string {
	switch {
	case len(m.Photo) > 0:
		return "photo"
	case m.Video != nil || m.Note != nil:
		return "video"
	case m.Animation != nil: // comes with a document for old programs
		return asAnimation
	case m.Audio != nil:
		return "audio"
	case m.Voice != nil:
		return asVoice
	case m.Document != nil:
		return asDocument
	case m.Venue != nil:
		return "venue"
	case m.Location != nil:
		return "location"
	}
	return ""
}

func (m message) at() time.Time { return time.Unix(m.Date, 0).UTC() }

// ref names a message of any chat.
func ref(chat, message int64) string {
	return strconv.FormatInt(chat, 10) + ":" + strconv.FormatInt(message, 10)
}

// deref is ref taken apart; zeros are no message.
func deref(id string) (chat, message int64) {
	c, m, _ := strings.Cut(id, ":")
	chat, _ = strconv.ParseInt(c, 10, 64)
	message, _ = strconv.ParseInt(m, 10, 64)
	return chat, message
}

func (m message) remote() network.Remote {
	r := network.Remote{ID: ref(m.Chat.ID, m.ID), URL: m.Chat.link(m.ID), Data: map[string]string{}}
	if m.From != nil {
		r.Data["author"] = strconv.FormatInt(m.From.ID, 10)
	}
	return r
}

// person is who wrote: somebody, or a channel or group in whose name somebody wrote.
func (m message) person() network.Person {
	switch {
	case m.SenderChat != nil:
		c := *m.SenderChat
		return network.Person{ID: strconv.FormatInt(c.ID, 10), Handle: cmp.Or(c.Username, c.Title), Name: c.Title, URL: c.link(0)}
	case m.From != nil:
		return m.From.person()
	}
	return network.Person{}
}

func (u user) person() network.Person {
	p := network.Person{ID: strconv.FormatInt(u.ID, 10), Name: strings.TrimSpace(u.First + " " + u.Last)}
	p.Handle = cmp.Or(u.Username, cmp.Or(p.Name, p.ID))
	if u.Username != "" {
		p.URL = "https://t.me/" + u.Username
	}
	return p
}
