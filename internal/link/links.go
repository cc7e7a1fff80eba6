package link

import (
	"context"
	"crypto/rand"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Links are all short links.
type Links struct {
	db     *db.DB
	events *event.Events
	base   *url.URL // the instance's own public address

	mu    sync.RWMutex
	known map[string]Link // host + "/" + slug → link, for following without a query
}

// New returns the links of this database; base is the instance's public address, such as https://social.example.org.
func New(database *db.DB, events *event.Events, base *url.URL) *Links {
	return &Links{db: database, events: events, base: base, known: map[string]Link{}}
}

// Short is the address people see.
func (l *Links) Short(k Link) string {
	if k.Host != "" {
		return "https://" + k.Host + "/" + k.Slug
	}
	return l.base.JoinPath("l", k.Slug).String()
}

// Order asks for a short link.
type Order struct {
	BrandID, CampaignID, PostID, TargetID, ChannelID string
	Part                                             int
	URL                                              string
	UTM                                              utm.Values
	Slug                                             string // "" = made here
	Host                                             string // "" = the instance's own
	Title                                            string
	ExpiresAt                                        time.Time
}

const linkColumns = `workspace_id, id, brand_id, host, slug, url, campaign_id, post_id, target_id, channel_id, part, title,
	created_by, created_at, expires_at, disabled_at`

var slugShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,63}$`)

// Create makes a short link for a person.
func (l *Links) Create(ctx context.Context, actor workspace.Actor, order Order) (Link, error) {
	if err := actor.May(workspace.LinkEdit, workspace.Scope{BrandID: order.BrandID}); err != nil {
		return Link{}, err
	}
	var made Link
	err := l.db.Tx(ctx, func(tx *db.Tx) (err error) {
		if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ABrand, order.BrandID); err != nil {
			return err
		}
		if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ACampaign, order.CampaignID); err != nil {
			return err
		}
		if made, err = l.create(ctx, tx, actor, order); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "link.created", made.ID, nil, made)
	})
	return made, err
}

func (l *Links) create(ctx context.Context, tx *db.Tx, actor workspace.Actor, order Order) (Link, error) {
	destination, err := order.UTM.Tagged(order.URL)
	if err != nil {
		return Link{}, err
	}
	if err := l.outside(ctx, tx, destination); err != nil {
		return Link{}, err
	}
	if order.Slug != "" && !slugShape.MatchString(order.Slug) {
		return Link{}, fault.Invalidf("slug", "a short name has 2 to 64 small letters, digits and hyphens")
	}
	k := Link{WorkspaceID: actor.WorkspaceID, ID: id.New("link"), BrandID: order.BrandID, Host: order.Host, Slug: order.Slug,
		URL: destination, CampaignID: order.CampaignID, PostID: order.PostID, TargetID: order.TargetID, ChannelID: order.ChannelID,
		Part: order.Part, Title: order.Title, CreatedBy: actor.ID(), CreatedAt: db.Now(), ExpiresAt: order.ExpiresAt}
	for try := 0; ; try++ {
		if order.Slug == "" {
			k.Slug = randomSlug()
		}
		n, err := db.Exec(ctx, tx, `insert into links (`+linkColumns+`)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (host, slug) do nothing`,
			k.WorkspaceID, k.ID, k.BrandID, k.Host, k.Slug, k.URL, k.CampaignID, k.PostID, k.TargetID, k.ChannelID, k.Part, k.Title,
			k.CreatedBy, k.CreatedAt, k.ExpiresAt, k.DisabledAt)
		if err != nil {
			return k, err
		}
		if n == 1 {
			return k, nil
		}
		if order.Slug != "" {
			return k, fault.Invalidf("slug", "the short name %q is taken on this domain", order.Slug)
		}
		if try == 5 {
			return k, fault.Conflictf("no free short name was found; try again")
		}
	}
}

// outside refuses a destination on one of our own redirecting domains: it would be a loop (R40, S23).
func (l *Links) outside(ctx context.Context, q db.Queryer, destination string) error {
	to, err := url.Parse(destination)
	if err != nil {
		return fault.Invalidf("url", "this is not a web address")
	}
	host := strings.ToLower(strings.TrimSuffix(to.Host, "."))
	own, err := db.One[int](ctx, q, `select count(*) from link_domains where host = $1`, host)
	if err != nil {
		return err
	}
	if own > 0 || host == strings.ToLower(l.base.Host) && strings.HasPrefix(to.Path, "/l/") {
		return fault.Invalidf("url", "this address is itself a short link of this installation").WithCode("loop")
	}
	return nil
}

// randomSlug has 40 bits in letters that are hard to confuse: short links are public, so this need not be a secret.
func randomSlug() string {
	const letters = "23456789abcdefghjkmnpqrstuvwxyz"
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic("link: no randomness: " + err.Error())
	}
	slug := make([]byte, len(raw))
	for i, b := range raw {
		slug[i] = letters[int(b)%len(letters)]
	}
	return string(slug)
}

// Get returns one link that the actor may read with its post, count or change.
func (l *Links) Get(ctx context.Context, actor workspace.Actor, linkID string) (Link, error) {
	args := []any{actor.WorkspaceID, linkID}
	within := actor.Readable(workspace.Rows{Brand: "brand_id = ?", Channel: "channel_id = ?", Own: "created_by = ?"}, &args,
		workspace.PostRead, workspace.AnalyticsRead, workspace.LinkEdit)
	k, err := db.One[Link](ctx, l.db, `select `+linkColumns+` from links where workspace_id = $1 and id = $2 and `+within, args...)
	if fault.Is(err, fault.NotFound) {
		return k, fault.NotFoundf("there is no such link in this workspace")
	}
	return k, err
}

// Follow returns the link behind an address. It asks the database once per link and then remembers it.
func (l *Links) Follow(ctx context.Context, host, slug string) (Link, error) {
	key := host + "/" + slug
	l.mu.RLock()
	k, ok := l.known[key]
	l.mu.RUnlock()
	if ok {
		return k, nil
	}
	if len(slug) > 64 {
		return Link{}, fault.NotFoundf("there is no such link")
	}
	k, err := db.One[Link](ctx, l.db, `select `+linkColumns+` from links where host = $1 and slug = $2`, host, slug)
	if err != nil {
		return k, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) >= 200_000 { // a bound on memory: start afresh rather than grow
		clear(l.known)
	}
	l.known[key] = k
	return k, nil
}

// Forget drops a link from memory after it changed, on every replica (by event).
func (l *Links) Forget(host, slug string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.known, host+"/"+slug)
}

// End stops a link from redirecting, for good; who follows it is told so.
func (l *Links) End(ctx context.Context, actor workspace.Actor, linkID string) error {
	k, err := l.Get(ctx, actor, linkID)
	if err != nil {
		return err
	}
	if err := actor.May(workspace.LinkEdit, workspace.Scope{BrandID: k.BrandID}); err != nil {
		return err
	}
	return l.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update links set disabled_at = $3 where workspace_id = $1 and id = $2 and disabled_at is null`, actor.WorkspaceID, linkID, db.Now()); err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, "link.ended", linkID, nil, nil); err != nil {
			return err
		}
		tx.After(func() { l.Forget(k.Host, k.Slug) })
		return l.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "link.ended", linkID, map[string]string{"host": k.Host, "slug": k.Slug})
	})
}
