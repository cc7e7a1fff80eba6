package app

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startup is how long a program may take until it answers, migrations on a busy machine included.
const startup = 90 * time.Second

// Options say how the program runs. The zero value is a new installation on SQLite.
type Options struct {
	Data     string   // data folder; empty: a new one, removed with the test
	Database string   // postgres:// address; empty: SQLite in the data folder
	Addr     string   // where to listen; empty: a free port. An earlier App's Addr comes back at the same address
	Args     []string // further flags of the command
	Env      []string // further KEY=VALUE settings, for example BELLWETHER_ALLOW_PRIVATE=127.0.0.1/32
}

// An App is a running program.
type App struct {
	URL    string // where it listens, for example http://127.0.0.1:43210, without a slash at the end
	Addr   string // host:port of URL
	SignIn string // the link that signs in without a password; only the demo prints one
	Data   string

	t      testing.TB
	cmd    *exec.Cmd
	exited chan struct{} // closed once the process is gone and err is set
	err    error
	log    log
}

// Serve starts `bellwether serve` and returns once it answers.
func Serve(t testing.TB, o Options) *App {
	t.Helper()
	return start(t, "serve", o)
}

// Demo starts `bellwether demo` and returns once it answers.
func Demo(t testing.TB, o Options) *App {
	t.Helper()
	return start(t, "demo", o)
}

// Run runs another command to its end and returns what it printed, errors included. The error is that of the exit.
func Run(t testing.TB, o Options, args ...string) (string, error) {
	t.Helper()
	o.defaults(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t), append(args, o.Args...)...)
	cmd.Env = o.environment()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (o *Options) defaults(t testing.TB) {
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
}

func (o *Options) environment() []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TZ=UTC",
		"BELLWETHER_ADDR=" + o.Addr, "BELLWETHER_DATA=" + o.Data,
	}
	if o.Database != "" {
		env = append(env, "DATABASE_URL="+o.Database)
	}
	return append(env, o.Env...)
}

func start(t testing.TB, command string, o Options) *App {
	t.Helper()
	program := binary(t)
	o.defaults(t)
	a := &App{t: t, Data: o.Data, exited: make(chan struct{})}
	a.cmd = exec.Command(program, append([]string{command}, o.Args...)...)
	a.cmd.Env = o.environment()
	a.cmd.Stderr = &a.log
	// It must not outlive a test program that is itself killed.
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	stdout, err := a.cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("start bellwether %s: %v", command, err)
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatalf("start bellwether %s: %v", command, err)
	}
	t.Cleanup(a.end)
	lines := make(chan string, 16)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			_, _ = a.log.Write(append(s.Bytes(), '\n'))
			select {
			case lines <- s.Text():
			default: // nobody reads any more; the log keeps it
			}
		}
		a.err = a.cmd.Wait()
		close(a.exited)
	}()
	a.await(command, lines)
	return a
}

// await reads the address, for the demo also the sign-in link, and asks until the program answers.
func (a *App) await(command string, lines <-chan string) {
	a.t.Helper()
	late := time.NewTimer(startup)
	defer late.Stop()
	for a.URL == "" || command == "demo" && a.SignIn == "" {
		select {
		case line, open := <-lines:
			if !open {
				<-a.exited
				a.t.Fatalf("bellwether %s ended while starting: %v\n%s", command, a.err, a.Log())
			}
			if u, ok := strings.CutPrefix(line, "listening on "); ok {
				a.URL = strings.TrimSuffix(u, "/")
			}
			if u, ok := strings.CutPrefix(line, "sign in at "); ok {
				a.SignIn = u
			}
		case <-late.C:
			a.t.Fatalf("bellwether %s did not say where it listens within %s\n%s", command, startup, a.Log())
		}
	}
	u, err := url.Parse(a.URL)
	if err != nil {
		a.t.Fatalf("bellwether %s listens on %q: %v", command, a.URL, err)
	}
	a.Addr = u.Host
	ctx, cancel := context.WithTimeout(context.Background(), startup)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL+"/", nil)
		if err != nil {
			a.t.Fatalf("ask bellwether %s: %v", command, err)
		}
		res, err := http.DefaultTransport.RoundTrip(req) // a redirect is an answer, too
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			return
		}
		select {
		case <-a.exited:
			a.t.Fatalf("bellwether %s ended while starting: %v\n%s", command, a.err, a.Log())
		case <-ctx.Done():
			a.t.Fatalf("bellwether %s never answered: %v\n%s", command, err, a.Log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop asks the program to end, as a service manager does, and fails the test unless it ends well within 30 seconds.
func (a *App) Stop() {
	a.t.Helper()
	if a.Ended() {
		a.t.Fatalf("bellwether had already ended: %v\n%s", a.err, a.Log())
	}
	_ = a.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-a.exited:
		if a.err != nil {
			a.t.Errorf("bellwether did not end well: %v\n%s", a.err, a.Log())
		}
	case <-time.After(30 * time.Second):
		a.Kill()
		a.t.Errorf("bellwether did not end within 30 s of being asked\n%s", a.Log())
	}
}

// Kill ends the program as a power cut would, at once and without a chance to tidy up.
func (a *App) Kill() {
	_ = a.cmd.Process.Kill()
	<-a.exited
}

// Wait returns a channel that closes once the program has ended.
func (a *App) Wait() <-chan struct{} { return a.exited }

// Ended tells whether the program has ended.
func (a *App) Ended() bool {
	select {
	case <-a.exited:
		return true
	default:
		return false
	}
}

// ExitCode is the code that the program ended with; -1 for one that was killed. It waits for the end.
func (a *App) ExitCode() int {
	<-a.exited
	var exit *exec.ExitError
	if errors.As(a.err, &exit) {
		return exit.ExitCode()
	}
	return a.cmd.ProcessState.ExitCode()
}

// Pid is the program's process id, for signals that Stop and Kill do not send.
func (a *App) Pid() int { return a.cmd.Process.Pid }

// Log is what the program has printed so far, to both of its outputs.
func (a *App) Log() string { return a.log.String() }

func (a *App) end() {
	if !a.Ended() {
		_ = a.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-a.exited:
		case <-time.After(10 * time.Second):
			a.Kill()
		}
	}
	if a.t.Failed() {
		text := a.Log()
		if len(text) > 8000 {
			text = "…" + text[len(text)-8000:]
		}
		a.t.Logf("bellwether said:\n%s", text)
	}
	if strings.Contains(a.Log(), "WARNING: DATA RACE") {
		a.t.Errorf("bellwether has a data race:\n%s", a.Log())
	}
}

// log is a buffer that the program writes while a test reads.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
