package youtubefake

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

type video struct {
	ID              string
	snippet, status map[string]any
	paid            bool
	notify          bool
	thumbnail       string
	captions        map[string]string // by language, as they were sent
	file            []byte
	at              time.Time
	polls           int
	counts          map[string]string
	shares          int
	gone            bool
}

// session is an upload that was announced.
type session struct {
	video *video // of which nothing is there until all bytes are
	total int64
	file  []byte
	done  bool
}

// location is where an upload goes on.
type location string

func (f *Fake) video(id string) *video {
	for _, v := range f.videos {
		if v.ID == id && !v.gone {
			return v
		}
	}
	return nil
}

// valid checks what the reference of the video resource says is checked.
func (f *Fake) valid(snippet, status map[string]any) *refusal {
	title, description, at := str(snippet, "title"), str(snippet, "description"), str(status, "publishAt")
	tags, _ := snippet["tags"].([]any)
	length := 0
	for _, t := range tags {
		length += utf8.RuneCountInString(fmt.Sprint(t))
	}
	switch privacy := str(status, "privacyStatus"); {
	case title == "" || utf8.RuneCountInString(title) > 100 || strings.ContainsAny(title, "<>"):
		return no(400, "invalidTitle", "The request metadata specifies an invalid or empty video title.")
	case len(description) > 5000 || strings.ContainsAny(description, "<>"):
		return no(400, "invalidDescription", "The request metadata specifies an invalid video description.")
	case length > 500:
		return no(400, "invalidTags", "The request metadata specifies invalid video keywords.")
	case str(snippet, "categoryId") == "":
		return no(400, "invalidCategoryId", "The snippet.categoryId property specifies an invalid category ID.")
	case privacy != "public" && privacy != "unlisted" && privacy != "private":
		return no(400, "invalidVideoMetadata", "The request metadata is invalid.")
	case at != "" && privacy != "private":
		return no(400, "invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.")
	}
	if at != "" {
		if t, err := time.Parse(time.RFC3339, at); err != nil || !t.After(f.o.Now()) {
			return no(400, "invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.")
		}
	}
	return nil
}

func (f *Fake) openSession(c *call) (any, *refusal) {
	total, err := strconv.ParseInt(c.Header.Get("X-Upload-Content-Length"), 10, 64)
	if c.q.Get("uploadType") != "resumable" || err != nil || total <= 0 || !strings.HasPrefix(c.Header.Get("X-Upload-Content-Type"), "video/") {
		return nil, no(400, "mediaBodyRequired", "The request does not include the video content.")
	}
	if refused := f.valid(c.part("snippet"), c.part("status")); refused != nil {
		return nil, refused
	}
	paid, _ := c.part("paidProductPlacementDetails")["hasPaidProductPlacement"].(bool)
	for part, there := range map[string]bool{"snippet": true, "status": true, "paidProductPlacementDetails": paid} {
		if there && !strings.Contains(c.q.Get("part"), part) {
			return nil, no(400, "unexpectedPart", "The part "+part+" is not asked for.")
		}
	}
	id := f.id("upload-%d")
	f.sessions[id] = &session{total: total, video: &video{snippet: c.part("snippet"), status: c.part("status"), paid: paid, notify: c.q.Get("notifySubscribers") != "false",
		polls: f.o.Polls, counts: map[string]string{"viewCount": "0", "likeCount": "0", "commentCount": "0"}}}
	return location(f.URL + "/upload/youtube/v3/videos?uploadType=resumable&upload_id=" + id), nil
}

// put takes a chunk, or the question how far a session is. Only the chunk that completes the file makes the video.
func (f *Fake) put(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var from, to, total int64
	asked := false
	if n, _ := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &total); n != 3 {
		n, _ = fmt.Sscanf(r.Header.Get("Content-Range"), "bytes */%d", &total)
		asked = n == 1
		if !asked {
			f.complain("PUT of a chunk without a content range")
		}
	}
	if !asked && (to-from+1 != int64(len(raw)) || to+1 != total && len(raw)%(256<<10) != 0) {
		f.complain(fmt.Sprintf("a chunk of %d bytes says it is %d to %d of %d", len(raw), from, to, total))
	}
	class := "create"
	switch {
	case asked:
		class = "read"
	case to+1 != total:
		class = "upload"
	}
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	f.mu.Lock()
	f.calls[class]++
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		s := f.sessions[r.URL.Query().Get("upload_id")]
		switch {
		case !f.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]:
			refuse(w, refusal{401, "authError", "Invalid Credentials"})
			return
		case s == nil:
			w.WriteHeader(404)
			return
		case s.total != total:
			refuse(w, refusal{400, "badRequest", "The size differs from what was announced."})
			return
		}
		if !asked && !s.done && from == int64(len(s.file)) {
			if f.o.MostBytes > 0 && int64(len(raw)) > f.o.MostBytes {
				raw = raw[:f.o.MostBytes]
			}
			s.file = append(s.file, raw...)
		}
		if s.done = s.done || int64(len(s.file)) == s.total; s.done {
			f.finish(s)
			send(w, 200, f.show(s.video))
			return
		}
		if len(s.file) > 0 {
			w.Header().Set("Range", "bytes=0-"+strconv.Itoa(len(s.file)-1))
		}
		w.WriteHeader(http.StatusPermanentRedirect)
	})
}

// finish makes the video of a complete session, once.
func (f *Fake) finish(s *session) {
	v := s.video
	if v.ID != "" {
		return
	}
	v.ID, v.file, v.at = f.id("video%06d"), s.file, f.now()
	f.videos = append(f.videos, v)
	f.Add(networkfake.Item{ID: v.ID, Account: Brand, Text: str(v.snippet, "description"), Visibility: str(v.status, "privacyStatus"), Media: 1, At: v.at})
}

func (f *Fake) setThumbnail(c *call) (any, *refusal) {
	v := f.video(c.q.Get("videoId"))
	switch kind := http.DetectContentType(c.raw); {
	case v == nil:
		return nil, no(404, "videoNotFound", "The video cannot be found.")
	case kind != "image/jpeg" && kind != "image/png" || kind != c.Header.Get("Content-Type"):
		return nil, no(400, "invalidImage", "The provided image content is invalid.")
	case len(c.raw) > 2<<20:
		return nil, no(413, "mediaTooLarge", "The image is too large.")
	}
	v.thumbnail = http.DetectContentType(c.raw)
	return map[string]any{"items": []any{map[string]any{}}}, nil
}
