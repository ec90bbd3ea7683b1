package ask

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// What the zeros of a trace stand for.
const (
	defaultQueries  = 3
	defaultMax      = 30
	defaultSize     = 60
	defaultPort     = 33434
	defaultTCPPort  = 80
	defaultPatience = 5 * time.Second
)

// Tracer finds the gateways on a path, one probe at a time.
type Tracer struct {
	p        *topology.Trace
	h        *lab.Host
	names    Names
	socket   *endpoint.ICMP
	src, to  netip.Addr
	id       uint16 // of echo probes; else the source port
	ttl      int
	sent     int // probes
	hop      narration.TraceHop
	at       time.Time // the probe that is under way was sent; zero: none is
	reached  bool
	stop     bool
	owners   []string
	told     []narration.Item
	datagram []byte
}

// Trace makes a strategy of a step. The number id tells it from others.
func Trace(h *lab.Host, t *topology.Topology, names Names, p *topology.Trace, id uint16) (*Tracer, error) {
	to, _ := t.Addr(p.To)
	src := p.Source
	if !src.IsValid() {
		var err error
		if src, err = h.Node.Source(to); err != nil {
			return nil, err
		}
	}
	s, err := h.Endpoint.OpenICMP(nil)
	if err != nil {
		return nil, err
	}
	x := &Tracer{p: p, h: h, names: names, socket: s, src: src, to: to, id: firstPort + id, ttl: int(or(p.First, 1))}
	if p.By == "tcp" {
		h.Endpoint.Handle(ip.ProtoTCP, &tap{Stub: h.TCP, x: x})
	}
	return x, nil
}

// firstPort is where the source ports of traces begin.
const firstPort = 40000

// Poll implements [Strategy].
func (x *Tracer) Poll(now time.Time) (told []narration.Item, next time.Time, done bool) {
	if x.sent == 0 {
		x.tell(narration.TraceBegin{Moment: narration.At(now), To: x.to, Max: int(or(x.p.Max, defaultMax)), Size: x.size()})
	}
	messages(x.socket, x.answered)
	for !done {
		switch {
		case x.at.IsZero():
			done = x.advance(now)
		case !now.Before(x.at.Add(or(x.p.Timeout, defaultPatience))):
			x.got(narration.TraceProbe{})
		default:
			next = x.at.Add(or(x.p.Timeout, defaultPatience))
			told, x.told = x.told, nil
			return told, next, false
		}
	}
	x.close()
	told, x.told = x.told, nil
	return told, time.Time{}, true
}

func (x *Tracer) tell(i narration.Item) { x.told = append(x.told, i) }

func (x *Tracer) close() {
	x.socket.Close()
	if x.p.By == "tcp" {
		x.h.Endpoint.Handle(ip.ProtoTCP, x.h.TCP)
	}
}

// advance sends the next probe, or ends.
func (x *Tracer) advance(now time.Time) (done bool) {
	if len(x.hop.Probes) == or(x.p.Queries, defaultQueries) {
		x.hop.Moment, x.hop.TTL = narration.At(now), x.ttl
		x.tell(x.hop)
		x.hop = narration.TraceHop{}
		if x.reached || x.stop || x.ttl >= int(or(x.p.Max, defaultMax)) {
			x.tell(narration.TraceEnd{Moment: narration.At(now), Hops: x.ttl, Reached: x.reached, Owners: x.owners})
			return true
		}
		x.ttl++
	}
	err := x.build()
	if err == nil {
		err = x.socket.SendDatagram(now, x.datagram)
	}
	if err != nil {
		x.tell(narration.PingError{Moment: narration.At(now), Seq: uint16(x.ttl), What: narration.Reason(err)})
		x.stop = true
		x.got(narration.TraceProbe{})
		return false
	}
	x.at = now
	return false
}

