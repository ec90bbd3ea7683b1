package mld

import (
	"iter"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// AddrLen is the length of an IPv6 address in octets.
const AddrLen = 16

// Addrs yields the addresses of a list as it stands in a message, 16 octets
// each. What is left behind the last whole address is not looked at.
func Addrs(list []byte) iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		for ; len(list) >= AddrLen; list = list[AddrLen:] {
			if !yield(netip.AddrFrom16([AddrLen]byte(list[:AddrLen]))) {
				return
			}
		}
	}
}

// AppendAddrs appends the addresses to a list. One that is not IPv6 is a
// [*wire.FieldError] and leaves the list as it was; a zone is left out.
func AppendAddrs(list []byte, addrs ...netip.Addr) ([]byte, error) {
	for _, a := range addrs {
		if !a.Is6() {
			return list, &wire.FieldError{Type: "mld.Addrs", Field: "addrs", Want: "IPv6 addresses"}
		}
	}
	for _, a := range addrs {
		o := a.As16()
		list = append(list, o[:]...)
	}
	return list, nil
}

// ResponseDelay returns the time that a query's Maximum Response Code stands
// for: milliseconds below 32768, a floating-point number above (RFC 3810
// §5.1.3).
func ResponseDelay(code uint16) time.Duration {
	v := int64(code)
	if v >= 0x8000 {
		v = (v&0xfff | 0x1000) << (v>>12&7 + 3)
	}
	return time.Duration(v) * time.Millisecond
}

// QueryInterval returns the time that a Querier's Query Interval Code stands
// for: seconds below 128, a floating-point number above (RFC 3810 §5.1.9).
func QueryInterval(code uint8) time.Duration {
	v := int64(code)
	if v >= 0x80 {
		v = (v&0xf | 0x10) << (v>>4&7 + 3)
	}
	return time.Duration(v) * time.Second
}
