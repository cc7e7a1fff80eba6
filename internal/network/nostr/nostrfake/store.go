package nostrfake

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// public are the kinds of events that people read as posts.
var public = []int{wire.KindNote, wire.KindArticle, wire.KindPicture, wire.KindVideo, wire.KindShort, wire.KindComment}

// class is the class of faults an event falls under.
func (f *Fake) class(e wire.Event) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case e.Kind == wire.KindDelete:
		return "delete"
	case e.Address() != "" && f.find(e.Address()) != nil && f.find(e.ID) == nil:
		return "edit"
	case slices.Contains(public, e.Kind):
		return "create"
	}
	return "write"
}

func (t *talk) event(e wire.Event, size int, say func(...any)) {
	f := t.f
	switch why := t.shut(); {
	case why != "":
		say("OK", e.ID, false, why)
	case f.find(e.ID) != nil:
		say("OK", e.ID, true, "duplicate: already have this event")
	case utf8.RuneCountInString(e.Content) > f.o.Characters || size > 131072:
		say("OK", e.ID, false, "invalid: the content is too long")
	case e.CreatedAt > f.o.Now().Unix()+900:
		say("OK", e.ID, false, "invalid: the event is from the future")
	case f.gone[e.ID]:
		say("OK", e.ID, false, "blocked: its author deleted it")
	default:
		name := e.PubKey
		for n, k := range f.keys {
			if k.Public() == e.PubKey {
				name = n
			}
		}
		f.keep(e, name)
		say("OK", e.ID, true, "")
	}
}

// keep stores an event as its kind wants it, and writes what people read into the ledger.
func (f *Fake) keep(e wire.Event, name string) {
	if e.Kind == wire.KindDelete {
		for _, tag := range e.Tags {
			if len(tag) < 2 || tag[0] != "e" && tag[0] != "a" {
				continue
			}
			if there := f.find(tag[1]); there != nil && there.PubKey == e.PubKey && there.CreatedAt <= e.CreatedAt {
				f.drop(tag[1])
			}
		}
	}
	replaces := func(old wire.Event) bool {
		same := old.Kind == e.Kind && old.PubKey == e.PubKey
		return same && (e.Kind == 0 || e.Kind == 3 || e.Kind >= 10000 && e.Kind < 20000) || e.Address() != "" && old.Address() == e.Address()
	}
	edited := false
	for _, old := range f.events {
		if replaces(old) && (old.CreatedAt > e.CreatedAt || old.CreatedAt == e.CreatedAt && old.ID < e.ID) {
			return // an older version
		}
		edited = edited || replaces(old)
	}
	f.events = append(slices.DeleteFunc(f.events, replaces), e)
	if !slices.Contains(public, e.Kind) {
		return
	}
	words, media := readable(e)
	item := networkfake.Item{ID: e.RemoteID(), Account: name, Text: words, ReplyTo: parent(e), Visibility: "public", Media: media, Key: e.ID, At: f.o.Now().UTC()}
	if edited {
		f.Change(item.ID, func(it *networkfake.Item) { it.Text, it.Media, it.Edits = item.Text, item.Media, it.Edits+1 })
		return
	}
	f.Add(item)
}

// readable is what people read in an event, without the addresses of its files, and how many files it has.
func readable(e wire.Event) (string, int) {
	words, media := e.Content, 0
	for _, tag := range e.Tags {
		if len(tag) > 1 && tag[0] == "imeta" {
			media++
			words = strings.ReplaceAll(words, strings.TrimPrefix(tag[1], "url "), "")
		}
	}
	return strings.TrimSpace(words), media
}

