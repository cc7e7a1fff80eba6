package pinterestfake

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// Pin is a pin as the fake keeps it.
type Pin struct {
	ID, Board, Section, Title, Description, Link, Alt, Color, Parent string
	Kind                                                             string // image, video, multiple_images
	Files                                                            [][]byte
	Slots                                                            []map[string]any
	Cover                                                            string // "picture" or the second of the video
	At                                                               time.Time
}

type pin struct {
	Pin
	Gone bool
}

func (f *Fake) pin(id string) *pin {
	for _, p := range f.pins {
		if p.ID == id && !p.Gone {
			return p
		}
	}
	return nil
}

func (f *Fake) drop(id string) {
	if p := f.pin(id); p != nil {
		p.Gone = true
		f.Change(id, func(it *networkfake.Item) { it.Deleted = true })
	}
}

var number = regexp.MustCompile(`^\d+$`)

// write takes the words of a request over and checks their limits.
func (f *Fake) write(p *Pin, c *call) *refusal {
	for _, w := range []struct {
		name string
		to   *string
		max  int
	}{{"title", &p.Title, 100}, {"description", &p.Description, 800}, {"alt_text", &p.Alt, 500}, {"link", &p.Link, 2048}, {"dominant_color", &p.Color, 7}} {
		if _, there := c.body[w.name]; !there {
			continue
		}
		if *w.to = c.text(w.name); utf8.RuneCountInString(*w.to) > w.max {
			return no(400, 1, fmt.Sprintf("Invalid request: %s is longer than %d", w.name, w.max))
		}
	}
	if strings.Contains(p.Link, "blocked.example") {
		return no(403, 2637, "Sorry! Your request could not be completed: this link leads to blocked content.")
	}
	return f.place(p, c)
}

func (f *Fake) place(p *Pin, c *call) *refusal {
	if _, there := c.body["board_id"]; there {
		p.Board, p.Section = c.text("board_id"), c.text("board_section_id")
	}
	b := f.board(p.Board)
	switch {
	case !number.MatchString(p.Board):
		return no(400, 1, "Invalid board_id")
	case b == nil:
		return no(404, 40, "Board not found.")
	case b.AdsOnly:
		return no(403, 29, "You are not permitted to access that resource.")
	case p.Section != "" && !slices.ContainsFunc(b.Sections, func(s section) bool { return s.ID == p.Section }):
		return no(400, 2031, "Board section not found.")
	}
	return nil
}

func (f *Fake) create(c *call) (int, any, *refusal) {
	p := &pin{Pin: Pin{At: f.o.Now().UTC()}}
	if bad := f.write(&p.Pin, c); bad != nil {
		return 0, nil, bad
	}
	source, _ := c.body["media_source"].(map[string]any)
	if bad := f.show(&p.Pin, source); bad != nil {
		return 0, nil, bad
	}
	return f.publish(p)
}

func (f *Fake) publish(p *pin) (int, any, *refusal) {
	p.ID = f.id()
	f.pins = append(f.pins, p)
	files := len(p.Files)
	if p.Kind == "video" {
		files = 1
	}
	f.Add(networkfake.Item{ID: p.ID, Account: Brand, Text: p.Description, Visibility: "public", Media: files, At: p.At})
	return 201, f.view(p, false), nil
}

// show takes the files of a request over.
func (f *Fake) show(p *Pin, source map[string]any) *refusal {
	str := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	picture := func(kind, data string) *refusal {
		raw, err := base64.StdEncoding.DecodeString(data)
		magic := map[string][]byte{"image/png": []byte("\x89PNG"), "image/jpeg": {0xFF, 0xD8}}[kind]
		if err != nil || magic == nil || !bytes.HasPrefix(raw, magic) {
			return no(400, 235, "Sorry, the image is not a supported image")
		}
		p.Files = append(p.Files, raw)
		return nil
	}
	switch str(source, "source_type") {
	case "image_base64":
		p.Kind = "image"
		return picture(str(source, "content_type"), str(source, "data"))
	case "multiple_image_base64":
		p.Kind = "multiple_images"
		items, _ := source["items"].([]any)
		if len(items) < 2 || len(items) > 5 {
			return no(400, 1, "Invalid media_source: items")
		}
		for _, it := range items {
			m, _ := it.(map[string]any)
			if bad := picture(str(m, "content_type"), str(m, "data")); bad != nil {
				return bad
			}
			p.Slots = append(p.Slots, map[string]any{"title": m["title"], "link": m["link"]})
		}
		return nil
	case "video_id":
		p.Kind = "video"
		v := f.videos[str(source, "media_id")]
		if v == nil || !v.Sent || v.Polls > 0 {
			return no(400, 1, "Invalid media_id: the media is not ready")
		}
		if data := str(source, "cover_image_data"); data != "" {
			p.Cover = "picture"
			bad := picture(str(source, "cover_image_content_type"), data)
			p.Files = nil
			return bad
		}
		at, ok := source["cover_image_key_frame_time"].(float64)
		if !ok {
			return no(400, 1, "Invalid media_source: a video needs a cover image")
		}
		p.Cover = fmt.Sprint(at)
		return nil
	}
	return no(400, 1, "Invalid media_source")
}

