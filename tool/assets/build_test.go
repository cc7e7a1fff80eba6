package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const root = "../../internal/web/ui"

func TestCommittedBundleIsWhatTheSourcesGive(t *testing.T) {
	files, err := build(root)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadDir(filepath.Join(root, "dist"))
	if err != nil {
		t.Fatal(err)
	}
	if len(committed) != len(files) {
		t.Errorf("dist holds %d files, the sources give %d: run go run ./tool/assets", len(committed), len(files))
	}
	for _, f := range files {
		old, err := os.ReadFile(filepath.Join(root, "dist", f.name))
		if err != nil || !bytes.Equal(old, f.content) {
			t.Errorf("dist/%s is stale: run go run ./tool/assets", f.name)
		}
	}
}

func TestWriteRemovesWhatIsNoLongerBuilt(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, []file{{"a.css", []byte("a")}, {"b.css", []byte("b")}}); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, []file{{"a.css", []byte("c")}}); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "dist", "a.css")); string(text) != "c" {
		t.Errorf("a.css holds %q", text)
	}
	if _, err := os.Stat(filepath.Join(dir, "dist", "b.css")); !os.IsNotExist(err) {
		t.Errorf("b.css is still there (%v)", err)
	}
}

func TestIslandsStaySmall(t *testing.T) {
	islands, err := filepath.Glob(filepath.Join(root, "ts", "*.ts"))
	if err != nil || len(islands) == 0 {
		t.Fatalf("find the islands: %d, %v", len(islands), err)
	}
	for _, path := range islands {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n > 200 {
			t.Errorf("%s has %d lines, the budget of an island is 200", filepath.Base(path), n)
		}
	}
}
