package asset_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

func TestABrokenUploadGoesOnWhereItStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		l, blobs := library(t, database)
		me := owner("ws_1")
		raw := append(jpegOf(t, photo(60, 60)), make([]byte, 1000)...)
		u, err := l.Begin(ctx, me, "brand_1", "big.jpg", int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		if u, err = l.Append(ctx, me, u.ID, 0, bytes.NewReader(raw[:700])); err != nil || u.Received != 700 {
			t.Fatalf("%+v %v", u, err)
		}
		broken := io.MultiReader(bytes.NewReader(raw[700:1000]), iotest.ErrReader(errors.New("the tunnel")))
		if _, err = l.Append(ctx, me, u.ID, 700, broken); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a broken piece is answered with %v", err)
		}
		if u, err = l.Upload(ctx, me, u.ID); err != nil || u.Received != 1000 {
			t.Fatalf("what arrived of it is not kept: %+v %v", u, err)
		}
		if _, err := l.Append(ctx, me, u.ID, 700, bytes.NewReader(raw[700:])); fault.As(err).Code != "offset" {
			t.Errorf("a piece at the wrong place is answered with %v", err)
		}
		if _, err := l.Finish(ctx, me, u.ID); fault.As(err).Code != "offset" {
			t.Errorf("an unfinished upload is answered with %v", err)
		}
		other := me
		other.UserID = "user_2"
		if _, err := l.Append(ctx, other, u.ID, 1000, bytes.NewReader(raw[1000:])); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's piece is answered with %v", err)
		}
		if _, err := l.Append(ctx, me, u.ID, 1000, bytes.NewReader(append(raw[1000:], 0))); !fault.Is(err, fault.Invalid) {
			t.Errorf("more than announced is answered with %v", err)
		}
		if _, err = l.Append(ctx, me, u.ID, 1000, bytes.NewReader(raw[1000:])); err != nil {
			t.Fatal(err)
		}
		a, err := l.Finish(ctx, me, u.ID)
		if err != nil || a.Name != "big.jpg" || a.BrandID != "brand_1" || a.Width != 60 {
			t.Fatalf("%+v %v", a, err)
		}
		if _, err := l.Upload(ctx, me, u.ID); !fault.Is(err, fault.NotFound) {
			t.Error("the finished upload is still there")
		}
		for info := range blobs.List(ctx, "ws_1/up_") {
			t.Errorf("the piece %s is still there", info.Key)
		}
	})
}

