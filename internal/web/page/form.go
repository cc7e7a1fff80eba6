package page

import (
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/when"
)

// Form is what a person sent and what is wrong with it. Render it again with Value and Error, and nothing typed is
// lost.
type Form struct {
	values map[string][]string
	files  map[string][]*multipart.FileHeader
	errors map[string]string
	other  *fault.Error // concerns no single field
}

// Form reads the request's form once. A body over the route's limit is refused.
func (c *Context) Form() (*Form, error) {
	if c.form != nil {
		return c.form, nil
	}
	var err error
	if strings.HasPrefix(c.R.Header.Get("Content-Type"), "multipart/form-data") {
		err = c.R.ParseMultipartForm(1 << 20) // larger files go to disk
	} else {
		err = c.R.ParseForm()
	}
	if err != nil {
		if _, big := err.(*http.MaxBytesError); big || strings.Contains(err.Error(), "too large") {
			return nil, &fault.Error{Kind: fault.Invalid, Code: "too_large", Message: "what was sent is larger than this page takes", Cause: err}
		}
		return nil, fault.Wrap(fault.Invalid, err, "the form could not be read")
	}
	c.form = &Form{values: c.R.Form, errors: map[string]string{}}
	if c.R.MultipartForm != nil {
		c.form.files = c.R.MultipartForm.File
	}
	return c.form, nil
}

// Blank is a form that nobody has filled in yet, with the values it starts with.
func Blank(values map[string]string) *Form {
	f := &Form{values: map[string][]string{}, errors: map[string]string{}}
	for name, value := range values {
		f.values[name] = []string{value}
	}
	return f
}

// Value is what was typed, spaces around it cut off.
func (f *Form) Value(name string) string { return strings.TrimSpace(f.Raw(name)) }

// Raw is what was typed, spaces kept: passwords, texts.
func (f *Form) Raw(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// All are the values of a field that can be chosen several times.
func (f *Form) All(name string) []string { return f.values[name] }

// Has reports whether the value is among those chosen.
func (f *Form) Has(name, value string) bool {
	for _, v := range f.values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// On reports whether a checkbox or switch is on.
func (f *Form) On(name string) bool { v := f.Raw(name); return v != "" && v != "off" && v != "false" }

// Int is a whole number between least and most; anything else is noted as the field's error.
func (f *Form) Int(name string, least, most int) int {
	n, err := strconv.Atoi(f.Value(name))
	if err != nil || n < least || n > most {
		f.Wrong(name, fmt.Sprintf("Write a whole number from %d to %d.", least, most))
		return least
	}
	return n
}

// Time is a wall-clock time in a zone, as the DateTime control sends it; a wrong one is noted as the field's error,
// an empty one is the zero time.
func (f *Form) Time(name, zone string) time.Time {
	if f.Value(name) == "" {
		return time.Time{}
	}
	at, err := when.At(f.Value(name), zone)
	if err == nil {
		return at
	}
	f.Wrong(name, sentence(fault.As(err)))
	return time.Time{}
}

// Files are the files sent in a field.
func (f *Form) Files(name string) []*multipart.FileHeader { return f.files[name] }

// Set puts a value in place, for a form shown again with something changed.
func (f *Form) Set(name string, values ...string) { f.values[name] = values }

// Wrong notes what is wrong with a field.
func (f *Form) Wrong(name, message string) { f.errors[name] = message }

// Error is what is wrong with a field, "" when nothing is.
func (f *Form) Error(name string) string { return f.errors[name] }

// Problem is what is wrong with the form as a whole, nil when nothing is.
func (f *Form) Problem() *fault.Error { return f.other }

// OK reports whether nothing wrong was noted.
func (f *Form) OK() bool { return len(f.errors) == 0 && f.other == nil }

// Refuse notes err in the form when a person can mend it, and reports whether it did; anything else is for Fail.
func (f *Form) Refuse(err error) bool {
	e := fault.As(err)
	switch e.Kind {
	case fault.Invalid, fault.Conflict, fault.Rejected, fault.Later:
	default:
		return false
	}
	if e.Field != "" && e.Kind == fault.Invalid {
		f.errors[e.Field] = sentence(e)
	} else {
		f.other = e
	}
	return true
}

// Status is the status of the page that shows the form again.
func (f *Form) Status() int {
	switch {
	case f.other != nil:
		return StatusOf(f.other.Kind)
	case len(f.errors) > 0:
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// sentence writes a fault as a person reads it: capital, full stop, next step.
func sentence(e *fault.Error) string {
	s := Capital(e.Message)
	if s != "" && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	if e.Hint != "" {
		s += " " + e.Hint
	}
	return s
}

// Capital writes the first letter large.
func Capital(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// Prefixed returns the first values of all fields whose names begin with prefix, by the rest of their names.
func (f *Form) Prefixed(prefix string) map[string]string {
	out := map[string]string{}
	for name, values := range f.values {
		if rest, ok := strings.CutPrefix(name, prefix); ok && len(values) > 0 {
			out[rest] = values[0]
		}
	}
	return out
}
