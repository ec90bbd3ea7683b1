package conversation

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/probe/stats"
	"github.com/sonde-net/sonde/wire/ip"
)

// Talker is an address that sends or receives ICMP.
type Talker struct {
	Addr           netip.Addr
	Sent, Received uint64 // messages
	Octets         uint64 // of both, in datagrams
}

// Pair is who asks whom. Of router and neighbour discovery the asker is the zero
// Addr: all on a link ask together.
type Pair struct {
	Asker, Target netip.Addr
	Class         Class
	First         Ref
	Last          time.Time
	Requests      uint64
	Replies       uint64 // duplicates not counted
	Unanswered    uint64
	Errors        uint64 // requests that an error answered
	Repeated      uint64 // requests sent again with the same number
	Duplicates    uint64
	Unsolicited   uint64
	Altered       uint64
	Times         stats.RTT
}

// Troubled reports whether something went wrong between the two.
func (p *Pair) Troubled() bool {
	return p.Unanswered+p.Errors+p.Repeated+p.Duplicates+p.Unsolicited+p.Altered > 0
}

// Trouble is a flow that errors were about.
type Trouble struct {
	Version    uint8
	Proto      ip.Proto
	Src, Dst   netip.Addr // as quoted
	Sport      uint16     // of ICMP both are the identifier
	Dport      uint16
	First      Ref // error
	Last       time.Time
	Count      uint64
	Reporter   netip.Addr // of the first
	Type, Code uint8      // of the first
	Others     bool       // there were other types or codes, too
	Seen       bool       // datagrams of the flow itself were seen
}

// Kind is how many messages there were of a type and code.
type Kind struct {
	Version    uint8 // of IP
	Type, Code uint8
	Count      uint64
}

// Timing is the response times of a class.
type Timing struct {
	Version   uint8
	Class     Class
	Times     stats.RTT
	Histogram *stats.Histogram
}

// counters count without a limit to what they are about.
type counters struct {
	kinds      [2][1 << 16]uint64 // by type and code
	timing     [2][numClasses]timing
	unanswered [numClasses]uint64
	total      Totals
}

type timing struct {
	rtt  stats.RTT
	hist stats.Histogram
}

// Totals count datagrams.
type Totals struct {
	Datagrams uint64 // of all kinds
	Octets    uint64
	Messages  uint64 // of ICMP
	Fragments uint64
	Cut       uint64 // by the capture
	Malformed uint64 // with any other fault
	First     time.Time
	Last      time.Time
}

func (c *counters) time(version uint8, class Class, d time.Duration) {
	t := &c.timing[family(version)][class]
	t.rtt.Add(d)
	t.hist.Add(d)
}

func family(version uint8) int {
	if version == 6 {
		return 1
	}
	return 0
}

// tally counts a datagram.
func (m *Machine) tally(s *Seen) {
	t := &m.count.total
	if !s.Whole {
		t.Datagrams++
		t.Octets += uint64(s.wireLen()) //nolint:gosec // not negative
	}
	if t.First.IsZero() || s.Time.Before(t.First) {
		t.First = s.Time
	}
	if s.Time.After(t.Last) {
		t.Last = s.Time
	}
	if s.Fragment {
		t.Fragments++
	}
	if s.Fault&Cut != 0 {
		t.Cut++
	}
	if s.Fault&^Cut != 0 {
		t.Malformed++
	}
	if !s.ICMP {
		return
	}
	t.Messages++
	m.count.kinds[family(s.Header.Version)][uint16(s.Type)<<8|uint16(s.Code)]++
	m.talker(s, s.SrcAddr, s.Header.Src).Sent++
	m.talker(s, s.DstAddr, s.Header.Dst).Received++
}

func (m *Machine) talker(s *Seen, a table.Addr, addr netip.Addr) *Talker {
	key := table.One(a, 0)
	t, fresh := m.talkers.Put(&key)
	if fresh {
		t.Addr = addr
	}
	t.Octets += uint64(s.TotalLen) //nolint:gosec // not negative
	return t
}

