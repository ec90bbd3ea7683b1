package probe

import (
	"encoding/binary"
	"time"

	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/transport"
)

// cookieLen is how many octets of data the cookie takes, where there are so
// many.
const cookieLen = 8

// What else comes from the key of the cookies is marked, so that it tells nothing
// of them.
const (
	forIPID   = 1 << 63
	forNumber = 1 << 62
	forBlocks = 1 << 61
)

// cookie returns what nobody can know who has not seen the probe.
func (p *Prober) cookie(f *flight) uint64 {
	peer := f.peer.As16()
	return p.cookies.Sum3(uint64(f.target)<<32|uint64(f.turn), uint64(f.kind)<<8|uint64(f.salt), binary.BigEndian.Uint64(peer[8:]))
}

// fill returns the data of a probe: the cookie, the octets that balance the
// checksum, the pattern. It is good until the next call.
func (p *Prober) fill(f *flight) []byte {
	n := int(f.size)
	p.data = append(p.data[:0], p.patternOf(n)...)
	var c [cookieLen]byte
	binary.BigEndian.PutUint64(c[:], p.cookie(f))
	copy(p.data, c[:])
	if f.wantSum != 0 {
		binary.BigEndian.PutUint16(p.data[balanceAt(n):], f.balance)
	}
	return p.data
}

// balanceAt is where in n octets of data those stand that balance the checksum:
// behind the cookie or, where there is no room, in its last even place.
func balanceAt(n int) int { return min(cookieLen, (n-question.Balanced)&^1) }

// patternOf returns n octets of the pattern.
func (p *Prober) patternOf(n int) []byte {
	for i := len(p.pattern); i < n; i++ {
		x := byte(i)
		if k := len(p.cfg.Pattern); k > 0 {
			x = p.cfg.Pattern[i%k]
		}
		p.pattern = append(p.pattern, x)
	}
	return p.pattern[:n]
}

// cookieIn returns how many octets of the cookie stand in n octets of data.
func (f *flight) cookieIn(n int) int {
	if f.wantSum != 0 {
		return min(cookieLen, balanceAt(n))
	}
	return min(cookieLen, n)
}

// prepare chooses what tells a flight from all others, as it is about to leave,
// and puts it into the index. It appends the message to b.
func (p *Prober) prepare(b []byte, slot int32) ([]byte, error) {
	f := &p.flights[slot]
	t := &p.targets[f.target]
	f.turn = t.turn + 1
	f.ipid = p.identification(f)
	var err error
	switch {
	case f.kind.ICMP():
		if !p.number(f, t) {
			t.seq = f.seq // the next may be free
			return b, ErrSequence
		}
		b, err = p.message(b, f)
	case f.kind == TCP:
		f.seq = t.seq + 1
		p.choosePort(f)
		f.aux = uint32(p.cookie(f))
		f.hash = p.hash(f.key())
		b, err = p.message(b, f)
	default:
		f.seq = t.seq + 1
		p.choosePort(f)
		b, err = p.distinct(b, f)
	}
	if err != nil {
		return b, err
	}
	t.turn, t.seq = f.turn, f.seq
	p.list(slot)
	if f.kind == UDP || f.kind == UDPLite {
		p.joinFlow(slot)
	}
	return b, nil
}

// identification returns that of a flight's IPv4 header.
func (p *Prober) identification(f *flight) uint16 {
	id := uint16(p.cookies.Sum3(uint64(f.target)<<32|uint64(f.turn), forIPID|uint64(f.kind), 0))
	if p.marks != 0 {
		return p.marks | id&0xff
	}
	return max(id, 1) // a raw socket takes 0 for: choose one
}

func (p *Prober) choosePort(f *flight) {
	if !f.fixedPort {
		f.src16 = p.port + uint16((uint32(p.first)+f.turn)%ports)
	}
}

