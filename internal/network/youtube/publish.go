package youtube

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Do carries out one step.
func (y YouTube) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	c := y.caller(s)
	id := p.Item
	if id == "" {
		id = earlier[sendVideo].Data["video"]
	}
	switch step.Name {
	case openSession:
		return c.open(ctx, s, p)
	case editVideo:
		return c.edit(ctx, p)
	case answer:
		return c.say(ctx, "/youtube/v3/comments", map[string]any{"snippet": map[string]any{"parentId": p.Parent, "textOriginal": p.Text}}, p.VideoID)
	case sendVideo:
		if id != "" {
			return c.processed(ctx, earlier[sendVideo], p)
		}
		if step.Media == nil {
			return network.Outcome{}, fault.Rejectedf("the step has no file to send")
		}
		return c.send(ctx, s, *step.Media, p, earlier)
	}
	if id == "" {
		return network.Outcome{}, fault.Rejectedf("the video of this step is not published")
	}
	if p.Language != "" {
		return c.caption(ctx, id, p.Language, step.Media)
	}
	switch step.Name {
	case setThumbnail:
		return c.thumbnail(ctx, id, step.Media)
	case addToList:
		return c.addTo(ctx, p.Playlist, id)
	case firstComment:
		made, err := c.say(ctx, "/youtube/v3/commentThreads", map[string]any{"snippet": map[string]any{"videoId": id, "topLevelComment": map[string]any{"snippet": map[string]any{"textOriginal": p.Text}}}}, id)
		return made, err
	}
	return network.Outcome{}, fault.Rejectedf("YouTube has no step %q", step.Name)
}

// failures are the reasons for which YouTube gives a video up, in plain words.
var failures = map[string]string{
	"conversion": "YouTube could not convert the file", "invalidFile": "the file is not a video YouTube can read", "emptyFile": "the file is empty", "tooSmall": "the file is too small to be a video",
	"codec": "the file's codec is not one YouTube reads", "uploadAborted": "the upload was broken off",
	"copyright": "the video was taken for somebody else's work", "inappropriate": "the video violates YouTube's rules", "duplicate": "the channel has the very same video already",
	"termsOfUse": "the video violates YouTube's terms of use", "uploaderAccountSuspended": "the channel is suspended", "uploaderAccountClosed": "the channel is closed",
	"length": "the video is longer than this channel may upload", "claim": "somebody claims the video", "trademark": "the video violates a trademark", "legal": "the video was taken down for legal reasons",
}

// givenUp says why YouTube will never show a video, or nil.
func givenUp(v video) error {
	if v.Status == nil {
		return nil
	}
	why, hint := "", "Look at the video in YouTube Studio, then send a corrected one."
	switch {
	case v.Status.Upload == "failed":
		why = cmp.Or(failures[v.Status.Failure], "YouTube could not process the file")
	case v.Status.Upload == "rejected":
		why = cmp.Or(failures[v.Status.Rejection], "YouTube rejected the video")
	case v.Status.Upload == "deleted":
		why, hint = "the video was deleted", "Send it again if it should be there."
	case v.Processing != nil && (v.Processing.Status == "failed" || v.Processing.Status == "terminated"):
		why = "YouTube could not process the file"
	default:
		return nil
	}
	f := fault.Rejectedf("%s", why).WithHint(hint).WithCode(cmp.Or(v.Status.Failure, v.Status.Rejection))
	f.Field = "media"
	return f
}

// processed asks whether YouTube is done with a video. The video exists: only YouTube's own word that it gave it up is a
// failure, everything else is asked again.
func (c caller) processed(ctx context.Context, before network.Outcome, p payload) (network.Outcome, error) {
	o := before
	o.Pending, o.Wait = true, 5*time.Second
	v, err := c.video(ctx, before.Data["video"], "status,processingDetails")
	switch {
	case fault.Is(err, fault.Unauthorised), fault.Is(err, fault.Later):
		return network.Outcome{}, err
	case err != nil:
		f := *fault.As(err)
		f.Kind = fault.Later
		return network.Outcome{}, &f
	case v == nil: // not in the lists yet
		return o, nil
	}
	if err := givenUp(*v); err != nil {
		return network.Outcome{}, err
	}
	if v.Status != nil && v.Status.Upload == "processed" {
		o.Pending, o.Wait = false, 0
	}
	return o, nil
}

