package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list` says of a package.
type listed struct {
	pkg
	Dir, Name, Doc string
	Standard       bool
	GoFiles        []string
	Module         *struct{ Path string }
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	fields := "-json=ImportPath,Imports,Dir,Name,Doc,Standard,GoFiles,Module"
	cmd := exec.Command("go", append([]string{"list", "-e", fields}, args...)...)
	cmd.Dir = "../.."
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaints.String())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read what go list said: %v", err)
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		t.Fatal("go list found no packages")
	}
	return all
}

func TestRoomsImportOnlyLowerOnes(t *testing.T) {
	var packages []pkg
	for _, p := range list(t, "./...") {
		packages = append(packages, p.pkg)
	}
	for _, o := range offences(packages) {
		t.Error(o)
	}
}

func TestOffendersAreNamed(t *testing.T) {
	for _, c := range []struct{ from, imported, want string }{
		{"internal/post", "internal/delivery", "only lower ones"},
		{"internal/delivery", "internal/post", ""},
		{"internal/job", "internal/event", "on one line"},
		{"internal/web/compose", "internal/web/ui", ""},
		{"internal/web/compose", "internal/db", "no SQL"},
		{"internal/web/compose", "database/sql", "no SQL"},
		{"internal/network/mastodon", "internal/network", ""},
		{"internal/network/mastodon", "internal/channel", "knows only"},
		{"internal/network/mastodon", "internal/id", "knows only"},
		{"internal/network/mastodon", "internal/network/bluesky", "knows only"},
		{"internal/network/facebook", "internal/network/graph", ""},
		{"internal/network/mastodon", "internal/network/graph", "knows only"},
		{"internal/network/graph", "internal/network/facebook", "knows only"},
		{"internal/network/all", "internal/network/bluesky", ""},
		{"internal/network", "internal/network/bluesky", "only lower ones"},
		{"internal/channel", "internal/network/all", "app's to hand out"},
		{"internal/app", "internal/network/all", ""},
		{"internal/post", "github.com/jackc/pgx/v5", "driver"},
		{"internal/db", "github.com/jackc/pgx/v5/stdlib", ""},
		{"internal/post", "github.com/riverqueue/river", "River"},
		{"internal/db", "internal/pgtest", "only tests"},
		{"internal/db/dbtest", "internal/pgtest", ""},
		{"cmd/bellwether", "internal/app", ""},
		{"internal/app", "e2e/lab", "only tests"},
		{"internal/helpers", "fmt", "no line in the table"},
	} {
		imported := c.imported
		if strings.HasPrefix(imported, "internal/") || strings.HasPrefix(imported, "e2e/") {
			imported = module + "/" + imported
		}
		got := strings.Join(offences([]pkg{{ImportPath: module + "/" + c.from, Imports: []string{imported}}}), "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s imports %s: %q, want %q", c.from, c.imported, got, c.want)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range list(t, "./...") {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", short(p.ImportPath))
		}
	}
}

func TestNoDrawers(t *testing.T) {
	for _, p := range list(t, "./...") {
		for _, part := range strings.Split(short(p.ImportPath), "/") {
			if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "models", "services", "misc"}, part) {
				t.Errorf("%s: %s says nothing about what is in it", short(p.ImportPath), part)
			}
		}
	}
}
