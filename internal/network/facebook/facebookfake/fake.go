package facebookfake

import (
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what is played.
type Options struct {
	AsyncVideo int              // how often a finished video is still processing when it is asked about
	BadVideo   bool             // no video can be processed
	Readonly   bool             // the person may not create content on the Page
	Now        func() time.Time // default time.Now
	Address    string           // default a free port of the loopback interface
}

// The Page that is connected; it exists from the start, and so does a second one.
const (
	Brand      = "1001"
	BrandToken = "token-of-the-page"
	Second     = "1002"
)

// Fake is the server. All exported methods are safe for concurrent use.
type Fake struct {
	*graphfake.Core
	o       Options
	pages   map[string]string // id → name
	posts   []*post           // as they were made
	notes   []*comment
	photos  map[string]*photo
	videos  map[string]*video
	likes   map[string]bool
	blocked map[string]bool
	people  map[string]graphfake.Doc
	rings   []string // Pages whose news the app subscribed to
}

type post struct {
	id, page, where, message, link, state, video, story string
	author                                              graphfake.Doc
	created, updated, backdated, publishAt              time.Time
	photos                                              []string
	params                                              map[string]string
	recommended                                         string
	gone                                                bool
}

type comment struct {
	id, on, parent, message, photo string
	author                         graphfake.Doc
	created                        time.Time
	hidden, gone                   bool
}

type photo struct {
	alt             string
	size            int
	used, temporary bool
}

type video struct {
	id, kind, session, state, post string
	description, title             string
	size                           int
	data                           []byte
	finished                       bool
	polls                          int
	publishAt                      time.Time
	captions                       []string
}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	f := &Fake{Core: graphfake.New(o.Now), o: o, pages: map[string]string{Brand: "Brand", Second: "Second"}, photos: map[string]*photo{}, videos: map[string]*video{}, likes: map[string]bool{}, blocked: map[string]bool{}, people: map[string]graphfake.Doc{}}
	f.Grant(BrandToken, Brand)
	f.Grant(graphfake.UserToken, graphfake.Person())
	f.Raw("/video-upload/"+graphfake.Version+"/", "upload", f.bytes)
	if err := f.Run(o.Address, f); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Fake) someone(name string) graphfake.Doc {
	if f.people[name] == nil {
		f.people[name] = graphfake.Doc{"id": "7" + f.Number(), "name": name}
	}
	return f.people[name]
}

func (f *Fake) self(page string) graphfake.Doc {
	return graphfake.Doc{"id": page, "name": f.pages[page]}
}

// Say lets somebody write to the brand and returns the item's id; on is the brand's post for a comment.
func (f *Fake) Say(kind network.MessageKind, text, on string) string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	who := f.someone("Ann Stranger")
	switch kind {
	case network.Comment:
		return f.write(who, text, on).id
	case network.Direct:
		return f.Write("messenger", Brand, f.self(Brand), who, text)
	case network.Review:
		return f.foreign("ratings", who, text).id
	}
	return f.foreign("tagged", who, text).id
}

// Visit lets somebody write on the brand's Page.
func (f *Fake) Visit(text string) string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return f.foreign("visitor_posts", f.someone("Ann Stranger"), text).id
}

func (f *Fake) foreign(where string, who graphfake.Doc, text string) *post {
	now := f.Clock()
	p := &post{id: who["id"].(string) + "_" + f.Number(), page: Brand, where: where, author: who, message: text, created: now, updated: now, recommended: "positive"}
	f.posts = append(f.posts, p)
	return p
}

func (f *Fake) write(who graphfake.Doc, text, on string) *comment {
	c := &comment{id: "5" + f.Number() + "_" + f.Number(), on: on, author: who, message: text, created: f.Clock()}
	if below := f.note(on); below != nil {
		c.on, c.parent = below.on, below.id
	}
	f.notes = append(f.notes, c)
	if p := f.post(c.on); p != nil {
		p.updated = c.created
	}
	return c
}

// Remove takes an item away as a moderator does.
func (f *Fake) Remove(id string) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	f.drop(id)
}

func (f *Fake) drop(id string) {
	if v := f.videos[id]; v != nil {
		id = v.post
	}
	if p := f.post(id); p != nil {
		p.gone = true
	}
	if n := f.note(id); n != nil {
		n.gone = true
	}
	f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
}

// Hook is a call to our webhook that says that the brand has news.
func (f *Fake) Hook() network.Webhook { return graphfake.Hook("page", Brand, f.Clock()) }

// Subscribed lists the Pages whose news the app asked for.
func (f *Fake) Subscribed() []string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return slices.Clone(f.rings)
}

// Sent returns the parameters a post was made with, and the descriptions of its pictures.
func (f *Fake) Sent(id string) (params map[string]string, alts []string) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	p := f.post(id)
	if p == nil {
		return nil, nil
	}
	for _, ph := range p.photos {
		alts = append(alts, f.photos[ph].alt)
	}
	return p.params, alts
}

// Hidden and Liked report what was done to an item.
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

func (f *Fake) post(id string) *post {
	for _, p := range f.posts {
		if p.id == id && !p.gone {
			return p
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
func (f *Fake) CommentOf(id string) (platform, owner string, self, other graphfake.Doc, at time.Time, ok bool) {
	n := f.note(id)
	if n == nil {
		return "", "", nil, nil, time.Time{}, false
	}
	return "messenger", Brand, f.self(Brand), n.author, n.created, true
}
