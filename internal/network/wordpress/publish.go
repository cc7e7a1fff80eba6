package wordpress

import (
	"cmp"
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const uploadTime = 10 * time.Minute // for the largest file on a slow line

// post is a post as the API shows it to those who may edit it.
type post struct {
	ID      int64  `json:"id"`
	Date    string `json:"date_gmt"` // without a zone
	Slug    string `json:"slug"`
	Status  string `json:"status"`
	Link    string `json:"link"`
	Feature int64  `json:"featured_media"`
	Content struct {
		Raw string `json:"raw"`
	} `json:"content"`
}

// Do carries out one step.
func (WordPress) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	p, err := read(step)
	switch {
	case err != nil:
		return network.Outcome{}, err
	case step.Media != nil:
		return at(s).upload(ctx, p.Slug, *step.Media)
	case step.Name == "tags":
		return at(s).tags(ctx, p.Tags)
	case step.Name == "draft":
		return at(s).write(ctx, p, earlier)
	case p.Item != "":
		return at(s).edit(ctx, p, earlier)
	case p.Slug != "":
		return at(s).publish(ctx, p, earlier)
	}
	return at(s).comment(ctx, s.Account, p, earlier)
}

func read(step network.Step) (p payload, err error) {
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return p, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	return p, nil
}

// places are a post's files, wherever they were uploaded.
func places(list []file, earlier network.Outcomes) (out []placed, err error) {
	for _, f := range list {
		if f.At != nil {
			out = append(out, *f.At)
			continue
		}
		o := earlier[f.Step]
		if o.Data["media"] == "" {
			return nil, fault.Rejectedf("the upload %q has no result to attach", f.Step)
		}
		out = append(out, placed{ID: o.Data["media"], URL: o.Data["url"], SHA: f.SHA, MIME: f.MIME, Alt: f.Alt})
	}
	return out, nil
}

// request is what a post is written or changed with.
func (p payload) request(earlier network.Outcomes) (map[string]any, error) {
	in := map[string]any{}
	for k, v := range p.Fields {
		in[k] = v
	}
	if len(p.Tags) > 0 {
		ids := several(earlier["tags"].Data["ids"])
		chosen, _ := in["tags"].([]any) // as read back from the stored step
		for _, id := range ids {
			n, _ := strconv.ParseInt(id, 10, 64)
			chosen = append(chosen, n)
		}
		in["tags"] = chosen
	}
	files, err := places(p.Files, earlier)
	if err != nil {
		return nil, err
	}
	in["content"] = body(p.Text, p.Markup, files)
	if p.Feature != nil {
		feature, err := places([]file{*p.Feature}, earlier)
		if err != nil {
			return nil, err
		}
		in["featured_media"], _ = strconv.ParseInt(feature[0].ID, 10, 64)
	}
	return in, nil
}

// bySlug looks a post up by its address, whatever its state. Nobody else's post has it.
func (s site) bySlug(ctx context.Context, p payload) (post, bool, error) {
	var list []post
	q := url.Values{"slug": {p.Slug}, "status": {"any"}, "context": {"edit"}, "_fields": {"id,slug,status,link,date_gmt"}}
	_, err := s.get(ctx, "/wp/v2/"+p.Base, q, &list)
	for _, there := range list {
		if there.Slug == p.Slug {
			return there, true, err
		}
	}
	return post{}, false, err
}

// write makes the draft, or finds the one that an earlier call made.
func (s site) write(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	in, err := p.request(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	there, found, err := s.bySlug(ctx, p)
	if err != nil {
		return network.Outcome{}, err
	}
	if !found {
		if _, err := s.repeat(ctx, http.MethodPost, "/wp/v2/"+p.Base, in, &there); err != nil {
			return network.Outcome{}, refused(err, "The site has no such type of posts any more.")
		}
	}
	if there.ID == 0 {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "the site took the draft and did not say which it is"}
	}
	return network.Outcome{RemoteID: strconv.FormatInt(there.ID, 10)}, nil
}

// publish gives the draft its state. A post that has it already keeps it, so this may be sent again.
func (s site) publish(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	id := earlier["draft"].RemoteID
	if id == "" {
		return network.Outcome{}, fault.Rejectedf("the draft to publish is not there")
	}
	var made post
	if _, err := s.once(ctx, http.MethodPost, "/wp/v2/"+p.Base+"/"+id, map[string]any{"status": p.Status}, &made); err != nil {
		return network.Outcome{}, refused(err, "The draft was deleted at the site before it could be published.")
	}
	if made.ID == 0 || made.Status != p.Status {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "the site answered without saying that the post is as it should be"}
	}
	return made.outcome(p, earlier), nil
}

func (made post) outcome(p payload, earlier network.Outcomes) network.Outcome {
	all := p.Files
	if p.Feature != nil {
		all = append(all[:len(all):len(all)], *p.Feature)
	}
	o := network.Outcome{RemoteID: strconv.FormatInt(made.ID, 10), URL: made.Link, Data: map[string]string{"base": p.Base, "status": made.Status}}
	if files, err := places(all, earlier); err == nil && len(files) > 0 {
		raw, _ := json.Marshal(files) // plain data: cannot fail
		o.Data["files"] = string(raw)
	}
	return o
}

