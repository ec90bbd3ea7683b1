// Package machine puts a machine that speaks in IP datagrams, like a sweep, on a
// host of a laboratory: it is the layer above the host's node, in the place of
// packet sockets.
//
//	u := machine.New("a")
//	n, err := lab.New(topology, lab.Options{Upper: u.On})
//	src, err := u.Source(dst)
//	u.Use(m)
//	n.Run(until, nil)
//
// With the virtual clock, times are exact. All other hosts are as the topology
// says.
package machine

import (
	"errors"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// ErrNoHost says that the laboratory has no host of the name.
var ErrNoHost = errors.New("machine: no such host in the laboratory")

// Machine is what the layer runs.
type Machine interface {
	drive.Machine
	Unsent() // says that what was polled last could not be sent
}

// Upper is the layer above the node of one host. It implements [stack.Upper] and
// is ticked by the laboratory. Make one with [New].
type Upper struct {
	name string
	m    Machine
	host *lab.Host

	out, in []byte
}

// New makes the layer for the host of that name. It does nothing until [Upper.Use].
func New(name string) *Upper { return &Upper{name: name} }

// On is for [lab.Options]: it takes its place above the host it is for, and leaves
// all others alone.
func (u *Upper) On(h *lab.Host) stack.Upper {
	if h.Name != u.name {
		return nil
	}
	u.host = h
	return u
}

// Use gives it the machine to run; nil: none any more.
func (u *Upper) Use(m Machine) { u.m = m }

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
	if u.m == nil {
		return
	}
	for {
		d, ok := u.m.Poll(now, u.out[:0])
		u.out = d
		if !ok {
			return
		}
		if u.host.Node.SendDatagram(now, d) != nil {
			u.m.Unsent()
		}
	}
}

// Deadline returns when Tick is to be called; zero: never.
func (u *Upper) Deadline() time.Time {
	if u.m == nil {
		return time.Time{}
	}
	return u.m.Deadline()
}

// Deliver implements [stack.Upper]. The machine gets all that comes, whatever the
// node thinks of it, as it does from a packet socket. UDP and TCP end here: the
// host has no other ports.
func (u *Upper) Deliver(now time.Time, p *stack.Packet) stack.Acceptance {
	if u.m == nil {
		return stack.NoProtocol
	}
	var err error
	if p.Src.Is4() {
		u.in, err = ip.Header4{TOS: p.TOS, TTL: p.TTL, Proto: p.Proto, Src: p.Src, Dst: p.Dst}.AppendPacket(u.in[:0], p.Payload)
	} else {
		u.in, err = ip.Header6{
			TrafficClass: p.TOS, HopLimit: p.TTL, NextHeader: p.Proto, Src: p.Src, Dst: p.Dst,
		}.AppendPacket(u.in[:0], p.Payload)
	}
	if err != nil {
		return stack.Malformed
	}
	u.m.Inject(now, u.in)
	return stack.Accepted
}

// Recognise implements [stack.Upper].
func (*Upper) Recognise(time.Time, *quote.Quote) stack.Standing { return stack.Unrecognised }

// Report implements [stack.Upper]. The machine has the error from Deliver.
func (*Upper) Report(time.Time, *stack.Trouble) {}
