package mib

import (
	"iter"
	"log/slog"
	"strconv"
)

// IP is one row of ipSystemStatsTable or ipIfStatsTable, indexed by [Counter].
type IP [numCounters]uint64

// ICMP is one row of icmpStatsTable, and with it the rows of icmpMsgStatsTable
// for the same IP version.
type ICMP struct {
	InMsgs    uint64 // received, those of InErrors too
	InErrors  uint64 // received, with an ICMP fault: checksum, length
	OutMsgs   uint64 // attempted to send, those of OutErrors too
	OutErrors uint64 // not sent for a reason within ICMP: the rate limit

	InPkts  [256]uint64 // received, by type; only those whose checksum holds
	OutPkts [256]uint64 // attempted to send, by type
}

// Counters is everything that a node counts, by IP version. The zero value is
// ready to use; an assignment takes a snapshot.
type Counters struct {
	IP    [numVersions]IP
	ICMP  [numVersions]ICMP
	Drops [numVersions][numDrops]uint64 // by reason
}

// Inc counts one datagram under k.
func (c *Counters) Inc(v Version, k Counter) { c.IP[v][k]++ }

// Add counts n under k, octets for one.
func (c *Counters) Add(v Version, k Counter, n uint64) { c.IP[v][k] += n }

// Drop counts a drop by its reason and under the object of the MIB that the
// reason belongs to. An ICMP message that was not sent (icmpStatsOutErrors) is
// counted under icmpStatsOutMsgs as well, which includes it. [None] counts
// nothing.
func (c *Counters) Drop(v Version, d Drop) {
	if d == None {
		return
	}
	c.Drops[v][d]++
	switch r := &reasons[d]; r.group {
	case ipStats:
		c.IP[v][r.counter]++
	case icmpIn:
		c.ICMP[v].InErrors++
	case icmpOut:
		c.ICMP[v].OutMsgs++
		c.ICMP[v].OutErrors++
	}
}

// ICMPIn counts an ICMP message that arrived, whatever is wrong with it.
func (c *Counters) ICMPIn(v Version) { c.ICMP[v].InMsgs++ }

// ICMPInType counts a message under its type, once its checksum holds: before
// that, the type is only a claim.
func (c *Counters) ICMPInType(v Version, typ uint8) { c.ICMP[v].InPkts[typ]++ }

// ICMPOut counts an ICMP message that is sent.
func (c *Counters) ICMPOut(v Version, typ uint8) {
	c.ICMP[v].OutMsgs++
	c.ICMP[v].OutPkts[typ]++
}

// Dropped returns how many drops were counted for the reason, both IP versions
// together.
func (c *Counters) Dropped(d Drop) uint64 { return c.Drops[IPv4][d] + c.Drops[IPv6][d] }

// Sub returns what was counted after the snapshot was taken.
func (c *Counters) Sub(snapshot *Counters) Counters {
	d := *c
	for v := range numVersions {
		d.IP[v] = d.IP[v].Sub(&snapshot.IP[v])
		a, b := &d.ICMP[v], &snapshot.ICMP[v]
		a.InMsgs -= b.InMsgs
		a.InErrors -= b.InErrors
		a.OutMsgs -= b.OutMsgs
		a.OutErrors -= b.OutErrors
		for t := range a.InPkts {
			a.InPkts[t] -= b.InPkts[t]
			a.OutPkts[t] -= b.OutPkts[t]
		}
		for r := range d.Drops[v] {
			d.Drops[v][r] -= snapshot.Drops[v][r]
		}
	}
	return d
}

// Sub returns what was counted after the snapshot was taken.
func (p *IP) Sub(snapshot *IP) IP {
	d := *p
	for k := range d {
		d[k] -= snapshot[k]
	}
	return d
}

// All lists names and values in the order of the MIB, indices behind the name
// as the management tools write them: "ipSystemStatsInReceives.ipv4",
// "icmpMsgStatsInPkts.ipv4.8". Behind them, as "drops.ipv4.ttl-exceeded", the
// drops by reason. ICMP types and reasons that were never counted are left out,
// and so are the objects that the MIB has for IPv4 alone. Names are made on the
// way, so this is for people and scrapers, not for every packet.
func (c *Counters) All() iter.Seq2[string, uint64] {
	return func(yield func(string, uint64) bool) {
		_ = c.allIP(yield) && c.allICMP(yield) && c.allTypes(yield) && c.allDrops(yield)
	}
}

func (c *Counters) allIP(yield func(string, uint64) bool) bool {
	for v := range numVersions {
		for name, n := range c.IP[v].All("ipSystemStats", v) {
			if !yield(name, n) {
				return false
			}
		}
	}
	return true
}

// All lists names and values in the order of the MIB, table before the name and
// the version behind it. The table is "ipSystemStats" for a whole node and
// "ipIfStats" for an interface.
func (p *IP) All(table string, v Version) iter.Seq2[string, uint64] {
	return func(yield func(string, uint64) bool) {
		for k := range numCounters {
			if k.exists(v) && !yield(table+k.String()+"."+v.String(), p[k]) {
				return
			}
		}
	}
}

func (c *Counters) allICMP(yield func(string, uint64) bool) bool {
	for v := range numVersions {
		m, s := &c.ICMP[v], "."+v.String()
		if !yield("icmpStatsInMsgs"+s, m.InMsgs) ||
			!yield("icmpStatsInErrors"+s, m.InErrors) ||
			!yield("icmpStatsOutMsgs"+s, m.OutMsgs) ||
			!yield("icmpStatsOutErrors"+s, m.OutErrors) {
			return false
		}
	}
	return true
}

func (c *Counters) allTypes(yield func(string, uint64) bool) bool {
	for v := range numVersions {
		m := &c.ICMP[v]
		for t := range m.InPkts {
			if m.InPkts[t] == 0 && m.OutPkts[t] == 0 {
				continue
			}
			s := "." + v.String() + "." + strconv.Itoa(t)
			if !yield("icmpMsgStatsInPkts"+s, m.InPkts[t]) || !yield("icmpMsgStatsOutPkts"+s, m.OutPkts[t]) {
				return false
			}
		}
	}
	return true
}

func (c *Counters) allDrops(yield func(string, uint64) bool) bool {
	for v := range numVersions {
		for d, n := range c.Drops[v] {
			if n != 0 && !yield("drops."+v.String()+"."+Drop(d).Name(), n) {
				return false
			}
		}
	}
	return true
}

// LogValue implements [slog.LogValuer]: a group of what is not zero, named as
// [Counters.All] names it.
func (c *Counters) LogValue() slog.Value {
	var attrs []slog.Attr
	for name, n := range c.All() {
		if n != 0 {
			attrs = append(attrs, slog.Uint64(name, n))
		}
	}
	return slog.GroupValue(attrs...)
}
