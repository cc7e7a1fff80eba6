package facebook

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// poll is how long Facebook is left alone while it processes a video.
const poll = 15 * time.Second

// video uploads a post's video in the pieces that Facebook asks for. Nobody sees it before it is finished.
func (c caller) video(ctx context.Context, m *network.Media) (network.Outcome, error) {
	body, err := open(ctx, m)
	if err != nil {
		return network.Outcome{}, err
	}
	defer body.Close()
	if m.Bytes <= 0 {
		return network.Outcome{}, fault.Rejectedf("the size of the video is not known").WithHint("Upload it anew.")
	}
	c.HTTP, c.Base = c.HTTP.WithTimeout(uploadTime), c.hosts.Video+"/"+graph.Version
	var at struct {
		Video   flexible `json:"video_id"`
		Session flexible `json:"upload_session_id"`
		Start   flexible `json:"start_offset"`
		End     flexible `json:"end_offset"`
	}
	if err := c.Repeat(ctx, http.MethodPost, c.edge("videos"), url.Values{"upload_phase": {"start"}, "file_size": {strconv.FormatInt(m.Bytes, 10)}}, &at); err != nil {
		return network.Outcome{}, graph.Field(final(err), "media")
	}
	video, session := string(at.Video), string(at.Session)
	if video == "" || session == "" {
		return network.Outcome{}, graph.Again(graph.NoID())
	}
	for sent := int64(0); at.Start != at.End; {
		from, _ := strconv.ParseInt(string(at.Start), 10, 64)
		to, _ := strconv.ParseInt(string(at.End), 10, 64)
		if from != sent || to <= from || to > m.Bytes {
			return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Facebook asks for a part of the video that cannot be sent; the upload begins again"}
		}
		piece := safehttp.Part{Name: "video_file_chunk", Filename: "chunk", ContentType: "application/octet-stream", Body: io.LimitReader(body, to-from), Size: to - from}
		fields := url.Values{"upload_phase": {"transfer"}, "upload_session_id": {session}, "start_offset": {string(at.Start)}}
		if err := c.Upload(ctx, c.edge("videos"), fields, piece, &at); err != nil {
			return network.Outcome{}, graph.Field(err, "media")
		}
		sent = to
	}
	return network.Outcome{RemoteID: video, Data: map[string]string{"session": session}}, nil
}

// upright uploads a reel or a story's video to the host for uploads.
func (c caller) upright(ctx context.Context, m *network.Media, call string) (network.Outcome, error) {
	body, err := open(ctx, m)
	if err != nil {
		return network.Outcome{}, err
	}
	defer body.Close()
	var begun struct {
		Video flexible `json:"video_id"`
	}
	if err := c.Repeat(ctx, http.MethodPost, c.edge(edges[call]), url.Values{"upload_phase": {"start"}}, &begun); err != nil {
		return network.Outcome{}, graph.Field(final(err), "media")
	}
	if begun.Video == "" {
		return network.Outcome{}, graph.Again(graph.NoID())
	}
	// The address is made here, not taken from the answer: the token goes to no other host.
	h := http.Header{"Authorization": {"OAuth " + c.Token}, "Offset": {"0"}, "File_size": {strconv.FormatInt(m.Bytes, 10)}}
	address := c.hosts.Upload + "/video-upload/" + graph.Version + "/" + graph.Escape(string(begun.Video))
	var done struct {
		Success bool `json:"success"`
	}
	resp, err := c.HTTP.WithTimeout(uploadTime).Send(ctx, http.MethodPost, address, h, body, size(m), "application/octet-stream", &done)
	if err := graph.Again(graph.Explain(resp, err)); err != nil {
		return network.Outcome{}, graph.Field(final(err), "media")
	}
	if !done.Success {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Facebook did not take the video whole"}
	}
	return network.Outcome{RemoteID: string(begun.Video)}, nil
}

// edges are where reels and stories are begun and finished.
var edges = map[string]string{videoCall: "videos", reelCall: "video_reels", videoStoryCall: "video_stories"}

// film is a video as the API shows it.
type film struct {
	ID          string     `json:"id"`
	Post        flexible   `json:"post_id"`
	Permalink   string     `json:"permalink_url"`
	Description string     `json:"description"`
	Created     graph.Time `json:"created_time"`
	Published   bool       `json:"published"`
	Status      struct {
		Video      string `json:"video_status"`
		Processing phase  `json:"processing_phase"`
		Publishing phase  `json:"publishing_phase"`
		Uploading  phase  `json:"uploading_phase"`
	} `json:"status"`
}

type phase struct {
	Status  string `json:"status"`
	Publish string `json:"publish_status"`
	Error   struct {
		Message string `json:"message"`
	} `json:"error"`
}

// begun reports whether the call that publishes the video has arrived.
func (v film) begun() bool {
	p := v.Status.Publishing
	return v.Published || p.Publish != "" || p.Status == "in_progress" || p.Status == "complete"
}

func (v film) address() string {
	if strings.HasPrefix(v.Permalink, "/") {
		return "https://www.facebook.com" + v.Permalink
	}
	if v.Permalink == "" {
		return "https://www.facebook.com/watch/?v=" + v.ID
	}
	return v.Permalink
}

