package delivery

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// crashAt kills the process at the n-th passing of a named point, for tests of what survives. It is armed only when
// both environment variables are set.
var crashAt = func() func(point string) {
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
}()
