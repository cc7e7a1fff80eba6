package pinterest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest/pinterestfake"
)

// carryOut plans a draft and runs it where nothing misbehaves; answers that say "not yet" are counted.
func carryOut(t *testing.T, w *networktest.World, d network.Draft) (done network.Outcomes, pending int) {
	t.Helper()
	n := w.Network.(pinterest.Pinterest)
	steps, problems := n.Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	done = network.Outcomes{}
	for _, step := range steps {
		for {
			o, err := n.Do(t.Context(), w.Session, step, done)
			if err != nil {
				t.Fatalf("step %s: %v", step.Name, err)
			}
			if done[step.Name] = o; !o.Pending {
				break
			}
			pending++
		}
	}
	return done, pending
}

func film() network.Media {
	raw := bytes.Repeat([]byte("film"), 1000)
	return network.Media{Kind: network.Video, MIME: "video/mp4", Bytes: int64(len(raw)), Duration: 10 * time.Second, Width: 1080, Height: 1920, SHA256: "sum-of-the-film", Alt: "A film",
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
}

func settings(pairs ...string) map[string]string {
	s := map[string]string{"board": pinterestfake.Board}
	for i := 0; i < len(pairs); i += 2 {
		s[pairs[i]] = pairs[i+1]
	}
	return s
}

func TestPictureGoesOutWithEverythingThatBelongsToIt(t *testing.T) {
	w, f := world(t, pinterestfake.Options{})
	d := w.Draft("Tulips \"and\" \x00file\x00 more")
	d.Settings = settings("section", pinterestfake.Board+"/"+pinterestfake.Section, "title", "Spring", "link", "https://example.com/?utm_id=1", "color", "#6E7874")
	done, _ := carryOut(t, w, d)
	got, ok := f.Pin(done["post"].RemoteID)
	picture, _ := networktest.Picture("").Open(t.Context())
	raw, _ := io.ReadAll(picture)
	if !ok || got.Board != pinterestfake.Board || got.Section != pinterestfake.Section || got.Title != "Spring" || got.Link != "https://example.com/?utm_id=1" ||
		got.Color != "#6E7874" || got.Alt != "A red square" || got.Description != "Tulips \"and\" file more" || len(got.Files) != 1 || !bytes.Equal(got.Files[0], raw) {
		t.Errorf("%+v", got)
	}
	if done["post"].URL != f.URL+"/pin/"+got.ID+"/" {
		t.Errorf("its address is %s", done["post"].URL)
	}
}

func TestCarouselHasTitlesAndLinksOfItsOwn(t *testing.T) {
	w, f := world(t, pinterestfake.Options{})
	d := w.Draft("Three")
	d.Parts[0].Media = []network.Media{networktest.Picture("One"), networktest.Picture(""), networktest.Picture("")}
	d.Settings = settings("cards", "First | https://example.com/1\n\nhttps://example.com/3")
	done, _ := carryOut(t, w, d)
	got, _ := f.Pin(done["post"].RemoteID)
	want := []map[string]any{{"title": "First", "link": "https://example.com/1"}, {"title": nil, "link": nil}, {"title": nil, "link": "https://example.com/3"}}
	if got.Kind != "multiple_images" || len(got.Files) != 3 || !reflect.DeepEqual(got.Slots, want) {
		t.Errorf("%s %d %v", got.Kind, len(got.Files), got.Slots)
	}
}

func TestVideoIsUploadedPolledAndCovered(t *testing.T) {
	for name, c := range map[string]struct {
		media []network.Media
		cover string
		set   string
	}{
		"by a second":  {[]network.Media{film()}, "3", "3"},
		"by default":   {[]network.Media{film()}, "0", ""},
		"by a picture": {[]network.Media{networktest.Picture("Cover"), film()}, "picture", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, pinterestfake.Options{Processing: 3})
			d := w.Draft("A film")
			d.Parts[0].Media, d.Settings = c.media, settings("cover_seconds", c.set)
			done, pending := carryOut(t, w, d)
			if got, _ := f.Pin(done["post"].RemoteID); got.Kind != "video" || got.Cover != c.cover || pending != 4 || f.Calls("upload") != 2 {
				t.Errorf("%+v after %d times pending and %d uploads", got, pending, f.Calls("upload"))
			}
		})
	}
}