func (c caller) film(ctx context.Context, id string) (v film, resp *safehttp.Response, err error) {
	resp, err = c.Get(ctx, "/"+graph.Escape(id), url.Values{"fields": {"id,status,post_id,permalink_url,published"}}, &v)
	if v.ID == "" {
		v.ID = id
	}
	return v, resp, err
}

// finish publishes an uploaded video, reel or story, unless its state says that this was done, and asks how far it is.
func (c caller) finish(ctx context.Context, p payload, cover *network.Media, earlier network.Outcomes, before network.Outcome) (network.Outcome, error) {
	ids, err := uploaded(p, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	up := earlier[p.Uploads[0]]
	v, resp, err := c.film(ctx, ids[0])
	switch {
	case fault.Is(err, fault.NotFound): // a post's video cannot be read before it is published
	case err != nil:
		return network.Outcome{}, err
	case v.begun():
		return c.watched(p, v, resp.At)
	}
	if before.Pending { // it was published, and its state does not show that yet
		before.Wait = poll
		return before, nil
	}
	if err := failed(v); err != nil {
		return network.Outcome{}, err
	}
	form := p.placed(url.Values{"upload_phase": {"finish"}})
	state := map[string]string{published: "PUBLISHED", draft: "DRAFT", scheduled: "SCHEDULED"}[p.State]
	base := c.Client
	if p.Kind == videoCall {
		base.Base = c.hosts.Video + "/" + graph.Version
		form.Set("upload_session_id", up.Data["session"])
		if p.State != published {
			form.Set("published", "false")
			form.Set("unpublished_content_type", state)
		}
		form.Del("place") // videos have none
	} else {
		form.Set("video_id", ids[0])
		form.Set("video_state", state)
	}
	if p.State == scheduled {
		form.Set("scheduled_publish_time", strconv.FormatInt(p.PublishAt.Unix(), 10))
	}
	if p.Text != "" {
		form.Set("description", p.Text)
	}
	if p.Title != "" {
		form.Set("title", p.Title)
	}
	var done struct {
		Success bool     `json:"success"`
		Post    flexible `json:"post_id"`
	}
	if cover == nil {
		_, err = base.Create(ctx, c.edge(edges[p.Kind]), form, &done)
	} else {
		body, failed := open(ctx, cover)
		if failed != nil {
			return network.Outcome{}, failed
		}
		defer body.Close()
		thumb := safehttp.Part{Name: "thumb", Filename: "file" + extension(cover.MIME), ContentType: cover.MIME, Body: body, Size: size(cover)}
		err = base.CreateWith(ctx, c.edge(edges[p.Kind]), form, thumb, &done)
	}
	if fault.Is(err, fault.Rejected) { // perhaps because the call before this one has arrived after all
		if v, resp, failed := c.film(ctx, ids[0]); failed == nil && v.begun() {
			return c.watched(p, v, resp.At)
		}
	}
	if err != nil {
		return network.Outcome{}, err
	}
	if !done.Success {
		return network.Outcome{}, graph.NoID()
	}
	v.Post = done.Post
	return c.finished(ctx, p, v)
}

// finished asks for the state after the call, and is content with "not yet" if there is no answer: the video is
// Facebook's by now.
func (c caller) finished(ctx context.Context, p payload, v film) (network.Outcome, error) {
	seen, resp, err := c.film(ctx, v.ID)
	if err != nil {
		return network.Outcome{Data: map[string]string{"video": v.ID}, Pending: true, Wait: poll}, nil
	}
	if seen.Post == "" {
		seen.Post = v.Post
	}
	return c.watched(p, seen, resp.At)
}

// watched is what a video's state means.
func (c caller) watched(p payload, v film, now time.Time) (network.Outcome, error) {
	if err := failed(v); err != nil {
		return network.Outcome{}, err
	}
	ready := v.Status.Video == "ready"
	public := v.Published || v.Status.Publishing.Publish == "published" || v.Status.Publishing.Status == "complete" && p.State == published
	o := network.Outcome{RemoteID: v.ID, URL: v.address(), Data: map[string]string{"video": v.ID}}
	if v.Post != "" {
		o.RemoteID = c.whole(string(v.Post))
	}
	if p.Kind == videoStoryCall {
		o = c.toldStory(o.RemoteID, v.ID, "")
		o.Data["video"] = v.ID
	}
	if p.State != "" {
		o.Data["state"] = p.State
	}
	switch {
	case ready && (public || p.State == draft):
	case ready && p.State == scheduled:
		o.Pending, o.Wait, o.Until = true, max(time.Minute, p.PublishAt.Sub(now)+time.Minute), p.PublishAt
	default:
		o.Pending, o.Wait = true, poll
	}
	return o, nil
}

// whole is a post's id as lists show it: with the Page's before it.
func (c caller) whole(id string) string {
	if strings.Contains(id, "_") {
		return id
	}
	return c.page + "_" + id
}

func failed(v film) error {
	switch v.Status.Video {
	case "error", "upload_failed", "expired":
		why := v.Status.Processing.Error.Message
		if why == "" {
			why = v.Status.Publishing.Error.Message
		}
		if why == "" {
			why = "it gave no reason (" + v.Status.Video + ")"
		}
		return &fault.Error{Kind: fault.Rejected, Code: "media_processing_failed", Field: "media", Message: "Facebook could not use the video: " + why, Hint: "Convert it to MP4 with H.264 and AAC, and send it again."}
	}
	return nil
}
