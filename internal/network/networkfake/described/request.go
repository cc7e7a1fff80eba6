package described

import (
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

func route(doc *openapi3.T, path string, item *openapi3.PathItem, method string, op *openapi3.Operation) *routers.Route {
	return &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
}

// properties lists the names at the top of a body.
func properties(contentType string, body []byte) []string {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/json":
		var m map[string]json.RawMessage
		if json.Unmarshal(body, &m) == nil {
			return slices.Sorted(maps.Keys(m))
		}
	case "application/x-www-form-urlencoded":
		if v, err := url.ParseQuery(string(body)); err == nil {
			return slices.Sorted(maps.Keys(v))
		}
	}
	return nil
}

// binary reports whether a body is a file or a form with files, whose content no schema describes.
func binary(r *http.Request, op *openapi3.Operation) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return op.RequestBody == nil || strings.HasPrefix(kind, "multipart/") || kind != "application/json" && kind != "application/x-www-form-urlencoded"
}

// brief is an error without the schema and the value it quotes at length.
func brief(err error) string {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		var out []string
		for _, e := range many {
			out = append(out, brief(e))
		}
		return strings.Join(out, "; ")
	}
	var asked *openapi3filter.RequestError
	if errors.As(err, &asked) && asked.Err != nil {
		return strings.TrimSpace(place(asked) + " " + brief(asked.Err))
	}
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		return "/" + strings.Join(schema.JSONPointer(), "/") + ": " + schema.Reason
	}
	return err.Error()
}

func place(e *openapi3filter.RequestError) string {
	if e.Parameter != nil {
		return "parameter " + e.Parameter.Name
	}
	return "body"
}
