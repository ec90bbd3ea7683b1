package stack

import (
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// probed is the answer to an extended echo: about an interface of this node's,
// or, without the L bit, about a neighbour (RFC 8335 §4).
type probed struct {
	code   uint8
	active bool
	has4   bool
	has6   bool
}

// The codes of an extended echo reply, the same in both families.
const (
	probeOK           = 0
	probeMalformed    = 1
	probeNoInterface  = 2
	probeNoTableEntry = 3
	probeSeveral      = 4
)

// probe looks the interface up that the query's extension structure names. Only
// interfaces that the policy allows exist for those who ask (H-18).
func (n *Node) probe(ext []byte, local bool) probed {
	s, err := extension.Parse(ext)
	if err != nil {
		return probed{code: probeMalformed}
	}
	var id extension.InterfaceID
	found := false
	for o, err := range s.All() {
		if err != nil || found || o.Class != extension.ClassInterfaceID {
			return probed{code: probeMalformed}
		}
		if id, err = extension.ParseInterfaceID(o); err != nil {
			return probed{code: probeMalformed}
		}
		found = true
	}
	if !found {
		return probed{code: probeMalformed}
	}
	if !local {
		// Neighbours are the link's: there is no table of them here.
		return probed{code: probeNoTableEntry}
	}
	var hit *iface
	for i := range n.ifaces {
		f := &n.ifaces[i]
		if !f.Probe || !f.is(i, &id) {
			continue
		}
		if hit != nil {
			return probed{code: probeSeveral}
		}
		hit = f
	}
	if hit == nil {
		return probed{code: probeNoInterface}
	}
	return probed{active: !hit.Down, has4: hit.primary4.IsValid(), has6: hit.primary6.IsValid()}
}

// is reports whether the interface, the i-th, is the one that id names.
func (f *iface) is(i int, id *extension.InterfaceID) bool {
	switch id.CType {
	case extension.CTypeName:
		return string(id.Name) == f.Name
	case extension.CTypeIndex:
		return id.Index == uint32(i+1)
	}
	for _, p := range f.Addrs {
		if p.Addr() == id.Addr {
			return true
		}
	}
	return false
}

// mayProbe says why an extended echo is not answered: the node must have it
// switched on, and the query must not be for a group (RFC 8335 §4).
func (n *Node) mayProbe(in *inbound) mib.Drop {
	switch {
	case !n.cfg.Probe:
		return mib.ProbeOff
	case in.group:
		return mib.ProbeRefused
	}
	return mib.None
}

func (n *Node) answerProbe4(now time.Time, in *inbound) mib.Drop {
	m, err := icmp4.DecodeExtendedEchoRequest(in.payload)
	if err != nil {
		return mib.ICMPShort
	}
	if why := n.mayProbe(in); why != mib.None {
		return why
	}
	p := n.probe(m.Ext, m.Local)
	return answer4(n, now, in, icmp4.ExtendedEchoReply{
		Code: icmp4.Code(p.code), ID: m.ID, Seq: m.Seq, Active: p.active, IPv4: p.has4, IPv6: p.has6,
	})
}

func (n *Node) answerProbe6(now time.Time, in *inbound) mib.Drop {
	m, err := icmp6.DecodeExtendedEchoRequest(in.payload)
	if err != nil {
		return mib.ICMPShort
	}
	if why := n.mayProbe(in); why != mib.None {
		return why
	}
	p := n.probe(m.Ext, m.Local)
	return answer6(n, now, in, icmp6.ExtendedEchoReply{
		Code: icmp6.Code(p.code), ID: m.ID, Seq: m.Seq, Active: p.active, IPv4: p.has4, IPv6: p.has6,
	})
}
