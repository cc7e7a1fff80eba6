package blueskyfake

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

var base32lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func didPart(handle string) string {
	sum := sha256.Sum256([]byte(handle))
	return base32lower.EncodeToString(sum[:15])
}

// cidOf is the address of some content: equal content, equal address. The bytes hashed are our own; its form is right.
func cidOf(codec byte, content []byte) string {
	sum := sha256.Sum256(content)
	return "b" + base32lower.EncodeToString(append([]byte{1, codec, 0x12, 0x20}, sum[:]...))
}

// key makes the next record key.
func (f *Fake) key() string {
	f.n++
	v := uint64(f.o.Now().UnixMicro())<<10 + uint64(f.n)%1024
	var out [13]byte
	for i := range out {
		out[12-i] = "234567abcdefghijklmnopqrstuvwxyz"[v&31]
		v >>= 5
	}
	return string(out[:])
}

// put writes a record, new or changed.
func (f *Fake) put(did, collection, key string, value map[string]any, silent bool) *record {
	raw, _ := json.Marshal(value)
	r := &record{did: did, collection: collection, key: key, cid: cidOf(0x71, raw), value: value, at: f.o.Now().UTC().Truncate(time.Millisecond), silent: silent}
	old := f.records[r.uri()]
	f.records[r.uri()] = r
	if old != nil {
		*old = *r
		f.records[r.uri()] = old
		if collection == posts {
			f.Change(r.uri(), func(it *networkfake.Item) { it.Text, it.Edits = wordsOf(value), it.Edits+1 })
		}
		return old
	}
	f.order = append(f.order, r)
	if collection == posts {
		f.Add(networkfake.Item{ID: r.uri(), Account: f.people[did].Handle, Text: wordsOf(value), ReplyTo: parent(value), Visibility: "public", Media: len(files(value)), Key: key, At: r.at})
	}
	return r
}

func (f *Fake) drop(uri string) {
	r := f.records[uri]
	if r == nil {
		return
	}
	r.gone = true
	delete(f.records, uri)
	f.Change(uri, func(it *networkfake.Item) { it.Deleted = true })
}

const posts = "app.bsky.feed.post"

func wordsOf(value map[string]any) string { s, _ := value["text"].(string); return s }

func at(value map[string]any, path ...string) any {
	var v any = value
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

func parent(value map[string]any) string {
	s, _ := at(value, "reply", "parent", "uri").(string)
	return s
}

// files lists the pictures and videos of a post.
func files(value map[string]any) (out []any) {
	embed, _ := value["embed"].(map[string]any)
	if media, ok := embed["media"].(map[string]any); ok {
		embed = media
	}
	if images, ok := embed["images"].([]any); ok {
		return images
	}
	if v := embed["video"]; v != nil {
		return []any{v}
	}
	return nil
}

// blobsIn finds every file a record names.
func blobsIn(v any) (cids []string) {
	switch v := v.(type) {
	case map[string]any:
		if v["$type"] == "blob" {
			s, _ := at(v, "ref", "$link").(string)
			return []string{s}
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			cids = append(cids, blobsIn(v[k])...)
		}
	case []any:
		for _, e := range v {
			cids = append(cids, blobsIn(e)...)
		}
	}
	return cids
}

// write checks and writes one record of the caller's own repository.
func (f *Fake) write(c *call, collection, key string, value map[string]any) (*record, *refusal) {
	if value["$type"] != collection {
		return nil, no(400, "InvalidRequest", "Invalid $type: expected "+collection)
	}
	if f.lexicon != nil {
		if wrong := f.lexicon.record(collection, value); len(wrong) > 0 {
			return nil, no(400, "InvalidRequest", "Invalid "+collection+" record: "+strings.Join(wrong, "; "))
		}
	}
	for _, cid := range blobsIn(value) {
		b, ok := f.blobs[cid]
		if !ok || b.owner != c.me.DID {
			return nil, no(400, "BlobNotFound", "Could not find blob: "+cid)
		}
		b.used = true
		f.blobs[cid] = b
	}
	return f.put(c.me.DID, collection, key, value, false), nil
}

func (f *Fake) putRecord(c *call) (any, *refusal) {
	if c.text("repo") != c.me.DID && c.text("repo") != c.me.Handle {
		return nil, no(403, "Forbidden", "Insufficient scope for this repository")
	}
	uri := "at://" + c.me.DID + "/" + c.text("collection") + "/" + c.text("rkey")
	value, _ := c.body["record"].(map[string]any)
	old := f.records[uri]
	raw, _ := json.Marshal(value)
	if old != nil && old.cid == cidOf(0x71, raw) {
		return map[string]any{"uri": uri, "cid": old.cid, "validationStatus": "valid"}, nil // nothing changes
	}
	if swap, given := c.body["swapRecord"]; given {
		was, _ := swap.(string)
		now := ""
		if old != nil {
			now = old.cid
		}
		if was != now {
			return nil, no(400, "InvalidSwap", "Record was at "+now)
		}
	}
	r, refused := f.write(c, c.text("collection"), c.text("rkey"), value)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"uri": uri, "cid": r.cid, "validationStatus": "valid"}, nil
}

