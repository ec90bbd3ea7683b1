package conversation

import (
	"time"

	"github.com/sonde-net/sonde/explain/internal/table"
	"github.com/sonde-net/sonde/wire/quote"
)

// Config is how much is remembered. Its zero works: each zero stands for the
// value in brackets, a negative number for 1.
type Config struct {
	Flows    int           // flows [32768]; some 800 octets each
	Probes   int           // datagrams with a small time to live, for the errors about them [8192]; some 120 octets each
	Requests int           // requests without a reply [65536]; some 150 octets each
	Pairs    int           // who asks whom [16384]; some 200 octets each
	Talkers  int           // addresses that send or receive ICMP [16384]
	Troubled int           // flows that errors were about [4096]
	Timeout  time.Duration // after which a request counts as unanswered [10s]
	Seed     uint64        // of the hash tables; chance keeps strangers from aiming at them
}

func orDefault[T ~int | ~int64](v, def T) T {
	if v == 0 {
		return def
	}
	return max(v, 1)
}

func (c Config) withDefaults() Config {
	c.Flows = orDefault(c.Flows, 1<<15)
	c.Probes = orDefault(c.Probes, 1<<13)
	c.Requests = orDefault(c.Requests, 1<<16)
	c.Pairs = orDefault(c.Pairs, 1<<14)
	c.Talkers = orDefault(c.Talkers, 1<<14)
	c.Troubled = orDefault(c.Troubled, 1<<12)
	c.Timeout = orDefault(c.Timeout, 10*time.Second)
	return c
}

// Machine reads datagrams in their order. Make one with [New].
type Machine struct {
	c        Config
	seen     Seen
	now      time.Time // the earlier time of the last two datagrams
	last     time.Time // of the last datagram
	flows    *table.Table[Flow]
	probes   *table.Table[probe]
	requests *table.Table[request]
	pairs    *table.Table[Pair]
	talkers  *table.Table[Talker]
	troubled *table.Table[Trouble]
	forgot   time.Time // when the last request was sent that had to make room unanswered; zero: none had
	count    counters
}

// New returns a machine.
func New(c Config) *Machine {
	c = c.withDefaults()
	m := &Machine{
		c:        c,
		flows:    table.New[Flow](c.Flows, c.Seed),
		probes:   table.New[probe](c.Probes, c.Seed),
		requests: table.New[request](c.Requests, c.Seed),
		pairs:    table.New[Pair](c.Pairs, c.Seed),
		talkers:  table.New[Talker](c.Talkers, c.Seed),
		troubled: table.New[Trouble](c.Troubled, c.Seed),
	}
	m.requests.Evict = func(k *table.Key, r *request) {
		if r.replies == 0 {
			m.forgot = r.time
		}
		m.giveUp(k, r)
	}
	return m
}

// Receive reads a datagram. What it returns is valid until the next.
func (m *Machine) Receive(d *Datagram) *Seen {
	s := &m.seen
	*s = Seen{Datagram: *d}
	s.decode()
	m.tick(d.Time)
	m.tally(s)
	if s.Fault&NotIP != 0 || s.SrcAddr == (table.Addr{}) {
		return s
	}
	if s.Fragment {
		return s
	}
	if s.IsError() {
		m.caused(s)
		return s
	}
	m.flow(s)
	if s.ICMP && s.Fault&(Checksum|Short) == 0 {
		m.pair(s)
	}
	return s
}

// tick lets time pass. A single datagram with a time that is far ahead makes
// nobody else's request old.
func (m *Machine) tick(now time.Time) {
	m.now, m.last = m.last, now
	if now.Before(m.now) {
		m.now = now
	}
	m.expire()
}

// flow finds or begins the flow of s, and sees whether the datagram was seen
// before.
func (m *Machine) flow(s *Seen) {
	if s.ICMP && (s.Class == NoClass || s.Class == Router || s.Class == Neighbor) {
		return // nobody reports errors about these, and they have no identifier
	}
	key, low := keyOf(&s.Header)
	s.FlowKey = key
	f, fresh := m.flows.Put(&key)
	if fresh {
		f.begin(s, low)
	}
	s.Flow, s.NewFlow, s.From = f, fresh, low^f.low
	f.enter(s)
	m.probe(s)
}

// errorAgain reports whether the error was seen before. Errors have flows for
// this alone.
func (m *Machine) errorAgain(s *Seen) bool {
	key, low := keyOf(&s.Header)
	f, fresh := m.flows.Put(&key)
	if fresh {
		f.begin(s, low)
	}
	s.From = low ^ f.low
	f.enter(s)
	s.From = 0
	return s.Relation == SeenBefore
}

// caused ties an error to the flow and the datagram that it quotes.
func (m *Machine) caused(s *Seen) {
	if m.errorAgain(s) {
		return
	}
	s.Relation = Orphan
	key, low := keyOf(&s.Quote)
	s.FlowKey = key
	f := m.flows.Get(&key)
	if f != nil {
		s.Flow, s.From, s.Relation = f, low^f.low, Quotes
		f.Errors++
		if r := f.cause(&s.Quote, s.From); r != nil {
			m.because(s, f.at(r), r.ttl)
		} else if p := m.probeOf(&s.Quote); p != nil {
			m.because(s, p.ref, p.ttl)
		}
	}
	m.trouble(s)
	m.answeredByError(s)
}

// because ties an error to the datagram that caused it.
func (m *Machine) because(s *Seen, cause Ref, ttl uint8) {
	s.Relation, s.SentTTL, s.Request = Caused, ttl, cause
	s.Took = s.Time.Sub(cause.Time)
	m.count.time(s.Header.Version, CausedError, s.Took)
}

// answeredByError marks the request that an error quotes: it got an answer,
// though not the one that it wanted.
func (m *Machine) answeredByError(s *Seen) {
	q := &s.Quote
	p := partOf(q.Version, q.ICMPType)
	if p.role != Request || p.class == NoClass || !q.Has(quote.ICMPSeq) {
		return
	}
	key := table.Pair(table.AddrOf(q.Src), table.AddrOf(q.Dst), requestWord(p.class, q.ICMPID, q.ICMPSeq))
	if r := m.requests.Get(&key); r != nil && !r.failed {
		r.failed = true
		pk := pairKey(&key, p.class)
		if v := m.pairs.Get(&pk); v != nil {
			v.Errors++
		}
	}
}
