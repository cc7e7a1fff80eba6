package linkedinfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what LinkedIn is played. The zero value is an application with the Community Management API.
type Options struct {
	Product       string // "community" (default) or "share"
	NoRefresh     bool   // the application may not renew sign-ins
	Analytics     bool   // members' numbers are to be had
	AsyncMedia    int    // how often a video or document is still processing when it is asked about
	FailMedia     bool   // processing ends in failure
	RefuseDoubles bool   // a text of the last hour is refused, as LinkedIn does; else our own doubles show in the ledger
	Now           func() time.Time
	Address       string // default a free port of the loopback interface
	// Check looks at every request against a description of the API and says what it does not allow.
	Check func(r *http.Request, body []byte) []string
}

// The registered application, the member who is connected and what the member administers.
const (
	ClientID     = "client-of-bellwether"
	ClientSecret = "secret-of-bellwether"
	Redirect     = "https://bellwether.example/channels/callback/linkedin"
	BrandToken   = "token-of-the-brand"
	BrandRefresh = "refresh-of-the-brand"
	Member       = "urn:li:person:brand"
	Company      = "urn:li:organization:101"
	Second       = "urn:li:organization:102"
)

// Fake is the server. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o             Options
	mu            sync.Mutex
	n             int64
	tokens        map[string]bool
	refresh       map[string]bool
	codes         map[string]code
	files         map[string]*upload
	posts         []*post
	comments      []*comment
	notes         []map[string]any
	liked         map[string]bool   // "actor urn"
	closed        map[string]bool   // posts
	subscriptions map[string]string // addresses by key
	numbers       map[string]map[string]any
	deny          string
	faulty        []string
	calls         map[string]int
}

type post struct {
	URN, Activity, Author, Commentary string
	At                                time.Time
	Sent                              map[string]any
	Gone                              bool
}

type comment struct {
	ID, Object, Actor, Text, Parent string
	At                              time.Time
	Gone                            bool
}

func (c *comment) urn() string { return "urn:li:comment:(" + c.Object + "," + c.ID + ")" }

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Product == "" {
		o.Product = "community"
	}
	f := &Fake{o: o, subscriptions: map[string]string{}, tokens: map[string]bool{BrandToken: true}, refresh: map[string]bool{BrandRefresh: true}, codes: map[string]code{}, files: map[string]*upload{},
		liked: map[string]bool{}, closed: map[string]bool{}, numbers: map[string]map[string]any{}, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	server, err := networkfake.Start(o.Address, f.routes(), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

// id makes ids as LinkedIn does: milliseconds, and 22 bits more.
func (f *Fake) id() string {
	f.n++
	return fmt.Sprint(f.o.Now().UnixMilli()<<22 | f.n)
}

// Account is what the ledger calls an author.
func Account(urn string) string {
	return map[string]string{Member: "brand", Company: "acme", Second: "acme-labs"}[urn]
}

// Say lets somebody write: a comment below a post or a comment, or a post that mentions the company.
func (f *Fake) Say(who string, kind network.MessageKind, text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	who = "urn:li:person:" + who
	if kind == network.Mention {
		p := &post{URN: "urn:li:share:" + f.id(), Activity: "urn:li:activity:" + f.id(), Author: who, Commentary: "@[Acme](" + Company + ") " + escape(text), At: f.o.Now()}
		f.posts = append(f.posts, p)
		f.tell("SHARE_MENTION", Company, p.Activity, p.URN, p.URN, map[string]any{"share": map[string]any{"entity": p.URN, "owner": who, "text": p.Commentary}})
		return p.URN
	}
	parent := ""
	if c := f.comment(on); c != nil {
		parent, on = c.urn(), f.below(c.Object).URN
	}
	c := f.write(f.below(on), who, text, parent)
	return c.urn()
}

// escape is how LinkedIn's own pages write a text.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(marks, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Share lets an account publish by other means.
func (f *Fake) Share(author, text string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.publish(author, escape(text), nil).URN
}

// React lets somebody like a post of the company.
func (f *Fake) React(who, on string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.post(on)
	f.tell("LIKE", Company, p.Activity, p.URN, "urn:li:reaction:(urn:li:person:"+who+","+p.Activity+")", nil)
}

// tell notes something for an organisation.
func (f *Fake) tell(action, organization, activity, post, generated string, content map[string]any) {
	f.n++
	n := map[string]any{"notificationId": 5600000000 + f.n, "organizationalEntity": organization, "action": action, "sourcePost": activity, "subscriber": Member,
		"decoratedSourcePost": map[string]any{"entity": post, "owner": organization, "mediaCategory": "NONE"}, "generatedActivity": generated, "lastModifiedAt": f.o.Now().UnixMilli()}
	if content != nil {
		n["decoratedGeneratedActivity"] = content
	}
	f.notes = append(f.notes, n)
}

// Remove takes a post or a comment away as a moderator does.
func (f *Fake) Remove(urn string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(urn)
}

func (f *Fake) drop(urn string) {
	if p := f.post(urn); p != nil {
		p.Gone = true
	}
	if c := f.comment(urn); c != nil {
		c.Gone = true
	}
	f.Change(urn, func(it *networkfake.Item) { it.Deleted = true })
}

// Revoke makes every token worthless.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
	clear(f.refresh)
}

// Deny makes the person answer a sign-in with this error from now on.
func (f *Fake) Deny(word string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deny = word
}

// Measure sets the numbers of a post; nil is a post LinkedIn leaves out.
func (f *Fake) Measure(urn string, numbers map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.numbers[urn] = numbers
}

// Sent returns the request that made a post.
func (f *Fake) Sent(urn string) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.post(urn).Sent
}

// Liked and Closed report what was done to an item.
func (f *Fake) Liked(actor, urn string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.liked[actor+" "+urn]
}

// Closed reports whether a post can no longer be commented.
func (f *Fake) Closed(urn string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed[urn]
}

// Calls returns how often a class of call was made: "create", "upload", "part", "poll", "read", "write", "token".
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that LinkedIn's documentation does not allow.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.faulty)
}

// Hook is a call of LinkedIn's own that says that the company has a comment.
func (f *Fake) Hook() network.Webhook {
	body, _ := json.Marshal(map[string]any{"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": []any{
		map[string]any{"notificationId": 5603453321, "organizationalEntity": Company, "action": "COMMENT", "sourcePost": "urn:li:activity:7094637247890620418", "lastModifiedAt": 1691574506310},
		map[string]any{"notificationId": 5603453322, "organizationalEntity": Company, "action": "LIKE", "sourcePost": "urn:li:activity:7094637247890620418", "lastModifiedAt": 1691574506311}}})
	mac := hmac.New(sha256.New, []byte(ClientSecret))
	mac.Write([]byte("hmacsha256=" + string(body)))
	return network.Webhook{Method: http.MethodPost, Query: url.Values{}, Body: body, Address: "https://bellwether.example/hooks/linkedin", At: f.o.Now(),
		Header: http.Header{"X-Li-Signature": {hex.EncodeToString(mac.Sum(nil))}}}
}
