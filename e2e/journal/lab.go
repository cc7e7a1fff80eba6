package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/app"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// lab is an installation, the networks it publishes to, and what was planned there.
type lab struct {
	t        *testing.T
	data     string
	database string   // postgres:// address; "" = SQLite in data
	env      []string // settings of the program besides those of every lab
	chance   *rand.Rand
	servers  []*server
	planned  []planned
	posts    int
}

// server is one fake network and the channel on it.
type server struct {
	*mastodonfake.Fake
	channel string
	keyed   bool // it honours the key that makes a repetition harmless
}

// planned is one target and the texts of its parts.
type planned struct {
	target string
	on     *server
	texts  []string
}

const workspaceID, brandID, userID = "ws_1", "brand_1", "user_1"

var owner = workspace.Actor{WorkspaceID: workspaceID, UserID: userID, Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}

// typed lets the lab sign in with a token it knows.
type typed struct{ mastodon.Mastodon }

func (n typed) SignIn(ctx context.Context, http *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	s := network.Session{HTTP: http, Grant: network.Grant{Values: map[string]string{"access_token": mastodonfake.BrandToken}},
		Account: network.Account{Server: fields["server"], Extra: map[string]string{"app": "Bellwether"}}}
	account, err := n.Check(ctx, s)
	return s.Grant, []network.Account{account}, err
}

// newLab makes an installation with channels on fresh servers: of three, two honour the key.
func newLab(t *testing.T, database string, servers int, seed uint64) *lab {
	t.Helper()
	l := bare(t, database, seed)
	for i := range servers {
		o := mastodonfake.Options{}
		if i%3 == 2 {
			o.Software = "gotosocial"
		}
		f, err := mastodonfake.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Close)
		l.servers = append(l.servers, &server{Fake: f, keyed: o.Software == ""})
	}
	l.with(func(database *db.DB) {
		channels := l.channels(database, typed{})
		for _, s := range l.servers {
			connected, err := channels.SignIn(context.Background(), owner, "mastodon", brandID, map[string]string{"server": s.URL})
			if err != nil {
				t.Fatal(err)
			}
			s.channel = connected[0].ID
		}
	})
	return l
}

// bare makes an installation with a workspace and a brand, and no channels.
func bare(t *testing.T, database string, seed uint64) *lab {
	t.Helper()
	l := &lab{t: t, data: t.TempDir(), database: database, chance: rand.New(rand.NewPCG(seed, 9))}
	l.with(func(database *db.DB) {
		if err := database.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Lab', 'UTC', 0)`,
			`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Lab', 'UTC', 'EUR', 0)`} {
			l.exec(database, q)
		}
	})
	return l
}

// channels is the installation's room of channels on some networks.
func (l *lab) channels(database *db.DB, networks ...network.Network) *channel.Channels {
	l.t.Helper()
	keys, err := secret.Load(l.data, "")
	if err != nil {
		l.t.Fatal(err)
	}
	return channel.New(database, event.New(database), keys, network.NewRegistry(networks...), safehttp.New(safehttp.Policy{Allow: safehttp.MustAllow("127.0.0.1")}))
}

// with opens the installation's database for as long as do runs.
func (l *lab) with(do func(*db.DB)) {
	l.t.Helper()
	target := l.database
	if target == "" {
		target = filepath.Join(l.data, "bellwether.db")
	}
	database, err := db.Open(context.Background(), target)
	if err != nil {
		l.t.Fatal(err)
	}
	defer database.Close()
	do(database)
}

func (l *lab) exec(database *db.DB, query string, args ...any) {
	l.t.Helper()
	if _, err := db.Exec(context.Background(), database, query, args...); err != nil {
		l.t.Fatal(err)
	}
}

