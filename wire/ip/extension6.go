package ip

import (
	"iter"

	"github.com/sonde-net/sonde/wire"
)

// MaxExtensions is how many extension headers a chain may have here. RFC 8200
// §4.1 knows no use for more than seven.
const MaxExtensions = 16

// Units of the length octet of extension headers, in octets.
const (
	unitExtension = 8
	unitAH        = 4
	minAHLen      = 12 // an authentication header without a value (RFC 4302 §2)
)

// Extension6 is one IPv6 extension header (RFC 8200 §4), its content raw.
type Extension6 struct {
	Type   Proto // hop-by-hop, routing, fragment, destination options or authentication
	Offset int   // where it begins, from the beginning of the IPv6 header: 40 for the first
	// NextOffset is the octet that announces it, from the beginning of the IPv6
	// header: 6 for the first.
	NextOffset int
	Data       []byte // all of it, at least eight octets; aliases the payload
}

// Next returns what follows the header.
func (e Extension6) Next() Proto { return Proto(e.Data[0]) }

// Fragment returns the content of a fragment header; ok is false for other
// types.
func (e Extension6) Fragment() (f Fragment6, ok bool) {
	if e.Type != ProtoFragment {
		return Fragment6{}, false
	}
	return readFragment6(e.Data), true
}

// Routing returns the routing type and how many segments are left in a routing
// header (RFC 8200 §4.4); ok is false for other types. The two octets stand at
// e.Offset+2 and e.Offset+3. A node that does not know the routing type goes on
// when no segments are left, and else reports a parameter problem of code 0 at
// the routing type.
func (e Extension6) Routing() (kind, segmentsLeft uint8, ok bool) {
	if e.Type != ProtoRouting {
		return 0, 0, false
	}
	return e.Data[2], e.Data[3], true
}

// IsExtension reports whether p is one of the extension headers that
// [Header6.Extensions] walks: hop-by-hop options, routing, fragment,
// destination options, authentication.
//
// Reading: ESP, mobility, HIP and Shim6 count as upper layers. Nothing can be
// read behind the first, and nothing follows the others.
func (p Proto) IsExtension() bool {
	switch p {
	case ProtoHopByHop, ProtoRouting, ProtoFragment, ProtoDestOpts, ProtoAH:
		return true
	}
	return false
}

// Extensions walks the extension headers at the beginning of payload, the
// payload of h. It ends before the first header that is none, and behind the
// fragment header of a fragment that is not the first. A chain that breaks ends
// with a [*wire.ParseError] whose offset counts from the beginning of the IPv6
// header and whose reason tells what a parameter problem is to say (RFC 4443
// §3.4):
//
//   - [wire.Length]: a length octet that cannot be true; code 0.
//   - [wire.Mismatch]: hop-by-hop options announced elsewhere than in the IPv6
//     header, which is to be treated as an unknown next header; code 1.
//   - [wire.Short]: the datagram ends where a header is announced; code 3 if it
//     is a fragment (RFC 7112 §5), else 0.
//   - [wire.Value]: more than [MaxExtensions] headers; code 8 (RFC 8883 §2).
//   - [wire.Truncated]: payload is shorter than h announces, and ends inside
//     the chain; nobody is to blame.
func (h Header6) Extensions(payload []byte) iter.Seq2[Extension6, error] {
	return func(yield func(Extension6, error) bool) {
		c := h.chain(payload)
		for {
			e, ok, err := c.next()
			if !ok && err == nil || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Upper6 is what stands behind the chain of extension headers.
type Upper6 struct {
	Proto Proto // the upper layer, [ProtoNoNext] for none
	// NextOffset is the octet that says so, from the beginning of the IPv6
	// header: the pointer of a parameter problem of code 1 by a node that does
	// not know Proto.
	NextOffset int
	Offset     int       // where Payload begins, from the beginning of the IPv6 header
	Payload    []byte    // from the upper layer's header on; aliases the payload of the datagram
	IsFragment bool      // there is a fragment header
	Fragment   Fragment6 // the last of them; zero when IsFragment is false
}

// First reports whether Payload begins with the header of the upper layer. In a
// fragment that is not the first it lies in the middle of something.
func (u Upper6) First() bool { return u.Fragment.Offset == 0 }

// Upper walks the extension headers at the beginning of payload, the payload of
// h, and returns what stands behind them. When the chain breaks, it returns the
// error of [Header6.Extensions], and how far it has come: Proto is the header
// that could not be read.
func (h Header6) Upper(payload []byte) (Upper6, error) {
	c := h.chain(payload)
	var u Upper6
	for {
		e, ok, err := c.next()
		if ok && e.Type == ProtoFragment {
			u.IsFragment, u.Fragment = true, readFragment6(e.Data)
		}
		if !ok {
			u.Proto, u.NextOffset = c.proto, c.nextOffset
			u.Offset, u.Payload = HeaderLen6+c.at, payload[c.at:]
			return u, err
		}
	}
}

// chain is a walk along extension headers.
type chain struct {
	payload    []byte
	at         int // where in payload the next header begins
	proto      Proto
	nextOffset int
	count      int
	cut        bool // payload is not all there
	end        bool // what follows is no header
}

func (h Header6) chain(payload []byte) chain {
	return chain{payload: payload, proto: h.NextHeader, nextOffset: 6, cut: len(payload) < int(h.PayloadLen)}
}

// next reads one extension header; without one, ok is false.
func (c *chain) next() (e Extension6, ok bool, err error) {
	if c.end || !c.proto.IsExtension() {
		return e, false, nil
	}
	b := c.payload[c.at:]
	switch {
	case c.proto == ProtoHopByHop && c.count > 0:
		return e, false, c.fault(c.nextOffset, wire.Mismatch)
	case c.count == MaxExtensions:
		return e, false, c.fault(HeaderLen6+c.at, wire.Value)
	case len(b) < unitExtension:
		return e, false, c.missing(HeaderLen6+len(c.payload), wire.Short)
	}
	n := (int(b[1]) + 1) * unitExtension
	switch c.proto {
	case ProtoFragment:
		n = FragmentLen6 // its second octet is reserved
	case ProtoAH:
		if n = (int(b[1]) + 2) * unitAH; n < minAHLen {
			return e, false, c.fault(HeaderLen6+c.at+1, wire.Length)
		}
	}
	if n > len(b) {
		return e, false, c.missing(HeaderLen6+c.at+1, wire.Length)
	}
	e = Extension6{Type: c.proto, Offset: HeaderLen6 + c.at, NextOffset: c.nextOffset, Data: b[:n:n]}
	c.end = c.proto == ProtoFragment && !readFragment6(b).First()
	c.proto, c.nextOffset = e.Next(), e.Offset
	c.at += n
	c.count++
	return e, true, nil
}

func (c *chain) fault(offset int, r wire.Reason) error {
	return &wire.ParseError{Type: "ip.Extension6", Offset: offset, Reason: r}
}

// missing is fault for octets that are not there.
func (c *chain) missing(offset int, r wire.Reason) error {
	if c.cut {
		return c.fault(HeaderLen6+len(c.payload), wire.Truncated)
	}
	return c.fault(offset, r)
}
