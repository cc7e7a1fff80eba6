package delivery

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// The named points of the protocol at which tests let the process die.
const (
	BeforeTake     = "publish.before_take"
	AfterTake      = "publish.after_take"
	BeforeIntent   = "publish.before_intent"
	AfterIntent    = "publish.after_intent"
	AfterCall      = "publish.after_call" // the network has answered, nothing of it is stored
	AfterOutcome   = "publish.after_outcome"
	BetweenParts   = "publish.between_parts"
	BeforeComment  = "publish.before_comment"
	AfterLook      = "publish.after_look"
	DuringReadBack = "publish.during_read_back"
	OnRefresh      = "publish.on_refresh"
)

// CrashPoints are all of them.
var CrashPoints = []string{BeforeTake, AfterTake, BeforeIntent, AfterIntent, AfterCall, AfterOutcome, BetweenParts, BeforeComment, AfterLook, DuringReadBack, OnRefresh}

// crashFromEnvironment kills the process at the n-th passing of the point BELLWETHER_CRASH names ("point:n"), as a
// power cut would. Both variables must be set; a running installation has neither.
func crashFromEnvironment() func(point string) {
	name, count, _ := strings.Cut(os.Getenv("BELLWETHER_CRASH"), ":")
	if name == "" || os.Getenv("BELLWETHER_CRASH_ALLOWED") != "1" {
		return func(string) {}
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		n = 1
	}
	var left atomic.Int64
	left.Store(int64(n))
	return func(point string) {
		if point == name && left.Add(-1) == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // nothing after this point may run
		}
	}
}
