package networktest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Run proves that a network keeps the contract.
func Run(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *World)
	}{
		{"SpecIsHonest", specIsHonest},
		{"PlanIsPure", planIsPure},
		{"TextLimitIsExact", textLimitIsExact},
		{"RulesAreExact", rulesAreExact},
		{"ThreadIsOneChain", threadIsOneChain},
		{"RefusalsHaveTheirKind", refusalsHaveTheirKind},
		{"WaitIsHonoured", waitIsHonoured},
		{"BadTokenIsUnauthorised", badTokenIsUnauthorised},
		{"FailedReadIsLater", failedReadIsLater},
		{"PublishedItemIsReadEditedAndDeletedTwice", lifeOfAnItem},
		{"RemovedItemIsGone", removedItemIsGone},
		{"SamePostTwiceIsTwoPosts", samePostTwiceIsTwoPosts},
		{"PagesHaveNoGapAndNoRepeat", pagesHaveNoGapAndNoRepeat},
		{"ConversationIsAnswered", conversationIsAnswered},
		{"CommentIsModerated", commentIsModerated},
		{"CommentIsAnsweredInPrivate", commentIsAnsweredInPrivate},
		{"HistoryIsReadToItsEnd", historyIsReadToItsEnd},
		{"MissingNumberIsNotZero", missingNumberIsNotZero},
		{"AudienceIsWhatTheSpecSays", audienceIsHonest},
		{"OwnItemsAreListed", ownItemsAreListed},
		{"RenewedGrantWorks", renewedGrantWorks},
		{"CallsOfTheNetworkAreProved", callsAreProved},
		{"PriceIsSaid", priceIsSaid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, h(t))
		})
	}
	if _, publishes := h(t).Network.(network.Publisher); !publishes {
		return // there is no answer to lose
	}
	t.Run("LostAnswers", func(t *testing.T) { t.Parallel(); lostAnswers(t, h) })
	t.Run("LostAnswersInAThread", func(t *testing.T) { t.Parallel(); lostAnswersInAThread(t, h) })
	t.Run("LostUploads", func(t *testing.T) { t.Parallel(); lostUploads(t, h) })
	t.Run("Misfortunes", func(t *testing.T) { t.Parallel(); misfortunes(t, h) })
	t.Run("LostAnswerToAReply", func(t *testing.T) { t.Parallel(); lostAnswerToAReply(t, h) })
}