func TestACancelledUploadIsGone(t *testing.T) {
	l, blobs := library(t, dbtest.SQLite(t))
	me := owner("ws_1")
	u, err := l.Begin(ctx, me, "", "a.jpg", 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(ctx, me, u.ID, 0, bytes.NewReader(make([]byte, 50))); err != nil {
		t.Fatal(err)
	}
	if err := l.Cancel(ctx, me, u.ID); err != nil {
		t.Fatal(err)
	}
	for info := range blobs.List(ctx, "ws_1/") {
		t.Errorf("%s is still there", info.Key)
	}
	for _, size := range []int64{0, -1, asset.Largest + 1} {
		if _, err := l.Begin(ctx, me, "", "a.jpg", size); !fault.Is(err, fault.Invalid) {
			t.Errorf("an upload of %d bytes is answered with %v", size, err)
		}
	}
}

func TestTrashKeepsForThirtyDaysAndSpares(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		l, blobs := library(t, database)
		me := owner("ws_1")
		a, b := add(t, l, "a.jpg", jpegOf(t, photo(600, 600))), add(t, l, "b.jpg", jpegOf(t, photo(12, 12)))
		if _, err := l.Show(ctx, me, a.ID, asset.Thumb); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(ctx, database, `insert into posts (workspace_id, id, brand_id, title, state, base, author_id, created_at, updated_at)
			values ('ws_1', 'post_1', '', 'Spring', 'scheduled', $1, 'user_1', 0, 0)`, `{"parts":[{"media":[{"asset_id":"`+a.ID+`"}]}]}`); err != nil {
			t.Fatal(err)
		}
		if err := l.Trash(ctx, me, a.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("trashing what a scheduled post needs is answered with %v", err)
		}
		if uses, err := l.Usages(ctx, me, a.ID); err != nil || len(uses) != 1 || uses[0].Title != "Spring" || !uses[0].Unsent() {
			t.Errorf("it is used by %+v, %v", uses, err)
		}
		if _, err := db.Exec(ctx, database, `update posts set state = 'published' where workspace_id = 'ws_1'`); err != nil {
			t.Fatal(err)
		}
		if err := l.Trash(ctx, me, a.ID); err != nil {
			t.Fatal(err)
		}
		if rows, _, err := l.List(ctx, me, asset.Filter{}); err != nil || len(rows) != 1 || rows[0].ID != b.ID {
			t.Errorf("the library shows %d files, %v", len(rows), err)
		}
		if rows, _, err := l.List(ctx, me, asset.Filter{Trashed: true}); err != nil || len(rows) != 1 || rows[0].ID != a.ID {
			t.Errorf("the trash shows %d files, %v", len(rows), err)
		}
		if err := l.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Get(ctx, me, a.ID); err != nil {
			t.Errorf("it is gone at once: %v", err)
		}
		if _, err := db.Exec(ctx, database, `update assets set trashed_at = $1 where workspace_id = 'ws_1' and id = $2`, db.Now().Add(-31*24*time.Hour), a.ID); err != nil {
			t.Fatal(err)
		}
		if err := l.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Get(ctx, me, a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("after a month it is answered with %v", err)
		}
		left := 0
		for range blobs.List(ctx, "ws_1/") {
			left++
		}
		if left != 2 { // the other asset's original and its stripped file
			t.Errorf("%d files are left in the store", left)
		}
		if got := sent(t, l, network.Media{SHA256: b.SHA256}); len(got) == 0 {
			t.Error("the other asset lost its bytes")
		}
	})
}

func TestTheLibraryIsSearched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		l, _ := library(t, database)
		me := owner("ws_1")
		a, b := add(t, l, "bird_1.jpg", jpegOf(t, photo(8, 8))), add(t, l, "cat.jpg", jpegOf(t, photo(9, 9)))
		if err := l.Describe(ctx, me, b.ID, asset.Description{Name: "cat.jpg", Alt: "A Tabby on the sofa", FocusX: 4, FocusY: -0.5, Tags: []string{" spring  2027 ", "", "spring 2027", "100%"}}); err != nil {
			t.Fatal(err)
		}
		got, err := l.Get(ctx, me, b.ID)
		if err != nil || got.FocusX != 1 || got.FocusY != -0.5 || len(got.Tags) != 2 || got.Tags[0] != "spring 2027" {
			t.Errorf("it is described as %+v, %v", got, err)
		}
		for _, c := range []struct {
			f    asset.Filter
			want string
		}{{asset.Filter{Search: "tabby"}, b.ID}, {asset.Filter{Search: "BIRD_"}, a.ID}, {asset.Filter{Search: "irdx1"}, ""}, {asset.Filter{Search: "_"}, a.ID}, {asset.Filter{Tag: "100%"}, b.ID},
			{asset.Filter{Kind: "video"}, ""}, {asset.Filter{Limit: 1}, b.ID}, {asset.Filter{Before: b.ID}, a.ID}} {
			rows, _, err := l.List(ctx, me, c.f)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" && len(rows) > 0 || c.want != "" && (len(rows) != 1 || rows[0].ID != c.want) {
				t.Errorf("%+v finds %d", c.f, len(rows))
			}
		}
		if err := l.Describe(ctx, owner("ws_2"), b.ID, asset.Description{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another workspace describes it: %v", err)
		}
	})
}