// number gives an ICMP flight its identifier and sequence number: the target's
// next, by the identifier that the target is at, or the next one when that
// sequence number is still in flight. When it is under all of them, because many
// targets have one address, the target goes on from a number chosen at random.
// When none is found, one that is over is forgotten for it.
func (p *Prober) number(f *flight, t *target) bool {
	if f.kind == Solicit {
		return p.alone(f)
	}
	f.seq = t.seq + 1
	if f.kind == ExtEcho {
		f.seq &= 0xff
	}
	next := f.seq
	var old int32
	found := false
	for i := range p.ids {
		f.id = p.id + (uint16(t.id)+i)%p.ids
		slot, taken := p.taken(f)
		if !taken {
			t.id = uint8(f.id - p.id)
			return true
		}
		if !found && p.flights[slot].state == over {
			old, found = slot, true
		}
	}
	for i := range uint64(jumps) {
		chance := p.cookies.Sum3(uint64(f.target)<<32|uint64(f.turn), forNumber|uint64(f.kind), i)
		f.seq, f.id = uint16(chance), p.id+uint16(chance>>16)%p.ids
		if f.kind == ExtEcho {
			f.seq &= 0xff
		}
		if _, taken := p.taken(f); !taken {
			return true
		}
	}
	f.seq = next
	if found {
		f.id = p.flights[old].id
		f.hash = p.hash(f.key())
		p.unlist(old)
	}
	return found
}

// alone has a flight be the only one of its kind: nothing tells it from others.
func (p *Prober) alone(f *flight) bool {
	slot, taken := p.taken(f)
	if taken && p.flights[slot].state == over {
		p.unlist(slot)
		taken = false
	}
	return !taken
}

// jumps is how many numbers are tried at random.
const jumps = 16

// salts is how many cookies are tried for a checksum that is in use.
const salts = 8

// distinct makes a UDP message whose checksum none has that is in flight with
// the same ports: with a constant flow, the checksum is all that an error shows
// of a probe. Where there is too little data for that, the oldest is taken to be
// meant, and the event says that it was guessed.
func (p *Prober) distinct(b []byte, f *flight) ([]byte, error) {
	for {
		out, err := p.message(b, f)
		if err != nil {
			return b, err
		}
		if _, taken := p.taken(f); !taken || f.salt == salts-1 || f.size == 0 {
			return out, nil
		}
		f.salt++
	}
}

// find returns a flight that has the key.
func (p *Prober) find(k key) (int32, bool) { return p.findHashed(p.hash(k), k) }

// taken returns a flight that has the key of f already, which is in no list, and
// takes note of its hash.
func (p *Prober) taken(f *flight) (int32, bool) {
	k := f.key()
	f.hash = p.hash(k)
	return p.findHashed(f.hash, k)
}

func (p *Prober) findHashed(hash uint64, k key) (int32, bool) {
	c := p.index.Find(hash)
	for slot, ok := p.index.Next(&c); ok; slot, ok = p.index.Next(&c) {
		if p.flights[slot].key() == k {
			return slot, true
		}
	}
	return 0, false
}

// The options of a SYN: a maximum segment size so small that nobody on the way
// lowers it, which would change what errors quote.
var (
	mss4 = []byte{2, 4, 536 >> 8, 536 & 0xff}
	mss6 = []byte{2, 4, 1220 >> 8, 1220 & 0xff}
)

// window is that of a SYN.
const window = 64240

// message appends the message of a flight, and keeps its checksum.
func (p *Prober) message(b []byte, f *flight) (out []byte, err error) {
	start := len(b)
	data := p.fill(f)
	at := sumICMP
	switch {
	case f.kind == UDP:
		at = sumUDP
		out, err = transport.UDP{SrcPort: f.src16, DstPort: f.dst16}.AppendPacket(b, f.src, f.peer, data)
	case f.kind == UDPLite:
		at = sumUDP
		out, err = transport.UDPLite{SrcPort: f.src16, DstPort: f.dst16}.AppendPacket(b, f.src, f.peer, data)
	case f.kind == TCP:
		at = sumTCP
		options := mss6
		if f.dst.Is4() {
			options = mss4
		}
		out, err = transport.TCP{
			SrcPort: f.src16, DstPort: f.dst16, Seq: f.aux, Flags: transport.SYN, Window: window, Options: options,
		}.AppendPacket(b, f.src, f.peer, nil)
	case f.dst.Is4():
		out, err = p.message4(b, f, data)
	default:
		out, err = p.message6(b, f, data)
	}
	if err != nil {
		return b, err
	}
	m := out[start:]
	f.sum = binary.BigEndian.Uint16(m[at:])
	if f.wantSum != 0 && f.sum != f.wantSum {
		// With x in place of the two octets, which are 0, the checksum is
		// ^(^sum + x): so x is ^want + sum, in ones' complement.
		f.balance = checksum.Combine(^f.wantSum, f.sum)
		binary.BigEndian.PutUint16(m[icmp4.HeaderLen+balanceAt(int(f.size)):], f.balance)
		f.sum = f.wantSum
		binary.BigEndian.PutUint16(m[at:], f.sum)
	}
	return out, nil
}

