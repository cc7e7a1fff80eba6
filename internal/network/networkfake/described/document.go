package described

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"go.yaml.in/yaml/v3"
)

// Document is a published description. Many fakes may share one.
type Document struct {
	doc   *openapi3.T
	bases []string // paths of the servers, "" among them
}

// Read reads a description.
func Read(raw []byte) (*Document, error) {
	if bytes.Contains(raw, []byte(`"discoveryVersion"`)) {
		return readDiscovery(raw)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil { // a description that names schemas it does not have says nothing about them
		if raw, err = mended(raw); err == nil {
			doc, err = openapi3.NewLoader().LoadFromData(raw)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the description: %w", err)
	}
	return document(doc), nil
}

var reference = regexp.MustCompile(`#/components/(schemas|parameters|responses)/([A-Za-z0-9_.-]+)`)

// mended adds something that allows everything for all that is referred to and not there.
func mended(raw []byte) ([]byte, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	components, _ := doc["components"].(map[string]any)
	if components == nil {
		components = map[string]any{}
		doc["components"] = components
	}
	for _, m := range reference.FindAllSubmatch(raw, -1) {
		kind, name := string(m[1]), string(m[2])
		section, _ := components[kind].(map[string]any)
		if section == nil {
			section = map[string]any{}
			components[kind] = section
		}
		if section[name] != nil {
			continue
		}
		section[name] = map[string]map[string]any{"schemas": {}, "responses": {"description": name},
			"parameters": {"name": strings.ToLower(name), "in": "query", "schema": map[string]any{}}}[kind]
	}
	return json.Marshal(doc)
}

func document(doc *openapi3.T) *Document {
	d := &Document{doc: doc, bases: []string{""}}
	for _, s := range doc.Servers {
		if u, err := url.Parse(s.URL); err == nil && strings.Trim(u.Path, "/") != "" {
			d.bases = append(d.bases, "/"+strings.Trim(u.Path, "/"))
		}
	}
	return d
}

// Check lists what is wrong with a request whose body was read: a path or method that is not described, a parameter or
// a property of the body that is not, a missing one, a wrong type or value. The path may stand with or without the
// servers' base path.
func (d *Document) Check(r *http.Request, body []byte) []string {
	where := r.Method + " " + r.URL.Path
	template, item, values := d.find(r.URL.Path, r.Method)
	if item == nil {
		return []string{where + ": the description has no such call"}
	}
	op := item.GetOperation(r.Method)
	var wrong []string
	for name := range r.URL.Query() {
		if !d.parameter(item, op, name) {
			wrong = append(wrong, where+": no query parameter "+name)
		}
	}
	wrong = append(wrong, d.strangers(where, r, op, body)...)
	copied := r.Clone(context.Background())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	copied.ContentLength = int64(len(body))
	input := &openapi3filter.RequestValidationInput{Request: copied, PathParams: values,
		Route: nil, Options: &openapi3filter.Options{MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true}}
	input.Route = route(d.doc, template, item, r.Method, op)
	if binary(r, op) {
		input.Options.ExcludeRequestBody = true
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		wrong = append(wrong, where+": "+strings.Join(strings.Fields(brief(err)), " "))
	}
	return wrong
}

// find returns the path an address is an instance of; fixed words win over placeholders.
func (d *Document) find(path, method string) (string, *openapi3.PathItem, map[string]string) {
	best, found, values := "", (*openapi3.PathItem)(nil), map[string]string(nil)
	fixed := -1
	for _, base := range d.bases {
		rest, ok := strings.CutPrefix(path, base)
		if !ok {
			continue
		}
		for template, item := range d.doc.Paths.Map() {
			plain, _, _ := strings.Cut(template, "?")
			if n, v := match(plain, rest); n > fixed && item.GetOperation(method) != nil {
				best, found, values, fixed = template, item, v, n
			}
		}
	}
	return best, found, values
}

// match reports how many segments are fixed words, −1 where the path is no instance of the template.
func match(template, path string) (fixed int, values map[string]string) {
	want, have := strings.Split(strings.Trim(template, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(want) != len(have) {
		return -1, nil
	}
	values = map[string]string{}
	for i, w := range want {
		open, end := strings.Index(w, "{"), strings.LastIndex(w, "}")
		switch {
		case open < 0 && w == have[i]:
			fixed++
		case open < 0 || end < open:
			return -1, nil
		case !strings.HasPrefix(have[i], w[:open]) || !strings.HasSuffix(have[i], w[end+1:]) || len(have[i]) <= open+len(w)-end-1:
			return -1, nil
		default:
			values[w[open+1:end]] = have[i][open : len(have[i])-(len(w)-end-1)]
		}
	}
	return fixed, values
}

func (d *Document) parameter(item *openapi3.PathItem, op *openapi3.Operation, name string) bool {
	for _, p := range slices.Concat(item.Parameters, op.Parameters) {
		v := p.Value
		if v == nil || v.In != "query" {
			continue
		}
		plain, _, deep := strings.Cut(name, "[")
		if v.Name == name || v.Name == strings.TrimSuffix(name, "[]") || deep && v.Name == plain {
			return true
		}
	}
	return false
}

// strangers names properties of a JSON or form body that no variant of its schema has.
func (d *Document) strangers(where string, r *http.Request, op *openapi3.Operation, body []byte) (wrong []string) {
	names := properties(r.Header.Get("Content-Type"), body)
	if len(names) == 0 || op.RequestBody == nil || op.RequestBody.Value == nil {
		return nil
	}
	known, any := map[string]bool{}, false
	for _, content := range op.RequestBody.Value.Content {
		if content.Schema != nil {
			any = collect(content.Schema.Value, known, 0) || any
		}
	}
	for _, name := range names {
		if !any && !known[name] {
			wrong = append(wrong, where+": no body parameter "+name)
		}
	}
	return wrong
}

// collect gathers a schema's properties; true means that anything goes.
func collect(s *openapi3.Schema, known map[string]bool, depth int) bool {
	if s == nil || depth > 8 {
		return false
	}
	for name := range s.Properties {
		known[name] = true
	}
	any := s.AdditionalProperties.Schema != nil || s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf, s.AllOf} {
		for _, v := range list {
			any = collect(v.Value, known, depth+1) || any
		}
	}
	return any || len(known) == 0
}
