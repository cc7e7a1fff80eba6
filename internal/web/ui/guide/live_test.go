package guide_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp/kb"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// house serves one screen made of parts, with the page policy of the product.
type house struct {
	mux    *http.ServeMux
	events chan string
	seen   atomic.Int64
}

func newHouse(body func(h *house) templ.Component) *house {
	h := &house{mux: http.NewServeMux(), events: make(chan string, 8)}
	h.mux.Handle("GET /assets/", ui.Assets())
	h.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		shell := ui.Shell{Title: "Test", Zone: "Europe/Vienna", Workspace: ui.Place{Name: "Fjord"}, User: ui.User{Name: "Ida Holm"}}
		ctx := templ.WithChildren(r.Context(), body(h))
		if err := ui.Page(shell).Render(ctx, w); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	h.mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, ": hello\n\n")
		w.(http.Flusher).Flush()
		for {
			select {
			case <-r.Context().Done():
				return
			case e := <-h.events:
				_, _ = fmt.Fprintf(w, "data: %s\n\n", e)
				w.(http.Flusher).Flush()
			}
		}
	})
	return h
}

func (h *house) open(t *testing.T) *browser.Page {
	t.Helper()
	server := httptest.NewServer(h.mux)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	p := browser.Open(t, server.URL, browser.Desktop, browser.Light)
	p.Until("document.readyState === 'complete'")
	return p
}

func TestPartRefreshesWhenItsTopicIsHeard(t *testing.T) {
	h := newHouse(func(h *house) templ.Component {
		return templ.Join(
			ui.Card(ui.CardProps{ID: "inbox", Title: fmt.Sprintf("Seen %d", h.seen.Add(1)), Attrs: ui.Refreshes("/", "inbox")}),
			ui.Card(ui.CardProps{ID: "still", Title: fmt.Sprintf("Still %d", h.seen.Load())}),
		)
	})
	p := h.open(t)
	p.See("Seen 1")
	h.events <- `{"topic":"metric.Taken"}`
	h.events <- `{"topics":["inbox.MessageReceived"]}`
	p.See("Seen 2")
	h.events <- "inbox delivery"
	p.See("Seen 3")
	p.See("Still 1")
	p.ConsoleErrors()
	p.CSPReports()
}

func TestDraftIsSavedWhileWritingAndSaysWhenItIsNot(t *testing.T) {
	var broken atomic.Bool
	saved := make(chan string, 8)
	h := newHouse(func(*house) templ.Component { return draftForm() })
	h.mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			http.Error(w, "no", http.StatusServiceUnavailable)
			return
		}
		saved <- r.FormValue("text")
		w.WriteHeader(http.StatusNoContent)
	})
	p := h.open(t)
	p.FillIn("Text", "Autumn walk")
	p.Until("document.querySelector('form[data-autosave]').dataset.saved === 'saved'")
	if text := <-saved; text != "Autumn walk" {
		t.Errorf("saved %q", text)
	}
	broken.Store(true)
	p.FillIn("Text", "Autumn walk, longer")
	p.See("Not saved: no answer from the server.")
	broken.Store(false)
	p.FillIn("Text", "Autumn walk, again")
	p.Until("document.querySelector('form[data-autosave]').dataset.saved === 'saved'")
	if text := <-saved; text != "Autumn walk, again" {
		t.Errorf("saved %q", text)
	}
}

func TestKeyUndoesTheLastToast(t *testing.T) {
	h := newHouse(func(*house) templ.Component { return moveForm() })
	h.mux.HandleFunc("POST /move", func(w http.ResponseWriter, r *http.Request) {
		_ = ui.ToastSwap(ui.ToastProps{Tone: ui.Good, Text: "Moved to 17:00", UndoURL: "/undo"}).Render(r.Context(), w)
	})
	undone := make(chan bool, 1)
	h.mux.HandleFunc("POST /undo", func(w http.ResponseWriter, r *http.Request) {
		undone <- true
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	p := h.open(t)
	p.ClickOn("Move")
	p.See("Moved to 17:00")
	p.Axe()
	browser.Eval[bool](p, "document.activeElement.blur(), true")
	p.Keys("z")
	p.Until("!document.querySelector('#toasts li')")
	select {
	case <-undone:
	default:
		t.Error("z did not undo")
	}
}

func TestFocalPointIsChosenWithKeys(t *testing.T) {
	p := newHouse(func(*house) templ.Component { return focalImage() }).open(t)
	browser.Eval[bool](p, "document.querySelector('[data-focal]').focus(), true")
	p.Keys(kb.ArrowRight)
	p.Keys(kb.ArrowUp)
	p.Until("document.querySelector('[name=focal_x]').value === '52' && document.querySelector('[name=focal_y]').value === '48'")
	p.Until("document.querySelector('#live').textContent.startsWith('Focal point 52')")
	p.CSPReports()
}

func TestChosenFilesAreListed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "walk.txt")
	if err := os.WriteFile(path, []byte("three routes"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newHouse(func(*house) templ.Component {
		return ui.FileDrop(ui.FileDropProps{Name: "files", Label: "Files"})
	}).open(t)
	p.Upload("#files", path)
	p.See("walk.txt, 1 kB")
}
