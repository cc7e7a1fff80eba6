package post_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
)

func (h *house) preview(e post.Edit) []post.Preview {
	h.t.Helper()
	e.BrandID = "brand_1"
	if len(e.Channels) == 0 {
		e.Channels = []string{h.ch.ID}
	}
	shown, err := h.posts.Preview(context.Background(), h.actor, e)
	if err != nil {
		h.t.Fatal(err)
	}
	return shown
}

func (h *house) defaults(d channel.Defaults) {
	h.t.Helper()
	h.ok(h.channels.Configure(context.Background(), h.actor, h.ch.ID, channel.Change{Defaults: &d}))
}

func codes(p post.Preview) []string {
	var out []string
	for _, problem := range p.Problems {
		out = append(out, problem.Code)
	}
	return out
}

func TestWhatIsShownIsWhatIsSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		_, a := h.shelf()
		h.defaults(channel.Defaults{Signature: "– the club", Hashtags: "#club #jazz", FirstComment: "Who comes?", Language: "en", Settings: map[string]string{"audience": "followers"}})
		alt, x, y := "a hill", 0.25, -0.5
		e := post.Edit{Base: say("We play https://example.com/tonight #Jazz", "Part two")}
		e.Base.Parts[0].Media = []post.MediaUse{{AssetID: a.ID, Alt: &alt, FocusX: &x, FocusY: &y}}
		e.Base.Parts[0].Card = &network.Card{URL: "https://example.com/tonight", Title: "Tonight", Thumb: &network.Media{ID: a.ID}}
		shown := h.preview(e)[0]
		d := shown.Draft
		if len(d.Parts) != 2 || d.Parts[1].Text != "Part two\n\n#club #jazz\n\n– the club" || d.Language != "en" || d.Settings["audience"] != "followers" || d.FirstComment == nil || d.FirstComment.Text != "Who comes?" {
			t.Fatalf("the draft is %+v", d)
		}
		if m := d.Parts[0].Media[0]; m.Alt != alt || m.FocusX != x || m.FocusY != y || m.SHA256 != a.SHA256 {
			t.Errorf("the file is %+v", m)
		}
		if c := d.Parts[0].Card; c.Thumb == nil || c.Thumb.SHA256 != a.SHA256 || c.Thumb.Bytes != a.Bytes || !strings.Contains(c.URL, "/l/") {
			t.Errorf("the card is %+v", c)
		}
		made := h.write(e)
		h.ok(h.posts.Schedule(context.Background(), h.actor, made.ID, post.Plan{Now: true}))
		var sent post.Sending
		h.ok(h.db.Tx(context.Background(), func(tx *db.Tx) (err error) {
			sent, err = h.posts.Begin(context.Background(), tx, "ws_1", h.target(made.ID).ID)
			return err
		}))
		for i, part := range sent.Draft.Parts {
			if len(part.Text) != len(d.Parts[i].Text) {
				t.Errorf("part %d is sent as %q, shown was %q", i+1, part.Text, d.Parts[i].Text)
			}
		}
		if sent.Draft.FirstComment.Text != d.FirstComment.Text || sent.Draft.Settings["audience"] != "followers" || len(sent.Draft.Parts[0].Media) != 1 {
			t.Errorf("sent is %+v", sent.Draft)
		}
	})
}

func TestChannelEndingsAreAddedOnceAndNeverToNothing(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	h.defaults(channel.Defaults{Signature: "– the club", Hashtags: "#club #jazz"})
	own := say("only for you")
	for _, c := range []struct {
		name string
		e    post.Edit
		want string
	}{
		{"nothing written", post.Edit{Base: say("")}, ""},
		{"both", post.Edit{Base: say("Hello")}, "Hello\n\n#club #jazz\n\n– the club"},
		{"one tag is there", post.Edit{Base: say("Hello #JAZZ all")}, "Hello #JAZZ all\n\n#club\n\n– the club"},
		{"a longer tag is another", post.Edit{Base: say("Hello #jazzband #club")}, "Hello #jazzband #club\n\n#jazz\n\n– the club"},
		{"all there", post.Edit{Base: say("Hello #club #jazz – the club")}, "Hello #club #jazz – the club"},
		{"own words", post.Edit{Base: say("x"), Variants: map[string]post.VariantEdit{h.ch.ID: {Content: &own}}}, "only for you\n\n– the club"},
	} {
		if got := h.preview(c.e)[0].Draft.Parts[0].Text; got != c.want {
			t.Errorf("%s: %q, expected %q", c.name, got, c.want)
		}
	}
	if p := h.preview(post.Edit{Base: say("")})[0]; !p.Blocked() {
		t.Error("a signature alone can be published")
	}
}

