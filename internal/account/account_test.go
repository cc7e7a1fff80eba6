package account_test

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/secret"
)

const (
	good  = "correct horse battery staple"
	email = "ida@example.org"
)

var here = account.From{Address: "192.0.2.7", Agent: "Test/1"}

// house is accounts with one person in it, and a clock that only the test moves.
type house struct {
	*account.Accounts
	db   *db.DB
	user account.User
	mu   sync.Mutex
	time time.Time
}

func (h *house) pass(d time.Duration) { h.mu.Lock(); h.time = h.time.Add(d); h.mu.Unlock() }

func keys(t *testing.T) *secret.Keys {
	t.Helper()
	k, err := secret.New("test:" + base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func open(t *testing.T, database *db.DB, site string) *house {
	t.Helper()
	h := &house{db: database, time: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	accounts, err := account.New(database, keys(t), site)
	if err != nil {
		t.Fatal(err)
	}
	h.Accounts = accounts.At(func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.time })
	h.user = h.add(t, "Ida Holm", email, good)
	return h
}

func (h *house) add(t *testing.T, name, address, password string) account.User {
	t.Helper()
	ctx := context.Background()
	hash, err := h.Hash(ctx, password)
	if err != nil {
		t.Fatal(err)
	}
	var u account.User
	err = h.db.Tx(ctx, func(tx *db.Tx) (err error) {
		u, err = h.Add(ctx, tx, account.NewUser{Name: name, Email: address, Password: password, Zone: "Europe/Oslo"}, hash)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func each(t *testing.T, run func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, database *db.DB) { run(t, open(t, database, "http://localhost:8080")) })
}

func TestOnlyThePasswordSignsIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		u, second, err := h.SignIn(ctx, " IDA@example.org ", good, here)
		if err != nil || u.ID != h.user.ID || second != "" {
			t.Fatalf("the right password: %+v, %q, %v", u, second, err)
		}
		_, _, wrong := h.SignIn(ctx, email, "wrong horse battery staple", here)
		_, _, unknown := h.SignIn(ctx, "nobody@example.org", good, here)
		if !fault.Is(wrong, fault.Invalid) || wrong.Error() != unknown.Error() {
			t.Errorf("a wrong password says %q, an unknown address %q", wrong, unknown)
		}
	})
}

func TestAStoredHashNeverHoldsThePassword(t *testing.T) {
	h := open(t, dbtest.SQLite(t), "http://localhost")
	hash, err := h.Hash(context.Background(), good)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, good) {
		t.Fatalf("hash %q, %v", hash, err)
	}
	if again, _ := h.Hash(context.Background(), good); again == hash {
		t.Error("two hashes of one password are equal: no salt")
	}
}

func TestUnknownAddressesCostAsMuchAsKnownOnes(t *testing.T) {
	h := open(t, dbtest.SQLite(t), "http://localhost")
	// Time itself is not measured: a hash takes 19 MiB, and that shows in what both answers allocate.
	cost := func(address string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, _, err := h.SignIn(context.Background(), address, "wrong horse battery staple", here); !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	known, unknown := cost(email), cost("nobody@example.org")
	if known < 19<<20 || unknown < 19<<20 {
		t.Fatalf("known %d bytes, unknown %d bytes: one of them computes no hash", known, unknown)
	}
}

func TestGuessingSlowsDownPerAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		heard := 0
		for second := 0; second < 3600; second += 15 { // one attacker with many addresses, an hour long
			from := account.From{Address: "198.51." + string(rune('0'+second%10)) + ".1"}
			_, _, err := h.SignIn(ctx, email, "guess number whatever", from)
			switch {
			case fault.Is(err, fault.Invalid):
				heard++
			case !fault.Is(err, fault.Later):
				t.Fatal(err)
			case fault.As(err).RetryAt.Before(h.now()):
				t.Fatalf("told to come back in the past: %v", fault.As(err).RetryAt)
			}
			h.pass(15 * time.Second)
		}
		if heard > 100 || heard < 5 {
			t.Errorf("%d guesses were heard in an hour", heard)
		}
		if _, _, err := h.SignIn(ctx, email, good, here); !fault.Is(err, fault.Later) {
			t.Errorf("the right password is heard during a pause: %v", err)
		}
		h.pass(16 * time.Minute)
		if _, _, err := h.SignIn(ctx, email, good, here); err != nil {
			t.Errorf("the person cannot come in after the pause: %v", err)
		}
		if _, _, err := h.SignIn(ctx, email, "guess number whatever", here); !fault.Is(err, fault.Invalid) {
			t.Errorf("a success does not start anew: %v", err)
		}
	})
}

