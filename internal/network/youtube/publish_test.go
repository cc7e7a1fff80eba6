package youtube_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/youtube"
	"github.com/bellwether-social/bellwether/internal/network/youtube/youtubefake"
)

// carryOut runs steps where nothing misbehaves; answers that say "not yet" are counted.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step, files ...network.Media) (done network.Outcomes, pending int) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range steps {
		for {
			o, err := w.Network.(youtube.YouTube).Do(t.Context(), w.Session, opened(step, files...), done)
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

// opened fills in how a step's file is opened, as the journal does.
func opened(step network.Step, files ...network.Media) network.Step {
	for _, m := range files {
		if step.Media != nil && step.Media.SHA256 == m.SHA256 {
			step.Media = &m
		}
	}
	return step
}

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(youtube.YouTube).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

func draft(w *networktest.World, words string, settings map[string]string, media ...network.Media) network.Draft {
	d := w.Draft(words)
	d.Settings = map[string]string{"title": "Spring"}
	for k, v := range settings {
		d.Settings[k] = v
	}
	if media != nil {
		d.Parts[0].Media = media
	}
	return d
}

func names(steps []network.Step) (out []string) {
	for _, s := range steps {
		out = append(out, s.Name)
	}
	return out
}

func TestEverythingReachesTheVideo(t *testing.T) {
	w, f := world(t, youtubefake.Options{Polls: 2})
	film, picture := clip("the film itself", 0), networktest.Picture("")
	d := draft(w, "All about spring", map[string]string{"title": "Spring & more", "tags": "garden, #spring ,", "category": "26", "privacy": "public", "language": "de", "audio_language": "en",
		"licence": "creativeCommon", "synthetic_media": "on", "paid_promotion": "on", "no_embedding": "on", "hide_statistics": "on", "quiet": "on", "playlist": youtubefake.Playlist}, film, picture)
	d.FirstComment = &network.Part{Text: "What do you think?"}
	steps := plan(t, w, d)
	if got := names(steps); !slices.Equal(got, []string{"session", "video", "thumbnail", "playlist", "comment"}) {
		t.Fatalf("steps %v", got)
	}
	done, pending := carryOut(t, w, steps, film, picture)
	if pending != 3 { // uploaded, and asked twice while it is processed
		t.Errorf("%d times pending", pending)
	}
	id := done["video"].RemoteID
	v := f.Video(id)
	sn, st := v["snippet"].(map[string]any), v["status"].(map[string]any)
	for what, pair := range map[string][2]any{
		"title": {sn["title"], "Spring & more"}, "description": {sn["description"], "All about spring"}, "tags": {fmt.Sprint(sn["tags"]), "[garden spring]"}, "category": {sn["categoryId"], "26"},
		"language": {sn["defaultLanguage"], "de"}, "audio": {sn["defaultAudioLanguage"], "en"}, "privacy": {st["privacyStatus"], "public"}, "licence": {st["license"], "creativeCommon"},
		"synthetic": {st["containsSyntheticMedia"], true}, "kids": {st["selfDeclaredMadeForKids"], false}, "embeddable": {st["embeddable"], false}, "statistics": {st["publicStatsViewable"], false},
		"paid": {v["paid"], true}, "notify": {v["notify"], false}, "thumbnail": {v["thumbnail"], "image/png"}, "bytes": {v["bytes"], "the film itself"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %v, want %v", what, pair[0], pair[1])
		}
	}
	if got := f.InPlaylist(youtubefake.Playlist); !slices.Equal(got, []string{id}) {
		t.Errorf("the playlist has %v", got)
	}
	items := networkfake.Of(f.Items(), youtubefake.Brand)
	if len(items) != 2 || items[1].ReplyTo != id || items[1].Text != "What do you think?" || done["comment"].RemoteID != items[1].ID {
		t.Errorf("%+v", items)
	}
	if done["video"].URL != "https://www.youtube.com/watch?v="+id || !strings.Contains(done["comment"].URL, "lc=") {
		t.Errorf("%s, %s", done["video"].URL, done["comment"].URL)
	}
	// Added once more after a lost answer, the playlist has it once.
	if _, err := w.Network.(youtube.YouTube).Do(t.Context(), w.Session, steps[3], done); err != nil || len(f.InPlaylist(youtubefake.Playlist)) != 1 {
		t.Errorf("added twice: %v, %v", f.InPlaylist(youtubefake.Playlist), err)
	}
}

func TestShortHasItsOwnAddressAndPlainSettingsAreSaidAloud(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	m := clip("upright", 0)
	m.Width, m.Height = 1080, 1920
	done, _ := carryOut(t, w, plan(t, w, draft(w, "", map[string]string{"kind": "short", "made_for_kids": "on"}, m)), m)
	id := done["video"].RemoteID
	st := f.Video(id)["status"].(map[string]any)
	if done["video"].URL != "https://www.youtube.com/shorts/"+id || st["selfDeclaredMadeForKids"] != true || st["embeddable"] != true || st["privacyStatus"] != "public" || f.Video(id)["notify"] != true {
		t.Errorf("%+v %v", done["video"], st)
	}
}

func TestYouTubePublishesAtItsOwnTime(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	at := w.Clock.Now().Add(3 * time.Hour)
	m := clip("a video", 0)
	d := draft(w, "Later", map[string]string{"publish_at": at.In(time.FixedZone("", 7200)).Format(time.RFC3339)}, m)
	done, _ := carryOut(t, w, plan(t, w, d), m)
	id := done["video"].RemoteID
	st := func() map[string]any { return f.Video(id)["status"].(map[string]any) }
	if st()["privacyStatus"] != "private" || st()["publishAt"] != at.Format(time.RFC3339) {
		t.Errorf("%v", st())
	}
	item := network.Remote{ID: id, Data: done["video"].Data}
	edit := func(words string) {
		t.Helper()
		d.Parts[0].Text = words
		steps, problems := w.Network.(youtube.YouTube).PlanEdit(item, d, w.Session.Account)
		if len(steps) != 1 {
			t.Fatalf("%v %+v", names(steps), problems)
		}
		carryOut(t, w, steps)
	}
	if edit("Later, corrected"); st()["publishAt"] != at.Format(time.RFC3339) {
		t.Errorf("the edit took the time away: %v", st())
	}
	st()["privacyStatus"] = "public" // its time has come
	delete(st(), "publishAt")
	if edit("Corrected afterwards"); st()["privacyStatus"] != "public" || st()["publishAt"] != nil {
		t.Errorf("the edit hid a public video: %v", st())
	}
}

func TestLargeFileGoesInChunksAndGoesOnWhereItStopped(t *testing.T) {
	w, f := world(t, youtubefake.Options{MostBytes: 3 << 20})
	m := clip("a long film", 20<<20+7)
	steps := plan(t, w, draft(w, "Long", nil, m))
	f.Faults.Next("upload", networkfake.OK, networkfake.OK, networkfake.DropBefore) // the session, a chunk, and one that is lost
	n := w.Network.(youtube.YouTube)
	done, later := network.Outcomes{}, 0
	for _, step := range steps {
		for {
			o, err := n.Do(t.Context(), w.Session, opened(step, m), done)
			if err != nil {
				if later++; !fault.Is(err, fault.Later) || later > 1 {
					t.Fatalf("%v is %s", err, fault.KindOf(err))
				}
				continue
			}
			if done[step.Name] = o; !o.Pending {
				break
			}
		}
	}
	if later != 1 || f.Calls("upload") < 6 {
		t.Errorf("%d times later, %d chunks", later, f.Calls("upload"))
	}
	if got := f.Video(done["video"].RemoteID)["bytes"].(string); len(got) != 20<<20+7 || !strings.HasPrefix(got, "a long film") {
		t.Errorf("%d bytes arrived", len(got))
	}
	if items := f.Items(); len(items) != 1 {
		t.Errorf("%+v", items)
	}
}

func TestSessionIsStoredSealed(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	steps := plan(t, w, draft(w, "Sealed", nil))
	n := w.Network.(youtube.YouTube)
	o, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil || strings.Contains(o.Data["session"], "upload") || o.ExpiresAt.Sub(w.Clock.Now()) < 5*24*time.Hour {
		t.Fatalf("%+v, %v", o, err)
	}
	other := w.Session
	other.App = map[string]string{"client_secret": "another"}
	if _, err := n.Do(t.Context(), other, opened(steps[1], clip("a video", 0)), network.Outcomes{"session": o}); !fault.Is(err, fault.Rejected) || f.Calls("create") != 0 {
		t.Errorf("with another key: %v after %d calls", err, f.Calls("create"))
	}
}

// When the session is gone, the list of uploads decides, and a second session is never opened.
func TestEndedSessionIsLookedUpInTheUploads(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n := w.Network.(youtube.YouTube)
	m := clip("a video", 0)
	carryOut(t, w, plan(t, w, draft(w, "The same words", nil, m)), m)
	w.Clock.Advance(time.Hour)
	steps, sent := plan(t, w, draft(w, "The same words", nil, m)), w.Clock.Now()
	opening, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	done := network.Outcomes{"session": opening}
	look := func() (network.Finding, network.Outcome) {
		t.Helper()
		finding, o, err := n.Find(t.Context(), w.Session, steps[1], done, sent)
		if err != nil {
			t.Fatal(err)
		}
		return finding, o
	}
	if finding, _ := look(); finding != network.NotSeen {
		t.Errorf("before anything is sent: %s", finding)
	}
	f.Faults.Next("create", networkfake.DropAfter)
	if _, err := n.Do(t.Context(), w.Session, opened(steps[1], m), done); !fault.Is(err, fault.Unknown) {
		t.Errorf("%v is %s", err, fault.KindOf(err))
	}
	_, bySession := look()
	f.EndSessions()
	_, byList := look()
	if bySession.RemoteID == "" || bySession.RemoteID != byList.RemoteID || bySession.RemoteID != f.Items()[1].ID {
		t.Errorf("by the session %+v, by the list %+v", bySession, byList)
	}
	f.Remove(bySession.RemoteID)
	if finding, o := look(); finding != network.NotSeen {
		t.Errorf("the older video of the same words is taken for the lost one: %+v", o)
	}
	if _, err := n.Do(t.Context(), w.Session, opened(steps[1], m), done); !fault.Is(err, fault.Unknown) || len(f.Items()) != 2 {
		t.Errorf("sent into an ended session: %v is %s", err, fault.KindOf(err))
	}
}

func TestVideoThatYouTubeGivesUpIsRejected(t *testing.T) {
	for why, o := range map[string]youtubefake.Options{"codec": {Failure: "codec"}, "duplicate": {Rejection: "duplicate"}, "somethingNew": {Rejection: "somethingNew"}} {
		w, _ := world(t, o)
		n, m := w.Network.(youtube.YouTube), clip("a video", 0)
		steps := plan(t, w, draft(w, "Bad", nil, m))
		done, _ := carryOut(t, w, steps[:1])
		sent, err := n.Do(t.Context(), w.Session, opened(steps[1], m), done)
		if err != nil || !sent.Pending || sent.RemoteID == "" {
			t.Fatalf("%+v, %v", sent, err)
		}
		done["video"] = sent
		if _, err = n.Do(t.Context(), w.Session, opened(steps[1], m), done); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "media" || fault.As(err).Code != why {
			t.Errorf("%s: %v is %s", why, err, fault.KindOf(err))
		}
		live, err := n.Read(t.Context(), w.Session, network.Remote{ID: sent.RemoteID})
		if err != nil || live.Exists {
			t.Errorf("%s: reads as %+v, %v", why, live, err)
		}
	}
}

// A look at a video that is there is never a failure of it.
func TestRefusedPollIsNoFailure(t *testing.T) {
	w, f := world(t, youtubefake.Options{Polls: 9})
	n, m := w.Network.(youtube.YouTube), clip("a video", 0)
	steps := plan(t, w, draft(w, "Polled", nil, m))
	done, _ := carryOut(t, w, steps[:1])
	done["video"], _ = n.Do(t.Context(), w.Session, opened(steps[1], m), done)
	for _, bad := range []networkfake.Fault{networkfake.Forbidden, networkfake.Invalid, networkfake.ErrorBefore, networkfake.HTMLAfter} {
		f.Faults.Next("read", bad)
		if _, err := n.Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Later) {
			t.Errorf("%s: %v is %s", bad, err, fault.KindOf(err))
		}
	}
}

