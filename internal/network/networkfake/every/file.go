package every

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
)

// File is the file that a post must carry.
type File string

const (
	None    File = ""
	Picture File = "picture.jpg" // 1080 × 1350
	Film    File = "film.mp4"    // 1080 × 1920, ten seconds
)

// Bytes makes the file, large enough for every network.
func (f File) Bytes() []byte {
	switch f {
	case Picture:
		return picture()
	case Film:
		return film()
	}
	return nil
}

func picture() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 1080, 1350))
	grain := rand.New(rand.NewPCG(1, 1))
	for x := range 1080 {
		for y := range 1350 {
			img.Set(x, y, color.RGBA{R: 200, G: uint8(x / 5), B: uint8(y/6 + grain.IntN(8)), A: 255})
		}
	}
	var raw bytes.Buffer
	_ = jpeg.Encode(&raw, img, nil) // into memory: cannot fail
	return raw.Bytes()
}

// film is the smallest MP4 of one track that says of itself what it must.
func film() []byte {
	mvhd, tkhd := make([]byte, 100), make([]byte, 84)
	binary.BigEndian.PutUint32(mvhd[12:], 1000)
	binary.BigEndian.PutUint32(mvhd[16:], 10_000)
	binary.BigEndian.PutUint32(tkhd[40:], 0x10000)
	binary.BigEndian.PutUint32(tkhd[76:], 1080<<16)
	binary.BigEndian.PutUint32(tkhd[80:], 1920<<16)
	return bytes.Join([][]byte{box("ftyp", []byte("isom\x00\x00\x02\x00isommp42")), box("moov", box("mvhd", mvhd), box("trak", box("tkhd", tkhd))),
		box("mdat", bytes.Repeat([]byte("frame"), 20_000))}, nil)
}

func box(kind string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(b)+8)), kind...), b...)
}
