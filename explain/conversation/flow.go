package conversation

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// Flow is the datagrams between two addresses with the same protocol and ports,
// or the same ICMP identifier. Arrays of two are by direction: 0 is that of the
// datagram that was seen first.
type Flow struct {
	Proto    ip.Proto
	Addrs    [2]netip.Addr // who sends in that direction
	Ports    [2]uint16     // likewise; in ICMP both are the identifier
	First    Ref
	Last     time.Time
	Packets  [2]uint32
	Octets   [2]uint64
	MaxLen   [2]uint16 // the longest datagram, in octets
	TCPFlags [2]transport.TCPFlags
	Next     [2]uint32 // TCP: the sequence number behind the last octet sent
	Acked    [2]uint32 // TCP: the last acknowledgment sent
	HasSeq   [2]bool
	HasAck   [2]bool
	Errors   uint32 // about it
	// Large is the sequence number of the first large TCP segment (see
	// [LargeLen]).
	Large    [2]uint32
	HasLarge [2]bool
	NextHop  [2][6]byte // where the frames went, when the link has addresses
	// Marks are bits that whoever watches flows may set.
	Marks uint32

	low    int // which of the two is the lesser in the key
	place  uint8
	tags   [sightings]uint32
	recent [sightings]sighting
}

// LargeLen is from how many octets on a datagram is large: one that a path may
// be too narrow for.
const LargeLen = 1000

// LargePassed reports whether a large segment that direction d sent was
// acknowledged.
func (f *Flow) LargePassed(d int) bool {
	return f.HasLarge[d] && f.HasAck[1-d] && int32(f.Acked[1-d]-f.Large[d]) > 0 //nolint:gosec // serial arithmetic
}

// sightings is how many datagrams of a flow are remembered.
const sightings = 16

type sighting struct {
	time   int64 // nanoseconds since the flow began
	number int
	word   uint32 // of the upper layer: sequence number, identifier and sequence
	id     uint32
	sum    uint16
	length uint16
	link   uint32
	ttl    uint8
	from   uint8
	again  bool // of one that was seen before on another link
}

// Established reports whether a TCP connection was seen to stand: both sides
// have acknowledged.
func (f *Flow) Established() bool {
	return f.Proto == ip.ProtoTCP && f.HasAck[0] && f.HasAck[1]
}

// InFlight reports whether a TCP sequence number that direction d sent may still
// be on its way: not before what was acknowledged, less a window, and before the
// end of what was sent. Without knowledge, it may.
func (f *Flow) InFlight(d int, seq uint32) bool {
	if !f.HasSeq[d] {
		return true
	}
	const window = 1 << 16
	first := f.Next[d] - 4*window
	if f.HasAck[1-d] {
		first = f.Acked[1-d] - window
	}
	return seq-first <= f.Next[d]-first
}

// keyOf returns the key of the flow that h is part of, and who of the key's two
// sent it: 0 is the lesser address.
func keyOf(h *quote.Quote) (table.Key, int) {
	src, dst := table.AddrOf(h.Src), table.AddrOf(h.Dst)
	sport, dport := h.SrcPort, h.DstPort
	if h.Proto == ip.ProtoICMP || h.Proto == ip.ProtoICMPv6 {
		sport, dport = h.ICMPID, h.ICMPID
	}
	word := func(a, b uint16) uint64 { return uint64(h.Proto)<<32 | uint64(a)<<16 | uint64(b) }
	if dst.Less(src) || src == dst && dport < sport {
		return table.Pair(dst, src, word(dport, sport)), 1
	}
	return table.Pair(src, dst, word(sport, dport)), 0
}

// wordOf returns what of the upper layer's header tells datagrams of one flow
// apart, and whether there is something.
func wordOf(h *quote.Quote) (uint32, bool) {
	switch h.Proto { //nolint:exhaustive // the others have nothing
	case ip.ProtoTCP:
		return h.TCPSeq, h.Has(quote.TCPSeq)
	case ip.ProtoICMP, ip.ProtoICMPv6:
		return uint32(h.ICMPType)<<24 ^ uint32(h.ICMPID)<<16 ^ uint32(h.ICMPSeq), h.Has(quote.ICMPSeq)
	case ip.ProtoUDP:
		return uint32(h.UDPLen), h.Has(quote.UDPLen)
	}
	return 0, false
}

func tagOf(id, word uint32, sum uint16, from int) uint32 {
	h := uint64(id)<<32 | uint64(word)
	h = (h ^ uint64(sum)<<17 ^ uint64(from)) * 0x9e3779b97f4a7c15
	return uint32(h>>32) | 1 //nolint:gosec // the upper half
}

// begin makes f the flow that s is the first datagram of.
func (f *Flow) begin(s *Seen, low int) {
	h := &s.Header
	f.Proto, f.low, f.First = h.Proto, low, Ref{s.Number, s.Time}
	f.Addrs = [2]netip.Addr{h.Src, h.Dst}
	f.Ports = [2]uint16{h.SrcPort, h.DstPort}
	if s.ICMP {
		f.Ports = [2]uint16{s.ID, s.ID}
	}
}

