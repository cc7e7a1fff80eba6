package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Filename is the key file's name inside the data folder.
const Filename = "secret.keys"

const header = "# The keys that open what the database holds sealed. Keep a copy apart from the database's backups;\n" +
	"# without this file every channel must be connected anew. The first key seals, all of them open.\n"

// Load returns the keys: those of env (the value of BELLWETHER_SECRET_KEYS) when it is not empty, else those of
// the key file in dir, which is made, readable for its owner only, at the first start.
func Load(dir, env string) (*Keys, error) {
	if env != "" {
		keys, err := New(env)
		if err != nil {
			return nil, fmt.Errorf("BELLWETHER_SECRET_KEYS: %w", err)
		}
		return keys, nil
	}
	path := filepath.Join(dir, Filename)
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, entry := generate()
		if err := write(path, header+entry+"\n", true); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("make the key file: %w", err)
		}
		text, err = read(path) // ours, or that of a process that was faster
	}
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	keys, err := New(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// Rotate puts a new key in front of the key file in dir and returns its id. What was sealed before still opens.
func Rotate(dir string) (string, error) {
	path := filepath.Join(dir, Filename)
	text, err := read(path)
	if err != nil {
		return "", fmt.Errorf("read the key file: %w", err)
	}
	if _, err := New(text); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	id, entry := generate()
	if err := write(path, entry+"\n"+text, false); err != nil {
		return "", fmt.Errorf("write the key file: %w", err)
	}
	return id, nil
}

func read(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others (%s): run chmod 600 on it", path, info.Mode().Perm())
	}
	raw, err := os.ReadFile(path)
	return string(raw), err
}

// write makes the file whole or not at all; first refuses to replace one that is already there.
func write(path, text string, first bool) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(text)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if first {
		err = os.Link(temp.Name(), path) // fails when path exists, unlike a rename
	} else {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
