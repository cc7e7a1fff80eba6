package wordpressfake

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Options decide what site is played. The zero value is a present-day site with pretty addresses and an editor.
type Options struct {
	Plain     bool             // no pretty addresses: the API is at ?rest_route=/
	InHead    bool             // the API's place is told in the page's head, not in a header
	Elsewhere bool             // the site says that its API is at another host
	Role      string           // of the brand: "editor" (default), "author", "contributor", "subscriber"
	Now       func() time.Time // default time.Now
	Address   string           // default a free port of the loopback interface
}

// Fake is the site. All methods are safe for concurrent use.
type Fake struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program

	o        Options
	mu       sync.Mutex
	posts    int64 // numbers of posts and files
	others   int64 // numbers of comments and terms
	password string
	all      []*post
	files    []*file
	comments []*comment
	terms    []*term
	calls    map[string]int
	faulty   []string
}

// The brand's user, who exists from the start, and the application password.
const (
	Brand    = "brand"
	Password = "abcd efgh ijkl mnop qrst uvwx"
	userID   = 2
)

type post struct {
	ID, Author, Feature                                                        int64
	Base, Status, Slug, Title, Content, Excerpt, Format, Comments, Date, Class string
	Categories, Tags                                                           []int64
	Sticky                                                                     bool
	At                                                                         time.Time
}

type file struct {
	ID              int64
	Name, Alt, MIME string
}

type comment struct {
	ID, Post, Parent, Author           int64
	Name, Email, Agent, Status, Before string
	Content                            string // HTML
	At                                 time.Time
}

type term struct {
	ID             int64
	Taxonomy, Name string
}

// Classes are the kinds of calls that faults are set for.
var Classes = []string{"create", "draft", "edit", "delete", "upload", "read", "write"}

var roles = map[string][]string{
	"subscriber":  {"read"},
	"contributor": {"read", "edit_posts"},
	"author":      {"read", "edit_posts", "publish_posts", "upload_files"},
	"editor":      {"read", "edit_posts", "publish_posts", "upload_files", "edit_pages", "publish_pages", "edit_others_posts", "moderate_comments", "manage_categories"},
}

// Start runs the fake.
func Start(o Options) (*Fake, error) {
	if o.Role == "" {
		o.Role = "editor"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{o: o, posts: 3, password: Password, calls: map[string]int{}}
	f.Faults = networkfake.NewProgram(o.Now)
	for _, t := range []term{{Taxonomy: "categories", Name: "News &amp; more"}, {Taxonomy: "categories", Name: "Recipes"}, {Taxonomy: "tags", Name: "spring"}} {
		f.others++
		t.ID = f.others
		f.terms = append(f.terms, &t)
	}
	server, err := networkfake.Start(o.Address, http.HandlerFunc(f.serve), &f.Ledger, f.Faults)
	if err != nil {
		return nil, err
	}
	f.Server = server
	return f, nil
}

func (f *Fake) may(right string) bool { return slices.Contains(roles[f.o.Role], right) }

// Say lets a visitor comment on a post, or answer a comment ("comment-7"), and returns the comment's id.
func (f *Fake) Say(name, text, on string) string { return f.say(name, text, on, "approved") }

// Hold is Say for a comment that waits for approval.
func (f *Fake) Hold(name, text, on string) string { return f.say(name, text, on, "hold") }

func (f *Fake) say(name, text, on, status string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &comment{Name: name, Email: name + "@example.com", Agent: "Mozilla/5.0", Status: status, Content: "<p>" + escape(text) + "</p>\n"}
	if parent := f.comment(number(on)); parent != nil && on != strconv.FormatInt(number(on), 10) {
		c.Post, c.Parent = parent.Post, parent.ID
	} else if c.Post = number(on); f.post(c.Post) == nil {
		panic("wordpressfake: there is no post " + on)
	}
	f.add(c, name, text)
	return remote(c)
}

// Answer lets the brand's user comment at the site itself.
func (f *Fake) Answer(text, on string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	parent := f.comment(number(on))
	c := &comment{Post: parent.Post, Parent: parent.ID, Author: userID, Name: "Brand", Email: "brand@example.com", Agent: "Mozilla/5.0", Status: "approved", Content: "<p>" + escape(text) + "</p>\n"}
	f.add(c, "brand at the site", text)
	return remote(c)
}

func (f *Fake) add(c *comment, account, text string) {
	f.others++
	c.ID, c.At = f.others, f.o.Now().UTC().Truncate(time.Second)
	f.comments = append(f.comments, c)
	parent := strconv.FormatInt(c.Post, 10)
	if c.Parent != 0 {
		parent = "comment-" + strconv.FormatInt(c.Parent, 10)
	}
	f.Add(networkfake.Item{ID: remote(c), Account: account, Text: text, ReplyTo: parent, Visibility: c.Status, At: c.At})
}

// Remove takes a post or a comment away for good.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := number(id)
	if id == "comment-"+strconv.FormatInt(n, 10) {
		f.comments = slices.DeleteFunc(f.comments, func(c *comment) bool { return c.ID == n })
	} else {
		f.all = slices.DeleteFunc(f.all, func(p *post) bool { return p.ID == n })
	}
	f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
}

// Revoke deletes the application password.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.password = ""
}

// Calls returns how often a class of call was made.
func (f *Fake) Calls(class string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[class]
}

// Violations lists requests that WordPress would not understand.
func (f *Fake) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.faulty)
}

// Shown is what the site has of a post.
type Shown struct {
	Base, Status, Slug, Title, Content, Excerpt, Format, Comments, Date string
	Categories, Tags                                                    []string // by name
	Featured                                                            string   // the file's name
	Alt                                                                 string   // of the featured image
	Sticky                                                              bool
	Author                                                              int64
}

// Post returns a post as it is.
func (f *Fake) Post(id string) Shown {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.post(number(id))
	if p == nil {
		return Shown{}
	}
	names := func(ids []int64) (out []string) {
		for _, t := range f.terms {
			if slices.Contains(ids, t.ID) {
				out = append(out, t.Name)
			}
		}
		return out
	}
	s := Shown{Base: p.Base, Status: p.Status, Slug: p.Slug, Title: p.Title, Content: p.Content, Excerpt: p.Excerpt, Format: p.Format, Comments: p.Comments, Date: p.Date, Sticky: p.Sticky, Author: p.Author,
		Categories: names(p.Categories), Tags: names(p.Tags)}
	for _, m := range f.files {
		if m.ID == p.Feature {
			s.Featured, s.Alt = m.Name, m.Alt
		}
	}
	return s
}

// State returns a comment's state.
func (f *Fake) State(id string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.comment(number(id)); c != nil {
		return c.Status
	}
	return ""
}

// Files is how many files the library has.
func (f *Fake) Files() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.files)
}

func (f *Fake) post(id int64) *post {
	for _, p := range f.all {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (f *Fake) comment(id int64) *comment {
	for _, c := range f.comments {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func remote(c *comment) string { return "comment-" + strconv.FormatInt(c.ID, 10) }

// number is the number in an id, of a post or a comment.
func number(id string) int64 {
	if len(id) > 8 && id[:8] == "comment-" {
		id = id[8:]
	}
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

// Approve lets somebody else at the site approve a comment.
func (f *Fake) Approve(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.comment(number(id)).Status = "approved"
}
