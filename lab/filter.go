package lab

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/ip"
)

// filter judges by a list of rules; the first that fits decides.
type filter []rule

type rule struct {
	in, out  int // interfaces; -1: any
	from, to netip.Prefix
	proto    ip.Proto
	any      bool // of every protocol
	port     uint16
	icmp     *topology.Kind
	accept   bool
	cause    report.Cause
}

var protos = map[string]ip.Proto{
	"icmp": ip.ProtoICMP, "icmp6": ip.ProtoICMPv6, "tcp": ip.ProtoTCP, "udp": ip.ProtoUDP,
}

func newFilter(t *topology.Node) filter {
	out := make(filter, len(t.Filter))
	for i := range t.Filter {
		r := &t.Filter[i]
		x := rule{
			from: r.From, to: r.To, proto: protos[r.Proto], any: r.Proto == "",
			port: r.Port, icmp: r.ICMP, accept: r.Action == "accept",
		}
		_, x.in = t.Interface(r.In)
		_, x.out = t.Interface(r.Out)
		x.cause, _ = r.Cause()
		out[i] = x
	}
	return out
}

// Judge implements [stack.Filter].
func (f filter) Judge(d *stack.Forwarding) stack.Verdict {
	for i := range f {
		if r := &f[i]; r.fits(d) {
			return stack.Verdict{Drop: !r.accept, Cause: r.cause}
		}
	}
	return stack.Verdict{}
}

func (r *rule) fits(d *stack.Forwarding) bool {
	switch {
	case r.in >= 0 && r.in != d.In,
		r.out >= 0 && r.out != d.Out,
		r.from.IsValid() && !r.from.Contains(d.Src),
		r.to.IsValid() && !r.to.Contains(d.Dst),
		!r.any && r.proto != d.Proto:
		return false
	case r.port != 0:
		return d.First && len(d.Payload) >= 4 && binary.BigEndian.Uint16(d.Payload[2:]) == r.port
	case r.icmp != nil:
		return d.First && len(d.Payload) >= 2 && d.Payload[0] == r.icmp.Type && (r.icmp.Any || d.Payload[1] == r.icmp.Code)
	}
	return true
}
