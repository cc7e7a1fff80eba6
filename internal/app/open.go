package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/secret"
)

func setLog(level string) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l})))
}

// lockFolder refuses a second process on one data folder: two journals on one SQLite file would both send (R6).
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another Bellwether is running on the data folder %s; stop it, or choose another folder with --data", dir)
	}
	return f, nil
}

// reachable is how a browser on this machine reaches a listener.
func reachable(a *net.TCPAddr) string {
	if a.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", a.Port)
	}
	return a.String()
}

func loopback(l net.Listener) bool {
	a, ok := l.Addr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// setupCode is what a person needs for the first set-up of an installation that others can reach.
func (a *App) setupCode(ctx context.Context) (string, error) {
	return db.One[string](ctx, a.DB, `insert into instance_settings (key, value) values ('setup_code', $1)
		on conflict (key) do update set value = instance_settings.value returning value`, id.Secret()[:12])
}

// openS3 reads s3://key:secret@host/bucket?region=…&plain=1.
func openS3(address string) (blob.Store, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.User == nil {
		return nil, fmt.Errorf("the S3 address must look like s3://key:secret@host/bucket")
	}
	password, _ := u.User.Password()
	scheme := "https://"
	if u.Query().Get("plain") == "1" {
		scheme = "http://"
	}
	return blob.NewS3(blob.S3Settings{Endpoint: scheme + u.Host, Bucket: strings.Trim(u.Path, "/"), AccessKey: u.User.Username(), SecretKey: secret.NewText(password), Region: u.Query().Get("region"), PathStyle: true})
}