func specIsHonest(t *testing.T, w *World) {
	s, has := w.Network.Spec(), network.AbilitiesOf(w.Network)
	for what, text := range map[string]string{"key": s.Key, "name": s.Name, "summary": s.Summary, "proof": s.Proof} {
		if text == "" {
			t.Errorf("the spec has no %s", what)
		}
	}
	if strings.ToLower(s.Key) != s.Key || strings.ContainsAny(s.Key, " /") {
		t.Errorf("the key %q does not fit into an address", s.Key)
	}
	if !has[network.CanOAuth] && !has[network.CanPassword] {
		t.Error("nobody can connect an account")
	}
	if has[network.CanPassword] && len(s.SignIn.Fields) == 0 {
		t.Error("connecting by typed values has no field to type into")
	}
	if s.App != nil && (len(s.App.Fields) == 0 || len(s.App.Steps) == 0 || s.App.Portal == "") {
		t.Error("an application is needed, and nobody is told how to register it")
	}
	if s.Polls && !has[network.CanPublish] {
		t.Error("polls without publishing")
	}
	if has[network.CanMeasure] != (len(s.Metrics) > 0) {
		t.Errorf("measures: %t, but the spec names %d metrics", has[network.CanMeasure], len(s.Metrics))
	}
	if told := len(s.Audience.Tells) > 0 || s.Audience.Hours != ""; has[network.CanAudience] != told || told == (s.Audience.None != "") {
		t.Errorf("reads audiences: %t, and the spec names %d breakdowns and the reason %q for none", has[network.CanAudience], len(s.Audience.Tells), s.Audience.None)
	}
	for _, m := range s.Metrics {
		if !strings.HasPrefix(m.ID, "M-") || m.NetworkName == "" {
			t.Errorf("metric %q has no id of the dictionary or no name at the network", m.ID)
		}
	}
	offers := 0
	for _, kind := range network.Kinds {
		acts := network.ActsOf(w.Network, kind)
		offers += len(acts)
		for i, act := range acts {
			if slices.Contains(acts[:i], act) {
				t.Errorf("%s is offered twice for a %s", act, kind)
			}
		}
		for a, back := range map[network.Act]network.Act{network.Hide: network.Unhide, network.Block: network.Unblock, network.Mute: network.Unmute} {
			if slices.Contains(acts, back) && !slices.Contains(acts, a) {
				t.Errorf("for a %s, %s is offered without %s", kind, back, a)
			}
		}
	}
	if has[network.CanAct] && offers == 0 {
		t.Error("acts, but knows no act")
	}
	for _, window := range s.Windows {
		if window.Words == "" || window.For < 0 || window.Longer < 0 || window.Longer > 0 && window.Longer <= window.For || window.For > 0 && window.Kind == "" {
			t.Errorf("the window %+v says nothing, or nothing that can be counted", window)
		}
	}
	if private := slices.ContainsFunc(s.Windows, func(w network.Window) bool { return w.Private }); private != has[network.CanPrivate] {
		t.Errorf("answers in private: %t, but its window is named: %t", has[network.CanPrivate], private)
	}
	for _, d := range s.History {
		if d.Words == "" || !slices.Contains(network.Kinds, d.Kind) {
			t.Errorf("the depth %+v of the history says nothing", d)
		}
	}
	if has[network.CanConverse] != (len(s.History) > 0) {
		t.Errorf("converses: %t, but says of %d kinds how far back it reads", has[network.CanConverse], len(s.History))
	}
	seen := map[string]bool{}
	for _, set := range s.Settings {
		if seen[set.Key] || set.Key == "" || set.Label == "" {
			t.Errorf("setting %q is there twice or has no key or label", set.Key)
		}
		seen[set.Key] = true
		known := slices.ContainsFunc(set.Options, func(o network.Option) bool { return o.Value == set.Default })
		if set.Kind == network.Choice && !set.Live && !known && (set.Default != "" || len(set.Options) == 0) {
			t.Errorf("setting %s: its default %q is not among its choices", set.Key, set.Default)
		}
	}
	if s.Limits.Characters <= 0 && s.Limits.Media <= 0 && has[network.CanPublish] {
		t.Error("the spec has no limits to fall back to")
	}
}

