package sandbox

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// people are the names of the public; none of them is anybody.
var people = []string{"Mara Lindqvist", "Jonas Weber", "Amina Diallo", "Tom Okafor", "Lucía Romero", "Priya Nair", "Yuki Tanaka", "Elif Demir", "Noah Petersen", "Sofia Rossi",
	"Owen Hughes", "Chloé Martin", "Mateusz Nowak", "Ingrid Solberg", "Rafael Costa", "Hana Novák", "Ben Carter", "Leila Haddad", "Pieter de Vries", "Maja Kovač",
	"Grace Mensah", "Anton Berg", "Nora Fischer", "Diego Herrera", "Saoirse Byrne", "Karim Aziz", "Emma Laurent", "Jakub Svoboda", "Mei Lin", "Oskar Lehtonen"}

func personOf(id string) network.Person {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "person-"))
	if err != nil || n < 0 || n >= len(people) {
		n = 0
	}
	handle := strings.ToLower(strings.NewReplacer(" ", ".", "é", "e", "í", "i", "č", "c", "á", "a").Replace(people[n]))
	return network.Person{ID: id, Handle: handle, Name: people[n], URL: "https://sandbox.example/@" + handle, Followers: int64(40 + n*n*7%900)}
}

var (
	praise    = []string{"This is lovely, thank you for sharing!", "Wow, beautiful work.", "I've been using it for a month now and I'm really happy.", "Das gefällt mir sehr!", "¡Me encanta!", "Exactly what I was looking for 😍", "Best one yet. Well done to the whole team."}
	questions = []string{"Do you ship to Norway?", "Is this still available next week?", "What does it cost including delivery?", "Wann gibt es das wieder?", "Is there a smaller size?", "Does it come in green?", "Can I order by phone?"}
	complaint = []string{"My order is four days late and nobody answers my mail.", "The link doesn't open on my phone.", "Hm, last time the box arrived damaged.", "Too expensive for what it is, sorry."}
	letters   = []string{"Hi! I ordered last week and would like to change the address. Is that possible?", "Hello, do you offer discounts for clubs?", "Could you send me the care instructions please?", "Hi, I'd love to feature your work in our newsletter. Whom can I talk to?", "Is the workshop on Saturday fully booked?"}
)

// half is how long it takes the public to do half of what it will do with an item.
const half = 5 * time.Hour

// Live lets the public go on until now and returns the links it followed meanwhile. A world that slept for long lives
// through at most three days.
func (w *World) Live() []Visit {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.clock()
	if w.quiet {
		return nil
	}
	since := w.s.Lived
	if since.IsZero() || now.Sub(since) > 72*time.Hour {
		since = now.Add(-time.Minute)
	}
	if !now.After(since) {
		return nil
	}
	w.s.Lived, w.dirty = now, true
	var visits []Visit
	for _, accountID := range w.accountIDs() {
		a := w.s.Accounts[accountID]
		days := now.Sub(since).Hours() / 24 * w.speed
		a.Followers += w.some(float64(a.Followers) * 0.004 * days)
		if w.rng.Float64() < 0.25*days*math.Log10(float64(10+a.Followers)) {
			w.write(a, network.Direct, "", pick(w, letters), now)
		}
		own := w.own[accountID]
		for i := len(own) - 1; i >= 0; i-- {
			it := own[i]
			if now.Sub(it.At) > 14*24*time.Hour {
				break
			}
			if !it.Removed && it.Kind == "" {
				visits = append(visits, w.attend(a, it, since, now)...)
			}
		}
	}
	return visits
}

func (w *World) accountIDs() []string {
	var ids []string
	for _, it := range w.s.Accounts {
		ids = append(ids, it.ID)
	}
	slices.Sort(ids)
	return ids
}

// attend lets the public do with an item what falls between two instants: attention halves every five hours.
func (w *World) attend(a *Account, it *Item, since, now time.Time) []Visit {
	done := func(at time.Time) float64 {
		if !at.After(it.At) {
			return 0
		}
		return 1 - math.Pow(0.5, at.Sub(it.At).Hours()*w.speed/half.Hours())
	}
	share := done(now) - done(since)
	views := w.some(float64(a.Followers) * 0.9 * it.Appeal * share)
	if views == 0 {
		return nil
	}
	it.Shown += views
	it.Reach = int64(float64(it.Shown) * 0.82)
	it.Likes += w.some(float64(views) * 0.035 * it.Appeal)
	it.Shares += w.some(float64(views) * 0.006 * it.Appeal)
	it.Saves += w.some(float64(views) * 0.008)
	for range min(w.some(float64(views)*0.007), 5) {
		w.write(a, network.Comment, it.ID, w.remark(it), now)
	}
	var visits []Visit
	links := text.Links(it.Text)
	if len(links) == 0 {
		return nil
	}
	for range min(w.some(float64(views)*0.02*it.Appeal), 25) {
		n := w.rng.IntN(200)
		visits = append(visits, Visit{URL: links[0].Text, UserAgent: agents[n%len(agents)], Address: "203.0.113." + strconv.Itoa(n+1), Buys: w.rng.Float64() < 0.08, At: now, Item: it.ID})
	}
	if it.Shown == views { // the first sight: programs draw a card of the link
		visits = append(visits, Visit{URL: links[0].Text, UserAgent: "SandboxPreview/1.0 (link preview bot)", Address: "203.0.113.250", At: now, Item: it.ID})
	}
	return visits
}

var agents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
	"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
}

func (w *World) remark(it *Item) string {
	switch r := w.rng.Float64(); {
	case r < 0.5:
		return pick(w, praise)
	case r < 0.85:
		return pick(w, questions)
	}
	return pick(w, complaint)
}

// write lets somebody say something to an account.
func (w *World) write(a *Account, kind network.MessageKind, to, words string, now time.Time) {
	author := "person-" + strconv.Itoa(w.rng.IntN(len(people)))
	if w.s.Muted[a.ID+"/"+author] {
		return
	}
	it := &Item{Account: a.ID, Author: author, Kind: kind, Text: words, ReplyTo: to, At: now}
	w.add(it)
	if parent := w.byID[to]; parent != nil {
		it.Root = root(parent)
		parent.Comments++
	}
}

// Say lets a named person of the public write to an account now: for demonstrations and tests.
func (w *World) Say(accountID string, kind network.MessageKind, to, words string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.s.Accounts[accountID]
	if a == nil {
		return ""
	}
	n := len(w.s.Items)
	w.write(a, kind, to, words, w.clock())
	if len(w.s.Items) == n {
		return ""
	}
	return w.s.Items[n].ID
}

// some is a whole number around x, by chance.
func (w *World) some(x float64) int64 {
	if x <= 0 {
		return 0
	}
	x *= 0.6 + 0.8*w.rng.Float64()
	n := int64(x)
	if w.rng.Float64() < x-float64(n) {
		n++
	}
	return n
}

func pick(w *World, from []string) string { return from[w.rng.IntN(len(from))] }
