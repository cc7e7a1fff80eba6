package safehttp

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// AllowList holds the operator's exceptions to "public addresses only".
type AllowList []allowed

type allowed struct {
	host   string       // exact name, or ".suffix" for every name below it; empty for a prefix
	prefix netip.Prefix // valid when host is empty
	port   uint16       // 0: every port
}

// ParseAllow reads entries such as 10.0.0.0/8, 127.0.0.1, [::1]:8080, 192.168.1.5:443, social.lan, *.lan,
// social.lan:8443. Empty entries are skipped. A host entry permits whatever that name resolves to; an entry
// without a port permits every port.
func ParseAllow(entries ...string) (AllowList, error) {
	var list AllowList
	for _, entry := range entries {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		a, err := parseAllowed(entry)
		if err != nil {
			return nil, fmt.Errorf("read allowed address %q: %w", entry, err)
		}
		list = append(list, a)
	}
	return list, nil
}

// MustAllow is ParseAllow for entries known when the program is written.
func MustAllow(entries ...string) AllowList {
	list, err := ParseAllow(entries...)
	if err != nil {
		panic(err)
	}
	return list
}

func parseAllowed(entry string) (allowed, error) {
	if strings.Contains(entry, "/") {
		p, err := netip.ParsePrefix(entry)
		return allowed{prefix: p.Masked()}, err
	}
	if ap, err := netip.ParseAddrPort(entry); err == nil {
		return single(ap.Addr(), ap.Port()), nil
	}
	if a, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return single(a, 0), nil
	}
	var port uint64
	name, portText, found := strings.Cut(entry, ":")
	if found {
		var err error
		if port, err = strconv.ParseUint(portText, 10, 16); err != nil || port == 0 {
			return allowed{}, fmt.Errorf("%q is not a port", portText)
		}
	}
	name, wild := strings.CutPrefix(name, "*.")
	host, err := cleanHost(name)
	if wild {
		host = "." + host
	}
	return allowed{host: host, port: uint16(port)}, err
}

func single(a netip.Addr, port uint16) allowed {
	a = a.Unmap()
	return allowed{prefix: netip.PrefixFrom(a, a.BitLen()), port: port}
}

func (l AllowList) permits(host string, addr netip.Addr, port uint16) bool {
	for _, a := range l {
		if a.port != 0 && a.port != port {
			continue
		}
		switch {
		case a.host == "" && a.prefix.Contains(addr.Unmap()):
			return true
		case strings.HasPrefix(a.host, ".") && strings.HasSuffix(host, a.host):
			return true
		case a.host != "" && a.host == host:
			return true
		}
	}
	return false
}
