package asset_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

func box(kind string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(b)+8)), kind...), b...)
}

// film is the smallest MP4 of one track that runs 2.5 seconds; turned says that the camera was held upright.
func film(turned bool, metadata string) []byte {
	mvhd := make([]byte, 100)
	binary.BigEndian.PutUint32(mvhd[12:], 1000)
	binary.BigEndian.PutUint32(mvhd[16:], 2500)
	tkhd := make([]byte, 84)
	if !turned {
		binary.BigEndian.PutUint32(tkhd[40:], 0x10000)
	}
	binary.BigEndian.PutUint32(tkhd[76:], 1920<<16)
	binary.BigEndian.PutUint32(tkhd[80:], 1080<<16)
	return bytes.Join([][]byte{box("ftyp", []byte("isom\x00\x00\x02\x00isommp42")),
		box("moov", box("mvhd", mvhd), box("trak", box("tkhd", tkhd), box("udta", []byte(metadata))), box("udta", box("\xa9xyz", []byte(metadata))), box("meta", []byte(metadata))),
		box("uuid", []byte(metadata)), box("mdat", bytes.Repeat([]byte("frame"), 100))}, nil)
}

func TestAVideoIsReadAndStrippedWithoutTranscoding(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	raw := film(false, "+52.5200+013.4050/")
	a := add(t, l, "holiday.avi", raw)
	if a.Kind != network.Video || a.MIME != "video/mp4" || a.Width != 1920 || a.Height != 1080 || a.Duration != 2500*time.Millisecond {
		t.Fatalf("the video is %+v", a)
	}
	got := sent(t, l, network.Media{SHA256: a.SHA256})
	if bytes.Contains(got, []byte("52.52")) {
		t.Error("the place is still in it")
	}
	if len(got) != len(raw) || !bytes.Equal(got[len(got)-500:], raw[len(raw)-500:]) || bytes.Count(got, []byte("free")) != 4 {
		t.Error("more than the metadata was changed")
	}
	if turned := add(t, l, "b.mp4", film(true, "")); turned.Width != 1080 || turned.Height != 1920 {
		t.Errorf("a turned video is %d×%d", turned.Width, turned.Height)
	}
	for name, broken := range map[string][]byte{"cut header": raw[:60], "no picture": bytes.Replace(raw, []byte("trak"), []byte("skip"), 1)} {
		if _, err := l.Add(ctx, owner("ws_1"), "", "x.mp4", bytes.NewReader(broken)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s is answered with %v", name, err)
		}
	}
}

func element(id string, body []byte) []byte {
	return append(append([]byte(id), 0x40|byte(len(body)>>8), byte(len(body))), body...)
}

func TestAWebMIsReadAndItsTagsAreBlanked(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	size := func(n uint16) []byte { return binary.BigEndian.AppendUint16(nil, n) }
	duration := binary.BigEndian.AppendUint64(nil, math.Float64bits(1500))
	raw := append(element("\x1A\x45\xDF\xA3", element("\x42\x82", []byte("webm"))), element("\x18\x53\x80\x67", bytes.Join([][]byte{
		element("\x15\x49\xA9\x66", append(element("\x2A\xD7\xB1", []byte{0x0F, 0x42, 0x40}), element("\x44\x89", duration)...)),
		element("\x16\x54\xAE\x6B", element("\xAE", element("\xE0", append(element("\xB0", size(640)), element("\xBA", size(360))...)))),
		element("\x12\x54\xC3\x67", []byte("somebody's home")), element("\x1F\x43\xB6\x75", []byte("frames")),
	}, nil))...)
	a := add(t, l, "a.webm", raw)
	if a.MIME != "video/webm" || a.Width != 640 || a.Height != 360 || a.Duration != 1500*time.Millisecond {
		t.Errorf("the video is %+v", a)
	}
	if got := sent(t, l, network.Media{SHA256: a.SHA256}); strings.Contains(string(got), "home") || !strings.Contains(string(got), "frames") || len(got) != len(raw) {
		t.Error("the tags are still in it, or more is gone")
	}
}
