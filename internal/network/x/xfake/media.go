package xfake

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type upload struct {
	ID, Key, Owner, Category, Alt, Post string
	Total, Have                         int64
	Segments                            int
	Done                                bool
	Polls                               int // how often it is still processing
	Subtitles                           []string
}

var categories = []string{"tweet_image", "tweet_gif", "tweet_video", "amplify_video", "dm_image", "dm_gif", "dm_video", "subtitles"}

func (f *Fake) initialize(c *call) (int, any, *refusal) {
	total, _ := c.body["total_bytes"].(float64)
	category := text(c.body, "media_category")
	if total <= 0 || !slices.Contains(categories, category) || text(c.body, "media_type") == "" {
		return 0, nil, no(400, "invalid-request", "media type, category or size is missing")
	}
	u := &upload{ID: f.id(), Owner: c.me.ID, Category: category, Total: int64(total)}
	u.Key = "3_" + u.ID
	f.files[u.ID] = u
	return 200, map[string]any{"data": map[string]any{"id": u.ID, "media_key": u.Key, "expires_after_secs": 1295999}}, nil
}

func (f *Fake) appendTo(c *call) (int, any, *refusal) {
	u := f.files[c.PathValue("id")]
	segment, err := strconv.Atoi(c.form.Get("segment_index"))
	if u == nil || u.Owner != c.me.ID || err != nil || segment != u.Segments || len(c.file) == 0 || len(c.file) > 5<<20 {
		return 0, nil, no(400, "invalid-request", "The segment is not the next one of this upload.")
	}
	u.Segments, u.Have = u.Segments+1, u.Have+int64(len(c.file))
	return 200, map[string]any{"data": map[string]any{"expires_at": f.o.Now().Unix() + 86400}}, nil
}

func (f *Fake) finalize(c *call) (int, any, *refusal) {
	u := f.files[c.PathValue("id")]
	if u == nil || u.Owner != c.me.ID || u.Have != u.Total {
		return 0, nil, no(400, "invalid-request", "Not all bytes have been received.")
	}
	u.Done = true
	if !strings.HasSuffix(u.Category, "image") && u.Category != "subtitles" {
		u.Polls = f.o.AsyncMedia
	}
	return 200, map[string]any{"data": f.describe(u)}, nil
}

func (f *Fake) uploadStatus(c *call) (int, any, *refusal) {
	u := f.files[c.URL.Query().Get("media_id")]
	if u == nil || u.Owner != c.me.ID || c.URL.Query().Get("command") != "STATUS" {
		return 0, nil, no(404, "resource-not-found", "Could not find media")
	}
	u.Polls = max(0, u.Polls-1)
	return 200, map[string]any{"data": f.describe(u)}, nil
}

func (f *Fake) describe(u *upload) map[string]any {
	doc := map[string]any{"id": u.ID, "media_key": u.Key, "size": u.Have, "expires_after_secs": 1295999}
	switch {
	case u.Polls > 0:
		doc["processing_info"] = map[string]any{"state": "in_progress", "check_after_secs": 3, "progress_percent": 50}
	case f.o.FailMedia:
		doc["processing_info"] = map[string]any{"state": "failed", "error": map[string]any{"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"}}
	case f.o.AsyncMedia > 0 && !strings.HasSuffix(u.Category, "image"):
		doc["processing_info"] = map[string]any{"state": "succeeded", "progress_percent": 100}
	}
	return doc
}

// subtitles ties an uploaded track to an uploaded video.
func (f *Fake) subtitles(c *call) (int, any, *refusal) {
	track := object(c.body, "subtitles")
	video, words := f.files[text(c.body, "id")], f.files[text(track, "id")]
	category := map[string]string{"TweetVideo": "tweet_video", "AmplifyVideo": "amplify_video"}[text(c.body, "media_category")]
	if video == nil || words == nil || !video.Done || !words.Done || video.Category != category || words.Category != "subtitles" || len(text(track, "language_code")) != 2 || text(track, "display_name") == "" {
		return 0, nil, no(400, "invalid-request", "The subtitles are invalid.")
	}
	if !slices.Contains(video.Subtitles, text(track, "language_code")) {
		video.Subtitles = append(video.Subtitles, text(track, "language_code"))
	}
	return 200, map[string]any{"data": map[string]any{"id": video.ID}}, nil
}

// Subtitles are the languages of the subtitles of an uploaded file.
func (f *Fake) Subtitles(id string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[id].Subtitles
}

func (f *Fake) metadata(c *call) (int, any, *refusal) {
	u := f.files[text(c.body, "id")]
	alt := text(object(object(c.body, "metadata"), "alt_text"), "text")
	if u == nil || u.Owner != c.me.ID || alt == "" || len([]rune(alt)) > 1000 {
		return http.StatusBadRequest, nil, no(400, "invalid-request", "The metadata is invalid.")
	}
	u.Alt = alt
	return 200, map[string]any{"data": map[string]any{"id": u.ID, "associated_metadata": map[string]any{}}}, nil
}
