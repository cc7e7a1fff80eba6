package ui

import (
	"context"
	"embed"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

//go:embed third_party/lucide/*.svg third_party/simple-icons/*.svg
var drawings embed.FS

var (
	icons = readDrawings("third_party/lucide")
	marks = readDrawings("third_party/simple-icons")
)

var svgParts = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
var svgTitle = regexp.MustCompile(`<title>[^<]*</title>`)

// readDrawings returns the inside of each SVG file in dir by file name without ending.
func readDrawings(dir string) map[string]string {
	entries, err := drawings.ReadDir(dir)
	if err != nil {
		panic("ui: read drawings: " + err.Error())
	}
	inner := make(map[string]string, len(entries))
	for _, e := range entries {
		raw, err := drawings.ReadFile(dir + "/" + e.Name())
		if err != nil {
			panic("ui: read drawing " + e.Name() + ": " + err.Error())
		}
		m := svgParts.FindStringSubmatch(string(raw))
		if m == nil {
			panic("ui: drawing " + e.Name() + " is not an svg")
		}
		body := svgTitle.ReplaceAllString(m[1], "")
		inner[strings.TrimSuffix(e.Name(), ".svg")] = strings.Join(strings.Fields(body), " ")
	}
	return inner
}

// Icon draws a Lucide icon by name at the size of the text around it. It is decoration and
// hidden from assistive technology: the words beside it carry the meaning. An unknown name
// draws nothing; a test reads all screens for unknown names.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		body, ok := icons[name]
		if !ok {
			return nil
		}
		_, err := io.WriteString(w, `<svg class="icon icon-`+html.EscapeString(name)+`" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">`+body+`</svg>`)
		return err
	})
}

// HasIcon tells whether Icon knows the name.
func HasIcon(name string) bool { return icons[name] != "" }

// Mark draws the Bellwether mark: a sheep's bell with ears. It scales with the text; beside
// the written name it is decoration.
func Mark() templ.Component { return templ.Raw(markSVG) }

// markSVG is drawn for 16 px and up: one solid bell with two ears, a clapper in brass.
const markSVG = `<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">` + markShapes + `</svg>`

const markShapes = `<path class="mark-bell" fill-rule="evenodd" d="M13.4 5.6C13.4 3.7 14.5 2.6 16 2.6C17.5 2.6 18.6 3.7 18.6 5.6ZM16 5.2C11.4 5.2 9.7 8.7 9.4 13C9.1 17.3 8 19.9 6.5 22.1C5.9 23 6.4 24.2 7.5 24.2H24.5C25.6 24.2 26.1 23 25.5 22.1C24 19.9 22.9 17.3 22.6 13C22.3 8.7 20.6 5.2 16 5.2ZM13.1 13.2A1.15 1.15 0 1 0 13.1 15.5A1.15 1.15 0 1 0 13.1 13.2ZM18.9 13.2A1.15 1.15 0 1 0 18.9 15.5A1.15 1.15 0 1 0 18.9 13.2Z"/><path class="mark-bell" d="M9.9 8.7C7.3 6.8 3.9 7 1.9 9.3C1.4 9.9 1.6 10.7 2.3 11.1C4.4 12.3 7 12.4 9.2 11.4ZM22.1 8.7C24.7 6.8 28.1 7 30.1 9.3C30.6 9.9 30.4 10.7 29.7 11.1C27.6 12.3 25 12.4 22.8 11.4Z"/><path class="mark-clapper" d="M12.4 26H19.6A3.6 3.6 0 0 1 12.4 26Z"/>`