func (h *house) now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.time }

func TestGuessingSlowsDownPerAddress(t *testing.T) {
	h := open(t, dbtest.SQLite(t), "http://localhost")
	heard := 0
	for i := range 100 { // one password for many accounts, from one IPv6 network
		from := account.From{Address: "2001:db8::" + string(rune('a'+i%6))}
		_, _, err := h.SignIn(context.Background(), "person"+strings.Repeat("x", i)+"@example.org", "summer is over now", from)
		if fault.Is(err, fault.Invalid) {
			heard++
		}
	}
	if heard != 30 {
		t.Errorf("%d accounts were tried from one address", heard)
	}
	if _, _, err := h.SignIn(context.Background(), email, good, account.From{Address: "192.0.2.200"}); err != nil {
		t.Errorf("another address pays for it: %v", err)
	}
}

func TestManyGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var heard atomic.Int32
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				if _, _, err := h.SignIn(context.Background(), email, "guess number whatever", here); fault.Is(err, fault.Invalid) {
					heard.Add(1)
				}
			})
		}
		group.Wait()
		if n := heard.Load(); n != 5 {
			t.Errorf("%d of 50 guesses at once were heard, want 5", n)
		}
	})
}

func TestPasswordsThatAreTriedFirstAreRefused(t *testing.T) {
	for _, bad := range []string{"short", "password", "Password1!", "qwertyuiop", "12345678", "87654321", "aaaaaaaa", "abcabcabc", "summer2026", "Bellwether1", "idaholm99", "iloveyou!", strings.Repeat("long", 65)} {
		if err := account.CheckPassword(bad, "idaholm@example.org", "Ida Holm"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is accepted", bad)
		}
	}
	for _, fine := range []string{good, "Tr0ub4dor&3x", "pläne für mórgen", "xkcd-936-is-right", "日本語のパスワード", "summer is over and done"} {
		if err := account.CheckPassword(fine, "idaholm@example.org", "Ida Holm"); err != nil {
			t.Errorf("%q is refused: %v", fine, err)
		}
	}
}

func TestTheListOfCommonPasswordsIsLowerCaseAndSorted(t *testing.T) {
	raw, err := os.ReadFile("common.txt")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(raw))
	if len(words) < 800 {
		t.Errorf("only %d words", len(words))
	}
	for i, w := range words {
		if w != strings.ToLower(w) || i > 0 && words[i-1] >= w {
			t.Errorf("%q is out of order or not lower case", w)
		}
	}
}

func (h *house) session(t *testing.T) account.Opened {
	t.Helper()
	o, err := h.Open(context.Background(), h.user.ID, account.ByPassword, here, "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (h *house) lives(token string) bool {
	_, _, err := h.Session(context.Background(), token)
	return err == nil
}

func TestASessionHasAnIdleAndAnAbsoluteEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		idle, used := h.session(t), h.session(t)
		for day := range 30 {
			h.pass(24 * time.Hour)
			if alive := h.lives(used.Token); alive != (day < 29) {
				t.Fatalf("day %d: the used session lives: %v", day+1, alive)
			}
			if day == 6 && h.lives(idle.Token) {
				t.Error("an idle session lives after a week")
			}
		}
	})
}

func TestEachSignInMakesANewTokenAndEndsTheOldOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first := h.session(t)
		second, err := h.Open(context.Background(), h.user.ID, account.ByPassword, here, first.Token)
		if err != nil || second.Token == first.Token || len(second.Token) < 32 {
			t.Fatalf("%+v, %v", second, err)
		}
		if h.lives(first.Token) || !h.lives(second.Token) {
			t.Error("the old session outlives the sign-in")
		}
		rows, err := db.All[string](context.Background(), h.db, `select token_hash from sessions`)
		if err != nil || len(rows) != 1 || rows[0] == second.Token {
			t.Errorf("stored %v, %v", rows, err)
		}
	})
}

