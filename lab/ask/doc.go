// Package ask asks from inside a laboratory: ping, trace, the other ICMP
// queries. What it finds out it tells as items of package narration.
//
// Each way of asking is a [Strategy], a machine over the sockets of a host: the
// time comes in, what there is to tell comes out.
package ask

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/quote"
)

// Strategy is a way of asking that is under way.
type Strategy interface {
	// Poll does what is due and returns what there is to tell. It is to be
	// called whenever something has arrived, and at the time next though nothing
	// has. With done it has nothing more to do, and is not to be called again.
	Poll(now time.Time) (told []narration.Item, next time.Time, done bool)
}

// Names tells names and owners of addresses: [*lab.Network] does.
type Names interface {
	Name(a netip.Addr) (name, owner string)
}

// answer is an ICMP or ICMPv6 message as those who ask see it.
type answer struct {
	endpoint.Datagram
	text  string      // in the words of the packages under wire
	about quote.Quote // of an error; Version 0: it is none
	ext   []byte      // of an error: its extension structure
	mtu   int         // of an error that says too big
	kind4 icmp4.Kind
	kind6 icmp6.Kind
	four  icmp4.Message // nil: it is ICMPv6, or cannot be read
	six   icmp6.Message
}

// read reads a message.
func read(d endpoint.Datagram) (a answer, ok bool) {
	a = answer{Datagram: d}
	if d.Src.Addr().Is6() {
		return a, a.read6()
	}
	m, err := icmp4.Decode(d.Payload)
	if err != nil {
		return a, false
	}
	a.four, a.text, a.kind4 = m, m.String(), m.Kind()
	switch m := m.(type) {
	case icmp4.DestUnreachable:
		a.quote(m.Quote, m.Ext)
		if m.Code == icmp4.CodeFragNeeded {
			a.mtu = int(m.MTU)
		}
	case icmp4.TimeExceeded:
		a.quote(m.Quote, m.Ext)
	case icmp4.ParameterProblem:
		a.quote(m.Quote, m.Ext)
	case icmp4.Redirect:
		a.quote(m.Quote, nil)
	case icmp4.SourceQuench:
		a.quote(m.Quote, nil)
	}
	return a, true
}

func (a *answer) read6() bool {
	m, err := icmp6.Decode(a.Payload)
	if err != nil {
		return false
	}
	a.six, a.text, a.kind6 = m, m.String(), m.Kind()
	switch m := m.(type) {
	case icmp6.DestUnreachable:
		a.quote(m.Quote, m.Ext)
	case icmp6.TimeExceeded:
		a.quote(m.Quote, m.Ext)
	case icmp6.PacketTooBig:
		a.quote(m.Quote, nil)
		a.mtu = int(m.MTU)
	case icmp6.ParameterProblem:
		a.quote(m.Quote, nil)
	}
	return true
}

// quote reads what an error is about. One that does not read is about nothing.
func (a *answer) quote(b, ext []byte) {
	if q, err := quote.Parse(b); err == nil && q.Has(quote.Addrs|quote.Proto) {
		a.about, a.ext = q, ext
	}
}

// labels returns the MPLS label stack that an error tells, as traceroute writes
// it.
func (a *answer) labels() (out []string) {
	s, err := extension.Decode(a.ext)
	if len(a.ext) == 0 || err != nil {
		return nil
	}
	for o, err := range s.All() {
		if err != nil {
			break
		}
		if o.Class != extension.ClassMPLS {
			continue
		}
		for l, err := range extension.Labels(o) {
			if err == nil {
				out = append(out, label(l))
			}
		}
	}
	return out
}

// messages reads all that waits at a socket.
func messages(s *endpoint.ICMP, each func(a *answer)) {
	for {
		d, ok := s.Receive()
		if !ok {
			break
		}
		if a, ok := read(d); ok {
			each(&a)
		}
	}
	for ok := true; ok; {
		_, ok = s.NextTrouble()
	}
}

// or returns v, or def where v is zero.
func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