func TestEditKeepsTheVideoAndChangesTheThumbnail(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n, film, picture := w.Network.(youtube.YouTube), clip("a video", 0), networktest.Picture("")
	d := draft(w, "First", map[string]string{"privacy": "unlisted"}, film, picture)
	done, _ := carryOut(t, w, plan(t, w, d), film, picture)
	item := network.Remote{ID: done["video"].RemoteID, Data: done["video"].Data}
	d.Settings["title"], d.Settings["privacy"] = "A better title", "public"
	steps, problems := n.PlanEdit(item, d, w.Session.Account)
	if len(steps) != 1 || len(problems) != 0 {
		t.Fatalf("nothing but words changed: %v %+v", names(steps), problems)
	}
	carryOut(t, w, steps)
	if it := f.Items()[0]; it.Visibility != "public" || f.Video(it.ID)["snippet"].(map[string]any)["title"] != "A better title" {
		t.Errorf("%+v", it)
	}
	d.Parts[0].Media[1].SHA256, d.Parts[0].Media[0].SHA256 = "other", "another"
	steps, problems = n.PlanEdit(item, d, w.Session.Account)
	if got := names(steps); !slices.Equal(got, []string{"edit", "thumbnail"}) || len(problems) != 1 || problems[0].Level != network.Warning {
		t.Errorf("%v %+v", got, problems)
	}
	steps[1].Media.Open = picture.Open
	if carryOut(t, w, steps); f.Calls("upload") != 3 {
		t.Errorf("%d uploads", f.Calls("upload"))
	}
	f.Remove(item.ID)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) {
		t.Errorf("editing what is gone: %v", err)
	}
}

