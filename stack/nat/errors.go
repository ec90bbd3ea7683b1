package nat

import (
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// quoted returns the datagram inside the error d, and the ICMP checksum over
// both. The checksum must hold (RFC 5508 REQ-3); the quoted ones need not.
//
// Deviation: REQ-3 a) would drop an error whose quoted IP header checksum does
// not hold. Gateways that lower the time to live and quote the old checksum are
// too common for that; the checksum is mended by what changes, and stays wrong.
func (d *datagram) quoted() (q datagram, sum []byte, ok bool) {
	m := d.b[d.hlen:]
	if d.more || len(m) < icmp4.HeaderLen || icmp4.Verify(m) != nil {
		return q, nil, false
	}
	q, ok = read(m[icmp4.HeaderLen:], true)
	if !ok || q.offset != 0 {
		return q, nil, false
	}
	return q, m[atICMPSum : atICMPSum+2], true
}

// inboundError puts an error about a datagram that has left by a mapping back
// to what the sender inside knows (RFC 5508 REQ-4).
func (t *Translator) inboundError(d *datagram) mib.Drop {
	q, sum, ok := d.quoted()
	if !ok || q.src != t.outside {
		return mib.NATUnmatched
	}
	at, port, ok := q.key(source)
	if !ok {
		return mib.NATUnmatched
	}
	m := t.table.fromOutside(q.proto, port)
	if m == nil {
		return mib.NATUnmatched
	}
	if !t.cfg.LeaveQuotes {
		q.rewrite(source, m.inside, at, m.port, sum)
	}
	d.rewrite(destination, m.inside, 0, 0, nil)
	return mib.None
}

// outboundError puts an error about a datagram that has come in by a mapping
// back to what its sender outside knows (RFC 5508 REQ-5). Errors of the gateway
// itself are among them, when they quote what it has translated already.
func (t *Translator) outboundError(d *datagram) mib.Drop {
	within := t.inside(d.src)
	q, sum, ok := d.quoted()
	var m *mapping
	var at int
	if ok {
		var port uint16
		if at, port, ok = q.key(destination); ok {
			m = t.table.fromInside(q.proto, q.dst, port)
		}
	}
	if m == nil {
		if within {
			return mib.NATUnmatched
		}
		return mib.None
	}
	if !t.cfg.LeaveQuotes {
		q.rewrite(destination, t.outside, at, m.out, sum)
	}
	if within {
		d.rewrite(source, t.outside, 0, 0, nil)
	}
	return mib.None
}
