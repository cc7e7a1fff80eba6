package telegram

import (
	"cmp"
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

var (
	tokens = regexp.MustCompile(`^\d{3,20}:[A-Za-z0-9_-]{20,100}$`)
	names  = regexp.MustCompile(`^[A-Za-z]\w{3,31}$`)
)

// SignIn proves the token and that the bot may publish in every chat that was named.
func (n Telegram) SignIn(ctx context.Context, client *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	token := strings.TrimSpace(fields["token"])
	if !tokens.MatchString(token) {
		return network.Grant{}, nil, fault.Invalidf("token", "this is not a bot token").WithHint("Copy it whole from @BotFather: a number, a colon, and letters.")
	}
	b := bot{http: client, base: cmp.Or(strings.TrimSuffix(n.at, "/"), own), token: token}
	server := ""
	if typed := strings.TrimSuffix(strings.TrimSpace(fields["server"]), "/"); typed != "" && typed != own {
		u, err := client.CheckURL(typed)
		if err != nil {
			f := *fault.As(err)
			f.Field, f.Hint = "server", "Type the address of your Bot API server, such as https://bots.example.com."
			return network.Grant{}, nil, &f
		}
		server = strings.TrimSuffix(u.Scheme+"://"+u.Host+u.Path, "/")
		b.base = server
	}
	var accounts []network.Account
	seen := map[string]bool{}
	for _, typed := range strings.FieldsFunc(fields["chats"], func(r rune) bool { return strings.ContainsRune(", ;\n\t", r) }) {
		chat, err := chatOf(typed)
		if err != nil {
			return network.Grant{}, nil, err
		}
		a, err := b.describe(ctx, chat)
		if err != nil {
			return network.Grant{}, nil, connecting(err, typed)
		}
		if seen[a.ID] {
			continue
		}
		seen[a.ID] = true
		a.Server = server
		if server != "" {
			a.Limits.VideoBytes = localBytes
		}
		if len(accounts) == 0 {
			a.Extra["direct"] = "yes"
		}
		accounts = append(accounts, a)
	}
	if len(accounts) == 0 {
		return network.Grant{}, nil, fault.Invalidf("chats", "name at least one channel or group")
	}
	return network.Grant{Values: map[string]string{"token": token}}, accounts, nil
}

// chatOf reads what people type: a name, an address, or a number.
func chatOf(typed string) (any, error) {
	name := strings.TrimPrefix(strings.TrimPrefix(typed, "https://"), "http://")
	name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(name, "/"), "t.me/"), "@")
	if n, err := strconv.ParseInt(name, 10, 64); err == nil && n != 0 {
		return n, nil
	}
	if names.MatchString(name) {
		return "@" + name, nil
	}
	return nil, fault.Invalidf("chats", "%q is neither the @name nor the number of a channel or group", typed).WithHint("Invite links name nobody: add the bot and use the @name or the number.")
}

func connecting(err error, chat string) error {
	f := *fault.As(err)
	switch f.Kind {
	case fault.Unauthorised:
		f.Kind = fault.Rejected
		if f.Field = "chats"; f.Code == "http_401" || f.Code == "http_404" {
			f.Field, f.Hint = "token", "Copy the token from @BotFather again."
		}
	case fault.Rejected:
		f.Field, f.Message = "chats", "Telegram shows the bot no channel or group "+chat
		f.Hint = "Add the bot to it first, as an administrator who may post."
	}
	return &f
}

// Check reads the chat anew, and that the bot may still publish in it.
func (n Telegram) Check(ctx context.Context, s network.Session) (network.Account, error) {
	a, err := n.bot(s).describe(ctx, chat(s.Account))
	if err != nil {
		return network.Account{}, err
	}
	a.Extra["direct"] = s.Account.Extra["direct"]
	a.ID, a.Server, a.Limits = s.Account.ID, s.Account.Server, s.Account.Limits // a supergroup keeps the id it was connected with
	return a, nil
}

// chat is the number of the account's chat today.
func chat(a network.Account) int64 {
	n, _ := strconv.ParseInt(cmp.Or(a.Extra["chat"], a.ID), 10, 64)
	return n
}

