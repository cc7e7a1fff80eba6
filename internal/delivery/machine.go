package delivery

import (
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// State is the state of a delivery (PRODUCT §4.2).
type State string

const (
	Waiting    State = "waiting"
	Prepared   State = "prepared"
	Sending    State = "sending"
	Retrying   State = "failed_retryable" // provably not created; tried again later
	Unknown    State = "unknown"          // the answer to a call was lost
	Reconciled State = "reconciled"
	NeedsHuman State = "needs_human"
	Accepted   State = "accepted"
	Processing State = "processing"
	NotVisible State = "not_visible"
	Verified   State = "verified"
	Removed    State = "removed"
	Failed     State = "failed_permanent"
	Blocked    State = "blocked" // pause, stop, quota, or a channel that needs reconnecting
	Cancelled  State = "cancelled"
	Handover   State = "handover_due" // it is time, and a person is asked to publish it by hand
)

// States are all of them.
var States = []State{Waiting, Prepared, Sending, Retrying, Unknown, Reconciled, NeedsHuman, Accepted, Processing, NotVisible, Verified, Removed, Failed, Blocked, Cancelled, Handover}

// transitions is §4.2. A delivery of several parts is prepared again between them, and a call that is not public but
// must not be repeated can be in doubt as well; that is what it adds to the table there.
var transitions = map[State][]State{
	Waiting:    {Prepared, Blocked, Cancelled, Handover},
	Blocked:    {Waiting, Prepared, Cancelled, NeedsHuman},
	Prepared:   {Sending, Retrying, Failed, Blocked, Cancelled, Processing, Accepted, Unknown, Handover},
	Sending:    {Accepted, Failed, Retrying, Unknown, Processing, Prepared},
	Retrying:   {Prepared, Failed, NeedsHuman, Blocked},
	Unknown:    {Reconciled, NeedsHuman},
	Reconciled: {Accepted, Prepared},
	NeedsHuman: {Accepted, Prepared, Failed, Cancelled},
	Accepted:   {Verified, Processing, NotVisible, Removed},
	Processing: {Verified, Failed, NotVisible, Prepared, Accepted, NeedsHuman},
	NotVisible: {Verified, Removed, NeedsHuman},
	Verified:   {Removed},
	Handover:   {Accepted, Prepared, NeedsHuman, Failed},
}

// CanBecome reports whether the transition exists; staying is always possible.
func (s State) CanBecome(to State) bool { return s == to || slices.Contains(transitions[s], to) }

// path returns the states passed through within one commit on the way to another, the last being to; nil when there is
// no way. Only resting points between two calls are passed through. A doubt is left by an explicit step alone.
func (s State) path(to State) []State {
	if s.CanBecome(to) {
		return []State{to}
	}
	if s == Unknown || s == NeedsHuman {
		return nil
	}
	seen, trails := map[State]bool{s: true}, [][]State{{s}}
	for len(trails) > 0 {
		trail := trails[0]
		trails = trails[1:]
		at := trail[len(trail)-1]
		if at != s && at.CanBecome(to) {
			return append(trail[1:], to)
		}
		for _, via := range []State{Prepared, Retrying, Blocked} {
			if !seen[via] && at.CanBecome(via) {
				seen[via] = true
				trails = append(trails, append(slices.Clone(trail), via))
			}
		}
	}
	return nil
}

// Settled reports whether the outward effect is decided: what still happens is reading back and reminding.
func (s State) Settled() bool {
	return slices.Contains([]State{NeedsHuman, Accepted, Verified, NotVisible, Removed, Failed, Cancelled}, s)
}

// class is what an answer, or its absence, means.
type class string

const (
	wasAccepted     class = "accepted"
	wasPending      class = "pending"
	wasRejected     class = "rejected"
	wasLater        class = "later"
	wasUnauthorised class = "unauthorised"
	wasUnknown      class = "unknown"
)

// classify says what the error of a call means for its step. A failure of ours says nothing about what the network did;
// a step that may be repeated, or is only asked how far it is, cannot be in doubt.
func classify(kind network.StepKind, polling bool, err error) class {
	switch fault.KindOf(err) {
	case fault.Later:
		return wasLater
	case fault.Unauthorised:
		return wasUnauthorised
	case fault.Unknown, fault.Internal:
		if kind == network.Repeatable || polling {
			return wasLater
		}
		return wasUnknown
	}
	return wasRejected
}

// remedy is what may be done about a lost answer.
type remedy string

const (
	resend remedy = "resend" // the same call again: harmless by its kind or its key
	lookUp remedy = "look_up"
	ask    remedy = "ask" // a person decides
)

// remedyFor follows from the step's kind alone (DESIGN §5).
func remedyFor(kind network.StepKind, canFind, keyLives bool) remedy {
	switch {
	case kind == network.Repeatable:
		return resend
	case kind == network.Once:
		return ask
	case canFind:
		return lookUp
	case kind == network.Keyed && keyLives:
		return resend
	}
	return ask
}

// verdict is what a look-up allows.
type verdict string

const (
	adopt     verdict = "adopt"      // it is there: never send it again
	sendAgain verdict = "send_again" // with the same key, which makes a repetition harmless
	absent    verdict = "absent"     // proved, and too long ago to arrive any more: the doubt is over
	lookLater verdict = "look_later"
)

// verdictOn weighs a finding. since is the time since the call in doubt: a look-up proves what is there now, and a
// request that is still under way can arrive later; until that is out of the question only its own key makes sending it
// again safe. mayRepeat is false when a repetition was refused or comes too late to be wanted.
func verdictOn(kind network.StepKind, keyLives bool, found network.Finding, since time.Duration, mayRepeat bool) verdict {
	switch {
	case found == network.Found:
		return adopt
	case found == network.Absent && since >= arrival:
		return absent
	case kind == network.Keyed && (keyLives || found == network.Absent) && mayRepeat:
		return sendAgain
	}
	return lookLater
}

// pause is how long to wait before try number n (from 1) is repeated. random is in [0, 1) and spreads it by ± 20 %.
func pause(n int, random float64) time.Duration {
	d := backoff[min(max(n, 1), len(backoff))-1]
	return d + time.Duration((random*0.4-0.2)*float64(d))
}

// notBefore is when a call may be repeated that the network put off n times in a row. Its word is honoured up to a day and
// never undercut by the spread; a network that says "soon" again and again is still asked ever more rarely.
func notBefore(now, allowed time.Time, n int, random float64) time.Time {
	if allowed.After(now.Add(longest)) {
		allowed = now.Add(longest)
	}
	if !allowed.After(now) {
		return now.Add(pause(n, random))
	}
	next := allowed.Add(time.Duration(random * float64(2*time.Second)))
	if n > 1 {
		if own := now.Add(pause(n-1, random)); own.After(next) {
			return own
		}
	}
	return next
}
