package tiktok

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	uploadLife = 55 * time.Minute // TikTok takes a file for an hour after its announcement
	uploadTime = 20 * time.Minute // for one piece on a slow line
	pollEvery  = 5 * time.Second  // status may be asked 30 times a minute
)

// Do carries out one step.
func (t TikTok) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	j := job{api: t.api(s), at: t.at, me: s.Account, p: p, before: earlier[step.Name]}
	switch {
	case p.Call == upload:
		j.before = merged(earlier["announce"], j.before)
		return j.upload(ctx, step.Media)
	case j.before.Pending:
		return j.poll(ctx)
	case p.Call == pictures:
		return j.photos(ctx, step.Files)
	}
	return j.announce(ctx)
}

// merged is the announcement with what is known of its upload.
func merged(announced, before network.Outcome) network.Outcome {
	data := map[string]string{}
	for _, o := range []network.Outcome{announced, before} {
		for k, v := range o.Data {
			data[k] = v
		}
	}
	before.Data = data
	return before
}

// job is one step of one post.
type job struct {
	api
	at     string
	me     network.Account
	p      payload
	before network.Outcome
}

// allowed asks TikTok once more what the creator may choose, as it demands before each post.
func (j job) allowed(ctx context.Context) error {
	if j.p.Mode == inbox {
		return nil
	}
	c, err := j.creator(ctx)
	if err != nil {
		return err
	}
	no := func(field, message string) error {
		return &fault.Error{Kind: fault.Rejected, Code: "choice_withdrawn", Field: field, Message: message, Hint: "Check the channel and choose again."}
	}
	switch {
	case !slices.Contains(c.Options, j.p.Privacy):
		return no("settings.privacy", "the creator can no longer choose that "+strings.ToLower(cmp.Or(audiences[j.p.Privacy], j.p.Privacy))+" sees the post")
	case c.Seconds > 0 && j.p.Seconds > c.Seconds:
		return no("media", "the video runs for "+strconv.FormatInt(j.p.Seconds, 10)+" seconds, the creator may publish "+strconv.FormatInt(c.Seconds, 10))
	}
	for key, off := range map[string]bool{"comment": c.Comment, "duet": c.Duet, "stitch": c.Stitch} {
		if allowed, ok := j.p.Post["disable_"+key].(bool); ok && !allowed && off {
			return no("settings.allow_"+key, "the creator has switched "+key+"s off in TikTok's settings")
		}
	}
	return nil
}

// made is the answer of an announcement.
type made struct {
	PublishID string `json:"publish_id"`
	UploadURL string `json:"upload_url"`
}

// announce tells TikTok of a video to come. Nobody sees it yet.
func (j job) announce(ctx context.Context) (network.Outcome, error) {
	if err := j.allowed(ctx); err != nil {
		return network.Outcome{}, err
	}
	path := "/v2/post/publish/video/init/"
	if j.p.Mode == inbox {
		path = "/v2/post/publish/inbox/video/init/"
	}
	each, count := chunks(j.p.Size)
	body := map[string]any{"source_info": map[string]any{"source": "FILE_UPLOAD", "video_size": j.p.Size, "chunk_size": each, "total_chunk_count": count}}
	if j.p.Post != nil {
		body["post_info"] = j.p.Post
	}
	var m made
	resp, err := j.send(ctx, http.MethodPost, path, body, &m)
	if err != nil {
		return network.Outcome{}, final(err)
	}
	if m.PublishID == "" || m.UploadURL == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok took the announcement and did not say where the video goes"}
	}
	if !j.own(m.UploadURL) {
		return network.Outcome{}, fault.Rejectedf("TikTok names an address for the upload that is not its own")
	}
	return network.Outcome{RemoteID: m.PublishID, ExpiresAt: resp.At.UTC().Add(uploadLife), Data: map[string]string{"publish_id": m.PublishID, "upload_url": m.UploadURL}}, nil
}

var uploadHost = regexp.MustCompile(`^(open-upload|upload|open-upload\.[a-z0-9-]+|upload\.[a-z0-9-]+)\.tiktokapis\.com$`)

// own reports whether an address is TikTok's for uploads, or the gateway's.
func (j job) own(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if gate, err := url.Parse(j.at); j.at != "" && err == nil && u.Host == gate.Host && u.Scheme == gate.Scheme {
		return true
	}
	return u.Scheme == "https" && uploadHost.MatchString(u.Host)
}

