package asset

import (
	"encoding/binary"
	"io"
	"math"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// isobmff tells the kinds of files that begin with an ftyp box apart.
func isobmff(raw []byte) string {
	if len(raw) < 12 || string(raw[4:8]) != "ftyp" {
		return ""
	}
	switch brand := string(raw[8:12]); brand {
	case "qt  ":
		return "video/quicktime"
	case "heic", "heix", "mif1", "msf1", "heim", "heis", "hevc", "hevx":
		return "image/heic"
	case "avif", "avis":
		return "image/avif"
	case "M4A ", "M4B ":
		return "audio/mp4"
	}
	return "video/mp4"
}

// mostBoxes is how many boxes of one file are looked at (S10: endless atoms).
const mostBoxes = 4000

// film gathers what a walk through the boxes of an MP4 or MOV finds.
type film struct {
	f     *spooled
	seen  inspected
	boxes int
	moov  bool
}

// movie reads duration and picture size of an MP4 or MOV, and where it holds metadata: places, names, devices.
func movie(f *spooled, mime string) (inspected, error) {
	w := &film{f: f, seen: inspected{kind: network.Video, mime: mime}}
	if !w.walk(0, f.size, "") || !w.moov {
		return inspected{}, damaged("the video")
	}
	if w.seen.width == 0 {
		return inspected{}, fault.Invalidf("file", "this file holds sound but no picture").WithCode("file_type").WithHint("Upload a video, or a picture.")
	}
	return w.seen, nil
}

// walk visits the boxes in [at, end); false when they do not add up.
func (w *film) walk(at, end int64, in string) bool {
	for at < end {
		if w.boxes++; w.boxes > mostBoxes || end-at < 8 {
			return w.boxes <= mostBoxes
		}
		var head [16]byte
		if n, err := w.f.ReadAt(head[:], at); n < 8 && err != nil {
			return false
		}
		size, skip := int64(binary.BigEndian.Uint32(head[:])), int64(8)
		switch size {
		case 0:
			size = end - at
		case 1:
			size, skip = int64(binary.BigEndian.Uint64(head[8:])), 16
		}
		if size < skip || size > end-at {
			return in != "" // a cut-off picture data box ends a file that still plays; a broken header does not
		}
		if !w.visit(string(head[4:8]), in, at, at+skip, at+size) {
			return false
		}
		at += size
	}
	return true
}

func (w *film) visit(kind, in string, at, body, end int64) bool {
	switch kind {
	case "moov":
		w.moov = true
		return w.walk(body, end, "moov")
	case "trak", "mdia", "minf", "stbl":
		return w.walk(body, end, kind)
	case "mvhd":
		w.header(w.read(body, end))
	case "tkhd":
		w.track(w.read(body, end))
	case "udta", "meta", "uuid", "Xtra", "gps ", "GPS ", "XMP_": // renamed to free space and emptied; all offsets stay
		w.seen.blank = append(w.seen.blank, patch{at: at + 4, size: 4, text: "free"}, patch{at: body, size: end - body})
	}
	return true
}

func (w *film) read(at, end int64) []byte {
	raw := make([]byte, min(end-at, 256))
	n, err := w.f.ReadAt(raw, at)
	if err != nil && err != io.EOF {
		return nil
	}
	return raw[:n]
}

// header is mvhd: how long the film runs. Its times are the camera's, without a place, and stay.
func (w *film) header(b []byte) {
	if len(b) < 20 {
		return
	}
	scale, units := uint64(binary.BigEndian.Uint32(b[12:])), uint64(binary.BigEndian.Uint32(b[16:]))
	if b[0] == 1 && len(b) >= 32 {
		scale, units = uint64(binary.BigEndian.Uint32(b[20:])), binary.BigEndian.Uint64(b[24:])
	}
	if scale > 0 && units < 1<<40 {
		w.seen.duration = time.Duration(float64(units) / float64(scale) * float64(time.Second)).Truncate(time.Microsecond)
	}
}

// track is tkhd: the size of the picture as it is shown, turned when its matrix says so.
func (w *film) track(b []byte) {
	if len(b) < 84 || w.seen.width > 0 {
		return
	}
	end := 84
	if b[0] == 1 {
		end = 96
	}
	if len(b) < end {
		return
	}
	width, height := int(binary.BigEndian.Uint32(b[end-8:])>>16), int(binary.BigEndian.Uint32(b[end-4:])>>16)
	if width <= 0 || height <= 0 || width > 1<<15 || height > 1<<15 {
		return
	}
	if a := int32(binary.BigEndian.Uint32(b[end-44:])); a == 0 { // the matrix turns by a quarter
		width, height = height, width
	}
	w.seen.width, w.seen.height = width, height
}

// The elements of a WebM that matter here.
const (
	ebmlSegment  = 0x18538067
	ebmlInfo     = 0x1549A966
	ebmlScale    = 0x2AD7B1
	ebmlDuration = 0x4489
	ebmlTracks   = 0x1654AE6B
	ebmlEntry    = 0xAE
	ebmlVideo    = 0xE0
	ebmlWidth    = 0xB0
	ebmlHeight   = 0xBA
	ebmlTags     = 0x1254C367
	ebmlFiles    = 0x1941A469 // attachments
	ebmlCluster  = 0x1F43B675
)

// webm gathers what a walk through the elements of a WebM finds.
type webm struct {
	f        *spooled
	seen     inspected
	elements int
	scale    uint64 // nanoseconds of a tick
	ticks    float64
}

// matroska reads duration and picture size of a WebM.
func matroska(f *spooled) (inspected, error) {
	w := &webm{f: f, seen: inspected{kind: network.Video, mime: "video/webm"}, scale: 1_000_000}
	w.walk(0, f.size)
	if w.seen.width == 0 || w.seen.height == 0 {
		return inspected{}, damaged("the video")
	}
	if d := w.ticks * float64(w.scale); d > 0 && d < float64(100*time.Hour) {
		w.seen.duration = time.Duration(d).Truncate(time.Microsecond)
	}
	return w.seen, nil
}

func (w *webm) walk(at, end int64) {
	for at < end {
		if w.elements++; w.elements > mostBoxes {
			return
		}
		var head [12]byte
		n, _ := w.f.ReadAt(head[:], at)
		id, idLen := vint(head[:n], true)
		size, sizeLen := vint(head[min(idLen, n):n], false)
		if idLen == 0 || sizeLen == 0 {
			return
		}
		body := at + int64(idLen+sizeLen)
		next := body + int64(size)
		if size == math.MaxUint64>>8 || next > end || next < body { // of unknown size: up to the end
			next = end
		}
		switch id {
		case ebmlSegment, ebmlInfo, ebmlTracks, ebmlEntry, ebmlVideo:
			w.walk(body, next)
		case ebmlTags, ebmlFiles:
			if next > body && idLen == 4 { // four bytes of Void: an element of one byte and a size of three that spans the rest
				if rest := next - at - 4; rest < 1<<21-1 {
					w.seen.blank = append(w.seen.blank, patch{at: at, size: next - at, text: string([]byte{0xEC, 0x20 | byte(rest>>16), byte(rest >> 8), byte(rest)})})
				}
			}
		case ebmlCluster:
			return // the picture data; what came before is all that is needed
		default:
			w.value(id, body, next)
		}
		at = next
	}
}

func (w *webm) value(id uint64, at, end int64) {
	if end-at > 8 || end <= at {
		return
	}
	raw := make([]byte, end-at)
	if _, err := w.f.ReadAt(raw, at); err != nil && err != io.EOF {
		return
	}
	var n uint64
	for _, b := range raw {
		n = n<<8 | uint64(b)
	}
	switch id {
	case ebmlScale:
		w.scale = n
	case ebmlDuration:
		if len(raw) == 4 {
			w.ticks = float64(math.Float32frombits(uint32(n)))
		} else if len(raw) == 8 {
			w.ticks = math.Float64frombits(n)
		}
	case ebmlWidth:
		w.seen.width = int(min(n, 1<<15))
	case ebmlHeight:
		w.seen.height = int(min(n, 1<<15))
	}
}

// vint reads a number of variable length; an id keeps its length marker. Length 0: there is none.
func vint(raw []byte, keep bool) (uint64, int) {
	if len(raw) == 0 || raw[0] == 0 {
		return 0, 0
	}
	length := 1
	for mask := byte(0x80); raw[0]&mask == 0; mask >>= 1 {
		length++
	}
	if length > len(raw) {
		return 0, 0
	}
	n := uint64(raw[0])
	if !keep {
		n &= 0xFF >> length
	}
	for _, b := range raw[1:length] {
		n = n<<8 | uint64(b)
	}
	if !keep && length == 8 && n == math.MaxUint64>>8 {
		return math.MaxUint64 >> 8, length
	}
	return n, length
}
