package workspace

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// Brand is one voice of a workspace; channels, posts and campaigns belong to a brand.
type Brand struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	Name        string    `db:"name"`
	Zone        string    `db:"zone"`
	Currency    string    `db:"currency"`
	Colour      string    `db:"colour"`      // #rrggbb or ""
	LinkDomain  string    `db:"link_domain"` // host of its short links; "" = the instance's own
	Signature   string    `db:"signature"`   // ends replies
	Created     time.Time `db:"created_at"`
}

const brandColumns = `workspace_id, id, name, zone, currency, colour, link_domain, signature, created_at`

// Brands lists the brands of the actor's workspace, by name.
func (w *Workspaces) Brands(ctx context.Context, actor Actor) ([]Brand, error) {
	return db.All[Brand](ctx, w.db, `select `+brandColumns+` from brands where workspace_id = $1 order by name, id`, actor.WorkspaceID)
}

// Brand returns one brand of the actor's workspace.
func (w *Workspaces) Brand(ctx context.Context, actor Actor, brandID string) (Brand, error) {
	return brandIn(ctx, w.db, actor.WorkspaceID, brandID)
}

func brandIn(ctx context.Context, q db.Queryer, workspaceID, brandID string) (Brand, error) {
	b, err := db.One[Brand](ctx, q, `select `+brandColumns+` from brands where workspace_id = $1 and id = $2`, workspaceID, brandID)
	if fault.Is(err, fault.NotFound) {
		return b, fault.NotFoundf("there is no such brand in this workspace")
	}
	return b, err
}

// AddBrand adds a brand; only its Name, Zone, Currency, Colour, LinkDomain and Signature are read.
func (w *Workspaces) AddBrand(ctx context.Context, actor Actor, b Brand) (Brand, error) {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return Brand{}, err
	}
	var made Brand
	err := w.db.Tx(ctx, func(tx *db.Tx) (err error) {
		made, err = w.addBrand(ctx, tx, actor, b)
		return err
	})
	return made, err
}

func (w *Workspaces) addBrand(ctx context.Context, tx *db.Tx, actor Actor, b Brand) (Brand, error) {
	if err := b.check(); err != nil {
		return Brand{}, err
	}
	b.WorkspaceID, b.ID, b.Created = actor.WorkspaceID, id.New("brand"), w.clock()
	if _, err := db.Exec(ctx, tx, `insert into brands (`+brandColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		b.WorkspaceID, b.ID, b.Name, b.Zone, b.Currency, b.Colour, b.LinkDomain, b.Signature, b.Created); err != nil {
		return Brand{}, err
	}
	return b, w.record(ctx, tx, actor, "brand.added", b.ID, nil, b)
}

// SetBrand changes a brand; the fields that AddBrand reads are taken from b.
func (w *Workspaces) SetBrand(ctx context.Context, actor Actor, b Brand) error {
	if err := actor.May(WorkspaceManage, Scope{BrandID: b.ID}); err != nil {
		return err
	}
	if err := b.check(); err != nil {
		return err
	}
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := brandIn(ctx, tx, actor.WorkspaceID, b.ID)
		if err != nil {
			return err
		}
		b.WorkspaceID, b.Created = before.WorkspaceID, before.Created
		if b == before {
			return nil
		}
		if _, err := db.Exec(ctx, tx, `update brands set name = $3, zone = $4, currency = $5, colour = $6, link_domain = $7, signature = $8
			where workspace_id = $1 and id = $2`, actor.WorkspaceID, b.ID, b.Name, b.Zone, b.Currency, b.Colour, b.LinkDomain, b.Signature); err != nil {
			return err
		}
		return w.record(ctx, tx, actor, "brand.changed", b.ID, before, b)
	})
}

var (
	colour = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	host   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
)

// check tidies the brand and refuses what is wrong with it.
func (b *Brand) check() error {
	b.Name, b.Colour = strings.TrimSpace(b.Name), strings.ToLower(strings.TrimSpace(b.Colour))
	b.LinkDomain, b.Signature = strings.ToLower(strings.TrimSpace(b.LinkDomain)), strings.TrimSpace(b.Signature)
	if err := checkName("name", "the brand's name", b.Name); err != nil {
		return err
	}
	if err := checkPlace(b.Zone, b.Currency, 0); err != nil {
		return err
	}
	if b.Colour != "" && !colour.MatchString(b.Colour) {
		return fault.Invalidf("colour", "%q is not a colour", b.Colour).WithHint("Write it like #1a5e4b.")
	}
	if b.LinkDomain != "" && !host.MatchString(b.LinkDomain) {
		return fault.Invalidf("link_domain", "%q is not a host name", b.LinkDomain).WithHint("Write only the name, for example go.example.org.")
	}
	if n := len([]rune(b.Signature)); n > 200 {
		return fault.Invalidf("signature", "the signature has %d characters, the limit is 200", n)
	}
	return nil
}
