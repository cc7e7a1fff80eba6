package googlebusiness_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness/googlebusinessfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

const address = "https://bellwether.example/files/photo"

// addressed fills in where Google fetches a step's files, as the journal does.
func addressed(step network.Step) network.Step {
	step.Files = slices.Clone(step.Files)
	for i := range step.Files {
		step.Files[i].Address = address
	}
	return step
}

// carryOut runs steps where nothing misbehaves; answers that say "not yet" are counted.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) (out network.Outcome, pending int) {
	t.Helper()
	done := network.Outcomes{}
	for _, step := range steps {
		for {
			o, err := w.Network.(googlebusiness.Business).Do(t.Context(), w.Session, addressed(step), done)
			if err != nil {
				t.Fatalf("step %s: %v", step.Name, err)
			}
			if done[step.Name] = o; !o.Pending {
				out = o
				break
			}
			pending++
		}
	}
	return out, pending
}

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(googlebusiness.Business).Plan(d, w.Session.Account)
	if len(steps) != 1 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

func draft(w *networktest.World, words string, settings map[string]string, media ...network.Media) network.Draft {
	d := w.Draft(words)
	d.Settings, d.Parts[0].Media = settings, media
	return d
}

// sent is what Google got, as JSON.
func sent(f *googlebusinessfake.Fake, name string) string {
	raw, _ := json.Marshal(f.Sent(name))
	return string(raw)
}

func TestEveryKindReachesGoogle(t *testing.T) {
	when := map[string]string{"event_title": "Spring fair", "start": "2026-03-07T09:30", "end": "2026-03-08"}
	with := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for k, v := range when {
			m[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	const schedule = `"event":{"schedule":{"endDate":{"day":8,"month":3,"year":2026},"startDate":{"day":7,"month":3,"year":2026},"startTime":{"hours":9,"minutes":30}},"title":"Spring fair"}`
	for name, c := range map[string]struct {
		words    string
		settings map[string]string
		media    []network.Media
		want     string
	}{
		"update": {"Open today", nil, nil, `{"languageCode":"en","summary":"Open today","topicType":"STANDARD"}`},
		"update with a picture and a button": {"Look", map[string]string{"button": "LEARN_MORE", "button_url": "https://example.com/a", "language": "de"}, []network.Media{picture()},
			`{"callToAction":{"actionType":"LEARN_MORE","url":"https://example.com/a"},"languageCode":"de","media":[{"mediaFormat":"PHOTO","sourceUrl":"` + address + `"}],"summary":"Look","topicType":"STANDARD"}`},
		"update to call": {"Call us", map[string]string{"button": "CALL", "button_url": "https://example.com"}, nil, `{"callToAction":{"actionType":"CALL"},"languageCode":"en","summary":"Call us","topicType":"STANDARD"}`},
		"event":          {"Come", with("kind", "event"), nil, `{` + schedule + `,"languageCode":"en","summary":"Come","topicType":"EVENT"}`},
		"offer": {"", with("kind", "offer", "coupon", "SPRING", "redeem_url", "https://example.com/r", "terms", "While it lasts", "button", "SHOP"), nil,
			`{` + schedule + `,"languageCode":"en","offer":{"couponCode":"SPRING","redeemOnlineUrl":"https://example.com/r","termsConditions":"While it lasts"},"summary":"","topicType":"OFFER"}`},
		"photo": {"The garden", map[string]string{"kind": "photo", "category": "EXTERIOR"}, []network.Media{picture()},
			`{"description":"The garden","locationAssociation":{"category":"EXTERIOR"},"mediaFormat":"PHOTO","sourceUrl":"` + address + `"}`},
		"cover": {"Unsaid", map[string]string{"kind": "photo", "category": "COVER"}, []network.Media{picture()}, `{"locationAssociation":{"category":"COVER"},"mediaFormat":"PHOTO","sourceUrl":"` + address + `"}`},
		"video": {"", map[string]string{"kind": "photo"}, []network.Media{{Kind: network.Video, MIME: "video/mp4", Width: 1280, Height: 720, Duration: 20 * time.Second}},
			`{"locationAssociation":{"category":"ADDITIONAL"},"mediaFormat":"VIDEO","sourceUrl":"` + address + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, googlebusinessfake.Options{})
			o, _ := carryOut(t, w, plan(t, w, draft(w, c.words, c.settings, c.media...)))
			if got := sent(f, o.RemoteID); got != c.want {
				t.Errorf("sent %s\nwant %s", got, c.want)
			}
			live, err := w.Network.(googlebusiness.Business).Read(t.Context(), w.Session, network.Remote{ID: o.RemoteID})
			if err != nil || !live.Exists || live.MediaCount != len(c.media) || !strings.HasPrefix(live.URL, "https://") {
				t.Errorf("reads back as %+v, %v", live, err)
			}
		})
	}
}

