package blob

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// faulty is a disk whose n-th operation fails.
type faulty struct {
	left int
	err  error
}

func (d *faulty) fails() error {
	if d.left--; d.left == 0 {
		return d.err
	}
	return nil
}

type faultyFile struct {
	file
	disk *faulty
}

func (f faultyFile) Write(p []byte) (int, error) {
	if err := f.disk.fails(); err != nil {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, err
	}
	return f.file.Write(p)
}

func (f faultyFile) Sync() error  { return errors.Join(f.disk.fails(), f.file.Sync()) }
func (f faultyFile) Close() error { return errors.Join(f.disk.fails(), f.file.Close()) }

func TestR41DiskThatFailsAnywhereLeavesTheOldBlob(t *testing.T) {
	for _, failure := range []error{syscall.ENOSPC, syscall.EIO} {
		failed := 0
		for n := 1; ; n++ {
			dir := t.TempDir()
			f := newFolder(t, dir)
			if err := f.Put(t.Context(), "a/x", strings.NewReader("old"), 3, "text/plain"); err != nil {
				t.Fatal(err)
			}
			disk, create := &faulty{left: n, err: failure}, f.create
			f.create = func(name string) (file, error) {
				if err := disk.fails(); err != nil {
					return nil, err
				}
				w, err := create(name)
				return faultyFile{w, disk}, err
			}
			err := f.Put(t.Context(), "a/x", strings.NewReader(strings.Repeat("new", 40_000)), -1, "image/png")
			if err == nil {
				break // n is past the last operation
			}
			failed++
			if !errors.Is(err, failure) || (failure == syscall.ENOSPC) != fault.Is(err, fault.Later) {
				t.Errorf("operation %d: %v (%s)", n, err, fault.KindOf(err))
			}
			r, info, err := f.Get(t.Context(), "a/x")
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := io.ReadAll(r)
			r.Close()
			if string(raw) != "old" || info.ContentType != "text/plain" {
				t.Errorf("operation %d: left %d bytes of type %s", n, len(raw), info.ContentType)
			}
			if rest, _ := os.ReadDir(filepath.Join(dir, temp)); len(rest) != 0 {
				t.Errorf("operation %d: left %v", n, rest)
			}
			f.create = create
			if err := f.Put(t.Context(), "a/x", strings.NewReader("new"), 3, "image/png"); err != nil {
				t.Errorf("operation %d: with room again: %v", n, err)
			}
		}
		if failed < 7 { // two files, each made, written, synced and closed; the first write of more than one block
			t.Errorf("only %d operations were made to fail", failed)
		}
	}
}

func TestUnfinishedFilesAreRemovedAtTheStart(t *testing.T) {
	dir := t.TempDir()
	f := newFolder(t, dir)
	if err := f.Put(t.Context(), "a/x", strings.NewReader("kept"), 4, "text/plain"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, temp, "left"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	f = newFolder(t, dir)
	var names []string
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, _ error) error {
		if !entry.IsDir() {
			info, _ := entry.Info()
			rel, _ := filepath.Rel(dir, path)
			names = append(names, fmt.Sprint(rel, " ", info.Mode().Perm()))
		}
		return nil
	})
	if got := strings.Join(names, ", "); got != "a/x+blob -rw-------, a/x+type -rw-------" {
		t.Errorf("the folder holds %s", got)
	}
	if ok, err := f.Exists(t.Context(), "a/x"); !ok {
		t.Errorf("the blob is gone: %v", err)
	}
}

func TestS9LinkInsideTheFolderLeadsNowhere(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "x+blob"), []byte("not yours"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if r, _, err := f.Get(t.Context(), "link/x"); err == nil {
		r.Close()
		t.Error("a link was followed for reading")
	}
	if err := f.Put(t.Context(), "link/y", strings.NewReader("x"), 1, "text/plain"); err == nil {
		t.Error("a link was followed for writing")
	}
	if rest, _ := os.ReadDir(outside); len(rest) != 1 {
		t.Errorf("outside: %v", rest)
	}
}

func TestPlaceThatCannotBeAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFolder(file); err == nil {
		t.Error("a file was opened as a folder")
	}
}
