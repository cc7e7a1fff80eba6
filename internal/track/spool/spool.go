// Package spool keeps lines on disk between an answer and the database: a line is with the operating system before
// Append returns, so a killed process loses nothing it acknowledged, and on the disk itself at most a second later
// (or before AppendDurably returns).
//
// Lines wait in segment files. Drain hands whole segments to a function and deletes each after the function
// succeeded, so a line may be handed over twice after a crash: its receiver must recognise it.
package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Spool is one open folder of segments. One process may have it open.
type Spool struct {
	dir      string
	mu       sync.Mutex
	file     *os.File
	name     string
	lines    int
	unsynced bool
	next     uint64
	wake     chan struct{}
}

// perSegment bounds what one transaction of the receiver has to take.
const perSegment = 2000

// Open opens the folder, making it if need be. Segments of an earlier run wait to be drained, which Run does at once.
func Open(dir string) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	s := &Spool{dir: dir, next: uint64(time.Now().UnixNano()), wake: make(chan struct{}, 1)}
	s.wake <- struct{}{} // what an earlier run acknowledged must not wait for the next line
	return s, nil
}

// Append writes one line (without line breaks in it) and returns when the operating system has it.
func (s *Spool) Append(line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.append(line)
}

// AppendDurably is Append, and returns when the line is on the disk.
func (s *Spool) AppendDurably(lines ...[]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range lines {
		if err := s.append(line); err != nil {
			return err
		}
	}
	if s.file == nil || !s.unsynced { // a full segment was synced when it was closed
		return nil
	}
	return s.sync()
}

func (s *Spool) append(line []byte) error {
	if bytes.ContainsRune(line, '\n') {
		return errors.New("spool: a line holds a line break")
	}
	if s.file == nil {
		s.next++
		s.name = filepath.Join(s.dir, fmt.Sprintf("%020d.open", s.next))
		f, err := os.OpenFile(s.name, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return fmt.Errorf("open a spool segment: %w", err)
		}
		s.file, s.lines = f, 0
	}
	if _, err := s.file.Write(append(line[:len(line):len(line)], '\n')); err != nil {
		return fmt.Errorf("write to the spool: %w", err)
	}
	s.unsynced = true
	s.lines++
	if s.lines == 1 || s.lines >= perSegment {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	if s.lines >= perSegment {
		return s.close()
	}
	return nil
}

func (s *Spool) sync() error {
	s.unsynced = false
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("sync the spool: %w", err)
	}
	return nil
}

// close ends the present segment: on the disk, and ready to be drained under its final name.
func (s *Spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.sync()
	err = errors.Join(err, s.file.Close())
	s.file = nil
	return errors.Join(err, os.Rename(s.name, strings.TrimSuffix(s.name, ".open")+".done"))
}

// Close ends the present segment. What is not drained waits for the next run.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.close()
}

// Drain hands every waiting line over, the oldest first, and returns how many. It ends the present segment.
func (s *Spool) Drain(take func(lines [][]byte) error) (int, error) {
	s.mu.Lock()
	err := s.close()
	s.mu.Unlock()
	if err != nil {
		return 0, err
	}
	names, err := s.segments()
	if err != nil {
		return 0, err
	}
	total := 0
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return total, fmt.Errorf("read a spool segment: %w", err)
		}
		lines := bytes.Split(raw, []byte("\n"))
		lines = lines[:len(lines)-1] // what follows the last line break was never acknowledged
		if len(lines) > 0 {
			if err := take(lines); err != nil {
				return total, err
			}
		}
		if err := os.Remove(name); err != nil {
			return total, fmt.Errorf("remove a spool segment: %w", err)
		}
		total += len(lines)
	}
	return total, nil
}

// segments lists what can be drained: finished ones, and open ones an earlier run left behind.
func (s *Spool) segments() ([]string, error) {
	var names []string
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		s.mu.Lock()
		inUse := s.file != nil && path == s.name
		s.mu.Unlock()
		if strings.HasSuffix(path, ".done") || strings.HasSuffix(path, ".open") && !inUse {
			names = append(names, path)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// Run drains soon after lines arrive and syncs at least once a second, until ctx ends; then it drains once more.
func (s *Spool) Run(ctx context.Context, every time.Duration, take func(lines [][]byte) error, failed func(error)) {
	for {
		select {
		case <-ctx.Done():
			if _, err := s.Drain(take); err != nil {
				failed(err)
			}
			return
		case <-s.wake:
		}
		select { // gather for a while, so that one transaction takes many
		case <-ctx.Done():
		case <-time.After(every):
		}
		if _, err := s.Drain(take); err != nil {
			failed(err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
			select {
			case s.wake <- struct{}{}: // what is left must not wait for the next line
			default:
			}
		}
	}
}