func TestPostCountsOnceGoogleShowsIt(t *testing.T) {
	w, _ := world(t, googlebusinessfake.Options{Polls: 3})
	o, pending := carryOut(t, w, plan(t, w, draft(w, "Looked at", nil)))
	if pending != 4 || !strings.HasPrefix(o.URL, "https://local.google.com/") || o.Pending {
		t.Errorf("%d times pending, %+v", pending, o)
	}
}

func TestPostThatGoogleRejectsHasFailed(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{Polls: 1, Reject: true})
	n, step := w.Network.(googlebusiness.Business), plan(t, w, draft(w, "Bad", nil))[0]
	o, err := n.Do(t.Context(), w.Session, step, nil)
	if err != nil || !o.Pending {
		t.Fatalf("%+v, %v", o, err)
	}
	for _, bad := range []networkfake.Fault{networkfake.Forbidden, networkfake.ErrorBefore, networkfake.HTMLAfter} { // a look is no failure
		f.Faults.Next("read", bad)
		if _, err = n.Do(t.Context(), w.Session, step, network.Outcomes{"post": o}); !fault.Is(err, fault.Later) {
			t.Errorf("%s: %v is %s", bad, err, fault.KindOf(err))
		}
	}
	for range 2 {
		_, err = n.Do(t.Context(), w.Session, step, network.Outcomes{"post": o})
	}
	if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("%v is %s", err, fault.KindOf(err))
	}
	if live, err := n.Read(t.Context(), w.Session, network.Remote{ID: o.RemoteID}); err != nil || live.Exists {
		t.Errorf("a rejected post reads as %+v, %v", live, err)
	}
}

func TestFileWithoutAPublicAddressIsRefused(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	step := plan(t, w, draft(w, "With a picture", nil, picture()))[0]
	_, err := w.Network.(googlebusiness.Business).Do(t.Context(), w.Session, step, nil)
	if e := fault.As(err); !fault.Is(err, fault.Rejected) || e.Field != "media" || !strings.Contains(e.Hint, "BELLWETHER_URL") || f.Calls("create") != 0 {
		t.Errorf("%v after %d calls", err, f.Calls("create"))
	}
}

func TestEditTakesAwayWhatTheDraftNoLongerHas(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	n, m := w.Network.(googlebusiness.Business), picture()
	d := draft(w, "With all", map[string]string{"button": "SHOP", "button_url": "https://example.com"}, m)
	made, _ := carryOut(t, w, plan(t, w, d))
	item := network.Remote{ID: made.RemoteID, Data: made.Data}
	edit := func(item network.Remote) network.Outcome {
		t.Helper()
		steps, problems := n.PlanEdit(item, d, w.Session.Account)
		if len(steps) != 1 {
			t.Fatalf("%+v", problems)
		}
		o, _ := carryOut(t, w, steps)
		return o
	}
	d.Settings, d.Parts[0].Text = nil, "Without a button"
	edit(item)
	if got := sent(f, item.ID); strings.Contains(got, "callToAction") || !strings.Contains(got, "sourceUrl") || !strings.Contains(got, "Without a button") {
		t.Errorf("%s", got)
	}
	d.Parts[0].Media = nil
	after := edit(item)
	if got := sent(f, item.ID); strings.Contains(got, "sourceUrl") || f.Items()[0].Media != 0 {
		t.Errorf("%s", got)
	}
	d.Parts[0].Media = []network.Media{m}
	if edit(network.Remote{ID: item.ID, Data: after.Data}); f.Items()[0].Media != 1 {
		t.Errorf("%s", sent(f, item.ID))
	}
	d.Settings = map[string]string{"kind": "photo"}
	if steps, problems := n.PlanEdit(item, d, w.Session.Account); len(steps) > 0 || problems[0].Code != "kind_stays" {
		t.Errorf("%+v", problems)
	}
	if steps, problems := n.PlanEdit(network.Remote{ID: googlebusinessfake.PlaceName + "/media/1"}, d, w.Session.Account); len(steps) > 0 || problems[0].Code != "photo_stays" {
		t.Errorf("%+v", problems)
	}
	d.Settings = nil
	steps, _ := n.PlanEdit(item, d, w.Session.Account)
	f.Remove(item.ID)
	if _, err := n.Do(t.Context(), w.Session, addressed(steps[0]), nil); !fault.Is(err, fault.Rejected) {
		t.Errorf("editing what is gone: %v", err)
	}
}