// applyWrites creates records, all or none. A key that is taken makes the real server stumble: 500.
func (f *Fake) applyWrites(c *call) (any, *refusal) {
	list, _ := c.body["writes"].([]any)
	for _, w := range list {
		m, _ := w.(map[string]any)
		if m["$type"] != "com.atproto.repo.applyWrites#create" {
			return nil, no(400, "InvalidRequest", "only creating is played here")
		}
		if f.records[fmt.Sprint("at://", c.me.DID, "/", m["collection"], "/", m["rkey"])] != nil {
			return nil, no(500, "InternalServerError", "Internal Server Error")
		}
		value, _ := m["value"].(map[string]any)
		if f.lexicon != nil {
			if wrong := f.lexicon.record(fmt.Sprint(m["collection"]), value); len(wrong) > 0 {
				return nil, no(400, "InvalidRequest", strings.Join(wrong, "; "))
			}
		}
	}
	results := []any{}
	for _, w := range list {
		m := w.(map[string]any)
		value, _ := m["value"].(map[string]any)
		r, refused := f.write(c, fmt.Sprint(m["collection"]), fmt.Sprint(m["rkey"]), value)
		if refused != nil {
			return nil, refused
		}
		results = append(results, map[string]any{"$type": "com.atproto.repo.applyWrites#createResult", "uri": r.uri(), "cid": r.cid, "validationStatus": "valid"})
	}
	return map[string]any{"results": results}, nil
}

func (f *Fake) deleteRecord(c *call) (any, *refusal) {
	if c.text("repo") != c.me.DID {
		return nil, no(403, "Forbidden", "Insufficient scope for this repository")
	}
	f.drop("at://" + c.me.DID + "/" + c.text("collection") + "/" + c.text("rkey"))
	return map[string]any{}, nil
}

func (f *Fake) getRecord(c *call) (any, *refusal) {
	uri := "at://" + c.q("repo") + "/" + c.q("collection") + "/" + c.q("rkey")
	r := f.records[uri]
	if r == nil {
		return nil, no(400, "RecordNotFound", "Could not locate record: "+uri)
	}
	return map[string]any{"uri": uri, "cid": r.cid, "value": r.value}, nil
}

func (f *Fake) listRecords(c *call) (any, *refusal) {
	var keys []string
	for _, r := range f.records {
		if r.did == c.q("repo") && r.collection == c.q("collection") && (c.q("cursor") == "" || r.key < c.q("cursor")) {
			keys = append(keys, r.key)
		}
	}
	slices.Sort(keys)
	slices.Reverse(keys)
	limit, _ := strconv.Atoi(c.q("limit"))
	list := []any{}
	doc := map[string]any{}
	for _, k := range keys[:min(limit, len(keys))] {
		r := f.records["at://"+c.q("repo")+"/"+c.q("collection")+"/"+k]
		list, doc["cursor"] = append(list, map[string]any{"uri": r.uri(), "cid": r.cid, "value": r.value}), k
	}
	doc["records"] = list
	return doc, nil
}

func (f *Fake) uploadBlob(c *call) (any, *refusal) {
	if len(c.raw) == 0 {
		return nil, no(400, "InvalidRequest", "Request encoding (Content-Type) required but not provided")
	}
	if len(c.raw) > 5<<20 {
		return nil, no(413, "PayloadTooLarge", "request entity too large")
	}
	cid := cidOf(0x55, c.raw)
	f.blobs[cid] = blob{owner: c.me.DID, mime: c.Header.Get("Content-Type"), size: len(c.raw)}
	return map[string]any{"blob": map[string]any{"$type": "blob", "ref": map[string]any{"$link": cid}, "mimeType": c.Header.Get("Content-Type"), "size": len(c.raw)}}, nil
}
