package stack

import (
	"time"

	"github.com/sonde-net/sonde/stack/arrival"
	"github.com/sonde-net/sonde/stack/extecho"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// mayProbe says why an extended echo is not answered: the node must have it
// switched on, and the query must not be for a group (H-18, RFC 8335 §4).
func (n *Node) mayProbe(in *arrival.Datagram) mib.Drop {
	switch {
	case !n.cfg.Probe:
		return mib.ProbeOff
	case in.Group:
		return mib.ProbeRefused
	}
	return mib.None
}

// probed yields the interfaces that may be asked about.
func (n *Node) probed(yield func(*extecho.Interface) bool) {
	for i := range n.ifaces {
		f := &n.ifaces[i]
		if !f.Probe {
			continue
		}
		if !yield(&extecho.Interface{Name: f.Name, Index: uint32(i + 1), Addrs: f.Addrs, Up: !f.Down}) {
			return
		}
	}
}

func (n *Node) answerProbe4(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp4.DecodeExtendedEchoRequest(in.Payload)
	if err != nil {
		return mib.ICMPShort
	}
	if why := n.mayProbe(in); why != mib.None {
		return why
	}
	a := extecho.Ask(m.Ext, m.Local, n.probed)
	return answer4(n, now, in, icmp4.ExtendedEchoReply{
		Code: icmp4.Code(a.Code), ID: m.ID, Seq: m.Seq, Active: a.Active, IPv4: a.IPv4, IPv6: a.IPv6,
	})
}

func (n *Node) answerProbe6(now time.Time, in *arrival.Datagram) mib.Drop {
	m, err := icmp6.DecodeExtendedEchoRequest(in.Payload)
	if err != nil {
		return mib.ICMPShort
	}
	if why := n.mayProbe(in); why != mib.None {
		return why
	}
	a := extecho.Ask(m.Ext, m.Local, n.probed)
	return answer6(n, now, in, icmp6.ExtendedEchoReply{
		Code: icmp6.Code(a.Code), ID: m.ID, Seq: m.Seq, Active: a.Active, IPv4: a.IPv4, IPv6: a.IPv6,
	})
}
