package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/telegram"
	"github.com/bellwether-social/bellwether/internal/network/telegram/telegramfake"
)

// carryOut runs steps where nothing misbehaves.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) network.Outcomes {
	t.Helper()
	done := network.Outcomes{}
	for _, step := range steps {
		open(&step)
		o, err := w.Network.(network.Publisher).Do(t.Context(), w.Session, step, done)
		if err != nil {
			t.Fatalf("step %s: %v", step.Name, err)
		}
		done[step.Name] = o
	}
	return done
}

func open(step *network.Step) {
	if step.Media != nil {
		step.Media.Open = networktest.Picture("").Open
	}
	for i := range step.Files {
		step.Files[i].Open = networktest.Picture("").Open
	}
}

func publish(t *testing.T, w *networktest.World, d network.Draft) network.Outcomes {
	t.Helper()
	steps, problems := w.Network.(network.Publisher).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return carryOut(t, w, steps)
}

func file(kind network.MediaKind, mime string) network.Media {
	m := networktest.Picture("")
	m.Kind, m.MIME, m.Duration = kind, mime, 7*time.Second
	return m
}

func TestEveryKindOfPostArrivesAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		media []network.Media
		set   map[string]string
		want  string // what the message holds
		kind  string
	}{
		"text":          {"Hello", nil, nil, `"text":"Hello"`, "message"},
		"photo":         {"Red", []network.Media{file(network.Image, "image/png")}, nil, `"photo":`, "photo"},
		"wordless":      {"", []network.Media{file(network.Image, "image/png")}, nil, `"photo":`, "photo"},
		"covered photo": {"Red", []network.Media{file(network.Image, "image/png")}, map[string]string{"spoiler": "on", "caption_above": "on"}, `"has_spoiler":true`, "photo"},
		"video":         {"Moving", []network.Media{file(network.Video, "video/mp4")}, nil, `"video":`, "video"},
		"animation":     {"Ha", []network.Media{file(network.GIF, "image/gif")}, nil, `"animation":`, "animation"},
		"silent video":  {"Ha", []network.Media{file(network.Video, "video/mp4")}, map[string]string{"as": "animation"}, `"animation":`, "animation"},
		"music":         {"Listen", []network.Media{file(network.Audio, "audio/mpeg")}, nil, `"audio":`, "audio"},
		"voice":         {"Listen", []network.Media{file(network.Audio, "audio/ogg")}, map[string]string{"as": "voice"}, `"voice":`, "voice"},
		"document":      {"Read", []network.Media{file(network.Document, "application/pdf")}, nil, `"document":`, "document"},
		"photo as file": {"Red", []network.Media{file(network.Image, "image/png")}, map[string]string{"as": "document"}, `"document":`, "document"},
		"location":      {"", nil, map[string]string{"location": "52.52, 13.405"}, `"latitude":52.52`, "location"},
		"place":         {"The shop\nHigh Street 1\nBerlin", nil, map[string]string{"location": "52.52, 13.405"}, `"address":"High Street 1 Berlin"`, "venue"},
		"buttons":       {"Look", nil, map[string]string{"buttons": "Shop | https://example.com/a\nMore|https://example.com/b"}, `"inline_keyboard":[[{"text":"Shop","url":"https://example.com/a"}],[{"text":"More","url":"https://example.com/b"}]]`, "message"},
		"no preview":    {"https://example.com", nil, map[string]string{"preview": "off"}, `"link_preview_options":{"is_disabled":true}`, "message"},
		"silent":        {"Psst", nil, map[string]string{"silent": "on"}, `"disable_notification":true`, "message"},
		"protected":     {"Mine", nil, map[string]string{"protect": "on"}, `"has_protected_content":true`, "message"},
		"spaces around": {"  Hello \n", nil, nil, `"text":"Hello"`, "message"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, f := world(t, telegramfake.Channel, telegramfake.Options{})
			d := w.Draft(c.text)
			d.Parts[0].Media, d.Settings = c.media, c.set
			o := publish(t, w, d)["post"]
			raw, _ := json.Marshal(f.Sent(o.RemoteID))
			if !strings.Contains(string(raw), c.want) || o.Data["kind"] != c.kind || o.URL != "https://t.me/brand_channel/95" {
				t.Errorf("%+v: %s", o, raw)
			}
			// And the copy in the discussion group proves it.
			steps, _ := telegram.New(f.URL).Plan(d, w.Session.Account)
			found, again, err := telegram.New(f.URL).Find(t.Context(), w.Session, steps[0], nil, w.Clock.Now())
			if found != network.Found || again.RemoteID != o.RemoteID || fmt.Sprint(again.Data) != fmt.Sprint(o.Data) || err != nil {
				t.Errorf("looked up: %s %+v, %v", found, again, err)
			}
		})
	}
}

