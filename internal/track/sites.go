package track

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

const siteColumns = `workspace_id, id, name, origins, key, mode, created_at`

// AddSite makes a web property whose events are taken in.
func (t *Track) AddSite(ctx context.Context, actor workspace.Actor, name string, origins []string, mode string) (Site, error) {
	if err := actor.May(workspace.LinkEdit, workspace.Scope{}); err != nil {
		return Site{}, err
	}
	if mode == "" {
		mode = "cookieless"
	}
	if mode != "cookieless" && mode != "statistics" {
		return Site{}, fault.Invalidf("mode", "a site counts cookieless or with statistics consent")
	}
	if name = strings.TrimSpace(name); name == "" || len(name) > 200 {
		return Site{}, fault.Invalidf("name", "a site needs a name of at most 200 bytes")
	}
	clean := []string{}
	for _, o := range origins {
		if o = strings.TrimSpace(o); o == "" {
			continue
		}
		at, err := url.Parse(o)
		if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
			return Site{}, fault.Invalidf("origins", "%q is not a web address such as https://shop.example", o)
		}
		clean = append(clean, at.Scheme+"://"+strings.ToLower(at.Host))
	}
	if len(clean) == 0 {
		return Site{}, fault.Invalidf("origins", "name at least one address the site is served from")
	}
	s := Site{WorkspaceID: actor.WorkspaceID, ID: id.New("site"), Name: name, Origins: clean, Key: "s_" + id.Secret()[:20], Mode: mode, CreatedAt: db.Now()}
	err := t.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into sites (`+siteColumns+`) values ($1, $2, $3, $4, $5, $6, $7)`, s.WorkspaceID, s.ID, s.Name, db.JSON(s.Origins), s.Key, s.Mode, s.CreatedAt); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "site.added", s.ID, nil, s)
	})
	return s, err
}

// Sites returns the workspace's sites.
func (t *Track) Sites(ctx context.Context, actor workspace.Actor) ([]Site, error) {
	return db.All[Site](ctx, t.db, `select `+siteColumns+` from sites where workspace_id = $1 order by name, id`, actor.WorkspaceID)
}

// SiteByKey returns the site a script names, from memory after the first time.
func (t *Track) SiteByKey(ctx context.Context, key string) (Site, error) {
	t.mu.Lock()
	s, ok := t.sites[key]
	t.mu.Unlock()
	if ok {
		return s, nil
	}
	s, err := db.One[Site](ctx, t.db, `select `+siteColumns+` from sites where key = $1`, key)
	if err != nil {
		return s, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sites[key] = s
	return s, nil
}

// Allows reports whether a browser on this origin may send events for the site.
func (s Site) Allows(origin string) bool {
	return slices.Contains(s.Origins, strings.ToLower(strings.TrimSuffix(origin, "/")))
}
