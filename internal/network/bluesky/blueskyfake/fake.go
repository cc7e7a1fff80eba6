package blueskyfake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what server is played.
type Options struct {
	NoChat    bool             // the app password does not open direct messages
	TokenLife time.Duration    // of access tokens; default two hours
	Now       func() time.Time // default time.Now
	Address   string           // default a free port of the loopback interface
}

// Brand is the account that is connected: its handle. Its app password is BrandPassword.
const (
	Brand         = "brand.test"
	BrandPassword = "abcd-efgh-ijkl-mnop"
)

// Fake is the servers. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o       Options
	mu      sync.Mutex
	n       int64
	people  map[string]*person // by DID
	tokens  map[string]string  // token → DID
	blobs   map[string]blob    // by cid
	records map[string]*record // by address, in all repositories
	order   []*record          // as they were written
	mutes   map[string]bool
	reports []string          // what the brand reported, in order
	claimed map[string]string // handle → DID that does not confirm it
	convos  []*convo
	log     []event
	lexicon *Lexicon
	faulty  []string
	calls   map[string]int
}

type person struct {
	DID, Handle, Name string
}

type blob struct {
	owner, mime string
	size        int
	used        bool
}

type record struct {
	did, collection, key, cid string
	value                     map[string]any
	at                        time.Time // when the index took it
	silent                    bool      // it came before its parent: nobody is notified
	gone                      bool
	unseen                    bool // in the repository, not in the index
}

