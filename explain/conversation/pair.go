package conversation

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// request is one that waits for replies.
type request struct {
	time    time.Time
	number  int
	length  int
	sum     uint16
	replies uint8
	ttl     uint8
	to      netip.Addr
	group   bool // several are asked
	failed  bool // an error came
}

func requestWord(c Class, id, seq uint16) uint64 {
	return uint64(c)<<32 | uint64(id)<<16 | uint64(seq)
}

// pairKey returns the key of who asks whom, from that of a request.
func pairKey(k *table.Key, c Class) table.Key { return table.Key{k[0], k[1], k[2], k[3], uint64(c)} }

// asksMany reports whether a datagram to that address is for several.
//
// Reading: a directed broadcast can't be told from its address without the
// length of the prefix; that the last octet is 255 is taken for one, as is a
// frame to all.
func asksMany(s *Seen) bool {
	d := s.Header.Dst
	if d.IsMulticast() || s.Group {
		return true
	}
	return d.Is4() && d.As4()[3] == 0xff
}

// IsBroadcast reports whether the datagram asks several hosts by IPv4 broadcast,
// as far as that can be seen.
func (s *Seen) IsBroadcast() bool {
	d := s.Header.Dst
	return d.Is4() && !d.IsMulticast() && (d.As4()[3] == 0xff || s.Group)
}

// pair ties replies to requests.
func (m *Machine) pair(s *Seen) {
	if s.Relation == SeenBefore || s.Class == NoClass {
		return
	}
	switch s.Role { //nolint:exhaustive // the others have no partner
	case Request:
		m.asked(s)
	case Reply:
		m.answered(s)
	}
}

// keysOf returns the key of the request that s is, or answers, and a second one
// that the replies of many are found by.
func keysOf(s *Seen) (one, many table.Key) {
	asker, target := s.SrcAddr, s.DstAddr
	if s.Role == Reply {
		asker, target = target, asker
	}
	switch s.Class { //nolint:exhaustive // the others have identifier and sequence
	case Router:
		// The advertisement may go to all.
		w := requestWord(Router, uint16(s.Header.Version), uint16(s.Link)) //nolint:gosec // what tells links apart
		return table.Pair(table.Addr{}, table.Addr{}, w), table.Key{}
	case Neighbor:
		return table.Pair(table.Addr{}, table.AddrOf(s.Target), requestWord(Neighbor, 0, 0)), table.Key{}
	}
	w := requestWord(s.Class, s.ID, s.Seq)
	return table.Pair(asker, target, w), table.Pair(asker, table.Addr{}, w)
}

func (m *Machine) asked(s *Seen) {
	one, many := keysOf(s)
	group := asksMany(s) && s.Class != Neighbor && s.Class != Router
	if group && many != (table.Key{}) {
		one = many
	}
	r, fresh := m.requests.Put(&one)
	if !fresh {
		if r.replies == 0 && !r.failed && s.Time.Sub(r.time) < m.c.Timeout {
			s.Relation, s.Request = Repeated, Ref{r.number, r.time}
		} else {
			m.giveUp(&one, r)
		}
	}
	*r = m.request(s, group)
	p := m.pairOf(s, s.SrcAddr, s.DstAddr, s.Header.Src, s.Header.Dst)
	p.Requests++
	if s.Relation == Repeated {
		p.Repeated++
	}
}

func (m *Machine) request(s *Seen, group bool) request {
	return request{
		time: s.Time, number: s.Number, length: s.TotalLen, sum: s.Header.Checksum,
		ttl: uint8(s.Header.TTL), to: s.Header.Dst, group: group,
	}
}

// unasked reports whether a reply is one that comes without a request.
func unasked(s *Seen) bool {
	switch s.Class { //nolint:exhaustive // the others are asked for
	case Router:
		return true
	case Neighbor:
		const solicited = 0x40
		return len(s.Message) > 4 && s.Message[4]&solicited == 0
	}
	return false
}

