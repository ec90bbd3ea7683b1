package finding

// Virtual reports whether a link address is that of a virtual router, which
// several routers share: VRRP and CARP (RFC 9568 §7.3), HSRP. What such a router
// sends may come from it, or from the address of its network card.
func Virtual(mac [6]byte) bool {
	switch [3]byte(mac[:3]) {
	case [3]byte{0x00, 0x00, 0x5e}:
		return mac[3] == 0 && (mac[4] == 1 || mac[4] == 2) // IPv4, IPv6
	case [3]byte{0x00, 0x00, 0x0c}:
		return mac[3] == 0x07 && mac[4] == 0xac || mac[3] == 0x9f && mac[4]&0xf0 == 0xf0 // versions 1, 2
	}
	return false
}
