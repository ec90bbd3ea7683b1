package scenario

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

func (r *runner) forge(f *topology.Forge) error {
	h, err := r.host(f.From)
	if err != nil {
		return err
	}
	r.add(&forging{r: r, f: f, h: h, schedule: newSchedule(r.n.Now(), &f.Series)}, nil)
	return nil
}

// forging is a step that sends what nobody ought to.
type forging struct {
	r *runner
	f *topology.Forge
	h *lab.Host
	schedule
}

// Poll implements [ask.Strategy]. Each datagram is made when it is sent: it may
// have to fit what is in flight then.
func (x *forging) Poll(now time.Time) ([]narration.Item, time.Time, bool) {
	for x.due(now) {
		d, err := x.datagram()
		if err == nil {
			err = x.h.Node.SendDatagram(now, d)
		}
		if err != nil {
			x.r.fail(fmt.Errorf("%s: forge: %w", x.r.t.Name, err))
			return nil, time.Time{}, true
		}
	}
	return nil, x.next, x.over()
}

// maxTTL is what a forged datagram begins with when nothing else is said.
const maxTTL = 64

var errIPv6 = errors.New("messages can be forged in IPv4 only; datagram takes any octets")

func (x *forging) datagram() ([]byte, error) {
	f := x.f
	if len(f.Datagram) > 0 {
		return f.Datagram, nil
	}
	to, _ := x.r.t.Addr(f.To)
	if !to.Is4() {
		return nil, errIPv6
	}
	src, ok := x.r.t.Addr(f.Source)
	if !ok {
		var err error
		if src, err = x.h.Node.Source(to); err != nil {
			return nil, err
		}
	}
	body, proto := []byte(f.Payload), ip.Proto(f.Proto)
	if f.ICMP != nil {
		m, err := x.message()
		if err != nil {
			return nil, err
		}
		if body, err = m.AppendBinary(nil); err != nil {
			return nil, err
		}
		proto = ip.ProtoICMP
	}
	h := ip.Header4{
		TOS: f.TOS, ID: uint16(x.sent), DF: f.DF, TTL: ip.TTL(f.TTL), Proto: proto, Src: src, Dst: to, Options: f.Options,
	}
	if h.TTL == 0 {
		h.TTL = maxTTL
	}
	if g := f.Fragment; g != nil {
		h.ID, h.FragOffset, h.MF = g.ID, uint16(g.Offset), g.More
	}
	return h.AppendPacket(nil, body)
}

// message is the ICMP message that the step describes.
func (x *forging) message() (icmp4.Message, error) {
	f := x.f
	quote, err := x.quote(f.Quote)
	if err != nil {
		return nil, err
	}
	code, data := icmp4.Code(f.ICMP.Code), make([]byte, f.Size)
	switch t := icmp4.Type(f.ICMP.Type); t {
	case icmp4.TypeEchoReply, icmp4.TypeEchoRequest:
		e := icmp4.EchoType{Reply: t == icmp4.TypeEchoReply, Code: code}
		return icmp4.Echo{EchoType: e, ID: f.ID, Seq: f.Seq + uint16(x.sent-1), Data: data}, nil
	case icmp4.TypeDestUnreachable:
		return icmp4.DestUnreachable{Code: code, MTU: f.MTU, Quote: append(quote, data...)}, nil
	case icmp4.TypeSourceQuench:
		return icmp4.SourceQuench{Code: code, Quote: append(quote, data...)}, nil
	case icmp4.TypeRedirect:
		return icmp4.Redirect{Code: code, Gateway: f.Gateway, Quote: append(quote, data...)}, nil
	case icmp4.TypeTimeExceeded:
		return icmp4.TimeExceeded{Code: code, Quote: append(quote, data...)}, nil
	case icmp4.TypeParameterProblem:
		return icmp4.ParameterProblem{Code: code, Pointer: f.Pointer, Quote: append(quote, data...)}, nil
	case icmp4.TypeRouterAdvertisement:
		m := icmp4.RouterAdvertisement{Code: code, Lifetime: time.Duration(f.Lifetime) * time.Second}
		m.Entries, err = icmp4.AppendRouter(nil, icmp4.Router{Addr: f.Gateway})
		return m, err
	case icmp4.TypeRouterSolicitation:
		return icmp4.RouterSolicitation{Code: code}, nil
	case icmp4.TypeTimestampRequest, icmp4.TypeTimestampReply:
		return icmp4.TimestampMessage{Reply: t == icmp4.TypeTimestampReply, Code: code, ID: f.ID, Seq: f.Seq}, nil
	case icmp4.TypeInfoRequest, icmp4.TypeInfoReply:
		return icmp4.Info{Reply: t == icmp4.TypeInfoReply, Code: code, ID: f.ID, Seq: f.Seq}, nil
	case icmp4.TypeMaskRequest, icmp4.TypeMaskReply:
		return icmp4.AddressMask{Reply: t == icmp4.TypeMaskReply, Code: code, ID: f.ID, Seq: f.Seq}, nil
	default:
		const rest = 4
		return icmp4.Raw{Type: t, Code: code, Body: make([]byte, rest+f.Size)}, nil
	}
}

