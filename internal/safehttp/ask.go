package safehttp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// JSON sends in as JSON (nil: no body) and reads the answer's JSON into out (nil: not read). The error is Do's, or
// Response.Err for a status other than 2xx, or Unknown for an unreadable success; the response comes with it.
func (c *Client) JSON(ctx context.Context, method, address string, header http.Header, in, out any) (*Response, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("write the request as json: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	contentType := ""
	if in != nil {
		contentType = "application/json"
	}
	return c.ask(ctx, method, address, header, body, -1, contentType, out)
}

// Form is JSON with the request's values as an HTML form sends them.
func (c *Client) Form(ctx context.Context, method, address string, header http.Header, values url.Values, out any) (*Response, error) {
	return c.ask(ctx, method, address, header, strings.NewReader(values.Encode()), -1, "application/x-www-form-urlencoded", out)
}

// Send is JSON with a body of any kind: size bytes, or -1 when only the body knows.
func (c *Client) Send(ctx context.Context, method, address string, header http.Header, body io.Reader, size int64, contentType string, out any) (*Response, error) {
	return c.ask(ctx, method, address, header, body, size, contentType, out)
}

// Upload is Send with a multipart form.
func (c *Client) Upload(ctx context.Context, method, address string, header http.Header, parts []Part, out any) (*Response, error) {
	body, size, contentType := Multipart(parts)
	return c.ask(ctx, method, address, header, body, size, contentType, out)
}

func (c *Client) ask(ctx context.Context, method, address string, header http.Header, body io.Reader, size int64, contentType string, out any) (*Response, error) {
	target, err := c.CheckURL(address)
	if err != nil {
		return nil, err
	}
	// The address is set apart from parsing, so that no error of net/http ever quotes it.
	req, err := http.NewRequestWithContext(ctx, method, "http://placeholder", body)
	if err != nil {
		return nil, fmt.Errorf("build a %s request: %w", method, err)
	}
	req.URL = target
	if header != nil {
		req.Header = header.Clone()
	}
	if body != nil && size >= 0 {
		req.ContentLength = size
		if size == 0 {
			req.Body = http.NoBody
		}
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if req.Header.Get("Accept") == "" && out != nil {
		req.Header.Set("Accept", "application/json")
	}
	resp, err := c.Do(ctx, req)
	if err != nil {
		return resp, err
	}
	if err := resp.Err(); err != nil {
		return resp, err
	}
	return resp, resp.decode(out)
}
