package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a folder: `data` for PostgreSQL, `address` with the URL once the server has answered, `lock`, `log`.
type cluster struct {
	dir string
	bin string
	as  *syscall.Credential // who runs the server; nil: we do
}

// running returns the address of the shared server, starting it when none answers. Only one test program at a time
// gets to look and start.
func running() (string, error) {
	c, err := here()
	if err != nil {
		return "", err
	}
	unlock, err := c.lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	if address, err := os.ReadFile(c.path("address")); err == nil && answers(string(address)) {
		return string(address), nil
	}
	return c.start()
}

// Stop ends the shared server and removes its folder. Without one it does nothing.
func Stop() error {
	c, err := here()
	if errors.Is(err, errNotInstalled) {
		return nil
	}
	if err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(c.path("data", "postmaster.pid")); err == nil {
		if err := c.run("pg_ctl", "stop", "-s", "-w", "-m", "immediate", "-D", c.path("data")); err != nil {
			return err
		}
	}
	return os.RemoveAll(c.dir)
}

func here() (*cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, dir: os.Getenv("BELLWETHER_TEST_POSTGRES_DIR")}
	if c.dir == "" {
		c.dir = filepath.Join(os.TempDir(), "bellwether-postgres-"+strconv.Itoa(os.Getuid()))
	}
	if os.Getuid() == 0 {
		if c.as, err = postgresUser(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(c.dir, 0o711); err != nil {
		return nil, fmt.Errorf("make the folder of the test server: %w", err)
	}
	// The name can be guessed: a folder that someone else put there is not ours to trust.
	info, err := os.Lstat(c.dir)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", c.dir, err)
	}
	if s, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || ok && int(s.Uid) != os.Getuid() {
		return nil, fmt.Errorf("%s belongs to someone else", c.dir)
	}
	return c, nil
}

// binaries finds the folder of the newest installed server. The distribution keeps them off the path.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil {
			return filepath.Dir(real), nil
		}
	}
	return "", errNotInstalled
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

func postgresUser() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w: there is no postgres user, and PostgreSQL refuses to run as root", errNotInstalled)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the postgres user's id: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the postgres group's id: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// start makes the cluster anew and starts it. Old data is never reused: without fsync a server that was killed may
// have left anything behind, and the databases in it belonged to tests that are over.
func (c *cluster) start() (string, error) {
	data := c.path("data")
	if _, err := os.Stat(filepath.Join(data, "postmaster.pid")); err == nil {
		// It may still run and not answer; it may be long gone. Either way it must not share the folder with the next.
		_ = c.run("pg_ctl", "stop", "-s", "-w", "-m", "immediate", "-D", data)
	}
	for _, old := range []string{data, c.path("address"), c.path("password"), c.path("log")} {
		if err := os.RemoveAll(old); err != nil {
			return "", fmt.Errorf("clear the old test server: %w", err)
		}
	}
	password := randomHex(16)
	if err := errors.Join(
		os.Mkdir(data, 0o700),
		os.WriteFile(c.path("password"), []byte(password), 0o600),
		os.WriteFile(c.path("log"), nil, 0o600),
		c.give(data, c.path("password"), c.path("log")),
	); err != nil {
		return "", fmt.Errorf("prepare the test server: %w", err)
	}
	if err := c.run("initdb", "--no-sync", "-D", data, "-U", "bellwether", "-A", "password", "--pwfile", c.path("password"), "-E", "UTF8", "--no-locale"); err != nil {
		return "", err
	}
	var err error
	for range 5 { // another program may take the free port first
		var port int
		if port, err = freePort(); err != nil {
			return "", err
		}
		err = c.run("pg_ctl", "start", "-s", "-w", "-t", "60", "-D", data, "-l", c.path("log"), "-o", options(port))
		if err != nil {
			continue
		}
		u := url.URL{
			Scheme: "postgres", User: url.UserPassword("bellwether", password),
			Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable",
		}
		if err := os.WriteFile(c.path("address"), []byte(u.String()), 0o600); err != nil {
			return "", fmt.Errorf("note the test server's address: %w", err)
		}
		return u.String(), nil
	}
	log, _ := os.ReadFile(c.path("log"))
	return "", fmt.Errorf("%w\n%s", err, log)
}

// options are for speed: what a test database holds is worth nothing once the machine stops.
func options(port int) string {
	settings := []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port), "unix_socket_directories=''",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
		"max_connections=300", "shared_buffers=128MB", "autovacuum=off", "checkpoint_timeout=1h", "max_wal_size=4GB",
	}
	return "-c " + strings.Join(settings, " -c ")
}

func (c *cluster) path(parts ...string) string {
	return filepath.Join(append([]string{c.dir}, parts...)...)
}

func (c *cluster) give(paths ...string) error {
	if c.as == nil {
		return nil
	}
	for _, p := range paths {
		if err := os.Chown(p, int(c.as.Uid), int(c.as.Gid)); err != nil {
			return err
		}
	}
	return nil
}

// run runs one of PostgreSQL's commands as its user. Output goes to a file, not a pipe: the server inherits it and
// would keep a pipe open for as long as it lives.
func (c *cluster) run(name string, args ...string) error {
	out, err := os.CreateTemp("", "bellwether-postgres-*.out")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { _ = out.Close(); _ = os.Remove(out.Name()) }()
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = "/" // the caller's folder may be closed to the postgres user
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.as}
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(said))
	}
	return nil
}

func (c *cluster) lock() (func(), error) {
	f, err := os.OpenFile(c.dir+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the test server's lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock the test server: %w", err)
	}
	return func() { _ = f.Close() }, nil
}

func answers(address string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return false
	}
	_ = c.Close(ctx)
	return true
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