// photos hands pictures over by their addresses; TikTok fetches them and publishes.
func (j job) photos(ctx context.Context, files []network.Media) (network.Outcome, error) {
	var addresses []string
	for _, m := range files {
		if m.Address == "" {
			return network.Outcome{}, (&fault.Error{Kind: fault.Rejected, Code: "no_public_address", Field: "media", Message: "TikTok fetches pictures from an address of ours, and this installation has no public one"}).
				WithHint("Set BELLWETHER_URL to an address that can be reached from outside, and verify its domain with TikTok.")
		}
		addresses = append(addresses, m.Address)
	}
	if err := j.allowed(ctx); err != nil {
		return network.Outcome{}, err
	}
	way := map[string]string{direct: "DIRECT_POST", inbox: "MEDIA_UPLOAD"}[j.p.Mode]
	var m made
	_, err := j.send(ctx, http.MethodPost, "/v2/post/publish/content/init/", map[string]any{"media_type": "PHOTO", "post_mode": way, "post_info": j.p.Post,
		"source_info": map[string]any{"source": "PULL_FROM_URL", "photo_images": addresses, "photo_cover_index": j.p.Cover}}, &m)
	if err != nil {
		return network.Outcome{}, final(err)
	}
	if m.PublishID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok took the pictures and did not say what the post is called"}
	}
	return network.Outcome{Pending: true, Wait: pollEvery, Data: map[string]string{"publish_id": m.PublishID, "kind": "photo", "files": strconv.Itoa(len(files))}}, nil
}

// final makes "no such thing" a refusal: a call that creates something finds nothing it needs.
func final(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind = fault.Rejected
	return &f
}

// upload sends what TikTok has not got yet of a video. Its bytes belong to the publish id, so sending them again
// publishes nothing twice.
func (j job) upload(ctx context.Context, m *network.Media) (network.Outcome, error) {
	if j.before.Data["publish_id"] == "" {
		return network.Outcome{}, fault.Rejectedf("the video was not announced")
	}
	o, err := j.poll(ctx)
	if err != nil || !o.Pending || o.Data["sent"] != "" || m == nil {
		return o, err
	}
	have, _ := strconv.ParseInt(o.Data["uploaded"], 10, 64) // ours
	each, count := chunks(j.p.Size)
	for n := min(have/each, count-1); n < count && have < j.p.Size; n++ {
		from, to := n*each, (n+1)*each
		if n == count-1 {
			to = j.p.Size
		}
		gone, err := j.piece(ctx, *m, from, to)
		if err != nil {
			return network.Outcome{}, err
		}
		if gone { // TikTok has these bytes already: it says what it has when it is asked again
			return o, nil
		}
	}
	o.Data["sent"] = "all"
	return o, nil
}

// piece sends the bytes from … to−1 of a video. gone says that TikTok did not want them.
func (j job) piece(ctx context.Context, m network.Media, from, to int64) (gone bool, err error) {
	if m.Open == nil {
		return false, fault.Rejectedf("the file of this step cannot be opened")
	}
	file, err := m.Open(ctx)
	if err != nil {
		return false, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer file.Close()
	if _, err := io.CopyN(io.Discard, file, from); err != nil {
		return false, fault.Wrap(fault.Internal, err, "read the file to upload")
	}
	header := http.Header{"Content-Range": {"bytes " + strconv.FormatInt(from, 10) + "-" + strconv.FormatInt(to-1, 10) + "/" + strconv.FormatInt(j.p.Size, 10)}}
	resp, err := j.http.WithTimeout(uploadTime).Send(ctx, http.MethodPut, j.before.Data["upload_url"], header, io.LimitReader(file, to-from), to-from, m.MIME, nil)
	if resp == nil {
		return false, hidden(err)
	}
	switch resp.Status {
	case http.StatusCreated, http.StatusPartialContent:
		return false, hidden(err)
	case http.StatusRequestedRangeNotSatisfiable:
		return true, nil
	case http.StatusForbidden, http.StatusNotFound:
		return false, (&fault.Error{Kind: fault.Rejected, Code: "upload_expired", Message: "TikTok no longer takes this upload: it has an hour for it"}).WithHint("Send the post again.")
	case http.StatusRequestEntityTooLarge:
		return false, &fault.Error{Kind: fault.Rejected, Code: "media_too_large", Field: "media", Message: "the video is too large for TikTok", Hint: "Use a smaller file."}
	}
	if err == nil {
		err = &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "TikTok took the video and gave no usable answer"}
	}
	return false, hidden(err)
}

// hidden words an upload's failure without its address, which is a secret for an hour.
func hidden(err error) error {
	if err == nil {
		return nil
	}
	f := *fault.As(err)
	f.Cause = nil
	return &f
}

// state is how far a publication is.
type state struct {
	Status   string        `json:"status"`
	Reason   string        `json:"fail_reason"`
	IDs      []json.Number `json:"publicaly_available_post_id"` // their spelling
	Uploaded int64         `json:"uploaded_bytes"`
}

