// Package hook takes the calls that networks make to us: it reads them raw, lets the network's own code prove them, and
// answers fast. A call is a doorbell; the news it announces is fetched in the usual way.
package hook

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Path is where networks call: the network's key and the secret part made when its application was stored.
const Path = "/hooks/{network}/{hook}"

// largest body of any network's call; Meta and X batch up to about a megabyte.
const largest = 3 << 20

// Desk answers networks.
type Desk struct {
	Channels *channel.Channels
	Wake     func(ctx context.Context, due []channel.Due) error // reads these channels' news soon
	URL      *url.URL                                           // our public address
}

// Handlers are the desk's public addresses.
func (d *Desk) Handlers() map[string]http.Handler {
	h := http.HandlerFunc(d.hear)
	return map[string]http.Handler{"GET " + Path: h, "POST " + Path: h}
}

func (d *Desk) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largest))
	if err != nil {
		http.Error(w, "the call is too large or was cut off", http.StatusRequestEntityTooLarge)
		return
	}
	address := d.URL.JoinPath(r.URL.Path)
	call := network.Webhook{Method: r.Method, Query: r.URL.Query(), Header: r.Header.Clone(), Body: body, Address: address.String()}
	heard, due, err := d.Channels.Hear(r.Context(), r.PathValue("network"), r.PathValue("hook"), call)
	if err == nil && len(due) > 0 {
		err = d.Wake(r.Context(), due)
	}
	if err != nil {
		status := http.StatusInternalServerError
		switch fault.KindOf(err) {
		case fault.NotFound:
			status = http.StatusNotFound
		case fault.Unauthorised, fault.Forbidden:
			status = http.StatusUnauthorized
		case fault.Invalid, fault.Rejected:
			status = http.StatusBadRequest
		default:
			slog.Error("hear a network's call", "network", r.PathValue("network"), "error", err)
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	if heard.MIME == "" {
		heard.MIME = "text/plain; charset=utf-8" // a challenge comes back as it was sent: never as a page
	}
	w.Header().Set("Content-Type", heard.MIME)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(heard.Answer)
}