func TestVideoThatCannotBeProcessedIsRefused(t *testing.T) {
	w, f := world(t, pinterestfake.Options{Broken: true})
	d := w.Draft("A film")
	d.Parts[0].Media = []network.Media{film()}
	n := w.Network.(pinterest.Pinterest)
	steps, _ := n.Plan(d, w.Session.Account)
	o, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil || !o.Pending || o.Wait <= 0 {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err = n.Do(t.Context(), w.Session, steps[0], network.Outcomes{"media-1": o}); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "media" || fault.As(err).Hint == "" {
		t.Errorf("%v is %s", err, fault.KindOf(err))
	}
	if len(f.Items()) != 0 {
		t.Error("something is live")
	}
}

// TestUploadIsNeverInDoubt loses answers on the way to the place that takes videos: it may be done again.
func TestUploadIsNeverInDoubt(t *testing.T) {
	for _, lost := range []networkfake.Fault{networkfake.ErrorAfter, networkfake.DropAfter, networkfake.DropBefore, networkfake.HTMLUnavailable, networkfake.LimitedSilent} {
		for _, before := range []int{0, 1} { // registering, sending
			w, f := world(t, pinterestfake.Options{})
			d := w.Draft("A film")
			d.Parts[0].Media = []network.Media{film()}
			n := w.Network.(pinterest.Pinterest)
			steps, _ := n.Plan(d, w.Session.Account)
			for range before {
				f.Faults.Next("upload", networkfake.OK)
			}
			f.Faults.Next("upload", lost)
			if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Later) {
				t.Errorf("%s: %v is %s", lost, err, fault.KindOf(err))
			}
			if _, err := n.Do(t.Context(), w.Session, steps[0], nil); err != nil {
				t.Errorf("%s: again: %v", lost, err)
			}
		}
	}
}

func TestPinOfSomebodyIsSaved(t *testing.T) {
	for _, address := range []string{"https://www.pinterest.com/pin/777/", "https://pinterest.co.uk/pin/some-words--777/?x=1", "777"} {
		w, f := world(t, pinterestfake.Options{})
		d := w.Draft("")
		d.Parts[0].Media, d.Settings = nil, settings("save", address)
		done, _ := carryOut(t, w, d)
		if got, ok := f.Pin(done["post"].RemoteID); !ok || got.Parent != "777" || got.Board != pinterestfake.Board {
			t.Errorf("%s: %+v", address, got)
		}
		// A lost answer is found by the pin it was saved from.
		w.Clock.Advance(time.Hour)
		f.Faults.Next("create", networkfake.DropAfter)
		n := w.Network.(pinterest.Pinterest)
		steps, _ := n.Plan(d, w.Session.Account)
		sent := w.Clock.Now()
		if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Unknown) {
			t.Fatalf("%v is %s", err, fault.KindOf(err))
		}
		finding, o, err := n.Find(t.Context(), w.Session, steps[0], nil, sent)
		if err != nil || finding != network.Found || o.RemoteID == done["post"].RemoteID {
			t.Errorf("%s %+v %v", finding, o, err)
		}
		item := network.Remote{ID: o.RemoteID, Data: o.Data}
		if steps, problems := n.PlanEdit(item, w.Draft("Mine now"), w.Session.Account); len(steps) > 0 || problems[len(problems)-1].Code != "save_fixed" {
			t.Errorf("a saved pin is changed: %+v", problems)
		}
	}
	w, _ := world(t, pinterestfake.Options{})
	d := w.Draft("")
	d.Settings = settings("save", "https://example.com/x")
	if steps, problems := w.Network.(pinterest.Pinterest).Plan(d, w.Session.Account); len(steps) > 0 || problems[0].Field != "settings.save" {
		t.Errorf("%+v", problems)
	}
}

func TestBoardThatIsGoneBlocksThePostBeforeItsTime(t *testing.T) {
	w, f := world(t, pinterestfake.Options{})
	n := w.Network.(pinterest.Pinterest)
	for setting, value := range map[string]string{"board": "", "section": pinterestfake.OtherBoard + "/1", "link": "javascript:alert(1)", "color": "red"} {
		d := w.Draft("A pin")
		d.Settings = settings(setting, value)
		steps, problems := n.Plan(d, w.Session.Account)
		wrong := slices.ContainsFunc(problems, func(p network.Problem) bool {
			return p.Level == network.Error && p.Field == "settings."+setting && p.Fix != ""
		})
		if len(steps) > 0 || !wrong {
			t.Errorf("%s=%s: %+v", setting, value, problems)
		}
	}
	d := w.Draft("A pin")
	steps, _ := n.Plan(d, w.Session.Account)
	f.RemoveBoard(pinterestfake.Board)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "settings.board" {
		t.Errorf("at its time: %v at %q", err, fault.As(err).Field)
	}
	var err error
	if w.Session.Account, err = n.Check(t.Context(), w.Session); err != nil {
		t.Fatal(err)
	}
	if steps, problems := n.Plan(d, w.Session.Account); len(steps) > 0 || problems[0].Code != "board_gone" {
		t.Errorf("after the next check: %+v", problems)
	}
	if finding, _, err := n.Find(t.Context(), w.Session, steps[0], nil, w.Clock.Now()); err != nil || finding != network.NotSeen {
		t.Errorf("looking at a board that is gone: %s, %v", finding, err)
	}
}

