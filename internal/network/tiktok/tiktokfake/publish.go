package tiktokfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

const uploadLife = time.Hour

// post is one publication, from its announcement on.
type post struct {
	ID, publishID, token string
	text, privacy        string
	photo, draft, gone   bool
	files                int
	size, chunk, count   int64
	bytes                []byte
	announced, at        time.Time
	polls, moderation    int
	failure              string
}

func (p *post) whole() bool { return p.photo || int64(len(p.bytes)) == p.size }

// fields complains about fields the API does not know.
func (f *Fake) fields(c *call, in map[string]any, known ...string) {
	for k := range in {
		if !slices.Contains(known, k) {
			f.complain("%s has %q", c.URL.Path, k)
		}
	}
}

func (f *Fake) announceVideo(c *call) (any, *refusal) {
	f.fields(c, c.body, "post_info", "source_info")
	info := c.object("post_info")
	f.fields(c, info, "title", "privacy_level", "disable_duet", "disable_comment", "disable_stitch", "video_cover_timestamp_ms", "brand_content_toggle", "brand_organic_toggle", "is_aigc")
	if refused := f.direct(info, "title", 2200); refused != nil {
		return nil, refused
	}
	return f.announce(c, info, false)
}

func (f *Fake) announceDraft(c *call) (any, *refusal) {
	f.fields(c, c.body, "source_info")
	if f.pending() >= 5 {
		return nil, no("spam_risk_too_many_pending_share")
	}
	return f.announce(c, nil, true)
}

func (f *Fake) pending() (n int) {
	for _, p := range f.posts {
		if p.draft && f.o.Now().Sub(p.announced) < 24*time.Hour {
			n++
		}
	}
	return n
}

// direct checks the choices of a post that is published at once.
func (f *Fake) direct(info map[string]any, text string, most int) *refusal {
	words, _ := info[text].(string)
	privacy, _ := info["privacy_level"].(string)
	for _, toggle := range []string{"disable_comment", "brand_content_toggle", "brand_organic_toggle"} {
		if _, ok := info[toggle].(bool); !ok {
			f.complain("a post leaves %s to TikTok", toggle)
		}
	}
	switch {
	case f.today() >= f.o.Daily:
		return no("spam_risk_too_many_posts")
	case len(utf16.Encode([]rune(words))) > most:
		return no("invalid_params")
	case !slices.Contains(f.options(), privacy):
		return no("privacy_level_option_mismatch")
	case f.o.Unaudited && privacy != "SELF_ONLY":
		return &refusal{403, "unaudited_client_can_only_post_to_private_accounts"}
	case info["brand_content_toggle"] == true && privacy == "SELF_ONLY":
		return no("invalid_params")
	case f.o.NoComments && info["disable_comment"] != true:
		return no("invalid_params")
	}
	return nil
}

func (f *Fake) announce(c *call, info map[string]any, draft bool) (any, *refusal) {
	f.bodies = append(f.bodies, Body{c.URL.Path, c.body})
	source := c.object("source_info")
	f.fields(c, source, "source", "video_size", "chunk_size", "total_chunk_count")
	whole := func(name string) int64 { n, _ := source[name].(float64); return int64(n) }
	size, chunk, count := whole("video_size"), whole("chunk_size"), whole("total_chunk_count")
	const mb = 1_000_000
	switch {
	case source["source"] != "FILE_UPLOAD" || size <= 0 || chunk <= 0 || count != size/chunk || count > 1000,
		size < 5*mb && chunk != size, size >= 5*mb && (chunk < 5*mb || chunk > 64<<20), size > 4<<30:
		return nil, no("invalid_params")
	}
	p := f.post(info, draft)
	p.size, p.chunk, p.count, p.token = size, chunk, count, "tok"+f.id()
	p.publishID = "v_pub_file~v2-1." + p.ID
	if draft {
		p.publishID = "v_inbox_file~v2." + p.ID
	}
	return map[string]any{"publish_id": p.publishID, "upload_url": f.URL + "/upload/" + p.ID + "?upload_token=" + p.token}, nil
}

func (f *Fake) post(info map[string]any, draft bool) *post {
	p := &post{ID: f.id(), draft: draft, announced: f.o.Now(), polls: f.o.Processing, moderation: f.o.Moderation}
	p.text, _ = info["title"].(string)
	p.privacy, _ = info["privacy_level"].(string)
	if len(f.failing) > 0 {
		p.failure, f.failing = f.failing[0], f.failing[1:]
	}
	f.posts = append(f.posts, p)
	return p
}

