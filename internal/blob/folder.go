package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Folder keeps blobs as files below one folder: the content in "key+blob", its type in "key+type"; no
// key has a plus.
type Folder struct {
	root   *os.Root
	create func(name string) (file, error) // tests make it fail
}

type file interface {
	io.WriteCloser
	Sync() error
}

const (
	content = "+blob"
	kind    = "+type"
	temp    = ".temp" // files being written; leftovers of a crash are removed at the next start
)

// NewFolder opens the store in dir, making the folder where it is missing. One process at a time.
func NewFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the media folder: %w", err)
	}
	root, err := os.OpenRoot(dir) // no name and no symbolic link leads out of it
	if err != nil {
		return nil, fmt.Errorf("open the media folder: %w", err)
	}
	if err := errors.Join(root.RemoveAll(temp), root.MkdirAll(temp, 0o700)); err != nil {
		root.Close()
		return nil, fmt.Errorf("clear unfinished media files: %w", err)
	}
	f := &Folder{root: root}
	f.create = func(name string) (file, error) {
		return root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	return f, nil
}

// Close releases the folder.
func (f *Folder) Close() error { return f.root.Close() }

func (f *Folder) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	staged, err := f.stage(ctx, key, r, size)
	if err != nil {
		return err
	}
	defer f.root.Remove(staged)
	stagedKind, err := f.stage(ctx, key, strings.NewReader(contentType), -1)
	if err != nil {
		return err
	}
	defer f.root.Remove(stagedKind)
	if err := f.parents(path.Dir(key)); err != nil {
		return broken("make a folder for", key, err)
	}
	// The type goes first: content without a type would be served wrongly, a type without content is nothing.
	for _, move := range [][2]string{{stagedKind, key + kind}, {staged, key + content}} {
		if err := f.root.Rename(move[0], move[1]); err != nil {
			return broken("store", key, err)
		}
	}
	return broken("store", key, f.sync(path.Dir(key)))
}

// stage writes r to a temporary file that is safely on disk, and returns its name.
func (f *Folder) stage(ctx context.Context, key string, r io.Reader, size int64) (staged string, err error) {
	name := temp + "/" + rand.Text()
	w, err := f.create(name)
	if err != nil {
		return "", broken("store", key, err)
	}
	defer func() {
		if err != nil {
			f.root.Remove(name)
		}
	}()
	from := &source{ctx: ctx, r: r}
	n, err := io.Copy(w, from)
	if err == nil {
		err = w.Sync()
	}
	err = errors.Join(err, w.Close())
	switch {
	case from.err != nil:
		return "", fmt.Errorf("read what to store as %q: %w", key, from.err)
	case err != nil:
		return "", broken("store", key, err)
	case size >= 0 && n != size:
		return "", wrongSize(key, n, size)
	}
	return name, nil
}

// source stops with the context and remembers that it was the reader that failed, not the disk.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := 0, s.ctx.Err()
	if err == nil {
		n, err = s.r.Read(p)
	}
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// parents makes dir and writes each new name in its parent to disk.
func (f *Folder) parents(dir string) error {
	if info, err := f.root.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := f.parents(path.Dir(dir)); err != nil {
		return err
	}
	if err := f.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.sync(path.Dir(dir))
}

// sync makes the names in dir survive a power cut.
func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (f *Folder) Get(_ context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	r, err := f.root.Open(key + content)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Info{}, notFound(key)
	}
	if err != nil {
		return nil, Info{}, broken("read", key, err)
	}
	stat, err := r.Stat()
	if err != nil {
		r.Close()
		return nil, Info{}, broken("read", key, err)
	}
	info := Info{Key: key, Size: stat.Size(), Modified: stat.ModTime().UTC(), ContentType: "application/octet-stream"}
	if raw, err := f.root.ReadFile(key + kind); err == nil && len(raw) > 0 {
		info.ContentType = string(raw)
	}
	return r, info, nil
}

// Delete leaves empty folders behind: removing one could race with a Put that has just made sure it is there.
func (f *Folder) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	for _, name := range []string{key + content, key + kind} {
		if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return broken("delete", key, err)
		}
	}
	return nil
}

func (f *Folder) Exists(_ context.Context, key string) (bool, error) {
	if err := CheckKey(key); err != nil {
		return false, err
	}
	_, err := f.root.Stat(key + content)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, broken("look for", key, err)
}

func (f *Folder) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, err)
			return
		}
		start := "."
		if i := strings.LastIndexByte(prefix, '/'); i > 0 {
			start = prefix[:i]
		}
		err := fs.WalkDir(f.root.FS(), start, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist): // deleted meanwhile, or no such prefix
				return nil
			case err != nil:
				return err
			case name == temp:
				return fs.SkipDir
			case entry.IsDir() && name != "." && !strings.HasPrefix(name+"/", prefix) && !strings.HasPrefix(prefix, name+"/"):
				return fs.SkipDir
			}
			key, ok := strings.CutSuffix(name, content)
			if !ok || entry.IsDir() || !strings.HasPrefix(key, prefix) {
				return ctx.Err()
			}
			stat, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(Info{Key: key, Size: stat.Size(), Modified: stat.ModTime().UTC()}, nil) {
				return fs.SkipAll
			}
			return ctx.Err()
		})
		if err != nil {
			yield(Info{}, broken("list", prefix, err))
		}
	}
}

// checkPrefix refuses what no key begins with, above all ways out of the folder.
func checkPrefix(prefix string) error {
	whole := strings.TrimSuffix(prefix, "/")
	if prefix == "" || CheckKey(whole) == nil {
		return nil
	}
	return fault.Invalidf("prefix", "%q is not the beginning of a storage key", prefix)
}

// broken says what the disk refused. Nothing was stored, so it may be tried again once there is room.
func broken(doing, key string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e := fault.Wrap(fault.Later, err, "the storage is full: nothing was stored")
		return e.WithCode("storage_full").WithHint("Free space in the data folder; it goes on by itself.")
	}
	return fmt.Errorf("%s media file %q: %w", doing, key, err)
}
