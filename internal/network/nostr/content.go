package nostr

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
	"github.com/bellwether-social/bellwether/internal/text"
)

var references = regexp.MustCompile(`\b(?:nostr:)?((?:npub|nprofile|note|nevent|naddr)1[02-9ac-hj-np-z]{20,})`)

// words are a part's text as it is published: mentions of known people and of other events as addresses that apps
// follow (NIP-27), and the tags that go with them.
func words(part network.Part) (string, [][]string) {
	var b strings.Builder
	var tags [][]string
	add := func(tag []string) {
		if !slices.ContainsFunc(tags, func(t []string) bool { return t[0] == tag[0] && t[1] == tag[1] }) {
			tags = append(tags, tag)
		}
	}
	s := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(part.Text, "\r\n", "\n"), "\uFFFD"))
	from := 0
	for _, e := range text.Mentions(s) {
		if key := part.Mentions[e.Text]; wire.IsKey(key) {
			b.WriteString(s[from:e.Start] + "nostr:" + wire.Npub(key))
			from = e.End
		}
	}
	b.WriteString(s[from:])
	s = references.ReplaceAllStringFunc(b.String(), func(found string) string {
		found = strings.TrimPrefix(found, "nostr:")
		r, err := wire.ReadReference(found)
		if err != nil {
			return found
		}
		if r.Target() != "" {
			add([]string{"q", r.Target(), r.Relay, r.Author})
		}
		if r.Author != "" {
			add([]string{"p", r.Author})
		}
		return "nostr:" + found
	})
	for _, tag := range text.Tags(s) {
		add([]string{"t", tag})
	}
	return s, tags
}

// address is where a file will be: media servers keep files under their digest.
func address(server string, m network.Media) string {
	return server + "/" + m.SHA256 + extension(m.MIME)
}

func extension(mime string) string {
	known := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/avif": ".avif", "video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov",
		"audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/flac": ".flac"}
	return known[mime]
}

// imeta describes a file to apps (NIP-92).
func imeta(server string, m network.Media) []string {
	tag := []string{"imeta", "url " + address(server, m), "m " + m.MIME, "x " + m.SHA256}
	if m.Bytes > 0 {
		tag = append(tag, "size "+strconv.FormatInt(m.Bytes, 10))
	}
	if m.Width > 0 && m.Height > 0 {
		tag = append(tag, fmt.Sprintf("dim %dx%d", m.Width, m.Height))
	}
	if m.Duration > 0 {
		tag = append(tag, fmt.Sprintf("duration %.3f", m.Duration.Seconds()))
	}
	if alt := strings.Join(strings.Fields(m.Alt), " "); alt != "" {
		tag = append(tag, "alt "+alt)
	}
	return tag
}

// number sets one delivery's event apart from another's that says the same in the same second. It stands where proof
// of work has its number (NIP-13), and promises none.
func number(key string, part int) []string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, part))
	return []string{"nonce", strconv.FormatUint(binary.BigEndian.Uint64(sum[:8]), 10), "0"}
}

// general are the tags that every event of ours has.
func general(d network.Draft, part int) [][]string {
	tags := [][]string{{"client", client}, number(d.Key, part)}
	if w := strings.TrimSpace(d.Settings["content_warning"]); w != "" {
		tags = append(tags, []string{"content-warning", w})
	}
	if days, err := strconv.Atoi(d.Settings["expires_days"]); err == nil && days > 0 {
		tags = append(tags, []string{"expiration", strconv.FormatInt(d.At.AddDate(0, 0, days).Unix(), 10)})
	}
	if code, _, _ := strings.Cut(strings.ToLower(d.Language), "-"); len(code) == 2 {
		tags = append(tags, []string{"L", "ISO-639-1"}, []string{"l", code, "ISO-639-1"})
	}
	return tags
}