func (r *record) uri() string { return "at://" + r.did + "/" + r.collection + "/" + r.key }

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLife == 0 {
		o.TokenLife = 2 * time.Hour
	}
	f := &Fake{o: o, people: map[string]*person{}, tokens: map[string]string{}, blobs: map[string]blob{}, records: map[string]*record{}, mutes: map[string]bool{}, claimed: map[string]string{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	f.Faults.ResetHeader = "RateLimit-Reset"
	f.person(Brand)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// DID returns the identity behind a handle; the account is made if there is none.
func (f *Fake) DID(handle string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.person(handle).DID
}

func (f *Fake) person(handle string) *person {
	for _, p := range f.people {
		if p.Handle == handle {
			return p
		}
	}
	name, _, _ := strings.Cut(handle, ".")
	p := &person{DID: "did:plc:" + didPart(handle), Handle: handle, Name: strings.ToUpper(name[:1]) + name[1:]}
	f.people[p.DID] = p
	return p
}

// Tokens signs the brand in and returns its pair, access before refresh.
func (f *Fake) Tokens() (access, refresh string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokensOf(f.person(Brand))
}

// tokensOf makes tokens shaped as the real ones; nobody can check their signature anyway.
func (f *Fake) tokensOf(p *person) (access, refresh string) {
	scope := "com.atproto.appPassPrivileged"
	if f.o.NoChat {
		scope = "com.atproto.appPass"
	}
	make := func(scope string, life time.Duration) string {
		f.n++
		claims, _ := json.Marshal(map[string]any{"scope": scope, "sub": p.DID, "aud": "did:web:localhost", "jti": f.n, "iat": f.o.Now().Unix(), "exp": f.o.Now().Add(life).Unix()})
		token := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256K","typ":"at+jwt"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims) + "." + fmt.Sprintf("signature%d", f.n)
		f.tokens[token] = p.DID
		return token
	}
	return make(scope, f.o.TokenLife), make("com.atproto.refresh", 90*24*time.Hour)
}

// Say lets somebody post, in answer to another post (its address) or to none (""), and returns the address.
func (f *Fake) Say(handle, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.say(handle, text, on, f.o.Now(), false)
}

// SayAt is Say by somebody whose clock shows another time.
func (f *Fake) SayAt(handle, text, on string, claimed time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.say(handle, text, on, claimed, false)
}

// SayUnheard is Say with a reply that the index takes before its parent: it makes no notification, ever.
func (f *Fake) SayUnheard(handle, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.say(handle, text, on, f.o.Now(), true)
}

func (f *Fake) say(handle, text, on string, claimed time.Time, silent bool) string {
	value := map[string]any{"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(claimed)}
	if parent := f.records[on]; parent != nil {
		root := map[string]any{"uri": parent.uri(), "cid": parent.cid}
		if reply, ok := parent.value["reply"].(map[string]any); ok {
			root, _ = reply["root"].(map[string]any)
		}
		value["reply"] = map[string]any{"root": root, "parent": map[string]any{"uri": parent.uri(), "cid": parent.cid}}
	} else {
		at := strings.Index(text, "@"+Brand)
		if at >= 0 {
			value["facets"] = []any{map[string]any{"index": map[string]any{"byteStart": float64(at), "byteEnd": float64(at + 1 + len(Brand))},
				"features": []any{map[string]any{"$type": "app.bsky.richtext.facet#mention", "did": f.person(Brand).DID}}}}
		}
	}
	return f.put(f.person(handle).DID, "app.bsky.feed.post", f.key(), value, silent).uri()
}

// Like, Repost, Quote and Follow let somebody react.
func (f *Fake) Like(handle, on string) { f.react(handle, "app.bsky.feed.like", on) }

// Repost lets somebody repost.
func (f *Fake) Repost(handle, on string) { f.react(handle, "app.bsky.feed.repost", on) }

func (f *Fake) react(handle, collection, on string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(f.person(handle).DID, collection, f.key(), map[string]any{"$type": collection, "createdAt": stamp(f.o.Now()), "subject": map[string]any{"uri": on, "cid": f.records[on].cid}}, false)
}

// Quote lets somebody quote a post.
func (f *Fake) Quote(handle, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	value := map[string]any{"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(f.o.Now()),
		"embed": map[string]any{"$type": "app.bsky.embed.record", "record": map[string]any{"uri": on, "cid": f.records[on].cid}}}
	return f.put(f.person(handle).DID, "app.bsky.feed.post", f.key(), value, false).uri()
}

// Follow lets somebody follow the brand.
func (f *Fake) Follow(handle string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(f.person(handle).DID, "app.bsky.graph.follow", f.key(), map[string]any{"$type": "app.bsky.graph.follow", "createdAt": stamp(f.o.Now()), "subject": f.person(Brand).DID}, false)
}

// Remove takes a post away as a moderator does.
func (f *Fake) Remove(uri string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(uri)
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens = map[string]string{}
}

// Record returns a record of the brand by collection and key, nil if there is none.
func (f *Fake) Record(collection, key string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.records["at://"+f.person(Brand).DID+"/"+collection+"/"+key]; r != nil {
		return r.value
	}
	return nil
}

// Records counts the brand's records of a collection.
func (f *Fake) Records(collection string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.records {
		if r.collection == collection && r.did == f.person(Brand).DID {
			n++
		}
	}
	return n
}

// Muted reports whether the brand muted somebody.
func (f *Fake) Muted(handle string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mutes[f.person(Brand).DID+" "+f.person(handle).DID]
}

// Calls returns how often a class of call was made: "create", "upload", "read", "write", "delete", "token".
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that the lexicons do not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.faulty...)
}

// Claim makes the server say that a handle belongs to somebody whose identity does not confirm it.
func (f *Fake) Claim(handle, owner string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claimed[handle] = f.person(owner).DID
}

// SayRaw lets somebody write a record that no lexicon allows, as strangers' servers do.
func (f *Fake) SayRaw(handle string, value map[string]any) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.put(f.person(handle).DID, posts, f.key(), value, false).uri()
}

// Gate forbids everyone to quote somebody's post.
func (f *Fake) Gate(did, key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(did, "app.bsky.feed.postgate", key, map[string]any{"$type": "app.bsky.feed.postgate", "post": "at://" + did + "/" + posts + "/" + key, "createdAt": stamp(f.o.Now()),
		"embeddingRules": []any{map[string]any{"$type": "app.bsky.feed.postgate#disableRule"}}}, false)
}

// Lag makes the index not show a post that is in its repository.
func (f *Fake) Lag(uri string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records[uri].unseen = true
}