func (f *Fake) save(c *call) (int, any, *refusal) {
	p := &pin{Pin: Pin{At: f.o.Now().UTC(), Parent: c.PathValue("id"), Kind: "image", Description: "Somebody's pin"}}
	if p.Parent == "404" {
		return 0, nil, no(404, 50, "Pin not found.")
	}
	if bad := f.place(&p.Pin, c); bad != nil {
		return 0, nil, bad
	}
	return f.publish(p)
}

func (f *Fake) edit(c *call) (int, any, *refusal) {
	p := f.pin(c.PathValue("id"))
	if p == nil {
		return 0, nil, no(404, 50, "Pin not found.")
	}
	if p.Parent != "" {
		return 0, nil, no(403, 12, "You are not permitted to change that pin.")
	}
	changed := p.Pin
	if bad := f.write(&changed, c); bad != nil {
		return 0, nil, bad
	}
	p.Pin = changed
	f.Change(p.ID, func(it *networkfake.Item) { it.Text, it.Edits = p.Description, it.Edits+1 })
	return 200, f.view(p, false), nil
}

func (f *Fake) remove(c *call) (int, any, *refusal) {
	if f.pin(c.PathValue("id")) == nil {
		return 0, nil, no(404, 50, "Pin not found.")
	}
	f.drop(c.PathValue("id"))
	return 204, nil, nil
}

func (f *Fake) read(c *call) (int, any, *refusal) {
	p := f.pin(c.PathValue("id"))
	if p == nil {
		return 0, nil, no(404, 50, "Pin not found.")
	}
	return 200, f.view(p, c.URL.Query().Get("pin_metrics") == "true"), nil
}

func (f *Fake) view(p *pin, metrics bool) map[string]any {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	media := map[string]any{"media_type": p.Kind}
	if p.Kind == "multiple_images" {
		var items []any
		for range p.Files {
			items = append(items, map[string]any{"item_type": "image"})
		}
		media["items"] = items
	}
	doc := map[string]any{"id": p.ID, "created_at": p.At.Format("2006-01-02T15:04:05"), "title": null(p.Title), "description": null(p.Description), "link": null(p.Link),
		"alt_text": null(p.Alt), "board_id": p.Board, "board_section_id": null(p.Section), "parent_pin_id": null(p.Parent), "media": media, "is_owner": true}
	if metrics {
		doc["pin_metrics"] = map[string]any{"90d": map[string]any{"impression": 90}, "lifetime_metrics": map[string]any{"pin_click": 7, "impression": 120, "clickthrough": 3, "reaction": 10, "comment": 2}}
	}
	return doc
}

// list shows pins, newest first.
func (f *Fake) list(c *call, of func(*pin) bool) (int, any, *refusal) {
	items := []any{}
	for _, p := range slices.Backward(f.pins) {
		if !p.Gone && of(p) {
			items = append(items, f.view(p, false))
		}
	}
	return page(c, items)
}

func (f *Fake) ownPins(c *call) (int, any, *refusal) {
	return f.list(c, func(*pin) bool { return true })
}

func (f *Fake) boardPins(c *call) (int, any, *refusal) {
	if f.board(c.PathValue("id")) == nil {
		return 0, nil, no(404, 40, "Board not found.")
	}
	return f.list(c, func(p *pin) bool { return p.Board == c.PathValue("id") })
}

func (f *Fake) register(c *call) (int, any, *refusal) {
	if c.text("media_type") != "video" {
		return 0, nil, no(400, 1, "Invalid media_type")
	}
	id := f.id()
	f.videos[id] = &video{Polls: f.o.Processing}
	return 201, map[string]any{"media_id": id, "media_type": "video", "upload_url": f.URL + "/storage/" + id,
		"upload_parameters": map[string]string{"key": "uploads/" + id, "policy": "policy-" + id, "x-amz-signature": "signature-" + id, "Content-Type": "multipart/form-data"}}, nil
}

// store is the place that takes files: it wants every parameter, the file last, and no token of ours.
func (f *Fake) store(c *call) (int, any, *refusal) {
	id := c.PathValue("id")
	v := f.videos[id]
	switch {
	case v == nil || c.text("policy") != "policy-"+id || c.text("x-amz-signature") != "signature-"+id || c.text("key") != "uploads/"+id:
		return 0, nil, no(http.StatusForbidden, 403, "AccessDenied")
	case c.Header.Get("Authorization") != "":
		return 0, nil, no(http.StatusBadRequest, 400, "Only one auth mechanism allowed")
	case len(c.fields) == 0 || c.fields[len(c.fields)-1] != "file" || len(c.file) == 0:
		return 0, nil, no(http.StatusBadRequest, 400, "POST requires exactly one file upload, as the last field")
	}
	v.Sent = true
	return 204, nil, nil
}

func (f *Fake) media(c *call) (int, any, *refusal) {
	v := f.videos[c.PathValue("id")]
	if v == nil {
		return 0, nil, no(404, 404, "Media not found.")
	}
	status := "succeeded"
	switch {
	case !v.Sent:
		status = "registered"
	case v.Polls > 0:
		v.Polls--
		status = "processing"
	case f.o.Broken:
		status = "failed"
	}
	return 200, map[string]any{"media_id": c.PathValue("id"), "media_type": "video", "status": status}, nil
}
