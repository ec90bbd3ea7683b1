package probe

import (
	"encoding/binary"
	"net/netip"

	"github.com/sonde-net/sonde/wire/ip"
)

// flight is a probe from when it was handed over until it is forgotten.
type flight struct {
	src, dst, peer netip.Addr // without zones; peer is who is asked
	zone           string     // of dst
	rare           *rare
	tag            uint64
	hash           uint64 // of its key, as soon as that is chosen
	sent           int64  // by the program's clock, ns since the prober's epoch
	left           int64  // by the program's time of day, ns since the Unix epoch
	wall           int64  // by the clock of stamp, likewise
	timeout        int64  // ns
	forgotten      int64  // when it will be, once it is over
	generation     uint32
	turn           uint32 // which of its target's probes it is
	aux            uint32 // TCP: sequence number; timestamp: originate
	flowLabel      uint32
	target         int32
	after          int32 // in the list of those that are over, or of free ones
	next, prev     int32 // in its flow
	id, seq        uint16
	src16, dst16   uint16 // ports
	sum            uint16 // checksum of the message
	wantSum        uint16
	balance        uint16 // the two octets that make it so
	ipid           uint16
	size           uint16
	kind           Kind
	state          state
	stamp          Stamp
	tos            uint8
	ttl            ip.TTL
	salt           uint8
	flags
}

// rare is what few probes have.
type rare struct {
	options []byte
	routed  bool // by a source route
	ext     []byte
	local   bool
}

// state is where a flight is on its way.
type state uint8

const (
	free   state = iota
	queued       // waits for its turn
	flying       // waits for a reply
	over         // answered, failed or timed out; remembered for a while
)

// flags are what has happened to a flight, and what it is.
type flags struct {
	df, discover      bool
	anyone, fixedPort bool
	listed            bool // in the index
	inFlow            bool // in the list of its flow
	answered          bool // a reply was credited
	failed            bool // an error was
	late              bool // it timed out
}

// none is the end of a list of flights.
const none = int32(-1)

// A key is what both a reply and an error show of a probe. It holds all that
// fits into a word, behind the kind; the address of who is asked goes with it.
type key struct {
	word   uint64
	hi, lo uint64
}

func (p *Prober) hash(k key) uint64 { return p.hashes.Sum3(k.word, k.hi, k.lo) }

