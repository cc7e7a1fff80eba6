// Command mastodonfake runs the fake server in a process of its own, so that a program under test can be killed while the
// ledger lives on. It prints its address, then serves until it is interrupted:
//
//	mastodonfake -addr 127.0.0.1:7777 -chance create=0.3,read=0.1 -faults drop-after-create,429 -seed 7
//
// The ledger is at GET /_ledger; POST /_faults and POST /_release are described at networkfake.Start. The connected
// account's token is token-of-the-brand.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mastodonfake:", err)
		os.Exit(1)
	}
}

// unhurried are faults that only end when somebody acts or gives up, and so are drawn only when they are asked for.
var unhurried = []networkfake.Fault{networkfake.Late, networkfake.Slow, networkfake.TimeoutAfter, networkfake.TimeoutBefore}

func run(ctx context.Context, args []string, out, complaints io.Writer) error {
	var o mastodonfake.Options
	flags := flag.NewFlagSet("mastodonfake", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.StringVar(&o.Address, "addr", "", "address to listen at (default: a free port of the loopback interface)")
	flags.StringVar(&o.Software, "software", "mastodon", "mastodon, gotosocial, pleroma or pixelfed")
	flags.BoolVar(&o.IgnoreKey, "ignore-key", false, "do not honour the Idempotency-Key")
	flags.IntVar(&o.AsyncMedia, "async-media", 0, "how often a file is still processing when it is asked about")
	shares := flags.String("chance", "", "share of the calls that meet a fault, by class: create=0.3,upload=0.1,read=0.1")
	names := flags.String("faults", "", "faults to draw from (default: all but late, 1-byte-per-second and the time-outs)")
	seed := flags.Uint64("seed", 1, "seed of the faults")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !slices.Contains([]string{"mastodon", "gotosocial", "pleroma", "pixelfed"}, o.Software) {
		return fmt.Errorf("cannot play %q", o.Software)
	}
	faults, err := readFaults(*names)
	if err != nil {
		return err
	}
	chances, err := readShares(*shares)
	if err != nil {
		return err
	}
	f, err := mastodonfake.Start(o)
	if err != nil {
		return err
	}
	defer f.Close()
	for class, share := range chances {
		f.Faults.Chance(class, *seed, share, faults...)
	}
	fmt.Fprintln(out, f.URL)
	<-ctx.Done()
	return nil
}

func readFaults(names string) (faults []networkfake.Fault, err error) {
	if names == "" {
		return slices.DeleteFunc(slices.Clone(networkfake.Faults[1:]), func(f networkfake.Fault) bool { return slices.Contains(unhurried, f) }), nil
	}
	for name := range strings.SplitSeq(names, ",") {
		f := networkfake.Fault(strings.TrimSpace(name))
		if !slices.Contains(networkfake.Faults, f) {
			return nil, fmt.Errorf("there is no fault %q", f)
		}
		faults = append(faults, f)
	}
	return faults, nil
}

func readShares(list string) (map[string]float64, error) {
	shares := map[string]float64{}
	if list == "" {
		return shares, nil
	}
	for one := range strings.SplitSeq(list, ",") {
		class, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		share, err := strconv.ParseFloat(value, 64)
		if err != nil || share < 0 || share > 1 || !slices.Contains(mastodonfake.Classes, class) {
			return nil, fmt.Errorf("%q is not a class of calls (%s) with a share from 0 to 1", one, strings.Join(mastodonfake.Classes, ", "))
		}
		shares[class] = share
	}
	return shares, nil
}
