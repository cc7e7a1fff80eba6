package wordpressfake

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// call is one request, read whole.
type call struct {
	*http.Request
	route  string // below the API's root, without a slash at the beginning
	query  url.Values
	body   map[string]any
	file   []byte
	header http.Header // of the answer
}

// refusal is an error as WordPress answers it.
type refusal struct {
	status        int
	code, message string
	data          map[string]any
}

func no(status int, code, message string) *refusal {
	return &refusal{status: status, code: code, message: message}
}

type handler func(f *Fake, c *call, id int64) (status int, doc any, refused *refusal)

// known are the calls there are: method and route, class for faults, the query and body the documentation allows.
var known = []struct {
	method, route, class string
	query, body          string
	do                   handler
}{
	{"GET", "", "read", "_fields", "", (*Fake).index},
	{"GET", "wp/v2/users/me", "read", "context", "", (*Fake).me},
	{"GET", "wp/v2/users", "read", "per_page _fields orderby who", "", (*Fake).users},
	{"GET", "wp/v2/types", "read", "context", "", (*Fake).types},
	{"GET", "wp/v2/themes", "read", "status _fields", "", (*Fake).themes},
	{"GET", "wp/v2/categories", "read", "per_page _fields orderby order", "", (*Fake).listTerms},
	{"GET", "wp/v2/tags", "read", "per_page _fields orderby order", "", (*Fake).listTerms},
	{"POST", "wp/v2/tags", "write", "", "name:string", (*Fake).makeTag},
	{"GET", "wp/v2/media", "read", "search context _fields", "", (*Fake).listMedia},
	{"POST", "wp/v2/media", "upload", "", "title:string alt_text:string file:string", (*Fake).upload},
	{"GET", "wp/v2/comments", "read", "post parent author status context orderby order per_page offset _fields", "", (*Fake).listComments},
	{"POST", "wp/v2/comments", "create", "", "post:number parent:number content:string", (*Fake).makeComment},
	{"GET", "wp/v2/comments/#", "read", "context", "", (*Fake).readComment},
	{"POST", "wp/v2/comments/#", "write", "", "status:string", (*Fake).moderate},
	{"DELETE", "wp/v2/comments/#", "delete", "", "", (*Fake).trashComment},
	{"GET", "wp/v2/posts", "read", "slug status context _fields author per_page offset", "", (*Fake).listPosts},
	{"POST", "wp/v2/posts", "draft", "", postFields + " slug:string", (*Fake).makePost},
	{"GET", "wp/v2/posts/#", "read", "context", "", (*Fake).readPost},
	{"POST", "wp/v2/posts/#", "create", "", postFields, (*Fake).changePost},
	{"DELETE", "wp/v2/posts/#", "delete", "", "", (*Fake).trashPost},
}

const postFields = "title:string content:string excerpt:string status:string categories:list tags:list featured_media:number comment_status:string format:string sticky:bool author:number date_gmt:string"

// place reads where a request goes: the route below the API's root; false for the site's pages.
func (f *Fake) place(r *http.Request, query url.Values) (string, bool) {
	if route := query.Get("rest_route"); route != "" {
		query.Del("rest_route")
		return strings.Trim(route, "/"), true
	}
	route, api := strings.CutPrefix(r.URL.Path, "/wp-json/")
	return strings.Trim(route, "/"), api && !f.o.Plain
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	c := &call{Request: r, query: r.URL.Query(), header: w.Header()}
	route, api := f.place(r, c.query)
	if !api {
		f.page(w, r)
		return
	}
	c.route = route
	generic, id := route, int64(0)
	if i := strings.LastIndex(route, "/"); i > 0 && number(route[i+1:]) > 0 {
		generic, id = route[:i]+"/#", number(route[i+1:])
	}
	generic = strings.Replace(strings.Replace(generic, "/pages", "/posts", 1), "/product", "/posts", 1)
	problem := c.read()
	for _, k := range known {
		if k.method != r.Method || k.route != generic {
			continue
		}
		class := k.class
		if _, content := c.body["content"]; content && k.route == "wp/v2/posts/#" {
			class = "edit"
		}
		f.mu.Lock()
		f.calls[class]++
		f.check(c, k.query, k.body)
		f.mu.Unlock()
		f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
			f.mu.Lock()
			defer f.mu.Unlock()
			c.header = w.Header()
			if problem == nil {
				problem = f.signedIn(c)
			}
			if problem != nil {
				send(w, problem)
				return
			}
			status, doc, refused := k.do(f, c, id)
			if refused != nil {
				send(w, refused)
				return
			}
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			w.WriteHeader(max(status, 200))
			_ = json.NewEncoder(w).Encode(doc)
		})
		return
	}
	f.complain(r.Method + " " + route + ": there is no such route")
	send(w, no(404, "rest_no_route", "No route was found matching the URL and request method."))
}