func (m *Machine) answered(s *Seen) {
	one, many := keysOf(s)
	r := m.requests.Get(&one)
	forgotten := r == nil && m.mayHaveForgotten(s)
	if r == nil && many != (table.Key{}) && !forgotten {
		r = m.requests.Get(&many)
	}
	if r == nil || s.Time.Sub(r.time) > m.c.Timeout {
		if unasked(s) {
			s.Role = Announcement
			return
		}
		if forgotten {
			return
		}
		s.Relation = Unsolicited
		p := m.pairOf(s, s.DstAddr, s.SrcAddr, s.Header.Dst, s.Header.Src)
		p.Unsolicited++
		return
	}
	s.Request = Ref{r.number, r.time}
	s.Took = s.Time.Sub(r.time)
	s.Asked, s.SentTTL, s.ToMany, s.AskedAt = r.length, r.ttl, r.group, r.to
	s.Altered = s.Class == Echo && s.Fault == 0 && altered(s, r)
	switch {
	case r.replies == 0:
		s.Relation = Answers
	case r.group:
		s.Relation = AnswersToo
	default:
		s.Relation = Duplicate
	}
	if s.Class == Router && r.replies > 0 {
		s.Role, s.Relation, s.Request, s.Took = Announcement, Unrelated, Ref{}, 0
		return
	}
	r.replies = min(r.replies, 0xfe) + 1
	m.counted(s)
}

// mayHaveForgotten reports whether the request that the reply s answers may have
// been one of those that had to make room.
func (m *Machine) mayHaveForgotten(s *Seen) bool {
	return !m.forgot.IsZero() && s.Time.Sub(m.forgot) <= m.c.Timeout
}

// counted enters an answer into the summary.
func (m *Machine) counted(s *Seen) {
	p := m.pairOf(s, s.DstAddr, s.SrcAddr, s.Header.Dst, s.Header.Src)
	if s.Relation == Duplicate {
		p.Duplicates++
		return
	}
	p.Replies++
	if s.Altered {
		p.Altered++
	}
	p.Times.Add(s.Took)
	m.count.time(s.Header.Version, s.Class, s.Took)
}

// altered reports whether the reply s has other data than the request. The
// checksums tell: they differ by what the type differs, and no more.
func altered(s *Seen, r *request) bool {
	if s.TotalLen-int(s.Header.HeaderLen) != r.length-int(s.Header.HeaderLen) {
		return true
	}
	req, rep := uint16(icmp4.TypeEchoRequest)<<8, uint16(icmp4.TypeEchoReply)<<8
	if s.Header.Version == 6 {
		req, rep = uint16(icmp6.TypeEchoRequest)<<8, uint16(icmp6.TypeEchoReply)<<8
	}
	want := add16(^r.sum, add16(^req, rep))
	got := ^s.Header.Checksum
	return want != got && want^got != 0xffff
}

// add16 adds in ones' complement.
func add16(a, b uint16) uint16 {
	n := uint32(a) + uint32(b)
	return uint16(n>>16) + uint16(n) //nolint:gosec // folded
}

// expire gives up on requests that nobody has answered.
func (m *Machine) expire() {
	for {
		k, r := m.requests.Oldest()
		if k == nil || m.now.Sub(r.time) <= m.c.Timeout {
			return
		}
		m.giveUp(k, r)
		m.requests.Remove(&table.Key{k[0], k[1], k[2], k[3], k[4]})
	}
}

// giveUp counts a request that goes.
func (m *Machine) giveUp(k *table.Key, r *request) {
	if r.replies > 0 || r.failed || r.group {
		return
	}
	c := Class(k[4] >> 32) //nolint:gosec // it came from one
	pk := pairKey(k, c)
	if p := m.pairs.Get(&pk); p != nil {
		p.Unanswered++
	}
	m.count.unanswered[c]++
}

func (m *Machine) pairOf(s *Seen, asker, target table.Addr, a, t netip.Addr) *Pair {
	if s.Class == Neighbor || s.Class == Router {
		asker, a = table.Addr{}, netip.Addr{}
		if s.Class == Neighbor {
			target, t = table.AddrOf(s.Target), s.Target
		} else {
			target, t = table.Addr{}, netip.Addr{}
		}
	}
	key := table.Pair(asker, target, uint64(s.Class))
	p, fresh := m.pairs.Put(&key)
	if fresh {
		p.Asker, p.Target, p.Class, p.First = a, t, s.Class, Ref{s.Number, s.Time}
	}
	p.Last = s.Time
	return p
}
