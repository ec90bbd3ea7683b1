package scenario

import (
	"net/netip"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// drain tells what the network has recorded.
func (r *runner) drain() {
	for {
		x, ok := r.n.NextRecord()
		if !ok || r.err != nil {
			return
		}
		if r.capture != nil {
			r.fail(r.capture.Write(&x))
		}
		switch {
		case x.IsEvent():
			r.event(&x)
		case x.IsDatagram():
			r.message(&x)
		default:
			r.changed(&x)
		}
	}
}

func (r *runner) event(x *record.Record) {
	h := narration.Happened{Moment: narration.At(x.Time), Node: x.Node, Event: x.Event}
	switch x.Event.Kind {
	case event.Forward, event.Deliver, event.Send, event.Answer, event.Error, event.Fragment, event.Advertise:
		return // the messages show it
	case event.Redirect:
		h.Dst = r.redirected[x.Node]
	case event.PMTU:
		h.Dst = x.Event.Via
	}
	r.tell(h)
}

// changed tells what the network does by itself.
func (r *runner) changed(x *record.Record) {
	c := &x.Change
	if c.Kind != record.Route {
		r.tell(narration.Switched{Moment: narration.At(x.Time), Link: c.Link, Up: c.Kind == record.LinkUp})
		return
	}
	m := narration.Rerouted{Moment: narration.At(x.Time), Node: x.Node, To: c.To}
	for _, h := range c.Hops {
		if h.OnLink() {
			m.Via = append(m.Via, r.t.Node(x.Node).InterfaceName(h.Iface))
		} else {
			m.Via = append(m.Via, h.Via.String())
		}
	}
	r.tell(m)
}

func (r *runner) message(x *record.Record) {
	m := narration.Message{
		Moment: narration.At(x.Time), Seq: x.Seq, Link: x.Link, From: x.Node, To: x.To, Arrive: x.Arrive,
		Fate: x.Fate, Origin: x.Origin, Octets: len(x.Octets),
		Group: x.Group, Duplicate: x.Duplicate, Late: x.Late, Corrupt: x.Corrupt,
	}
	m.Src, m.Dst, m.What, m.Flow = narration.Describe(x.Octets)
	m.Segment = isTCP(x.Octets)
	if dst, ok := redirectOf(x.Octets); ok {
		r.redirected[x.To] = dst
	}
	for _, c := range r.meters {
		c.count(&m)
	}
	r.tell(m)
}

// redirectOf returns the destination that a redirect is about; false: it is
// none.
func redirectOf(d []byte) (dst netip.Addr, ok bool) {
	h, body, err := ip.Decode4(d)
	if err != nil || h.Proto != ip.ProtoICMP || len(body) == 0 || icmp4.Type(body[0]) != icmp4.TypeRedirect {
		return dst, false
	}
	m, err := icmp4.DecodeRedirect(body)
	if err != nil {
		return dst, false
	}
	q, err := quote.Parse(m.Quote)
	return q.Dst, err == nil && q.Has(quote.Dst)
}

func isTCP(d []byte) bool {
	h, _, err := ip.Decode4(d)
	return err == nil && h.Proto == ip.ProtoTCP
}
