package tiktok_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/tiktok/tiktokfake"
)

const address = "https://bellwether.example/files/1"

func do(t *testing.T, w *networktest.World, step network.Step, done network.Outcomes) (network.Outcome, error) {
	t.Helper()
	if step.Media != nil {
		m := *step.Media
		m.Open = clip("").Open
		step.Media = &m
	}
	for i := range step.Files {
		step.Files[i].Address = address
	}
	return w.Network.(network.Publisher).Do(t.Context(), w.Session, step, done)
}

// carryOut runs steps where nothing misbehaves; answers that say "not yet" are counted.
func carryOut(t *testing.T, w *networktest.World, steps []network.Step) (done network.Outcomes, pending int, err error) {
	t.Helper()
	done = network.Outcomes{}
	for _, step := range steps {
		for range 40 {
			o, err := do(t, w, step, done)
			if err != nil {
				return done, pending, err
			}
			done[step.Name] = o
			if !o.Pending {
				break
			}
			w.Clock.Advance(o.Wait)
			pending++
		}
	}
	return done, pending, nil
}

func plan(t *testing.T, w *networktest.World, d network.Draft) []network.Step {
	t.Helper()
	steps, problems := w.Network.(network.Publisher).Plan(d, w.Session.Account)
	if len(steps) == 0 {
		t.Fatalf("refused: %+v", problems)
	}
	return steps
}

func TestVideoIsAnnouncedUploadedAndFollowed(t *testing.T) {
	w, f := world(t, tiktokfake.Options{Processing: 2, Moderation: 2}, clip)
	d := w.Draft("A video #spring")
	d.Settings = map[string]string{"privacy": "PUBLIC_TO_EVERYONE", "allow_comment": "true", "brand_organic": "on", "ai_generated": "true", "cover_ms": "1500"}
	steps := plan(t, w, d)
	if len(steps) != 2 || steps[0].Kind != network.Once || steps[0].Public || steps[1].Kind != network.Keyed || !steps[1].Public {
		t.Fatalf("planned as %+v", steps)
	}
	done, pending, err := carryOut(t, w, steps)
	if err != nil {
		t.Fatal(err)
	}
	post, size := done["post"], float64(d.Parts[0].Media[0].Bytes)
	if item := f.Items()[0]; post.RemoteID != item.ID || post.URL != "https://www.tiktok.com/@brand/video/"+item.ID || item.Media != 1 || pending < 4 {
		t.Errorf("%+v after %d polls, %+v", post, pending, item)
	}
	want := tiktokfake.Body{Path: "/v2/post/publish/video/init/", JSON: map[string]any{
		"post_info": map[string]any{"title": "A video #spring", "privacy_level": "PUBLIC_TO_EVERYONE", "disable_comment": false, "disable_duet": true, "disable_stitch": true,
			"brand_content_toggle": false, "brand_organic_toggle": true, "is_aigc": true, "video_cover_timestamp_ms": 1500.0},
		"source_info": map[string]any{"source": "FILE_UPLOAD", "video_size": size, "chunk_size": size, "total_chunk_count": 1.0}}}
	if diff := cmp.Diff(want, f.Bodies()[0]); diff != "" {
		t.Errorf("announced as\n%s", diff)
	}
	if len(f.Uploaded()) != int(size) || done["announce"].Data["publish_id"] == "" || done["announce"].ExpiresAt.IsZero() {
		t.Errorf("%d bytes, %+v", len(f.Uploaded()), done["announce"])
	}
}

