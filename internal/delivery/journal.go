package delivery

import (
	"context"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// Replies is told what became of answers and acts from the inbox, in the transaction that knows it.
type Replies interface {
	// Delivered hears of an answer: state is sent, failed or unknown.
	Delivered(ctx context.Context, tx *db.Tx, workspaceID, messageID, state string, remote network.Remote) error
	// Acted hears of an act: state is done, failed or unknown. retriedID is the failed delivery that this one repeats, ""
	// if none.
	Acted(ctx context.Context, tx *db.Tx, workspaceID, deliveryID, retriedID, state, reason string) error
}

// Followed is told of every published target, in the transaction that knows it; package metric measures it.
type Followed interface {
	Follow(ctx context.Context, tx db.Queryer, workspaceID, targetID, channelID string, remote network.Remote, published time.Time) error
}

// OpenMedia opens a file as it is to be sent.
type OpenMedia func(ctx context.Context, workspaceID string, m network.Media) (io.ReadCloser, error)

// Journal carries deliveries out.
type Journal struct {
	db       *db.DB
	store    *store
	events   *event.Events
	channels *channel.Channels
	posts    *post.Posts
	open     OpenMedia
	address  func(workspaceID string, m network.Media) string
	replies  Replies
	followed Followed

	owner  string // this process, as leases name it
	leases *leases
	wake   chan struct{}
	rests  *atomic.Int64 // until when the runner sleeps, in microseconds; 0 while it is looking

	clock  func() time.Time
	crash  func(point string)
	random func() float64
}

// New returns the journal of this database. open gives the bytes of media when a step sends them.
func New(database *db.DB, events *event.Events, channels *channel.Channels, posts *post.Posts, open OpenMedia) *Journal {
	j := &Journal{db: database, store: &store{db: database}, events: events, channels: channels, posts: posts, open: open, owner: id.New("run"),
		leases: &leases{held: map[*lease]bool{}}, wake: make(chan struct{}, 1), rests: new(atomic.Int64), clock: db.Now, crash: crashFromEnvironment(), random: rand.Float64}
	posts.OnDueChange(j.due)
	return j
}

// Tell registers who hears of answers and of published targets. Call it before Run.
func (j *Journal) Tell(replies Replies, followed Followed) { j.replies, j.followed = replies, followed }

// Reach registers where networks that take no upload may fetch a file; address answers "" where they cannot reach us.
// Call it before Run.
func (j *Journal) Reach(address func(workspaceID string, m network.Media) string) {
	j.address = address
}

// Rig is what a test of time and failure holds in its own hands; a nil field keeps the real thing.
type Rig struct {
	Clock  func() time.Time
	Crash  func(point string)              // called at every named point
	Commit func(commit func() error) error // called around every commit
	Random func() float64                  // spreads waiting times, in [0, 1)
}

// Rigged returns a journal on the same database as if another process had opened it, with a test's hands in it.
func (j *Journal) Rigged(r Rig) *Journal {
	other := *j
	other.owner, other.leases, other.store = id.New("run"), &leases{held: map[*lease]bool{}}, &store{db: j.db, around: r.Commit}
	other.rests = new(atomic.Int64)
	if r.Clock != nil {
		other.clock = r.Clock
	}
	if r.Crash != nil {
		other.crash = r.Crash
	}
	if r.Random != nil {
		other.random = r.Random
	}
	return &other
}

// At returns the same journal with another clock, for tests of time.
func (j *Journal) At(clock func() time.Time) *Journal {
	other := *j
	other.clock = clock
	return &other
}

// Wake makes the runner look now.
func (j *Journal) Wake() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// due makes the runner look now unless it will anyway before the instant at which something is due. Zero is an instant
// that is not known.
func (j *Journal) due(at time.Time) {
	if rests := j.rests.Load(); at.IsZero() || rests == 0 || at.UnixMicro() <= rests {
		j.Wake()
	}
}
