package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// started runs the command with arguments and returns its address.
func started(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, args, write, io.Discard)
		_ = write.CloseWithError(err)
		done <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("no address: %v", err)
	}
	return strings.TrimSpace(line)
}

// post makes a status and returns how the server answered; 0 is no answer.
func post(t *testing.T, base, text string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/v1/statuses", strings.NewReader(`{"status":"`+text+`","visibility":"public"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+mastodonfake.BrandToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func ledger(t *testing.T, base string) (items []networkfake.Item) {
	t.Helper()
	resp, err := http.Get(base + "/_ledger")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&items); err != nil {
		t.Fatal(err)
	}
	return items
}

func TestOneSeedGivesOneSequence(t *testing.T) {
	sequence := func(seed string) (codes []int) {
		base := started(t, "-chance", "create=0.5", "-faults", "503-before, drop-after-create,422", "-seed", seed)
		made := 0
		for i := range 40 {
			code := post(t, base, strings.Repeat("a", i+1))
			if codes = append(codes, code); code == 200 || code == 0 {
				made++
			}
		}
		if n := len(ledger(t, base)); n != made {
			t.Errorf("%d items in the ledger, want %d", n, made)
		}
		return codes
	}
	one := sequence("7")
	for _, code := range []int{0, 200, 422, 503} {
		if !slices.Contains(one, code) {
			t.Errorf("no call was answered %d in %v", code, one)
		}
	}
	if again := sequence("7"); !slices.Equal(one, again) {
		t.Errorf("one seed, two sequences:\n%v\n%v", one, again)
	}
	if other := sequence("8"); slices.Equal(one, other) {
		t.Error("another seed gives the same sequence")
	}
}

func TestWithoutChanceAllIsWell(t *testing.T) {
	base := started(t, "-software", "gotosocial")
	for range 20 {
		if code := post(t, base, "hello"); code != 200 {
			t.Fatalf("answered %d", code)
		}
	}
	if n := len(ledger(t, base)); n != 20 {
		t.Errorf("%d items in the ledger", n)
	}
}

func TestWrongOrdersAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-faults", "never-heard-of"}, {"-chance", "create=2"}, {"-chance", "create"}, {"-chance", "nothing=0.5"}, {"-software", "friendica"}, {"-addr", "nowhere:x"}} {
		ctx, stop := context.WithCancel(t.Context())
		stop() // would end at once, if it began
		if err := run(ctx, args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
