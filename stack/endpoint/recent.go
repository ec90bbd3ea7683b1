package endpoint

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/stack/internal/keyhash"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// flow is what a quote is recognised by: ports in UDP and its like, type,
// identifier and sequence number in ICMP, nothing more in other protocols.
type flow struct {
	src, dst netip.Addr
	proto    ip.Proto
	kind     uint8 // ICMP type
	a, b     uint16
}

// flowOf reads the flow of a datagram, or of as much as is quoted of one; false:
// there is not enough of it.
func flowOf(q *quote.Quote) (f flow, ok bool) {
	if !q.Has(quote.Addrs | quote.Proto) {
		return f, false
	}
	f = flow{src: q.Src, dst: q.Dst, proto: q.Proto}
	switch {
	case transport.HasPorts(q.Proto):
		f.a, f.b = q.SrcPort, q.DstPort
		return f, q.Has(quote.Ports)
	case q.Proto == ip.ProtoICMP || q.Proto == ip.ProtoICMPv6:
		f.kind, f.a, f.b = q.ICMPType, q.ICMPID, q.ICMPSeq
		return f, q.Has(quote.ICMPType)
	}
	return f, true
}

// ways is how many lines a flow may stand in.
const ways = 4

// recent is what was sent lately: a table of fixed size in sets, the oldest of
// the set going first.
type recent struct {
	key   keyhash.Key
	age   time.Duration
	lines [][ways]sent
}

type sent struct {
	flow
	at  time.Time
	box *mailbox // of the socket that has sent it; nil: of a service
}

func newRecent(c *Config) recent {
	sets := 1 << bits.Len(uint(c.Recent-1)/ways)
	return recent{key: keyhash.New(c.Seed), age: c.InFlight, lines: make([][ways]sent, sets)}
}

func (r *recent) octets() int { return len(r.lines) * int(unsafe.Sizeof(r.lines[0])) }

func (r *recent) set(f *flow) *[ways]sent {
	src := f.src.As16()
	h := r.key.Words(r.key.Addr(f.dst), binary.LittleEndian.Uint64(src[8:]))
	h = r.key.Words(h, uint64(f.proto)<<40|uint64(f.kind)<<32|uint64(f.a)<<16|uint64(f.b))
	return &r.lines[h&uint64(len(r.lines)-1)]
}

// add remembers that f was sent.
func (r *recent) add(now time.Time, f flow, box *mailbox) {
	set := r.set(&f)
	line := &set[0]
	for i := range set {
		e := &set[i]
		if e.flow == f {
			line = e
			break
		}
		if e.at.Before(line.at) {
			line = e
		}
	}
	*line = sent{f, now, box}
}

// find returns what was sent that the quote is of; nil: nothing, or too long
// ago.
func (r *recent) find(now time.Time, q *quote.Quote) *sent {
	f, ok := flowOf(q)
	if !ok {
		return nil
	}
	set := r.set(&f)
	for i := range set {
		e := &set[i]
		if e.flow == f && now.Sub(e.at) < r.age {
			return e
		}
	}
	return nil
}
