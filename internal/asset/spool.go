package asset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// spooled is an incoming file on this machine's disk, so that no upload is held in memory (S11).
type spooled struct {
	*os.File
	size int64
	sum  string
}

func spool(from io.Reader) (*spooled, error) {
	f, err := os.CreateTemp("", "bellwether-upload-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	s := &spooled{File: f}
	hash := sha256.New()
	s.size, err = io.Copy(io.MultiWriter(f, hash), io.LimitReader(from, Largest+1))
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		s.discard()
		return nil, err
	case err != nil:
		s.discard()
		return nil, fault.Wrap(fault.Invalid, err, "the file broke off before its end").WithHint("Send it again; what has arrived of a resumable upload is kept.")
	case s.size > Largest:
		s.discard()
		return nil, fault.Invalidf("file", "the file has more than %d MB, the limit", Largest>>20).WithCode("file_too_large")
	case s.size == 0:
		s.discard()
		return nil, fault.Invalidf("file", "the file is empty")
	}
	s.sum = hex.EncodeToString(hash.Sum(nil))
	return s, nil
}

func (s *spooled) discard() {
	_ = s.Close()
	_ = os.Remove(s.Name())
}

// reader reads the file from its beginning.
func (s *spooled) reader() io.Reader { return io.NewSectionReader(s.File, 0, s.size) }

// head returns the first n bytes, fewer when the file is shorter.
func (s *spooled) head(n int) []byte {
	raw := make([]byte, n)
	got, _ := s.ReadAt(raw, 0)
	return raw[:got]
}

// patch is a range of bytes that is overwritten, with zeros where there is no text.
type patch struct {
	at, size int64
	text     string
}

// blank writes the patches and returns the hash of the file as it is then.
func (s *spooled) blank(patches []patch) (string, error) {
	zeros := make([]byte, 64<<10)
	for _, p := range patches {
		if _, err := s.WriteAt([]byte(p.text), p.at); err != nil {
			return "", fmt.Errorf("strip the file: %w", err)
		}
		for at, end := p.at+int64(len(p.text)), p.at+p.size; at < end; {
			n, err := s.WriteAt(zeros[:min(int64(len(zeros)), end-at)], at)
			if err != nil {
				return "", fmt.Errorf("strip the file: %w", err)
			}
			at += int64(n)
		}
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, s.reader()); err != nil {
		return "", fmt.Errorf("read the stripped file: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
