package text

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidLink reports whether the whole of s is a web address that a browser and the networks will take: http or https,
// a host that can exist (a domain of any script, or an IP address), a port, no character that must be encoded.
func ValidLink(s string) bool {
	if scheme(s) == 0 || strings.ContainsFunc(s, func(r rune) bool { return isSpace(r) || isForbidden(r) || strings.ContainsRune("\"<>\\^`{}", r) }) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || strings.ContainsAny(u.User.String(), "[]") {
		return false
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return false
		}
	}
	authority, _, _ := strings.Cut(s[scheme(s):], "/")
	if strings.Contains(authority[strings.LastIndexByte(authority, '@')+1:], "%") {
		return false // a name is written in its own script or in punycode
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return validHost(host)
}

// validHost reports whether a name can be that of a web server: labels as DNS has them, an underscore in subdomains
// only, and an end that is not a number (256.1.2.3 is no address either).
func validHost(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(labels) < 2 || len(host) > 253 || !domainFits(strings.Join(labels, ".")) {
		return false
	}
	for i, label := range labels {
		first, _ := utf8.DecodeRuneInString(label)
		last, _ := utf8.DecodeLastRuneInString(label)
		if !hostEdge(first) || !hostEdge(last) {
			return false
		}
		for _, r := range label {
			if !hostEdge(r) && r != '-' && (r != '_' || i >= len(labels)-2) {
				return false
			}
		}
	}
	top := labels[len(labels)-1]
	return strings.ContainsFunc(top, func(r rune) bool { return !unicode.IsDigit(r) })
}

func hostEdge(r rune) bool { return asciiAlnum(r) || r >= 0x80 && r != utf8.RuneError }