func TestStepsAfterTheVideoSayWhatIsWrong(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n, film, picture := w.Network.(youtube.YouTube), clip("a video", 0), networktest.Picture("")
	steps := plan(t, w, draft(w, "All", map[string]string{"playlist": youtubefake.Playlist}, film, picture))
	done, _ := carryOut(t, w, steps[:2], film)
	do := func(step network.Step, done network.Outcomes) *fault.Error {
		t.Helper()
		_, err := n.Do(t.Context(), w.Session, opened(step, picture), done)
		return fault.As(err)
	}
	f.Refuse("upload", 403, "forbidden")
	if e := do(steps[2], done); e.Kind != fault.Rejected || e.Field != "media" || !strings.Contains(e.Hint, "verified") {
		t.Errorf("a thumbnail of an unverified channel: %+v", e)
	}
	f.Refuse("upload", 429, "uploadRateLimitExceeded")
	if e := do(steps[2], done); e.Kind != fault.Later {
		t.Errorf("too many thumbnails: %+v", e)
	}
	f.Refuse("read", 404, "playlistNotFound")
	if e := do(steps[3], done); e.Kind != fault.Rejected || e.Field != "settings.playlist" || e.Hint == "" {
		t.Errorf("a playlist that is gone: %+v", e)
	}
	f.Refuse("write", 403, "playlistContainsMaximumNumberOfVideos")
	if e := do(steps[3], done); e.Kind != fault.Rejected || e.Field != "settings.playlist" {
		t.Errorf("a full playlist: %+v", e)
	}
	f.Faults.Next("write", networkfake.DropAfter)
	if e := do(steps[3], done); e.Kind != fault.Later {
		t.Errorf("a lost answer: %+v", e)
	}
	for i := range 2 {
		if e := do(steps[2+i], network.Outcomes{}); e.Kind != fault.Rejected {
			t.Errorf("%s without a video: %+v", steps[2+i].Name, e)
		}
	}
	f.Remove(done["video"].RemoteID)
	if e := do(steps[2], done); e.Kind != fault.Rejected || e.Hint == "" {
		t.Errorf("a thumbnail of a removed video: %+v", e)
	}
}