func TestS16AChangedPasswordEndsEverythingElse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		mine, thief := h.session(t), h.session(t)
		s, _, err := h.Session(ctx, mine.Token)
		if err != nil {
			t.Fatal(err)
		}
		link, err := h.Link(ctx, h.user.ID, account.Reset, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.ChangePassword(ctx, h.user, "not the present one", "four new words here", s.ID); !fault.Is(err, fault.Invalid) {
			t.Fatalf("without the present password: %v", err)
		}
		if err := h.ChangePassword(ctx, h.user, good, "four new words here", s.ID); err != nil {
			t.Fatal(err)
		}
		if !h.lives(mine.Token) || h.lives(thief.Token) {
			t.Errorf("mine lives: %v, the thief's lives: %v", h.lives(mine.Token), h.lives(thief.Token))
		}
		if _, err := h.ResetPassword(ctx, link, "four other words again"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an old link still resets: %v", err)
		}
		if _, _, err := h.SignIn(ctx, email, good, here); !fault.Is(err, fault.Invalid) {
			t.Errorf("the old password: %v", err)
		}
	})
}

func TestAResetLinkWorksOnceAndEndsEverySession(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		thief := h.session(t)
		link, err := h.Link(ctx, h.user.ID, account.Reset, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.ResetPassword(ctx, link, "short"); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a bad password: %v", err)
		}
		if _, err := h.ResetPassword(ctx, link, "four new words here"); err != nil {
			t.Fatalf("the link did not survive a refused password: %v", err)
		}
		if h.lives(thief.Token) {
			t.Error("a session survives the reset")
		}
		if _, err := h.ResetPassword(ctx, link, "four other words again"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link works twice: %v", err)
		}
		late, err := h.Link(ctx, h.user.ID, account.Reset, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		h.pass(time.Hour)
		if _, err := h.ResetPassword(ctx, late, "four other words again"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link outlives its hour: %v", err)
		}
	})
}

func TestARacingResetLinkIsUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		link, err := h.Link(context.Background(), h.user.ID, account.Reset, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		var won atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := h.ResetPassword(context.Background(), link, "four new words here"); err == nil {
					won.Add(1)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of 8 used the link", won.Load())
		}
	})
}

// outbox keeps letters for the test.
type outbox chan mail.Message

func (o outbox) Send(_ context.Context, m mail.Message) error { o <- m; return nil }
func (o outbox) Note() string                                 { return "" }

func TestS30ForgottenAnswersAlikeForEveryone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		jobs, letters := job.New(h.db), make(outbox, 10)
		h.Write(jobs, letters)
		if err := jobs.Open(); err != nil {
			t.Fatal(err)
		}
		known, unknown := h.Forgotten(ctx, email, here), h.Forgotten(ctx, "nobody@example.org", here)
		if known != nil || unknown != nil {
			t.Fatalf("known %v, unknown %v", known, unknown)
		}
		for range 3 {
			unknown = errors.Join(unknown, h.Forgotten(ctx, "nobody@example.org", here))
		}
		if !fault.Is(unknown, fault.Later) {
			t.Error("asking again and again is not slowed down")
		}
		if err := jobs.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case m := <-letters:
			if m.To.Email != email || !strings.Contains(m.Text, "http://localhost:8080/sign-in/reset/") {
				t.Errorf("letter to %s:\n%s", m.To.Email, m.Text)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("no letter")
		}
		if err := jobs.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if len(letters) > 0 {
			t.Errorf("a letter to %s", (<-letters).To.Email)
		}
	})
}

func TestANewBrowserIsToldOfOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		jobs := job.New(h.db)
		h.Write(jobs, make(outbox, 10))
		if err := jobs.Open(); err != nil {
			t.Fatal(err)
		}
		told := func() int {
			n, err := db.One[int](ctx, h.db, `select count(*) from river_job where kind = 'account.new_device'`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		first := h.session(t)
		if told() != 0 {
			t.Error("the first browser of a person is no news")
		}
		again := here
		again.Device = first.Device
		if _, err := h.Open(ctx, h.user.ID, account.ByPassword, again, ""); err != nil || told() != 0 {
			t.Errorf("a known browser: told %d, %v", told(), err)
		}
		if h.session(t); told() != 1 {
			t.Errorf("a new browser: told %d times", told())
		}
	})
}

func TestSweepRemovesOnlyWhatHasEnded(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		h.session(t)
		h.pass(8 * 24 * time.Hour)
		fresh := h.session(t)
		if err := h.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if n, _ := db.One[int](ctx, h.db, `select count(*) from sessions`); n != 1 || !h.lives(fresh.Token) {
			t.Errorf("%d sessions are left", n)
		}
	})
}
