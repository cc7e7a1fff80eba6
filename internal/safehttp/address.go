package safehttp

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// special holds the IPv4 ranges that are not the public internet (IANA special-purpose registry).
var special = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")

// Of IPv6 only the assigned global range is public, without the parts that tunnel to another address (6to4,
// Teredo), identify no host (ORCHID, documentation) or are anycast for protocols.
var (
	global6  = netip.MustParsePrefix("2000::/3")
	special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
	nat64    = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// public reports whether addr is a host of the public internet. An address that carries an IPv4 address inside
// (mapped, NAT64) is judged by that one.
func public(addr netip.Addr) bool {
	if !addr.IsValid() || addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if nat64.Contains(addr) {
		raw := addr.As16()
		addr = netip.AddrFrom4([4]byte(raw[12:]))
	}
	holds := func(p netip.Prefix) bool { return p.Contains(addr) }
	if addr.Is4() {
		return !slices.ContainsFunc(special, holds)
	}
	return global6.Contains(addr) && !slices.ContainsFunc(special6, holds)
}

// names maps what people and scripts write (full-width digits, ideographic dots, capitals) to what would be looked
// up. Underscores stay: real hosts have them.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// cleanHost returns the host in the one form that is checked, dialled and sent; addresses in any but their
// canonical spelling (decimal, octal, hexadecimal, short) are refused, because resolvers disagree about them.
func cleanHost(host string) (string, error) {
	refuse := func() (string, error) {
		return "", fault.Invalidf("url", "%q is not a host name or an ordinary address", clip(host)).WithCode("bad_host")
	}
	plain := strings.TrimSuffix(host, ".")
	if addr, err := netip.ParseAddr(plain); err == nil {
		if addr.Zone() != "" {
			return refuse()
		}
		return addr.String(), nil
	}
	ascii, err := names.ToASCII(plain)
	ascii = strings.TrimSuffix(ascii, ".")
	// What we hand on must mean the same to the next reader, so it has to map to itself.
	again, err2 := names.ToASCII(ascii)
	if err != nil || err2 != nil || again != ascii || len(ascii) > 253 {
		return refuse()
	}
	if addr, err := netip.ParseAddr(ascii); err == nil && addr.Is4() {
		return addr.String(), nil
	}
	labels := strings.Split(ascii, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return refuse()
		}
	}
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return refuse()
	}
	return ascii, nil
}

// CheckURL reads an address as a form or a network gives it and refuses what this client would never request
// (scheme, user information, odd hosts). It looks up no name: whether the address is public is known when dialling.
func (c *Client) CheckURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fault.Invalidf("url", "this is not a web address").WithCode("bad_url")
	}
	return c.checkURL(u)
}

func (c *Client) checkURL(in *url.URL) (*url.URL, error) {
	u := *in
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case !slices.Contains(c.policy.Schemes, u.Scheme):
		return nil, fault.Invalidf("url", "addresses must begin with %s://, not %q", c.policy.Schemes[0], clip(u.Scheme)).WithCode("bad_scheme")
	case u.User != nil:
		return nil, fault.Invalidf("url", "a web address must not contain a user name or password").WithCode("bad_url")
	case u.Opaque != "":
		return nil, fault.Invalidf("url", "a web address needs // and a host").WithCode("bad_url")
	}
	host, err := cleanHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return nil, fault.Invalidf("url", "%q is not a port", clip(port)).WithCode("bad_port")
		}
		host += ":" + strconv.FormatUint(n, 10)
	}
	u.Host, u.Fragment, u.RawFragment = host, "", ""
	return &u, nil
}

// clip shortens a stranger's text for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
