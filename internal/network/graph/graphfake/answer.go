package graphfake

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Doc is a node as it is answered.
type Doc = map[string]any

// Stamp writes an instant as Graph does.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-0700") }

// Page answers one page of a list; each doc's key names its place.
func Page(c *Call, key string, docs []Doc) (any, *Refusal) {
	limit := 25
	if v := c.Form.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 100 {
			return nil, No(100, 0, "(#100) limit must be between 1 and 100")
		}
		limit = n
	}
	if after := c.Form.Get("after"); after != "" {
		i := slices.IndexFunc(docs, func(d Doc) bool { return "after-"+d[key].(string) == after })
		if i < 0 {
			return nil, No(100, 0, "(#100) Invalid cursors values")
		}
		docs = docs[i+1:]
	}
	more := len(docs) > limit
	docs = docs[:min(limit, len(docs))]
	list, answer := []any{}, Doc{}
	for _, d := range docs {
		list = append(list, d)
	}
	answer["data"] = list
	if len(docs) > 0 {
		paging := Doc{"cursors": Doc{"before": "before-" + docs[0][key].(string), "after": "after-" + docs[len(docs)-1][key].(string)}}
		if more {
			paging["next"] = "https://graph.facebook.com/next"
		}
		answer["paging"] = paging
	}
	return answer, nil
}

// Since leaves out what is older than the parameter since; at reads a doc's time.
func Since(c *Call, docs []Doc, field string) []Doc {
	n, err := strconv.ParseInt(c.Form.Get("since"), 10, 64)
	if err != nil {
		return docs
	}
	return slices.DeleteFunc(docs, func(d Doc) bool {
		at, _ := time.Parse("2006-01-02T15:04:05-0700", d[field].(string))
		return at.Unix() < n
	})
}

// field is one field that is asked for, with what is asked of it.
type field struct {
	name string
	sub  []field
}

// parse reads a list of fields: id,comments.limit(0).summary(true),from{name}.
func parse(s string) []field {
	fields, _ := fieldsOf(s, 0)
	return fields
}

func fieldsOf(s string, i int) (out []field, end int) {
	start := i
	flush := func(to int) {
		if name := strings.TrimSpace(s[start:to]); name != "" {
			name, _, _ = strings.Cut(name, ".")
			out = append(out, field{name: name})
		}
	}
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				flush(i)
				start = i + 1
			}
		case '{':
			flush(i)
			sub, to := fieldsOf(s, i+1)
			out[len(out)-1].sub = sub
			i, start = to, to+1
		case '}':
			flush(i)
			return out, i
		}
	}
	flush(len(s))
	return out, len(s)
}

// pick answers only what is asked for, as Graph does; id comes always.
func pick(doc any, fields []field) any {
	d, ok := doc.(Doc)
	if !ok || len(fields) == 0 {
		return doc
	}
	if list, ok := d["data"].([]any); ok {
		out := Doc{}
		for k, v := range d {
			out[k] = v
		}
		data := []any{}
		for _, one := range list {
			data = append(data, pick(one, fields))
		}
		out["data"] = data
		return out
	}
	out := Doc{}
	if id, ok := d["id"]; ok {
		out["id"] = id
	}
	for _, f := range fields {
		if v, ok := d[f.name]; ok {
			out[f.name] = pick(v, f.sub)
		}
	}
	return out
}

// Metrics answers insights: each name's value, or a refusal of the whole call for one that is not known.
func Metrics(c *Call, known map[string]any) (any, *Refusal) {
	list := []any{}
	for _, name := range strings.Split(c.Form.Get("metric"), ",") {
		v, ok := known[name]
		if !ok {
			return nil, No(100, 0, "(#100) The value must be a valid insights metric")
		}
		if v == nil {
			continue // Meta answers nothing instead of 0
		}
		if c.Form.Get("metric_type") == "total_value" {
			list = append(list, Doc{"name": name, "period": c.Form.Get("period"), "total_value": v})
			continue
		}
		list = append(list, Doc{"name": name, "period": c.Form.Get("period"), "values": []any{Doc{"value": v}}})
	}
	return Doc{"data": list}, nil
}
