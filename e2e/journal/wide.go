package journal

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/every"
	"github.com/bellwether-social/bellwether/internal/post"
)

// wide is an installation with a channel on every account of every network's fake.
type wide struct {
	*lab
	fakes    []*every.Fake
	seats    []*seat
	promises []promise
}

// seat is one channel.
type seat struct {
	every.Channel
	fake    *every.Fake
	channel string
	number  int
}

// String is the network and the proofs of its posts, by which several channels of one differ.
func (s *seat) String() string {
	proofs := string(s.Posts[0].Kind)
	for _, p := range s.Posts[1:] {
		if !strings.Contains(proofs, string(p.Kind)) {
			proofs += ", " + string(p.Kind)
		}
	}
	return s.fake.Key + " (" + proofs + ")"
}

// promise is one post on one channel: what must be live once, or be said to be in doubt.
type promise struct {
	target string
	on     *seat
	texts  []string // its parts, then its first comment
}

// newWide makes an installation with channels everywhere.
func newWide(t *testing.T, database string, seed uint64) *wide {
	t.Helper()
	w := &wide{lab: bare(t, database, seed), fakes: every.Start(t)}
	w.env = []string{"BELLWETHER_GATEWAYS=" + every.Gateways(w.fakes), "BELLWETHER_URL=https://bellwether.example"}
	w.with(func(d *db.DB) {
		for _, f := range w.fakes {
			for _, c := range f.Channels {
				w.connect(d, f, c)
			}
		}
	})
	return w
}

func (w *wide) connect(d *db.DB, f *every.Fake, c every.Channel) {
	w.t.Helper()
	ctx, channels := context.Background(), w.channels(d, f.Connected(c))
	if f.Network.Spec().App != nil {
		if err := channels.RegisterApp(ctx, owner, f.Key, c.Session.App); err != nil {
			w.t.Fatalf("register at %s: %v", f.Key, err)
		}
	}
	connected, err := channels.SignIn(ctx, owner, f.Key, brandID, nil)
	if err != nil {
		w.t.Fatalf("connect %s: %v", f.Key, err)
	}
	w.seats = append(w.seats, &seat{c, f, connected[0].ID, len(w.seats)})
}

// plan schedules posts on every channel, at random within a time. They take the channel's forms in turn; every third is
// a thread with a first comment, where the network has such things.
func (w *wide) plan(d *db.DB, each int, from time.Time, within time.Duration) {
	w.t.Helper()
	ctx, networks := context.Background(), []network.Network{}
	for i, f := range w.fakes {
		if i == 0 || w.fakes[i-1].Key != f.Key { // several programs of one network
			networks = append(networks, f.Network)
		}
	}
	events, channels := event.New(d), w.channels(d, networks...)
	blobs, err := blob.NewFolder(filepath.Join(w.data, "media"))
	if err != nil {
		w.t.Fatal(err)
	}
	library, site := asset.New(d, blobs), &url.URL{Scheme: "https", Host: "bellwether.example"}
	library.Reachable(nil, site)
	files := map[every.File]string{}
	for _, f := range []every.File{every.Picture, every.Film} {
		a, err := library.Add(ctx, owner, brandID, string(f), bytes.NewReader(f.Bytes()))
		if err != nil {
			w.t.Fatalf("take in %s: %v", f, err)
		}
		files[f] = a.ID
	}
	posts := post.New(d, events, channels, link.New(d, events, site), library)
	for n := range each {
		for _, s := range w.seats {
			p := w.write(n, s, files)
			made, err := posts.Create(ctx, owner, p.edit)
			if err == nil {
				err = posts.Schedule(ctx, owner, made.ID, post.Plan{Now: true, Confirm: true})
			}
			if err != nil {
				w.t.Fatalf("plan %+v on %s: %v", p.edit, s, err)
			}
			targets, err := posts.Targets(ctx, owner, made.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			p.target = targets[0].ID
			w.exec(d, `update targets set due_at = $1 where id = $2`, from.Add(time.Duration(w.chance.Int64N(int64(within)))), p.target)
			w.promises = append(w.promises, p.promise)
		}
	}
}

type written struct {
	promise
	edit post.Edit
}

// write words the n-th post of a channel.
func (w *wide) write(n int, s *seat, files map[every.File]string) written {
	form, spec := s.Posts[n%len(s.Posts)], s.fake.Network.Spec()
	name := fmt.Sprintf("post %03d for channel %02d", n, s.number)
	p := written{promise{on: s, texts: []string{"The " + name}}, post.Edit{BrandID: brandID, Channels: []string{s.channel}}}
	parts := []post.Part{{Text: p.texts[0]}}
	if form.File != every.None {
		parts[0].Media = []post.MediaUse{{AssetID: files[form.File]}}
	}
	if n%3 == 2 && spec.Threads {
		for part := 2; part <= 3; part++ {
			text := fmt.Sprintf("Part %d of %s", part, name)
			p.texts, parts = append(p.texts, text), append(parts, post.Part{Text: text})
		}
	}
	p.edit.Base.Parts = parts
	if n%3 == 2 && spec.FirstComment && !s.Mute {
		p.edit.Base.FirstComment = "First comment on " + name
		p.texts = append(p.texts, p.edit.Base.FirstComment)
	}
	p.edit.Variants = map[string]post.VariantEdit{s.channel: {Settings: form.With(p.texts[0])}}
	return p
}

// live are the items of an account that carry a text.
func (s *seat) live(text string) (ids []string) {
	for _, it := range s.fake.Items() {
		if it.Account == s.Ledger && !it.Deleted && strings.Contains(it.Text, text) {
			ids = append(ids, it.ID)
		}
	}
	return ids
}
