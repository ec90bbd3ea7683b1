package stack

import (
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
)

// Translator translates addresses at a gateway's outside interface, in place
// (G-13). Package nat has one. Unless the answer is [mib.None] it has changed
// nothing.
type Translator interface {
	// Outbound translates the source of a datagram that is about to leave
	// through the interface. Errors quote datagrams that have come in by it.
	Outbound(now time.Time, d []byte) mib.Drop
	// Inbound translates the destination of a datagram for an address of the
	// interface. [mib.NATUnmatched] means that it is for the gateway itself.
	Inbound(now time.Time, d []byte) mib.Drop
}

// translateIn translates the datagram, which is for an address of interface at,
// and forwards or drops it; false: it is for the gateway itself. What comes from
// elsewhere than outside goes inside by both translations, so that its answer
// comes back here (hairpinning).
//
// Errors about the datagram quote it as it came: in.Octets stays what it was.
func (n *Node) translateIn(now time.Time, in *arrival.Datagram, at int) bool {
	nat := n.ifaces[at].NAT
	if nat == nil || !n.cfg.Forward {
		return false
	}
	n.translated = append(n.translated[:0], in.Octets...)
	why := nat.Inbound(now, n.translated)
	if why == mib.NATUnmatched {
		return false
	}
	if why == mib.None && in.Iface != at && in.Iface != Loopback {
		why = nat.Outbound(now, n.translated)
	}
	if why != mib.None {
		n.refuse(now, in, why, untranslated(why))
		return true
	}
	octets := in.Octets
	in.Octets = n.translated
	if why = in.Read4(); why != mib.None {
		n.drop(now, in, why)
		return true
	}
	in.Translated, in.Octets = in.Octets, octets
	n.forward(now, in)
	return true
}

// translateOut translates the datagram in n.out, which is about to leave through
// f.
func (n *Node) translateOut(now time.Time, in *arrival.Datagram, f *iface) bool {
	if f.NAT == nil || in.V != mib.IPv4 {
		return true
	}
	why := f.NAT.Outbound(now, n.out)
	if why != mib.None {
		n.refuse(now, in, why, untranslated(why))
	}
	return why == mib.None
}

// translateError translates the node's own error in n.out. It may be about a
// datagram that was translated before it failed.
func (n *Node) translateError(now time.Time, in *arrival.Datagram, f *iface) {
	if f.NAT != nil && in.V == mib.IPv4 {
		f.NAT.Outbound(now, n.out)
	}
}

// untranslated is what is reported about a datagram that was not translated:
// that it is prohibited, when there was no room for it (RFC 5508 REQ-8).
func untranslated(why mib.Drop) report.Report {
	if why == mib.NATFull {
		return report.Report{Cause: report.AdminProhibited}
	}
	return report.Report{}
}
