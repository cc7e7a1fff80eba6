package tiktokbusiness

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const pollEvery = 5 * time.Second // 40 questions a minute are allowed

// job is one step of one post.
type job struct {
	api
	me     network.Account
	p      payload
	before network.Outcome
}

// Do carries out one step.
func (t TikTok) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	j := job{api: t.api(s), me: s.Account, p: p, before: earlier[step.Name]}
	switch {
	case j.before.Pending:
		return j.poll(ctx)
	case p.Call == comment:
		post := earlier["post"]
		if post.RemoteID == "" || post.RemoteID == post.Data["share_id"] {
			return network.Outcome{}, fault.Rejectedf("the post cannot be commented on: TikTok gives no id of it").WithHint("Write the comment in the app.")
		}
		return j.say(ctx, "/business/comment/create/", map[string]any{"video_id": post.RemoteID})
	case p.Call == reply:
		return j.say(ctx, "/business/comment/reply/create/", map[string]any{"video_id": p.Video, "comment_id": p.Comment})
	}
	return j.hand(ctx, step.Files)
}

// allowed asks TikTok once more what the account may choose.
func (j job) allowed(ctx context.Context) error {
	if j.p.Mode == inbox {
		return nil
	}
	set, err := j.settings(ctx)
	if err != nil {
		return err
	}
	no := func(field, message string) error {
		return &fault.Error{Kind: fault.Rejected, Code: "choice_withdrawn", Field: field, Message: message, Hint: "Check the channel and choose again."}
	}
	switch {
	case j.p.Call == photo && len(set.Options) > 0 && !slices.Contains(set.Options, j.p.Privacy):
		return no("settings.privacy", "the account can no longer choose that "+strings.ToLower(cmp.Or(audiences[j.p.Privacy], j.p.Privacy))+" sees the post")
	case set.Seconds > 0 && j.p.Seconds > set.Seconds:
		return no("media", "the video runs for "+strconv.FormatInt(j.p.Seconds, 10)+" seconds, the account may publish "+strconv.FormatInt(set.Seconds, 10))
	}
	for key, off := range map[string]bool{"comment": set.Comment, "duet": set.Duet, "stitch": set.Stitch} {
		if disabled, ok := j.p.Post["disable_"+key].(bool); ok && !disabled && off {
			return no("settings.allow_"+key, "the account has switched "+key+"s off in TikTok's settings")
		}
	}
	return nil
}

// hand gives a post over by the addresses of its files, which TikTok fetches.
func (j job) hand(ctx context.Context, files []network.Media) (network.Outcome, error) {
	var addresses []string
	for _, m := range files {
		if m.Address == "" {
			return network.Outcome{}, (&fault.Error{Kind: fault.Rejected, Code: "no_public_address", Field: "media", Message: "TikTok fetches media from an address of ours, and this installation has no public one"}).
				WithHint("Set BELLWETHER_URL to an address that can be reached from outside, and verify its domain with TikTok.")
		}
		addresses = append(addresses, m.Address)
	}
	if len(addresses) == 0 {
		return network.Outcome{}, fault.Rejectedf("the step has no file")
	}
	if err := j.allowed(ctx); err != nil {
		return network.Outcome{}, err
	}
	path, body := "/business/video/publish/", map[string]any{"business_id": j.api.me, "video_url": addresses[0], "post_info": j.p.Post}
	if j.p.Call == photo {
		path, body = "/business/photo/publish/", map[string]any{"business_id": j.api.me, "photo_images": addresses, "photo_cover_index": j.p.Cover, "post_info": j.p.Post}
	}
	var made struct {
		ShareID string `json:"share_id"`
	}
	if _, err := j.send(ctx, http.MethodPost, path, body, &made); err != nil {
		return network.Outcome{}, final(err, "Look at the account in the app.")
	}
	if made.ShareID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok took the post and did not say what it is called"}
	}
	data := map[string]string{"share_id": made.ShareID, "kind": j.p.Call, "privacy": j.p.Privacy, "text": j.p.Text, "files": strconv.Itoa(len(files))}
	return network.Outcome{Pending: true, Wait: pollEvery, Data: data}, nil
}

