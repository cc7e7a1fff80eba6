package safehttp

import (
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// HTTPClient returns this client in the standard library's shape, for libraries that insist on one (OpenID,
// object storage, websockets). Addresses, caps and the promise to send once hold; errors carry their fault inside.
// Two weaknesses are the standard client's own: its errors quote the address with its query, so a caller must not
// show them, and the answer's body may outlive the call, so its cap is an error of reading.
func (c *Client) HTTPClient() *http.Client {
	std := &http.Client{Transport: guard{c}, CheckRedirect: c.checkRedirect}
	if c.policy.Timeout > 0 {
		std.Timeout = c.policy.Timeout
	}
	return std
}

type guard struct{ c *Client }

func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	target, err := g.c.checkURL(req.URL)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	return g.c.once(req.Context(), req, target, req.Header)
}

func (c *Client) checkRedirect(next *http.Request, via []*http.Request) error {
	if !isRead(via[0].Method) || c.policy.MaxRedirects < 0 {
		return http.ErrUseLastResponse
	}
	if len(via) > c.policy.MaxRedirects {
		return fault.Rejectedf("%s redirects more than %d times", via[0].URL.Host, c.policy.MaxRedirects).WithCode("too_many_redirects")
	}
	if origin(next.URL) != origin(via[len(via)-1].URL) {
		next.Header = forStrangers(next.Header)
	}
	return nil
}
