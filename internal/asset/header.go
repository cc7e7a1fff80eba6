package asset

import (
	"bytes"
	"encoding/binary"
	"time"
)

// orientation reads the EXIF orientation of a JPEG, 1 when there is none. It looks at a bounded number of segments.
func orientation(raw []byte) int {
	at := 2
	for range 64 {
		if at+4 > len(raw) || raw[at] != 0xFF {
			return 1
		}
		marker, size := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xDA || size < 2 || at+2+size > len(raw) {
			return 1
		}
		if body := raw[at+4 : at+2+size]; marker == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at += 2 + size
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if t[0] == 'M' {
		order = binary.BigEndian
	}
	ifd := int(order.Uint32(t[4:]))
	if ifd < 8 || ifd+2 > len(t) {
		return 1
	}
	for n := range int(order.Uint16(t[ifd:])) {
		entry := ifd + 2 + n*12
		if entry+12 > len(t) {
			return 1
		}
		if order.Uint16(t[entry:]) == 0x0112 {
			if v := int(order.Uint16(t[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}

// isobmff tells the kinds of files that begin with an ftyp box apart.
func isobmff(raw []byte) string {
	if len(raw) < 12 || string(raw[4:8]) != "ftyp" {
		return ""
	}
	switch brand := string(raw[8:12]); brand {
	case "qt  ":
		return "video/quicktime"
	case "heic", "heix", "mif1", "msf1", "heim", "heis":
		return "image/heic"
	case "avif", "avis":
		return "image/avif"
	}
	return "video/mp4"
}

// movie reads duration and picture size of an MP4 or MOV from its moov box, as far as they are plainly there.
func movie(raw []byte) (width, height int, duration time.Duration) {
	moov := box(raw, "moov", 0)
	if mvhd := box(moov, "mvhd", 0); len(mvhd) >= 20 {
		scale, units := uint64(binary.BigEndian.Uint32(mvhd[12:])), uint64(binary.BigEndian.Uint32(mvhd[16:]))
		if mvhd[0] == 1 && len(mvhd) >= 32 {
			scale, units = uint64(binary.BigEndian.Uint32(mvhd[20:])), binary.BigEndian.Uint64(mvhd[24:])
		}
		if scale > 0 && units < 1<<40 {
			duration = time.Duration(units) * time.Second / time.Duration(scale)
		}
	}
	for n := range 8 {
		tkhd := box(box(moov, "trak", n), "tkhd", 0)
		if len(tkhd) < 84 {
			continue
		}
		w, h := binary.BigEndian.Uint32(tkhd[len(tkhd)-8:])>>16, binary.BigEndian.Uint32(tkhd[len(tkhd)-4:])>>16
		if w > 0 && h > 0 {
			return int(w), int(h), duration
		}
	}
	return 0, 0, duration
}

// box returns the body of the n-th box of a kind; at most 1,000 boxes are looked at (S10: endless atoms).
func box(raw []byte, kind string, n int) []byte {
	for range 1000 {
		if len(raw) < 8 {
			return nil
		}
		size, head := uint64(binary.BigEndian.Uint32(raw)), uint64(8)
		if size == 1 && len(raw) >= 16 {
			size, head = binary.BigEndian.Uint64(raw[8:]), 16
		}
		if size == 0 {
			size = uint64(len(raw))
		}
		if size < head || size > uint64(len(raw)) {
			return nil
		}
		if string(raw[4:8]) == kind {
			if n == 0 {
				return raw[head:size]
			}
			n--
		}
		raw = raw[size:]
	}
	return nil
}
