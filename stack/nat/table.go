package nat

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"net/netip"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/stack/internal/keyhash"
	"github.com/sonde-net/sonde/wire/ip"
)

// none is the end of a list of mappings.
const none = -1

// class says how long a mapping lasts.
type class uint8

const (
	classUDP class = iota
	classTCP
	classTransient
	classICMP
	numClasses
)

// mapping is one line of the table. Its lists are linked by index, so that
// nothing is allocated once the table stands.
type mapping struct {
	inside  uint32 // address
	port    uint16 // or identifier, inside
	out     uint16 // outside
	proto   ip.Proto
	class   class
	replied bool // TCP: something has come back
	closing bool // TCP: FIN or RST has been seen
	used    time.Time

	self            int32 // where it stands in the table
	nextIn, nextOut int32 // in the chains of the two hashes
	older, newer    int32 // in the list of the class
}

// table holds the mappings, found by what is inside and by what is outside, in
// a list for each class with the one that expires first at its beginning.
type table struct {
	key      keyhash.Key
	ages     [numClasses]time.Duration
	lines    []mapping
	free     int32 // chained by nextIn
	count    int
	byIn     []int32
	byOut    []int32
	old, new [numClasses]int32
}

func newTable(c *Config) table {
	t := table{
		key:   keyhash.New(c.Seed),
		ages:  [numClasses]time.Duration{classUDP: c.UDP, classTCP: c.TCP, classTransient: c.TCPTransient, classICMP: c.ICMP},
		lines: make([]mapping, c.Mappings),
	}
	heads := 1 << bits.Len(uint(c.Mappings-1))
	t.byIn, t.byOut = make([]int32, heads), make([]int32, heads)
	for i := range heads {
		t.byIn[i], t.byOut[i] = none, none
	}
	for i := range t.old {
		t.old[i], t.new[i] = none, none
	}
	for i := range t.lines {
		t.lines[i].nextIn = int32(i) + 1
	}
	t.lines[len(t.lines)-1].nextIn = none
	return t
}

func (t *table) octets() int {
	return len(t.lines)*int(unsafe.Sizeof(mapping{})) + 4*(len(t.byIn)+len(t.byOut))
}

func (t *table) hashIn(p ip.Proto, addr uint32, port uint16) uint64 {
	return t.key.Words(uint64(addr), uint64(p)<<16|uint64(port))
}

func (t *table) headIn(p ip.Proto, addr uint32, port uint16) *int32 {
	return &t.byIn[t.hashIn(p, addr, port)&uint64(len(t.byIn)-1)]
}

func (t *table) headOut(p ip.Proto, port uint16) *int32 {
	return &t.byOut[t.key.Words(uint64(p), uint64(port))&uint64(len(t.byOut)-1)]
}

// fromInside finds the mapping of an inside address and port.
func (t *table) fromInside(p ip.Proto, addr uint32, port uint16) *mapping {
	for i := *t.headIn(p, addr, port); i != none; i = t.lines[i].nextIn {
		if m := &t.lines[i]; m.inside == addr && m.port == port && m.proto == p {
			return m
		}
	}
	return nil
}

// fromOutside finds the mapping of an outside port.
func (t *table) fromOutside(p ip.Proto, port uint16) *mapping {
	for i := *t.headOut(p, port); i != none; i = t.lines[i].nextOut {
		if m := &t.lines[i]; m.out == port && m.proto == p {
			return m
		}
	}
	return nil
}

// add makes a mapping; nil: there is no room, or no port left in the range.
func (t *table) add(now time.Time, p ip.Proto, addr uint32, port uint16) *mapping {
	i := t.free
	if i == none {
		return nil
	}
	out, ok := t.choose(p, addr, port)
	if !ok {
		return nil
	}
	m := &t.lines[i]
	t.free = m.nextIn
	in, outside := t.headIn(p, addr, port), t.headOut(p, out)
	*m = mapping{inside: addr, port: port, out: out, proto: p, class: firstClass(p), used: now, self: i, nextIn: *in, nextOut: *outside}
	*in, *outside = i, i
	t.link(i)
	t.count++
	return m
}