func (a api) state(ctx context.Context, publishID string) (s state, err error) {
	_, err = a.ask(ctx, http.MethodPost, "/v2/post/publish/status/fetch/", map[string]string{"publish_id": publishID}, &s)
	return s, err
}

// poll asks how far the publication is. Not being told says nothing about the post, so it is never a refusal.
func (j job) poll(ctx context.Context) (network.Outcome, error) {
	st, err := j.state(ctx, j.before.Data["publish_id"])
	if err != nil {
		return network.Outcome{}, untold(err)
	}
	return j.outcome(st)
}

func untold(err error) error {
	f := *fault.As(err)
	if f.Kind == fault.Rejected || f.Kind == fault.NotFound {
		f.Kind = fault.Later
	}
	return &f
}

// outcome is what a state means. A public post has its id, and its address, only after TikTok has looked at it.
func (j job) outcome(st state) (network.Outcome, error) {
	data := map[string]string{}
	for _, k := range []string{"publish_id", "kind", "files", "sent"} {
		if v := j.before.Data[k]; v != "" {
			data[k] = v
		}
	}
	data["text"], data["privacy"], data["mode"] = j.p.Text, j.p.Privacy, j.p.Mode
	o := network.Outcome{RemoteID: data["publish_id"], URL: j.me.URL, Data: data}
	switch st.Status {
	case "FAILED":
		return network.Outcome{}, failure(st.Reason)
	case "SEND_TO_USER_INBOX":
		return o, nil
	case "PUBLISH_COMPLETE":
		if len(st.IDs) > 0 {
			o.RemoteID, o.URL = st.IDs[0].String(), address(j.me.Handle, cmp.Or(data["kind"], "video"), st.IDs[0].String())
			return o, nil
		}
		if j.p.Privacy != public {
			return o, nil
		}
		data["sent"] = "all"
	case "PROCESSING_UPLOAD":
		data["uploaded"] = strconv.FormatInt(st.Uploaded, 10)
		if j.p.Call == upload && st.Uploaded >= j.p.Size {
			data["sent"] = "all"
		}
	default:
		data["sent"] = "all"
	}
	return network.Outcome{Pending: true, Wait: pollEvery, Data: data}, nil
}

func address(handle, kind, id string) string { return profile(handle) + "/" + kind + "/" + id }

// failure words why TikTok did not publish.
func failure(reason string) error {
	words := map[string]string{
		"file_format_check_failed": "TikTok does not take this kind of file", "duration_check_failed": "the video is too long or too short for this creator",
		"frame_rate_check_failed": "the video's frame rate is not allowed (23 to 60)", "picture_size_check_failed": "the width or height is not allowed",
		"video_pull_failed": "TikTok could not fetch the video", "photo_pull_failed": "TikTok could not fetch the pictures from this installation",
		"publish_cancelled": "the creator cancelled the post in the app", "auth_removed": "the creator took the sign-in back before the post was published",
		"spam_risk_too_many_posts": "the creator has published all that TikTok allows in 24 hours", "spam_risk_user_banned_from_posting": "TikTok has banned this creator from publishing",
		"spam_risk_text": "TikTok takes the text for spam", "spam_risk": "TikTok takes the post for spam", "internal": "TikTok failed in itself",
	}
	hint := "Change what TikTok objects to and send the post again."
	field := ""
	switch {
	case strings.HasSuffix(reason, "_pull_failed"):
		field, hint = "media", "Check that BELLWETHER_URL can be reached from outside and that its domain is verified, then send it again."
	case strings.HasSuffix(reason, "_check_failed"):
		field = "media"
	case reason == "spam_risk_text":
		field = "text"
	case reason == "auth_removed":
		hint = "Reconnect the channel, then send it again."
	case reason == "internal":
		hint = "Nothing was published. Send it again."
	}
	return &fault.Error{Kind: fault.Rejected, Code: cmp.Or(reason, "failed"), Field: field, Message: cmp.Or(words[reason], "TikTok did not publish it: "+short(cmp.Or(reason, "it gives no reason"))), Hint: hint}
}

// Find asks the publish id what became of an upload. An announcement cannot be looked up.
func (t TikTok) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, _ time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	id := earlier["announce"].Data["publish_id"]
	if p.Call != upload || id == "" {
		return network.NotSeen, network.Outcome{}, nil
	}
	j := job{api: t.api(s), at: t.at, me: s.Account, p: p, before: earlier["announce"]}
	st, err := j.state(ctx, id)
	if err != nil {
		return network.NotSeen, network.Outcome{}, untold(err)
	}
	if st.Status == "FAILED" { // it can never be published any more
		return network.Absent, network.Outcome{}, nil
	}
	o, err := j.outcome(st)
	if err != nil || o.Pending {
		return network.NotSeen, network.Outcome{}, err
	}
	return network.Found, o, nil
}
