package secret

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

const hidden = "[secret]"

// Text is a secret in memory that no log, error, page or JSON document shows: every way of printing it gives
// "[secret]". The value sits behind a pointer so that printing a struct that holds it unexported shows nothing
// either. It reads itself from flags, environment and JSON.
type Text struct{ value *string }

// NewText returns s as a secret.
func NewText(s string) Text { return Text{&s} }

// Reveal returns the value, for the one place that needs it.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero reports whether there is no value.
func (t Text) IsZero() bool { return t.Reveal() == "" }

func (t Text) String() string               { return hidden }
func (t Text) GoString() string             { return hidden }
func (t Text) Format(s fmt.State, _ rune)   { io.WriteString(s, hidden) }
func (t Text) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (t Text) MarshalText() ([]byte, error) { return []byte(hidden), nil }
func (t Text) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// UnmarshalText takes the value from a flag, the environment or JSON.
func (t *Text) UnmarshalText(raw []byte) error { *t = NewText(string(raw)); return nil }

// Value refuses to be stored: what the database holds is sealed first.
func (t Text) Value() (driver.Value, error) {
	return nil, errors.New("a secret must be sealed before it is stored")
}