func TestAlbumIsOnePost(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	d := w.Draft("Three of them")
	d.Settings = map[string]string{"spoiler": "on"}
	d.Parts[0].Media = []network.Media{file(network.Image, "image/png"), file(network.Video, "video/mp4"), file(network.Image, "image/jpeg")}
	steps, _ := telegram.New(f.URL).Plan(d, w.Session.Account)
	o := carryOut(t, w, steps)["post"]
	if items := f.Items(); len(items) != 1 || items[0].Media != 3 || o.Data["ids"] != "95,96,97" || len(steps[0].Files) != 3 || f.Calls("sendMediaGroup") != 1 {
		t.Fatalf("%+v, %+v", items, o)
	}
	if found, again, err := telegram.New(f.URL).Find(t.Context(), w.Session, steps[0], nil, w.Clock.Now()); found != network.Found || again.Data["ids"] != "95,96,97" {
		t.Errorf("looked up: %s %+v, %v", found, again, err)
	}
	if f.Sent("-1001000000001:96")["caption"] != nil || f.Sent("-1001000000001:95")["caption"] != "Three of them" {
		t.Error("the text stands at another picture than the first")
	}
	n := telegram.New(f.URL)
	item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
	d.Parts[0].Text = "All three"
	edit, problems := n.PlanEdit(item, d, w.Session.Account)
	if len(edit) != 1 {
		t.Fatalf("%+v", problems)
	}
	carryOut(t, w, edit)
	if f.Sent(o.RemoteID)["caption"] != "All three" || f.Calls("editMessageCaption") != 1 {
		t.Errorf("%+v", f.Sent(o.RemoteID))
	}
	d.Parts[0].Media = d.Parts[0].Media[:2]
	if edit, problems := n.PlanEdit(item, d, w.Session.Account); len(edit) > 0 || problems[len(problems)-1].Code != "edit_files" {
		t.Errorf("an album loses a picture: %+v", problems)
	}
	if err := n.Delete(t.Context(), w.Session, item); err != nil || !f.Items()[0].Deleted || f.Calls("deleteMessage") != 3 {
		t.Errorf("deleted: %v, %+v", err, f.Items())
	}
}

func TestPollAndQuiz(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	d := w.Draft("Which?")
	d.Parts[0].Poll = &network.Poll{Options: []string{"This", " That "}, Duration: 2 * time.Hour, Multiple: true, HideTotals: true}
	o := publish(t, w, d)["post"]
	shown, _ := f.Sent(o.RemoteID)["poll"].(map[string]any)
	if shown["question"] != "Which?" || shown["type"] != "regular" || shown["allows_multiple_answers"] != true {
		t.Errorf("%+v", shown)
	}
	if edit, problems := telegram.New(f.URL).PlanEdit(network.Remote{ID: o.RemoteID, Data: o.Data}, d, w.Session.Account); len(edit) > 0 || len(problems) == 0 {
		t.Error("a poll can be changed")
	}
	d.Key, d.Parts[0].Poll.Multiple = "another", false
	d.Settings = map[string]string{"quiz_answer": "2", "quiz_explanation": "Because."}
	shown, _ = f.Sent(publish(t, w, d)["post"].RemoteID)["poll"].(map[string]any)
	if shown["type"] != "quiz" || fmt.Sprint(shown["correct_option_ids"]) != "[1]" || shown["explanation"] != "Because." {
		t.Errorf("%+v", shown)
	}
}

func TestPostIsPinnedAfterItIsPublished(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	d := w.Draft("One", "Two")
	d.Settings = map[string]string{"pin": "true"}
	steps, _ := telegram.New(f.URL).Plan(d, w.Session.Account)
	if last := steps[2]; last.Name != "pin" || last.Public || last.Kind != network.Repeatable {
		t.Fatalf("%+v", last)
	}
	if done := carryOut(t, w, steps); f.Pinned(telegramfake.Channel) != done["post"].RemoteID {
		t.Errorf("pinned is %s", f.Pinned(telegramfake.Channel))
	}
}

