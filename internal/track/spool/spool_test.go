package spool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/bellwether-social/bellwether/internal/track/spool"
)

func open(t *testing.T, dir string) *spool.Spool {
	t.Helper()
	s, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func drain(t *testing.T, s *spool.Spool) []string {
	t.Helper()
	var got []string
	if _, err := s.Drain(func(lines [][]byte) error {
		for _, l := range lines {
			got = append(got, string(l))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestR38AcknowledgedLinesSurviveAKilledProcess(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 5000 {
		if err := s.Append(fmt.Appendf(nil, "line %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	// No Close: the process is gone. The next one finds every line, in order.
	got := drain(t, open(t, dir))
	if len(got) != 5000 || got[0] != "line 0" || got[4999] != "line 4999" {
		t.Fatalf("%d lines survive", len(got))
	}
}

func TestATornLastLineWasNeverAcknowledged(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "1.open"), []byte("whole\nhal"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := drain(t, open(t, dir)); len(got) != 1 || got[0] != "whole" {
		t.Fatalf("got %q", got)
	}
}

func TestWhatTheReceiverRefusesIsKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.AppendDurably([]byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("database is full")
	if _, err := s.Drain(func([][]byte) error { return full }); !errors.Is(err, full) {
		t.Fatal(err)
	}
	if got := drain(t, s); len(got) != 2 {
		t.Fatalf("kept %q", got)
	}
	if got := drain(t, s); len(got) != 0 {
		t.Fatalf("handed over again: %q", got)
	}
}

func TestALineBreakIsRefused(t *testing.T) {
	if err := open(t, t.TempDir()).Append([]byte("two\nlines")); err == nil {
		t.Fatal("accepted")
	}
}

func TestR38WhatAnEarlierRunLeftIsHandedOverWithoutANewLine(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Append([]byte("left behind")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	taken, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		open(t, dir).Run(ctx, 0, func(lines [][]byte) error { taken <- string(lines[0]); return nil }, func(err error) { t.Error(err) })
	}()
	if got := <-taken; got != "left behind" {
		t.Errorf("handed over %q", got)
	}
	stop()
	<-ended
}
