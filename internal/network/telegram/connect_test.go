package telegram_test

import (
	"strconv"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/telegram"
	"github.com/bellwether-social/bellwether/internal/network/telegram/telegramfake"
)

func TestChatsAreConnectedAsPeopleNameThem(t *testing.T) {
	f := start(t, telegramfake.Options{})
	client := networktest.Client(t, nil)
	for typed, want := range map[string][]string{
		"@brand_channel":              {"-1001000000001"},
		"https://t.me/brand_channel/": {"-1001000000001"},
		"brand_group":                 {"-1001000000004"},
		"-1001000000003":              {"-1001000000003"},
		"@brand_channel, -1001000000003\n@brand_group; @brand_channel": {"-1001000000001", "-1001000000003", "-1001000000004"},
	} {
		grant, accounts, err := telegram.New(f.URL).SignIn(t.Context(), client, map[string]string{"token": " " + telegramfake.Token + "\n", "chats": typed})
		if err != nil || len(accounts) != len(want) || grant.Values["token"] != telegramfake.Token {
			t.Errorf("%q: %+v, %v", typed, accounts, err)
			continue
		}
		for i, a := range accounts {
			if a.ID != want[i] || a.Name == "" || a.Handle == "" || a.Followers == 0 || (a.Extra["direct"] == "yes") != (i == 0) {
				t.Errorf("%q: account %d is %+v", typed, i, a)
			}
		}
	}
}

func TestAccountSaysWhatTheBotHears(t *testing.T) {
	for chat, want := range map[int64]struct{ url, discussion string }{
		telegramfake.Channel: {"https://t.me/brand_channel", strconv.FormatInt(telegramfake.Discussion, 10)},
		telegramfake.Quiet:   {"https://t.me/c/1000000003", ""},
		telegramfake.Group:   {"https://t.me/brand_group", ""},
		telegramfake.Basic:   {"", ""},
	} {
		w, _ := world(t, chat, telegramfake.Options{})
		if a := w.Session.Account; a.URL != want.url || a.Extra["discussion"] != want.discussion {
			t.Errorf("%d: %+v", chat, a)
		}
	}
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	f.Kick(telegramfake.Discussion)
	a, err := telegram.New(f.URL).Check(t.Context(), w.Session)
	if err != nil || a.Extra["discussion"] != "" || a.Extra["direct"] != "yes" {
		t.Errorf("without a place in the discussion group: %+v, %v", a, err)
	}
	w.Session.Account = a
	if steps, _ := telegram.New(f.URL).Plan(w.Draft("Hello"), a); steps[0].Kind != network.Once {
		t.Errorf("a post that nothing proves is %s", steps[0].Kind)
	}
}

func TestWrongSignInNamesItsField(t *testing.T) {
	f := start(t, telegramfake.Options{})
	good := func() map[string]string {
		return map[string]string{"token": telegramfake.Token, "chats": "@brand_channel"}
	}
	for name, c := range map[string]struct {
		key, value, field string
		kind              fault.Kind
	}{
		"no token":               {"token", "", "token", fault.Invalid},
		"half a token":           {"token", "123456789:", "token", fault.Invalid},
		"a token with a path":    {"token", telegramfake.Token + "/../x", "token", fault.Invalid},
		"another's token":        {"token", "987654321:AAOtherOtherOtherOtherOther", "token", fault.Rejected},
		"no chat":                {"chats", " , ", "chats", fault.Invalid},
		"an invite link":         {"chats", "https://t.me/+AbCdEf", "chats", fault.Invalid},
		"a chat that is not":     {"chats", "@nobody_here", "chats", fault.Rejected},
		"a chat without the bot": {"chats", "@foreign_channel", "chats", fault.Rejected},
		"a person":               {"chats", "501", "chats", fault.Rejected},
		"a server inside":        {"server", "ftp://bots.example", "server", fault.Invalid},
	} {
		fields := good()
		fields[c.key] = c.value
		_, _, err := telegram.New(f.URL).SignIn(t.Context(), networktest.Client(t, nil), fields)
		if !fault.Is(err, c.kind) || fault.As(err).Field != c.field {
			t.Errorf("%s: %v is %s at %q", name, err, fault.KindOf(err), fault.As(err).Field)
		}
	}
}

func TestOwnServerTakesLargerFiles(t *testing.T) {
	f := start(t, telegramfake.Options{})
	n := telegram.New("http://127.0.0.1:1") // not asked
	grant, accounts, err := n.SignIn(t.Context(), networktest.Client(t, nil), map[string]string{"token": telegramfake.Token, "chats": "@brand_channel", "server": f.URL + "/"})
	if err != nil || accounts[0].Server != f.URL || accounts[0].Limits.VideoBytes != 2000<<20 {
		t.Fatalf("%+v, %v", accounts, err)
	}
	s := network.Session{Account: accounts[0], Grant: grant, HTTP: networktest.Client(t, nil)}
	if a, err := n.Check(t.Context(), s); err != nil || a.Server != f.URL || a.Limits.VideoBytes != 2000<<20 {
		t.Errorf("checked: %+v, %v", a, err)
	}
}

func TestBotThatLostItsPlaceWaitsForAnAdministrator(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	n := telegram.New(f.URL)
	steps, _ := n.Plan(w.Draft("Hello"), w.Session.Account)
	f.Kick(telegramfake.Channel)
	_, err := n.Do(t.Context(), w.Session, steps[0], nil)
	_, checked := n.Check(t.Context(), w.Session)
	if !fault.Is(err, fault.Unauthorised) || !fault.Is(checked, fault.Unauthorised) || fault.As(err).Hint == "" {
		t.Errorf("posting: %v; checking: %v", err, checked)
	}
	f.Admit(telegramfake.Channel)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); err != nil {
		t.Errorf("with its place back: %v", err)
	}
}

func TestGroupThatBecameASupergroupIsFollowed(t *testing.T) {
	w, f := world(t, telegramfake.Basic, telegramfake.Options{})
	n := telegram.New(f.URL)
	f.Upgrade()
	steps, _ := n.Plan(w.Draft("Still here"), w.Session.Account)
	o, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil || o.RemoteID != "-1001000000005:95" || len(f.Items()) != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	a, err := n.Check(t.Context(), w.Session)
	if err != nil || a.ID != w.Session.Account.ID || a.Extra["chat"] != "-1001000000005" {
		t.Fatalf("the account is %+v, %v", a, err)
	}
	before := f.Calls("sendMessage")
	steps, _ = n.Plan(w.Draft("And now directly"), a)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); err != nil || f.Calls("sendMessage") != before+1 {
		t.Errorf("%d calls, %v", f.Calls("sendMessage")-before, err)
	}
}
