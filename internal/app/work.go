package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// listen connects rooms that do not know each other by the events between them.
func (a *App) listen() {
	a.Attribution.Listen()
	a.Notices.Listen()
	a.Preflight.Listen()
	a.Events.On("links", func(_ context.Context, e event.Event) error {
		var link struct{ Host, Slug string }
		if err := e.Decode(&link); err != nil {
			return err
		}
		a.Links.Forget(link.Host, link.Slug)
		return nil
	}, "link.ended")
	a.Events.On("journal", a.Journal.Reconnected, "channel.reconnected")
	a.Events.On("vanished", a.Journal.Vanished, "metric.gone")
	a.Events.On("absorbed", a.Natives.Absorbed, "post.absorbed")
}

// The periodic work; each kind is a room and its verb.
type (
	pollInboxes     struct{}
	pollInbox       struct{ WorkspaceID, ChannelID string }
	wakeInbox       struct{}
	readHistories   struct{}
	readHistory     struct{ WorkspaceID, ChannelID string }
	readNatives     struct{}
	readNative      struct{ WorkspaceID, ChannelID string }
	measurePosts    struct{}
	rollUp          struct{}
	closeDays       struct{}
	measureChannels struct{}
	readAudiences   struct{}
	checkChannels   struct{}
	lookAhead       struct{}
	doWell          struct{}
	writeCalls      struct{}
	layOutPosts     struct{}
	tellGaps        struct{}
	refreshGoals    struct{}
	sweepAccounts   struct{}
	sweepLibrary    struct{}
	forgetCalls     struct{}
)

func (pollInboxes) Kind() string     { return "inbox.poll_all" }
func (pollInbox) Kind() string       { return "inbox.poll" }
func (wakeInbox) Kind() string       { return "inbox.wake" }
func (readHistories) Kind() string   { return "inbox.history_all" }
func (readHistory) Kind() string     { return "inbox.history" }
func (readNatives) Kind() string     { return "native.read_all" }
func (readNative) Kind() string      { return "native.read" }
func (measurePosts) Kind() string    { return "metric.measure_posts" }
func (rollUp) Kind() string          { return "metric.roll_up" }
func (closeDays) Kind() string       { return "track.close_days" }
func (measureChannels) Kind() string { return "metric.measure_channels" }
func (readAudiences) Kind() string   { return "audience.read_due" }
func (checkChannels) Kind() string   { return "channel.check_all" }
func (lookAhead) Kind() string       { return "preflight.sweep" }
func (writeCalls) Kind() string      { return "channel.write_calls" }
func (doWell) Kind() string          { return "threshold.sweep" }
func (layOutPosts) Kind() string     { return "post.lay_out" }
func (tellGaps) Kind() string        { return "post.tell_gaps" }
func (refreshGoals) Kind() string    { return "strategy.refresh_health" }
func (sweepAccounts) Kind() string   { return "account.sweep" }
func (sweepLibrary) Kind() string    { return "asset.sweep" }
func (forgetCalls) Kind() string     { return "channel.forget_calls" }

// pollEvery is how often each channel's inbox is read: a reply is seen well within a minute.
const pollEvery = 20 * time.Second

