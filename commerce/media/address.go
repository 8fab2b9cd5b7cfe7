package media

import "net/netip"

// reserved are the networks that are no part of the public internet, as listed
// by IANA (special-purpose address registries, RFC 6890 and updates), and the
// IPv6 ranges in which an IPv4 address hides.
var reserved = func() (list []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
		"192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	} {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}()

// globalUnicast is all of IPv6 that is handed out to the public so far.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// isPublic reports whether an address is one of the public internet and its
// port one of the web: a feed must not make us knock at doors inside.
func isPublic(to netip.AddrPort) bool {
	addr := to.Addr().Unmap()
	if port := to.Port(); port != 80 && port != 443 {
		return false
	}
	if !addr.IsValid() || addr.Zone() != "" || addr.Is6() && !globalUnicast.Contains(addr) {
		return false
	}
	for _, net := range reserved {
		if net.Contains(addr) {
			return false
		}
	}
	return true
}
