package mastodonfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Description is an OpenAPI document, as much of it as checking requests needs. It may be shared by many fakes.
type Description struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Required bool
		} `json:"parameters"`
		RequestBody struct {
			Content map[string]struct {
				Schema map[string]any `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]map[string]any `json:"schemas"`
	} `json:"components"`
}

// ReadDescription reads an OpenAPI document.
func ReadDescription(openAPI []byte) (*Description, error) {
	d := &Description{}
	if err := json.Unmarshal(openAPI, d); err != nil {
		return nil, fmt.Errorf("read the description: %w", err)
	}
	return d, nil
}

// Describe makes the fake check every request against a description.
func (f *Fake) Describe(d *Description) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spec = d
}

// undescribed are calls outside the description: other documents define them.
var undescribed = []string{"/.well-known/nodeinfo", "/nodeinfo/2.0"}

// check lists what is wrong with a request: the path, the method, or a parameter's name, type or value.
func (d *Description) check(c *call, software string) (wrong []string) {
	if slices.Contains(undescribed, c.URL.Path) {
		return nil
	}
	where := c.Method + " " + c.URL.Path
	path := d.path(c.URL.Path)
	op, ok := d.Paths[path][strings.ToLower(c.Method)]
	if !ok {
		return []string{where + ": the description has no such call"}
	}
	for name := range c.URL.Query() {
		plain := strings.TrimSuffix(name, "[]")
		found := false
		for _, p := range op.Parameters {
			found = found || p.In == "query" && strings.TrimSuffix(p.Name, "[]") == plain
		}
		if !found {
			wrong = append(wrong, where+": no query parameter "+name)
		}
	}
	var schemas []map[string]any
	for _, content := range op.RequestBody.Content {
		schemas = append(schemas, d.variants(content.Schema)...)
	}
	isJSON := strings.HasPrefix(c.Header.Get("Content-Type"), "application/json")
	for name, value := range c.body {
		if name == "content_type" && software != "mastodon" {
			continue // an extension of the forks
		}
		schema, ok := property(schemas, name)
		switch {
		case !ok:
			wrong = append(wrong, where+": no body parameter "+name)
		case isJSON && !d.fits(schema, value):
			wrong = append(wrong, fmt.Sprintf("%s: %s must not be %v", where, name, value))
		}
	}
	return wrong
}

// path finds the template a path is an instance of; fixed words win over placeholders.
func (d *Description) path(actual string) string {
	if _, ok := d.Paths[actual]; ok {
		return actual
	}
	have := strings.Split(actual, "/")
	for template := range d.Paths {
		want := strings.Split(template, "/")
		if len(want) != len(have) {
			continue
		}
		same := true
		for i := range want {
			same = same && (want[i] == have[i] || strings.HasPrefix(want[i], "{"))
		}
		if same {
			return template
		}
	}
	return ""
}

func (d *Description) resolve(s map[string]any) map[string]any {
	if ref, ok := s["$ref"].(string); ok {
		return d.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]]
	}
	return s
}

// variants are the object schemas a body may have.
func (d *Description) variants(s map[string]any) (out []map[string]any) {
	s = d.resolve(s)
	out = append(out, s)
	for _, word := range []string{"oneOf", "anyOf", "allOf"} {
		list, _ := s[word].([]any)
		for _, v := range list {
			if m, ok := v.(map[string]any); ok {
				out = append(out, d.variants(m)...)
			}
		}
	}
	return out
}

func property(schemas []map[string]any, name string) (map[string]any, bool) {
	for _, s := range schemas {
		props, _ := s["properties"].(map[string]any)
		for _, spelled := range []string{name, name + "[]"} {
			if p, ok := props[spelled].(map[string]any); ok {
				return p, true
			}
		}
	}
	return nil, false
}

// fits checks a JSON value's type and enumeration. media_attributes is described as strings, which is how forms spell
// the objects that JSON has.
func (d *Description) fits(schema map[string]any, value any) bool {
	schema = d.resolve(schema)
	if word, ok := value.(string); ok {
		if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, any(word)) {
			return false
		}
	}
	switch schema["type"] {
	case "string":
		_, ok := value.(string)
		return ok
	case "boolean":
		_, ok := value.(bool)
		return ok
	case "integer", "number":
		_, ok := value.(float64)
		return ok
	case "array":
		_, ok := value.([]any)
		return ok
	case "object":
		m, ok := value.(map[string]any)
		props, _ := schema["properties"].(map[string]any)
		for k, v := range m {
			p, known := props[k].(map[string]any)
			if !known || !d.fits(p, v) {
				return false
			}
		}
		return ok
	}
	return true
}