// state is how far a publication is.
type state struct {
	Status string   `json:"status"`
	Posts  []string `json:"post_ids"`
	Reason string   `json:"reason"`
}

func (a api) state(ctx context.Context, shareID string) (s state, err error) {
	err = a.get(ctx, "/business/publish/status/", map[string]any{"publish_id": shareID}, &s)
	return s, untold(err)
}

// untold keeps a question without an answer from looking like a refusal: not being told says nothing about the post.
func untold(err error) error {
	if !fault.Is(err, fault.Rejected) && !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind = fault.Later
	return &f
}

// poll asks how far the publication is. A public post has its id only after TikTok has looked at it.
func (j job) poll(ctx context.Context) (network.Outcome, error) {
	o := j.before
	st, err := j.state(ctx, o.Data["share_id"])
	if err != nil {
		return network.Outcome{}, err
	}
	done := network.Outcome{RemoteID: o.Data["share_id"], URL: j.me.URL, Data: o.Data}
	switch {
	case st.Status == "FAILED":
		return network.Outcome{}, failure(st.Reason)
	case st.Status == "SEND_TO_USER_INBOX":
		return done, nil
	case st.Status == "PUBLISH_COMPLETE" && len(st.Posts) > 0:
		done.RemoteID, done.URL = st.Posts[0], address(j.me.Handle, o.Data["kind"], st.Posts[0])
		return done, nil
	case st.Status == "PUBLISH_COMPLETE" && (j.p.Privacy != public || j.p.Mode == inbox):
		return done, nil
	}
	return o, nil
}

func address(handle, kind, id string) string {
	return profile(handle) + "/" + cmp.Or(kind, video) + "/" + id
}

// failure words why TikTok did not publish.
func failure(reason string) error {
	words := map[string]string{
		"file_format_check_failed": "TikTok does not take this kind of file", "duration_check_failed": "the video is too long or too short",
		"frame_rate_check_failed": "the video's frame rate is not allowed (23 to 60)", "picture_size_check_failed": "the width or height is not allowed",
		"video_pull_failed": "TikTok could not fetch the video from this installation", "photo_pull_failed": "TikTok could not fetch the pictures from this installation",
		"internal": "TikTok failed in itself",
	}
	hint, field := "Change what TikTok objects to and send the post again.", ""
	switch {
	case strings.HasSuffix(reason, "_pull_failed"):
		field, hint = "media", "Check that BELLWETHER_URL can be reached from outside and that its domain is verified for your app, then send it again."
	case strings.HasSuffix(reason, "_check_failed"):
		field = "media"
	case reason == "internal":
		hint = "Nothing was published. Send it again."
	}
	return &fault.Error{Kind: fault.Rejected, Code: cmp.Or(reason, "failed"), Field: field, Message: cmp.Or(words[reason], "TikTok did not publish it: "+short(cmp.Or(reason, "it gives no reason"))), Hint: hint}
}

// say writes a comment or an answer.
func (j job) say(ctx context.Context, path string, body map[string]any) (network.Outcome, error) {
	body["business_id"], body["text"] = j.api.me, j.p.Text
	var made struct {
		ID string `json:"comment_id"`
	}
	if _, err := j.send(ctx, http.MethodPost, path, body, &made); err != nil {
		return network.Outcome{}, final(err, "The post or the comment is gone.")
	}
	if made.ID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok answered without saying which comment it made"}
	}
	id, _ := body["video_id"].(string)
	return j.said(made.ID, id), nil
}

func (j job) said(id, post string) network.Outcome {
	o := network.Outcome{RemoteID: id, URL: address(j.me.Handle, video, post), Data: map[string]string{"video_id": post}}
	if j.p.Top != "" {
		o.Data["comment_id"] = j.p.Top
	}
	return o
}