func TestTopicIsReadFromItsLink(t *testing.T) {
	for typed, want := range map[string]float64{"12": 12, "https://t.me/c/1000000004/12": 12, "https://t.me/brand_group/12": 12, "https://t.me/c/1000000004/12/345": 12} {
		w, f := world(t, telegramfake.Group, telegramfake.Options{})
		d := w.Draft("Into the topic")
		d.Settings = map[string]string{"topic": typed}
		if o := publish(t, w, d)["post"]; f.Sent(o.RemoteID)["message_thread_id"] != want {
			t.Errorf("%q: %v", typed, f.Sent(o.RemoteID))
		}
	}
	w, _ := world(t, telegramfake.Group, telegramfake.Options{})
	for set, value := range map[string]string{"topic": "general", "buttons": "Shop", "preview": "huge", "as": "sticker", "location": "here"} {
		d := w.Draft("Hello\nthere")
		d.Settings = map[string]string{set: value}
		if steps, problems := w.Network.(network.Publisher).Plan(d, w.Session.Account); len(steps) > 0 || problems[0].Field != "settings."+set {
			t.Errorf("%s=%s: %+v", set, value, problems)
		}
	}
}

func TestPictureOfAPostIsReplaced(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	d := w.Draft("Red")
	d.Settings = map[string]string{"buttons": "Shop | https://example.com"}
	d.Parts[0].Media = []network.Media{file(network.Image, "image/png")}
	o := publish(t, w, d)["post"]
	item := network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}
	d.Parts[0].Text = "Redder"
	edit, _ := telegram.New(f.URL).PlanEdit(item, d, w.Session.Account)
	carryOut(t, w, edit)
	if doc := f.Sent(o.RemoteID); doc["caption"] != "Redder" || doc["reply_markup"] == nil {
		t.Errorf("the words are %v, the buttons %v", doc["caption"], doc["reply_markup"])
	}
	other := file(network.Video, "video/mp4")
	other.SHA256 = "another"
	d.Parts[0].Media = []network.Media{other}
	edit, problems := telegram.New(f.URL).PlanEdit(item, d, w.Session.Account)
	if len(edit) != 1 || edit[0].Kind != network.Repeatable {
		t.Fatalf("%+v", problems)
	}
	now := carryOut(t, w, edit)["edit"]
	if doc := f.Sent(o.RemoteID); doc["video"] == nil || doc["photo"] != nil || now.RemoteID != o.RemoteID || now.Data["kind"] != "video" || now.Data["sums"] != "another" {
		t.Errorf("%+v, %+v", doc, now)
	}
}

func TestLookUpTakesNoOtherPost(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	n := telegram.New(f.URL)
	publish(t, w, w.Draft("The same words"))
	w.Clock.Advance(time.Minute)
	steps, _ := n.Plan(w.Draft("The same words"), w.Session.Account)
	if found, o, err := n.Find(t.Context(), w.Session, steps[0], nil, w.Clock.Now()); found != network.NotSeen || err != nil {
		t.Errorf("an older post: %s %+v, %v", found, o, err)
	}
	d := w.Draft("The same words")
	d.Parts[0].Media = []network.Media{networktest.Picture("")}
	publish(t, w, d)
	if found, o, err := n.Find(t.Context(), w.Session, steps[0], nil, w.Clock.Now()); found != network.NotSeen || err != nil {
		t.Errorf("a picture with these words: %s %+v, %v", found, o, err)
	}
	before := f.Waiting()
	if _, err := n.Fetch(t.Context(), w.Session, ""); err != nil || f.Waiting() != before {
		t.Errorf("%d updates wait, not %d; %v", f.Waiting(), before, err)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		field  string
		hint   bool
	}{
		"chat gone":         {400, `"description":"Bad Request: chat not found"`, fault.Rejected, "", true},
		"too long":          {400, `"description":"Bad Request: message is too long"`, fault.Rejected, "text", true},
		"bad photo":         {400, `"description":"Bad Request: PHOTO_INVALID_DIMENSIONS"`, fault.Rejected, "media", true},
		"bad file":          {400, `"description":"Bad Request: wrong file identifier/HTTP URL specified"`, fault.Rejected, "media", true},
		"bad button":        {400, `"description":"Bad Request: BUTTON_URL_INVALID"`, fault.Rejected, "settings.buttons", true},
		"no topic":          {400, `"description":"Bad Request: message thread not found"`, fault.Rejected, "settings.topic", true},
		"no rights":         {400, `"description":"Bad Request: not enough rights to send text messages to the chat"`, fault.Unauthorised, "", true},
		"need rights":       {400, `"description":"Bad Request: need administrator rights in the channel chat"`, fault.Unauthorised, "", true},
		"kicked":            {403, `"description":"Forbidden: bot was kicked from the channel chat"`, fault.Unauthorised, "", true},
		"blocked":           {403, `"description":"Forbidden: bot was blocked by the user"`, fault.Rejected, "", true},
		"bad token":         {401, `"description":"Unauthorized"`, fault.Unauthorised, "", true},
		"no token":          {404, `"description":"Not Found"`, fault.Unauthorised, "", true},
		"too large":         {413, `"description":"Request Entity Too Large"`, fault.Rejected, "media", true},
		"too many":          {429, `"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}`, fault.Later, "", false},
		"two readers":       {409, `"description":"Conflict: terminated by other getUpdates request"`, fault.Later, "", true},
		"webhook":           {409, `"description":"Conflict: can't use getUpdates method while webhook is active"`, fault.Rejected, "", true},
		"broken":            {500, `"description":"Internal Server Error"`, fault.Unknown, "", false},
		"away":              {502, `"description":"Bad Gateway"`, fault.Unknown, "", false},
		"ok without result": {200, `"description":""`, fault.Unknown, "", false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			fmt.Fprintf(w, `{"ok":false,"error_code":%d,%s}`, c.status, c.body)
		}))
		clock := networktest.NewClock()
		a := network.Account{ID: "-100", Extra: map[string]string{"type": "channel"}}
		s := network.Session{Account: a, Grant: network.Grant{Values: map[string]string{"token": telegramfake.Token}}, HTTP: networktest.Client(t, clock)}
		n := telegram.New(server.URL)
		steps, _ := n.Plan(network.Draft{Key: "k", Parts: []network.Part{{Text: "x"}}}, a)
		_, err := n.Do(t.Context(), s, steps[0], nil)
		f := fault.As(err)
		if f.Kind != c.kind || f.Field != c.field || (f.Hint != "") != c.hint || strings.Contains(err.Error(), telegramfake.Token) {
			t.Errorf("%s: %s at %q, hint %q: %v", name, f.Kind, f.Field, f.Hint, err)
		}
		if name == "too many" && f.RetryAt.Sub(clock.Now()) != 35*time.Second {
			t.Errorf("told to wait 35 s, waits until %s", f.RetryAt)
		}
		server.Close()
	}
}

