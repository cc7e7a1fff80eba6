package bluesky

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/richtext"
)

// The collections of a repository that we write.
const (
	posts       = "app.bsky.feed.post"
	threadgates = "app.bsky.feed.threadgate"
	postgates   = "app.bsky.feed.postgate"
	likes       = "app.bsky.feed.like"
	reposts     = "app.bsky.feed.repost"
	blocks      = "app.bsky.graph.block"
	lists       = "app.bsky.graph.list"
)

// application is written into our posts, as many clients do: reading back, it tells them from those of other apps.
const application = "Bellwether"

// tid makes a record key: 53 bits of microseconds and 10 bits that tell writers apart, in 13 characters that sort by
// time. The second is the planned one; everything below it comes from the delivery's key, so that planning again gives
// the same record key and no two deliveries share one. n keeps the parts of a thread in order.
func tid(at time.Time, key string, n int) string {
	sum := sha256.Sum256([]byte(key))
	micro := uint64(max(at.Unix(), 0))*1_000_000 + uint64(binary.BigEndian.Uint32(sum[:4])%900_000) + uint64(n)*1000
	v := micro<<10 | uint64(binary.BigEndian.Uint16(sum[4:6])&1023)
	const digits = "234567abcdefghijklmnopqrstuvwxyz"
	var out [13]byte
	for i := range out {
		out[12-i] = digits[v&31]
		v >>= 5
	}
	return string(out[:])
}

// stamp is an instant as records carry it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// fingerprint is a short mark of an address.
func fingerprint(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// target is what an address of bsky.app names: something of an account, by handle or DID.
type target struct {
	Who        string `json:"who"`
	Collection string `json:"collection"`
	Key        string `json:"key"`
}

var (
	anIdentity = regexp.MustCompile(`^(did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)$`)
	aKey       = regexp.MustCompile(`^[a-zA-Z0-9._~:-]{1,512}$`)
)

// parse reads the address of a post or list: at://did/app.bsky.feed.post/key or https://bsky.app/profile/who/post/key.
func parse(address, collection, segment string) target {
	who, found, key := recordAt(address)
	if u, err := url.Parse(address); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		if parts := strings.Split(strings.Trim(u.Path, "/"), "/"); len(parts) == 4 && parts[0] == "profile" && parts[2] == segment {
			who, found, key = parts[1], collection, parts[3]
		}
	}
	if found != collection || len(who) > 2048 || !anIdentity.MatchString(who) || !aKey.MatchString(key) {
		return target{}
	}
	return target{who, collection, key}
}

// payload is everything a step needs after a restart.
type payload struct {
	RKey   string           `json:"rkey,omitempty"`
	Text   string           `json:"text,omitempty"`
	Facets []richtext.Facet `json:"facets,omitempty"`
	At     string           `json:"at,omitempty"` // createdAt: the same each time it is sent
	Langs  []string         `json:"langs,omitempty"`
	Tags   []string         `json:"tags,omitempty"`
	Labels []string         `json:"labels,omitempty"`
	Images []file           `json:"images,omitempty"`
	Video  *file            `json:"video,omitempty"`
	Card   *card            `json:"card,omitempty"`
	Quote  string           `json:"quote,omitempty"` // the step that looked up what is quoted
	After  string           `json:"after,omitempty"` // the step whose post this one answers; the thread begins with step "post"
	Root   *ref             `json:"root,omitempty"`  // or the posts themselves
	Parent *ref             `json:"parent,omitempty"`
	Gates  *gates           `json:"gates,omitempty"`
	Refer  *target          `json:"refer,omitempty"` // a step that only looks this up
	Convo  string           `json:"convo,omitempty"` // a direct message
}

type file struct {
	Step     string    `json:"step"`
	Alt      string    `json:"alt"`
	Width    int       `json:"width,omitempty"`
	Height   int       `json:"height,omitempty"`
	Captions []caption `json:"captions,omitempty"`
}

type caption struct {
	Language string `json:"language"`
	Step     string `json:"step"`
}

type card struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Thumb       string `json:"thumb,omitempty"` // step
}

// gates limit who may answer and quote.
type gates struct {
	Limited bool     `json:"limited,omitempty"`
	Rules   []string `json:"rules,omitempty"`
	List    string   `json:"list,omitempty"` // step
	Quotes  bool     `json:"no_quotes,omitempty"`
}

func (p payload) uri(did string) string { return "at://" + did + "/" + posts + "/" + p.RKey }

