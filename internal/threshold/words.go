package threshold

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/metric"
)

// Act is what is done.
type Act string

const (
	Repost   Act = "repost"   // by the account itself, with the network's own verb
	Comment  Act = "comment"  // below the post
	Finisher Act = "finisher" // one more part at the end of the thread
	Boost    Act = "boost"    // a notice that advises to pay for more
)

// Acts are all of them, in the order screens offer.
var Acts = []Act{Comment, Repost, Finisher, Boost}

// Name is the act as people say it.
func (a Act) Name() string {
	return map[Act]string{Repost: "Repost it", Comment: "Comment below it", Finisher: "End the thread with another part", Boost: "Suggest a boost to the responsible person"}[a]
}

// speaks reports whether the act needs words.
func (a Act) speaks() bool { return a == Comment || a == Finisher }

// State is how an action stands.
type State string

const (
	Waiting State = "waiting"
	Done    State = "done"    // handed to the journal, or told
	Failed  State = "failed"  // it passed, and the network would not take what was to be done
	Expired State = "expired" // its time is over
	Stopped State = "stopped" // by a person
)

// Action is one thing to be done for a post, once.
type Action struct {
	WorkspaceID string        `db:"workspace_id"`
	ID          string        `db:"id"`
	PostID      string        `db:"post_id"`
	Metric      string        `db:"metric"`
	Value       int64         `db:"value"`
	Within      time.Duration `db:"within"` // after publication
	Act         Act           `db:"act"`
	Words       string        `db:"words"`
	State       State         `db:"state"`
	Reason      string        `db:"reason"`
	TargetID    string        `db:"target_id"`
	DeliveryID  string        `db:"delivery_id"`
	Reached     int64         `db:"reached"`
	CreatedBy   string        `db:"created_by"`
	CreatedAt   time.Time     `db:"created_at"`
	EndedAt     time.Time     `db:"ended_at"`
}

const columns = `workspace_id, id, post_id, metric, value, within, act, words, state, reason, target_id, delivery_id, coalesce(reached, 0) as reached, created_by, created_at, ended_at`

// Metrics are the numbers of a post that an action may watch.
var Metrics = []string{"M-IMPR", "M-REACH", "M-LIKE", "M-COMM", "M-SHARE", "M-SAVE", "M-ENG"}

// MetricName is a metric as the dictionary names it.
func MetricName(id string) string { return metric.Define(id).Name }