// since returns how long after the beginning of the flow something was. Captures
// may have any time, or none at all, so it is not since 1970.
func (f *Flow) since(t time.Time) int64 { return int64(t.Sub(f.First.Time)) }

// at returns which datagram a sighting is of.
func (f *Flow) at(r *sighting) Ref {
	return Ref{r.number, f.First.Time.Add(time.Duration(r.time))}
}

// again looks for an earlier sighting of the datagram s.
// One on the same link counts more.
func (f *Flow) again(s *Seen, tag, word uint32) (found *sighting) {
	for i := range f.tags {
		if f.tags[i] != tag {
			continue
		}
		r := &f.recent[i]
		h := &s.Header
		if r.id == h.ID && r.word == word && r.sum == h.Checksum && int(r.from) == s.From &&
			f.since(s.Time)-r.time < int64(maxTravel) {
			switch {
			case r.link == uint32(s.Link):
				return r
			case found == nil || r.time < found.time:
				found = r
			}
		}
	}
	return found
}

// maxTravel is how long a datagram may be on its way.
const maxTravel = 10 * time.Second

// enter looks whether s was seen before at another place, and adds it where not.
func (f *Flow) enter(s *Seen) {
	word, _ := wordOf(&s.Header)
	tag := tagOf(s.Header.ID, word, s.Header.Checksum, s.From)
	if r := f.again(s, tag, word); r != nil {
		s.Hops = int(r.ttl) - int(s.Header.TTL)
		s.SameLink = r.link == uint32(s.Link)
		// Reading: what has no identification, and more hops to go than before, is
		// another probe of a trace.
		probe := s.Hops < 0 && s.Header.ID == 0
		if !s.SameLink || s.Hops != 0 && !probe {
			s.Relation = SeenBefore
			s.Request = f.at(r)
			s.Took = s.Time.Sub(s.Request.Time)
			if !s.SameLink {
				f.remember(s, tag, word, true)
			}
			return
		}
	}
	f.add(s)
	f.remember(s, tag, word, false)
}

// remember keeps a sighting.
func (f *Flow) remember(s *Seen, tag, word uint32, again bool) {
	h := &s.Header
	f.tags[f.place] = tag
	f.recent[f.place] = sighting{
		time: f.since(s.Time), number: s.Number, word: word, id: h.ID, sum: h.Checksum,
		length: clip16(s.TotalLen), link: uint32(s.Link), ttl: uint8(h.TTL), from: uint8(s.From), //nolint:gosec // one of two
		again: again,
	}
	f.place = (f.place + 1) % sightings
}

// add counts the datagram s, of which no earlier sighting is known.
func (f *Flow) add(s *Seen) {
	h := &s.Header
	d := s.From
	f.Last = s.Time
	f.Packets[d]++
	f.NextHop[d] = s.DstMAC
	f.Octets[d] += uint64(s.TotalLen) //nolint:gosec // a datagram's
	f.MaxLen[d] = max(f.MaxLen[d], clip16(s.TotalLen))
	if h.Proto == ip.ProtoTCP && h.Has(quote.TCPFlags) {
		f.tcp(s)
	}
}

func clip16(n int) uint16 { return uint16(min(max(n, 0), 0xffff)) } //nolint:gosec // it fits

func (f *Flow) tcp(s *Seen) {
	h := &s.Header
	d := s.From
	flags := transport.TCPFlags(h.TCPFlags)
	f.TCPFlags[d] |= flags
	end := h.TCPSeq + uint32(s.DataLen) //nolint:gosec // a datagram's
	if flags&(transport.SYN|transport.FIN) != 0 {
		end++
	}
	if s.TotalLen >= LargeLen && s.DataLen > 0 && !f.HasLarge[d] {
		f.Large[d], f.HasLarge[d] = h.TCPSeq, true
	}
	switch ahead := int32(end - f.Next[d]); { //nolint:gosec // serial arithmetic
	case !f.HasSeq[d] || flags&transport.SYN != 0, ahead > 0:
		f.Next[d], f.HasSeq[d] = end, true
	case s.DataLen > 0:
		s.Retransmit = true
	}
	if flags&transport.ACK != 0 && (!f.HasAck[d] || int32(h.TCPAck-f.Acked[d]) > 0) { //nolint:gosec // likewise
		f.Acked[d], f.HasAck[d] = h.TCPAck, true
	}
}

// cause looks for the datagram that q quotes, sent by from: the last of those
// that agree in all that the quote shows.
func (f *Flow) cause(q *quote.Quote, from int) *sighting {
	word, hasWord := wordOf(q)
	var best *sighting
	for i := range f.recent {
		r := &f.recent[i]
		switch {
		case f.tags[i] == 0 || int(r.from) != from || r.again:
		case q.Version == 4 && r.id != q.ID:
		case hasWord && r.word != word:
		case q.Has(quote.Checksum) && r.sum != q.Checksum && (q.Version == 6 || q.ID == 0) && q.Proto != ip.ProtoTCP:
			// A sum that the network card had still to fill in proves nothing
			// where a number does.
		case best == nil || r.time >= best.time:
			best = r
		}
	}
	return best
}
