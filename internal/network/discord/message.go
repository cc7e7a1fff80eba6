package discord

import (
	"cmp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// message is a message as Discord shows it.
type message struct {
	ID        string    `json:"id"`
	Channel   string    `json:"channel_id"`
	Type      int       `json:"type"`
	Author    user      `json:"author"`
	Webhook   string    `json:"webhook_id"`
	Content   string    `json:"content"`
	Timestamp time.Time `json:"timestamp"`
	Mentions  []user    `json:"mentions"`
	Files     []struct {
		URL         string `json:"url"`
		Type        string `json:"content_type"`
		Description string `json:"description"`
		Filename    string `json:"filename"`
	} `json:"attachments"`
	Embeds []struct {
		Type        string `json:"type"`
		Title       string `json:"title"`
		Description string `json:"description"`
	} `json:"embeds"`
	Poll *struct {
		Question struct {
			Text string `json:"text"`
		} `json:"question"`
	} `json:"poll"`
	Reference *struct {
		Message string `json:"message_id"`
	} `json:"message_reference"`
	Referenced *message `json:"referenced_message"`
	Reactions  []struct {
		Count int64 `json:"count"`
	} `json:"reactions"`
	Thread *channel `json:"thread"` // started from this message
}

type user struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Name     string `json:"global_name"`
	Avatar   string `json:"avatar"`
	Bot      bool   `json:"bot"`
}

func (u user) person() network.Person {
	p := network.Person{ID: u.ID, Handle: u.Username, Name: cmp.Or(u.Name, u.Username), URL: "https://discord.com/users/" + u.ID}
	if u.Avatar != "" {
		p.AvatarURL = "https://cdn.discordapp.com/avatars/" + u.ID + "/" + u.Avatar + ".png"
	}
	return p
}

// said reports whether people wrote it, rather than Discord (somebody joined, a thread was opened).
func (m message) said() bool { return m.Type == 0 || m.Type == 19 }

// replyTo is the message it answers, "" for none. The first message of a thread refers to where the thread began.
func (m message) replyTo() string {
	if m.Reference == nil || m.Type != 19 && m.Referenced == nil {
		return ""
	}
	return m.Reference.Message
}

// words are what the message says.
func (m message) words() string {
	if m.Content == "" && m.Poll != nil {
		return m.Poll.Question.Text
	}
	if m.Content == "" && len(m.Embeds) > 0 {
		return strings.TrimSpace(m.Embeds[0].Title + "\n" + m.Embeds[0].Description)
	}
	return m.Content
}

// readable are the words with names where Discord writes numbers.
func (m message) readable() string {
	words := m.words()
	for _, u := range m.Mentions {
		words = strings.NewReplacer("<@"+u.ID+">", "@"+cmp.Or(u.Name, u.Username), "<@!"+u.ID+">", "@"+cmp.Or(u.Name, u.Username)).Replace(words)
	}
	return words
}

// rich counts embeds that a message brought, not the previews Discord draws.
func (m message) rich() (n int) {
	for _, e := range m.Embeds {
		if e.Type == "rich" || e.Type == "" {
			n++
		}
	}
	return n
}

func (m message) attachments() (out []network.Attachment) {
	for _, f := range m.Files {
		out = append(out, network.Attachment{URL: f.URL, MIME: f.Type, Alt: f.Description})
	}
	return out
}

func (m message) outcome(p payload, a network.Account) network.Outcome {
	o := network.Outcome{RemoteID: m.ID, URL: link(a, m.Channel, m.ID), Data: map[string]string{"channel": m.Channel}}
	if p.Sums != "" {
		o.Data["sums"] = p.Sums
	}
	if m.Poll != nil {
		o.Data["kind"] = "poll"
	}
	if p.Thread != "" {
		o.Data["thread"] = p.Thread
	}
	if p.Call == toForum || p.Call == toWebhook && m.Channel != channelOf(a) && p.Thread == "" { // the thread it opened
		o.Data["kind"], o.Data["thread"] = "forum", m.Channel
	}
	return o
}

func (m message) live(a network.Account) network.Live {
	return network.Live{Remote: network.Remote{ID: m.ID, URL: link(a, m.Channel, m.ID), Data: map[string]string{"channel": m.Channel}}, Exists: true, Text: m.words(), MediaCount: len(m.Files),
		At: m.Timestamp.UTC(), ReplyTo: m.replyTo()}
}
