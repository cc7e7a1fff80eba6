package graphfake

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Description is Meta's published descriptions of objects: fields, edges and parameters. It may be shared by many fakes.
type Description struct {
	dir   string
	mu    sync.Mutex
	nodes map[string]*object
	enums map[string][]string
}

type object struct {
	Fields []param `json:"fields"`
	APIs   []struct {
		Method   string  `json:"method"`
		Endpoint string  `json:"endpoint"`
		Params   []param `json:"params"`
		Return   string  `json:"return"`
	} `json:"apis"`
}

type param struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Required bool   `json:"required"`
}

// ReadDescription reads the folder of object descriptions; objects are read when they are asked for.
func ReadDescription(dir string) (*Description, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "enum_types.json"))
	if err != nil {
		return nil, fmt.Errorf("read the descriptions: %w", err)
	}
	var list []struct {
		Name   string   `json:"name"`
		Values []string `json:"values"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("read the descriptions' enumerations: %w", err)
	}
	d := &Description{dir: dir, nodes: map[string]*object{}, enums: map[string][]string{}}
	for _, e := range list {
		d.enums[strings.ToLower(e.Name)] = e.Values
	}
	return d, nil
}

func (d *Description) object(name string) *object {
	d.mu.Lock()
	defer d.mu.Unlock()
	o, known := d.nodes[name]
	if known || name == "" || strings.ContainsAny(name, "/.<>") {
		return o
	}
	if raw, err := os.ReadFile(filepath.Join(d.dir, name+".json")); err == nil {
		o = &object{}
		if json.Unmarshal(raw, o) != nil {
			o = nil
		}
	}
	d.nodes[name] = o
	return o
}

// Everywhere are parameters that every call may have: Graph's own paging, fields and proof.
var everywhere = []string{"fields", "limit", "after", "before", "since", "until", "appsecret_proof", "metric"}

// newer are calls and names that Meta documents and its descriptions of April 2026 (v25.0) do not have.
var newer = map[string]bool{
	"POST IGMedia likes": true, "DELETE IGMedia likes": true, "POST IGComment likes": true, "DELETE IGComment likes": true,
	"IGComment.replies": true, "Page.tasks": true, "POST IGUser messages": true, "GET IGUser conversations": true,
	"POST IGUser media is_ai_generated": true, "POST IGUser media is_paid_partnership": true, "POST IGUser media branded_content_sponsor_ids": true, "POST IGUserForIGOnlyAPI media is_ai_generated": true, "GET IGMedia insights link_clicks": true, "POST IGUserForIGOnlyAPI media_publish": true, "POST IGUser subscribed_apps": true,
}

// only ends the names of objects that Instagram's own sign-in sees.
const only = "ForIGOnlyAPI"

// check lists what is wrong with a request: the edge, a parameter's name, type or value, or a field.
func (d *Description) check(c *Call) (wrong []string) {
	where := strings.TrimSpace(c.Method + " " + c.Node + " " + c.Edge)
	o := d.object(c.Node)
	if o == nil {
		return nil // described in no file, such as a container
	}
	for _, api := range o.APIs {
		if api.Method != c.Method || api.Endpoint != c.Edge {
			continue
		}
		for name, values := range c.Form {
			i := slices.IndexFunc(api.Params, func(p param) bool { return p.Name == name })
			switch {
			case i < 0 && !slices.Contains(everywhere, name) && !newer[where+" "+name]:
				wrong = append(wrong, where+": no parameter "+name)
			case i >= 0 && !d.fits(api.Params[i].Type, values[0]) && !newer[where+" "+values[0]]:
				wrong = append(wrong, fmt.Sprintf("%s: %s must be %s, not %q", where, name, api.Params[i].Type, values[0]))
			}
		}
		for _, p := range api.Params {
			if p.Required && c.Form.Get(p.Name) == "" {
				wrong = append(wrong, where+": "+p.Name+" is missing")
			}
		}
		returned := api.Return
		if c.Edge != "" && strings.HasSuffix(c.Node, only) { // "Media" there is another object than Facebook's
			returned = "IG" + returned + only
		} else if c.Edge == "" {
			returned = c.Node
		}
		return append(wrong, d.fields(returned, parse(c.Form.Get("fields")))...)
	}
	if newer[where] {
		return nil
	}
	return []string{where + ": the description has no such call"}
}

// fields checks names of fields where their object is described.
func (d *Description) fields(node string, asked []field) (wrong []string) {
	o := d.object(node)
	if o == nil {
		return nil
	}
	for _, f := range asked {
		kind, ok := "", newer[node+"."+f.name]
		for _, p := range o.Fields {
			if p.Name == f.name {
				kind, ok = strings.TrimSuffix(strings.TrimPrefix(p.Type, "list<"), ">"), true
			}
		}
		for _, api := range o.APIs {
			if api.Method == "GET" && api.Endpoint == f.name {
				if kind, ok = api.Return, true; strings.HasSuffix(node, only) {
					kind = "IG" + kind + only
				}
			}
		}
		if !ok {
			wrong = append(wrong, node+": no field "+f.name)
			continue
		}
		wrong = append(wrong, d.fields(kind, f.sub)...)
	}
	return wrong
}

// fits checks a value against a type's name.
func (d *Description) fits(kind, value string) bool {
	if inner, ok := strings.CutPrefix(kind, "list<"); ok {
		inner = strings.TrimSuffix(inner, ">")
		var list []any
		if json.Unmarshal([]byte(value), &list) != nil { // short lists may be written with commas
			for _, one := range strings.Split(value, ",") {
				if inner != "Object" && inner != "map" && !d.fits(inner, one) {
					return false
				}
			}
			return true
		}
		for _, one := range list {
			if s, ok := one.(string); ok && !d.fits(inner, s) {
				return false
			}
		}
		return true
	}
	if values, ok := d.enums[strings.ToLower(kind)]; ok {
		return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, value) })
	}
	switch kind {
	case "bool":
		return value == "true" || value == "false"
	case "int", "unsigned int":
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil
	case "float":
		_, err := strconv.ParseFloat(value, 64)
		return err == nil
	case "datetime":
		_, err := strconv.ParseInt(value, 10, 64)
		_, err2 := time.Parse(time.RFC3339, value)
		return err == nil || err2 == nil
	case "map":
		return json.Valid([]byte(value))
	}
	return true
}