func TestDraftsAreRefusedInPlainWords(t *testing.T) {
	w, _ := world(t, youtubefake.Options{Unverified: true})
	film, song := clip("a video", 0), network.Media{Kind: network.Audio, MIME: "audio/mpeg"}
	long := film
	long.Duration = 15*time.Minute + time.Second
	odd := film
	odd.MIME = "image/gif"
	comment := func(d *network.Draft) { d.FirstComment = &network.Part{Text: "First"} }
	for name, c := range map[string]struct {
		settings map[string]string
		words    string
		media    []network.Media
		change   func(*network.Draft)
		code     string
	}{
		"no title":                   {settings: map[string]string{"title": " "}, code: "title_missing"},
		"a tag in the title":         {settings: map[string]string{"title": "<b>"}, code: "title_characters"},
		"a tag in the text":          {words: "a < b", code: "text_characters"},
		"a tag in the tags":          {settings: map[string]string{"tags": "a,>"}, code: "tags_characters"},
		"an unknown category":        {settings: map[string]string{"category": "99"}, code: "setting_unknown"},
		"a playlist of others":       {settings: map[string]string{"playlist": "PLother"}, code: "setting_unknown"},
		"an unknown language":        {settings: map[string]string{"language": "klingon!"}, code: "language_unknown"},
		"a time that is none":        {settings: map[string]string{"publish_at": "tomorrow"}, code: "publish_at"},
		"a time for an unlisted one": {settings: map[string]string{"publish_at": "2030-01-01T00:00:00Z", "privacy": "unlisted"}, code: "publish_at_privacy"},
		"a sound":                    {media: []network.Media{film, song}, code: "media_type"},
		"an odd video":               {media: []network.Media{odd}, code: "media_type"},
		"too long for the channel":   {media: []network.Media{long}, code: "media_too_long"},
		"two thumbnails":             {media: []network.Media{film, networktest.Picture(""), networktest.Picture("")}, code: "media_too_many"},
		"a poll":                     {change: func(d *network.Draft) { d.Parts[0].Poll = &network.Poll{} }, code: "poll_unsupported"},
		"two parts":                  {change: func(d *network.Draft) { d.Parts = append(d.Parts, network.Part{Text: "Two"}) }, code: "parts_too_many"},
		"no part":                    {change: func(d *network.Draft) { d.Parts = nil }, code: "media_required"},
		"an empty comment":           {change: func(d *network.Draft) { d.FirstComment = &network.Part{} }, code: "empty"},
		"a comment with a picture": {change: func(d *network.Draft) {
			d.FirstComment = &network.Part{Text: "x", Media: []network.Media{networktest.Picture("")}}
		}, code: "comment_media"},
		"a comment nobody sees": {settings: map[string]string{"privacy": "private"}, change: comment, code: "comment_private"},
		"a comment for kids":    {settings: map[string]string{"made_for_kids": "on"}, change: comment, code: "comment_for_kids"},
	} {
		d := draft(w, c.words, c.settings, c.media...)
		if c.change != nil {
			c.change(&d)
		}
		steps, problems := w.Network.(youtube.YouTube).Plan(d, w.Session.Account)
		i := slices.IndexFunc(problems, func(p network.Problem) bool { return p.Code == c.code })
		if len(steps) > 0 || i < 0 || problems[i].Level != network.Error || problems[i].Message == "" || problems[i].Fix == "" {
			t.Errorf("%s: %d steps, %+v", name, len(steps), problems)
		}
	}
}

