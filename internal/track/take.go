package track

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/track/source"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func (t *Track) zone(ctx context.Context, tx *db.Tx, known map[string]*time.Location, workspaceID string) (*time.Location, error) {
	if z := known[workspaceID]; z != nil {
		return z, nil
	}
	names, err := db.All[string](ctx, tx, `select zone from workspaces where id = $1`, workspaceID)
	if err != nil {
		return nil, err
	}
	z := time.UTC
	if len(names) > 0 {
		if loaded, err := time.LoadLocation(names[0]); err == nil {
			z = loaded
		}
	}
	known[workspaceID] = z
	return z, nil
}

// takeEvents stores a batch of acknowledged events: each in its visit, with its source, counted once.
func (t *Track) takeEvents(ctx context.Context, lines [][]byte) error {
	zones := map[string]*time.Location{}
	return t.db.Tx(ctx, func(tx *db.Tx) error {
		for _, line := range lines {
			var e Event
			if err := json.Unmarshal(line, &e); err != nil {
				slog.Error("an event in the spool cannot be read and is left out", "error", err)
				continue
			}
			zone, err := t.zone(ctx, tx, zones, e.WorkspaceID)
			if err != nil {
				return err
			}
			if err := t.takeEvent(ctx, tx, e, zone); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *Track) takeEvent(ctx context.Context, tx *db.Tx, e Event, zone *time.Location) error {
	starts, err := t.place(ctx, tx, &e)
	if err != nil {
		return err
	}
	if len(e.Props) == 0 {
		e.Props = json.RawMessage(`{}`)
	}
	n, err := db.Exec(ctx, tx, `insert into track_events (workspace_id, id, site_id, name, at, received_at, visitor, visit, contact_id, url, referrer, source, medium,
			campaign, content, channel_group, link_id, value_minor, currency, kind, via, props)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		on conflict (workspace_id, site_id, name, id) do nothing`, e.WorkspaceID, e.ID, e.SiteID, e.Name, e.At, e.ReceivedAt, e.Visitor, e.Visit, e.ContactID, e.URL,
		e.Referrer, e.Source, e.Medium, e.Campaign, e.Content, e.Group, e.LinkID, e.ValueMinor, e.Currency, e.Kind, e.Via, e.Props)
	if err != nil {
		return fmt.Errorf("store an event: %w", err)
	}
	if n == 0 || e.Kind != Human {
		return nil // seen before, or kept without being counted
	}
	visits := 0
	if starts {
		visits = 1
		if err := t.touchByVisit(ctx, tx, e); err != nil {
			return err
		}
	}
	var value int64
	if e.ValueMinor != nil {
		value = *e.ValueMinor
	}
	day := e.At.In(zone).Format("2006-01-02")
	first, err := db.One[int](ctx, tx, `select count(*) from track_events where workspace_id = $1 and visitor = $2 and at >= $3 and at < $4 and site_id = $5
		and name = $6 limit 2`, e.WorkspaceID, e.Visitor, dayStart(e.At, zone), dayStart(e.At, zone).AddDate(0, 0, 1), e.SiteID, e.Name)
	if err != nil {
		return err
	}
	visitors := 0
	if first == 1 {
		visitors = 1
	}
	if _, err := db.Exec(ctx, tx, `insert into event_days (workspace_id, site_id, day, name, channel_group, source, n, visits, visitors, value_minor)
		values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9) on conflict (workspace_id, site_id, day, name, channel_group, source) do update set
			n = event_days.n + 1, visits = event_days.visits + excluded.visits, visitors = event_days.visitors + excluded.visitors,
			value_minor = event_days.value_minor + excluded.value_minor`, e.WorkspaceID, e.SiteID, day, e.Name, e.Group, e.Source, visits, visitors, value); err != nil {
		return fmt.Errorf("count an event: %w", err)
	}
	return t.convert(ctx, tx, e)
}

func dayStart(at time.Time, zone *time.Location) time.Time {
	l := at.In(zone)
	return time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, zone)
}

// place finds the visit an event belongs to and where that visit came from; starts is true for the first of a visit.
func (t *Track) place(ctx context.Context, tx *db.Tx, e *Event) (starts bool, err error) {
	from := source.Of(e.URL, e.Referrer, utm.Normal)
	e.Source, e.Medium, e.Campaign, e.Content, e.Group = from.Source, from.Medium, from.Campaign, from.Content, from.Group
	if e.Visitor == "" {
		e.Visitor, e.Visit = "anonymous_"+e.ID, id.New("visit")
		return false, nil // a server event without a visitor starts no visit
	}
	if at, err := url.Parse(e.URL); err == nil {
		if click := at.Query().Get(ClickParameter); id.Is(click, "click") {
			links, err := db.All[string](ctx, tx, `select link_id from clicks where workspace_id = $1 and id = $2`, e.WorkspaceID, click)
			if err != nil {
				return false, err
			}
			if len(links) > 0 {
				e.LinkID = links[0]
			}
		}
	}
	last, err := db.All[Event](ctx, tx, `select visit, source, medium, campaign, content, channel_group, link_id, at from track_events
		where workspace_id = $1 and visitor = $2 and at > $3 and at <= $4 and kind = 'human' order by at desc limit 1`,
		e.WorkspaceID, e.Visitor, e.At.Add(-visitGap), e.At)
	if err != nil {
		return false, err
	}
	if len(last) == 0 {
		e.Visit = id.New("visit")
		return true, nil
	}
	// A visit keeps the source it began with; a new campaign in it does not end it (§7.2).
	v := last[0]
	e.Visit, e.Source, e.Medium, e.Campaign, e.Content, e.Group = v.Visit, v.Source, v.Medium, v.Campaign, v.Content, v.Group
	if e.LinkID == "" {
		e.LinkID = v.LinkID
	}
	return false, nil
}

// touchByVisit makes the visit a touchpoint, unless the click that led to it is one of the same visitor already.
func (t *Track) touchByVisit(ctx context.Context, tx *db.Tx, e Event) error {
	if e.Group == source.Direct && e.LinkID == "" {
		return nil
	}
	near, err := db.One[int](ctx, tx, `select count(*) from touchpoints where workspace_id = $1 and visitor = $2 and kind = 'click' and at > $3 and at <= $4`,
		e.WorkspaceID, e.Visitor, e.At.Add(-10*time.Minute), e.At)
	if err != nil || near > 0 {
		return err
	}
	p := Touchpoint{WorkspaceID: e.WorkspaceID, ID: "touch_" + e.Visit, Visitor: e.Visitor, At: e.At, Kind: "visit", Group: e.Group, Source: e.Source, Medium: e.Medium,
		Campaign: e.Campaign, LinkID: e.LinkID}
	if e.LinkID != "" {
		of, err := t.carriedBy(ctx, tx, e.WorkspaceID, e.LinkID)
		if err != nil {
			return err
		}
		p.TargetID, p.ChannelID, p.CampaignID = of.TargetID, of.ChannelID, of.CampaignID
	}
	if p.CampaignID == "" && e.Campaign != "" {
		if p.CampaignID, err = one(db.All[string](ctx, tx, `select id from campaigns where workspace_id = $1 and utm_campaign = $2`, e.WorkspaceID, e.Campaign)); err != nil {
			return err
		}
	}
	if p.TargetID == "" && id.Is(e.Content, "targ") {
		if p.TargetID, err = one(db.All[string](ctx, tx, `select id from targets where workspace_id = $1 and id = $2`, e.WorkspaceID, e.Content)); err != nil {
			return err
		}
	}
	return touch(ctx, tx, []Touchpoint{p})
}

// one is the only row of a query, or "".
func one(rows []string, err error) (string, error) {
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// LastTouch returns the last touchpoint with a source of the given visitors in [from, at], or a NotFound fault.
func (t *Track) LastTouch(ctx context.Context, q db.Queryer, workspaceID string, visitors []string, from, at time.Time) (Touchpoint, error) {
	var best Touchpoint
	for _, visitor := range visitors {
		rows, err := db.All[Touchpoint](ctx, q, `select workspace_id, id, visitor, at, kind, channel_group, source, medium, campaign, campaign_id, link_id, target_id, channel_id
			from touchpoints where workspace_id = $1 and visitor = $2 and at >= $3 and at <= $4 and channel_group <> 'Direct' order by at desc, id desc limit 1`,
			workspaceID, visitor, from, at)
		if err != nil {
			return best, err
		}
		if len(rows) > 0 && rows[0].At.After(best.At) {
			best = rows[0]
		}
	}
	if best.ID == "" {
		return best, fault.NotFoundf("no touchpoint is known")
	}
	return best, nil
}

// Touchpoints returns the touchpoints of the given visitors in [from, to], the oldest first.
func (t *Track) Touchpoints(ctx context.Context, actor workspace.Actor, visitors []string, from, to time.Time) ([]Touchpoint, error) {
	var out []Touchpoint
	for _, visitor := range visitors {
		rows, err := db.All[Touchpoint](ctx, t.db, `select workspace_id, id, visitor, at, kind, channel_group, source, medium, campaign, campaign_id, link_id, target_id, channel_id
			from touchpoints where workspace_id = $1 and visitor = $2 and at >= $3 and at <= $4 order by at, id limit 200`, actor.WorkspaceID, visitor, from, to)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	slices.SortFunc(out, func(a, b Touchpoint) int { return a.At.Compare(b.At) })
	return out, nil
}
