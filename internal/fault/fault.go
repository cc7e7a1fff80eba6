package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what an error means, independent of where it happened.
type Kind string

const (
	Internal     Kind = "internal"     // our own failure; the reader is told a code, the log the cause
	Invalid      Kind = "invalid"      // bad input: Field, Message and Hint say what to mend
	NotFound     Kind = "not_found"    // no such thing, or none the actor may see
	Forbidden    Kind = "forbidden"    // the actor lacks the capability
	Conflict     Kind = "conflict"     // stale version, or a transition that does not exist from this state
	Rejected     Kind = "rejected"     // the network refused for good, in plain words
	Later        Kind = "later"        // a limit or an outage; provably nothing was done; RetryAt says when
	Unauthorised Kind = "unauthorised" // the network no longer accepts our grant: reconnect
	Unknown      Kind = "unknown"      // request bytes may have left and no outcome is known: look it up, never repeat
)

// Error is an error with its kind and what its reader needs.
type Error struct {
	Kind    Kind
	Code    string    // stable machine word, e.g. "text_too_long"; may be empty
	Field   string    // the field at fault, as the form or API names it; may be empty
	Message string    // what is wrong, where, the limit and the value; plain words, no secrets
	Hint    string    // the next step; may be empty
	RetryAt time.Time // Later only: not earlier than this instant (UTC); zero when the network said nothing
	Cause   error     // for the log, never for the reader
}

func (e *Error) Error() string {
	switch {
	case e.Cause != nil && e.Message != "":
		return e.Message + ": " + e.Cause.Error()
	case e.Cause != nil:
		return e.Cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// Invalidf reports bad input in one field.
func Invalidf(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// NotFoundf reports a thing that does not exist for this actor.
func NotFoundf(format string, args ...any) *Error {
	return &Error{Kind: NotFound, Message: fmt.Sprintf(format, args...)}
}

// Forbiddenf reports a missing capability.
func Forbiddenf(format string, args ...any) *Error {
	return &Error{Kind: Forbidden, Message: fmt.Sprintf(format, args...)}
}

// Conflictf reports a stale version or a transition that is not allowed from the present state.
func Conflictf(format string, args ...any) *Error {
	return &Error{Kind: Conflict, Message: fmt.Sprintf(format, args...)}
}

// Rejectedf reports a permanent refusal by a network.
func Rejectedf(format string, args ...any) *Error {
	return &Error{Kind: Rejected, Message: fmt.Sprintf(format, args...)}
}

// Wrap gives cause the kind k, with a message for the reader.
func Wrap(k Kind, cause error, message string) *Error {
	return &Error{Kind: k, Message: message, Cause: cause}
}

// WithHint adds the next step.
func (e *Error) WithHint(hint string) *Error { e.Hint = hint; return e }

// WithCode adds the machine word.
func (e *Error) WithCode(code string) *Error { e.Code = code; return e }

// KindOf returns the kind of err; an error without one is Internal, nil is "".
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// As returns the fault inside err, wrapping an unknown error as Internal so that every edge has one shape to show.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Message: "something failed on our side; nothing was changed", Cause: err}
}
