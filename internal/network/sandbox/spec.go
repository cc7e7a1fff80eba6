package sandbox

import (
	"context"
	"strings"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Sandbox is the world as a network.
type Sandbox struct{ world *World }

// New returns the network of a world.
func New(w *World) *Sandbox { return &Sandbox{w} }

var allowed = network.Limits{Characters: 500, Media: 4, ImageBytes: 8 << 20, VideoBytes: 100 << 20, AltCharacters: 1500,
	PollOptions: 4, PollOptionChars: 50, PollMinSeconds: 300, PollMaxSeconds: 2629746}

const everyone = "public"

// Spec describes the sandbox.
func (*Sandbox) Spec() network.Spec {
	return network.Spec{
		Key: "sandbox", Name: "Sandbox", Test: true, Summary: "A network inside Bellwether with a simulated public. It reaches nobody.",
		Limits: allowed, Unit: "characters as people see them", Threads: true, Polls: true, FirstComment: true, MaxVideos: 1,
		ImageMIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"}, VideoMIME: []string{"video/mp4"},
		Settings: []network.Setting{{Key: "audience", Label: "Who sees it", Kind: network.Choice, Default: everyone, Hint: "Followers only reaches fewer people.",
			Options: []network.Option{{Value: everyone, Label: "Everyone"}, {Value: "followers", Label: "Followers"}}}},
		SignIn: network.SignIn{
			Fields: []network.Field{{Key: "handle", Label: "Account", Hint: "The handle of a sandbox account; a new one is made when there is none.", Placeholder: "demo", Required: true, Default: "demo"}},
			Help:   "Nothing leaves this installation. The public likes, answers, follows links and buys by chance.",
		},
		Metrics: []network.MetricName{{ID: "M-IMPR", NetworkName: "views"}, {ID: "M-REACH", NetworkName: "viewers"}, {ID: "M-LIKE", NetworkName: "likes"}, {ID: "M-COMM", NetworkName: "replies"},
			{ID: "M-SHARE", NetworkName: "shares"}, {ID: "M-SAVE", NetworkName: "saves"}, {ID: "M-FOLL", NetworkName: "followers"},
			{ID: "M-FOLLGAIN", NetworkName: "follows", Note: "a guess from the reach"}, {ID: "M-VVIEW", NetworkName: "video views"}, {ID: "M-VTIME", NetworkName: "watch time"}, {ID: "M-VAVG", NetworkName: "average watch time"},
			{ID: "M-VDONE", NetworkName: "watched to the end"}, {ID: "M-VRET", NetworkName: "retention"}, {ID: "M-STFWD", NetworkName: "taps forward", Note: "stories"}, {ID: "M-STBACK", NetworkName: "taps back", Note: "stories"},
			{ID: "M-STEX", NetworkName: "exits", Note: "stories"}, {ID: "M-STREP", NetworkName: "story replies"}},
		Audience: publicOf,
		Windows:  []network.Window{{Words: "Answers are possible at any time."}, {Kind: network.Comment, Private: true, For: privateFor, Words: "A private answer to a comment: one, within 7 days."}},
		History:  []network.Depth{{Kind: network.Comment, Words: "everything"}, {Kind: network.Mention, Words: "everything"}, {Kind: network.Direct, Words: "everything"}},
		Cannot:   []network.Cannot{{What: "Reach real people", Why: "The public is simulated.", Instead: "Connect a channel of a real network in a workspace without test mode."}},
		Proof:    "Every call carries a key; a repeated call changes nothing, and a key can be looked up.",
	}
}

// SignIn connects an account of the world.
func (s *Sandbox) SignIn(_ context.Context, _ *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	handle := strings.ToLower(strings.Trim(strings.TrimSpace(fields["handle"]), "@"))
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-' && r != '_'
	}
	if handle == "" || len(handle) > 40 || strings.ContainsFunc(handle, odd) {
		return network.Grant{}, nil, fault.Invalidf("handle", "a handle has 1 to 40 letters, digits, points and hyphens")
	}
	a := s.world.AddAccount(handle, name(handle), 200)
	return network.Grant{Values: map[string]string{"account": a.ID}}, []network.Account{account(a)}, nil
}

// name makes a name of a handle.
func name(handle string) string {
	words := strings.FieldsFunc(handle, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	for i, w := range words {
		letters := []rune(w)
		letters[0] = unicode.ToUpper(letters[0])
		words[i] = string(letters)
	}
	if len(words) == 0 {
		return handle
	}
	return strings.Join(words, " ")
}

const home = "https://sandbox.example"

func account(a Account) network.Account {
	return network.Account{ID: a.ID, Handle: a.Handle, Name: a.Name, URL: home + "/@" + a.Handle, Server: home, Followers: a.Followers, Limits: allowed}
}

func address(handle, itemID string) string { return home + "/@" + handle + "/" + itemID }

// Check reads the account anew.
func (s *Sandbox) Check(_ context.Context, session network.Session) (network.Account, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return session.Account, err
	}
	return account(*s.world.s.Accounts[session.Account.ID]), nil
}
