// Package follow is what strangers' browsers meet: short links that redirect, the first-party event script and the
// intake of its events. No cookie is set, no address is kept, and nothing here needs a session.
package follow

import (
	_ "embed"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/limit"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/track/agent"
	"github.com/bellwether-social/bellwether/internal/web/show"
)

//go:embed bw.js
var script []byte

// Desk answers strangers.
type Desk struct {
	Links   *link.Links
	Track   *track.Track
	Host    string                     // the instance's own host: short links of other hosts are looked up by theirs
	Address func(*http.Request) string // of the visitor, through trusted proxies only
	Rate    *limit.Rate                // of events from one address; nil = no limit. Following a link has none
}

// Handlers are the addresses for the server's mux.
func (d *Desk) Handlers() map[string]http.Handler {
	return map[string]http.Handler{
		"/l/{slug}":  http.HandlerFunc(d.follow),
		"GET /bw.js": http.HandlerFunc(d.script),
		"POST /e":    http.HandlerFunc(d.event),
		"OPTIONS /e": http.HandlerFunc(d.preflight),
	}
}

// follow sends a visitor on. The click is with the operating system before the answer leaves.
func (d *Desk) follow(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a short link is only followed", http.StatusMethodNotAllowed)
		return
	}
	host := ""
	if h := strings.ToLower(r.Host); h != d.Host {
		host = h
	}
	k, err := d.Links.Follow(r.Context(), host, r.PathValue("slug"))
	if fault.Is(err, fault.NotFound) && host != "" { // reached by another name of this installation
		k, err = d.Links.Follow(r.Context(), "", r.PathValue("slug"))
	}
	now := show.Now()
	switch {
	case fault.Is(err, fault.NotFound):
		gone(w, http.StatusNotFound, "This link does not exist")
		return
	case err != nil:
		gone(w, http.StatusServiceUnavailable, "This link cannot be followed at this moment")
		return
	case !k.Open(now):
		gone(w, http.StatusGone, "This link has expired")
		return
	}
	a := agent.Of(r)
	visitor, err := d.Track.DayVisitor(r.Context(), k.WorkspaceID, d.Address(r), r.UserAgent(), now)
	if err != nil {
		visitor = "unknown"
	}
	c := track.Click{WorkspaceID: k.WorkspaceID, ID: id.New("click"), LinkID: k.ID, At: now, Kind: d.Track.Judge(string(a.Kind), visitor, k.ID, now), Visitor: visitor,
		Referrer: referrer(r), Family: a.Family, Device: a.Device}
	to := k.URL
	if err := d.Track.Click(c); err == nil && c.Kind == track.Human {
		to = carrying(to, c.ID)
	}
	h := w.Header()
	h.Set("Location", to)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "unsafe-url")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(http.StatusFound)
}

// carrying adds the click's id to the address, so that the visit is joined to it exactly.
func carrying(to, clickID string) string {
	base, fragment, has := strings.Cut(to, "#")
	mark := "?"
	if strings.Contains(base, "?") {
		mark = "&"
	}
	base += mark + track.ClickParameter + "=" + clickID
	if has {
		base += "#" + fragment
	}
	return base
}

// referrer keeps of a referrer only where it is from.
func referrer(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" || len(u.Host) > 253 {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

func gone(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>`+html.EscapeString(words)+`</title><h1>`+html.EscapeString(words)+`</h1><p>Ask whoever gave it to you for another one.</p></html>`)
}

func (d *Desk) script(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(script)
}

// hit is what the script sends.
type hit struct {
	Site     string          `json:"s"`
	ID       string          `json:"i"`
	Name     string          `json:"n"`
	URL      string          `json:"u"`
	Referrer string          `json:"r"`
	Visitor  string          `json:"v"`
	Value    *float64        `json:"val"`
	Currency string          `json:"cur"`
	Props    json.RawMessage `json:"p"`
}

func (d *Desk) preflight(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Headers", "content-type")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// event takes one event of a browser in and answers with the visitor's name, which the shop can send with its order.
func (d *Desk) event(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "no-store")
	refuse := func(status int, words string) { http.Error(w, words, status) }
	address := d.Address(r)
	if s := d.Rate.Take(address); !s.OK {
		w.Header().Set("Retry-After", strconv.Itoa(int(s.Refill.Seconds())+1))
		refuse(http.StatusTooManyRequests, "too many events came from this address")
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 32<<10))
	if err != nil {
		refuse(http.StatusRequestEntityTooLarge, "the event is larger than 32 KB")
		return
	}
	var in hit
	if err := json.Unmarshal(raw, &in); err != nil {
		refuse(http.StatusBadRequest, "the event is not JSON")
		return
	}
	site, err := d.Track.SiteByKey(r.Context(), in.Site)
	if err != nil {
		refuse(http.StatusNotFound, "there is no such site")
		return
	}
	if !site.Allows(origin) {
		refuse(http.StatusForbidden, "this origin is not one of the site's addresses")
		return
	}
	now := show.Now()
	day, err := d.Track.DayVisitor(r.Context(), site.WorkspaceID, address, r.UserAgent(), now)
	if err != nil {
		refuse(http.StatusServiceUnavailable, "try again")
		return
	}
	visitor := day
	if site.Mode == "statistics" && strings.HasPrefix(in.Visitor, "v_") && len(in.Visitor) <= 64 {
		visitor = in.Visitor // only sent where the person has agreed
	}
	e := track.Event{WorkspaceID: site.WorkspaceID, ID: in.ID, SiteID: site.ID, Name: in.Name, At: now, Visitor: visitor, URL: in.URL, Referrer: in.Referrer, Currency: in.Currency,
		Kind: string(agent.Of(r).Kind), Via: "browser", Props: in.Props}
	if in.Value != nil && in.Currency != "" {
		minor := int64(*in.Value*float64(scale(in.Currency)) + 0.5)
		e.ValueMinor = &minor
	}
	if err := d.Track.TakeSoon(e); err != nil {
		f := fault.As(err)
		if f.Kind == fault.Invalid {
			refuse(http.StatusUnprocessableEntity, f.Message)
			return
		}
		refuse(http.StatusInsufficientStorage, "the event could not be stored")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]string{"visitor": visitor, "at": now.Format(time.RFC3339)})
}

// scale is how many minor units a currency's unit has.
func scale(currency string) int64 {
	n := int64(1)
	for range customer.Digits(currency) {
		n *= 10
	}
	return n
}