// work registers the jobs.
func (a *App) work() {
	job.On(a.Jobs, func(ctx context.Context, _ pollInboxes) error { return a.pollInboxes(ctx) })
	job.On(a.Jobs, func(ctx context.Context, p pollInbox) error {
		err := a.Inbox.Poll(ctx, p.WorkspaceID, p.ChannelID)
		if err != nil && fault.KindOf(err) != fault.Internal { // shown on the channel; the next poll comes by itself
			slog.Info("read an inbox", "channel", p.ChannelID, "error", err)
			return nil
		}
		return err
	})
	job.On(a.Jobs, func(ctx context.Context, _ wakeInbox) error { return a.Inbox.Wake(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ readHistories) error { return a.readHistories(ctx) })
	job.On(a.Jobs, func(ctx context.Context, r readHistory) error {
		err := a.Inbox.ReadHistory(ctx, r.WorkspaceID, r.ChannelID)
		if err != nil && fault.KindOf(err) != fault.Internal { // shown on the channel; the next comes by itself
			slog.Info("read a channel's history", "channel", r.ChannelID, "error", err)
			return nil
		}
		return err
	})
	job.On(a.Jobs, func(ctx context.Context, _ readNatives) error { return a.readNatives(ctx) })
	job.On(a.Jobs, func(ctx context.Context, r readNative) error {
		err := a.Natives.Read(ctx, r.WorkspaceID, r.ChannelID)
		if err != nil && fault.KindOf(err) != fault.Internal { // kept with the channel's reading; the next comes by itself
			slog.Info("read a channel's own posts", "channel", r.ChannelID, "error", err)
			return nil
		}
		return err
	})
	job.On(a.Jobs, func(ctx context.Context, _ measurePosts) error { return a.Metrics.MeasureDue(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ rollUp) error { return metric.RollUp(ctx, a.DB) })
	job.On(a.Jobs, func(ctx context.Context, _ closeDays) error { return a.Track.CloseDays(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ measureChannels) error { return a.Metrics.MeasureChannels(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ readAudiences) error { return a.Audiences.ReadDue(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ checkChannels) error { return a.checkChannels(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ lookAhead) error { return a.Preflight.Sweep(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ doWell) error { return a.Thresholds.Sweep(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ layOutPosts) error { return a.Posts.LayOut(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ tellGaps) error { return a.Posts.TellGaps(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ refreshGoals) error { return a.Insight.RefreshHealth(ctx, a.Goals) })
	job.On(a.Jobs, func(ctx context.Context, _ sweepAccounts) error { return a.Accounts.Sweep(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ sweepLibrary) error { return a.Library.Sweep(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ forgetCalls) error {
		return errors.Join(a.Channels.ForgetCalls(ctx), a.Channels.SweepCalls(ctx))
	})
	job.On(a.Jobs, func(ctx context.Context, _ writeCalls) error { return a.Channels.WriteCalls(ctx) })
	job.On(a.Jobs, func(ctx context.Context, _ liveSandbox) error { return a.live(ctx) })
	job.Every(a.Jobs, 15*time.Second, liveSandbox{})
	job.Every(a.Jobs, pollEvery, pollInboxes{})
	job.Every(a.Jobs, time.Minute, wakeInbox{})
	job.Every(a.Jobs, time.Minute, readHistories{})
	job.Every(a.Jobs, time.Minute, readNatives{})
	job.Every(a.Jobs, time.Minute, measurePosts{})
	job.Every(a.Jobs, time.Minute, rollUp{})
	job.Every(a.Jobs, 15*time.Minute, closeDays{})
	job.Every(a.Jobs, 3*time.Hour, measureChannels{})
	job.Every(a.Jobs, time.Hour, readAudiences{})
	job.Every(a.Jobs, time.Hour, checkChannels{})
	job.Every(a.Jobs, 20*time.Second, lookAhead{})
	job.Every(a.Jobs, time.Minute, doWell{})
	job.Every(a.Jobs, 6*time.Hour, layOutPosts{})
	job.Every(a.Jobs, 6*time.Hour, tellGaps{})
	job.Every(a.Jobs, 5*time.Minute, refreshGoals{})
	job.Every(a.Jobs, time.Hour, sweepAccounts{})
	job.Every(a.Jobs, time.Hour, sweepLibrary{})
	job.Every(a.Jobs, 15*time.Second, writeCalls{})
	job.Every(a.Jobs, 24*time.Hour, forgetCalls{})
}

// pollInboxes queues a poll for every channel whose inbox was not read just now; one slow server holds up nobody.
func (a *App) pollInboxes(ctx context.Context) error {
	due, err := a.Channels.InboxDue(ctx, db.Now().Add(-pollEvery/2))
	if err != nil {
		return err
	}
	now := db.Now()
	return a.pollNow(ctx, slices.DeleteFunc(due, func(d channel.Due) bool {
		n := a.Networks.Of(d.Network, d.Account)
		return n == nil || now.Before(d.InboxAt.Add(n.Spec().ReadEvery)) // some networks charge or count every reading
	}))
}

// pollNow reads the news of channels soon, whenever they were read last.
func (a *App) pollNow(ctx context.Context, due []channel.Due) error {
	if len(due) == 0 {
		return nil
	}
	return a.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, c := range due {
			if err := a.Jobs.Insert(ctx, tx, pollInbox{c.WorkspaceID, c.ID}, job.When{Unique: pollEvery / 2}); err != nil {
				return err
			}
		}
		return nil
	})
}

// readHistories queues the next pages of every channel whose history is not read to its end.
func (a *App) readHistories(ctx context.Context) error {
	due, err := a.Inbox.HistoryDue(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	return a.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, d := range due {
			if err := a.Jobs.Insert(ctx, tx, readHistory{d.WorkspaceID, d.ID}, job.When{Unique: time.Minute}); err != nil {
				return err
			}
		}
		return nil
	})
}

// readNatives queues a reading of every channel whose own posts are due; the room says when.
func (a *App) readNatives(ctx context.Context) error {
	due, err := a.Natives.Due(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	return a.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, d := range due {
			if err := a.Jobs.Insert(ctx, tx, readNative{d.WorkspaceID, d.ID}, job.When{Unique: time.Minute}); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkChannels reads every working account anew and forecasts the end of its grant (C18).
func (a *App) checkChannels(ctx context.Context) error {
	due, err := a.Channels.InboxDue(ctx, time.Time{})
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range due {
		if _, charges := a.Networks.Of(c.Network, c.Account).(network.Pricer); charges && db.Now().Sub(c.CheckedAt) < 23*time.Hour {
			continue // every look costs
		}
		_, err := a.Channels.Check(ctx, workspace.System(c.WorkspaceID), c.ID)
		if err != nil && fault.KindOf(err) == fault.Internal {
			failed = append(failed, err)
		}
	}
	return errors.Join(append(failed, a.Channels.Forecast(ctx))...)
}
