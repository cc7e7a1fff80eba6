package safehttp

import (
	"net/http"
	"net/url"
)

// Call is one request that was tried, for whoever counts them. It holds no body and no credentials.
type Call struct {
	Method string
	Host   string
	Path   string
	Status int         // 0 = no answer
	Header http.Header // of the answer; nil = none
}

// Heard returns a client that shares this one's connections and tells of every call it makes. hear must not block.
func (c *Client) Heard(hear func(Call)) *Client {
	other := *c
	other.hear = hear
	return &other
}

func (c *Client) tell(req *http.Request, target *url.URL, answer *http.Response) {
	if c.hear == nil {
		return
	}
	call := Call{Method: req.Method, Host: target.Host, Path: target.Path}
	if call.Method == "" {
		call.Method = http.MethodGet
	}
	if answer != nil {
		call.Status, call.Header = answer.StatusCode, answer.Header
	}
	c.hear(call)
}