// plan schedules posts on every channel, one every gap from an instant on. Every third is a thread with a first comment.
func (l *lab) plan(database *db.DB, count int, from time.Time, gap time.Duration) {
	l.t.Helper()
	err := database.Tx(context.Background(), func(tx *db.Tx) error {
		for i := range count {
			l.posts++
			id := fmt.Sprintf("post_%05d", l.posts)
			texts := []string{fmt.Sprintf("Post %d of this lab", l.posts)}
			content := `{"parts": [{"text": "` + texts[0] + `"}`
			if l.posts%3 == 0 {
				for n := range 2 {
					texts = append(texts, fmt.Sprintf("Post %d of this lab goes on with part %d", l.posts, n+2))
					content += `, {"text": "` + texts[n+1] + `"}`
				}
			}
			content += `]`
			if l.posts%3 == 0 {
				texts = append(texts, fmt.Sprintf("First comment on post %d of this lab", l.posts))
				content += `, "first_comment": "` + texts[3] + `"`
			}
			if _, err := db.Exec(context.Background(), tx, `insert into posts (workspace_id, id, brand_id, state, base, author_id, created_at, updated_at)
				values ($1, $2, $3, 'scheduled', $4, $5, 0, 0)`, workspaceID, id, brandID, content+`}`, userID); err != nil {
				return err
			}
			for n, s := range l.servers {
				target := fmt.Sprintf("tgt_%05d_%d", l.posts, n)
				if _, err := db.Exec(context.Background(), tx, `insert into targets (workspace_id, id, post_id, channel_id, state, due_at, zone, responsible_id)
					values ($1, $2, $3, $4, 'scheduled', $5, 'UTC', $6)`, workspaceID, target, id, s.channel, from.Add(time.Duration(i)*gap), userID); err != nil {
					return err
				}
				l.planned = append(l.planned, planned{target, s, texts})
			}
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// process is the running program.
type process struct {
	cmd    *exec.Cmd
	ready  chan struct{} // closed once it listens
	exited chan struct{}
	log    strings.Builder
}

// start runs the program and returns at once.
func (l *lab) start(env ...string) *process {
	l.t.Helper()
	p := &process{ready: make(chan struct{}), exited: make(chan struct{})}
	p.cmd = exec.Command(app.Binary(l.t), "serve", "--addr", "127.0.0.1:0", "--data", l.data)
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + l.data, "TZ=UTC", "BELLWETHER_ALLOW_PRIVATE=127.0.0.1/32", "DATABASE_URL=" + l.database, "BELLWETHER_LOG=warn"}, append(l.env, env...)...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.cmd.Stderr = &p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		lines := bufio.NewScanner(out)
		for open := true; lines.Scan(); {
			if open && strings.HasPrefix(lines.Text(), "listening on ") {
				open = false
				close(p.ready)
			}
		}
		_ = p.cmd.Wait()
	}()
	l.t.Cleanup(p.kill)
	return p
}

// kill ends the program as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// died reports whether the program ended by SIGKILL, its own or ours.
func (p *process) died() bool {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// stop asks the program to end in order.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
		if !p.cmd.ProcessState.Success() {
			return fmt.Errorf("it did not end well: %s\n%s", p.cmd.ProcessState, p.log.String())
		}
		return nil
	case <-time.After(25 * time.Second):
		p.kill()
		return errors.New("it did not end within 25 s")
	}
}

// open counts what the journal has not brought to an end: targets to send, deliveries on their way.
func (l *lab) open(database *db.DB) int {
	l.t.Helper()
	n, err := db.One[int](context.Background(), database, `select (select count(*) from targets where state in ('scheduled', 'publishing')) + (select count(*) from deliveries
		where state in ('waiting', 'prepared', 'sending', 'failed_retryable', 'unknown', 'reconciled', 'blocked', 'processing') and accepted_at is null)`)
	if err != nil && !fault.Is(err, fault.NotFound) {
		l.t.Fatal(err)
	}
	return n
}

// waiting describes what open counts, with the last thing that was tried.
func (l *lab) waiting(database *db.DB) string {
	l.t.Helper()
	rows, err := db.All[string](context.Background(), database, `select id || ' ' || state || ' ' || held_reason from targets where state in ('scheduled', 'publishing')
		union all select d.id || ' for ' || d.target_id || ' ' || d.state || ' ' || d.reason || ', attempt ' || d.attempt || ', looked ' || d.looked || ', lease "' || d.lease_owner || '", next '
			|| coalesce(cast((d.next_at - $1) / 1000000 as text) || ' s', 'never') || ', steps ' || coalesce((select string_agg(s.kind || ' ' || s.state, ', ') from delivery_steps s where s.delivery_id = d.id), '')
			|| ', last ' || coalesce((select a.class || ' ' || a.detail from attempts a where a.delivery_id = d.id order by a.started_at desc, a.id desc limit 1), 'nothing')
		from deliveries d where accepted_at is null and d.state in ('waiting', 'prepared', 'sending', 'failed_retryable', 'unknown', 'reconciled', 'blocked', 'processing')`, db.Now())
	if err != nil {
		l.t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}
