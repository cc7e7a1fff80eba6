package blueskyfake

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/text"
)

// Lexicon holds the published descriptions of records and calls by name.
type Lexicon struct{ defs map[string]map[string]any }

// Read reads the lexicons below a folder.
func Read(folder string) (*Lexicon, error) {
	l := &Lexicon{map[string]map[string]any{}}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var doc struct {
			ID   string                    `json:"id"`
			Defs map[string]map[string]any `json:"defs"`
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			return fmt.Errorf("read the lexicon %s: %w", path, err)
		}
		for name, def := range doc.Defs {
			l.defs[doc.ID+"#"+name] = def
		}
		return nil
	})
	if err == nil && len(l.defs) == 0 {
		err = fmt.Errorf("no lexicons in %s", folder)
	}
	return l, err
}

// Describe makes the fake check every record and request against lexicons.
func (f *Fake) Describe(l *Lexicon) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lexicon = l
}

// def finds a definition: "app.bsky.feed.post", "app.bsky.feed.post#replyRef", or "#replyRef" seen from another.
func (l *Lexicon) def(ref, from string) (def map[string]any, id string) {
	if strings.HasPrefix(ref, "#") {
		id, _, _ := strings.Cut(from, "#")
		ref = id + ref
	}
	if !strings.Contains(ref, "#") {
		ref += "#main"
	}
	return l.defs[ref], ref
}

// record lists what is wrong with a record.
func (l *Lexicon) record(collection string, value map[string]any) (wrong []string) {
	def, id := l.def(collection, "")
	schema, _ := def["record"].(map[string]any)
	if schema == nil {
		return []string{"no lexicon describes " + collection}
	}
	v := validator{l: l}
	v.check(value, schema, id, "Record")
	return v.wrong
}

// request lists what is wrong with a call: its method, parameters or body.
func (l *Lexicon) request(name string, c *call) []string {
	def, id := l.def(name, "")
	v := validator{l: l}
	if def == nil {
		return []string{name + ": no lexicon describes this call"}
	}
	if want := map[string]string{"query": "GET", "procedure": "POST"}[fmt.Sprint(def["type"])]; want != c.Method {
		v.say(name, "is called with "+c.Method)
	}
	params, _ := def["parameters"].(map[string]any)
	v.params(c.URL.Query(), params, name)
	input, _ := def["input"].(map[string]any)
	switch encoding, _ := input["encoding"].(string); {
	case input == nil && len(c.raw) > 0:
		v.say(name, "takes no body")
	case encoding == "application/json":
		schema, _ := input["schema"].(map[string]any)
		v.check(map[string]any(c.body), schema, id, name)
	}
	return v.wrong
}

type validator struct {
	l     *Lexicon
	wrong []string
}

func (v *validator) say(path, what string) { v.wrong = append(v.wrong, path+" "+what) }

func (v *validator) params(q url.Values, schema map[string]any, path string) {
	properties, _ := schema["properties"].(map[string]any)
	for name, given := range q {
		p, _ := properties[name].(map[string]any)
		switch {
		case p == nil:
			v.say(path, "has no parameter "+name)
		case p["type"] != "array" && len(given) > 1:
			v.say(path, "takes "+name+" once")
		case p["type"] == "array" && exceeds(p, "maxLength", len(given)):
			v.say(path, "takes fewer "+name)
		case p["type"] == "integer":
			var n float64
			if _, err := fmt.Sscan(given[0], &n); err != nil {
				v.say(path, name+" is no number")
			} else {
				v.check(n, p, "", path+"?"+name)
			}
		case p["type"] == "string":
			v.check(given[0], p, "", path+"?"+name)
		}
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if !q.Has(fmt.Sprint(name)) {
			v.say(path, fmt.Sprint("needs the parameter ", name))
		}
	}
}

func exceeds(schema map[string]any, key string, n int) bool {
	limit, ok := schema[key].(float64)
	return ok && float64(n) > limit
}

func under(schema map[string]any, key string, n int) bool {
	limit, ok := schema[key].(float64)
	return ok && float64(n) < limit
}

// check compares a value with its schema; from is where relative references are read.
func (v *validator) check(value any, schema map[string]any, from, path string) {
	switch schema["type"] {
	case "object":
		v.object(value, schema, from, path)
	case "ref":
		def, id := v.l.def(fmt.Sprint(schema["ref"]), from)
		if def == nil {
			v.say(path, fmt.Sprint("refers to the unknown ", schema["ref"]))
			return
		}
		v.check(value, def, id, path)
	case "union":
		v.union(value, schema, from, path)
	case "array":
		list, ok := value.([]any)
		if !ok || exceeds(schema, "maxLength", len(list)) || under(schema, "minLength", len(list)) {
			v.say(path, "is no array, or too long or short")
		}
		items, _ := schema["items"].(map[string]any)
		for i, e := range list {
			v.check(e, items, from, fmt.Sprintf("%s/%d", path, i))
		}
	case "string":
		v.text(value, schema, path)
	case "integer":
		n, ok := value.(float64)
		if !ok || n != math.Trunc(n) || exceeds(schema, "maximum", int(n)) || under(schema, "minimum", int(n)) {
			v.say(path, "is no integer, or out of range")
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			v.say(path, "is no boolean")
		}
	case "blob":
		v.blob(value, schema, path)
	}
}

