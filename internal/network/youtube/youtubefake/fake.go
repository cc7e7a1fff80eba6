package youtubefake

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
)

// Options decide what is played. The zero value is a verified channel at which all goes well.
type Options struct {
	Polls      int              // how often a video is still being processed when it is asked about
	Failure    string           // the failureReason every video ends with
	Rejection  string           // the rejectionReason every video ends with
	MostBytes  int64            // of a chunk that are taken; the rest is lost
	Unverified bool             // videos of up to 15 minutes only
	Hidden     bool             // the channel hides its subscribers
	NoChannel  bool             // the Google account has no channel
	NoRefresh  bool             // the sign-in brings no refresh token
	Narrow     bool             // the person ticked only some boxes
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// Brand is the channel that is connected; BrandToken and BrandRefresh are good from the start, for the application
// ClientID with ClientSecret.
const (
	Brand        = "UCbrandbrandbrandbrandbr"
	BrandToken   = "access-of-the-brand"
	BrandRefresh = "refresh-of-the-brand"
	ClientID     = "client.apps.googleusercontent.com"
	ClientSecret = "secret-of-the-client"
	Uploads      = "UUbrandbrandbrandbrandbr"
	Playlist     = "PLspring"
)

// Fake is Google. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	n        int
	access   map[string]bool // good access tokens
	refresh  map[string]bool
	codes    map[string]code
	sessions map[string]*session
	videos   []*video
	comments []*comment
	lists    map[string][]string // playlist → videos
	banned   map[string]bool
	refusals map[string][]refusal // planned, by class
	specs    []*described.Document
	faulty   []string
	calls    map[string]int
}

type code struct{ redirect, challenge string }

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{o: o, access: map[string]bool{BrandToken: true}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]code{}, sessions: map[string]*session{},
		lists: map[string][]string{Playlist: nil}, banned: map[string]bool{}, refusals: map[string][]refusal{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// Describe makes every request be judged by published descriptions.
func (f *Fake) Describe(docs ...*described.Document) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.specs = docs
}

// Violations lists requests that no description allows.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.faulty)
}

// Calls returns how often a class of call was made: "create", "upload", "read", "edit", "delete", "write", "token".
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Refuse makes the next call of a class be refused with one of the API's own reasons.
func (f *Fake) Refuse(class string, status int, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusals[class] = append(f.refusals[class], refusal{status, reason, "Refused: " + reason})
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.access)
	clear(f.refresh)
}

// EndSessions forgets all upload sessions, as after a week.
func (f *Fake) EndSessions() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.sessions)
}

// Remove takes a video or a comment away.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(id)
}

func (f *Fake) drop(id string) bool {
	found := false
	for _, v := range f.videos {
		if v.ID == id && !v.gone {
			v.gone, found = true, true
		}
	}
	for _, c := range f.comments {
		if c.ID == id && !c.gone {
			c.gone, found = true, true
		}
	}
	if found {
		f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
	}
	return found
}

// Say lets somebody comment on a video, or answer a comment.
func (f *Fake) Say(who, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.comment(who, text, on).ID
}

// Hold holds a comment back for the channel's decision.
func (f *Fake) Hold(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.commentBy(id).state = "heldForReview"
}

// State returns a comment's moderation state, and whether its author is banned.
func (f *Fake) State(id string) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.commentBy(id)
	return c.state, f.banned[c.author]
}

// InPlaylist lists the videos of a playlist.
func (f *Fake) InPlaylist(id string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.lists[id])
}

// Video returns what was said of a video, as it was sent; nil is none.
func (f *Fake) Video(id string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v := f.video(id); v != nil {
		return map[string]any{"snippet": v.snippet, "status": v.status, "paid": v.paid, "notify": v.notify, "thumbnail": v.thumbnail, "bytes": string(v.file)}
	}
	return nil
}

// Count sets a video's numbers: views, likes, comments ("" = not told) and shares.
func (f *Fake) Count(id, views, likes, comments string, shares int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := f.video(id)
	v.counts, v.shares = map[string]string{"viewCount": views, "likeCount": likes, "commentCount": comments}, shares
}

func (f *Fake) id(form string) string {
	f.n++
	return fmt.Sprintf(form, f.n)
}

func (f *Fake) now() time.Time { return f.o.Now().UTC().Truncate(time.Second) }
