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

const markShapes = `<path class="mark-bell" d="M16 3.2a3.6 3.6 0 0 0-3.6 3.6v.7c-.9.4-1.7 1-2.3 1.8-2.6-1.2-5.6-1-8 .9-.5.4-.5 1.1 0 1.5 1.7 1.4 3.8 2 5.9 1.8-.3 4.200-1.400 6.800-2.900 8.800-.700.900-.1 2.200 1.100 2.200h19.600c1.200 0 1.800-1.300 1.100-2.200-1.500-2-2.600-4.600-2.900-8.800 2.100.2 4.200-.4 5.900-1.800.5-.4.5-1.100 0-1.500-2.400-1.900-5.400-2.100-8-.9-.6-.8-1.400-1.400-2.300-1.800v-.7A3.600 3.600 0 0 0 16 3.200Zm0 2.400c.7 0 1.200.5 1.200 1.200v.2h-2.400v-.2c0-.7.5-1.200 1.200-1.200Z"/><path class="mark-clapper" d="M12.300 26.400h7.400a3.700 3.700 0 0 1-7.400 0Z"/>`