func TestPicturesAreFetchedFromVerifiedAddresses(t *testing.T) {
	w, f := world(t, tiktokfake.Options{Processing: 1}, photo)
	d := with(w, photo(""), photo(""))
	d.Settings = map[string]string{"privacy": "MUTUAL_FOLLOW_FRIENDS", "photo_title": "Spring", "photo_cover": "2", "auto_music": "true", "brand_content": "true"}
	done, _, err := carryOut(t, w, plan(t, w, d))
	if err != nil {
		t.Fatal(err)
	}
	want := tiktokfake.Body{Path: "/v2/post/publish/content/init/", JSON: map[string]any{"media_type": "PHOTO", "post_mode": "DIRECT_POST",
		"post_info": map[string]any{"title": "Spring", "description": "With media", "privacy_level": "MUTUAL_FOLLOW_FRIENDS", "disable_comment": true, "auto_add_music": true,
			"brand_content_toggle": true, "brand_organic_toggle": false},
		"source_info": map[string]any{"source": "PULL_FROM_URL", "photo_images": []any{address, address}, "photo_cover_index": 1.0}}}
	if diff := cmp.Diff(want, f.Bodies()[0]); diff != "" {
		t.Errorf("announced as\n%s", diff)
	}
	post := done["post"] // friends see it: TikTok gives no id, so the publish id stays
	if post.RemoteID != post.Data["publish_id"] || post.URL != "https://www.tiktok.com/@brand" {
		t.Errorf("%+v", post)
	}
	item := network.Remote{ID: post.RemoteID, Data: post.Data}
	if live, err := w.Network.(network.Reader).Read(t.Context(), w.Session, item); err != nil || !live.Exists || live.MediaCount != 2 || live.Text != "With media" {
		t.Errorf("read back %+v, %v", live, err)
	}
	if list, err := w.Network.(network.Measurer).PostMetrics(t.Context(), w.Session, []network.Remote{item}); err != nil || len(list) != 0 {
		t.Errorf("what cannot be listed is measured: %+v, %v", list, err)
	}
	steps := plan(t, w, d)
	steps[0].Files[0].Address, steps[0].Files[1].Address = "", ""
	n := w.Network.(network.Publisher)
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "BELLWETHER_URL") {
		t.Errorf("without an address: %v", err)
	}
	steps[0].Files[0].Address, steps[0].Files[1].Address = "https://elsewhere.example/1", address
	if _, err := n.Do(t.Context(), w.Session, steps[0], nil); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "Verify") {
		t.Errorf("from elsewhere: %v", err)
	}
}

