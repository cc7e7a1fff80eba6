package asset

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"iter"
	"time"
)

func hundredths(n int) time.Duration { return time.Duration(n) * 10 * time.Millisecond }

// segments walks the header of a JPEG: at most 200 of them, up to the picture itself.
func segments(raw []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		at := 2
		for range 200 {
			if at+4 > len(raw) || raw[at] != 0xFF {
				return
			}
			marker, size := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
			if marker == 0xDA || size < 2 || at+2+size > len(raw) {
				return
			}
			if !yield(marker, raw[at+4:at+2+size]) {
				return
			}
			at += 2 + size
		}
	}
}

// frames counts the frames of a GIF and their pixels without decoding any of them (S10).
func frames(raw []byte) (count, pixels int) {
	if len(raw) < 13 {
		return 0, 0
	}
	at := 13 + table(raw[10])
	for at < len(raw) {
		switch raw[at] {
		case 0x21: // an extension
			at = blocks(raw, at+2)
		case 0x2C: // a frame
			if at+11 > len(raw) {
				return count, pixels
			}
			count++
			pixels += int(binary.LittleEndian.Uint16(raw[at+5:])) * int(binary.LittleEndian.Uint16(raw[at+7:]))
			at = blocks(raw, at+11+table(raw[at+9]))
		default:
			return count, pixels
		}
	}
	return count, pixels
}

// table is the size of the colour table that the flags announce.
func table(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// blocks returns the place after a chain of data blocks.
func blocks(raw []byte, at int) int {
	for at < len(raw) && raw[at] != 0 {
		at += 1 + int(raw[at])
	}
	return at + 1
}

// largestProfile is how large a colour profile may be; real ones have a few kilobytes.
const largestProfile = 1 << 20

// profileOf reads a picture's colour profile (ICC): without it, photographs of present phones would lose their
// colours. Nothing else of the metadata is kept. nil where there is none, or none that looks like one.
func profileOf(raw []byte) []byte {
	var icc []byte
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xD8}):
		for marker, body := range segments(raw) {
			if marker == 0xE2 && len(body) > 14 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")) && len(icc) < largestProfile {
				icc = append(icc, body[14:]...)
			}
		}
	case bytes.HasPrefix(raw, []byte("\x89PNG")):
		for at := 8; at+12 <= len(raw); {
			size := int(binary.BigEndian.Uint32(raw[at:]))
			if size < 0 || size > len(raw)-at-12 || string(raw[at+4:at+8]) == "IDAT" {
				break
			}
			body := raw[at+8 : at+8+size]
			if name, packed, ok := bytes.Cut(body, []byte{0}); ok && string(raw[at+4:at+8]) == "iCCP" && len(name) < 80 && len(packed) > 1 {
				icc = inflate(packed[1:])
			}
			at += 12 + size
		}
	case len(raw) > 12 && string(raw[8:12]) == "WEBP":
		for at := 12; at+8 <= len(raw); {
			size := int(binary.LittleEndian.Uint32(raw[at+4:]))
			if size < 0 || size > len(raw)-at-8 {
				break
			}
			if string(raw[at:at+4]) == "ICCP" {
				icc = raw[at+8 : at+8+size]
			}
			at += 8 + size + size%2
		}
	}
	if len(icc) < 132 || len(icc) > largestProfile || string(icc[36:40]) != "acsp" || string(icc[16:20]) != "RGB " {
		return nil
	}
	return icc
}

func inflate(packed []byte) []byte {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(io.LimitReader(z, largestProfile+1))
	if err != nil {
		return nil
	}
	return out
}

func withJPEGProfile(jpeg, icc []byte) []byte {
	const most = 65519
	if len(icc) == 0 || len(jpeg) < 2 {
		return jpeg
	}
	out := append([]byte{}, jpeg[:2]...)
	parts := (len(icc) + most - 1) / most
	for n := range parts {
		body := icc[n*most : min((n+1)*most, len(icc))]
		out = append(out, 0xFF, 0xE2)
		out = binary.BigEndian.AppendUint16(out, uint16(len(body)+16))
		out = append(out, "ICC_PROFILE\x00"...)
		out = append(append(out, byte(n+1), byte(parts)), body...)
	}
	return append(out, jpeg[2:]...)
}

func withPNGProfile(png, icc []byte) []byte {
	const head = 8 + 25 // signature and IHDR
	if len(icc) == 0 || len(png) < head {
		return png
	}
	var body bytes.Buffer
	body.WriteString("iCCPprofile\x00\x00")
	z := zlib.NewWriter(&body)
	_, _ = z.Write(icc) // into memory
	_ = z.Close()
	out := append([]byte{}, png[:head]...)
	out = binary.BigEndian.AppendUint32(out, uint32(body.Len()-4))
	out = append(out, body.Bytes()...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body.Bytes()))
	return append(out, png[head:]...)
}
