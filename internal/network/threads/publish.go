package threads

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

const (
	unusedLife = 23 * time.Hour // Threads forgets a container that nobody published after a day
	soon       = 30 * time.Second
	mostTries  = 3 // containers for one file that Threads could not fetch or process
)

// Do carries out one step.
func (t Threads) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	g := t.graph(s)
	before := earlier[step.Name]
	switch {
	case p.Type == "":
		return g.publish(ctx, p, earlier)
	case before.Pending:
		return g.poll(ctx, step, p, earlier)
	}
	if !p.Item {
		if err := g.quota(ctx, p.isReply()); err != nil {
			return network.Outcome{}, err
		}
	}
	return g.contain(ctx, step, p, earlier, 1)
}

// contain makes a container. Nobody sees it, and one too many expires after a day: it may be repeated.
func (g graph) contain(ctx context.Context, step network.Step, p payload, earlier network.Outcomes, try int) (network.Outcome, error) {
	form, err := p.form(step.Media, earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	var made struct {
		ID string `json:"id"`
	}
	resp, err := g.post(ctx, path("me")+"/threads", form, &made)
	if err != nil {
		if err = again(refused(err, "What it answers or quotes is gone, or the profile may not see it.")); step.Media != nil {
			err = field(err, "media")
		}
		return network.Outcome{}, err
	}
	if made.ID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "Threads took the post and did not say what it is called"}
	}
	o := network.Outcome{RemoteID: made.ID, ExpiresAt: resp.At.UTC().Add(unusedLife), Pending: true, Wait: p.wait(),
		Data: map[string]string{"at": resp.At.UTC().Format(time.RFC3339), "try": number(try)}}
	if p.Type == "TEXT" { // ready at once, as a rule
		if c, err := g.container(ctx, made.ID); err == nil && c.Status == finished {
			o.Pending, o.Wait = false, 0
		}
	}
	return o, nil
}

func (p payload) wait() time.Duration {
	switch p.Type {
	case "VIDEO":
		return soon
	case "TEXT":
		return 2 * time.Second
	}
	return 5 * time.Second
}

// form is the request that makes a container.
func (p payload) form(m *network.Media, earlier network.Outcomes) (url.Values, error) {
	v := url.Values{"media_type": {p.Type}}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("text", p.Text)
	if m != nil {
		if m.Address == "" {
			return nil, (&fault.Error{Kind: fault.Rejected, Code: "no_public_address", Field: "media", Message: "Threads fetches media from an address of ours, and this installation has no public one"}).
				WithHint("Set BELLWETHER_URL to an address that can be reached from outside.")
		}
		set(strings.ToLower(p.Type)+"_url", m.Address)
		set("alt_text", m.Alt)
	}
	if p.Item {
		v.Set("is_carousel_item", "true")
		return v, nil
	}
	var children []string
	for _, name := range p.Children {
		id := earlier[name].RemoteID
		if id == "" {
			return nil, fault.Rejectedf("the medium %q has no container", name)
		}
		children = append(children, id)
	}
	set("children", strings.Join(children, ","))
	set("link_attachment", p.Link)
	set("reply_control", p.Replies)
	set("topic_tag", p.Topic)
	set("quote_post_id", p.Quote)
	set("location_id", p.Location)
	if len(p.Countries) > 0 {
		set("allowlisted_country_codes", strings.Join(p.Countries, ","))
	}
	if p.Spoiler {
		set("is_spoiler_media", "true")
	}
	if len(p.Poll) > 0 {
		options := map[string]string{}
		for i, o := range p.Poll {
			options["option_"+string(rune('a'+i))] = o
		}
		raw, _ := json.Marshal(options) // plain data: cannot fail
		set("poll_attachment", string(raw))
	}
	parent, err := p.parent(earlier)
	set("reply_to_id", parent)
	return v, err
}

func (p payload) parent(earlier network.Outcomes) (string, error) {
	if p.After == "" {
		return p.ReplyTo, nil
	}
	id := earlier[p.After].RemoteID
	if id == "" {
		return "", fault.Rejectedf("the part before this one (%s) is not published", p.After)
	}
	return id, nil
}

