package described

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// discovery is one of Google's documents, as much of it as requests need.
type discovery struct {
	ServicePath string               `json:"servicePath"`
	Parameters  map[string]schema    `json:"parameters"`
	Schemas     map[string]schema    `json:"schemas"`
	Resources   map[string]*resource `json:"resources"`
}

type resource struct {
	Methods   map[string]method    `json:"methods"`
	Resources map[string]*resource `json:"resources"`
}

type method struct {
	HTTPMethod string            `json:"httpMethod"`
	Path       string            `json:"path"`
	FlatPath   string            `json:"flatPath"`
	Parameters map[string]schema `json:"parameters"`
	Request    struct {
		Ref string `json:"$ref"`
	} `json:"request"`
	MediaUpload struct {
		Protocols map[string]struct {
			Path string `json:"path"`
		} `json:"protocols"`
	} `json:"mediaUpload"`
}

// schema is what Google calls a schema; a number of 64 bits travels as a string.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Items      *schema           `json:"items"`
	Properties map[string]schema `json:"properties"`
	More       *schema           `json:"additionalProperties"`
	Location   string            `json:"location"`
	Required   bool              `json:"required"`
	Repeated   bool              `json:"repeated"`
}

// readDiscovery translates the document into OpenAPI, so that one validator judges both.
func readDiscovery(raw []byte) (*Document, error) {
	var d discovery
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("read the discovery document: %w", err)
	}
	schemas := map[string]any{}
	for name, s := range d.Schemas {
		schemas[name] = s.openAPI()
	}
	paths := map[string]map[string]any{}
	var walk func(map[string]*resource)
	walk = func(all map[string]*resource) {
		for _, r := range all {
			for _, m := range r.Methods {
				d.add(paths, m)
			}
			walk(r.Resources)
		}
	}
	walk(d.Resources)
	whole, err := json.Marshal(map[string]any{"openapi": "3.0.3", "info": map[string]any{"title": "discovery", "version": "1"}, "paths": paths,
		"components": map[string]any{"schemas": schemas}})
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(whole)
	if err != nil {
		return nil, fmt.Errorf("translate the discovery document: %w", err)
	}
	return document(doc), nil
}

func (d *discovery) add(paths map[string]map[string]any, m method) {
	path := m.FlatPath
	if path == "" {
		path = m.Path
	}
	all := []string{"/" + strings.Trim(d.ServicePath, "/") + "/" + path}
	for _, p := range m.MediaUpload.Protocols {
		all = append(all, p.Path)
	}
	for _, p := range all {
		p = "/" + strings.TrimLeft(strings.ReplaceAll(strings.ReplaceAll(p, "{+", "{"), "//", "/"), "/")
		if paths[p] == nil {
			paths[p] = map[string]any{}
		}
		paths[p][strings.ToLower(m.HTTPMethod)] = d.operation(p, m)
	}
}

func (d *discovery) operation(path string, m method) map[string]any {
	var parameters []any
	for name, s := range d.Parameters {
		parameters = append(parameters, map[string]any{"name": name, "in": "query", "schema": s.openAPI()})
	}
	parameters = append(parameters, map[string]any{"name": "uploadType", "in": "query", "schema": map[string]any{"type": "string"}},
		map[string]any{"name": "upload_id", "in": "query", "schema": map[string]any{"type": "string"}})
	for name, s := range m.Parameters {
		if s.Location == "path" {
			continue
		}
		one := s.openAPI()
		if s.Repeated {
			one = map[string]any{"type": "array", "items": one}
		}
		parameters = append(parameters, map[string]any{"name": name, "in": "query", "required": s.Required, "schema": one})
	}
	for rest := path; strings.Contains(rest, "{"); { // a flat path may split one parameter into several
		_, rest, _ = strings.Cut(rest, "{")
		var name string
		name, rest, _ = strings.Cut(rest, "}")
		parameters = append(parameters, map[string]any{"name": name, "in": "path", "required": true, "schema": map[string]any{"type": "string"}})
	}
	op := map[string]any{"parameters": parameters, "responses": map[string]any{"200": map[string]any{"description": "done"}}}
	if m.Request.Ref != "" {
		op["requestBody"] = map[string]any{"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/" + m.Request.Ref}}}}
	}
	return op
}

func (s schema) openAPI() map[string]any {
	if s.Ref != "" {
		return map[string]any{"$ref": "#/components/schemas/" + s.Ref}
	}
	out := map[string]any{}
	if s.Type != "" && s.Type != "any" {
		out["type"] = s.Type
	}
	if len(s.Enum) > 0 {
		out["enum"] = s.Enum
	}
	if s.Items != nil {
		out["items"] = s.Items.openAPI()
	}
	if len(s.Properties) > 0 {
		properties := map[string]any{}
		for name, p := range s.Properties {
			properties[name] = p.openAPI()
		}
		out["properties"] = properties
	}
	if s.More != nil {
		out["additionalProperties"] = s.More.openAPI()
	}
	return out
}
