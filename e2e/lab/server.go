package lab

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/sharedtest"
)

// A User is a person on a server, as the lab wrote it down.
type User struct {
	Username    string `json:"username"`
	Email       string `json:"email"`
	Password    string `json:"password"`
	ID          string `json:"id"`     // Mastodon's account id, WordPress's number
	Locked      bool   `json:"locked"` // following needs approval
	AccessToken string `json:"accessToken"`
	Handle      string `json:"handle"`
	DID         string `json:"did"`
	AppPassword string `json:"appPassword"`

	ApplicationPassword string `json:"applicationPassword"` // WordPress's
	Role                string `json:"role"`
	Secret              string `json:"secretKeyHex"` // Nostr's keys
	Nsec                string `json:"nsec"`
	Pubkey              string `json:"pubkeyHex"`
	Npub                string `json:"npub"`
}

// UnmarshalJSON takes ids that are numbers, too.
func (u *User) UnmarshalJSON(text []byte) error {
	type plain User
	loose := struct {
		*plain
		ID any `json:"id"`
	}{plain: (*plain)(u)}
	if err := json.Unmarshal(text, &loose); err != nil {
		return err
	}
	if loose.ID != nil {
		u.ID = fmt.Sprint(loose.ID)
	}
	return nil
}

// A Server is one real server.
type Server struct {
	Name       string
	BaseURL    string `json:"baseURL"` // without a slash at the end
	ControlURL string `json:"controlURL"`
	PLCURL     string `json:"plcURL"`
	Pid        int    `json:"pid"` // for SIGSTOP and SIGCONT: an outage whose requests hang
	People     []User `json:"users"`
}

// User returns the person of that name.
func (s *Server) User(t testing.TB, name string) User {
	t.Helper()
	for _, u := range s.People {
		if u.Username == name {
			return u
		}
	}
	t.Fatalf("%s has nobody called %s", s.Name, name)
	return User{}
}

// Mark returns a word that no other test or run has written, for texts that must be found again.
func Mark() string { return "mark" + strings.ToLower(rand.Text()[:12]) }

// running returns the server, started if need be. Health is a path that answers 200 once it is ready, after a space the
// type of answer to ask for.
func running(t testing.TB, name, installed, health string) *Server {
	t.Helper()
	scripts := filepath.Join(sharedtest.Dir(t), "lab", name)
	dir := folder()
	if s := read(dir, name); s != nil && answers(s.BaseURL+health) {
		return s
	}
	if _, err := os.Stat(filepath.Join(dir, installed)); err != nil && os.Getenv("CI") == "" {
		t.Skipf("needs the %s test server, which takes minutes to install: run %s/install.sh or tool/test.sh", name, scripts)
	}
	if err := start(dir, name, scripts); err != nil {
		t.Fatalf("start the %s test server: %v", name, err)
	}
	s := read(dir, name)
	if s == nil || !answers(s.BaseURL+health) {
		t.Fatalf("the %s test server was started and does not answer; its log is %s", name, filepath.Join(dir, "run", name+".log"))
	}
	return s
}

// folder is where the lab keeps everything, as its own scripts decide.
func folder() string {
	if dir := os.Getenv("LAB_DIR"); dir != "" {
		return dir
	}
	return filepath.Join(os.TempDir(), "lab")
}

func read(dir, name string) *Server {
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		return nil
	}
	s := &Server{Name: name}
	if json.Unmarshal(text, s) != nil {
		return nil
	}
	return s
}

// start runs the lab's script under a lock: test programs run side by side, and a second one must wait for the first.
func start(dir, name, scripts string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	// A file, not a pipe: the server inherits it and would keep a pipe open.
	said, err := os.CreateTemp("", "bellwether-lab-*.log")
	if err != nil {
		return err
	}
	defer func() { _ = said.Close(); _ = os.Remove(said.Name()) }()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(scripts, "start.sh"))
	cmd.Env = append(os.Environ(), "LAB_DIR="+dir)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(text))
	}
	return nil
}

func answers(url string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	url, accept, _ := strings.Cut(url, " ")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Freeze makes the server hang, as an overloaded one does: connections are taken and nothing is answered. It goes on
// when the returned function is called, and at the latest when the test ends.
func (s *Server) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	if err := syscall.Kill(s.Pid, syscall.SIGSTOP); err != nil {
		t.Fatalf("freeze %s (process %d): %v", s.Name, s.Pid, err)
	}
	// The signal arrives when it arrives; until then requests are still answered.
	Eventually(t, s.Name+" has stopped", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.Pid))
		_, state, _ := strings.Cut(string(stat), ") ")
		return err == nil && strings.HasPrefix(state, "T")
	})
	thaw = func() { _ = syscall.Kill(s.Pid, syscall.SIGCONT) }
	t.Cleanup(thaw)
	return thaw
}
