package snapchatfake

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// wrapped names the member that each list's entries are wrapped in.
var wrapped = map[string]string{"stories": "story", "saved_stories": "saved_story", "spotlights": "spotlight"}

func (f *Fake) createMedia(c *call) (map[string]any, *refusal) {
	key, err := base64.StdEncoding.DecodeString(c.text("key"))
	iv, err2 := base64.StdEncoding.DecodeString(c.text("iv"))
	switch {
	case err != nil || err2 != nil || len(key) != 32 || len(iv) != 16:
		return nil, no(400, "E1005", "The key or the iv is wrong")
	case c.text("type") != "IMAGE" && c.text("type") != "VIDEO" || c.text("name") == "":
		return nil, no(400, "E1005", "The type or the name is wrong")
	}
	for _, m := range f.media {
		if bytes.Equal(m.key, key) || bytes.Equal(m.iv, iv) {
			f.faulty = append(f.faulty, "a key or an iv was used twice")
		}
	}
	id := f.id()
	f.media[id] = &Media{Type: c.text("type"), Name: c.text("name"), key: key, iv: iv, parts: map[int][]byte{}, processing: f.o.Processing}
	path := "/us/v1/media/" + id + "/multipart-upload-v2?action="
	made := map[string]any{"id": id, "media_id": id, "add_path": path + "ADD", "finalize_path": path + "FINALIZE"}
	if f.o.Wrapped {
		return map[string]any{"media": []any{map[string]any{"sub_request_status": "SUCCESS", "media": made}}}, nil
	}
	return made, nil
}

