package tcpstub

import (
	"errors"
	"iter"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// The errors of a stub, beside those of [stack.Node.Send].
var (
	ErrDetached = errors.New("tcpstub: not attached to a node")
	ErrInUse    = errors.New("tcpstub: port is in use")
	ErrConns    = errors.New("tcpstub: too many connections")
)

// Stub is a stub of a TCP, and a [stack.Upper] for that protocol. It is not safe
// for concurrent use. Make one with [New].
type Stub struct {
	cfg    Config
	node   endpoint.Sender
	rng    *rand.Rand
	listen map[uint16]int64 // port: the rate of connections to it
	conns  []*Conn          // in the order they were made
	out    stack.Outgoing
	buf    []byte
	data   []byte // what segments carry: zeros
}

// New makes a stub without connections. The error is a [*wire.FieldError] that
// says which field of the configuration is wrong.
func New(c Config) (*Stub, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	return &Stub{
		cfg: c, rng: rand.New(rand.NewPCG(c.Seed, 0x746370)), listen: map[uint16]int64{}, data: make([]byte, c.MSS),
	}, nil
}

// Attach gives the stub its node. Nothing can be sent before.
func (s *Stub) Attach(n endpoint.Sender) { s.node = n }

// Listen accepts connections to the port, and sends rate octets a second on
// each.
func (s *Stub) Listen(port uint16, rate int64) error {
	if _, used := s.listen[port]; used || port == 0 {
		return ErrInUse
	}
	s.listen[port] = rate
	return nil
}

// The ports that Connect chooses from (RFC 6335 §6).
const (
	firstDynamic = 49152
	numDynamic   = 1<<16 - firstDynamic
)

// Connect begins a connection to dst on which rate octets a second are sent.
// The errors are [ErrDetached], [ErrConns], [ErrInUse] when no port is left,
// and those of [stack.Node.Send].
func (s *Stub) Connect(now time.Time, dst netip.AddrPort, rate int64) (*Conn, error) {
	if s.node == nil {
		return nil, ErrDetached
	}
	src, err := s.node.Source(dst.Addr())
	if err != nil {
		return nil, err
	}
	at := s.rng.IntN(numDynamic)
	local := netip.AddrPort{}
	for i := range numDynamic {
		l := netip.AddrPortFrom(src, uint16(firstDynamic+(at+i)%numDynamic))
		if s.find(l, dst) == nil {
			local = l
			break
		}
	}
	if !local.IsValid() {
		return nil, ErrInUse
	}
	c, err := s.add(now, local, dst, rate)
	if err != nil {
		return nil, err
	}
	if err := c.segment(now, transport.SYN, c.iss, nil); err != nil {
		s.conns = s.conns[:len(s.conns)-1]
		return nil, err
	}
	return c, nil
}

// maxRate is the most octets a second that a connection has to send.
const maxRate = 1 << 32

// add makes a connection, in the place of one that was aborted if need be.
func (s *Stub) add(now time.Time, local, remote netip.AddrPort, rate int64) (*Conn, error) {
	if len(s.conns) == s.cfg.Conns {
		gone := -1
		for i, c := range s.conns {
			if c.state == Aborted {
				gone = i
				break
			}
		}
		if gone < 0 {
			return nil, ErrConns
		}
		s.conns = append(s.conns[:gone], s.conns[gone+1:]...)
	}
	p, err := quench.New(s.cfg.Quench)
	if err != nil {
		return nil, err
	}
	c := &Conn{
		s: s, local: local, remote: remote, rate: min(max(rate, 0), maxRate), iss: s.rng.Uint32(), mss: s.cfg.MSS, pacer: p,
		rto: now.Add(s.cfg.RTO),
	}
	if remote.Addr().Is6() {
		c.mss = min(c.mss, defaultMSS6)
	}
	s.conns = append(s.conns, c)
	return c, nil
}

// defaultMSS6 is what a datagram of 1,500 octets leaves in IPv6.
const defaultMSS6 = 1440

// find returns the connection between the two ends that was not aborted.
func (s *Stub) find(local, remote netip.AddrPort) *Conn {
	for _, c := range s.conns {
		if c.local == local && c.remote == remote && c.state != Aborted {
			return c
		}
	}
	return nil
}

// Conns returns the connections, aborted ones too, in the order in which they
// were made.
func (s *Stub) Conns() iter.Seq[*Conn] {
	return func(yield func(*Conn) bool) {
		for _, c := range s.conns {
			if !yield(c) {
				return
			}
		}
	}
}

// Deliver implements [stack.Upper].
func (s *Stub) Deliver(now time.Time, p *stack.Packet) stack.Acceptance {
	t, data, err := transport.ParseTCP(p.Payload, p.Src, p.Dst)
	switch {
	case errors.Is(err, wire.Checksum):
		return stack.BadChecksum
	case err != nil:
		return stack.Malformed
	case p.Group || s.node == nil:
		return stack.Discarded
	}
	local, remote := netip.AddrPortFrom(p.Dst, t.DstPort), netip.AddrPortFrom(p.Src, t.SrcPort)
	if c := s.find(local, remote); c != nil {
		c.receive(now, &t, len(data))
		return stack.Accepted
	}
	if rate, ok := s.listen[t.DstPort]; ok && t.Flags&(transport.SYN|transport.ACK|transport.RST) == transport.SYN {
		c, err := s.add(now, local, remote, rate)
		if err != nil {
			return stack.Discarded
		}
		c.state, c.rcvNext = SynReceived, t.Seq+1
		c.troubled(now, c.segment(now, transport.SYN|transport.ACK, c.iss, nil))
		return stack.Accepted
	}
	if t.Flags&transport.RST == 0 {
		s.reset(now, local, remote, &t, len(data))
	}
	return stack.Accepted
}

// reset refuses a segment of no connection (RFC 9293 §3.10.7.1).
func (s *Stub) reset(now time.Time, local, remote netip.AddrPort, t *transport.TCP, n int) {
	r := transport.TCP{SrcPort: local.Port(), DstPort: remote.Port(), Flags: transport.RST}
	if t.Flags&transport.ACK != 0 {
		r.Seq = t.Ack
	} else {
		r.Flags |= transport.ACK
		r.Ack = t.Seq + uint32(n)
		if t.Flags&transport.SYN != 0 {
			r.Ack++
		}
	}
	// A reset that does not leave is as good as one that is lost.
	_ = s.send(now, local.Addr(), remote.Addr(), r, nil)
}

// send sends one segment. It must not be fragmented: RFC 1191 §3.
func (s *Stub) send(now time.Time, src, dst netip.Addr, t transport.TCP, data []byte) (err error) {
	if s.buf, err = t.AppendPacket(s.buf[:0], src, dst, data); err != nil {
		return err
	}
	s.out = stack.Outgoing{Src: src, Dst: dst, Proto: ip.ProtoTCP, DF: true, Payload: s.buf}
	return s.node.Send(now, &s.out)
}

// Recognise implements [stack.Upper].
func (s *Stub) Recognise(_ time.Time, q *quote.Quote) stack.Standing {
	c := s.quoted(q)
	switch {
	case c == nil:
		return stack.Unrecognised
	case s.cfg.Credulous:
		return stack.InFlight
	case !q.Has(quote.TCPSeq) || !c.inFlight(q.TCPSeq):
		return stack.Unrecognised
	case c.state == Established:
		return stack.Synchronised
	}
	return stack.InFlight
}

// quoted returns the connection that a quote is of, by addresses and ports.
func (s *Stub) quoted(q *quote.Quote) *Conn {
	if q.Proto != ip.ProtoTCP || !q.Has(quote.Addrs|quote.Ports) {
		return nil
	}
	return s.find(netip.AddrPortFrom(q.Src, q.SrcPort), netip.AddrPortFrom(q.Dst, q.DstPort))
}

// Report implements [stack.Upper].
func (s *Stub) Report(now time.Time, t *stack.Trouble) {
	if c := s.quoted(t.Quote); c != nil && s.Recognise(now, t.Quote) != stack.Unrecognised {
		c.report(now, t)
	}
}

// Tick sends what is due.
func (s *Stub) Tick(now time.Time) {
	for _, c := range s.conns {
		c.tick(now)
	}
}

// Deadline returns when Tick is to be called; zero: never.
func (s *Stub) Deadline() time.Time {
	var at time.Time
	for _, c := range s.conns {
		if d := c.deadline(); at.IsZero() || !d.IsZero() && d.Before(at) {
			at = d
		}
	}
	return at
}
