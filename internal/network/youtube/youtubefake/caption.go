package youtubefake

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
)

func (f *Fake) listCaptions(c *call) (any, *refusal) {
	v := f.video(c.q.Get("videoId"))
	if v == nil {
		return nil, no(404, "videoNotFound", "The video cannot be found.")
	}
	items := []any{map[string]any{"snippet": map[string]any{"language": "en", "trackKind": "asr"}}}
	for language := range v.captions {
		items = append(items, map[string]any{"snippet": map[string]any{"language": language, "trackKind": "standard"}})
	}
	return map[string]any{"items": items}, nil
}

// addCaptions takes a track's description and its file in one body. A second track of one language and name is refused.
func (f *Fake) addCaptions(c *call) (any, *refusal) {
	kind, params, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if kind != "multipart/related" || c.q.Get("uploadType") != "multipart" {
		return nil, no(400, "contentRequired", "The request does not include the caption track contents.")
	}
	parts := multipart.NewReader(bytes.NewReader(c.raw), params["boundary"])
	var about struct {
		Snippet struct{ VideoID, Language, Name *string }
	}
	head, err := parts.NextPart()
	if err == nil {
		err = json.NewDecoder(head).Decode(&about)
	}
	file, err2 := parts.NextPart()
	if err != nil || err2 != nil || about.Snippet.VideoID == nil || about.Snippet.Language == nil || about.Snippet.Name == nil {
		return nil, no(400, "invalidMetadata", "The request contains invalid metadata values.")
	}
	words, _ := io.ReadAll(file)
	v := f.video(*about.Snippet.VideoID)
	switch {
	case v == nil:
		return nil, no(404, "videoNotFound", "The video cannot be found.")
	case v.captions[*about.Snippet.Language] != "":
		return nil, no(409, "captionExists", "The specified video already has a caption track with the given name and language.")
	}
	if v.captions == nil {
		v.captions = map[string]string{}
	}
	v.captions[*about.Snippet.Language] = string(words)
	return map[string]any{"id": f.id("caption-%d"), "snippet": map[string]any{"videoId": v.ID}}, nil
}

// Captions are a video's captions by language.
func (f *Fake) Captions(id string) map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.video(id).captions
}
