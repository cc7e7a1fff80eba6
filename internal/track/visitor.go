package track

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

// DayVisitor names a browser for one day without a cookie: a hash of the day's salt, the workspace, a shortened
// address and the user agent (PRODUCT §7.1). The salt is forgotten two days later, so the name leads nowhere.
func (t *Track) DayVisitor(ctx context.Context, workspaceID, address, userAgent string, at time.Time) (string, error) {
	salt, err := t.salt(ctx, at.UTC().Format("2006-01-02"))
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(workspaceID + "\x00" + prefix(address) + "\x00" + userAgent))
	return "d_" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12]), nil
}

// prefix keeps of an address what a household shares: IPv4 whole, IPv6 to /64.
func prefix(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// salt is the day's secret, the same on every replica, and gone two days later.
func (t *Track) salt(ctx context.Context, day string) ([]byte, error) {
	t.mu.Lock()
	salt := t.salts[day]
	t.mu.Unlock()
	if salt != nil {
		return salt, nil
	}
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	value, err := db.One[string](ctx, t.db, `insert into instance_settings (key, value) values ($1, $2)
		on conflict (key) do update set value = instance_settings.value returning value`, "visitor_salt/"+day, base64.StdEncoding.EncodeToString(fresh))
	if err != nil {
		return nil, err
	}
	if salt, err = base64.StdEncoding.DecodeString(value); err != nil {
		return nil, err
	}
	old, err := time.Parse("2006-01-02", day)
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(ctx, t.db, `delete from instance_settings where key like 'visitor_salt/%' and key < $1`, "visitor_salt/"+old.AddDate(0, 0, -1).Format("2006-01-02")); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.salts)
	t.salts[day] = salt
	return salt, nil
}

// rate counts one visitor's clicks in a window.
type rate struct {
	since time.Time
	n     int
}

const (
	repeatWithin = 10 * time.Second // the same visitor on the same link (M-CLICK)
	burstWindow  = 10 * time.Second
	burst        = 12 // more clicks than this of one visitor in the window come from a program (I25)
)

// Judge turns what a request says of itself into the kind its click is written with: a human's second click on a
// link within ten seconds is a repeat, and one visitor clicking faster than people can is a program.
func (t *Track) Judge(kind, visitor, linkID string, at time.Time) string {
	if kind != Human {
		return kind
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.recent) > 100_000 {
		clear(t.recent)
		clear(t.rates)
	}
	r := t.rates[visitor]
	if r == nil || at.Sub(r.since) > burstWindow {
		r = &rate{since: at}
		t.rates[visitor] = r
	}
	if r.n++; r.n > burst {
		return Bot
	}
	key := visitor + "/" + linkID
	last, seen := t.recent[key]
	t.recent[key] = at
	if seen && at.Sub(last) < repeatWithin {
		return Repeat
	}
	return Human
}