// trouble enters an error into the summary.
func (m *Machine) trouble(s *Seen) {
	t, fresh := m.troubled.Put(&s.FlowKey)
	q := &s.Quote
	if fresh {
		*t = Trouble{
			Version: q.Version, Proto: q.Proto, Src: q.Src, Dst: q.Dst, Sport: q.SrcPort, Dport: q.DstPort,
			First: Ref{s.Number, s.Time}, Reporter: s.Header.Src, Type: s.Type, Code: s.Code,
		}
		if q.Proto == ip.ProtoICMP || q.Proto == ip.ProtoICMPv6 {
			t.Sport, t.Dport = q.ICMPID, q.ICMPID
		}
	}
	t.Count++
	t.Last = s.Time
	t.Seen = t.Seen || s.Flow != nil
	t.Others = t.Others || t.Type != s.Type || t.Code != s.Code
}

// Summary is what there is to say at the end.
type Summary struct {
	Totals
	Unanswered uint64   // requests
	Kinds      []Kind   // by count, the most first
	Talkers    []Talker // by messages, the most first
	Pairs      []Pair   // with trouble first, then by requests
	Troubles   []Trouble
	Timings    []Timing
	Forgotten  uint64 // flows, pairs and talkers that there was no room for
}

// Summary sums up what was received, with at most most talkers, pairs and
// troubles each; 0 or less: all. Requests that are younger than a second are not
// counted as unanswered.
func (m *Machine) Summary(most int) Summary {
	sum := Summary{
		Totals:    m.count.total,
		Forgotten: m.flows.Evicted() + m.pairs.Evicted() + m.talkers.Evicted() + m.troubled.Evicted(),
	}
	now := m.now
	if m.last.After(now) {
		now = m.last
	}
	late := map[table.Key]uint64{}
	m.requests.All(func(k *table.Key, r *request) bool {
		if r.replies == 0 && !r.failed && !r.group && now.Sub(r.time) >= time.Second {
			late[pairKey(k, Class(k[4]>>32))]++ //nolint:gosec // it came from one
			sum.Unanswered++
		}
		return true
	})
	for _, n := range m.count.unanswered {
		sum.Unanswered += n
	}
	for f := range m.count.kinds {
		for k, n := range m.count.kinds[f] {
			if n > 0 {
				sum.Kinds = append(sum.Kinds, Kind{uint8(4 + 2*f), uint8(k >> 8), uint8(k), n}) //nolint:gosec // they fit
			}
		}
		for c := range m.count.timing[f] {
			if t := &m.count.timing[f][c]; t.rtt.Count() > 0 {
				h := t.hist
				sum.Timings = append(sum.Timings, Timing{uint8(4 + 2*f), Class(c), t.rtt, &h}) //nolint:gosec // they fit
			}
		}
	}
	m.talkers.All(func(_ *table.Key, t *Talker) bool { sum.Talkers = append(sum.Talkers, *t); return true })
	m.pairs.All(func(k *table.Key, p *Pair) bool {
		v := *p
		v.Unanswered += late[*k]
		sum.Pairs = append(sum.Pairs, v)
		return true
	})
	m.troubled.All(func(_ *table.Key, t *Trouble) bool { sum.Troubles = append(sum.Troubles, *t); return true })
	sum.sort()
	if most > 0 {
		sum.Talkers = sum.Talkers[:min(most, len(sum.Talkers))]
		sum.Pairs = sum.Pairs[:min(most, len(sum.Pairs))]
		sum.Troubles = sum.Troubles[:min(most, len(sum.Troubles))]
	}
	return sum
}

func (s *Summary) sort() {
	slices.SortStableFunc(s.Kinds, func(a, b Kind) int { return cmp.Compare(b.Count, a.Count) })
	slices.SortFunc(s.Talkers, func(a, b Talker) int {
		return cmp.Or(cmp.Compare(b.Sent+b.Received, a.Sent+a.Received), a.Addr.Compare(b.Addr))
	})
	slices.SortFunc(s.Pairs, func(a, b Pair) int {
		if t := a.Troubled(); t != b.Troubled() {
			if t {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Requests+b.Unsolicited, a.Requests+a.Unsolicited), cmp.Compare(a.First.Number, b.First.Number))
	})
	slices.SortFunc(s.Troubles, func(a, b Trouble) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.First.Number, b.First.Number))
	})
}