// Where the checksum stands.
const (
	sumICMP = 2
	sumUDP  = 6
	sumTCP  = 16
)

func (p *Prober) message4(b []byte, f *flight, data []byte) ([]byte, error) {
	switch f.kind {
	case Timestamp:
		s := icmp4.TimestampOf(p.clock)
		f.aux = uint32(s)
		return icmp4.TimestampMessage{ID: f.id, Seq: f.seq, Originate: s}.AppendBinary(b)
	case Mask:
		return icmp4.AddressMask{ID: f.id, Seq: f.seq}.AppendBinary(b)
	case Solicit:
		return icmp4.RouterSolicitation{}.AppendBinary(b)
	case Info:
		return icmp4.Info{ID: f.id, Seq: f.seq}.AppendBinary(b)
	case ExtEcho:
		ext, local := f.ext()
		return icmp4.ExtendedEchoRequest{ID: f.id, Seq: uint8(f.seq), Local: local, Ext: ext}.AppendBinary(b)
	}
	return icmp4.Echo{ID: f.id, Seq: f.seq, Data: data}.AppendBinary(b)
}

func (p *Prober) message6(b []byte, f *flight, data []byte) ([]byte, error) {
	switch f.kind {
	case Solicit:
		return icmp6.RouterSolicitation{}.Append(b, f.src, f.dst)
	case ExtEcho:
		ext, local := f.ext()
		return icmp6.ExtendedEchoRequest{ID: f.id, Seq: uint8(f.seq), Local: local, Ext: ext}.Append(b, f.src, f.dst)
	}
	return icmp6.Echo{ID: f.id, Seq: f.seq, Data: data}.Append(b, f.src, f.dst)
}

func (f *flight) ext() (ext []byte, local bool) {
	if f.rare == nil {
		return nil, false
	}
	return f.rare.ext, f.rare.local
}

// Poll appends the payload of a datagram that is to leave now to b, if there is
// one, and returns how it is to leave. When probes have timed out, there are
// events to read. Call it until it has nothing more.
func (p *Prober) Poll(now time.Time, b []byte) ([]byte, Transmit, bool) {
	p.begin(now)
	p.expire()
	for {
		slot, at, ok := p.queue.Min()
		if !ok || at > p.now || p.bucket.Next() > p.now || p.cfg.Sent && p.events.Full() {
			return b, Transmit{}, false
		}
		f := &p.flights[slot]
		t := &p.targets[f.target]
		if again := t.last + int64(p.cfg.Each); t.begun && again > p.now {
			// One before it was late: the distance counts, not the schedule.
			p.queue.Put(slot, again)
			t.due = max(t.due, again+int64(p.cfg.Each))
			continue
		}
		p.queue.Remove(slot)
		out, err := p.prepare(b, slot)
		if err != nil {
			p.unsent(slot, err)
			continue
		}
		t.last, t.begun = p.now, true
		p.bucket.Take(p.now)
		f.state, f.sent, f.left, f.wall = flying, p.now, p.clock.UnixNano(), now.UnixNano()
		p.waits.Put(slot, f.sent+f.timeout)
		p.counts.Sent++
		if p.cfg.Sent {
			p.events.Put(p.event(Sent, slot, now))
		}
		return out, p.transmit(slot), true
	}
}

func (p *Prober) transmit(slot int32) Transmit {
	f := &p.flights[slot]
	x := Transmit{
		Handle: p.handle(slot), Target: int(f.target), Src: f.src, Dst: f.dst.WithZone(f.zone), Proto: f.kind.Proto(f.dst),
		TTL: f.ttl, TOS: f.tos, DF: f.df, Discover: f.discover, Group: f.anyone, ID: f.ipid, FlowLabel: f.flowLabel,
	}
	if f.rare != nil {
		x.Options = f.rare.options
	}
	return x
}

// expire gives up what has timed out, as far as there is room to tell of it, and
// forgets what has been over for long enough.
func (p *Prober) expire() {
	for !p.events.Full() {
		slot, at, ok := p.waits.Min()
		if !ok || at > p.now {
			break
		}
		f := &p.flights[slot]
		f.late = true
		p.counts.Timeouts++
		p.events.Put(p.event(Timeout, slot, p.clock))
		p.finish(slot)
	}
	for p.oldest != none && p.flights[p.oldest].forgotten <= p.now {
		p.forget()
	}
}