func TestPicturesThatAreNotListedAreNotGone(t *testing.T) {
	w, f := world(t, tiktokfake.Options{HidePhotos: true}, photo)
	done, _, err := carryOut(t, w, plan(t, w, w.Draft("Pictures")))
	if err != nil {
		t.Fatal(err)
	}
	post := done["post"]
	item := network.Remote{ID: post.RemoteID, Data: post.Data}
	if live, err := w.Network.(network.Reader).Read(t.Context(), w.Session, item); err != nil || !live.Exists {
		t.Errorf("%+v, %v", live, err)
	}
	n := w.Network.(network.Measurer)
	if list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item}); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	f.Remove(post.RemoteID)
	if list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{item}); err != nil || len(list) != 1 || !list[0].Gone {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestDraftsArriveInTheInbox(t *testing.T) {
	for name, file := range map[string]func(string) network.Media{"video": clip, "photo": photo} {
		w, f := world(t, tiktokfake.Options{Processing: 1}, file)
		d := w.Draft("Words")
		d.Settings = map[string]string{"mode": "inbox"}
		done, _, err := carryOut(t, w, plan(t, w, d))
		if err != nil || f.Drafts() != 1 || len(f.Items()) != 0 || done["post"].RemoteID == "" {
			t.Errorf("%s: %v, %d drafts, %+v", name, err, f.Drafts(), done)
		}
		info := f.Bodies()[0].JSON["post_info"]
		if name == "video" && info != nil || name == "photo" && cmp.Diff(map[string]any{"description": "Words"}, info) != "" {
			t.Errorf("%s: sent %v", name, info)
		}
		if live, err := w.Network.(network.Reader).Read(t.Context(), w.Session, network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data}); err != nil || !live.Exists {
			t.Errorf("%s: %+v, %v", name, live, err)
		}
		for range 4 {
			if _, _, err := carryOut(t, w, plan(t, w, d)); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := carryOut(t, w, plan(t, w, d)); !fault.Is(err, fault.Later) || !strings.Contains(fault.As(err).Message, "five drafts") {
			t.Errorf("%s: the sixth draft: %v", name, err)
		}
	}
}

func TestNothingIsChosenForTheCreator(t *testing.T) {
	w, f := world(t, tiktokfake.Options{NoComments: true, MaxSeconds: 60}, clip)
	n := w.Network.(network.Publisher)
	for _, s := range w.Network.Spec().Settings {
		if s.Kind == network.Toggle && s.Default != "" || s.Key == "privacy" && (s.Default != "" || !s.Live) {
			t.Errorf("%s has a default: %q", s.Key, s.Default)
		}
	}
	for code, change := range map[string]func(*network.Draft){
		"privacy_missing": func(d *network.Draft) { d.Settings = nil },
		"privacy_unknown": func(d *network.Draft) { d.Settings = map[string]string{"privacy": "FOLLOWER_OF_CREATOR"} },
		"brand_private": func(d *network.Draft) {
			d.Settings = map[string]string{"privacy": "SELF_ONLY", "brand_content": "true"}
		},
		"comment_disabled": func(d *network.Draft) {
			d.Settings = map[string]string{"privacy": "SELF_ONLY", "allow_comment": "true"}
		},
		"video_too_long":      func(d *network.Draft) { d.Parts[0].Media[0].Duration = 61 * time.Second },
		"media_required":      func(d *network.Draft) { d.Parts[0].Media = nil },
		"media_mixed":         func(d *network.Draft) { d.Parts[0].Media = append(d.Parts[0].Media, photo("")) },
		"media_type":          func(d *network.Draft) { d.Parts[0].Media[0].MIME = "video/x-msvideo" },
		"threads_unsupported": func(d *network.Draft) { d.Parts = append(d.Parts, d.Parts[0]) },
		"comment_unsupported": func(d *network.Draft) { d.FirstComment = &network.Part{Text: "First"} },
		"poll_unsupported":    func(d *network.Draft) { d.Parts[0].Poll = &network.Poll{} },
		"setting_unknown":     func(d *network.Draft) { d.Settings = map[string]string{"mode": "later"} },
	} {
		d := w.Draft("Hello")
		change(&d)
		steps, problems := n.Plan(d, w.Session.Account)
		found := false
		for _, p := range problems {
			found = found || p.Code == code && p.Level == network.Error && p.Fix != ""
		}
		if !found || len(steps) > 0 {
			t.Errorf("%s: %+v", code, problems)
		}
	}
	// What was allowed when the post was written may not be when it is sent.
	account := w.Session.Account
	account.Extra = nil
	d := w.Draft("Hello")
	d.Settings = map[string]string{"privacy": "PUBLIC_TO_EVERYONE", "allow_comment": "true"}
	steps, _ := n.Plan(d, account)
	if _, err := do(t, w, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "settings.allow_comment" || f.Calls("announce") != 0 {
		t.Errorf("comments were switched off since: %v", err)
	}
	d.Settings = map[string]string{"privacy": "FOLLOWER_OF_CREATOR"}
	account.Choices = nil
	steps, _ = n.Plan(d, account)
	if _, err := do(t, w, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "settings.privacy" {
		t.Errorf("the audience was withdrawn since: %v", err)
	}
	d.Settings = map[string]string{"privacy": "SELF_ONLY"}
	d.Parts[0].Media[0].Duration = 2 * time.Minute
	steps, _ = n.Plan(d, account)
	if _, err := do(t, w, steps[0], nil); !fault.Is(err, fault.Rejected) || fault.As(err).Field != "media" {
		t.Errorf("the video is too long now: %v", err)
	}
}

func TestAppWithoutAuditPublishesPrivately(t *testing.T) {
	w, f := world(t, tiktokfake.Options{Unaudited: true}, clip)
	for privacy, kind := range map[string]fault.Kind{"FOLLOWER_OF_CREATOR": fault.Rejected, "SELF_ONLY": ""} {
		d := w.Draft("Hello")
		d.Settings = map[string]string{"privacy": privacy}
		done, _, err := carryOut(t, w, plan(t, w, d))
		if fault.KindOf(err) != kind || kind != "" && !strings.Contains(fault.As(err).Hint, "audit") {
			t.Errorf("%s: %v", privacy, err)
		}
		if kind == "" && (len(f.Items()) != 1 || done["post"].Pending) {
			t.Errorf("%s: %+v", privacy, done)
		}
	}
}

func TestLostAnnouncementIsNeverLookedUpNorRepeated(t *testing.T) {
	w, f := world(t, tiktokfake.Options{}, clip)
	steps := plan(t, w, w.Draft("Hello"))
	f.Faults.Next("announce", networkfake.DropAfter)
	if _, err := do(t, w, steps[0], nil); !fault.Is(err, fault.Unknown) || steps[0].Kind != network.Once {
		t.Errorf("%v", err)
	}
	f.Faults.Next("announce", networkfake.EmptySuccess)
	if _, err := do(t, w, steps[0], nil); !fault.Is(err, fault.Unknown) {
		t.Errorf("%v", err)
	}
	if len(f.Items()) != 0 {
		t.Error("an announcement alone is public")
	}
}

func TestFailuresOfProcessingAreExplained(t *testing.T) {
	for reason, field := range map[string]string{"file_format_check_failed": "media", "duration_check_failed": "media", "photo_pull_failed": "media", "spam_risk_text": "text", "auth_removed": "",
		"publish_cancelled": "", "internal": "", "brand_new_reason": ""} {
		w, f := world(t, tiktokfake.Options{Processing: 1}, clip)
		f.Spoil(reason)
		_, _, err := carryOut(t, w, plan(t, w, w.Draft("Hello")))
		if f := fault.As(err); !fault.Is(err, fault.Rejected) || f.Field != field || f.Hint == "" || f.Message == "" {
			t.Errorf("%s: %+v", reason, f)
		}
	}
}

// sized makes a video of n bytes that are not all the same.
func sized(n int64) network.Media {
	m := clip("")
	m.Bytes = n
	m.Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(&counter{}, n)), nil
	}
	return m
}

type counter struct{ n int }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c.n >> 12)
		c.n++
	}
	return len(p), nil
}

