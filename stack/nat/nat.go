package nat

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// A Translator translates between the inside and one outside address. It is a
// machine without clock, lock or global randomness, and not safe for concurrent
// use. Make one with [New].
type Translator struct {
	cfg     Config
	outside uint32
	table   table
	frags   fragments
}

// New makes a translator without mappings. The error is a [*wire.FieldError]
// about c.
func New(c Config) (*Translator, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	c.Inside = append([]netip.Prefix(nil), c.Inside...)
	a := c.Outside.As4()
	return &Translator{cfg: c, outside: binary.BigEndian.Uint32(a[:]), table: newTable(&c), frags: newFragments(&c)}, nil
}

// Len returns how many mappings are in use.
func (t *Translator) Len(now time.Time) int {
	t.table.expire(now)
	return t.table.count
}

// Octets returns the size of the tables in octets. There is no more, whatever
// arrives.
func (t *Translator) Octets() int { return t.table.octets() + t.frags.octets() }

// inside reports whether what comes from a is translated.
func (t *Translator) inside(a uint32) bool {
	if len(t.cfg.Inside) == 0 {
		return a != t.outside
	}
	addr := addr4(a)
	for _, p := range t.cfg.Inside {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// Outbound translates a datagram that is about to leave to the outside: its
// source becomes the outside address. What does not come from inside is left as
// it is. d begins with the IP header, which must be valid; the datagram must be
// whole or a fragment of one, and what follows it is not touched. Unless the
// answer is [mib.None], nothing is changed, and it is to be dropped:
//
//   - [mib.NATUntranslatable]: a protocol or message that has no translation,
//     or a fragment whose first one was not seen;
//   - [mib.NATUnmatched]: a reply or an error about nothing that has come in;
//   - [mib.NATFull]: no mapping is left. RFC 5508 REQ-8 asks for 3/13 about it.
func (t *Translator) Outbound(now time.Time, d []byte) mib.Drop {
	t.table.expire(now)
	v, ok := read(d, false)
	if !ok {
		return mib.NATUntranslatable
	}
	if v.isError() {
		return t.outboundError(&v)
	}
	if !t.inside(v.src) {
		return mib.None
	}
	name := v.name()
	if v.offset != 0 {
		if _, known := t.frags.get(now, name); !known {
			return mib.NATUntranslatable
		}
		v.rewrite(source, t.outside, 0, 0, nil)
		return mib.None
	}
	at, port, ok := v.key(source)
	if !ok || !v.mendable() {
		if v.proto == ip.ProtoICMP && len(v.b) > v.hlen && isReply(v.b[v.hlen]) {
			return mib.NATUnmatched
		}
		return mib.NATUntranslatable
	}
	m := t.table.fromInside(v.proto, v.src, port)
	if m == nil {
		if m = t.table.add(now, v.proto, v.src, port); m == nil {
			return mib.NATFull
		}
	}
	t.table.refresh(now, m, m.outbound(&v))
	if v.more {
		t.frags.put(now, name, v.src)
	}
	v.rewrite(source, t.outside, at, m.out, nil)
	return mib.None
}

// Inbound translates a datagram that has come in for the outside address: its
// destination becomes that of the host inside. For d see [Translator.Outbound].
// Unless the answer is [mib.None], nothing is changed:
//
//   - [mib.NATUnmatched]: it is for nobody inside, and so for the gateway
//     itself, or nobody;
//   - [mib.NATUntranslatable]: a fragment whose first one was not seen, or no
//     valid datagram.
func (t *Translator) Inbound(now time.Time, d []byte) mib.Drop {
	t.table.expire(now)
	v, ok := read(d, false)
	switch {
	case !ok:
		return mib.NATUntranslatable
	case v.dst != t.outside:
		return mib.NATUnmatched
	case v.offset != 0:
		to, known := t.frags.get(now, v.name())
		switch {
		case !known:
			return mib.NATUntranslatable
		case to == 0:
			return mib.NATUnmatched
		}
		v.rewrite(destination, to, 0, 0, nil)
		return mib.None
	case v.isError() && !v.more:
		return t.inboundError(&v)
	}
	var m *mapping
	at, port, ok := v.key(destination)
	if ok && v.mendable() {
		m = t.table.fromOutside(v.proto, port)
	}
	if v.more {
		to := uint32(0)
		if m != nil {
			to = m.inside
		}
		t.frags.put(now, v.name(), to)
	}
	if m == nil {
		return mib.NATUnmatched
	}
	m.inbound(&v)
	v.rewrite(destination, m.inside, at, m.port, nil)
	return mib.None
}

// mendable reports whether the checksum of the upper layer is within reach: the
// first fragment of a TCP segment may end before it.
func (d *datagram) mendable() bool {
	switch d.proto {
	case ip.ProtoTCP:
		return len(d.b) >= d.hlen+transport.TCPLen
	case ip.ProtoUDP:
		return len(d.b) >= d.hlen+transport.UDPLen
	}
	return len(d.b) >= d.hlen+icmp4.HeaderLen
}

// outbound says what class the mapping is of, now that d leaves by it. A TCP
// connection is established when something has come back, until one side ends
// it.
func (m *mapping) outbound(d *datagram) class {
	if m.proto != ip.ProtoTCP {
		return m.class
	}
	flags := transport.TCPFlags(d.b[d.hlen+atFlags])
	if flags&transport.SYN != 0 {
		m.replied, m.closing = false, false
	}
	m.closing = m.closing || flags&(transport.FIN|transport.RST) != 0
	if m.replied && !m.closing {
		return classTCP
	}
	return classTransient
}

// inbound notes that d has come in.
func (m *mapping) inbound(d *datagram) {
	if m.proto != ip.ProtoTCP {
		return
	}
	m.replied = true
	flags := transport.TCPFlags(d.b[d.hlen+atFlags])
	m.closing = m.closing || flags&(transport.FIN|transport.RST) != 0
}
