package instagramfake

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what is played.
type Options struct {
	Small      bool             // the account has fewer than 100 followers
	Own        bool             // Instagram's own sign-in instead of Facebook's
	AsyncMedia int              // how often a container is still in progress when it is asked about
	BadMedia   string           // what a failed container says: every container fails
	BadOnce    bool             // only the first container fails
	Quota      int              // posts in a day; default 100
	Unlinked   bool             // the Page has no professional account
	Fetch      bool             // files are fetched by their address, and a container without one is refused
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// The account that is connected, and the Page it is linked to; they exist from the start.
const (
	Brand      = "17841400000000001"
	Handle     = "brand"
	Page       = "1001"
	BrandToken = "token-of-the-brand"
)

// Fake is the server. All exported methods are safe for concurrent use.
type Fake struct {
	*graphfake.Core
	o          Options
	containers map[string]*container
	media      []*media // as they were made
	notes      []*comment
	likes      map[string]bool
	rings      int
	failed     int
}

type container struct {
	id, status, says string
	polls            int
	made             time.Time
	form             url.Values
	children         int
	used             bool
}

type media struct {
	id, caption, username, product, kind string
	at                                   time.Time
	children                             int
	form                                 url.Values // of its container
	closed, gone                         bool
}

type comment struct {
	id, media, parent, username, user, text string
	at                                      time.Time
	hidden, gone                            bool
}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Quota == 0 {
		o.Quota = 100
	}
	f := &Fake{Core: graphfake.New(o.Now), o: o, containers: map[string]*container{}, likes: map[string]bool{}}
	f.Ledgers = map[string]string{Page: Brand}
	if o.Own {
		f.NoProof = true
		f.Grant(BrandToken, Brand)
		f.Web("GET /oauth/authorize", f.authorize)
		f.Raw("/oauth/access_token", "token", f.short)
		f.Raw("/access_token", "token", f.long)
		f.Raw("/refresh_access_token", "token", f.long)
	} else {
		f.Grant(BrandToken, Page)
		f.Grant(graphfake.UserToken, graphfake.Person())
	}
	if err := f.Run(o.Address, f); err != nil {
		return nil, err
	}
	return f, nil
}

// authorize plays a person who is signed in as the brand and allows everything.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != graphfake.AppID || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "instagram_business_basic") {
		http.Error(w, "invalid client or redirect", http.StatusBadRequest)
		return
	}
	back.RawQuery = url.Values{"code": {f.Code(q.Get("redirect_uri")) + "#_"}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (f *Fake) short(c *graphfake.Call) (any, *graphfake.Refusal) {
	q := c.Form
	switch {
	case c.Method != "POST" || q.Get("grant_type") != "authorization_code":
		return nil, graphfake.No(100, 0, "Invalid grant_type")
	case q.Get("client_id") != graphfake.AppID || q.Get("client_secret") != graphfake.AppSecret:
		return nil, graphfake.No(1, 0, "Error validating client secret.")
	case !f.Redeem(q.Get("code"), q.Get("redirect_uri")):
		return nil, graphfake.No(100, 36009, "This authorization code has been used.")
	}
	return graphfake.Doc{"data": []any{graphfake.Doc{"access_token": f.Token(Brand), "user_id": Brand, "permissions": "instagram_business_basic"}}}, nil
}

func (f *Fake) long(c *graphfake.Call) (any, *graphfake.Refusal) {
	q := c.Form
	exchange := q.Get("grant_type") == "ig_exchange_token" && q.Get("client_secret") == graphfake.AppSecret && strings.HasPrefix(c.URL.Path, "/access_token")
	refresh := q.Get("grant_type") == "ig_refresh_token" && strings.HasPrefix(c.URL.Path, "/refresh_access_token")
	switch {
	case !exchange && !refresh:
		return nil, graphfake.No(100, 0, "Invalid grant_type or secret")
	case f.SubjectOf(q.Get("access_token")) == "":
		return nil, graphfake.No(190, 463, "Error validating access token: Session has expired.")
	}
	return graphfake.Doc{"access_token": f.Token(Brand), "token_type": "bearer", "expires_in": 5184000}, nil
}

// stranger is somebody who writes to the brand.
var stranger = graphfake.Doc{"id": "7001", "username": "ann"}

func self() graphfake.Doc { return graphfake.Doc{"id": Brand, "username": Handle} }

func (f *Fake) owner() string {
	if f.o.Own {
		return Brand
	}
	return Page
}

// Say lets somebody write to the brand and returns the item's id; on is the brand's post or a comment for a comment.
func (f *Fake) Say(kind network.MessageKind, text, on string) string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	switch kind {
	case network.Comment:
		return f.write(on, "ann", "7001", text).id
	case network.Direct:
		return f.Write("instagram", f.owner(), self(), stranger, text)
	}
	m := &media{id: "9" + f.Number(), caption: text, username: "ann", product: "FEED", kind: "IMAGE", at: f.Clock()}
	f.media = append(f.media, m)
	return m.id
}

func (f *Fake) write(on, username, user, text string) *comment {
	c := &comment{id: "5" + f.Number(), media: on, username: username, user: user, text: text, at: f.Clock()}
	if below := f.note(on); below != nil {
		c.media, c.parent = below.media, below.id
	}
	f.notes = append(f.notes, c)
	return c
}

// Remove takes an item away as a moderator does.
func (f *Fake) Remove(id string) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	f.drop(id)
}

func (f *Fake) drop(id string) {
	if m := f.post(id); m != nil {
		m.gone = true
	}
	if n := f.note(id); n != nil {
		n.gone = true
	}
	f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
}

// Hook is a call to our webhook that says that the brand has news.
func (f *Fake) Hook() network.Webhook { return graphfake.Hook("instagram", Brand, f.Clock()) }

// Sent returns the parameters of the container that a post was made of.
func (f *Fake) Sent(id string) url.Values {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	if m := f.post(id); m != nil {
		return m.form
	}
	return nil
}

// Container returns the parameters that a container was made with.
func (f *Fake) Container(id string) url.Values {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	if c := f.containers[id]; c != nil {
		return c.form
	}
	return nil
}

// Closed reports whether a post takes no comments.
func (f *Fake) Closed(id string) bool {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	m := f.post(id)
	return m != nil && m.closed
}

// Hidden reports whether a comment is hidden.
func (f *Fake) Hidden(id string) bool {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	n := f.note(id)
	return n != nil && n.hidden
}

// Liked reports whether the brand likes an item.
func (f *Fake) Liked(id string) bool {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return f.likes[id]
}

// Subscribed reports how often the app asked for news.
func (f *Fake) Subscribed() int {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return f.rings
}

func (f *Fake) post(id string) *media {
	for _, m := range f.media {
		if m.id == id && !m.gone {
			return m
		}
	}
	return nil
}

func (f *Fake) note(id string) *comment {
	for _, n := range f.notes {
		if n.id == id && !n.gone {
			return n
		}
	}
	return nil
}

// CommentOf says who wrote a comment.
func (f *Fake) CommentOf(id string) (platform, owner string, me, other graphfake.Doc, at time.Time, ok bool) {
	n := f.note(id)
	if n == nil {
		return "", "", nil, nil, time.Time{}, false
	}
	return "instagram", f.owner(), self(), graphfake.Doc{"id": n.user, "username": n.username}, n.at, true
}