func TestFilesOfAPinStay(t *testing.T) {
	w, f := world(t, pinterestfake.Options{})
	n := w.Network.(pinterest.Pinterest)
	d := w.Draft("Before")
	done, _ := carryOut(t, w, d)
	item := network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data}
	d.Parts[0].Text, d.Settings = "After", settings("board", pinterestfake.OtherBoard, "title", "New", "link", "https://example.com/new")
	steps, problems := n.PlanEdit(item, d, w.Session.Account)
	if len(steps) != 1 {
		t.Fatalf("%+v", problems)
	}
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.Pin(item.ID); got.Description != "After" || got.Board != pinterestfake.OtherBoard || got.Title != "New" || got.Link != "https://example.com/new" {
		t.Errorf("%+v", got)
	}
	d.Parts[0].Media = append(d.Parts[0].Media, networktest.Picture("Another"))
	if steps, problems := n.PlanEdit(item, d, w.Session.Account); len(steps) > 0 || problems[len(problems)-1].Code != "media_fixed" {
		t.Errorf("%+v", problems)
	}
}

func TestAnotherPinIsNotTakenForTheLostOne(t *testing.T) {
	w, f := world(t, pinterestfake.Options{})
	n := w.Network.(pinterest.Pinterest)
	d := w.Draft("Words")
	d.Settings = settings("title", "Title", "link", "https://example.com/?utm_content=1")
	carryOut(t, w, d)
	lost := d
	steps, _ := n.Plan(lost, w.Session.Account)
	find := func() network.Finding {
		finding, _, err := n.Find(t.Context(), w.Session, steps[0], nil, w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return finding
	}
	if find() != network.Found {
		t.Error("the pin of the same second is not found")
	}
	w.Clock.Advance(time.Hour)
	for setting, value := range map[string]string{"title": "Other", "link": "https://example.com/?utm_content=2", "board": pinterestfake.OtherBoard} {
		other := d
		other.Settings = settings("title", "Title", "link", "https://example.com/?utm_content=1", setting, value)
		carryOut(t, w, other)
	}
	if got := find(); got != network.NotSeen {
		t.Errorf("among pins that differ: %s", got)
	}
	if f.Calls("create") != 4 {
		t.Errorf("%d pins", f.Calls("create"))
	}
}

func TestRefusalsOfPinterestAreSaidInPlainWords(t *testing.T) {
	for _, c := range []struct {
		status      int
		body        string
		kind        fault.Kind
		field, hint string
	}{
		{400, `{"code":1,"message":"Invalid board_id"}`, fault.Rejected, "settings.board", "choose a board"},
		{400, `{"code":235,"message":"Sorry, the image is too small"}`, fault.Rejected, "media", "another picture"},
		{400, `{"code":1,"message":"Invalid URL or request data"}`, fault.Rejected, "settings.link", "does not allow this link"},
		{400, `{"code":1,"message":"Something odd"}`, fault.Rejected, "", "as Pinterest says"},
		{401, `{"code":2,"message":"Authentication failed."}`, fault.Unauthorised, "", "Reconnect"},
		{401, `{"code":3,"message":"Authorization failed."}`, fault.Unauthorised, "", "Reconnect"},
		{403, `{"code":7,"message":"Your application lacks a scope: pins:write"}`, fault.Unauthorised, "", "Reconnect"},
		{403, `{"code":2637,"message":"Sorry! this link leads to spam."}`, fault.Rejected, "", "link may be blocked"},
		{404, `{"code":40,"message":"Board not found."}`, fault.Rejected, "settings.board", "board is gone"},
		{409, `{"code":409,"message":"Could not get exclusive access"}`, fault.Later, "", "changing the board"},
		{413, `{}`, fault.Rejected, "media", "smaller"},
		{429, `{"code":8,"message":"You have exceeded your rate limit."}`, fault.Later, "", ""},
		{500, `{"code":500,"message":"Oops"}`, fault.Unknown, "", ""},
		{503, ``, fault.Unknown, "", ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		n := pinterest.New(server.URL)
		s := network.Session{HTTP: networktest.Client(t, nil)}
		steps, _ := n.Plan(network.Draft{Key: "d", Settings: settings(), Parts: []network.Part{{Text: "x", Media: []network.Media{networktest.Picture("")}}}}, network.Account{})
		_, err := n.Do(t.Context(), s, steps[0], nil)
		f := fault.As(err)
		if f.Kind != c.kind || f.Field != c.field || !strings.Contains(f.Hint, c.hint) || f.Message == "" {
			t.Errorf("%d %s: %s at %q: %s (%s)", c.status, c.body, f.Kind, f.Field, f.Message, f.Hint)
		}
		server.Close()
	}
}
