package youtubefake

import (
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

func (f *Fake) channels(c *call) (any, *refusal) {
	if c.q.Get("mine") != "true" || f.o.NoChannel {
		return page(nil, ""), nil
	}
	statistics := map[string]any{"subscriberCount": "1230", "viewCount": "99", "videoCount": count(len(f.videos)), "hiddenSubscriberCount": f.o.Hidden}
	if f.o.Hidden {
		statistics["subscriberCount"] = "0"
	}
	long := "allowed"
	if f.o.Unverified {
		long = "eligible"
	}
	return page([]any{map[string]any{"id": Brand, "snippet": map[string]any{"title": "Brand", "customUrl": "@brand", "thumbnails": map[string]any{"default": map[string]any{"url": f.URL + "/brand.jpg"}}},
		"statistics": statistics, "contentDetails": map[string]any{"relatedPlaylists": map[string]any{"uploads": Uploads}}, "status": map[string]any{"longUploadsStatus": long}}}, ""), nil
}

func (f *Fake) playlists(*call) (any, *refusal) {
	return page([]any{map[string]any{"id": Playlist, "snippet": map[string]any{"title": "Spring"}}}, ""), nil
}

func (f *Fake) playlistItems(c *call) (any, *refusal) {
	id := c.q.Get("playlistId")
	var all []*video
	if id == Uploads {
		for _, v := range f.videos {
			if !v.gone {
				all = append(all, v)
			}
		}
		slices.Reverse(all)
	} else {
		list, ok := f.lists[id]
		if !ok {
			return nil, no(404, "playlistNotFound", "The playlist cannot be found.")
		}
		for _, v := range list {
			all = append(all, f.video(v))
		}
	}
	if only := c.q.Get("videoId"); only != "" {
		all = slices.DeleteFunc(all, func(v *video) bool { return v == nil || v.ID != only })
	}
	list, next := paged(c.q, all)
	var items []any
	for _, v := range list {
		items = append(items, map[string]any{"id": "entry-" + v.ID, "contentDetails": map[string]any{"videoId": v.ID}, "status": map[string]any{"privacyStatus": v.status["privacyStatus"]},
			"snippet": map[string]any{"title": v.snippet["title"], "description": v.snippet["description"], "publishedAt": v.at.Format(time.RFC3339)}})
	}
	return page(items, next), nil
}

func (f *Fake) addToPlaylist(c *call) (any, *refusal) {
	id, v := str(c.part("snippet"), "playlistId"), f.video(str(c.part("snippet", "resourceId"), "videoId"))
	if _, ok := f.lists[id]; !ok {
		return nil, no(404, "playlistNotFound", "The playlist cannot be found.")
	}
	if v == nil || str(c.part("snippet", "resourceId"), "kind") != "youtube#video" {
		return nil, no(404, "videoNotFound", "The video cannot be found.")
	}
	f.lists[id] = append(f.lists[id], v.ID)
	return map[string]any{"id": "entry-" + v.ID}, nil
}

func (f *Fake) listVideos(c *call) (any, *refusal) {
	var items []any
	for _, id := range strings.Split(c.q.Get("id"), ",") {
		if v := f.video(id); v != nil {
			items = append(items, f.show(v))
			if v.polls > 0 && strings.Contains(c.q.Get("part"), "processingDetails") {
				v.polls--
			}
		}
	}
	return page(items, ""), nil
}

// show is a video with all its parts.
func (f *Fake) show(v *video) map[string]any {
	status := map[string]any{"uploadStatus": "processed"}
	for k, val := range v.status {
		status[k] = val
	}
	state := "succeeded"
	switch {
	case v.polls > 0:
		status["uploadStatus"], state = "uploaded", "processing"
	case f.o.Failure != "":
		status["uploadStatus"], status["failureReason"], state = "failed", f.o.Failure, "failed"
	case f.o.Rejection != "":
		status["uploadStatus"], status["rejectionReason"] = "rejected", f.o.Rejection
	}
	snippet := map[string]any{"publishedAt": v.at.Format(time.RFC3339), "channelId": Brand}
	for k, val := range v.snippet {
		snippet[k] = val
	}
	counts := map[string]any{"favoriteCount": "0"}
	for k, n := range v.counts {
		if n != "" {
			counts[k] = n
		}
	}
	return map[string]any{"kind": "youtube#video", "id": v.ID, "snippet": snippet, "status": status, "statistics": counts, "processingDetails": map[string]any{"processingStatus": state},
		"paidProductPlacementDetails": map[string]any{"hasPaidProductPlacement": v.paid}}
}

// updateVideo replaces the parts that are named; what they lack is cleared.
func (f *Fake) updateVideo(c *call) (any, *refusal) {
	v := f.video(str(c.body, "id"))
	if v == nil {
		return nil, no(404, "videoNotFound", "The video cannot be found.")
	}
	if refused := f.valid(c.part("snippet"), c.part("status")); refused != nil {
		return nil, refused
	}
	v.snippet, v.status = c.part("snippet"), c.part("status")
	if strings.Contains(c.q.Get("part"), "paidProductPlacementDetails") {
		v.paid, _ = c.part("paidProductPlacementDetails")["hasPaidProductPlacement"].(bool)
	}
	f.Change(v.ID, func(it *networkfake.Item) {
		it.Text, it.Visibility = str(v.snippet, "description"), str(v.status, "privacyStatus")
		it.Edits++
	})
	return f.show(v), nil
}

func (f *Fake) remove(c *call) (any, *refusal) {
	if !f.drop(c.q.Get("id")) {
		return nil, no(404, "videoNotFound", "It cannot be found.")
	}
	return empty{}, nil
}