func TestLengthIsRefusedBeyondTheLimitAndNotAtIt(t *testing.T) { // B04
	h := build(t, dbtest.SQLite(t))
	for n, blocked := range map[int]bool{499: false, 500: false, 501: true} {
		p := h.preview(post.Edit{Base: say(strings.Repeat("a", n))})[0]
		if p.Blocked() != blocked || p.Counts[0].Used != n || p.Counts[0].Limit != 500 {
			t.Errorf("%d characters: blocked %v, counted %+v", n, p.Blocked(), p.Counts[0])
		}
	}
}

func TestAdviceNamesWhatReadsBadly(t *testing.T) { // B07, B27, B32
	h := build(t, dbtest.SQLite(t))
	_, a := h.shelf()
	for text, want := range map[string]string{
		"Tonight {{band}} plays":             "unfinished",
		"Tonight [name] plays":               "unfinished",
		"Lorem ipsum dolor":                  "unfinished",
		"TODO: write this":                   "unfinished",
		"WE OPEN THE DOORS AT EIGHT TONIGHT": "all_caps",
		"We open the the doors":              "double_word",
		"𝗪𝗲 open the doors":                  "fancy_letters",
		"Party 🎉🎉🎉🎉🎉":                        "emoji_run",
		"":                                   "empty",
		"A quiet evening, we open at eight.": "",
		"八時に開きます。静かな夜です。どうぞお越しください。":             "",
		"We had had enough, no no-shows; NATO 8": "double_word",
		"Family 👨‍👩‍👧‍👦 evening 👍🏽":              "",
		"See https://example.com/TODO ok":        "",
		"ÜBER DEN DÄCHERN DER STADT IST RUHE":    "all_caps",
	} {
		p := h.preview(post.Edit{Base: say(text)})[0]
		if want == "" && len(p.Problems) > 0 || want != "" && !slices.Contains(codes(p), want) {
			t.Errorf("%q: %v, expected %q", text, codes(p), want)
		}
	}
	blank, e := "  ", post.Edit{Base: say("With a picture")}
	e.Base.Parts[0].Media = []post.MediaUse{{AssetID: a.ID, Alt: &blank}}
	if p := h.preview(e)[0]; !slices.Contains(codes(p), "alt_missing") || p.Blocked() {
		t.Errorf("a picture without words: %v, blocked %v", codes(p), p.Blocked())
	}
	e.Base.Parts[0].Media = []post.MediaUse{{AssetID: "asset_gone"}}
	if p := h.preview(e)[0]; !slices.Contains(codes(p), "asset_not_found") || !p.Blocked() {
		t.Errorf("a picture that is gone: %v", codes(p))
	}
}

// fetcher is a network that fetches files itself.
type fetcher struct{ *sandbox.Sandbox }

func (f fetcher) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	steps, problems := f.Sandbox.Plan(d, a)
	for i := range steps {
		steps[i].Fetched = len(d.Parts[0].Media) > 0
	}
	return steps, problems
}

func TestFilesThatNobodyCouldFetchAreRefusedWhilePlanning(t *testing.T) { // B04
	h := build(t, dbtest.SQLite(t))
	keys, err := secret.Load(t.TempDir(), "")
	h.ok(err)
	h.channels = channel.New(h.db, h.events, keys, network.NewRegistry(fetcher{sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())}), safehttp.New(safehttp.Policy{}))
	library, a := h.shelf()
	e := post.Edit{Base: say("With a picture")}
	if p := h.preview(e)[0]; p.Blocked() {
		t.Errorf("a post without files is refused: %v", codes(p))
	}
	e.Base.Parts[0].Media = []post.MediaUse{{AssetID: a.ID}}
	if p := h.preview(e)[0]; !slices.Contains(codes(p), "no_public_address") || !p.Blocked() {
		t.Errorf("no network can reach this installation: %v, blocked %v", codes(p), p.Blocked())
	}
	library.Reachable(keys, &url.URL{Scheme: "https", Host: "bell.example"})
	if p := h.preview(e)[0]; p.Blocked() {
		t.Errorf("networks can reach this installation: %v", codes(p))
	}
}