func TestDeletingOthersMessagesMayBeRefused(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{})
	n := telegram.New(f.URL)
	direct := f.Say(network.Direct, "Hi", "")
	if err := n.Delete(t.Context(), w.Session, network.Remote{ID: direct}); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("%v", err)
	}
	comment := f.Say(network.Comment, "Spam", publish(t, w, w.Draft("A post"))["post"].RemoteID)
	if err := n.Delete(t.Context(), w.Session, network.Remote{ID: comment}); err != nil || f.Sent(comment) != nil {
		t.Errorf("%v, %v", err, f.Sent(comment))
	}
	f.Faults.Next("delete", networkfake.DropAfter)
	if err := n.Delete(t.Context(), w.Session, network.Remote{ID: direct}); !fault.Is(err, fault.Later) {
		t.Errorf("a lost answer to a deletion: %v", err)
	}
}

func TestFirstCommentWaitsForTheCopyOfThePost(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{Slow: 3})
	d := w.Draft("A post")
	d.FirstComment = &network.Part{Text: "And a comment", Media: []network.Media{file(network.Image, "image/png")}}
	steps, _ := telegram.New(f.URL).Plan(d, w.Session.Account)
	done, pending := network.Outcomes{}, 0
	for _, step := range steps {
		open(&step)
		for done[step.Name] = (network.Outcome{Pending: true}); done[step.Name].Pending; {
			o, err := telegram.New(f.URL).Do(t.Context(), w.Session, step, done)
			if err != nil {
				t.Fatalf("step %s: %v", step.Name, err)
			}
			if done[step.Name] = o; o.Pending {
				pending++
			}
		}
	}
	items := f.Items()
	if pending != 3 || len(items) != 2 || items[1].Text != "And a comment" || items[1].Media != 1 || items[1].ReplyTo != items[0].ID || !strings.HasPrefix(items[1].ID, "-1001000000002:") {
		t.Errorf("%d times pending, %+v", pending, items)
	}
}

func TestFirstCommentThatHasNoPlaceIsGivenUpPlainly(t *testing.T) {
	w, f := world(t, telegramfake.Channel, telegramfake.Options{Slow: 1000})
	n := telegram.New(f.URL)
	d := w.Draft("A post")
	d.FirstComment = &network.Part{Text: "And a comment"}
	steps, _ := n.Plan(d, w.Session.Account)
	done := carryOut(t, w, steps[:1])
	for range 23 {
		o, err := n.Do(t.Context(), w.Session, steps[1], done)
		if err != nil || !o.Pending || o.Wait <= 0 {
			t.Fatalf("%+v, %v", o, err)
		}
		done["copy"] = o
	}
	if _, err := n.Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("%v", err)
	}
	quiet, _ := world(t, telegramfake.Quiet, telegramfake.Options{})
	if steps, problems := n.Plan(d, quiet.Session.Account); len(steps) != 1 || len(problems) != 1 || problems[0].Level != network.Warning {
		t.Errorf("without a discussion group: %+v %+v", steps, problems)
	}
}