// video reads one video of the channel; nil is none.
func (c caller) video(ctx context.Context, id, parts string) (*video, error) {
	var list struct{ Items []video }
	if _, err := c.get(ctx, "/youtube/v3/videos", values("part", parts, "id", id), &list); err != nil {
		return nil, err
	}
	if len(list.Items) == 0 {
		return nil, nil
	}
	return &list.Items[0], nil
}

// edit changes a video. A part is sent whole, what it lacks would be cleared; so the present one is read first, and a
// video that became public or has a time keeps that.
func (c caller) edit(ctx context.Context, p payload) (network.Outcome, error) {
	present, err := c.video(ctx, p.Item, "snippet,status")
	if err != nil {
		return network.Outcome{}, err
	}
	if present == nil || present.Status == nil || present.Snippet == nil {
		return network.Outcome{}, fault.Rejectedf("the video is no longer there")
	}
	change := *p.Video
	change.ID = p.Item
	if p.Scheduled && (present.Status.Privacy != privately || present.Status.PublishAt == "") {
		change.Status.Privacy, change.Status.PublishAt = present.Status.Privacy, "" // its time has come
	}
	if change.Snippet.AudioLanguage == "" {
		change.Snippet.AudioLanguage = present.Snippet.AudioLanguage
	}
	if _, err := c.repeat(ctx, http.MethodPut, "/youtube/v3/videos", values("part", parts(change)), change, nil); err != nil {
		return network.Outcome{}, refused(err, "The video is gone, or it belongs to somebody else.")
	}
	return outcome(p.Item, p), nil
}

// thumbnail sets a video's picture.
func (c caller) thumbnail(ctx context.Context, id string, m *network.Media) (network.Outcome, error) {
	if m == nil || m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the thumbnail to upload")
	}
	defer body.Close()
	where := address(c.data, "/upload/youtube/v3/thumbnails/set", values("videoId", id, "uploadType", "media"))
	resp, err := c.http.WithTimeout(chunkTime).Send(ctx, http.MethodPost, where, c.header(), body, m.Bytes, m.MIME, nil)
	err = refused(field(explain(resp, err), "media"), "The video is gone.")
	if fault.Is(err, fault.Rejected) && resp != nil && resp.Status == http.StatusForbidden {
		f := *fault.As(err)
		f.Hint = "Thumbnails of one's own need a verified channel: youtube.com/verify."
		err = &f
	}
	return network.Outcome{RemoteID: id, Data: map[string]string{"thumbnail": m.SHA256}}, again(err)
}

// addTo puts a video into a playlist, unless it is there: the same call may have been made before.
func (c caller) addTo(ctx context.Context, list, id string) (network.Outcome, error) {
	var there struct{ Items []entry }
	if _, err := c.get(ctx, "/youtube/v3/playlistItems", values("part", "contentDetails", "playlistId", list, "videoId", id), &there); err != nil {
		return network.Outcome{}, refused(field(err, "settings.playlist"), "Check the channel, then choose another playlist.")
	}
	if len(there.Items) == 0 {
		in := map[string]any{"snippet": map[string]any{"playlistId": list, "resourceId": map[string]any{"kind": "youtube#video", "videoId": id}}}
		if _, err := c.repeat(ctx, http.MethodPost, "/youtube/v3/playlistItems", values("part", "snippet"), in, nil); err != nil {
			return network.Outcome{}, refused(field(err, "settings.playlist"), "Check the channel, then choose another playlist.")
		}
	}
	return network.Outcome{RemoteID: id}, nil
}

// say writes a comment or an answer: a call that must never be repeated blindly.
func (c caller) say(ctx context.Context, path string, in any, videoID string) (network.Outcome, error) {
	var made struct {
		ID string `json:"id"`
	}
	_, err := c.call(ctx, http.MethodPost, path, values("part", "snippet"), in, &made)
	switch {
	case err != nil:
		return network.Outcome{}, refused(err, "What it answers is gone, or comments are switched off.")
	case made.ID == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "YouTube answered without saying which comment it made"}
	}
	return spoken(made.ID, videoID), nil
}

func spoken(id, videoID string) network.Outcome {
	return network.Outcome{RemoteID: id, URL: watch(videoID) + "&lc=" + url.QueryEscape(id), Data: map[string]string{"comment": id, "video": videoID}}
}
