// Package prober puts a prober on a host of a laboratory: it is the layer above
// the host's node, in the place of sockets.
//
//	p, _ := probe.New(probe.Config{IPID: true})
//	u := prober.New("a", p)
//	n, _ := lab.New(topology, lab.Options{Upper: u.On})
//	src, _ := u.Source(dst)
//	_, _ = p.Send(n.Now(), &probe.Probe{Src: src, Dst: dst, Size: 56})
//	n.Run(n.Now().Add(time.Second), nil)
//	for e, ok := p.NextEvent(); ok; e, ok = p.NextEvent() { … }
//
// Nothing is different for the prober from what it would be over raw sockets;
// with the virtual clock, times are exact. All other hosts are as the topology
// says.
package prober

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// ErrNoHost says that the laboratory has no host of the name.
var ErrNoHost = errors.New("prober: no such host in the laboratory")

// Upper is the layer above the node of one host. It implements [stack.Upper]
// and is ticked by the laboratory. Make one with [New].
type Upper struct {
	name     string
	prober   *probe.Prober
	strategy probe.Strategy
	host     *lab.Host
	heard    bool // something since the last Tick: the strategy is to have its turn

	buf, datagram []byte
}

// New makes the layer for the host of that name. Without a prober, nil, it asks
// nothing until [Upper.Use].
func New(name string, p *probe.Prober) *Upper { return &Upper{name: name, prober: p} }

// On is for [lab.Options]: it takes its place above the host it is for, and
// leaves all others alone.
func (u *Upper) On(h *lab.Host) stack.Upper {
	if h.Name != u.name {
		return nil
	}
	u.host = h
	return u
}

// Use puts another prober in the place of the one that [New] was given, which
// may have been nil.
func (u *Upper) Use(p *probe.Prober) { u.prober = p }

// Drive lets a strategy have its turn whenever something has happened; nil: none
// any more. Without one, whoever runs the laboratory reads the events.
func (u *Upper) Drive(s probe.Strategy) { u.strategy = s }

// Source returns the address that the host sends from to dst. The errors are
// [ErrNoHost] and those of [stack.Node.Source].
func (u *Upper) Source(dst netip.Addr) (netip.Addr, error) {
	if u.host == nil {
		return netip.Addr{}, ErrNoHost
	}
	return u.host.Node.Source(dst)
}

// Tick sends what is due.
func (u *Upper) Tick(now time.Time) {
	if u.prober == nil {
		return
	}
	u.heard = false
	if u.strategy != nil {
		u.prober.Turn(now, u.strategy)
		defer u.prober.Turn(now, u.strategy) // what has timed out, and could not be sent
	}
	for {
		b, tx, ok := u.prober.Poll(now, u.buf[:0])
		u.buf = b
		if !ok {
			return
		}
		if err := u.send(now, b, &tx); err != nil {
			u.prober.Unsent(now, tx.Handle, err)
		}
	}
}

// Deadline returns when Tick is to be called; zero: never.
func (u *Upper) Deadline() time.Time {
	if u.prober == nil {
		return time.Time{}
	}
	t := u.prober.Deadline()
	if u.strategy == nil {
		return t
	}
	if u.heard {
		return time.Unix(0, 0) // now
	}
	if s := u.strategy.Deadline(); t.IsZero() || !s.IsZero() && s.Before(t) {
		return s
	}
	return t
}

// defaultTTL is that of a probe that says none.
const defaultTTL = 64

func (u *Upper) send(now time.Time, payload []byte, tx *probe.Transmit) (err error) {
	ttl := tx.TTL
	if ttl == 0 {
		ttl = defaultTTL
	}
	if tx.Dst.Is4() {
		u.datagram, err = ip.Header4{
			TOS: tx.TOS, ID: tx.ID, DF: tx.DF, TTL: ttl, Proto: tx.Proto, Src: tx.Src, Dst: tx.Dst, Options: tx.Options,
		}.AppendPacket(u.datagram[:0], payload)
	} else {
		u.datagram, err = ip.Header6{
			TrafficClass: tx.TOS, FlowLabel: tx.FlowLabel, NextHeader: tx.Proto, HopLimit: ttl, Src: tx.Src, Dst: tx.Dst.WithZone(""),
		}.AppendPacket(u.datagram[:0], payload)
	}
	if err != nil {
		return err
	}
	if tx.Discover {
		return u.host.Node.SendProbe(now, u.datagram)
	}
	return u.host.Node.SendDatagram(now, u.datagram)
}

// Deliver implements [stack.Upper]. Errors come this way too, whole, whatever
// the node thinks of them: so the prober judges them itself, as it has to over
// sockets.
func (u *Upper) Deliver(now time.Time, p *stack.Packet) stack.Acceptance {
	if u.prober == nil {
		return stack.NoProtocol
	}
	u.heard = true
	v := u.prober.Receive(now, &probe.Arrival{
		From: p.Src, To: p.Dst, Proto: p.Proto, TTL: p.TTL, TOS: p.TOS, Options: p.Options, Payload: p.Payload,
		Largest: p.Largest,
	})
	switch {
	case v == probe.Credited:
		if p.Proto == ip.ProtoTCP {
			u.reset(now, p)
		}
		return stack.Accepted
	case v == probe.BadChecksum:
		return stack.BadChecksum
	case v != probe.Unrelated && v != probe.Malformed:
		return stack.Accepted
	case p.Proto == ip.ProtoUDP:
		return refuse(p)
	}
	return stack.NoProtocol
}

// refuse says what is to become of a UDP datagram for a port that is not the
// prober's, and so nobody's.
func refuse(p *stack.Packet) stack.Acceptance {
	switch _, _, err := transport.ParseUDP(p.Payload, p.Src, p.Dst); {
	case errors.Is(err, wire.Checksum):
		return stack.BadChecksum
	case err != nil:
		return stack.Malformed
	}
	return stack.NoPort
}

// reset does what the TCP of a system would, which knows nothing of the SYN that
// is being answered: it refuses the connection, so that the other gives it up.
func (u *Upper) reset(now time.Time, p *stack.Packet) {
	t, _, err := transport.DecodeTCP(p.Payload)
	if err != nil || t.Flags&transport.SYN == 0 {
		return
	}
	u.buf, err = transport.TCP{
		SrcPort: t.DstPort, DstPort: t.SrcPort, Seq: t.Ack, Flags: transport.RST,
	}.AppendPacket(u.buf[:0], p.Dst, p.Src, nil)
	if err == nil {
		// A reset that cannot be sent is one that is lost.
		_ = u.host.Node.Send(now, &stack.Outgoing{Src: p.Dst, Dst: p.Src, Proto: ip.ProtoTCP, Payload: u.buf})
	}
}

// Recognise implements [stack.Upper].
func (u *Upper) Recognise(_ time.Time, q *quote.Quote) stack.Standing {
	if u.prober != nil && u.prober.Knows(q) {
		return stack.InFlight
	}
	return stack.Unrecognised
}

// Report implements [stack.Upper]. The prober has the error from Deliver.
func (*Upper) Report(time.Time, *stack.Trouble) {}