// got ends the probe that is under way.
func (x *Tracer) got(p narration.TraceProbe) {
	x.at = time.Time{}
	x.hop.Probes = append(x.hop.Probes, p)
}

func (x *Tracer) size() int { return or(x.p.Size, defaultSize) }

// vary is what is added to ports and sequence numbers so that the flows of
// probes differ.
func (x *Tracer) vary() uint16 {
	if x.p.Flow == "vary" {
		return uint16(x.sent - 1)
	}
	return 0
}

// build makes the next probe. The identification of its IPv4 header is its
// number.
func (x *Tracer) build() (err error) {
	x.sent++
	header := ip.MinHeaderLen4
	if x.to.Is6() {
		header = ip.HeaderLen6
	}
	payload, proto, err := x.payload(x.size() - header)
	if err != nil {
		return err
	}
	if x.to.Is6() {
		h := ip.Header6{TrafficClass: x.p.TOS, NextHeader: proto, HopLimit: ip.TTL(x.ttl), Src: x.src, Dst: x.to}
		x.datagram, err = h.AppendPacket(x.datagram[:0], payload)
		return err
	}
	h := ip.Header4{TOS: x.p.TOS, ID: uint16(x.sent), DF: x.p.DF, TTL: ip.TTL(x.ttl), Proto: proto, Src: x.src, Dst: x.to}
	x.datagram, err = h.AppendPacket(x.datagram[:0], payload)
	return err
}

// payload is what is behind the IP header, in so many octets, or more where
// that is not enough.
func (x *Tracer) payload(octets int) (b []byte, proto ip.Proto, err error) {
	switch x.p.By {
	case "icmp":
		data := make([]byte, max(0, octets-icmp4.HeaderLen))
		if x.to.Is6() {
			b, err = icmp6.Echo{ID: x.id, Seq: 1 + x.vary(), Data: data}.Append(nil, x.src, x.to)
			return b, ip.ProtoICMPv6, err
		}
		b, err = icmp4.Echo{ID: x.id, Seq: 1 + x.vary(), Data: data}.AppendBinary(nil)
		return b, ip.ProtoICMP, err
	case "tcp":
		t := transport.TCP{SrcPort: x.id + x.vary(), DstPort: or(x.p.Port, defaultTCPPort), Seq: uint32(x.sent), Flags: transport.SYN, Window: 1024}
		b, err = t.AppendPacket(nil, x.src, x.to, nil)
		return b, ip.ProtoTCP, err
	}
	u := transport.UDP{SrcPort: x.id, DstPort: or(x.p.Port, defaultPort) + x.vary()}
	b, err = u.AppendPacket(nil, x.src, x.to, make([]byte, max(0, octets-transport.UDPLen)))
	return b, ip.ProtoUDP, err
}

// answered takes a message that may be about the probe under way.
func (x *Tracer) answered(a *answer) {
	if x.at.IsZero() {
		return
	}
	if x.p.By == "icmp" && x.echoed(a) {
		x.arrived(a.Src.Addr(), a.Time)
		return
	}
	q := &a.about
	if q.Version == 0 || q.Dst != x.to || q.Version == 4 && q.ID != uint32(x.sent) || !x.mine(a) {
		return
	}
	if a.four != nil && (a.kind4.Type == icmp4.TypeRedirect || a.kind4.Type == icmp4.TypeSourceQuench) {
		return
	}
	p := x.probe(a.Src.Addr(), a.Time)
	p.Labels = a.labels()
	p.Mark = x.mark(a)
	x.got(p)
}

// mine reports whether a quote is that of the probe under way.
func (x *Tracer) mine(a *answer) bool {
	q := &a.about
	switch x.p.By {
	case "icmp":
		return (q.Proto == ip.ProtoICMP || q.Proto == ip.ProtoICMPv6) && q.ICMPID == x.id && q.ICMPSeq == 1+x.vary()
	case "tcp":
		return q.Proto == ip.ProtoTCP && q.SrcPort == x.id+x.vary()
	}
	return q.Proto == ip.ProtoUDP && q.SrcPort == x.id && q.DstPort == or(x.p.Port, defaultPort)+x.vary()
}