func TestTheAssetsOwnWordsAreUsedUntilOthersAreWritten(t *testing.T) { // B07
	h := build(t, dbtest.SQLite(t))
	library, a := h.shelf()
	h.ok(library.Describe(context.Background(), h.actor, a.ID, asset.Description{Name: a.Name, Alt: "A hill in fog"}))
	e := post.Edit{Base: say("x")}
	e.Base.Parts[0].Media = []post.MediaUse{{AssetID: a.ID}}
	if got := h.preview(e)[0].Draft.Parts[0].Media[0].Alt; got != "A hill in fog" {
		t.Errorf("alt text is %q", got)
	}
}

func TestAChannelThatCannotBeReachedIsNamed(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	h.exec(`update connections set state = 'needs_reconnect' where workspace_id = 'ws_1' and id = $1`, h.ch.ConnectionID)
	if p := h.preview(post.Edit{Base: say("x")})[0]; !slices.Contains(codes(p), "channel_reconnect") || p.Blocked() {
		t.Errorf("%v, blocked %v", codes(p), p.Blocked())
	}
	h.exec(`update channels set disconnected_at = 1 where workspace_id = 'ws_1' and id = $1`, h.ch.ID)
	if p := h.preview(post.Edit{Base: say("x")})[0]; !slices.Contains(codes(p), "channel_disconnected") || !p.Blocked() {
		t.Errorf("%v, blocked %v", codes(p), p.Blocked())
	}
}

func TestTheSameTextTwiceInADayAsks(t *testing.T) { // B31
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		ctx := context.Background()
		plan := func(text, wall string, confirm bool) error {
			return h.posts.Schedule(ctx, h.actor, h.write(post.Edit{Base: say(text)}).ID, post.Plan{Wall: wall, Zone: "Europe/Berlin", Confirm: confirm})
		}
		h.ok(plan("Tonight we play until two https://example.com/a", "2026-11-25T20:00", false))
		if err := plan("Tonight  we play until two https://example.com/a", "2026-11-26T10:00", false); fault.As(err).Code != "duplicate" {
			t.Errorf("the same text on the next morning is answered with %v", err)
		}
		h.ok(plan("Tonight we play until two https://example.com/a", "2026-11-26T10:00", true))
		h.ok(plan("Tonight we play until two https://example.com/a", "2026-11-29T20:00", false))
		h.ok(plan("Something else altogether for the same evening", "2026-11-25T21:00", false))
	})
}

func TestSimilarTextsAreShownToTheWriter(t *testing.T) { // B31
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		long := strings.Repeat("We play the old songs and some new ones, and the doors are open until two. ", 5)
		first := h.write(post.Edit{Base: say(long)})
		h.ok(h.posts.Schedule(context.Background(), h.actor, first.ID, post.Plan{Wall: "2026-11-25T20:00", Zone: "Europe/Berlin"}))
		again := h.write(post.Edit{Base: say(strings.Replace(long, "old", "older", 1))})
		found, err := h.posts.Alike(context.Background(), h.actor, again.ID)
		if err != nil || len(found) != 1 || found[0].PostID != first.ID || found[0].ChannelName != h.ch.Name {
			t.Errorf("alike are %+v, %v", found, err)
		}
		other := h.write(post.Edit{Base: say("Nothing of the kind")})
		if found, err := h.posts.Alike(context.Background(), h.actor, other.ID); err != nil || len(found) != 0 {
			t.Errorf("alike are %+v, %v", found, err)
		}
	})
}

func TestAThreadIsCutWhereEveryChannelCanFollow(t *testing.T) { // B05
	h := build(t, dbtest.SQLite(t))
	ctx := context.Background()
	text := strings.TrimSpace(strings.Repeat("We open the doors at eight and play until two. ", 30))
	parts, err := h.posts.Split(ctx, h.actor, post.Edit{}, []string{h.ch.ID, h.ch2.ID}, text, true)
	if err != nil || len(parts) < 3 || !strings.HasSuffix(parts[0], "1/3") {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	for i, p := range h.preview(post.Edit{Base: say(parts...)})[0].Counts {
		if p.Used > p.Limit {
			t.Errorf("part %d has %d characters", i+1, p.Used)
		}
	}
	if parts, err := h.posts.Split(ctx, h.actor, post.Edit{}, []string{h.ch.ID}, "short", true); err != nil || len(parts) != 1 || parts[0] != "short" {
		t.Errorf("a short text becomes %q, %v", parts, err)
	}
	links := strings.TrimSpace(strings.Repeat("https://example.com/"+strings.Repeat("x", 200)+" ", 8)) // as short links they fit into one
	if parts, err := h.posts.Split(ctx, h.actor, post.Edit{}, []string{h.ch.ID}, links, false); err != nil || len(parts) != 1 {
		t.Errorf("links are counted as they are written: %d parts, %v", len(parts), err)
	}
}
