package safehttp

import (
	"crypto/rand"
	"fmt"
	"io"
	"strings"
)

// Part is one field or file of a multipart form.
type Part struct {
	Name        string    // the field
	Filename    string    // empty for a plain field
	ContentType string    // empty for a plain field
	Body        io.Reader // read once, as it is sent
	Size        int64     // bytes of Body; -1 when unknown (then the form is sent in chunks)
}

// Field is a plain text part.
func Field(name, value string) Part {
	return Part{Name: name, Body: strings.NewReader(value), Size: int64(len(value))}
}

// Multipart joins parts into one body without holding their content in memory. size is -1 when a part's is.
func Multipart(parts []Part) (body io.Reader, size int64, contentType string) {
	boundary := "bellwether" + rand.Text()
	var readers []io.Reader
	add := func(r io.Reader, n int64) {
		readers = append(readers, r)
		if n < 0 || size < 0 {
			size = -1
			return
		}
		size += n
	}
	for _, p := range parts {
		head := fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=%s", boundary, quoted(p.Name))
		if p.Filename != "" {
			head += "; filename=" + quoted(p.Filename)
		}
		if p.ContentType != "" {
			head += "\r\nContent-Type: " + strings.Map(printable, p.ContentType)
		}
		head += "\r\n\r\n"
		add(strings.NewReader(head), int64(len(head)))
		add(p.Body, p.Size)
		add(strings.NewReader("\r\n"), 2)
	}
	end := "--" + boundary + "--\r\n"
	add(strings.NewReader(end), int64(len(end)))
	return io.MultiReader(readers...), size, "multipart/form-data; boundary=" + boundary
}

// quoted writes a name as browsers do, so that a file's name can't end the header.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A", "\x00", "").Replace(s) + `"`
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
