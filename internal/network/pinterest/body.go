package pinterest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// mark stands in the document where a file belongs; no text of a pin can hold it, because JSON escapes the NUL.
const mark = "\x00file\x00"

// body is the request that makes a pin, with its files in it as they are read: five pictures never lie in memory.
type body struct {
	io.Reader
	size  int64
	files []io.Closer
}

// Size is the length in bytes, −1 where a file's is not known.
func (b *body) Size() int64 { return b.size }

// Close closes the files.
func (b *body) Close() error {
	for _, f := range b.files {
		_ = f.Close() // was only read
	}
	return nil
}

func (p payload) body(ctx context.Context, files []network.Media, earlier network.Outcomes) (*body, error) {
	source, err := p.source(files, earlier)
	if err != nil {
		return nil, err
	}
	doc := place(p)
	for key, value := range map[string]string{"title": p.Title, "description": p.Description, "link": p.Link, "alt_text": p.Alt, "dominant_color": p.Color} {
		if value != "" {
			doc[key] = strings.ReplaceAll(value, "\x00", "")
		}
	}
	doc["media_source"] = source
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, fault.Wrap(fault.Rejected, err, "the pin cannot be written as JSON")
	}
	written, _ := json.Marshal(mark) // a constant: cannot fail
	pieces := strings.Split(string(raw), strings.Trim(string(written), `"`))
	out := &body{}
	var readers []io.Reader
	for i, piece := range pieces {
		readers = append(readers, strings.NewReader(piece))
		out.size = sum(out.size, int64(len(piece)))
		if i == len(pieces)-1 {
			break
		}
		if files[i].Open == nil {
			out.Close()
			return nil, fault.Rejectedf("a file of this step cannot be opened")
		}
		f, err := files[i].Open(ctx)
		if err != nil {
			out.Close()
			return nil, fault.Wrap(fault.KindOf(err), err, "open a picture of the pin")
		}
		out.files = append(out.files, f)
		readers = append(readers, &encoder{from: f})
		encoded := int64(-1)
		if n := size(files[i]); n >= 0 {
			encoded = (n + 2) / 3 * 4
		}
		out.size = sum(out.size, encoded)
	}
	out.Reader = io.MultiReader(readers...)
	return out, nil
}

func sum(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// source says what the pin shows. The description of the API calls it media_source.
func (p payload) source(files []network.Media, earlier network.Outcomes) (map[string]any, error) {
	switch {
	case p.Video != "":
		id := earlier[p.Video].Data["media"]
		if id == "" {
			return nil, fault.Rejectedf("the upload %q has no result to show", p.Video)
		}
		s := map[string]any{"source_type": "video_id", "media_id": id}
		if len(files) > 0 {
			s["cover_image_content_type"], s["cover_image_data"] = files[0].MIME, mark
		} else {
			s["cover_image_key_frame_time"] = p.CoverSecond
		}
		return s, nil
	case len(files) == 1:
		return map[string]any{"source_type": "image_base64", "content_type": files[0].MIME, "data": mark}, nil
	}
	var items []map[string]any
	for i, f := range files {
		item := map[string]any{"content_type": f.MIME, "data": mark}
		if i < len(p.Cards) && p.Cards[i].Title != "" {
			item["title"] = strings.ReplaceAll(p.Cards[i].Title, "\x00", "")
		}
		if i < len(p.Cards) && p.Cards[i].Link != "" {
			item["link"] = strings.ReplaceAll(p.Cards[i].Link, "\x00", "")
		}
		items = append(items, item)
	}
	return map[string]any{"source_type": "multiple_image_base64", "items": items, "index": 0}, nil
}

// encoder reads a file as base64.
type encoder struct {
	from io.Reader
	raw  [3 << 10]byte
	out  []byte
	end  bool
}

func (e *encoder) Read(p []byte) (int, error) {
	for len(e.out) == 0 {
		if e.end {
			return 0, io.EOF
		}
		n, err := io.ReadFull(e.from, e.raw[:])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			e.end = true
		} else if err != nil {
			return 0, err
		}
		e.out = base64.StdEncoding.AppendEncode(nil, e.raw[:n])
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}
