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

const (
	// half is how long it takes the public to do half of what it will do with an item.
	half = 5 * time.Hour
	// mostVisits and mostWords bound one go of the public, so that ten thousand posts do not make it a crowd.
	mostVisits = 200
	mostWords  = 100
)

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
	g := &going{World: w, since: since, now: now}
	for _, a := range w.accounts() {
		g.account(a)
	}
	if len(w.said) > 5000 {
		w.said = map[string]bool{}
	}
	return g.visits
}

func (w *World) accounts() (out []*Account) {
	for _, a := range w.s.Accounts {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *Account) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// going is one go of the public, from an instant to another.
type going struct {
	*World
	since, now time.Time
	visits     []Visit
	words      int
}

func (g *going) account(a *Account) {
	days := g.now.Sub(g.since).Hours() / 24 * g.speed
	if n := g.some(float64(a.Followers) * 0.004 * days); n > 0 {
		a.Followers += n
		g.react(a, followed, "")
	}
	if g.rng.Float64() < 0.25*days*math.Log10(float64(10+a.Followers)) {
		g.write(a, g.anyone(), network.Direct, "", letters, "")
	}
	if g.rng.Float64() < 0.1*days*math.Log10(float64(10+a.Followers)) {
		g.write(a, g.anyone(), network.Mention, "", greetings, "")
	}
	own := g.own[a.ID]
	for _, it := range slices.Backward(own) {
		if g.now.Sub(it.At) > 14*24*time.Hour {
			break
		}
		switch {
		case it.Removed:
		case it.Kind == "" && it.ReplyTo == "":
			g.attend(a, it)
		default:
			g.thank(a, it)
		}
	}
}

func (g *going) anyone() int { return g.rng.IntN(len(people)) }

// attention is the share of all its attention an item has had by an instant: it halves every five hours.
func (g *going) attention(it *Item, at time.Time) float64 {
	if !at.After(it.At) {
		return 0
	}
	return 1 - math.Pow(0.5, at.Sub(it.At).Hours()*g.speed/half.Hours())
}

// awake is how much of the public looks at its phone at an hour of the day: most in the evening, least before dawn.
func awake(at time.Time) float64 {
	return 1 + 0.35*math.Cos(2*math.Pi*(float64(at.UTC().Hour())+float64(at.Minute())/60-18)/24)
}

// attend lets the public do with an item what falls between the two instants.
func (g *going) attend(a *Account, it *Item) {
	reach := float64(a.Followers) * 0.9 * it.Appeal * awake(it.At)
	if it.Seen != "" {
		reach *= 0.6
	}
	views := g.some(reach * (g.attention(it, g.now) - g.attention(it, g.since)))
	if views == 0 {
		return
	}
	first := it.Shown == 0
	it.Shown += views
	it.Reach = int64(float64(it.Shown) * 0.82)
	likes, shares := g.some(float64(views)*0.035*it.Appeal), g.some(float64(views)*0.006*it.Appeal)
	it.Likes, it.Shares = it.Likes+likes, it.Shares+shares
	it.Saves += g.some(float64(views) * 0.008)
	for i := range it.Votes {
		it.Votes[i] += g.some(float64(views) * 0.05 / float64(i+1))
	}
	if likes > 0 {
		g.react(a, liked, it.ID)
	}
	if shares > 0 {
		g.react(a, shared, it.ID)
	}
	for range min(g.some(float64(views)*0.007), 5) {
		g.remark(a, it)
	}
	g.touch(it)
	g.follow(it, views, first)
}

// react names one person who liked, shared or followed: a glimpse of those who are counted.
func (g *going) react(a *Account, kind network.MessageKind, on string) {
	if g.words >= mostWords {
		return
	}
	g.words++
	g.add(&Item{Account: a.ID, Author: personID(g.anyone()), Kind: kind, ReplyTo: on, At: g.now})
}

func (g *going) remark(a *Account, it *Item) {
	who := g.anyone()
	from := questions
	switch r := g.rng.Float64(); {
	case r < people[who].mood:
		from = complaints
	case r < people[who].mood+0.5:
		from = praise
	}
	g.write(a, who, network.Comment, it.ID, from, topic(it.Text))
}

// thank lets the reader of an answer react to it, once, with luck.
func (g *going) thank(a *Account, it *Item) {
	parent := g.byID[it.ReplyTo]
	if it.Thanked || parent == nil || parent.Author == a.ID || g.now.Sub(it.At) < time.Duration(float64(20*time.Minute)/g.speed) {
		return
	}
	it.Thanked = true
	g.touch(it)
	if g.rng.Float64() < 0.4 {
		kind := network.Comment
		if it.Kind == network.Direct {
			kind = network.Direct
		}
		g.write(a, indexOf(parent.Author), kind, it.ID, thanks, "")
	}
}

// write lets somebody say something to an account.
func (g *going) write(a *Account, who int, kind network.MessageKind, to string, from map[string][]string, about string) {
	if g.words >= mostWords || g.s.Muted[a.ID+"/"+personID(who)] {
		return
	}
	g.words++
	said := g.phrase(from, people[who].language, about, a.ID+to)
	if kind == network.Mention {
		said = "@" + a.Handle + " " + said
	}
	g.hear(a, personID(who), kind, to, said, g.now)
}

// hear adds what somebody said.
func (w *World) hear(a *Account, author string, kind network.MessageKind, to, words string, at time.Time) *Item {
	it := &Item{Account: a.ID, Author: author, Kind: kind, Text: words, ReplyTo: to, At: at}
	w.add(it)
	if parent := w.byID[to]; parent != nil {
		it.Root = root(parent)
		parent.Comments++
		w.touch(parent)
	}
	return it
}

// follow lets some of those who saw an item's link follow it, and a few of these buy.
func (g *going) follow(it *Item, views int64, first bool) {
	link := linkIn(it.Text)
	if link == "" || len(g.visits) >= mostVisits {
		return
	}
	if first { // programs draw a card of the link
		g.visits = append(g.visits, Visit{URL: link, UserAgent: "SandboxPreview/1.0 (link preview bot)", Address: "203.0.113.250", At: g.now, Item: it.ID})
	}
	for range min(g.some(float64(views)*0.02*it.Appeal), 25) {
		n := g.rng.IntN(200)
		g.visits = append(g.visits, Visit{URL: link, UserAgent: agents[n%len(agents)], Address: "203.0.113." + strconv.Itoa(n+1), Buys: g.rng.Float64() < 0.08, At: g.now, Item: it.ID})
	}
}

// linkIn is the first link of a text. The readers of Bluesky's rules also see those of a machine without a public name,
// where most people meet the sandbox.
func linkIn(words string) string {
	for _, e := range text.BlueskyFacets(words) {
		if e.Kind == text.Link {
			return e.Value
		}
	}
	return ""
}

var agents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
	"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
}

// Say lets a person of the public write to an account now, and returns the item's id; "" if the account is not there or
// has muted them. For demonstrations and tests.
func (w *World) Say(accountID string, kind network.MessageKind, to, words string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, author := w.s.Accounts[accountID], personID(w.rng.IntN(len(people)))
	if a == nil || w.s.Muted[accountID+"/"+author] {
		return ""
	}
	return w.hear(a, author, kind, to, words, w.clock()).ID
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