func TestLookUpTellsLikePostsApart(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	n := w.Network.(googlebusiness.Business)
	button := map[string]string{"button": "SHOP", "button_url": "https://example.com/?utm_content=1"}
	carryOut(t, w, plan(t, w, draft(w, "The same words", button)))
	w.Clock.Advance(time.Hour)
	at := w.Clock.Now()
	find := func(d network.Draft) (network.Finding, network.Outcome) {
		t.Helper()
		finding, o, err := n.Find(t.Context(), w.Session, plan(t, w, d)[0], nil, at)
		if err != nil {
			t.Fatal(err)
		}
		return finding, o
	}
	for range 120 { // more than a page of others since then
		carryOut(t, w, plan(t, w, draft(w, "Another", nil)))
	}
	if finding, _ := find(draft(w, "The same words", button)); finding != network.NotSeen {
		t.Errorf("an older post is taken for the lost one")
	}
	lost, _ := carryOut(t, w, plan(t, w, draft(w, "The same words", button)))
	for range 120 {
		carryOut(t, w, plan(t, w, draft(w, "Another", nil)))
	}
	if finding, o := find(draft(w, "The same words", button)); finding != network.Found || o.RemoteID != lost.RemoteID {
		t.Errorf("%s %+v", finding, o)
	}
	for name, d := range map[string]network.Draft{"another button": draft(w, "The same words", map[string]string{"button": "SHOP", "button_url": "https://example.com/?utm_content=2"}),
		"no button": draft(w, "The same words", nil), "a picture": draft(w, "The same words", button, picture()),
		"another kind": draft(w, "The same words", map[string]string{"kind": "event", "event_title": "x", "start": "2026-03-07", "end": "2026-03-07"})} {
		if finding, o := find(d); finding != network.NotSeen {
			t.Errorf("%s: taken for %+v", name, o)
		}
	}
	shot, _ := carryOut(t, w, plan(t, w, draft(w, "Garden", map[string]string{"kind": "photo"}, picture())))
	if finding, o := find(draft(w, "Garden", map[string]string{"kind": "photo"}, picture())); finding != network.Found || o.RemoteID != shot.RemoteID {
		t.Errorf("the photo: %s %+v", finding, o)
	}
	if finding, _ := find(draft(w, "Garden", map[string]string{"kind": "photo", "category": "MENU"}, picture())); finding != network.NotSeen {
		t.Error("a photo of another place in the gallery is taken for the lost one")
	}
	if len(f.Violations()) > 0 {
		t.Error(f.Violations())
	}
}

func TestDraftsAreRefusedInPlainWords(t *testing.T) {
	w, _ := world(t, googlebusinessfake.Options{})
	n := w.Network.(googlebusiness.Business)
	odd, gif := picture(), picture()
	odd.MIME = "image/webp"
	gif.Kind, gif.MIME = network.GIF, "image/gif"
	at := func(start, end string) map[string]string {
		return map[string]string{"kind": "event", "event_title": "x", "start": start, "end": end}
	}
	for name, c := range map[string]struct {
		words    string
		settings map[string]string
		media    []network.Media
		change   func(*network.Draft)
		code     string
		level    network.Level
	}{
		"nothing":                {code: "empty"},
		"an unknown kind":        {words: "x", settings: map[string]string{"kind": "alert"}, code: "setting_unknown"},
		"an unknown button":      {words: "x", settings: map[string]string{"button": "VISIT"}, code: "setting_unknown"},
		"a button to nowhere":    {words: "x", settings: map[string]string{"button": "SHOP"}, code: "button_url_missing"},
		"a button to no address": {words: "x", settings: map[string]string{"button": "SHOP", "button_url": "our shop"}, code: "button_url"},
		"an address alone":       {words: "x", settings: map[string]string{"button_url": "https://example.com"}, code: "button_missing", level: network.Warning},
		"an unknown language":    {words: "x", settings: map[string]string{"language": "klingon!"}, code: "language_unknown"},
		"an event without title": {settings: map[string]string{"kind": "event"}, code: "event_title_missing"},
		"an event without time":  {settings: at("", "2026-03-07"), code: "event_time_missing"},
		"an event some day":      {settings: at("soon", "2026-03-07"), code: "event_time"},
		"an offer's bad address": {settings: map[string]string{"kind": "offer", "event_title": "x", "start": "2026-03-07", "end": "2026-03-07", "redeem_url": "here"}, code: "redeem_url"},
		"an offer with a button": {settings: map[string]string{"kind": "offer", "event_title": "x", "start": "2026-03-07", "end": "2026-03-07", "button": "CALL"}, code: "button_ignored", level: network.Warning},
		"a cover with words":     {words: "x", settings: map[string]string{"kind": "photo", "category": "COVER"}, media: []network.Media{picture()}, code: "cover_without_words", level: network.Warning},
		"a telephone number":     {words: "Call 030 1234 5678!", code: "phone_in_text", level: network.Warning},
		"a format not taken":     {words: "x", media: []network.Media{odd}, code: "media_type"},
		"an animation":           {words: "x", media: []network.Media{gif}, code: "media_type"},
		"a poll":                 {words: "x", change: func(d *network.Draft) { d.Parts[0].Poll = &network.Poll{} }, code: "poll_unsupported"},
		"a card":                 {words: "x", change: func(d *network.Draft) { d.Parts[0].Card = &network.Card{} }, code: "card_by_button", level: network.Hint},
		"two parts":              {words: "x", change: func(d *network.Draft) { d.Parts = append(d.Parts, network.Part{Text: "y"}) }, code: "parts_too_many"},
		"a first comment":        {words: "x", change: func(d *network.Draft) { d.FirstComment = &network.Part{Text: "y"} }, code: "comment_unsupported"},
		"no part":                {change: func(d *network.Draft) { d.Parts = nil }, code: "empty"},
	} {
		d := draft(w, c.words, c.settings, c.media...)
		if c.change != nil {
			c.change(&d)
		}
		if c.level == "" {
			c.level = network.Error
		}
		steps, problems := n.Plan(d, w.Session.Account)
		i := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Code == c.code })
		if (len(steps) == 0) != (c.level == network.Error) || i < 0 || problems[i].Level != c.level || problems[i].Message == "" {
			t.Errorf("%s: %d steps, %+v", name, len(steps), problems)
		}
	}
	barred, _ := world(t, googlebusinessfake.Options{NoPosts: true})
	if steps, problems := n.Plan(draft(w, "x", nil), barred.Session.Account); len(steps) > 0 || problems[0].Code != "posts_not_allowed" {
		t.Errorf("%+v", problems)
	}
}