func (f *Fake) part(c *call) (map[string]any, *refusal) {
	m := f.media[c.PathValue("media")]
	if m == nil || c.text("action") != c.URL.Query().Get("action") {
		return nil, no(404, "MEDIA_NOT_FOUND", "The media was not found")
	}
	if c.text("action") == "ADD" {
		n, err := strconv.Atoi(c.text("part_number"))
		if err != nil || n < 1 || n > 35 || len(c.file) == 0 || len(c.file) > 32_000_000 {
			return nil, no(400, "E1006", "The part is wrong")
		}
		m.parts[n] = c.file
		return map[string]any{}, nil
	}
	var whole []byte
	for n := 1; n <= len(m.parts); n++ {
		whole = append(whole, m.parts[n]...)
	}
	block, err := aes.NewCipher(m.key)
	if err != nil || len(whole) == 0 || len(whole)%aes.BlockSize != 0 {
		return nil, no(400, "E1007", "The file cannot be decrypted")
	}
	cipher.NewCBCDecrypter(block, m.iv).CryptBlocks(whole, whole)
	pad := int(whole[len(whole)-1])
	if pad < 1 || pad > aes.BlockSize || !bytes.Equal(whole[len(whole)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, no(400, "E1007", "The file cannot be decrypted")
	}
	m.Plain, m.Parts = whole[:len(whole)-pad], len(m.parts)
	return map[string]any{}, nil
}

var localePattern = regexp.MustCompile(`^[a-z]{2}_[A-Z]{2}$`)

// wanted reads what a request asks to post.
func (f *Fake) wanted(c *call) (*Post, *refusal) {
	p := &Post{Profile: c.PathValue("profile"), Kind: c.PathValue("kind"), Media: c.text("media_id"), State: "LIVE", At: f.o.Now().UTC()}
	switch p.Kind {
	case "stories":
	case "spotlights":
		p.Text, p.Locale, p.State = c.text("description"), c.text("locale"), f.o.Review
		p.OffProfile, _ = c.body["skip_save_to_profile"].(bool)
		if utf8.RuneCountInString(p.Text) > 160 || !localePattern.MatchString(p.Locale) {
			return nil, no(400, "E2001", "The description or the locale is wrong")
		}
	case "saved_stories":
		list, _ := c.body["saved_stories"].([]any)
		if len(list) != 1 {
			return nil, no(400, "E2002", "There is no saved story")
		}
		one, _ := list[0].(map[string]any)
		p.Title, _ = one["title"].(string)
		sources, _ := one["snap_sources"].([]any)
		if len(sources) != 1 || p.Title == "" || utf8.RuneCountInString(p.Title) > 45 {
			return nil, no(400, "E2002", "The saved story is wrong")
		}
		source, _ := sources[0].(map[string]any)
		p.Media, _ = source["media_id"].(string)
	default:
		return nil, no(404, "E1003", "There is no such kind")
	}
	return p, nil
}

func (f *Fake) create(c *call) (map[string]any, *refusal) {
	if len(f.refuse) > 0 {
		code := f.refuse[0]
		f.refuse = f.refuse[1:]
		return nil, no(200, code, "The request was refused with "+code)
	}
	p, bad := f.wanted(c)
	if bad != nil {
		return nil, bad
	}
	m := f.media[p.Media]
	switch {
	case p.Profile != Profile && p.Profile != OtherProfile:
		return nil, no(404, "E1003", "The profile was not found")
	case m == nil || m.Plain == nil:
		return nil, no(400, "MEDIA_NOT_FOUND", "The media was not found")
	case m.posted:
		return nil, no(400, "MEDIA_POSTING_ALREADY_IN_PROGRESS", "The media is being posted")
	case m.processing > 0:
		m.processing--
		return nil, no(400, "MEDIA_PROCESSING", "The media is processing")
	case p.Kind == "spotlights" && m.Type != "VIDEO":
		return nil, no(400, "E2003", "A Spotlight is a video")
	}
	m.posted = true
	p.ID = f.id()
	f.posts = append(f.posts, p)
	text := p.Text + p.Title
	f.Add(networkfake.Item{ID: p.ID, Account: Brand, Text: text, Visibility: "public", Media: 1, At: p.At})
	name := wrapped[p.Kind]
	switch {
	case p.Kind == "stories" && !f.o.StoryIDs:
		return map[string]any{}, nil
	case f.o.Wrapped:
		return map[string]any{p.Kind: []any{map[string]any{"sub_request_status": "SUCCESS", name: f.view(p)}}}, nil
	}
	return map[string]any{name + "_id": p.ID}, nil
}

func (f *Fake) view(p *Post) map[string]any {
	v := map[string]any{"id": p.ID, "status": p.State, "created_at": p.At.Format("2006-01-02T15:04:05.000Z")}
	if p.Text != "" {
		v["description"] = p.Text
	}
	if p.Title != "" {
		v["title"] = p.Title
	}
	return v
}

// list shows a page, newest first; the next one begins where next_link says.
func (f *Fake) list(c *call) (map[string]any, *refusal) {
	kind, q := c.PathValue("kind"), c.URL.Query()
	if wrapped[kind] == "" {
		return nil, no(404, "E1003", "There is no such kind")
	}
	var all []any
	for _, p := range slices.Backward(f.posts) {
		if !p.Gone && p.Kind == kind && p.Profile == c.PathValue("profile") && !(f.o.Unlist && kind == "stories") {
			all = append(all, map[string]any{"sub_request_status": "SUCCESS", wrapped[kind]: f.view(p)})
		}
	}
	limit, err := strconv.Atoi(q.Get("limit"))
	from, _ := strconv.Atoi(q.Get("cursor"))
	if err != nil || limit < 1 || limit > 100 || from > len(all) {
		return nil, no(400, "E1008", "The limit or the cursor is wrong")
	}
	to := min(from+limit, len(all))
	paging := map[string]any{}
	if to < len(all) {
		paging["next_link"] = f.URL + c.URL.Path + "?limit=" + q.Get("limit") + "&cursor=" + strconv.Itoa(to)
	}
	return map[string]any{kind: slices.Clone(all[from:to]), "paging": paging}, nil
}

func (f *Fake) found(c *call) (*Post, *refusal) {
	p := f.post(c.PathValue("id"))
	if p == nil || p.Kind != c.PathValue("kind") || p.Profile != c.PathValue("profile") {
		return nil, no(404, "E1003", "The post was not found")
	}
	return p, nil
}

func (f *Fake) read(c *call) (map[string]any, *refusal) {
	p, bad := f.found(c)
	if bad != nil {
		return nil, bad
	}
	return map[string]any{p.Kind: []any{map[string]any{"sub_request_status": "SUCCESS", wrapped[p.Kind]: f.view(p)}}}, nil
}

func (f *Fake) remove(c *call) (map[string]any, *refusal) {
	p, bad := f.found(c)
	if bad != nil {
		return nil, bad
	}
	f.drop(p.ID)
	return map[string]any{}, nil
}

func (f *Fake) stats(c *call) (map[string]any, *refusal) {
	p, bad := f.found(c)
	if bad != nil {
		return nil, bad
	}
	if c.URL.Query().Get("granularity") != "LIFETIME" || c.URL.Query().Get("fields") == "" {
		return nil, no(400, "E1009", "The fields or the granularity is wrong")
	}
	if f.o.Wrapped {
		pair := func(name string, n int) any { return map[string]any{"field": name, "value": strconv.Itoa(n)} }
		return map[string]any{"stats": []any{map[string]any{"sub_request_status": "SUCCESS", "stat": map[string]any{"metrics": []any{pair("SPOTLIGHT_VIEWS", 120), pair("SHARES", 2), pair("SCREENSHOTS", 1)}}}}}, nil
	}
	return map[string]any{"total_stats": []any{map[string]any{"sub_request_status": "SUCCESS", "total_stat": map[string]any{"id": p.ID, "granularity": "LIFETIME", "stats": map[string]any{"views": 120, "favorites": 9, "shares": 2}}}}}, nil
}