func (s site) edit(ctx context.Context, p payload, earlier network.Outcomes) (network.Outcome, error) {
	in, err := p.request(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	var made post
	if _, err := s.repeat(ctx, http.MethodPost, "/wp/v2/"+p.Base+"/"+url.PathEscape(p.Item), in, &made); err != nil {
		return network.Outcome{}, refused(err, "The post is gone from the site.")
	}
	return made.outcome(p, earlier), nil
}

// tags makes tags that are not there yet and returns the ids of all.
func (s site) tags(ctx context.Context, names []string) (network.Outcome, error) {
	var ids []string
	for _, name := range names {
		var made struct {
			ID int64 `json:"id"`
		}
		resp, err := s.repeat(ctx, http.MethodPost, "/wp/v2/tags", map[string]any{"name": name}, &made)
		if err != nil {
			if made.ID = refusalOf(resp).Data.Term; made.ID == 0 {
				f := *fault.As(err)
				f.Field = "settings.new_tags"
				return network.Outcome{}, &f
			}
		}
		ids = append(ids, strconv.FormatInt(made.ID, 10))
	}
	return network.Outcome{Data: map[string]string{"ids": strings.Join(ids, ",")}}, nil
}

// media is a file of the site's library.
type media struct {
	ID  int64  `json:"id"`
	URL string `json:"source_url"`
}

// upload sends one file, unless the library has it already: its name ends with its digest.
func (s site) upload(ctx context.Context, words string, m network.Media) (network.Outcome, error) {
	if len(m.SHA256) < 16 || m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	if i := strings.LastIndex(words, "-"); i > 0 {
		words = words[:i] // the post's code says nothing about its file
	}
	name := words + "-" + m.SHA256[:16]
	var there []media
	if _, err := s.get(ctx, "/wp/v2/media", url.Values{"search": {m.SHA256[:16]}, "context": {"edit"}, "_fields": {"id,source_url"}}, &there); err != nil {
		return network.Outcome{}, err
	}
	there = slices.DeleteFunc(there, func(f media) bool { return !strings.Contains(f.URL, m.SHA256[:16]) })
	if len(there) > 0 {
		return there[0].outcome()
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	parts := []safehttp.Part{safehttp.Field("title", name), safehttp.Field("alt_text", m.Alt),
		{Name: "file", Filename: name + extension(m.MIME), ContentType: m.MIME, Body: body, Size: cmp.Or(m.Bytes, -1)}}
	var made media
	resp, err := s.http.WithTimeout(uploadTime).Upload(ctx, http.MethodPost, s.address("/wp/v2/media", nil), s.header(), parts, &made)
	if err = again(explain(resp, err)); err != nil {
		f := *fault.As(err)
		if f.Kind == fault.Rejected || f.Kind == fault.NotFound {
			f.Kind, f.Field = fault.Rejected, "media"
		}
		return network.Outcome{}, &f
	}
	return made.outcome()
}

func (m media) outcome() (network.Outcome, error) {
	if m.ID == 0 || m.URL == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "the site took the file and did not say what it is called"}
	}
	id := strconv.FormatInt(m.ID, 10)
	return network.Outcome{RemoteID: id, Data: map[string]string{"media": id, "url": m.URL}}, nil
}

func extension(mime string) string {
	known := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/avif": ".avif",
		"video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm", "video/ogg": ".ogv", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/flac": ".flac",
		"application/pdf": ".pdf", "application/msword": ".doc", "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx", "application/vnd.oasis.opendocument.text": ".odt"}
	return known[mime]
}

// comment says something below a post: the one call here that must never be repeated blindly.
func (s site) comment(ctx context.Context, a network.Account, p payload, earlier network.Outcomes) (network.Outcome, error) {
	if p.Post = cmp.Or(p.Post, earlier["post"].RemoteID); p.Post == "" {
		return network.Outcome{}, fault.Rejectedf("the post to comment on is not published")
	}
	on, _ := strconv.ParseInt(p.Post, 10, 64)
	in := map[string]any{"post": on, "content": html.EscapeString(p.Text)}
	if p.Parent != "" {
		in["parent"], _ = strconv.ParseInt(p.Parent, 10, 64)
	}
	header := s.header()
	header.Set("User-Agent", agent) // the site keeps it with the comment, and by it we know our own
	var made comment
	resp, err := s.http.WithTimeout(time.Minute).JSON(ctx, http.MethodPost, s.address("/wp/v2/comments", nil), header, in, &made)
	err = explain(resp, err)
	if resp != nil && resp.Status == http.StatusConflict && refusalOf(resp).Code == "comment_duplicate" {
		// The site has these very words of ours at this place: said by the call whose answer was lost, or said before.
		there, found, err := s.ownComment(ctx, a, p, earlier, time.Time{})
		if err != nil || found {
			return there, err
		}
	}
	if err != nil {
		return network.Outcome{}, refused(err, "What it answers is gone, or the post's comments are closed.")
	}
	if made.ID == 0 {
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "the site answered without saying which comment it made"}
	}
	return made.outcome(), nil
}
