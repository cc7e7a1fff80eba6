package safehttp

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"time"
)

// Resolver turns a host name into addresses. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Policy says what a client may reach and what an answer may cost. The zero value is a safe default for addresses
// that strangers choose.
type Policy struct {
	Schemes []string  // default https and http
	Ports   []int     // for public addresses; default 80, 443, 8080, 8443. Allow-list entries name their own
	Allow   AllowList // non-public addresses and hosts the operator permits

	MaxBody       int64         // bytes of an answer after decompression; default 4 MiB, negative: no cap
	MaxHeader     int64         // bytes of an answer's headers; default 64 KiB
	MaxRedirects  int           // default 5, negative: none is followed
	DialTimeout   time.Duration // name lookup and connection; default 10 s
	HeaderTimeout time.Duration // from the request's last byte to the answer's first; default 20 s
	Timeout       time.Duration // the whole exchange with all redirects; default 30 s, negative: only the context ends it

	UserAgent string           // default "Bellwether"
	Resolver  Resolver         // default the system's
	RootCAs   *x509.CertPool   // default the system's
	Now       func() time.Time // default time.Now; dates the answers, which Retry-After is relative to
}

func (p Policy) withDefaults() Policy {
	if p.Schemes == nil {
		p.Schemes = []string{"https", "http"}
	}
	if p.Ports == nil {
		p.Ports = []int{80, 443, 8080, 8443}
	}
	p.MaxBody = or(p.MaxBody, 4<<20)
	p.MaxHeader = or(p.MaxHeader, 64<<10)
	p.MaxRedirects = or(p.MaxRedirects, 5)
	p.DialTimeout = or(p.DialTimeout, 10*time.Second)
	p.HeaderTimeout = or(p.HeaderTimeout, 20*time.Second)
	p.Timeout = or(p.Timeout, 30*time.Second)
	p.UserAgent = or(p.UserAgent, "Bellwether")
	if p.Resolver == nil {
		p.Resolver = net.DefaultResolver
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return p
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