func TestRefusalsOfTheAPIHaveTheirMeaning(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	n, step := w.Network.(googlebusiness.Business), plan(t, w, draft(w, "Refused", nil))[0]
	for _, c := range []struct {
		status              int
		code, field, reason string
		kind                fault.Kind
		ours                string
	}{
		{400, "INVALID_ARGUMENT", "summary", "", fault.Rejected, "text"},
		{400, "INVALID_ARGUMENT", "local_post.call_to_action.url", "", fault.Rejected, "settings.button_url"},
		{400, "INVALID_ARGUMENT", "media[0].source_url", "", fault.Rejected, "media"},
		{400, "INVALID_ARGUMENT", "event.schedule.start_date", "", fault.Rejected, "settings.start"},
		{400, "INVALID_ARGUMENT", "event.title", "", fault.Rejected, "settings.event_title"},
		{400, "INVALID_ARGUMENT", "something_new", "", fault.Rejected, ""},
		{400, "FAILED_PRECONDITION", "", "", fault.Rejected, ""},
		{401, "UNAUTHENTICATED", "", "", fault.Unauthorised, ""},
		{403, "PERMISSION_DENIED", "", "", fault.Rejected, ""},
		{403, "PERMISSION_DENIED", "", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", fault.Unauthorised, ""},
		{403, "PERMISSION_DENIED", "", "SERVICE_DISABLED", fault.Rejected, ""},
		{404, "NOT_FOUND", "", "", fault.Rejected, ""},
		{409, "ALREADY_EXISTS", "", "", fault.Rejected, ""},
		{429, "RESOURCE_EXHAUSTED", "", "", fault.Later, ""},
		{429, "RESOURCE_EXHAUSTED", "", "RATE_LIMIT_EXCEEDED", fault.Rejected, ""}, // of zero: not approved
		{500, "INTERNAL", "", "", fault.Unknown, ""},
		{503, "UNAVAILABLE", "", "", fault.Unknown, ""},
	} {
		f.Refuse("create", c.status, c.code, c.field, c.reason)
		_, err := n.Do(t.Context(), w.Session, step, nil)
		e := fault.As(err)
		if !fault.Is(err, c.kind) || e.Field != c.ours || e.Message == "" || c.kind == fault.Rejected && e.Hint == "" {
			t.Errorf("%d %s %s%s: %v is %s at %q, hint %q", c.status, c.code, c.field, c.reason, err, fault.KindOf(err), e.Field, e.Hint)
		}
	}
	if n := len(f.Items()); n != 0 {
		t.Errorf("%d items are live", n)
	}
	f2 := start(t, googlebusinessfake.Options{Unapproved: true})
	s := w.Session
	if _, err := googlebusiness.New(f2.URL).Check(t.Context(), s); !fault.Is(err, fault.Rejected) || !strings.Contains(err.Error(), "approved") {
		t.Errorf("a project without access: %v", err)
	}
}
