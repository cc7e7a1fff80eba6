package channel_test

import (
	"fmt"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestSetsOfChannelsAreKeptByName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.register()
		made := h.connect()
		h.refused(h.channels.SaveSet(ctx, h.ida, " ", []string{made[0].ID}), fault.Invalid)
		h.refused(h.channels.SaveSet(ctx, h.ida, "Shops", nil), fault.Invalid)
		h.refused(h.channels.SaveSet(ctx, h.ida, "Shops", []string{"chan_of_somebody_else"}), fault.Invalid)
		analyst := h.ida
		analyst.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
		h.refused(h.channels.SaveSet(ctx, analyst, "Shops", []string{made[0].ID}), fault.Forbidden)
		h.ok(h.channels.SaveSet(ctx, h.ida, "Shops", []string{made[0].ID, "chan_of_somebody_else"}))
		h.ok(h.channels.SaveSet(ctx, h.ida, "  shops ", []string{made[1].ID, made[0].ID}))
		sets, err := h.channels.Sets(ctx, h.ida)
		if err != nil || len(sets) != 1 || sets[0].Name != "shops" || fmt.Sprint(sets[0].Channels) != fmt.Sprint([]string{made[0].ID, made[1].ID}) {
			t.Fatalf("kept %+v, %v", sets, err)
		}
		rival := h.ida
		rival.WorkspaceID = "ws_2"
		if sets, err := h.channels.Sets(ctx, rival); err != nil || len(sets) != 0 {
			t.Errorf("another workspace sees %+v, %v", sets, err)
		}
		h.refused(h.channels.DropSet(ctx, rival, sets[0].ID), fault.NotFound)
		h.ok(h.channels.DropSet(ctx, h.ida, sets[0].ID))
		h.refused(h.channels.DropSet(ctx, h.ida, sets[0].ID), fault.NotFound)
	})
}