// signedIn asks for the application password wherever somebody calls with a name; what needs a user says so itself.
func (f *Fake) signedIn(c *call) *refusal {
	user, password, given := c.BasicAuth()
	plain := strings.NewReplacer(" ", "")
	switch {
	case !given && c.route == "":
		return nil
	case !given:
		return no(401, "rest_not_logged_in", "You are not currently logged in.")
	case user != Brand:
		return no(401, "invalid_username", "<strong>Error:</strong> Unknown username. Check again or try your email address.")
	case f.password == "" || plain.Replace(password) != plain.Replace(f.password):
		return no(401, "incorrect_password", "The provided password is an invalid application password.")
	}
	return nil
}

// page is the site's front page.
func (f *Fake) page(w http.ResponseWriter, r *http.Request) {
	root := f.URL + "/wp-json/"
	switch {
	case f.o.Elsewhere:
		root = "https://api.example.com/wp-json/"
	case f.o.Plain:
		root = f.URL + "/index.php?rest_route=/"
	}
	head := ""
	if f.o.InHead {
		head = `<link rel="https://api.w.org/" href="` + html.EscapeString(root) + `" />`
	} else {
		w.Header().Set("Link", "<"+root+`>; rel="https://api.w.org/", <`+f.URL+`/feed/>; rel="alternate"`)
	}
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	_, _ = io.WriteString(w, "<!doctype html><html><head><title>The brand's blog</title>"+head+"</head><body></body></html>")
}

func send(w http.ResponseWriter, r *refusal) {
	data := map[string]any{"status": r.status}
	for k, v := range r.data {
		data[k] = v
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": r.code, "message": r.message, "data": data})
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}

// check notes what the documentation does not know.
func (f *Fake) check(c *call, query, body string) {
	for name := range c.query {
		if !slices.Contains(strings.Fields(query), name) {
			f.faulty = append(f.faulty, fmt.Sprintf("%s %s: no parameter %s", c.Method, c.route, name))
		}
	}
	types := map[string]string{}
	for field := range strings.FieldsSeq(body) {
		name, kind, _ := strings.Cut(field, ":")
		types[name] = kind
	}
	for name, v := range c.body {
		kind := "?"
		switch v.(type) {
		case string:
			kind = "string"
		case float64:
			kind = "number"
		case bool:
			kind = "bool"
		case []any:
			kind = "list"
		}
		if types[name] != kind {
			f.faulty = append(f.faulty, fmt.Sprintf("%s %s: the field %s is %s, not %q", c.Method, c.route, name, kind, types[name]))
		}
	}
}

// read takes the body apart: JSON, or a form with a file.
func (c *call) read() *refusal {
	raw, err := io.ReadAll(io.LimitReader(c.Body, 64<<20))
	if err != nil {
		return no(400, "rest_invalid_json", "The body could not be read.")
	}
	c.body = map[string]any{}
	kind, params, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case len(raw) == 0:
	case kind == "application/json":
		if json.Unmarshal(raw, &c.body) != nil {
			return no(400, "rest_invalid_json", "Invalid JSON body passed.")
		}
	case kind == "multipart/form-data":
		reader := multipart.NewReader(strings.NewReader(string(raw)), params["boundary"])
		for {
			part, err := reader.NextPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return no(400, "rest_upload_no_data", "No data supplied.")
			}
			content, _ := io.ReadAll(part)
			if part.FileName() != "" {
				c.file, c.body[part.FormName()] = content, part.FileName()
				continue
			}
			c.body[part.FormName()] = string(content)
		}
	default:
		return no(415, "rest_unsupported", "Unsupported content type.")
	}
	return nil
}

func (c *call) text(name string) string {
	s, _ := c.body[name].(string)
	return s
}

func (c *call) number(name string) int64 {
	n, _ := c.body[name].(float64)
	return int64(n)
}

func (c *call) numbers(name string) (out []int64) {
	list, _ := c.body[name].([]any)
	for _, v := range list {
		if n, ok := v.(float64); ok {
			out = append(out, int64(n))
		}
	}
	return out
}

func escape(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br />\n") }