// quoted is how much of what it pretends to be about a forged error quotes,
// behind the header.
const quoted = 8

// quote makes the beginning of the datagram that a forged error pretends to be
// about.
func (x *forging) quote(q *topology.Quoted) ([]byte, error) {
	if q == nil {
		return nil, nil
	}
	src, _ := x.r.t.Addr(q.Source)
	dst, _ := x.r.t.Addr(q.To)
	from, port, seq := q.FromPort, q.Port, q.Seq
	if c := x.connection(src, dst, q); c != nil {
		from, port = c.Local().Port(), c.Remote().Port()
		if q.Window {
			_, next := c.Window()
			seq = next - 1 // the last that was sent is in flight the longest
		}
	}
	var body []byte
	var err error
	proto := ip.ProtoUDP
	data := func(header int) []byte { return make([]byte, max(0, q.Size-ip.MinHeaderLen4-header)) }
	switch q.Proto {
	case "tcp":
		proto = ip.ProtoTCP
		t := transport.TCP{SrcPort: from, DstPort: port, Seq: seq, Flags: transport.ACK}
		body, err = t.AppendPacket(nil, src, dst, data(transport.TCPLen))
	case "icmp":
		proto = ip.ProtoICMP
		body, err = icmp4.Echo{ID: q.ID, Seq: uint16(seq), Data: data(icmp4.HeaderLen)}.AppendBinary(nil)
	default:
		u := transport.UDP{SrcPort: from, DstPort: port}
		body, err = u.AppendPacket(nil, src, dst, data(transport.UDPLen))
	}
	if err != nil {
		return nil, err
	}
	h := ip.Header4{TTL: ip.TTL(q.TTL), DF: q.DF, Proto: proto, Src: src, Dst: dst}
	if h.TTL == 0 {
		h.TTL = maxTTL
	}
	d, err := h.AppendPacket(nil, body)
	if err != nil {
		return nil, err
	}
	return d[:ip.MinHeaderLen4+quoted], nil
}

// connection returns the connection of src to dst that a quote of TCP is of, as
// far as its ports are given: an attacker may know them.
func (x *forging) connection(src, dst netip.Addr, q *topology.Quoted) *tcpstub.Conn {
	h, ok := x.r.n.HostByAddr(src)
	if q.Proto != "tcp" || !ok {
		return nil
	}
	for c := range h.TCP.Conns() {
		if c.State() != tcpstub.Aborted && c.Local().Addr() == src && c.Remote().Addr() == dst &&
			(q.FromPort == 0 || q.FromPort == c.Local().Port()) && (q.Port == 0 || q.Port == c.Remote().Port()) {
			return c
		}
	}
	return nil
}
