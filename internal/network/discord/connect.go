package discord

import (
	"cmp"
	"context"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

var (
	tokens   = regexp.MustCompile(`^[A-Za-z0-9_.-]{20,200}$`)
	numbers  = regexp.MustCompile(`^\d{5,20}$`)
	webhooks = regexp.MustCompile(`^/api/(?:v\d+/)?webhooks/(\d{5,20})/([A-Za-z0-9_-]{20,200})/?$`)
	hosts    = []string{"discord.com", "canary.discord.com", "ptb.discord.com", "discordapp.com"}
)

// Channel types that messages can be sent to.
const (
	typeText     = 0
	typeNews     = 5
	typeForum    = 15
	typeMedia    = 16
	threadOfNews = 10
	threadPublic = 11
	threadClosed = 12
)

// channel is a channel or a thread as Discord shows it.
type channel struct {
	ID         string      `json:"id"`
	Type       int         `json:"type"`
	Guild      string      `json:"guild_id"`
	Name       string      `json:"name"`
	Parent     string      `json:"parent_id"`
	Owner      string      `json:"owner_id"`
	Last       string      `json:"last_message_id"`
	Messages   *int64      `json:"message_count"`
	Overwrites []overwrite `json:"permission_overwrites"`
	Tags       []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"available_tags"`
	Meta struct {
		Created string `json:"create_timestamp"`
	} `json:"thread_metadata"`
}

func (c channel) tags() (out []network.Option) {
	for _, t := range c.Tags {
		out = append(out, network.Option{Value: t.ID, Label: t.Name})
	}
	return out
}

type guild struct {
	Name    string `json:"name"`
	Owner   string `json:"owner_id"`
	Tier    int    `json:"premium_tier"`
	Members *int64 `json:"approximate_member_count"`
	Roles   []struct {
		ID          string `json:"id"`
		Permissions string `json:"permissions"`
	} `json:"roles"`
}

// limits are the fallback with the file size of the server's boosts.
func (g guild) limits() network.Limits {
	l := fallback
	switch g.Tier {
	case 2:
		l.ImageBytes, l.VideoBytes = 50<<20, 50<<20
	case 3:
		l.ImageBytes, l.VideoBytes = 100<<20, 100<<20
	}
	return l
}

// SignIn proves the bot's token and that it may publish and read in every channel that was named.
func (n Discord) SignIn(ctx context.Context, http *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	token, err := tokenOf(fields["token"])
	if err != nil {
		return network.Grant{}, nil, err
	}
	c := client{http: http, base: base(n.at), bot: token}
	var accounts []network.Account
	for _, typed := range strings.FieldsFunc(fields["channels"], func(r rune) bool { return strings.ContainsRune(", ;\n\t", r) }) {
		id := lastNumber(typed)
		if id == "" {
			return network.Grant{}, nil, fault.Invalidf("channels", "%q is neither the link nor the number of a channel", typed).WithHint("Right-click the channel in Discord and copy its link.")
		}
		if slices.ContainsFunc(accounts, func(a network.Account) bool { return a.ID == id }) {
			continue
		}
		a, err := c.describe(ctx, id)
		if err != nil {
			return network.Grant{}, nil, connecting(err, "channels")
		}
		accounts = append(accounts, a)
	}
	if len(accounts) == 0 {
		return network.Grant{}, nil, fault.Invalidf("channels", "name at least one channel")
	}
	return network.Grant{Values: map[string]string{"token": token}}, accounts, nil
}

func tokenOf(typed string) (string, error) {
	token := strings.TrimPrefix(strings.TrimSpace(typed), "Bot ")
	if !tokens.MatchString(token) {
		return "", fault.Invalidf("token", "this is not a bot token").WithHint("Copy it whole from the developer portal: your application, Bot, Reset Token.")
	}
	return token, nil
}

// lastNumber reads a number, or the last one of a link: of a channel, a thread, or a message.
func lastNumber(typed string) string {
	typed, _, _ = strings.Cut(strings.TrimSuffix(strings.TrimSpace(typed), "/"), "?")
	last := typed[strings.LastIndex(typed, "/")+1:]
	if !numbers.MatchString(last) {
		return ""
	}
	return last
}

func connecting(err error, field string) error {
	f := *fault.As(err)
	switch {
	case f.Code == "http_401":
		f.Kind, f.Field, f.Hint = fault.Rejected, "token", "Copy the token from the developer portal again."
	case f.Kind == fault.Unauthorised, f.Kind == fault.NotFound:
		f.Kind, f.Field = fault.Rejected, field
	case f.Kind == fault.Rejected:
		f.Field = cmp.Or(f.Field, field)
	}
	return &f
}

// Check reads the channel anew, and that the bot may still publish and read in it.
func (n Discord) Check(ctx context.Context, s network.Session) (network.Account, error) {
	return clientOf(n.at, s).describe(ctx, s.Account.ID)
}

// describe reads a channel, its server, and the bot's rights.
func (c client) describe(ctx context.Context, id string) (network.Account, error) {
	var me struct {
		ID       string `json:"id"`
		Username string `json:"username"`
	}
	if err := c.get(ctx, "/users/@me", nil, &me); err != nil {
		return network.Account{}, err
	}
	var ch channel
	if err := c.get(ctx, "/channels/"+id, nil, &ch); err != nil {
		return network.Account{}, err
	}
	if ch.Guild == "" || !slices.Contains([]int{typeText, typeNews, typeForum, typeMedia, threadOfNews, threadPublic, threadClosed}, ch.Type) {
		return network.Account{}, fault.Rejectedf("%s is no text channel, announcement channel, forum or thread", cmp.Or(ch.Name, "this"))
	}
	g, err := c.guild(ctx, ch.Guild)
	if err != nil {
		return network.Account{}, err
	}
	var member struct {
		Roles []string `json:"roles"`
	}
	if err := c.get(ctx, "/guilds/"+ch.Guild+"/members/"+me.ID, nil, &member); err != nil {
		return network.Account{}, err
	}
	ruled := ch
	if ch.Type >= threadOfNews && ch.Type <= threadClosed { // a thread has its channel's rights
		if err := c.get(ctx, "/channels/"+ch.Parent, nil, &ruled); err != nil {
			return network.Account{}, err
		}
	}
	if lacks := lacking(permissions(g, ruled, me.ID, member.Roles), ch.Type); len(lacks) > 0 {
		return network.Account{}, &fault.Error{Kind: fault.Unauthorised, Field: "channels", Message: "in #" + ch.Name + " the bot lacks the right to " + strings.Join(lacks, ", "),
			Hint: "Give the bot's role these rights, in the server or in the channel."}
	}
	a := network.Account{ID: ch.ID, Handle: ch.Name, Name: g.Name + " #" + ch.Name, URL: "https://discord.com/channels/" + ch.Guild + "/" + ch.ID, Limits: g.limits(),
		Extra: map[string]string{"guild": ch.Guild, "channel": ch.ID, "type": strconv.Itoa(ch.Type), "bot": me.ID, "bot_name": me.Username}}
	if tags := ch.tags(); len(tags) > 0 {
		a.Choices = map[string][]network.Option{"tags": tags}
	}
	if g.Members != nil {
		a.Followers = *g.Members
	}
	return a, nil
}

func (c client) guild(ctx context.Context, id string) (g guild, err error) {
	err = c.get(ctx, "/guilds/"+id, url.Values{"with_counts": {"true"}}, &g)
	return g, err
}

// SignIn proves the webhook, and the bot where one is given.
func (n Webhook) SignIn(ctx context.Context, http *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	id, secret, err := n.address(fields["webhook"])
	if err != nil {
		return network.Grant{}, nil, err
	}
	grant := network.Grant{Values: map[string]string{"webhook_id": id, "webhook_token": secret}}
	if strings.TrimSpace(fields["token"]) != "" {
		if grant.Values["token"], err = tokenOf(fields["token"]); err != nil {
			return network.Grant{}, nil, err
		}
	}
	a, err := clientOf(n.at, network.Session{HTTP: http, Grant: grant}).describeHook(ctx)
	if err != nil {
		return network.Grant{}, nil, connecting(err, "webhook")
	}
	return grant, []network.Account{a}, nil
}

// address takes a webhook's URL apart. Only Discord's own hosts are asked.
func (n Webhook) address(typed string) (id, token string, err error) {
	u, parseErr := url.Parse(strings.TrimSpace(typed))
	if parseErr == nil {
		ours := u.Scheme == "https" && slices.Contains(hosts, u.Host)
		played := n.at != "" && strings.HasPrefix(u.String(), strings.TrimSuffix(n.at, "/")+"/")
		if m := webhooks.FindStringSubmatch(u.Path); m != nil && (ours || played) {
			return m[1], m[2], nil
		}
	}
	return "", "", fault.Invalidf("webhook", "this is not the URL of a Discord webhook").WithHint("It begins with https://discord.com/api/webhooks/; copy it in the server's settings under Integrations.")
}

// Check reads the webhook anew.
func (n Webhook) Check(ctx context.Context, s network.Session) (network.Account, error) {
	return clientOf(n.at, s).describeHook(ctx)
}

func (c client) describeHook(ctx context.Context) (network.Account, error) {
	var hook struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Channel string `json:"channel_id"`
		Guild   string `json:"guild_id"`
	}
	alone := c
	alone.bot = ""
	if err := alone.get(ctx, c.hook, nil, &hook); err != nil {
		return network.Account{}, gone(err)
	}
	name := cmp.Or(hook.Name, "Webhook")
	a := network.Account{ID: hook.ID, Handle: name, Name: name, URL: "https://discord.com/channels/" + hook.Guild + "/" + hook.Channel, Limits: fallback,
		Extra: map[string]string{"guild": hook.Guild, "channel": hook.Channel}}
	if c.bot == "" {
		return a, nil
	}
	var ch channel
	if err := c.get(ctx, "/channels/"+hook.Channel, nil, &ch); err != nil {
		return network.Account{}, err
	}
	g, err := c.guild(ctx, hook.Guild)
	if err != nil {
		return network.Account{}, err
	}
	a.Name, a.Limits = g.Name+" #"+ch.Name, g.limits()
	a.Extra["type"], a.Extra["reads"] = strconv.Itoa(ch.Type), "yes"
	if tags := ch.tags(); len(tags) > 0 {
		a.Choices = map[string][]network.Option{"tags": tags}
	}
	return a, nil
}

// gone says that a webhook that is not there will not come back.
func gone(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Hint = fault.Unauthorised, meanings[10015].hint
	return &f
}

func isForum(a network.Account) bool {
	return a.Extra["type"] == strconv.Itoa(typeForum) || a.Extra["type"] == strconv.Itoa(typeMedia)
}

func channelOf(a network.Account) string { return cmp.Or(a.Extra["channel"], a.ID) }

func link(a network.Account, channel, message string) string {
	return "https://discord.com/channels/" + a.Extra["guild"] + "/" + channel + "/" + message
}