// parent is what an event answers: by its marked tags, or as a comment.
func parent(e wire.Event) (id string) {
	if e.Kind == wire.KindComment {
		return first(e.Tag("a"), e.Tag("e"), e.Tag("i"))
	}
	for _, tag := range e.Tags {
		if len(tag) > 3 && tag[0] == "e" && (tag[3] == "reply" || tag[3] == "root" && id == "") {
			id = tag[1]
		}
	}
	return id
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// query answers REQ and COUNT.
func (t *talk) query(verb, name string, filters []json.RawMessage, say func(...any)) {
	if why := t.shut(); why != "" {
		say("CLOSED", name, why)
		return
	}
	if verb == "COUNT" && t.f.o.NoCount {
		say("NOTICE", "error: bad msg: unknown cmd")
		return
	}
	n := 0
	for _, raw := range filters {
		var f map[string]any
		if json.Unmarshal(raw, &f) != nil {
			say("CLOSED", name, "invalid: the filter is broken")
			return
		}
		if f["search"] != nil && !t.f.o.Search {
			say("CLOSED", name, "unsupported: search")
			return
		}
		limit := t.f.o.Page
		if asked, ok := f["limit"].(float64); ok {
			limit = min(limit, int(asked))
		}
		list := slices.Clone(t.f.events)
		slices.SortStableFunc(list, func(a, b wire.Event) int {
			if a.CreatedAt != b.CreatedAt {
				return int(b.CreatedAt - a.CreatedAt)
			}
			return strings.Compare(a.ID, b.ID)
		})
		for _, e := range list {
			if !fits(f, e) {
				continue
			}
			if n++; verb == "COUNT" {
				continue
			}
			if limit--; limit < 0 {
				break
			}
			say("EVENT", name, e)
		}
	}
	if verb == "COUNT" {
		say("COUNT", name, map[string]int{"count": n})
		return
	}
	say("EOSE", name)
}

func fits(f map[string]any, e wire.Event) bool {
	for name, v := range f {
		list, _ := v.([]any)
		ok := true
		switch {
		case name == "ids":
			ok = slices.Contains(list, any(e.ID))
		case name == "authors":
			ok = slices.Contains(list, any(e.PubKey))
		case name == "kinds":
			ok = slices.Contains(list, any(float64(e.Kind)))
		case name == "since":
			ok = float64(e.CreatedAt) >= v.(float64)
		case name == "until":
			ok = float64(e.CreatedAt) <= v.(float64)
		case name == "search":
			ok = strings.Contains(strings.ToLower(e.Content), strings.ToLower(v.(string)))
		case strings.HasPrefix(name, "#"):
			ok = slices.ContainsFunc(e.Tags, func(tag []string) bool {
				return len(tag) > 1 && tag[0] == name[1:] && slices.Contains(list, any(tag[1]))
			})
		}
		if !ok {
			return false
		}
	}
	return true
}

// upload takes a file as a media server does (BUD-02).
func (f *Fake) upload(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return
	}
	f.mu.Lock()
	f.calls["upload"]++
	f.mu.Unlock()
	f.Faults.Play(w, r, "upload", func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		sum := sha256.Sum256(body)
		digest := hex.EncodeToString(sum[:])
		why := f.unproved(r, digest)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case f.locked:
			w.Header().Set("X-Reason", "this key is shut out")
			w.WriteHeader(http.StatusUnauthorized)
		case why != "":
			f.faulty = append(f.faulty, "an upload without proof: "+why)
			w.Header().Set("X-Reason", why)
			w.WriteHeader(http.StatusUnauthorized)
		case !strings.HasPrefix(http.DetectContentType(body), strings.Split(r.Header.Get("Content-Type"), "/")[0]):
			w.Header().Set("X-Reason", "this is not what it says it is")
			w.WriteHeader(http.StatusUnsupportedMediaType)
		default:
			f.files[digest] = len(body)
			_ = json.NewEncoder(w).Encode(map[string]any{"url": f.URL + "/" + digest, "sha256": digest, "size": len(body), "type": r.Header.Get("Content-Type"), "uploaded": f.o.Now().Unix()})
		}
	})
}

// unproved says what an upload's authorisation lacks.
func (f *Fake) unproved(r *http.Request, digest string) string {
	proof, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Nostr ")
	raw, err := base64.StdEncoding.DecodeString(proof)
	var e wire.Event
	if !ok || err != nil || json.Unmarshal(raw, &e) != nil || !e.Genuine() {
		return "there is no signed event"
	}
	until, _ := strconv.ParseInt(e.Tag("expiration"), 10, 64)
	switch now := f.o.Now().Unix(); {
	case e.Kind != wire.KindUpload || e.Tag("t") != "upload":
		return "it is for something else"
	case e.Tag("x") != digest:
		return "it is for another file"
	case e.CreatedAt > now || until <= now:
		return "it is not valid now"
	}
	return ""
}