func TestRefusalsOfTheAPIHaveTheirMeaning(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n := w.Network.(youtube.YouTube)
	steps := plan(t, w, draft(w, "Refused", nil))
	midnight := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC) // Pacific time is eight hours behind
	for _, c := range []struct {
		status int
		reason string
		kind   fault.Kind
		field  string
		until  time.Time
	}{
		{400, "invalidTitle", fault.Rejected, "settings.title", time.Time{}},
		{400, "invalidDescription", fault.Rejected, "text", time.Time{}},
		{400, "invalidTags", fault.Rejected, "settings.tags", time.Time{}},
		{400, "invalidCategoryId", fault.Rejected, "settings.category", time.Time{}},
		{400, "invalidPublishAt", fault.Rejected, "settings.publish_at", time.Time{}},
		{400, "invalidVideoMetadata", fault.Rejected, "", time.Time{}},
		{400, "mediaBodyRequired", fault.Rejected, "media", time.Time{}},
		{400, "somethingNew", fault.Rejected, "", time.Time{}},
		{403, "forbidden", fault.Rejected, "", time.Time{}},
		{403, "forbiddenPrivacySetting", fault.Rejected, "settings.privacy", time.Time{}},
		{403, "forbiddenLicenseSetting", fault.Rejected, "settings.licence", time.Time{}},
		{403, "channelSuspended", fault.Rejected, "", time.Time{}},
		{403, "accessNotConfigured", fault.Rejected, "", time.Time{}},
		{401, "youtubeSignupRequired", fault.Rejected, "", time.Time{}},
		{401, "authError", fault.Unauthorised, "", time.Time{}},
		{403, "insufficientPermissions", fault.Unauthorised, "", time.Time{}},
		{403, "quotaExceeded", fault.Later, "", midnight},
		{403, "dailyLimitExceeded", fault.Later, "", midnight},
		{400, "uploadLimitExceeded", fault.Later, "", w.Clock.Now().Add(24 * time.Hour)},
		{403, "rateLimitExceeded", fault.Later, "", time.Time{}},
		{403, "userRateLimitExceeded", fault.Later, "", time.Time{}},
		{500, "backendError", fault.Later, "", time.Time{}}, // opening a session may be repeated
	} {
		f.Refuse("upload", c.status, c.reason)
		_, err := n.Do(t.Context(), w.Session, steps[0], nil)
		e := fault.As(err)
		if !fault.Is(err, c.kind) || e.Field != c.field || e.Message == "" || !e.RetryAt.Equal(c.until) {
			t.Errorf("%s: %v is %s at %q until %s", c.reason, err, fault.KindOf(err), e.Field, e.RetryAt)
		}
		if c.kind == fault.Unauthorised && e.Hint == "" {
			t.Errorf("%s: no hint", c.reason)
		}
	}
}
