package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// alike is how similar the text a network shows must be to the sent one; networks fold links, spaces and entities.
const alike = 0.7

// sight is what a read-back saw.
type sight struct {
	class  string // seen, gone or failed
	reason string // what differs, or why nothing was seen
	coming bool   // shown, but not complete yet
}

// readBack asks the network whether the published item is there, 2 seconds, 5 and 60 minutes after it was accepted.
// Reading is harmless, so that no lease is taken; whoever stores first wins.
func (w *job) readBack(ctx context.Context) error {
	n, session, err := w.line.open(ctx)
	if w.steps, err = w.stepsAfter(ctx, err); err != nil && n == nil {
		return err
	}
	reader, ok := n.(network.Reader)
	if err == nil && !ok {
		return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.rest(ctx, tx, time.Time{}) })
	}
	if err == nil && perished(n, w.remote(), w.d.AcceptedAt, w.j.clock()) { // nobody removed it: its day is over
		return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error { return w.rest(ctx, tx, time.Time{}) })
	}
	began := w.j.clock()
	saw := sight{class: "failed"}
	if err == nil {
		saw, err = w.look(ctx, reader, session)
	}
	if err != nil {
		saw.reason = "reading it back failed: " + fault.As(err).Message
	}
	w.j.crash(DuringReadBack)
	if fault.Is(err, fault.Unauthorised) {
		w.line.drop()
	}
	return w.commit(ctx, func(ctx context.Context, tx *db.Tx) error {
		look := id.New("read")
		if err := w.began(ctx, tx, look, "read back", began); err != nil {
			return err
		}
		if err := w.note(ctx, tx, look, saw.class, saw.reason); err != nil {
			return err
		}
		return w.saw(ctx, tx, saw)
	})
}

// perished reports whether an item that was public since an instant is gone by its nature, as stories are after a day.
func perished(n network.Network, item network.Remote, since, now time.Time) bool {
	p, ok := n.(network.Perishing)
	if !ok || since.IsZero() {
		return false
	}
	life := p.Perishes(item)
	return life > 0 && !now.Before(since.Add(life))
}

func (w *job) stepsAfter(ctx context.Context, opened error) ([]StepRow, error) {
	steps, err := w.j.steps(ctx, w.j.db, w.d.WorkspaceID, w.d.ID)
	if opened != nil {
		return steps, opened
	}
	return steps, err
}

// look reads every public part and compares it with what was sent.
func (w *job) look(ctx context.Context, reader network.Reader, session network.Session) (sight, error) {
	var sent struct {
		Parts []network.Part
		Text  string // of an answer
	}
	if err := json.Unmarshal(w.d.Draft, &sent); err != nil {
		return sight{class: "failed"}, err
	}
	if len(sent.Parts) == 0 && sent.Text != "" {
		sent.Parts = []network.Part{{Text: sent.Text}}
	}
	saw := sight{class: "seen"}
	for _, s := range w.steps {
		if !s.Public || s.Outcome == nil || s.Outcome.RemoteID == "" {
			continue
		}
		live, err := reader.Read(ctx, session, network.Remote{ID: s.Outcome.RemoteID, URL: s.Outcome.URL, Data: s.Outcome.Data})
		if fault.Is(err, fault.NotFound) || err == nil && !live.Exists {
			return sight{class: "gone", reason: s.Name + " is not shown"}, nil
		}
		if err != nil {
			return sight{class: "failed"}, err
		}
		if s.Part >= len(sent.Parts) {
			continue // the first comment
		}
		part := sent.Parts[s.Part]
		if missing := len(part.Media) - live.MediaCount; missing > 0 {
			saw.coming = true
			saw.reason = fmt.Sprintf("the network shows %d of the %d media of %s", live.MediaCount, len(part.Media), s.Name)
		}
		if part.Text != "" && text.Similarity(part.Text, live.Text) < alike {
			saw.reason = "the network shows another text than was sent: “" + clip(live.Text, 120) + "”"
		}
	}
	return saw, nil
}

// saw stores a read-back, what it means and when the next one is.
func (w *job) saw(ctx context.Context, tx *db.Tx, saw sight) error {
	now := w.j.clock()
	w.d.Looked++
	w.d.CheckedAt, w.d.Reason = now, saw.reason
	var next time.Time
	if w.d.Looked < len(readbacks) {
		next = w.d.AcceptedAt.Add(readbacks[w.d.Looked])
		if soon := now.Add(time.Minute); next.Before(soon) {
			next = soon
		}
	}
	state := w.d.State
	switch {
	case saw.class == "gone" && (state == Verified || next.IsZero()):
		state, next = Removed, time.Time{}
		w.d.Reason = "the network no longer shows it; it was removed or hidden there"
	case saw.class == "gone":
		state = NotVisible
		w.d.Reason = "the network accepted it but does not show it yet"
	case saw.class == "seen" && saw.coming && state == Accepted && !next.IsZero():
		state = Processing
	case saw.class == "seen" && !(saw.coming && state == Processing && !next.IsZero()):
		state = Verified
	}
	if state == Removed && w.d.State == Processing {
		w.d.State = NotVisible
	}
	if err := w.move(state); err != nil {
		return err
	}
	if w.d.State == Removed {
		w.d.ReasonCode = "removed_by_network"
	}
	return w.rest(ctx, tx, next)
}