func (x *Tracer) echoed(a *answer) bool {
	if m, ok := a.four.(icmp4.Echo); ok {
		return m.Reply && m.ID == x.id && m.Seq == 1+x.vary()
	}
	m, ok := a.six.(icmp6.Echo)
	return ok && m.Reply && m.ID == x.id && m.Seq == 1+x.vary()
}

// arrived ends the probe under way: the destination itself has answered.
func (x *Tracer) arrived(from netip.Addr, now time.Time) {
	x.reached = true
	x.got(x.probe(from, now))
}

// probe is an answer from an address.
func (x *Tracer) probe(from netip.Addr, now time.Time) narration.TraceProbe {
	p := narration.TraceProbe{From: from, RTT: now.Sub(x.at)}
	p.Name, p.Owner = x.names.Name(from)
	if p.Owner != "" && !slices.Contains(x.owners, p.Owner) {
		x.owners = append(x.owners, p.Owner)
	}
	return p
}

var marks4 = map[icmp4.Code]string{
	icmp4.CodeNetUnreachable: "!N", icmp4.CodeHostUnreachable: "!H", icmp4.CodeProtocolUnreachable: "!P",
	icmp4.CodeSourceRouteFailed: "!S", icmp4.CodeNetUnknown: "!U", icmp4.CodeHostUnknown: "!W",
	icmp4.CodeSourceIsolated: "!I", icmp4.CodeNetProhibited: "!A", icmp4.CodeHostProhibited: "!Z",
	icmp4.CodeNetTOS: "!Q", icmp4.CodeHostTOS: "!T", icmp4.CodeAdminProhibited: "!X",
	icmp4.CodeHostPrecedence: "!V", icmp4.CodePrecedenceCutoff: "!C",
}

// mark is what traceroute writes behind an answer that is not time exceeded, and
// notes whether the trace ends with this hop.
func (x *Tracer) mark(a *answer) string {
	switch m := a.four.(type) {
	case icmp4.DestUnreachable:
		switch m.Code {
		case icmp4.CodePortUnreachable:
			x.stop, x.reached = true, x.reached || a.Src.Addr() == x.to
			return ""
		case icmp4.CodeFragNeeded:
			x.stop = true
			return fmt.Sprintf("!F-%d", m.MTU)
		}
		x.stop, x.reached = true, x.reached || a.Src.Addr() == x.to
		return marks4[m.Code]
	case icmp4.ParameterProblem:
		x.stop = true
		return "!E"
	}
	switch m := a.six.(type) {
	case icmp6.DestUnreachable:
		x.stop, x.reached = true, x.reached || a.Src.Addr() == x.to
		if m.Code != icmp6.CodePortUnreachable {
			return fmt.Sprintf("!<%d>", m.Code)
		}
	case icmp6.PacketTooBig:
		x.stop = true
		return fmt.Sprintf("!F-%d", m.MTU)
	case icmp6.ParameterProblem:
		x.stop = true
		return "!E"
	}
	return ""
}

// tap sees what arrives for a stub of TCP while a trace is under way.
type tap struct {
	*tcpstub.Stub
	x *Tracer
}

// Deliver implements [stack.Upper]: an answer to the probe under way is the
// trace's, the rest the stub's.
func (t *tap) Deliver(now time.Time, p *stack.Packet) stack.Acceptance {
	x := t.x
	src, dst, err := transport.ParsePorts(p.Payload)
	if err == nil && !x.at.IsZero() && p.Src == x.to && src == or(x.p.Port, defaultTCPPort) && dst == x.id+x.vary() {
		x.arrived(p.Src, now)
		return stack.Accepted
	}
	return t.Stub.Deliver(now, p)
}
