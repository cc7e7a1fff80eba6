package tiktok

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart.
type payload struct {
	Call    string         `json:"call"`           // announce, upload or photos
	Mode    string         `json:"mode,omitempty"` // direct or inbox
	Text    string         `json:"text,omitempty"`
	Privacy string         `json:"privacy,omitempty"`
	Post    map[string]any `json:"post,omitempty"` // post_info as it is sent
	Size    int64          `json:"size,omitempty"` // of the video
	Seconds int64          `json:"seconds,omitempty"`
	Cover   int            `json:"cover,omitempty"` // which picture, from 0
}

// The calls of a post.
const (
	announce = "announce"
	upload   = "upload"
	pictures = "photos"
)

// Plan checks the draft and lays out its calls. A video is announced, which nobody sees, and uploaded, which publishes
// it; pictures are announced only. Announcing is never repeated by itself.
func (TikTok) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	part := d.Parts[0]
	p := payload{Mode: mode(d), Text: part.Text, Privacy: d.Settings["privacy"], Post: info(d)}
	var files []network.Media
	for _, m := range part.Media {
		m.Open, m.Address = nil, ""
		files = append(files, m)
	}
	if isPhoto(part) {
		p.Call = pictures
		if n, err := strconv.Atoi(strings.TrimSpace(d.Settings["photo_cover"])); err == nil {
			p.Cover = n - 1
		}
		return []network.Step{{Name: "post", Kind: network.Once, Public: true, Key: p.key(d.Key), Files: files, Payload: p.raw(), Fetched: true}}, problems
	}
	p.Call, p.Size, p.Seconds = announce, files[0].Bytes, (files[0].Duration.Milliseconds()+999)/1000
	first := network.Step{Name: "announce", Kind: network.Once, Payload: p.raw()}
	p.Call, p.Post = upload, nil
	return []network.Step{first, {Name: "post", Kind: network.Keyed, Public: true, Key: p.key(d.Key), Media: &files[0], Payload: p.raw()}}, problems
}

func (p payload) raw() json.RawMessage {
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return raw
}

// key names the post for us; TikTok never sees it.
func (p payload) key(delivery string) string {
	sum := sha256.Sum256([]byte(delivery + "\x00" + string(p.raw())))
	return hex.EncodeToString(sum[:])
}

// info is post_info: everything but what was chosen is off, and nothing is left to TikTok's own defaults.
func info(d network.Draft) map[string]any {
	on := func(key string) bool { return network.IsOn(d.Settings[key]) }
	part := d.Parts[0]
	if isPhoto(part) {
		post := map[string]any{"description": part.Text}
		if title := strings.TrimSpace(d.Settings["photo_title"]); title != "" {
			post["title"] = title
		}
		if mode(d) == direct {
			post["privacy_level"], post["disable_comment"], post["auto_add_music"] = d.Settings["privacy"], !on("allow_comment"), on("auto_music")
			post["brand_content_toggle"], post["brand_organic_toggle"] = on("brand_content"), on("brand_organic")
		}
		return post
	}
	if mode(d) == inbox {
		return nil
	}
	post := map[string]any{"title": part.Text, "privacy_level": d.Settings["privacy"], "disable_comment": !on("allow_comment"), "disable_duet": !on("allow_duet"),
		"disable_stitch": !on("allow_stitch"), "brand_content_toggle": on("brand_content"), "brand_organic_toggle": on("brand_organic"), "is_aigc": on("ai_generated")}
	if n, err := strconv.Atoi(strings.TrimSpace(d.Settings["cover_ms"])); err == nil {
		post["video_cover_timestamp_ms"] = n
	}
	return post
}

// The sizes of chunks, conservative where MB may mean 10⁶ or 2²⁰ bytes.
const (
	wholeUpTo = 60_000_000 // a video of up to 64 MB goes in one piece
	chunk     = 32 << 20
)

// chunks says how a video is cut: the last piece takes what is left over.
func chunks(size int64) (each, count int64) {
	if size <= wholeUpTo {
		return size, 1
	}
	return chunk, size / chunk
}
