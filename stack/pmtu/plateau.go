package pmtu

// plateaus are the MTUs that links have, in octets, largest first (RFC 1191 §7,
// table 7-1).
var plateaus = [...]int{65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, Min4}

// Plateau returns the largest MTU of the table in RFC 1191 §7 that is below n
// octets: where to go from there when a gateway does not say. It is never below
// [Min4].
func Plateau(n int) int {
	for _, p := range plateaus {
		if p < n {
			return p
		}
	}
	return Min4
}