// compose makes the event of one part, without what it answers.
func compose(d network.Draft, i int, a network.Account) wire.Event {
	part, server := partOf(d, i), a.Extra["media"]
	e := wire.Event{PubKey: a.ID, Kind: wire.KindNote, CreatedAt: max(d.At.Unix(), 0) + int64(i)} // apps order a thread by its seconds
	var tags [][]string
	e.Content, tags = words(part)
	set := d.Settings
	how := kind(d)
	if i > 0 {
		how = note // what follows an article or a picture is decided by what it answers
	}
	switch how {
	case article:
		e.Kind = wire.KindArticle
		tags = append(tags, []string{"d", cmp.Or(strings.TrimSpace(set["identifier"]), "post-"+number(d.Key, 0)[1])}, []string{"title", strings.TrimSpace(set["title"])},
			[]string{"published_at", strconv.FormatInt(e.CreatedAt, 10)})
		if s := strings.TrimSpace(set["summary"]); s != "" {
			tags = append(tags, []string{"summary", s})
		}
		for n, m := range part.Media {
			if n == 0 && m.Kind == network.Image {
				tags = append(tags, []string{"image", address(server, m)})
				continue
			}
			e.Content = strings.TrimSpace(e.Content + "\n\n![" + strings.NewReplacer("[", "(", "]", ")", "\n", " ").Replace(m.Alt) + "](" + address(server, m) + ")")
		}
	case picture, video:
		e.Kind = wire.KindPicture
		if how == video {
			e.Kind = wire.KindVideo
			if m := part.Media[0]; m.Height > m.Width {
				e.Kind = wire.KindShort
			}
		}
		tags = append(tags, []string{"title", strings.TrimSpace(set["title"])})
		for _, m := range part.Media {
			tags = append(tags, []string{"m", m.MIME}, []string{"x", m.SHA256})
		}
	default:
		for _, m := range part.Media {
			e.Content = strings.TrimSpace(e.Content + "\n\n" + address(server, m))
		}
	}
	for _, m := range part.Media {
		tags = append(tags, imeta(server, m))
	}
	e.Tags = append(tags, general(d, i)...)
	return e
}

// plain is an event's text without the addresses of its files.
func plain(e wire.Event) (s string, media int) {
	s = e.Content
	for _, t := range e.Tags {
		if len(t) < 2 || t[0] != "imeta" {
			continue
		}
		media++
		for _, f := range t[1:] {
			if u, ok := strings.CutPrefix(f, "url "); ok {
				s = strings.Replace(s, u, "", 1)
			}
		}
	}
	if e.Kind == wire.KindArticle {
		s = empty.ReplaceAllString(s, "")
	}
	return strings.TrimSpace(s), media
}

var empty = regexp.MustCompile(`\n*!\[[^\]]*\]\(\)`)

// answering adds what an event answers: the root of the thread and the parent, as events of notes do (NIP-10), or as
// comments do on anything else (NIP-22). scope are the tags that name the root of the latter.
func answering(e wire.Event, root, parent wire.Event, scope [][]string) wire.Event {
	if parent.Kind == wire.KindNote && scope == nil {
		e.Tags = append([][]string{{"e", root.ID, "", "root", root.PubKey}}, e.Tags...)
		if parent.ID != root.ID {
			e.Tags = append(e.Tags, []string{"e", parent.ID, "", "reply", parent.PubKey})
		}
	} else {
		e.Kind = wire.KindComment
		if scope == nil {
			scope = scopeOf(root)
		}
		e.Tags = slices.Concat(scope, parentOf(parent), e.Tags)
	}
	if parent.PubKey != "" && parent.PubKey != e.PubKey && !e.Has("p", parent.PubKey) {
		e.Tags = append(e.Tags, []string{"p", parent.PubKey})
	}
	return e
}

// scopeOf names the root of a comment, parentOf what it answers directly.
func scopeOf(root wire.Event) [][]string {
	tag := []string{"E", root.ID, "", root.PubKey}
	if a := root.Address(); a != "" {
		tag = []string{"A", a, "", root.PubKey}
	}
	return [][]string{tag, {"K", strconv.Itoa(root.Kind)}, {"P", root.PubKey}}
}

func parentOf(parent wire.Event) [][]string {
	var tags [][]string
	if a := parent.Address(); a != "" {
		tags = append(tags, []string{"a", a, "", parent.PubKey})
	}
	if parent.ID != "" {
		tags = append(tags, []string{"e", parent.ID, "", parent.PubKey})
	}
	return append(tags, []string{"k", strconv.Itoa(parent.Kind)})
}