// record is the post as it is written.
func (p payload) record(earlier network.Outcomes) (map[string]any, error) {
	r := map[string]any{"$type": posts, "text": p.Text, "createdAt": p.At, "via": application}
	if len(p.Facets) > 0 {
		r["facets"] = p.Facets
	}
	if len(p.Langs) > 0 {
		r["langs"] = p.Langs
	}
	if len(p.Tags) > 0 {
		r["tags"] = p.Tags
	}
	if len(p.Labels) > 0 {
		list := []map[string]string{}
		for _, l := range p.Labels {
			list = append(list, map[string]string{"val": l})
		}
		r["labels"] = map[string]any{"$type": "com.atproto.label.defs#selfLabels", "values": list}
	}
	embed, err := p.embed(earlier)
	if err != nil {
		return nil, err
	}
	if embed != nil {
		r["embed"] = embed
	}
	root, parent, err := p.thread(earlier)
	if parent != nil {
		r["reply"] = map[string]any{"root": root, "parent": parent}
	}
	return r, err
}

// thread names the beginning of the thread and the post this one answers.
func (p payload) thread(earlier network.Outcomes) (root, parent *ref, err error) {
	if p.After == "" {
		return p.Root, p.Parent, nil
	}
	refOf := func(step string) *ref { return &ref{earlier[step].RemoteID, earlier[step].Data["cid"]} }
	root, parent = refOf("post"), refOf(p.After)
	if root.URI == "" || root.CID == "" || parent.URI == "" || parent.CID == "" {
		return nil, nil, fault.Rejectedf("the part before this one (%s) is not published", p.After)
	}
	return root, parent, nil
}

func (p payload) embed(earlier network.Outcomes) (map[string]any, error) {
	media, err := p.media(earlier)
	if err != nil || p.Quote == "" {
		return media, err
	}
	q := earlier[p.Quote].Data
	if q["uri"] == "" {
		return nil, fault.Rejectedf("the quoted post was not looked up")
	}
	quoted := map[string]any{"$type": "app.bsky.embed.record", "record": ref{q["uri"], q["cid"]}}
	if media == nil {
		return quoted, nil
	}
	return map[string]any{"$type": "app.bsky.embed.recordWithMedia", "record": quoted, "media": media}, nil
}

func (p payload) media(earlier network.Outcomes) (map[string]any, error) {
	switch {
	case p.Video != nil:
		v, err := p.Video.embed("video", earlier)
		if v != nil {
			v["$type"] = "app.bsky.embed.video"
		}
		return v, err
	case len(p.Images) > 0:
		list := []any{}
		for _, f := range p.Images {
			image, err := f.embed("image", earlier)
			if err != nil {
				return nil, err
			}
			list = append(list, image)
		}
		return map[string]any{"$type": "app.bsky.embed.images", "images": list}, nil
	case p.Card != nil:
		external := map[string]any{"uri": p.Card.URL, "title": p.Card.Title, "description": p.Card.Description}
		if p.Card.Thumb != "" {
			thumb, err := file{Step: p.Card.Thumb}.embed("thumb", earlier)
			if err != nil {
				return nil, err
			}
			external["thumb"] = thumb["thumb"]
		}
		return map[string]any{"$type": "app.bsky.embed.external", "external": external}, nil
	}
	return nil, nil
}

func (f file) embed(as string, earlier network.Outcomes) (map[string]any, error) {
	blob := json.RawMessage(earlier[f.Step].Data["blob"])
	if !json.Valid(blob) {
		return nil, fault.Rejectedf("the upload %q has no result to attach", f.Step)
	}
	m := map[string]any{as: blob, "alt": f.Alt}
	if f.Width > 0 && f.Height > 0 {
		m["aspectRatio"] = map[string]int{"width": f.Width, "height": f.Height}
	}
	captions := []any{}
	for _, c := range f.Captions {
		blob := json.RawMessage(earlier[c.Step].Data["blob"])
		if !json.Valid(blob) {
			return nil, fault.Rejectedf("the upload %q has no result to attach", c.Step)
		}
		captions = append(captions, map[string]any{"lang": c.Language, "file": blob})
	}
	if len(captions) > 0 {
		m["captions"] = captions
	}
	return m, nil
}

// gated are the records that go with the post, by collection.
func (p payload) gated(uri string, earlier network.Outcomes) map[string]map[string]any {
	out := map[string]map[string]any{}
	if p.Gates == nil {
		return out
	}
	if p.Gates.Limited {
		allow := []map[string]string{}
		for _, rule := range p.Gates.Rules {
			allow = append(allow, map[string]string{"$type": threadgates + "#" + rule + "Rule"})
		}
		if p.Gates.List != "" {
			allow = append(allow, map[string]string{"$type": threadgates + "#listRule", "list": earlier[p.Gates.List].Data["uri"]})
		}
		out[threadgates] = map[string]any{"$type": threadgates, "post": uri, "createdAt": p.At, "allow": allow}
	}
	if p.Gates.Quotes {
		out[postgates] = map[string]any{"$type": postgates, "post": uri, "createdAt": p.At, "embeddingRules": []map[string]string{{"$type": postgates + "#disableRule"}}}
	}
	return out
}