func TestLargeVideoGoesInPiecesAndGoesOnWhereItStopped(t *testing.T) {
	w, f := world(t, tiktokfake.Options{}, clip)
	n := w.Network.(network.Publisher)
	file := sized(70_000_001)
	steps := plan(t, w, with(w, file))
	o, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if source := f.Bodies()[0].JSON["source_info"].(map[string]any); source["chunk_size"] != float64(32<<20) || source["total_chunk_count"] != 2.0 {
		t.Errorf("announced as %v", source)
	}
	done := network.Outcomes{"announce": o}
	steps[1].Media.Open = file.Open
	f.Faults.Next("create", networkfake.OK, networkfake.DropBefore)
	if _, err := n.Do(t.Context(), w.Session, steps[1], done); !fault.Is(err, fault.Unknown) || strings.Contains(err.Error(), "upload_token") {
		t.Fatalf("%v", err)
	}
	if finding, _, err := w.Network.(network.Prober).Find(t.Context(), w.Session, steps[1], done, w.Clock.Now()); finding != network.NotSeen || err != nil {
		t.Errorf("half a video: %s, %v", finding, err)
	}
	if o, err = n.Do(t.Context(), w.Session, steps[1], done); err != nil || !o.Pending {
		t.Fatalf("%+v, %v", o, err)
	}
	done["post"] = o
	if o, err = n.Do(t.Context(), w.Session, steps[1], done); err != nil || o.Pending || f.Calls("create") != 3 || len(f.Items()) != 1 {
		t.Errorf("%+v, %v after %d pieces", o, err, f.Calls("create"))
	}
	all, _ := io.ReadAll(io.LimitReader(&counter{}, 70_000_001))
	if !bytes.Equal(f.Uploaded(), all) {
		t.Error("the video arrived changed")
	}
}

func TestExpiredUploadIsRefusedAndNewOneIsAnnounced(t *testing.T) {
	w, f := world(t, tiktokfake.Options{}, clip)
	steps := plan(t, w, w.Draft("Hello"))
	o, err := do(t, w, steps[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if life := o.ExpiresAt.Sub(w.Clock.Now()); life <= 0 || life >= time.Hour {
		t.Errorf("an announcement is said to live for %s", life)
	}
	w.Clock.Advance(2 * time.Hour)
	if _, err := do(t, w, steps[1], network.Outcomes{"announce": o}); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || len(f.Items()) != 0 {
		t.Errorf("%v", err)
	}
	if _, err := do(t, w, steps[1], network.Outcomes{}); !fault.Is(err, fault.Rejected) {
		t.Errorf("without an announcement: %v", err)
	}
}

func TestOnlyTikToksHostsGetTheVideo(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://open-upload.tiktokapis.com/upload/?id=1": true, "https://upload.us.tiktokapis.com/video/?upload_id=1": true, "https://open-upload-va.tiktokapis.com/x": false,
		"http://open-upload.tiktokapis.com/upload": false, "https://upload.us.tiktokapis.com.evil.example/": false, "https://evil.example/upload": false, "https://a@open-upload.tiktokapis.com/": false,
	} {
		n, session := answering(t, `{"data":{"publish_id":"v_inbox_file~v2.1","upload_url":"`+address+`"},"error":{"code":"ok"}}`)
		d := network.Draft{Key: "d", Parts: []network.Part{{Media: []network.Media{clip("")}}}, Settings: map[string]string{"mode": "inbox"}}
		steps, _ := n.(network.Publisher).Plan(d, network.Account{})
		if _, err := n.(network.Publisher).Do(t.Context(), session, steps[0], nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestLongTextThatIsShownShortIsTheSame(t *testing.T) {
	w, _ := world(t, tiktokfake.Options{}, clip)
	words := strings.Repeat("A long story. ", 40)
	done, _, err := carryOut(t, w, plan(t, w, w.Draft(words)))
	if err != nil {
		t.Fatal(err)
	}
	live, err := w.Network.(network.Reader).Read(t.Context(), w.Session, network.Remote{ID: done["post"].RemoteID, Data: done["post"].Data})
	if err != nil || live.Text != words {
		t.Errorf("%q, %v", live.Text, err)
	}
}

func TestOldAndStrangeCallsAreRefused(t *testing.T) {
	w, _ := world(t, tiktokfake.Options{}, clip)
	n := w.Network.(network.WebhookReader)
	call := w.Hook()
	call.At = call.At.Add(6 * time.Minute)
	if _, err := n.Hear(registered, call); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("six minutes later: %v", err)
	}
	call = w.Hook()
	call.Header = http.Header{"Tiktok-Signature": {"t=,s="}}
	if _, err := n.Hear(map[string]string{}, call); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("without an application: %v", err)
	}
}
