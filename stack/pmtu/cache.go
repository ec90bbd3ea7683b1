package pmtu

import (
	"iter"
	"math/bits"
	"net/netip"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/stack/internal/keyhash"
	"github.com/sonde-net/sonde/stack/mib"
)

// ways is how many entries a destination may stand in.
const ways = 8

// A Cache holds the estimates of one node. It is not safe for concurrent use.
// Make one with [New].
type Cache struct {
	floor int
	age   time.Duration
	key   keyhash.Key
	sets  int // a power of two
	table [][ways]entry
}

type entry struct {
	dst     netip.Addr
	expires time.Time
	mtu     uint16
	noDF    bool
}

// Entry is one estimate, for people.
type Entry struct {
	Dst     netip.Addr
	MTU     int       // octets, IP header included
	DF      bool      // whether datagrams may say don't fragment; see [Cache.Get]
	Expires time.Time // when it is forgotten
}

// Report is what a message says that a datagram was too big.
type Report struct {
	Dst netip.Addr // where the quoted datagram was to go
	// MTU is that of the link it did not fit, in octets; 0: the gateway does not
	// say, being older than RFC 1191.
	MTU int
	// QuotedLen is how long the quoted datagram is by its own header, in octets,
	// IP header included; 0: not known.
	QuotedLen int
	// HeaderLen is the length of the quoted IP header in octets; 0: not known.
	// It mends QuotedLen where an old gateway has added it.
	HeaderLen int
	// LinkMTU is the MTU of the link on which datagrams to Dst leave, in octets:
	// the estimate as long as there is none; 0: no limit.
	LinkMTU int
}

// New makes an empty cache. The error is a [*wire.FieldError] about c.
func New(c Config) (*Cache, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Entries == 0 {
		c.Entries = DefaultEntries
	}
	if c.Floor == 0 {
		c.Floor = DefaultFloor
	}
	if c.Age == 0 {
		c.Age = DefaultAge
	}
	sets := 1 << bits.Len(uint(c.Entries-1)/ways)
	return &Cache{floor: c.Floor, age: c.Age, key: keyhash.New(c.Seed), sets: sets}, nil
}

// Get returns how large a datagram to dst may be in octets, IP header included:
// the estimate, or linkMTU when that is smaller or there is no estimate.
// Without df an IPv4 datagram of that size must not say don't fragment: the
// path is narrower than the floor of the estimates, so it has to be fragmented
// on the way. For IPv6, df is always true.
func (c *Cache) Get(now time.Time, dst netip.Addr, linkMTU int) (mtu int, df bool) {
	e := c.find(now, dst)
	if e == nil {
		return linkMTU, true
	}
	return min(int(e.mtu), linkMTU), !e.noDF
}

// Lower takes a report and returns the estimate for r.Dst that holds from now
// on, with [mib.None] when the report has changed it. Otherwise it says why not:
//
//   - [mib.PTBTooLow]: no link of the protocol has so small an MTU; for IPv6
//     that is said of a report without MTU as well.
//   - [mib.PTBNotLower]: it would not make the estimate smaller, or a datagram
//     of the quoted length would have passed (RFC 5927 §7.2).
//
// Without an MTU in it, the estimate goes to the plateau below the quoted
// length. Gateways that come from 4.2BSD quote a length with the header added
// to it; where the quoted length is over the estimate and would not be without
// that, the header is taken off (RFC 1191 §5).
//
// An IPv4 estimate does not go below the floor: it stays there, and datagrams
// stop saying don't fragment, so that the path still carries them, in pieces.
//
// Reading: a report that repeats the estimate is news, for it says that the
// path is still as narrow. It changes nothing but begins the estimate's age
// anew, because RFC 1191 §6.3 forbids to try higher so soon after a report.
func (c *Cache) Lower(now time.Time, r Report) (mtu int, why mib.Drop) {
	link := r.LinkMTU
	if link <= 0 {
		link = plateaus[0]
	}
	e := c.find(now, r.Dst)
	current, noDF := link, false
	if e != nil {
		current, noDF = min(int(e.mtu), link), e.noDF
	}
	v4 := r.Dst.Is4()
	reported := r.MTU
	switch {
	case reported == 0 && v4:
		reported = Plateau(r.length(current))
	case reported < Min4, reported < Min6 && !v4:
		return current, mib.PTBTooLow
	}
	if r.QuotedLen > 0 && reported >= r.QuotedLen {
		return current, mib.PTBNotLower
	}
	if reported == current && e != nil {
		e.expires = now.Add(c.age)
	}
	if reported >= current {
		return current, mib.PTBNotLower
	}
	mtu = reported
	if v4 && reported < c.floor {
		mtu = min(c.floor, current)
		if mtu == current && noDF {
			e.expires = now.Add(c.age)
			return current, mib.PTBNotLower
		}
		noDF = true
	}
	if e == nil {
		e = c.place(r.Dst)
	}
	*e = entry{dst: r.Dst, expires: now.Add(c.age), mtu: uint16(mtu), noDF: noDF}
	return mtu, mib.None
}

// length returns the length of the datagram that was too big for an estimate.
func (r Report) length(estimate int) int {
	switch n := r.QuotedLen; {
	case n <= 0:
		return estimate
	case n > estimate && n-r.HeaderLen <= estimate:
		return n - r.HeaderLen
	default:
		return n
	}
}

// set returns the entries that dst may stand in.
func (c *Cache) set(dst netip.Addr) *[ways]entry {
	return &c.table[c.key.Addr(dst)&uint64(c.sets-1)]
}

// find returns the entry of dst, nil when there is none that holds.
func (c *Cache) find(now time.Time, dst netip.Addr) *entry {
	if c.table == nil {
		return nil
	}
	s := c.set(dst)
	for i := range s {
		if e := &s[i]; e.dst == dst && now.Before(e.expires) {
			return e
		}
	}
	return nil
}

// place returns an entry for dst: its own stale one, one that is free, or the
// one that expires first.
func (c *Cache) place(dst netip.Addr) *entry {
	if c.table == nil {
		c.table = make([][ways]entry, c.sets)
	}
	s := c.set(dst)
	oldest := &s[0]
	for i := range s {
		e := &s[i]
		if e.dst == dst {
			return e
		}
		if e.expires.Before(oldest.expires) {
			oldest = e
		}
	}
	return oldest
}

// All lists the estimates that hold, in the order of the table, which the seed
// decides.
func (c *Cache) All(now time.Time) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range c.table {
			for j := range c.table[i] {
				e := &c.table[i][j]
				if now.Before(e.expires) && !yield(Entry{Dst: e.dst, MTU: int(e.mtu), DF: !e.noDF, Expires: e.expires}) {
					return
				}
			}
		}
	}
}

// Size returns how many octets the table takes: none before the first estimate,
// and [Cache.Limit] from then on.
func (c *Cache) Size() int { return len(c.table) * int(unsafe.Sizeof([ways]entry{})) }

// Limit returns how many octets the table may take, whatever arrives.
func (c *Cache) Limit() int { return c.sets * int(unsafe.Sizeof([ways]entry{})) }
