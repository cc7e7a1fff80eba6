package discord_test

import (
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/discord"
	"github.com/bellwether-social/bellwether/internal/network/discord/discordfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func TestChannelsAreConnectedAsPeopleNameThem(t *testing.T) {
	f := start(t, discordfake.Options{Tier: 2})
	typed := discordfake.Text + ", https://discord.com/channels/" + discordfake.Guild + "/" + discordfake.Forum + "/\n" + discordfake.Text
	grant, accounts, err := discord.New(f.URL).SignIn(t.Context(), networktest.Client(t, nil), map[string]string{"token": "Bot " + discordfake.Token, "channels": typed})
	if err != nil || len(accounts) != 2 || grant.Values["token"] != discordfake.Token {
		t.Fatalf("%+v, %v", accounts, err)
	}
	text, forum := accounts[0], accounts[1]
	if text.ID != discordfake.Text || text.Handle != "general" || text.Name != "The Brand's Server #general" || text.Followers != 321 || text.Limits.ImageBytes != 50<<20 || text.Choices != nil {
		t.Errorf("%+v", text)
	}
	if tags := forum.Choices["tags"]; len(tags) != 2 || tags[0] != (network.Option{Value: discordfake.Tag, Label: "Question"}) {
		t.Errorf("the forum's tags are %+v", tags)
	}
}

func TestWrongSignInNamesItsField(t *testing.T) {
	f := start(t, discordfake.Options{})
	client := networktest.Client(t, nil)
	for name, c := range map[string]struct {
		token, channels, field string
		kind                   fault.Kind
	}{
		"no token":            {"", discordfake.Text, "token", fault.Invalid},
		"a token with a line": {"MTA\nX-Evil: 1", discordfake.Text, "token", fault.Invalid},
		"another's token":     {strings.Repeat("x", 60), discordfake.Text, "token", fault.Rejected},
		"no channel":          {discordfake.Token, " ", "channels", fault.Invalid},
		"a name":              {discordfake.Token, "#general", "channels", fault.Invalid},
		"a channel unseen":    {discordfake.Token, "100000000000000099", "channels", fault.Rejected},
		"a voice channel":     {discordfake.Token, discordfake.Voice, "channels", fault.Rejected},
		"a closed channel":    {discordfake.Token, discordfake.Secret, "channels", fault.Rejected},
	} {
		_, _, err := discord.New(f.URL).SignIn(t.Context(), client, map[string]string{"token": c.token, "channels": c.channels})
		if !fault.Is(err, c.kind) || fault.As(err).Field != c.field {
			t.Errorf("%s: %v is %s at %q", name, err, fault.KindOf(err), fault.As(err).Field)
		}
	}
	_, _, err := discord.New(f.URL).SignIn(t.Context(), client, map[string]string{"token": discordfake.Token, "channels": discordfake.Secret})
	if !strings.Contains(err.Error(), "send messages") || strings.Contains(err.Error(), "embed") {
		t.Errorf("the right that is missing is not named: %v", err)
	}
	for name, typed := range map[string]string{
		"nothing":            "",
		"a word":             "webhook",
		"another host":       "https://discord.com.evil.example/api/webhooks/100000000000000031/" + discordfake.HookToken,
		"a user in front":    "https://discord.com@evil.example/api/webhooks/100000000000000031/" + discordfake.HookToken,
		"plain http":         "http://discord.com/api/webhooks/100000000000000031/" + discordfake.HookToken,
		"a path that climbs": "https://discord.com/api/webhooks/100000000000000031/../../users/@me",
	} {
		_, _, err := discord.NewWebhook(f.URL).SignIn(t.Context(), client, map[string]string{"webhook": typed})
		if !fault.Is(err, fault.Invalid) || fault.As(err).Field != "webhook" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, typed := range map[string]string{"a deleted webhook": f.HookURL("100000000000000038"), "a wrong secret": f.HookURL(discordfake.Hook) + "x"} {
		_, _, err := discord.NewWebhook(f.URL).SignIn(t.Context(), client, map[string]string{"webhook": typed})
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || strings.Contains(err.Error(), discordfake.HookToken) {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
}

func TestWebhookSaysWhatItCanProve(t *testing.T) {
	alone, _ := webhook(t, discordfake.Hook, "")
	helped, _ := webhook(t, discordfake.Hook, discordfake.Token)
	for w, want := range map[*networktest.World]network.StepKind{alone: network.Once, helped: network.Findable} {
		steps, problems := w.Network.(network.Publisher).Plan(w.Draft("Hello"), w.Session.Account)
		if len(steps) != 1 || steps[0].Kind != want {
			t.Errorf("%+v %+v, want %s", steps, problems, want)
		}
	}
	if a := helped.Session.Account; a.Name != "The Brand's Server #general" || alone.Session.Account.Name != "Brand News" || a.ID != discordfake.Hook {
		t.Errorf("%+v", a)
	}
}

func TestLostRightsHoldTheChannel(t *testing.T) {
	w, f := bot(t, discordfake.Text)
	n := discord.New(f.URL)
	steps, _ := n.Plan(w.Draft("Hello"), w.Session.Account)
	f.Deny(discordfake.Text)
	_, err := n.Do(t.Context(), w.Session, steps[0], nil)
	_, checked := n.Check(t.Context(), w.Session)
	if !fault.Is(err, fault.Unauthorised) || !fault.Is(checked, fault.Unauthorised) || fault.As(err).Hint == "" {
		t.Errorf("publishing: %v; checking: %v", err, checked)
	}
	f.Drop(discordfake.News)
	w.Session.Account.ID, w.Session.Account.Extra["channel"] = discordfake.News, discordfake.News
	if _, err := n.Check(t.Context(), w.Session); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("a channel that is gone: %v", err)
	}
}