func firstClass(p ip.Proto) class {
	switch p {
	case ip.ProtoTCP:
		return classTransient
	case ip.ProtoUDP:
		return classUDP
	}
	return classICMP
}

// wellKnown is how many ports are in the range of the services.
const wellKnown = 1024

// choose finds a free outside port: the first from a place that the keyed hash
// gives, within the range that the inside port is in (RFC 4787 REQ-3).
// Identifiers have no ranges.
func (t *table) choose(p ip.Proto, addr uint32, port uint16) (uint16, bool) {
	first, n := 0, 1<<16
	switch {
	case p == ip.ProtoICMP:
	case port < wellKnown:
		first, n = 1, wellKnown-1
	default:
		first, n = wellKnown, 1<<16-wellKnown
	}
	at := int(t.hashIn(p, addr, port) >> 32 % uint64(n))
	for range n {
		out := uint16(first + at)
		if t.fromOutside(p, out) == nil {
			return out, true
		}
		if at++; at == n {
			at = 0
		}
	}
	return 0, false
}

// refresh makes m the youngest of class c.
func (t *table) refresh(now time.Time, m *mapping, c class) {
	t.unlink(m.self)
	m.class, m.used = c, now
	t.link(m.self)
}

func (t *table) link(i int32) {
	m := &t.lines[i]
	m.older, m.newer = t.new[m.class], none
	if m.older == none {
		t.old[m.class] = i
	} else {
		t.lines[m.older].newer = i
	}
	t.new[m.class] = i
}

func (t *table) unlink(i int32) {
	m := &t.lines[i]
	if m.older == none {
		t.old[m.class] = m.newer
	} else {
		t.lines[m.older].newer = m.newer
	}
	if m.newer == none {
		t.new[m.class] = m.older
	} else {
		t.lines[m.newer].older = m.older
	}
}

// expire forgets what nothing has left by for the time of its class. Each
// mapping is forgotten once, so over time it costs no more than making them.
func (t *table) expire(now time.Time) {
	for c := range t.old {
		for i := t.old[c]; i != none && now.Sub(t.lines[i].used) >= t.ages[c]; i = t.old[c] {
			t.remove(i)
		}
	}
}

func (t *table) remove(i int32) {
	m := &t.lines[i]
	t.unlink(i)
	at := t.headIn(m.proto, m.inside, m.port)
	for *at != i {
		at = &t.lines[*at].nextIn
	}
	*at = m.nextIn
	at = t.headOut(m.proto, m.out)
	for *at != i {
		at = &t.lines[*at].nextOut
	}
	*at = m.nextOut
	*m = mapping{nextIn: t.free}
	t.free = i
	t.count--
}

// Mapping is one mapping, for people.
type Mapping struct {
	Proto   ip.Proto       // TCP, UDP, or ICMP with identifiers in place of ports
	Inside  netip.AddrPort // who uses it
	Outside netip.AddrPort // as what the others see it
	Expires time.Time      // unless something leaves by it until then
}

// Mappings returns the mappings in use, those of each protocol from the one
// that was used first to the one that was used last. None may be made while it
// runs.
func (t *Translator) Mappings(now time.Time) iter.Seq[Mapping] {
	return func(yield func(Mapping) bool) {
		t.table.expire(now)
		for c, i := range t.table.old {
			for ; i != none; i = t.table.lines[i].newer {
				m := &t.table.lines[i]
				if !yield(Mapping{
					Proto:   m.proto,
					Inside:  netip.AddrPortFrom(addr4(m.inside), m.port),
					Outside: netip.AddrPortFrom(t.cfg.Outside, m.out),
					Expires: m.used.Add(t.table.ages[c]),
				}) {
					return
				}
			}
		}
	}
}

func addr4(a uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], a)
	return netip.AddrFrom4(b)
}
