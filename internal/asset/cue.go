package asset

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/fault"
)

const (
	largestCaptions = 1 << 20
	mostCues        = 20_000
)

// cue is one piece of captions: what is shown from one moment of the video to another.
type cue struct {
	from, to time.Duration
	lines    []string
}

var cueTimes = regexp.MustCompile(`^\s*((?:\d{1,3}:)?[0-5]?\d:[0-5]?\d[.,]\d{1,3})\s*-->\s*((?:\d{1,3}:)?[0-5]?\d:[0-5]?\d[.,]\d{1,3})(?:\s|$)`)

// styling are the tags of both formats: <b>, </i>, <c.loud>, <v Ann>, <00:01.000>, {\an8}.
var styling = regexp.MustCompile(`</?[a-zA-Z0-9.:][^<>]*>|\{\\[^{}]*\}`)

// cues reads captions of either format, SRT or WebVTT. Numbers, positions, styles, comments and tags are left out: what
// remains is what every network shows.
func cues(raw []byte) ([]cue, error) {
	text := strings.TrimPrefix(string(raw), "\uFEFF")
	if !utf8.ValidString(text) {
		return nil, noCaptions("is not written in UTF-8")
	}
	var list []cue
	open := false
	for n, line := range strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n") {
		times := cueTimes.FindStringSubmatch(line)
		switch {
		case times != nil:
			c := cue{from: moment(times[1]), to: moment(times[2])}
			if c.to <= c.from {
				return nil, noCaptions(fmt.Sprintf("has a piece in line %d that ends before it begins", n+1))
			}
			if list = append(list, c); len(list) > mostCues {
				return nil, noCaptions(fmt.Sprintf("has more than %d pieces", mostCues))
			}
			open = true
		case strings.TrimSpace(line) == "":
			open = false
		case open:
			if words := strings.TrimSpace(styling.ReplaceAllString(line, "")); words != "" {
				last := &list[len(list)-1]
				last.lines = append(last.lines, words)
			}
		}
	}
	spoken := list[:0]
	for _, c := range list {
		if len(c.lines) > 0 {
			spoken = append(spoken, c)
		}
	}
	if len(spoken) == 0 {
		return nil, noCaptions("holds no captions")
	}
	return spoken, nil
}

func noCaptions(why string) error {
	return fault.Invalidf("captions", "the file %s", why).WithCode("captions").WithHint("Choose a caption file in SRT or WebVTT format.")
}

// moment reads 1:02:03.456 or 02:03,456, which cueTimes has seen.
func moment(s string) time.Duration {
	s, fraction, _ := strings.Cut(strings.ReplaceAll(s, ",", "."), ".")
	var d time.Duration
	for part := range strings.SplitSeq(s, ":") {
		n, _ := strconv.Atoi(part)
		d = d*60 + time.Duration(n)*time.Second
	}
	ms, _ := strconv.Atoi((fraction + "00")[:3])
	return d + time.Duration(ms)*time.Millisecond
}

func clock(d time.Duration, point string) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%s%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, point, ms%1000)
}

// vtt writes captions as WebVTT, in which & and < begin something else.
func vtt(list []cue) []byte {
	var b strings.Builder
	b.WriteString("WEBVTT\n")
	for _, c := range list {
		words := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(unescaped(c.lines))
		fmt.Fprintf(&b, "\n%s --> %s\n%s\n", clock(c.from, "."), clock(c.to, "."), words)
	}
	return []byte(b.String())
}

// srt writes captions as SubRip.
func srt(list []cue) []byte {
	var b strings.Builder
	for n, c := range list {
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n\n", n+1, clock(c.from, ","), clock(c.to, ","), unescaped(c.lines))
	}
	return []byte(b.String())
}

func unescaped(lines []string) string {
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&nbsp;", "\u00a0", "&lrm;", "", "&rlm;", "", "-->", "→").Replace(strings.Join(lines, "\n"))
}
