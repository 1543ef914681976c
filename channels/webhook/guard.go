package webhook

import (
	"context"
	"net"
	"net/netip"
	"time"

	"muster/internal/fault"
)

// guard opens connections to public addresses only, and to the very address it checked: a name that resolves anew
// in between changes nothing.
type guard struct {
	private bool // loopback and private addresses are allowed too
	dialer  net.Dialer
}

func newGuard(private bool) *guard {
	return &guard{private: private, dialer: net.Dialer{Timeout: 5 * time.Second}}
}

func (g *guard) dial(ctx context.Context, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for _, ip := range ips {
		if !g.private && !public(ip.Unmap()) {
			continue
		}
		var conn net.Conn
		if conn, err = g.dialer.DialContext(ctx, "tcp", net.JoinHostPort(ip.Unmap().String(), port)); err == nil {
			return conn, nil
		}
	}
	if err == nil {
		err = fault.New(fault.Forbidden, "the webhook's host has no public address")
	}
	return nil, err
}

// public says whether an address is out in the world.
func public(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, inside := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		if netip.MustParsePrefix(inside).Contains(ip) {
			return false
		}
	}
	return true
}
