package telegramfake

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Description is the published list of the Bot API's methods and types.
type Description struct {
	Methods map[string]described `json:"methods"`
	Types   map[string]described `json:"types"`
}

type described struct {
	Fields   []field  `json:"fields"`
	Subtypes []string `json:"subtypes"`
}

type field struct {
	Name     string   `json:"name"`
	Types    []string `json:"types"`
	Required bool     `json:"required"`
}

// ReadDescription reads the list as it is published.
func ReadDescription(raw []byte) (*Description, error) {
	d := &Description{}
	if err := json.Unmarshal(raw, d); err != nil {
		return nil, fmt.Errorf("read the description of the bot api: %w", err)
	}
	return d, nil
}

// Describe has every call checked against the description.
func (f *Fake) Describe(d *Description) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spec = d
}

// check lists what is wrong with a call.
func (d *Description) check(c *call) []string {
	m, ok := d.Methods[c.method]
	if !ok {
		return []string{c.method + ": the description has no such method"}
	}
	params := map[string]any{}
	for k, v := range c.params {
		params[k] = v
	}
	for name := range c.files {
		if slices.ContainsFunc(m.Fields, func(f field) bool { return f.Name == name }) {
			params[name] = "attach://" + name
		}
	}
	return d.object(c.method, m.Fields, params)
}

func (d *Description) object(where string, fields []field, v map[string]any) (wrong []string) {
	for name := range v {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.Name == name }) {
			wrong = append(wrong, where+": no field "+name)
		}
	}
	for _, f := range fields {
		value, there := v[f.Name]
		if !there {
			if f.Required {
				wrong = append(wrong, where+": "+f.Name+" is missing")
			}
			continue
		}
		var first []string
		fits := false
		for _, t := range f.Types {
			problems := d.value(where+"."+f.Name, t, value)
			if fits = len(problems) == 0; fits {
				break
			}
			if first == nil {
				first = problems
			}
		}
		if !fits {
			wrong = append(wrong, first...)
		}
	}
	return wrong
}

// value lists why a value is not of a type.
func (d *Description) value(where, kind string, v any) []string {
	if of, ok := strings.CutPrefix(kind, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return []string{where + ": not a list"}
		}
		var wrong []string
		for i, item := range list {
			wrong = append(wrong, d.value(fmt.Sprintf("%s[%d]", where, i), of, item)...)
		}
		return wrong
	}
	ok := true
	switch kind {
	case "String", "InputFile":
		_, ok = v.(string)
	case "Integer":
		n, number := v.(float64)
		ok = number && n == math.Trunc(n)
	case "Float":
		_, ok = v.(float64)
	case "Boolean", "True":
		_, ok = v.(bool)
	default:
		t := d.Types[kind]
		doc, object := v.(map[string]any)
		if !object {
			return []string{where + ": not a " + kind}
		}
		if len(t.Subtypes) == 0 {
			return d.object(where, t.Fields, doc)
		}
		var best []string
		for _, sub := range t.Subtypes {
			problems := d.value(where, sub, v)
			if len(problems) == 0 {
				return nil
			}
			if best == nil || len(problems) < len(best) {
				best = problems
			}
		}
		return best
	}
	if !ok {
		return []string{where + ": not a " + kind}
	}
	return nil
}
