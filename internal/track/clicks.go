package track

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/track/source"
	"github.com/bellwether-social/bellwether/internal/utm"
)

// atOnce is how many rows one statement takes: preparing a statement costs more than a row of it.
const atOnce = 32

// takeClicks stores a batch of acknowledged clicks; a batch stored before changes nothing.
func (t *Track) takeClicks(ctx context.Context, lines [][]byte) error {
	clicks := make([]Click, 0, len(lines))
	for _, line := range lines {
		var c Click
		if err := json.Unmarshal(line, &c); err != nil {
			slog.Error("a click in the spool cannot be read and is left out", "error", err)
			continue
		}
		clicks = append(clicks, c)
	}
	return t.db.Tx(ctx, func(tx *db.Tx) error {
		zones, days, places, months := map[string]*time.Location{}, map[[5]string]int{}, map[[5]string]int{}, map[[5]string]int{}
		for some := range slices.Chunk(clicks, atOnce) {
			fresh, err := insertClicks(ctx, tx, some)
			if err != nil {
				return err
			}
			var points []Touchpoint
			for _, c := range some {
				if !fresh[c.ID] {
					continue
				}
				delete(fresh, c.ID) // the same click twice in one batch counts once
				zone, err := t.zone(ctx, tx, zones, c.WorkspaceID)
				if err != nil {
					return err
				}
				of, err := t.carriedBy(ctx, tx, c.WorkspaceID, c.LinkID)
				if err != nil {
					return err
				}
				day := c.At.In(zone).Format("2006-01-02")
				days[[5]string{c.WorkspaceID, c.LinkID, day, c.Kind}]++
				places[[5]string{c.WorkspaceID, day, of.ChannelID, of.CampaignID, c.Kind}]++
				months[[5]string{c.WorkspaceID, day[:len("2006-01")] + "-01", of.ChannelID, of.CampaignID, c.Kind}]++
				if c.Kind == Human {
					points = append(points, pointOf(c, of))
				}
			}
			if err := touch(ctx, tx, points); err != nil {
				return err
			}
		}
		if err := count(ctx, tx, "click_days", []string{"workspace_id", "link_id", "day", "kind"}, days); err != nil {
			return err
		}
		place := []string{"workspace_id", "day", "channel_id", "campaign_id", "kind"}
		if err := count(ctx, tx, "click_places", place, places); err != nil {
			return err
		}
		if err := count(ctx, tx, "click_months", place, months); err != nil {
			return err
		}
		return t.late(ctx, tx, days)
	})
}

// insertClicks stores clicks and returns the ids of those that were not stored before.
func insertClicks(ctx context.Context, tx *db.Tx, clicks []Click) (map[string]bool, error) {
	args := make([]any, 0, 10*len(clicks))
	for _, c := range clicks {
		args = append(args, c.WorkspaceID, c.ID, c.LinkID, c.At, c.Kind, c.Visitor, c.Referrer, c.Family, c.Device, c.Country)
	}
	ids, err := db.All[string](ctx, tx, `insert into clicks (workspace_id, id, link_id, at, kind, visitor, referrer, agent_family, device, country)
		values `+db.Values(len(clicks), 10)+` on conflict (workspace_id, id) do nothing returning id`, args...)
	if err != nil {
		return nil, fmt.Errorf("store clicks: %w", err)
	}
	fresh := make(map[string]bool, len(ids))
	for _, id := range ids {
		fresh[id] = true
	}
	return fresh, nil
}

// count adds to a roll-up; its rows are named by the columns of the key, of which only so many count.
func count(ctx context.Context, tx *db.Tx, table string, key []string, sums map[[5]string]int) error {
	names := strings.Join(key, ", ")
	for some := range slices.Chunk(slices.Collect(maps.Keys(sums)), atOnce) {
		var args []any
		for _, k := range some {
			for _, part := range k[:len(key)] {
				args = append(args, part)
			}
			args = append(args, sums[k])
		}
		if _, err := db.Exec(ctx, tx, `insert into `+table+` (`+names+`, n) values `+db.Values(len(some), len(key)+1)+`
			on conflict (`+names+`) do update set n = `+table+`.n + excluded.n`, args...); err != nil {
			return fmt.Errorf("count clicks in %s: %w", table, err)
		}
	}
	return nil
}

// carried is what a click knows of its link. Links never change where they stand or lead to, so it is remembered.
type carried struct {
	TargetID   string `db:"target_id"`
	ChannelID  string `db:"channel_id"`
	CampaignID string `db:"campaign_id"`
	URL        string `db:"url"`
	from       source.Source
}

// remembered bounds how many links are kept in memory; past it, memory starts afresh.
const remembered = 50_000

func (t *Track) carriedBy(ctx context.Context, tx *db.Tx, workspaceID, linkID string) (carried, error) {
	key := workspaceID + "/" + linkID
	t.mu.Lock()
	of, ok := t.links[key]
	t.mu.Unlock()
	if ok {
		return of, nil
	}
	found, err := db.All[carried](ctx, tx, `select target_id, channel_id, campaign_id, url from links where workspace_id = $1 and id = $2`, workspaceID, linkID)
	if err != nil || len(found) == 0 {
		return carried{from: source.Of("", "", utm.Normal)}, err
	}
	of = found[0]
	of.from = source.Of(of.URL, "", utm.Normal)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.links) >= remembered {
		clear(t.links)
	}
	t.links[key] = of
	return of, nil
}

// pointOf is the touchpoint that a human's click is.
func pointOf(c Click, of carried) Touchpoint {
	s := of.from
	return Touchpoint{WorkspaceID: c.WorkspaceID, ID: "touch_" + c.ID, Visitor: c.Visitor, At: c.At, Kind: "click", Group: s.Group, Source: s.Source, Medium: s.Medium,
		Campaign: s.Campaign, CampaignID: of.CampaignID, LinkID: c.LinkID, TargetID: of.TargetID, ChannelID: of.ChannelID}
}

// touch stores touchpoints; one that is stored already stays as it is.
func touch(ctx context.Context, tx *db.Tx, points []Touchpoint) error {
	if len(points) == 0 {
		return nil
	}
	args := make([]any, 0, 13*len(points))
	for _, p := range points {
		args = append(args, p.WorkspaceID, p.ID, p.Visitor, p.At, p.Kind, p.Group, p.Source, p.Medium, p.Campaign, p.CampaignID, p.LinkID, p.TargetID, p.ChannelID)
	}
	if _, err := db.Exec(ctx, tx, `insert into touchpoints (workspace_id, id, visitor, at, kind, channel_group, source, medium, campaign, campaign_id, link_id, target_id, channel_id)
		values `+db.Values(len(points), 13)+` on conflict (workspace_id, id) do nothing`, args...); err != nil {
		return fmt.Errorf("store touchpoints: %w", err)
	}
	return nil
}
