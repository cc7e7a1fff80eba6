package nostrfake

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Schemas are the published JSON schemas of events: one for each kind, made of smaller ones by reference. Of their
// language what they use is understood: allOf, anyOf, oneOf, $ref, type, const, enum, pattern, properties, required,
// minLength, items (one or a list),
// additionalItems, contains, minItems and maxItems.
type Schemas struct {
	root  string
	files map[string]map[string]any
	kinds map[int]string
}

// ReadSchemas finds the schemas in a folder that holds "@" and "nips".
func ReadSchemas(root string) (*Schemas, error) {
	s := &Schemas{root: root, files: map[string]map[string]any{}, kinds: map[int]string{}}
	found, err := filepath.Glob(filepath.Join(root, "nips", "*", "kind-*", "schema.yaml"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("there are no schemas in %s: %w", root, err)
	}
	for _, path := range found {
		var kind int
		if _, err := fmt.Sscanf(filepath.Base(filepath.Dir(path)), "kind-%d", &kind); err == nil {
			s.kinds[kind], _ = filepath.Rel(root, path)
		}
	}
	return s, nil
}

func (s *Schemas) file(name string) (map[string]any, error) {
	if doc, ok := s.files[name]; ok {
		return doc, nil
	}
	raw, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	doc := map[string]any{}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s.files[name] = doc
	return doc, nil
}

// Check returns what is wrong with an event, "" for nothing or a kind without a schema.
func (s *Schemas) Check(raw []byte) string {
	var doc map[string]any
	if json.Unmarshal(raw, &doc) != nil {
		return "it is not an object"
	}
	kind, _ := doc["kind"].(float64)
	name, ok := s.kinds[int(kind)]
	if !ok {
		return ""
	}
	schema, err := s.file(name)
	if err == nil {
		err = s.fits(schema, doc, "event")
	}
	if err != nil {
		return fmt.Sprintf("kind %d: %v", int(kind), err)
	}
	return ""
}

func (s *Schemas) fits(schema map[string]any, v any, where string) error {
	if ref, ok := schema["$ref"].(string); ok {
		next, err := s.file(ref)
		if os.IsNotExist(err) {
			return nil // cut from the folder
		}
		if err != nil {
			return err
		}
		return s.fits(next, v, where)
	}
	for _, part := range list(schema["allOf"]) {
		if err := s.fits(part, v, where); err != nil {
			return err
		}
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		var last error
		fit := len(list(schema[word])) == 0
		for _, part := range list(schema[word]) {
			if err := s.fits(part, v, where); err == nil {
				fit = true
			} else {
				last = err
			}
		}
		if !fit {
			return last
		}
	}
	if want, ok := schema["const"]; ok && fmt.Sprint(want) != fmt.Sprint(v) {
		return fmt.Errorf("%s is %v, not %v", where, v, want)
	}
	if some, ok := schema["enum"].([]any); ok && !strings.Contains(fmt.Sprint(some), fmt.Sprint(v)) {
		return fmt.Errorf("%s is %v, not one of %v", where, v, some)
	}
	return s.shape(schema, v, where)
}

func (s *Schemas) shape(schema map[string]any, v any, where string) error {
	want, _ := schema["type"].(string)
	switch x := v.(type) {
	case string:
		if want != "" && want != "string" {
			return fmt.Errorf("%s is text, not %s", where, want)
		}
		if n, ok := schema["minLength"].(int); ok && len(x) < n {
			return fmt.Errorf("%s is shorter than %d", where, n)
		}
		if p, ok := schema["pattern"].(string); ok {
			if re, err := regexp.Compile(p); err == nil && !re.MatchString(x) {
				return fmt.Errorf("%s is %q, which is not %s", where, x, p)
			}
		}
	case float64:
		if want != "" && want != "integer" && want != "number" {
			return fmt.Errorf("%s is a number, not %s", where, want)
		}
	case map[string]any:
		return s.object(schema, x, where)
	case []any:
		if want != "" && want != "array" {
			return fmt.Errorf("%s is a list, not %s", where, want)
		}
		return s.array(schema, x, where)
	}
	return nil
}

func (s *Schemas) object(schema map[string]any, x map[string]any, where string) error {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := x[fmt.Sprint(name)]; !there {
			return fmt.Errorf("%s has no %v", where, name)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, part := range properties {
		if sub, ok := part.(map[string]any); ok && x[name] != nil {
			if err := s.fits(sub, x[name], where+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Schemas) array(schema map[string]any, x []any, where string) error {
	if n, ok := schema["minItems"].(int); ok && len(x) < n {
		return fmt.Errorf("%s has %d entries, fewer than %d", where, len(x), n)
	}
	if n, ok := schema["maxItems"].(int); ok && len(x) > n {
		return fmt.Errorf("%s has %d entries, more than %d", where, len(x), n)
	}
	each, _ := schema["items"].(map[string]any)
	places, _ := schema["items"].([]any)
	if more, ok := schema["additionalItems"].(bool); ok && !more && places != nil && len(x) > len(places) {
		return fmt.Errorf("%s has %d entries, more than %d", where, len(x), len(places))
	}
	for i, v := range x {
		sub := each
		if i < len(places) {
			sub, _ = places[i].(map[string]any)
		}
		if sub != nil {
			if err := s.fits(sub, v, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
	}
	must, ok := schema["contains"].(map[string]any)
	if !ok {
		return nil
	}
	last := fmt.Errorf("%s is empty", where)
	for i, v := range x {
		if last = s.fits(must, v, fmt.Sprintf("%s[%d]", where, i)); last == nil {
			return nil
		}
	}
	return fmt.Errorf("%s has nothing that fits: %w", where, last)
}

func list(v any) (out []map[string]any) {
	some, _ := v.([]any)
	for _, one := range some {
		if m, ok := one.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// judge notes what the schemas do not allow of an event that arrived.
func (f *Fake) judge(raw []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.spec == nil {
		return
	}
	if wrong := f.spec.Check(raw); wrong != "" {
		f.faulty = append(f.faulty, wrong)
	}
}
