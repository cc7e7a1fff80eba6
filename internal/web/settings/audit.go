package settings

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

type auditView struct {
	Tabs    []ui.Tab
	Entries []workspace.AuditEntry
	Actions []string
	People  map[string]string // names by user id
	Query   url.Values
	Next    string
	Wrong   string // what is wrong with the filter
	All     bool   // the person sees everybody's entries
	Zone    *time.Location
}

// auditFilter reads the filter from the address; days are days of the person's zone.
func auditFilter(c *page.Context) (workspace.AuditFilter, error) {
	q := c.R.URL.Query()
	f := workspace.AuditFilter{Entity: strings.TrimSpace(q.Get("entity")), Actor: q.Get("who"), Action: q.Get("action"), Limit: 100}
	f.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // nonsense is the newest page
	var err error
	if day := q.Get("from"); day != "" {
		if f.From, err = when.First(day+"T00:00", c.Zone().String()); err != nil {
			return f, err
		}
	}
	if day := q.Get("to"); day != "" {
		if f.To, err = when.First(day+"T00:00", c.Zone().String()); err != nil {
			return f, err
		}
		f.To = f.To.In(c.Zone()).AddDate(0, 0, 1).UTC()
	}
	return f, nil
}

func (r Rooms) audit(c *page.Context) error {
	v := auditView{Tabs: tabs(c, "Audit log"), Query: c.R.URL.Query(), Zone: c.Zone(), People: map[string]string{}, All: c.Actor().Can(workspace.AuditRead, workspace.Scope{})}
	f, err := auditFilter(c)
	if err != nil {
		v.Wrong = page.Capital(err.Error()) + "."
	}
	members, err := r.Workspaces.Members(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	for _, m := range members {
		v.People[m.UserID] = m.Name
	}
	if v.Actions, err = r.Workspaces.AuditActions(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	var more bool
	if v.Entries, more, err = r.Workspaces.AuditLog(c.Ctx(), c.Actor(), f); err != nil {
		return err
	}
	if more {
		q := c.R.URL.Query()
		q.Set("before", strconv.FormatInt(v.Entries[len(v.Entries)-1].Position, 10))
		v.Next = "/settings/audit?" + q.Encode()
	}
	return c.Render(http.StatusOK, "Audit log", "settings", auditPage(v))
}

// exportAudit writes the filtered log as JSON lines. Once the first line is out an error can only cut it short, which
// the chain of hashes shows.
func (r Rooms) exportAudit(c *page.Context) error {
	f, err := auditFilter(c)
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
	if err := r.Workspaces.ExportAudit(c.Ctx(), c.Actor(), f, c.W); err != nil {
		h.Del("Content-Disposition")
		return err
	}
	return nil
}

// who says an actor as people do.
func (v auditView) who(actor string) string {
	user, key, byKey := strings.Cut(actor, "/key:")
	name := v.People[user]
	switch {
	case name != "" && byKey:
		return name + ", by the key " + key
	case name != "":
		return name
	case actor == "system":
		return "Bellwether, by itself"
	case strings.HasPrefix(actor, "rule:"):
		return "Rule " + strings.TrimPrefix(actor, "rule:")
	}
	return "Former member " + actor
}

func sayAction(action string) string {
	room, what, _ := strings.Cut(action, ".")
	return page.Capital(room) + ": " + strings.ReplaceAll(what, "_", " ")
}