// publish writes a post that is whole into the ledger; drafts are nobody's yet.
func (f *Fake) publish(p *post) {
	p.at = f.o.Now().UTC().Truncate(time.Second)
	if !p.draft && p.failure == "" {
		f.Add(networkfake.Item{ID: p.ID, Account: Brand, Text: p.text, Visibility: p.privacy, Media: p.files, At: p.at})
	}
}

// upload takes one piece of a video. It needs no token but the one in its address, and answers without a body.
func (f *Fake) upload(w http.ResponseWriter, r *http.Request) {
	c := read(r)
	f.mu.Lock()
	f.calls["create"]++
	if r.Header.Get("Authorization") != "" {
		f.complain("an upload carries the token")
	}
	if !slices.Contains([]string{"video/mp4", "video/quicktime", "video/webm"}, r.Header.Get("Content-Type")) {
		f.complain("an upload is %s", r.Header.Get("Content-Type"))
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, "create", func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		w.WriteHeader(f.take(c))
	})
}

func (f *Fake) take(c *call) int {
	i := slices.IndexFunc(f.posts, func(p *post) bool { return p.ID == c.PathValue("id") && p.token == c.URL.Query().Get("upload_token") })
	if i < 0 {
		return http.StatusNotFound
	}
	p := f.posts[i]
	var from, to, total int64
	if _, err := fmt.Sscanf(c.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &total); err != nil || to-from+1 != int64(len(c.raw)) || total != p.size {
		f.complain("an upload of %d bytes says %q of %d", len(c.raw), c.Header.Get("Content-Range"), p.size)
		return http.StatusBadRequest
	}
	last := to == p.size-1
	switch {
	case f.o.Now().Sub(p.announced) >= uploadLife:
		return http.StatusForbidden
	case from != int64(len(p.bytes)):
		return http.StatusRequestedRangeNotSatisfiable
	case !last && int64(len(c.raw)) != p.chunk, last && from/p.chunk != p.count-1:
		f.complain("a piece of %d bytes at %d, chunks are %d", len(c.raw), from, p.chunk)
		return http.StatusBadRequest
	}
	p.bytes = append(p.bytes, c.raw...)
	if !last {
		return http.StatusPartialContent
	}
	p.files = 1
	f.publish(p)
	return http.StatusCreated
}

func (f *Fake) photos(c *call) (any, *refusal) {
	f.fields(c, c.body, "media_type", "post_mode", "post_info", "source_info")
	f.bodies = append(f.bodies, Body{c.URL.Path, c.body})
	info, source := c.object("post_info"), c.object("source_info")
	f.fields(c, source, "source", "photo_images", "photo_cover_index")
	images, _ := source["photo_images"].([]any)
	cover, _ := source["photo_cover_index"].(float64)
	title, _ := info["title"].(string)
	draft := c.body["post_mode"] == "MEDIA_UPLOAD"
	if !draft {
		f.fields(c, info, "title", "description", "privacy_level", "disable_comment", "auto_add_music", "brand_content_toggle", "brand_organic_toggle")
		if refused := f.direct(info, "description", 4000); refused != nil {
			return nil, refused
		}
	} else if f.fields(c, info, "title", "description"); f.pending() >= 5 {
		return nil, no("spam_risk_too_many_pending_share")
	}
	if c.body["media_type"] != "PHOTO" || !draft && c.body["post_mode"] != "DIRECT_POST" || source["source"] != "PULL_FROM_URL" || len(images) == 0 || len(images) > 35 ||
		int(cover) < 0 || int(cover) >= len(images) || len(utf16.Encode([]rune(title))) > 90 {
		return nil, no("invalid_params")
	}
	for _, v := range images {
		if u, _ := v.(string); !strings.HasPrefix(u, f.o.Verified) {
			return nil, &refusal{403, "url_ownership_unverified"}
		}
	}
	p := f.post(info, draft)
	p.text, _ = info["description"].(string)
	p.photo, p.files, p.publishID = true, len(images), "p_pub_url~v2."+p.ID
	f.publish(p)
	return map[string]any{"publish_id": p.publishID}, nil
}