// quota asks how many posts or replies are left of the last 24 hours' allowance. When one becomes free again is not
// said; an hour is soon enough.
func (g graph) quota(ctx context.Context, reply bool) error {
	type config struct {
		Total int64 `json:"quota_total"`
	}
	var limit struct {
		Data []struct {
			Posts       int64  `json:"quota_usage"`
			Replies     int64  `json:"reply_quota_usage"`
			PostsConf   config `json:"config"`
			RepliesConf config `json:"reply_config"`
		} `json:"data"`
	}
	resp, err := g.get(ctx, path("me")+"/threads_publishing_limit", url.Values{"fields": {"quota_usage,config,reply_quota_usage,reply_config"}}, &limit)
	if err != nil || len(limit.Data) == 0 {
		if fault.Is(err, fault.Rejected) || fault.Is(err, fault.NotFound) {
			return nil // who may not ask may still publish
		}
		return err
	}
	what, used, total := "posts", limit.Data[0].Posts, limit.Data[0].PostsConf.Total
	if reply {
		what, used, total = "replies", limit.Data[0].Replies, limit.Data[0].RepliesConf.Total
	}
	if total > 0 && used >= total {
		return &fault.Error{Kind: fault.Later, Code: "quota", RetryAt: resp.At.UTC().Add(time.Hour),
			Message: "the profile has used its " + number(int(total)) + " " + what + " of the last 24 hours"}
	}
	return nil
}

// The states of a container.
const (
	finished  = "FINISHED"
	published = "PUBLISHED"
	failed    = "ERROR"
	expired   = "EXPIRED"
)

type container struct {
	Status string `json:"status"`
	Error  string `json:"error_message"`
}

func (g graph) container(ctx context.Context, id string) (c container, err error) {
	_, err = g.get(ctx, path(id), url.Values{"fields": {"id,status,error_message"}}, &c)
	return c, err
}

// poll asks whether a container is ready. A file that Threads could not fetch is offered again.
func (g graph) poll(ctx context.Context, step network.Step, p payload, earlier network.Outcomes) (network.Outcome, error) {
	o := earlier[step.Name]
	c, err := g.container(ctx, o.RemoteID)
	if fault.Is(err, fault.NotFound) { // as may happen within seconds of making it
		return o, nil
	}
	if err != nil {
		return network.Outcome{}, err
	}
	try, _ := strconv.Atoi(o.Data["try"])
	switch {
	case c.Status == finished || c.Status == published:
		o.Pending, o.Wait = false, 0
		return o, nil
	case c.Status == expired, c.Status == failed && passing(c.Error) && try < mostTries:
		return g.contain(ctx, step, p, earlier, try+1)
	case c.Status == failed:
		return network.Outcome{}, failure(c.Error)
	}
	return o, nil
}

// passing reports the failures that another try may not meet.
func passing(reason string) bool {
	return reason == "" || strings.Contains(reason, "UNKNOWN") || strings.Contains(reason, "DOWNLOAD")
}

// failure words what Threads found wrong with a file.
func failure(reason string) error {
	words := map[string]string{
		"FAILED_DOWNLOADING_VIDEO": "Threads could not fetch the file from this installation", "FAILED_PROCESSING_AUDIO": "Threads could not process the sound",
		"FAILED_PROCESSING_VIDEO": "Threads could not process the video", "INVALID_ASPEC_RATIO": "the shape of the picture or video is not allowed",
		"INVALID_BIT_RATE": "the video's bit rate is not allowed (at most 25 Mbit/s)", "INVALID_DURATION": "the video is too long or too short (at most 5 minutes)",
		"INVALID_FRAME_RATE": "the video's frame rate is not allowed (23 to 60)", "INVALID_AUDIO_CHANNELS": "the number of sound channels is not allowed",
		"INVALID_AUDIO_CHANNEL_LAYOUT": "the layout of the sound channels is not allowed",
	}
	said := cmp.Or(words[strings.TrimSpace(reason)], "Threads could not use the post: "+short(cmp.Or(reason, "it gives no reason")))
	f := &fault.Error{Kind: fault.Rejected, Code: "processing_failed", Field: "media", Message: said}
	if strings.Contains(reason, "DOWNLOAD") {
		return f.WithHint("Check that BELLWETHER_URL can be reached from outside, then send it again.")
	}
	return f.WithHint("Convert the file (MP4 with H.264 and AAC, JPEG) and send the post again.")
}

