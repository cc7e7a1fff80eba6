package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// line is one channel in the hands of one worker: it keeps the opened session for the deliveries that follow closely.
type line struct {
	j                      *Journal
	workspaceID, channelID string

	n       network.Network
	session network.Session
	err     error
	opened  time.Time
}

// reopen is how long an opened session serves; what stops a channel is asked in every intent anyway.
const reopen = 2 * time.Second

// open returns the channel's network and session, refreshed ahead where the grant is about to end.
func (l *line) open(ctx context.Context) (network.Network, network.Session, error) {
	if now := l.j.clock(); l.opened.IsZero() || l.err != nil || now.Sub(l.opened) >= reopen || now.Before(l.opened) {
		_, l.n, l.session, l.err = l.j.channels.Session(ctx, l.workspaceID, l.channelID)
		l.opened = l.j.clock()
	}
	return l.n, l.session, l.err
}

// drop forgets the session, after its grant was renewed or refused.
func (l *line) drop() { l.opened = time.Time{} }