// keyOf makes a key: of ICMP with identifier and sequence number, of UDP with
// the ports and the checksum, of TCP with the sequence number.
func keyOf(k Kind, word uint64, peer netip.Addr) key {
	b := peer.As16()
	return key{uint64(k)<<56 | word, binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func icmpWord(id, seq uint16) uint64 { return uint64(id)<<16 | uint64(seq) }

func udpWord(own, other, sum uint16) uint64 {
	return uint64(own)<<32 | uint64(other)<<16 | uint64(sum)
}

// key returns the key of the flight. Whose reply may come from anybody has it
// without an address.
func (f *flight) key() key {
	word := icmpWord(f.id, f.seq)
	switch f.kind {
	case UDP, UDPLite:
		word = udpWord(f.src16, f.dst16, f.sum)
	case TCP:
		word = uint64(f.aux)
	}
	return keyOf(f.kind, word, f.who())
}

// flowKey is the key of the flow of a UDP flight; the bit tells it from others.
func flowKey(k Kind, own, other uint16, peer netip.Addr) key {
	return keyOf(k, udpWord(own, other, 0)|1<<55, peer)
}

// who is the address in the flight's key.
func (f *flight) who() netip.Addr {
	if f.anyone {
		return netip.Addr{}
	}
	return f.peer
}

func (f *flight) waiting() bool { return f.state == flying }

// alloc takes a place in the table: a free one, a new one, or that of the
// flight that has been over for longest.
func (p *Prober) alloc() (int32, bool) {
	if p.free == none && len(p.flights) >= p.cfg.InFlight && p.oldest != none {
		p.forget()
	}
	if slot := p.free; slot != none {
		p.free = p.flights[slot].after
		return slot, true
	}
	if len(p.flights) >= p.cfg.InFlight {
		return 0, false
	}
	p.flights = append(p.flights, flight{generation: 1})
	return int32(len(p.flights) - 1), true
}

// release forgets a flight that is in no list of those that are over.
func (p *Prober) release(slot int32) {
	f := &p.flights[slot]
	p.unlist(slot)
	p.leaveFlow(slot, true)
	p.queue.Remove(slot)
	p.waits.Remove(slot)
	*f = flight{generation: f.generation + 1, after: p.free}
	p.free = slot
}

// list puts a flight, whose hash is known, into the index.
func (p *Prober) list(slot int32) {
	f := &p.flights[slot]
	f.listed = true
	p.index.Put(f.hash, slot)
}

func (p *Prober) unlist(slot int32) {
	if f := &p.flights[slot]; f.listed {
		p.index.Delete(f.hash, slot)
		f.listed = false
	}
}

// finish ends the waiting for a flight. It is remembered for a while.
func (p *Prober) finish(slot int32) {
	f := &p.flights[slot]
	if f.state != flying {
		return
	}
	p.waits.Remove(slot)
	f.state = over
	p.leaveFlow(slot, false)
	f.forgotten, f.after = p.now+int64(p.cfg.Linger), none
	if p.newest == none {
		p.oldest = slot
	} else {
		p.flights[p.newest].after = slot
	}
	p.newest = slot
}

// forget forgets the flight that has been over for longest.
func (p *Prober) forget() {
	slot := p.oldest
	p.oldest = p.flights[slot].after
	if p.oldest == none {
		p.newest = none
	}
	p.release(slot)
}

// The flow of a UDP probe is that of all with its ports and peer: a reply that
// carries none of what was sent shows no more. Those of a flow that wait are in
// a ring, the oldest at its head, and the head is in an index. The last one
// stays when it is over, until another comes or it is forgotten, to tell of
// duplicates.

// joinFlow puts a flight at the end of its flow.
func (p *Prober) joinFlow(slot int32) {
	f := &p.flights[slot]
	f.inFlow, f.next, f.prev = true, slot, slot
	h := p.hash(flowKey(f.kind, f.src16, f.dst16, f.who()))
	head, ok := p.findFlow(h, f.kind, f.src16, f.dst16, f.who())
	switch {
	case !ok:
		p.flows.Put(h, slot)
	case !p.flights[head].waiting():
		p.flights[head].inFlow = false
		p.flows.Delete(h, head)
		p.flows.Put(h, slot)
	default:
		x := &p.flights[head]
		f.next, f.prev = head, x.prev
		p.flights[x.prev].next = slot
		x.prev = slot
	}
}

// leaveFlow takes a flight out of its flow; the last one only for good.
func (p *Prober) leaveFlow(slot int32, good bool) {
	f := &p.flights[slot]
	last := f.next == slot
	if !f.inFlow || last && !good {
		return
	}
	f.inFlow = false
	h := p.hash(flowKey(f.kind, f.src16, f.dst16, f.who()))
	if last {
		p.flows.Delete(h, slot)
		return
	}
	p.flights[f.prev].next, p.flights[f.next].prev = f.next, f.prev
	if p.flows.Delete(h, slot) { // it was the head
		p.flows.Put(h, f.next)
	}
}

// findFlow returns the head of a flow.
func (p *Prober) findFlow(h uint64, k Kind, own, other uint16, peer netip.Addr) (int32, bool) {
	c := p.flows.Find(h)
	for slot, ok := p.flows.Next(&c); ok; slot, ok = p.flows.Next(&c) {
		f := &p.flights[slot]
		if f.kind == k && f.src16 == own && f.dst16 == other && f.who() == peer {
			return slot, true
		}
	}
	return 0, false
}
