package pdf

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"time"

	pdfium "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/bellwether-social/bellwether/internal/fault"
)

const (
	patience = 30 * time.Second
	memory   = 256 << 20 / 65536 // in pages of WebAssembly
	side     = 1600              // pixels of the first page's longer side
)

// Seen is what a document is.
type Seen struct {
	Pages         int
	Width, Height int         // of the first page, in points (1/72 inch)
	First         *image.RGBA // the first page as it looks, at most 1600 pixels wide and high
}

// Look counts the pages of a document and draws the first. What is damaged, locked by a password, or takes more memory or
// time than any honest document, is Invalid.
func Look(ctx context.Context, file io.ReaderAt, size int64) (seen Seen, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer func() {
		if r := recover(); r != nil { // a call into the machine that ended it
			err = damaged(fmt.Errorf("pdfium: %v", r))
		}
	}()
	pool, err := webassembly.Init(webassembly.Config{Context: ctx, MaxTotal: 1, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfigInterpreter().WithCloseOnContextDone(true).WithMemoryLimitPages(memory).
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling)})
	if err != nil {
		return Seen{}, fmt.Errorf("start the reader of documents: %w", err)
	}
	defer pool.Close()
	reader, err := pool.GetInstance(patience)
	if err != nil {
		return Seen{}, fmt.Errorf("start the reader of documents: %w", err)
	}
	doc, err := reader.OpenDocument(&requests.OpenDocument{FileReader: io.NewSectionReader(file, 0, size), FileReaderSize: size})
	if errors.Is(err, pdfium.ErrPassword) {
		return Seen{}, fault.Invalidf("file", "the document is locked by a password").WithCode("file_locked").WithHint("Save it without a password and upload that.")
	}
	if err != nil {
		return Seen{}, damaged(err)
	}
	count, err := reader.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil || count.PageCount < 1 {
		return Seen{}, damaged(err)
	}
	first := requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document}}
	shape, err := reader.GetPageSize(&requests.GetPageSize{Page: first})
	if err != nil || shape.Width < 1 || shape.Height < 1 || shape.Width > 100*shape.Height || shape.Height > 100*shape.Width {
		return Seen{}, damaged(err)
	}
	seen = Seen{Pages: count.PageCount, Width: int(shape.Width + 0.5), Height: int(shape.Height + 0.5)}
	ask := &requests.RenderPageInPixels{Page: first, Width: side}
	if shape.Height > shape.Width {
		ask.Width, ask.Height = 0, side
	}
	drawn, err := reader.RenderPageInPixels(ask)
	if err != nil {
		return Seen{}, damaged(err)
	}
	defer drawn.Cleanup()
	seen.First = image.NewRGBA(drawn.Result.Image.Bounds()) // the machine's own memory goes with it
	draw.Draw(seen.First, seen.First.Bounds(), drawn.Result.Image, drawn.Result.Image.Bounds().Min, draw.Src)
	return seen, nil
}

func damaged(err error) error {
	return (&fault.Error{Kind: fault.Invalid, Field: "file", Code: "file_damaged", Message: "the document is damaged or not whole", Cause: err}).
		WithHint("Open it on your computer; if it shows there, save it anew and upload that.")
}
