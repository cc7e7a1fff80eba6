package facebookfake

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// piece is how many bytes of a post's video are taken at once.
const piece = 100

// upload begins, takes and finishes videos, reels and stories.
func (f *Fake) upload(c *graphfake.Call) (any, *graphfake.Refusal) {
	switch c.Form.Get("upload_phase") {
	case "start":
		v := &video{id: f.Number(), kind: c.Edge, state: "uploading"}
		f.videos[v.id] = v
		if c.Edge != "videos" {
			return graphfake.Doc{"video_id": v.id, "upload_url": "https://rupload.facebook.com/video-upload/" + graphfake.Version + "/" + v.id}, nil
		}
		v.session, v.size = "s"+f.Number(), number(c.Form.Get("file_size"))
		return graphfake.Doc{"video_id": v.id, "upload_session_id": v.session, "start_offset": "0", "end_offset": strconv.Itoa(min(piece, v.size))}, nil
	case "transfer":
		v := f.session(c.Form.Get("upload_session_id"))
		if v == nil || number(c.Form.Get("start_offset")) != len(v.data) || len(c.File) != min(piece, v.size-len(v.data)) {
			return nil, graphfake.No(6000, 1363037, "There was a problem uploading your video file. Please try again with another file.")
		}
		v.data = append(v.data, c.File...)
		if len(v.data) == v.size {
			v.state = "upload_complete"
		}
		return graphfake.Doc{"start_offset": strconv.Itoa(len(v.data)), "end_offset": strconv.Itoa(min(len(v.data)+piece, v.size))}, nil
	case "finish":
		v := f.videos[c.Form.Get("video_id")]
		if c.Edge == "videos" {
			v = f.session(c.Form.Get("upload_session_id"))
		}
		return f.finish(c, v)
	}
	return nil, graphfake.No(100, 0, "(#100) Param upload_phase must be one of START, TRANSFER, FINISH")
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

func (f *Fake) session(id string) *video {
	for _, v := range f.videos {
		if v.session == id && id != "" {
			return v
		}
	}
	return nil
}

// bytes takes a reel's or a story's video.
func (f *Fake) bytes(c *graphfake.Call) (any, *graphfake.Refusal) {
	v := f.videos[c.Edge]
	switch {
	case c.Subject == "":
		return nil, graphfake.No(190, 463, "Error validating access token: Session has expired.")
	case c.Header.Get("Authorization") != "OAuth "+c.Token || c.Header.Get("Offset") != "0" || number(c.Header.Get("File_size")) != len(c.File):
		f.Complain("upload: the headers Authorization, offset and file_size are wrong")
		return nil, graphfake.No(100, 0, "(#100) bad headers")
	case v == nil || v.state != "uploading":
		return nil, graphfake.Gone()
	}
	v.data, v.state = c.File, "upload_complete"
	return graphfake.Doc{"success": true}, nil
}

// finish publishes a video. The same call again finds it published, or its upload session ended.
func (f *Fake) finish(c *graphfake.Call, v *video) (any, *graphfake.Refusal) {
	switch {
	case v == nil:
		return nil, graphfake.Gone()
	case v.finished && c.Edge == "videos":
		return nil, graphfake.No(6000, 1363130, "(#6000) The upload session has ended")
	case v.finished:
		return graphfake.Doc{"success": true, "post_id": v.post}, nil
	case v.state != "upload_complete":
		return nil, graphfake.No(100, 1363130, "(#100) The video is not uploaded")
	}
	state := c.Form.Get("video_state")
	if c.Edge == "videos" {
		state = c.Form.Get("unpublished_content_type")
	}
	if state == "PUBLISHED" {
		state = ""
	}
	c.Form.Set("message", c.Form.Get("description"))
	p := f.own(c, state)
	p.video = v.id
	if len(c.File) > 0 {
		p.params["thumb"] = "a file"
	}
	if n := number(c.Form.Get("scheduled_publish_time")); n > 0 {
		p.publishAt = time.Unix(int64(n), 0)
	}
	if c.Edge == "video_stories" {
		p.story, p.video = v.id, ""
	}
	v.finished, v.post, v.state, v.polls = true, p.id, "processing", f.o.AsyncVideo
	v.description, v.publishAt = p.message, p.publishAt
	f.Change(p.id, func(it *networkfake.Item) { it.Media = 1 })
	return graphfake.Doc{"success": true, "post_id": p.id}, nil
}

func (f *Fake) film(v *video) (any, *graphfake.Refusal) {
	if v.state == "processing" {
		switch v.polls--; {
		case f.o.BadVideo:
			v.state = "error"
		case v.polls < 0:
			v.state = "ready"
		}
	}
	p := f.post(v.post)
	publishing := graphfake.Doc{"status": "not_started"}
	if v.finished {
		publishing = graphfake.Doc{"status": "in_progress"}
	}
	if v.state == "ready" {
		publishing = graphfake.Doc{"status": "complete", "publish_status": map[string]string{"": "published", "DRAFT": "draft", "SCHEDULED": "scheduled"}[p.state]}
	}
	status := graphfake.Doc{"video_status": v.state, "publishing_phase": publishing, "processing_phase": graphfake.Doc{"status": "in_progress"}, "uploading_phase": graphfake.Doc{"status": "complete", "bytes_transfered": len(v.data)}}
	if v.state == "error" {
		status["processing_phase"] = graphfake.Doc{"status": "error", "error": graphfake.Doc{"message": "The codec is not supported"}}
	}
	d := graphfake.Doc{"id": v.id, "status": status, "permalink_url": "/reel/" + v.id + "/", "published": p != nil && p.state == "" && v.state == "ready", "description": v.description}
	if p != nil {
		d["post_id"], d["created_time"], d["description"] = p.id, graphfake.Stamp(p.created), p.message
	}
	return d, nil
}

// captionFile is how Facebook wants caption files to be called: the language and country are read from it.
var captionFile = regexp.MustCompile(`^[^.]+\.[a-z]{2,3}_[A-Z]{2}\.srt$`)

func (f *Fake) caption(c *graphfake.Call) (any, *graphfake.Refusal) {
	v := f.videos[c.ID]
	switch {
	case v == nil || !v.finished:
		return nil, graphfake.Gone()
	case !captionFile.MatchString(c.Filename) || len(c.File) == 0:
		return nil, graphfake.No(387, 0, "(#387) There was a problem uploading your captions file")
	}
	if !slices.Contains(v.captions, c.Filename) {
		v.captions = append(v.captions, c.Filename)
	}
	return done()
}

// Captions are the names of a video's caption files.
func (f *Fake) Captions(id string) []string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return f.videos[id].captions
}
