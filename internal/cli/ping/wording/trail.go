package wording

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// Trail prints the IP options of replies, as the original does: a route that is
// the same as before only says so.
type Trail struct {
	route []byte // the pointer and what was recorded last
}

// Octets of an option, and of what stands in it.
const (
	optHead   = 2 // type and length
	addrLen   = 4
	stampLen  = 4
	routeFrom = 4 // the pointer of an empty route
	stampFrom = 5
)

// Show prints options; name says how an address is printed.
func (t *Trail) Show(w io.Writer, options []byte, name func(netip.Addr) string) {
	for len(options) > 0 {
		switch ip.OptionType(options[0]) {
		case ip.OptEnd:
			return
		case ip.OptNOP:
			fmt.Fprint(w, "\nNOP")
			options = options[1:]
			continue
		}
		if len(options) < optHead || int(options[1]) < optHead || int(options[1]) > len(options) {
			return
		}
		o := options[:options[1]]
		options = options[len(o):]
		switch k := ip.OptionType(o[0]); {
		case k == ip.OptLSRR && len(o) > optHead:
			fmt.Fprint(w, "\nLSRR: ")
			hops(w, o[optHead+1:], len(o)-routeFrom, name)
		case k == ip.OptSSRR && len(o) > optHead:
			fmt.Fprint(w, "\nSSRR: ")
			hops(w, o[optHead+1:], len(o)-routeFrom, name)
		case k == ip.OptRecordRoute && len(o) > optHead:
			t.recorded(w, o, name)
		case k == ip.OptTimestamp && len(o) > optHead+1:
			stamps(w, o, name)
		default:
			fmt.Fprintf(w, "\nunknown option %x", o[0])
		}
	}
}

// hops prints the addresses in the first n octets of slots, or that begin there.
func hops(w io.Writer, slots []byte, n int, name func(netip.Addr) string) {
	for ; n > 0 && len(slots) >= addrLen; n -= addrLen {
		fmt.Fprintf(w, "\t%s\n", name(address(slots)))
		slots = slots[addrLen:]
	}
}

func address(b []byte) netip.Addr { return netip.AddrFrom4([addrLen]byte(b)) }

func (t *Trail) recorded(w io.Writer, o []byte, name func(netip.Addr) string) {
	n := min(int(o[optHead]), len(o)) - routeFrom
	if n <= 0 {
		return
	}
	if seen := o[optHead : optHead+n]; bytes.Equal(seen, t.route) {
		fmt.Fprint(w, "\t(same route)")
		return
	}
	t.route = append(t.route[:0], o[optHead:optHead+n]...)
	fmt.Fprint(w, "\nRR: ")
	hops(w, o[optHead+1:], n, name)
}

// stamps prints times in milliseconds since midnight, the first of each kind
// whole and the others as what has passed since.
func stamps(w io.Writer, o []byte, name func(netip.Addr) string) {
	n := min(int(o[optHead]), len(o)) - stampFrom
	if n <= 0 {
		return
	}
	flags, slots := o[optHead+1], o[optHead+2:]
	const other = 1 << 31 // not a time since midnight
	var standard, strange uint32
	fmt.Fprint(w, "\nTS: ")
	for n > 0 {
		if option.StampFlag(flags&0xf) != option.StampsOnly {
			if len(slots) < addrLen+stampLen {
				break
			}
			fmt.Fprintf(w, "\t%s", name(address(slots)))
			slots, n = slots[addrLen:], n-addrLen
			if n <= 0 {
				break
			}
		}
		if len(slots) < stampLen {
			break
		}
		x := binary.BigEndian.Uint32(slots)
		slots, n = slots[stampLen:], n-stampLen
		switch {
		case x&other != 0 && strange == 0:
			fmt.Fprintf(w, "\t%d absolute not-standard", x&^other)
			strange = x &^ other
		case x&other != 0:
			fmt.Fprintf(w, "\t%d not-standard", int64(x&^other)-int64(strange))
			strange = x &^ other
		case standard == 0:
			fmt.Fprintf(w, "\t%d absolute", x)
			standard = x
		default:
			fmt.Fprintf(w, "\t%d", int64(x)-int64(standard))
			standard = x
		}
		fmt.Fprintln(w)
	}
	if missed := flags >> 4; missed > 0 {
		fmt.Fprintf(w, "Unrecorded hops: %d\n", missed)
	}
}
