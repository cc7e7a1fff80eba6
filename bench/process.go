package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server in a process of its own: the program, or the floor.
type process struct {
	url, host string
	signIn    string        // demo: the link it printed
	began     time.Time     // when it was started
	took      time.Duration // until it answered
	cmd       *exec.Cmd
	exited    chan struct{}
	log       bytes.Buffer
}

// serve starts the program on a data folder and returns when it answers.
func (b *bench) serve(ctx context.Context, data string, args ...string) (*process, error) {
	return b.command(ctx, "serve", data, args...)
}

func (b *bench) command(ctx context.Context, name, data string, args ...string) (*process, error) {
	program, err := b.binary(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, append([]string{name, "--addr", "127.0.0.1:0", "--data", data, "--log", "error"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + data, "TZ=UTC", "BELLWETHER_ALLOW_PRIVATE=127.0.0.1/32",
		"BELLWETHER_KEY_RATE=0", "BELLWETHER_API_RATE=0", "BELLWETHER_HIT_RATE=0"} // the load comes from one place
	if b.Database != "" && name != "demo" {
		cmd.Env = append(cmd.Env, "DATABASE_URL="+b.Database)
	}
	path := "/healthz"
	if name == "demo" {
		path = ""
	}
	return b.begin(ctx, cmd, path)
}

// floor starts this program as the floor's server.
func (b *bench) floor(ctx context.Context) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), floorEnv+"=1")
	return b.begin(ctx, cmd, "/")
}

func (b *bench) begin(ctx context.Context, cmd *exec.Cmd, path string) (*process, error) {
	p := &process{cmd: cmd, exited: make(chan struct{})}
	cmd.Stderr = &p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.began = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b.closing = append(b.closing, p.stop)
	lines := make(chan string, 16)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
		_ = cmd.Wait()
		close(p.exited)
	}()
	late := time.After(2 * time.Minute)
	for p.url == "" || path == "" && p.signIn == "" {
		select {
		case line, open := <-lines:
			if !open {
				<-p.exited
				return nil, fmt.Errorf("%s ended while starting: %s", cmd.Path, p.log.String())
			}
			if u, ok := strings.CutPrefix(line, "listening on "); ok {
				p.url = strings.TrimSuffix(u, "/")
			}
			if u, ok := strings.CutPrefix(line, "sign in at "); ok {
				p.signIn = u
			}
		case <-late:
			return nil, errors.New("the program did not say where it listens")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	go func() {
		for range lines { // nobody reads any more
		}
	}()
	u, err := url.Parse(p.url)
	if err != nil {
		return nil, err
	}
	p.host = u.Host
	return p, p.answers(ctx, path)
}

// answers asks until the server answers, and notes how long that took since the start.
func (p *process) answers(ctx context.Context, path string) error {
	address := p.url + path
	if path == "" {
		address = p.signIn
	}
	for range 2000 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err == nil {
			_ = res.Body.Close()
			p.took = time.Since(p.began)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return errors.New("the server never answered")
}

// kill ends it as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// stop asks it to end, and ends it when it does not.
func (p *process) stop() {
	select {
	case <-p.exited:
		return
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		p.kill()
	}
}

// cpu is the time it has spent on processors, in the kernel too.
func (p *process) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	ticks := 0
	for _, n := range fields[11:13] {
		v, _ := strconv.Atoi(n)
		ticks += v
	}
	return time.Duration(ticks) * 10 * time.Millisecond // the kernel tells this in hundredths of a second
}

// memory is its resident set in bytes.
func (p *process) memory() int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