func planIsPure(t *testing.T, w *World) {
	p := w.publisher(t)
	d := w.Draft("The first part", "The second part")
	if !w.Network.Spec().Threads {
		d.Parts = d.Parts[:1]
	}
	if w.Network.Spec().FirstComment && !w.NoComment {
		d.FirstComment = &network.Part{Text: "The comment"}
	}
	steps := w.plan(t, d)
	w.Clock.Advance(1e12)
	again, _ := p.Plan(d, w.Session.Account)
	same := cmpopts.IgnoreFields(network.Media{}, "Open")
	if diff := cmp.Diff(steps, again, same); diff != "" {
		t.Errorf("planning twice differs:\n%s", diff)
	}
	names, keys, public := map[string]bool{}, map[string]bool{}, map[int]int{}
	for _, s := range steps {
		if names[s.Name] || s.Name == "" {
			t.Errorf("step name %q is there twice", s.Name)
		}
		names[s.Name] = true
		if s.Public {
			public[s.Part]++
		}
		if s.Key != "" {
			if keys[s.Key] {
				t.Errorf("key %q is there twice", s.Key)
			}
			keys[s.Key] = true
		}
		if s.Kind == network.Keyed && s.Key == "" {
			t.Errorf("step %s is keyed without a key", s.Name)
		}
		if !slices.Contains([]network.StepKind{network.Repeatable, network.Keyed, network.Findable, network.Once}, s.Kind) {
			t.Errorf("step %s has no kind", s.Name)
		}
		if s.Public && s.Kind == network.Repeatable {
			t.Errorf("step %s makes something public and may be repeated at will", s.Name)
		}
		raw, err := json.Marshal(s)
		var back network.Step
		if err != nil || json.Unmarshal(raw, &back) != nil {
			t.Fatalf("step %s cannot be stored: %v", s.Name, err)
		}
		if diff := cmp.Diff(s, back, same); diff != "" {
			t.Errorf("step %s changes when it is stored:\n%s", s.Name, diff)
		}
	}
	parts := len(d.Parts)
	if d.FirstComment != nil {
		parts++
	}
	for part := range parts {
		if public[part] != 1 {
			t.Errorf("part %d has %d public calls, not one", part, public[part])
		}
	}
	d.Key = "another"
	other, _ := p.Plan(d, w.Session.Account)
	for _, s := range other {
		if s.Key != "" && keys[s.Key] {
			t.Errorf("another delivery has the key of this one: %s", s.Key)
		}
	}
}

// problem finds a problem of level Error with this code ("" = any).
func problem(problems []network.Problem, code string) *network.Problem {
	for i, p := range problems {
		if p.Level == network.Error && (code == "" || p.Code == code) {
			return &problems[i]
		}
	}
	return nil
}

func textLimitIsExact(t *testing.T, w *World) {
	p := w.publisher(t)
	empty := p.Count(w.Draft("a"), 0, w.Session.Account)
	if empty.Limit <= 0 {
		t.Skip("the network has no limit for texts")
	}
	for _, letter := range []string{"a", "é", "👩‍👩‍👧‍👦"} {
		each := p.Count(w.Draft(letter+letter), 0, w.Session.Account).Used - p.Count(w.Draft(letter), 0, w.Session.Account).Used
		if each <= 0 || empty.Limit%each != 0 {
			continue
		}
		for over := -1; over <= 1; over++ {
			d := w.Draft(strings.Repeat(letter, empty.Limit/each+over))
			count := p.Count(d, 0, w.Session.Account)
			if count.Unit != empty.Unit {
				break // a second limit, in another unit, is reached first
			}
			if want := empty.Limit + over*each; count.Used != want || count.Limit != empty.Limit {
				t.Errorf("%q: counted %d of %d, want %d", letter, count.Used, count.Limit, want)
			}
			steps, problems := p.Plan(d, w.Session.Account)
			found := problem(problems, "text_too_long")
			if (found != nil) != (over > 0) || (len(steps) == 0) != (over > 0) {
				t.Errorf("%q, %+d from the limit: %d steps, problems %v", letter, over, len(steps), problems)
			}
			if found != nil && (found.Message == "" || found.Fix == "" || found.Field != "text") {
				t.Errorf("the problem does not say what to do: %+v", *found)
			}
		}
	}
}

func rulesAreExact(t *testing.T, w *World) {
	p := w.publisher(t)
	for _, rule := range w.Rules {
		t.Run(rule.Name, func(t *testing.T) {
			for n := -1; n <= 1; n++ {
				d := rule.Draft(n)
				if d.Key == "" {
					continue // this side of the limit does not exist
				}
				steps, problems := p.Plan(d, w.Session.Account)
				if found := problem(problems, rule.Code); (found != nil) != (n > 0) {
					t.Errorf("%+d from the limit: problems %+v", n, problems)
				}
				if bad := problem(problems, ""); (bad != nil) != (len(steps) == 0) {
					t.Errorf("%+d from the limit: %d steps with problem %+v", n, len(steps), bad)
				}
			}
		})
	}
}