func (v *validator) object(value any, schema map[string]any, from, path string) {
	m, ok := value.(map[string]any)
	if !ok {
		v.say(path, "is no object")
		return
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := m[fmt.Sprint(name)]; !there {
			v.say(path, fmt.Sprint("must have the property ", name))
		}
	}
	nullable, _ := schema["nullable"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		property, _ := p.(map[string]any)
		if e, there := m[name]; there && (e != nil || !slices.Contains(nullable, any(name))) {
			v.check(e, property, from, path+"/"+name)
		}
	}
}

func (v *validator) union(value any, schema map[string]any, from, path string) {
	m, _ := value.(map[string]any)
	kind, _ := m["$type"].(string)
	refs, _ := schema["refs"].([]any)
	for _, r := range refs {
		def, id := v.l.def(fmt.Sprint(r), from)
		if def != nil && strings.TrimSuffix(id, "#main") == strings.TrimSuffix(kind, "#main") {
			v.check(value, def, id, path)
			return
		}
	}
	v.say(path, fmt.Sprintf("is of the kind %q, which is none of %v", kind, refs)) // stricter than open unions are: we mean to be understood
}

var formats = map[string]*regexp.Regexp{
	"at-uri":        regexp.MustCompile(`^at://(did:[a-z]+:[a-zA-Z0-9._:%-]+|[a-zA-Z0-9.-]+)/[a-zA-Z0-9.-]+/[a-zA-Z0-9._~:-]{1,512}$`),
	"did":           regexp.MustCompile(`^did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]$`),
	"handle":        regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`),
	"at-identifier": regexp.MustCompile(`^(did:[a-z]+:[a-zA-Z0-9._:%-]+|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]+)$`),
	"nsid":          regexp.MustCompile(`^[a-zA-Z]([a-zA-Z0-9-]*)(\.[a-zA-Z0-9-]+)+\.[a-zA-Z]+$`),
	"cid":           regexp.MustCompile(`^b[a-z2-7]{58}$`),
	"language":      regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*$`),
	"record-key":    regexp.MustCompile(`^[a-zA-Z0-9._~:-]{1,512}$`),
	"tid":           regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`),
	"uri":           regexp.MustCompile(`^[a-z][a-z.-]{0,80}:[^\s]+$`),
}

func (v *validator) text(value any, schema map[string]any, path string) {
	s, ok := value.(string)
	if !ok {
		v.say(path, "is no string")
		return
	}
	if exceeds(schema, "maxLength", len(s)) || exceeds(schema, "maxGraphemes", text.Graphemes(s)) {
		v.say(path, "must not be longer than "+fmt.Sprint(schema["maxGraphemes"], " graphemes, ", schema["maxLength"], " bytes"))
	}
	if known, _ := schema["enum"].([]any); known != nil && !slices.Contains(known, value) {
		v.say(path, "is none of its values")
	}
	switch format, _ := schema["format"].(string); {
	case format == "datetime":
		if t, err := time.Parse(time.RFC3339Nano, s); err != nil || t.Year() < 1 {
			v.say(path, "is no datetime: "+s)
		}
	case formats[format] != nil && !formats[format].MatchString(s):
		v.say(path, "is no "+format+": "+s)
	}
}

func (v *validator) blob(value any, schema map[string]any, path string) {
	m, _ := value.(map[string]any)
	size, _ := m["size"].(float64)
	mime, _ := m["mimeType"].(string)
	cid, _ := at(m, "ref", "$link").(string)
	if m["$type"] != "blob" || !formats["cid"].MatchString(cid) {
		v.say(path, "is no blob")
		return
	}
	if exceeds(schema, "maxSize", int(size)) {
		v.say(path, "is too large")
	}
	accept, _ := schema["accept"].([]any)
	if len(accept) > 0 && !slices.ContainsFunc(accept, func(a any) bool {
		pattern := fmt.Sprint(a)
		return pattern == mime || strings.HasSuffix(pattern, "/*") && strings.HasPrefix(mime, strings.TrimSuffix(pattern, "*"))
	}) {
		v.say(path, "has the type "+mime+", which is not accepted")
	}
}
