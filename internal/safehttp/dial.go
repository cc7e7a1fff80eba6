package safehttp

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// connect opens a connection to an address that has been checked; tests replace it to see what would be dialled.
type connect func(ctx context.Context, to netip.AddrPort, check func(netip.AddrPort) error) (net.Conn, error)

// dialTCP asks check once more on the address the system is about to connect to, so that nothing between our
// decision and the connection can change it.
func dialTCP(ctx context.Context, to netip.AddrPort, check func(netip.AddrPort) error) (net.Conn, error) {
	dialer := net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		actual, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return check(actual)
	}}
	return dialer.DialContext(ctx, "tcp", to.String())
}

// DialContext opens a TCP connection under the policy, for protocols that are not HTTP. address is host:port.
func (c *Client) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.policy.DialTimeout)
	defer cancel()
	name, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fault.Invalidf("url", "%q has no host and port", clip(address)).WithCode("bad_host")
	}
	host, err := cleanHost(name)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fault.Invalidf("url", "%q is not a port", clip(portText)).WithCode("bad_port")
	}
	addrs, err := c.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	check := func(to netip.AddrPort) error { return c.permit(host, to) }
	var refused, failed error
	for _, addr := range addrs {
		to := netip.AddrPortFrom(addr.Unmap(), uint16(port))
		if err := check(to); err != nil {
			refused = err
			continue
		}
		conn, err := c.try(ctx, to, check, len(addrs))
		if err == nil {
			return conn, nil
		}
		failed = err
	}
	if failed != nil {
		return nil, failed
	}
	return nil, refused
}

// try gives one of several addresses its share of the time, so that a dead one does not use up the others'.
func (c *Client) try(ctx context.Context, to netip.AddrPort, check func(netip.AddrPort) error, of int) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, max(c.policy.DialTimeout/time.Duration(of), 2*time.Second))
	defer cancel()
	return c.connect(ctx, to, check)
}

func (c *Client) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	addrs, err := c.policy.Resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	return addrs, err
}

// permit decides on one address. Its message never depends on whether anything listens there.
func (c *Client) permit(host string, to netip.AddrPort) error {
	switch {
	case c.policy.Allow.permits(host, to.Addr(), to.Port()):
		return nil
	case !public(to.Addr()):
		return fault.Invalidf("url", "%s is not a public internet address", host).WithCode("address_not_allowed").
			WithHint("An operator can permit it in the list of allowed private addresses.")
	case !slices.Contains(c.policy.Ports, int(to.Port())):
		return fault.Invalidf("url", "port %d of %s is not among the permitted ports", to.Port(), host).WithCode("port_not_allowed").
			WithHint("An operator can permit it in the list of allowed private addresses.")
	}
	return nil
}