func group(a network.Account) int64 {
	n, _ := strconv.ParseInt(a.Extra["discussion"], 10, 64)
	return n
}

func isChannel(a network.Account) bool { return a.Extra["type"] == "channel" }

type member struct {
	Status  string `json:"status"`
	MayPost bool   `json:"can_post_messages"`
	MaySend *bool  `json:"can_send_messages"` // of a restricted member
}

// describe reads a chat and the bot's place in it.
func (b bot) describe(ctx context.Context, id any) (network.Account, error) {
	var me struct {
		ID       int64  `json:"id"`
		Username string `json:"username"`
		All      bool   `json:"can_read_all_group_messages"`
	}
	if _, err := b.ask(ctx, "getMe", map[string]any{}, &me); err != nil {
		return network.Account{}, err
	}
	var c struct {
		chatInfo
		Linked int64 `json:"linked_chat_id"`
	}
	if _, err := b.ask(ctx, "getChat", map[string]any{"chat_id": id}, &c); err != nil {
		return network.Account{}, err
	}
	if c.ID == 0 || c.Type == "private" {
		return network.Account{}, fault.Rejectedf("this is a person, not a channel or group")
	}
	place, err := b.place(ctx, c.ID)
	if err != nil {
		return network.Account{}, err
	}
	if !place.publishes(c.Type) {
		return network.Account{}, &fault.Error{Kind: fault.Unauthorised, Field: "chats", Message: "the bot may not post in " + cmp.Or(c.Title, "the chat"),
			Hint: "Make the bot an administrator of the channel or group, with the right to post."}
	}
	var members int64
	if _, err := b.ask(ctx, "getChatMemberCount", map[string]any{"chat_id": c.ID}, &members); err != nil {
		return network.Account{}, err
	}
	a := network.Account{ID: strconv.FormatInt(c.ID, 10), Handle: cmp.Or(c.Username, c.Title), Name: c.Title, URL: c.link(0), Followers: members, Limits: fallback,
		Extra: map[string]string{"chat": strconv.FormatInt(c.ID, 10), "type": c.Type, "username": c.Username, "bot": me.Username}}
	if c.Type == "channel" && c.Linked != 0 {
		heard, err := b.hears(ctx, c.Linked, me.All)
		if err != nil {
			return network.Account{}, err
		}
		if heard {
			a.Extra["discussion"] = strconv.FormatInt(c.Linked, 10)
		}
	}
	return a, nil
}

func (b bot) place(ctx context.Context, chat int64) (m member, err error) {
	_, err = b.ask(ctx, "getChatMember", map[string]any{"chat_id": chat, "user_id": b.id()}, &m)
	return m, err
}

func (m member) publishes(kind string) bool {
	switch m.Status {
	case "creator":
		return true
	case "administrator":
		return kind != "channel" || m.MayPost
	case "member":
		return kind != "channel"
	case "restricted":
		return kind != "channel" && m.MaySend != nil && *m.MaySend
	}
	return false
}

// hears reports whether the bot is told of everything in a discussion group. A group that Telegram says nothing about is
// one the bot is not in.
func (b bot) hears(ctx context.Context, group int64, all bool) (bool, error) {
	m, err := b.place(ctx, group)
	if fault.Is(err, fault.Later) {
		return false, err
	}
	return err == nil && (m.Status == "administrator" || m.Status == "creator" || all && m.Status == "member"), nil
}

// chatInfo is a chat as Telegram shows it.
type chatInfo struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"`
	Title    string `json:"title"`
	Username string `json:"username"`
}

// link is the address of a message, or of the chat itself for 0. Basic groups have none.
func (c chatInfo) link(message int64) string {
	inside, deep := strings.CutPrefix(strconv.FormatInt(c.ID, 10), "-100")
	at := "https://t.me/" + c.Username
	switch {
	case c.Username == "" && !deep:
		return ""
	case c.Username == "":
		at = "https://t.me/c/" + inside
	}
	if message != 0 {
		at += "/" + strconv.FormatInt(message, 10)
	}
	return at
}
