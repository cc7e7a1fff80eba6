package page

import (
	"net/url"
	"strings"
)

// Local returns path when it is a place on this site, otherwise "/". Browsers read "//host", "/\host" and addresses
// with tabs or line breaks inside as other sites, so anything of that kind is refused rather than repaired.
func Local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\t\r\n") {
		return "/"
	}
	for _, r := range path {
		if r < ' ' || r == 0x7f {
			return "/"
		}
	}
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return "/"
	}
	return path
}
