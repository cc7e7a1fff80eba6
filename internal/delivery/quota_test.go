package delivery_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// TestC28QuotaErrorsNeverCostATarget: a network refuses for its quota again and again, longer than six tries; the post is
// neither failed nor sent twice, and half a thread goes on where it broke.
func TestC28QuotaErrorsNeverCostATarget(t *testing.T) {
	full := answer{err: &fault.Error{Kind: fault.Later, Code: "rate_limited", Message: "the quota is used up"}}
	for _, step := range []string{"post", "part-2"} {
		s := newScript(network.Keyed)
		st := play(t, dbtest.SQLite(t), s, s)
		st.exec(`update workspaces set late_window = $1`, 40*time.Hour)
		for range 9 {
			s.on(step, full)
		}
		p := st.thread("", "one", "two")
		st.run(40 * time.Hour)
		st.is(p, post.Published, 2)
		if n := s.count(step); n != 10 {
			t.Errorf("%s was called %d times", step, n)
		}
	}
}
