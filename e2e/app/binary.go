package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

var built = sync.OnceValues(build)

// Binary returns the path of the program, for tests that start it in ways of their own.
func Binary(t testing.TB) string {
	t.Helper()
	return binary(t)
}

// binary returns the path of the program, building it on first use.
func binary(t testing.TB) string {
	t.Helper()
	if ready := os.Getenv("BELLWETHER_BINARY"); ready != "" {
		return ready
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// build links the program into a folder that the user's other test programs share: whoever comes second finds it up
// to date. The lock keeps two of them from writing it at once.
func build() (string, error) {
	repo, err := root()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(os.TempDir(), "bellwether-binary-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the program: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("open the lock of the build: %w", err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock the build: %w", err)
	}
	path := filepath.Join(folder, "bellwether")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/bellwether")
	cmd.Dir = repo
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cmd/bellwether: %w\n%s", err, out)
	}
	return path, nil
}

func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working folder: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("the tests run outside the repository")
		}
	}
}
