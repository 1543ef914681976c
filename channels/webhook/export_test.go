package webhook

import "net/netip"

// Public is public.
func Public(ip netip.Addr) bool { return public(ip) }