// publish makes a container public. The network is asked first whether it is so already, so that calling again after a
// lost answer can never publish twice.
func (g graph) publish(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	box := earlier[p.Container]
	if box.RemoteID == "" {
		return network.Outcome{}, fault.Rejectedf("the post has no container to publish")
	}
	c, err := g.container(ctx, box.RemoteID)
	switch {
	case err != nil:
		return network.Outcome{}, notThere(err)
	case c.Status == published:
		return g.adopt(ctx, p, earlier)
	case c.Status == failed:
		return network.Outcome{}, failure(c.Error)
	case c.Status == expired:
		return network.Outcome{}, fault.Rejectedf("Threads has forgotten the post: it waited for a day before it was published").WithHint("Send it again.")
	case c.Status != finished:
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "media_processing", Message: "Threads is still processing the post"}
	}
	var made struct {
		ID string `json:"id"`
	}
	_, err = g.post(ctx, path("me")+"/threads_publish", url.Values{"creation_id": {box.RemoteID}}, &made)
	switch {
	case err == nil && made.ID == "":
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "Threads answered without saying which post it made"}
	case err == nil:
		return network.Outcome{RemoteID: made.ID, URL: g.permalink(ctx, made.ID)}, nil
	case fault.Is(err, fault.Rejected), fault.Is(err, fault.NotFound):
		// A call of ours whose answer was lost may have come first.
		if c, seen := g.container(ctx, box.RemoteID); seen == nil && c.Status == published {
			return g.adopt(ctx, p, earlier)
		}
	}
	return network.Outcome{}, notThere(err)
}

// notThere words a container that is not found: seconds after it was made that passes.
func notThere(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Message, f.Hint = fault.Later, "Threads does not find the post yet that it took", ""
	return &f
}

// permalink is for people; a post without one is published all the same.
func (g graph) permalink(ctx context.Context, id string) string {
	var m media
	if _, err := g.get(ctx, path(id), url.Values{"fields": {"id,permalink"}}, &m); err != nil {
		return ""
	}
	return m.Permalink
}

// adopt returns the post that a container became. Until the profile's list shows it, the step is pending.
func (g graph) adopt(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	o, err := g.match(ctx, p, earlier)
	if err == nil && o.RemoteID == "" {
		return network.Outcome{Pending: true, Wait: soon}, nil
	}
	return o, err
}

// Find asks whether a container was published; where it was, its post is in the profile's list.
func (t Threads) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, _ time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	g := t.graph(s)
	c, err := g.container(ctx, earlier[p.Container].RemoteID)
	switch {
	case err != nil:
		return network.NotSeen, network.Outcome{}, notThere(err)
	case c.Status == failed, c.Status == expired: // it can never be published any more
		return network.Absent, network.Outcome{}, nil
	case c.Status != published:
		return network.NotSeen, network.Outcome{}, nil
	}
	o, err := g.match(ctx, p, earlier)
	if err != nil || o.RemoteID == "" {
		return network.NotSeen, network.Outcome{}, err
	}
	return network.Found, o, nil
}

// drift is how far the network's clock may be behind ours.
const drift = time.Minute

// match looks for the post of a container that is known to be published: made since the container was, with the same
// words below the same parent.
func (g graph) match(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	parent, err := p.parent(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	at, _ := time.Parse(time.RFC3339, earlier[p.Container].Data["at"]) // ours; without it the newest of the same words is taken
	taken := []string{}
	for _, o := range earlier {
		taken = append(taken, o.RemoteID)
	}
	list := "/threads"
	if p.isReply() {
		list = "/replies"
	}
	page, err := g.list(ctx, path("me")+list, "", 50)
	if err != nil {
		return network.Outcome{}, err
	}
	for _, m := range page.Data {
		if m.at().Before(at.Add(-drift)) {
			break
		}
		if m.parent() == parent && same(m.Text, p.Text) && !slices.Contains(taken, m.ID) {
			return network.Outcome{RemoteID: m.ID, URL: m.Permalink}, nil
		}
	}
	return network.Outcome{}, nil
}

// same compares words as they are shown: Threads takes the # from a topic.
func same(a, b string) bool {
	plain := func(s string) string { return text.Normalise(strings.ReplaceAll(s, "#", "")) }
	return plain(a) == plain(b)
}
