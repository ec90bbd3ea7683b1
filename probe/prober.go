package probe

import (
	"bytes"
	"errors"
	"net/netip"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/internal/agenda"
	"github.com/sonde-net/sonde/probe/internal/index"
	"github.com/sonde-net/sonde/probe/internal/pace"
	"github.com/sonde-net/sonde/probe/internal/siphash"
	"github.com/sonde-net/sonde/probe/question"
)

// The errors of [Prober.Send], beside [*wire.FieldError], and of an event of
// kind [Unsent].
var (
	ErrFull     = errors.New("probe: too many probes in flight")
	ErrSequence = errors.New("probe: every sequence number to this target is in flight")
)

// Prober sends probes and tells what came of them. It is a machine: time and
// datagrams come in as arguments, datagrams and events go out when they are
// asked for, and the same input gives the same output. A Prober is not safe for
// concurrent use. Make one with [New].
type Prober struct {
	cfg             Config
	cookies, hashes siphash.Key
	id, ids         uint16 // the first identifier, and how many
	port, first     uint16 // the first port of the block, and the one that is taken first
	marks           uint16 // the first octet of all IPv4 identifications; 0: they have none in common

	epoch time.Time // of the first call; all times are ns since then
	now   int64
	clock time.Time // that is now, as it was handed in

	flights        []flight
	free           int32 // list of free ones
	oldest, newest int32 // list of those that are over, in the order in which they are forgotten
	queue          agenda.Agenda
	waits          agenda.Agenda
	index, flows   index.Index
	anyone         int // probes that anyone may answer, ever

	bucket  pace.Bucket
	targets []target
	events  event.Ring
	draft   Event // being made
	heard   Event // by a strategy: lent, so that it need not be on the heap
	counts  Counters

	arrival Arrival     // being looked at
	claim   claim.Claim // likewise, when it is an error
	data    []byte      // of the message being made
	pattern []byte
}

// target is what is kept of whom a strategy asks.
type target struct {
	due   int64  // when the next may be sent that is not queued yet
	last  int64  // when the last one was
	turn  uint32 // probes that have left
	high  uint32 // the latest of them that was answered
	seq   uint16
	id    uint8 // which of the identifiers it is at
	begun bool  // last is set
	heard bool  // high is set
}

// begin takes note of the time, which does not go back.
func (p *Prober) begin(now time.Time) {
	if p.epoch.IsZero() {
		p.epoch = now
	}
	if at := p.offset(now); at >= p.now {
		p.now, p.clock = at, now
	}
}

// offset returns a time as nanoseconds since the prober's epoch.
func (p *Prober) offset(t time.Time) int64 { return int64(t.Sub(p.epoch)) }

func (p *Prober) time(at int64) time.Time { return p.epoch.Add(time.Duration(at)) }

// Send takes a probe, which leaves when its turn has come: as the rates allow,
// and no sooner than those that were handed over before. The errors are a
// [*wire.FieldError] that says which field is wrong, and [ErrFull].
func (p *Prober) Send(now time.Time, c *Probe) (Handle, error) {
	if err := c.Check(p.cfg.Targets); err != nil {
		return 0, err
	}
	p.begin(now)
	slot, ok := p.alloc()
	if !ok {
		return 0, ErrFull
	}
	for len(p.targets) <= c.Target {
		p.targets = append(p.targets, target{})
	}
	f := &p.flights[slot]
	*f = flight{
		generation: f.generation, state: queued, kind: c.Kind, target: int32(c.Target), tag: c.Tag,
		src: plain(c.Src), dst: plain(c.Dst), peer: plain(c.Dst), zone: c.Dst.Zone(),
		ttl: c.TTL, tos: c.TOS, flowLabel: c.FlowLabel, size: uint16(c.Size), src16: c.SrcPort, dst16: c.DstPort,
		wantSum: c.Checksum, timeout: int64(c.Timeout), after: none, next: slot, prev: slot,
		flags: flags{df: c.DF || c.Discover, discover: c.Discover, anyone: c.Anyone, fixedPort: c.SrcPort != 0},
	}
	if c.Peer.IsValid() {
		f.peer = plain(c.Peer)
	}
	if c.Timeout == 0 {
		f.timeout = int64(p.cfg.Timeout)
	}
	if len(c.Options) > 0 || c.Ext != nil || c.Local {
		f.rare = &rare{options: bytes.Clone(c.Options), ext: bytes.Clone(c.Ext), local: c.Local, routed: claim.Routed(c.Options)}
	}
	if c.Anyone {
		p.anyone++
	}
	t := &p.targets[c.Target]
	at := max(p.now, t.due)
	t.due = at + int64(p.cfg.Each)
	p.queue.Put(slot, at)
	return p.handle(slot), nil
}

// plain is an address as packets have it: without a zone, and IPv4 as such.
func plain(a netip.Addr) netip.Addr { return a.WithZone("") }

func (p *Prober) handle(slot int32) Handle {
	return Handle(p.flights[slot].generation)<<32 | Handle(slot+1)
}

// flight returns the slot that a handle names.
func (p *Prober) flight(h Handle) (int32, bool) {
	slot := int64(h&(1<<32-1)) - 1
	if slot < 0 || slot >= int64(len(p.flights)) || p.flights[slot].generation != uint32(h>>32) || p.flights[slot].state == free {
		return 0, false
	}
	return int32(slot), true
}

// Cancel takes a probe back that has not left, or gives up waiting for one that
// has, without an event. It reports whether there was such a probe. A reply that
// comes all the same is told of as late.
func (p *Prober) Cancel(h Handle) bool {
	slot, ok := p.flight(h)
	if !ok {
		return false
	}
	switch f := &p.flights[slot]; f.state {
	case queued:
		p.release(slot)
		return true
	case flying:
		f.late = true
		p.finish(slot)
		return true
	}
	return false
}

// SetTimeout changes how long a probe is waited for, counted from when it leaves,
// and reports whether it is still waited for. A time that has passed means now.
func (p *Prober) SetTimeout(h Handle, d time.Duration) bool {
	slot, ok := p.flight(h)
	if !ok || p.flights[slot].state == over {
		return false
	}
	f := &p.flights[slot]
	f.timeout = int64(min(max(d, 0), question.MaxWait))
	if f.state == flying {
		p.waits.Put(slot, f.sent+f.timeout)
	}
	return true
}

// Sent says when a probe has really left, by the clock of a stamp that came
// afterwards. Without it, the time counts at which it was polled. It reports
// whether the probe is still known; a reply that was told of already has the
// time that was known then.
func (p *Prober) Sent(h Handle, at time.Time, by Stamp) bool {
	slot, ok := p.flight(h)
	if !ok || p.flights[slot].state == queued {
		return false
	}
	f := &p.flights[slot]
	f.wall, f.stamp = at.UnixNano(), by
	if by == Program {
		f.sent, f.left = p.offset(at), at.UnixNano()
	}
	return true
}

// Unsent says that a probe which was polled could not be sent. It is told of
// with an event of that kind, and forgotten.
func (p *Prober) Unsent(now time.Time, h Handle, why error) bool {
	p.begin(now)
	slot, ok := p.flight(h)
	if !ok || p.flights[slot].state != flying {
		return false
	}
	p.counts.Sent--
	p.unsent(slot, why)
	return true
}

func (p *Prober) unsent(slot int32, why error) {
	p.counts.Unsent++
	e := p.event(Unsent, slot, p.clock)
	e.Err, e.Why = why, why.Error()
	p.events.Put(e)
	p.release(slot)
}

// event begins an event about a flight. There is one at a time.
func (p *Prober) event(k EventKind, slot int32, at time.Time) *Event {
	f := &p.flights[slot]
	e := &p.draft
	*e = Event{}
	e.Kind, e.Time, e.Target, e.Tag, e.Handle, e.Probe, e.Seq = k, at, int(f.target), f.tag, p.handle(slot), f.kind, f.seq
	e.SrcPort, e.DstPort, e.SentBy = f.src16, f.dst16, f.stamp
	return e
}

// NextEvent returns the oldest event that was not read yet. Its slices are good
// until the next call.
func (p *Prober) NextEvent() (Event, bool) { return p.events.Get() }

// Deadline returns when [Prober.Poll] is to be called though nothing has
// happened; zero: never. A time that has passed means now.
func (p *Prober) Deadline() time.Time {
	at, ok := int64(0), false
	sooner := func(t int64) {
		if !ok || t < at {
			at, ok = t, true
		}
	}
	if _, t, some := p.queue.Min(); some {
		sooner(max(t, p.bucket.Next()))
	}
	if _, t, some := p.waits.Min(); some {
		sooner(t)
	}
	if p.oldest != none {
		sooner(p.flights[p.oldest].forgotten)
	}
	if !ok {
		return time.Time{}
	}
	return p.time(at)
}

// InFlight returns how many probes wait to be sent, and how many for a reply.
func (p *Prober) InFlight() (queued, flying int) { return p.queue.Len(), p.waits.Len() }

// Octets returns how much memory the tables hold.
func (p *Prober) Octets() int {
	return cap(p.flights)*int(unsafe.Sizeof(flight{})) + cap(p.targets)*int(unsafe.Sizeof(target{})) +
		p.queue.Octets() + p.waits.Octets() + p.index.Octets() + p.flows.Octets() + p.events.Octets() +
		cap(p.data) + cap(p.pattern)
}

// Identifiers returns the ICMP identifiers that are the prober's: those equal to
// id where the mask has ones.
func (p *Prober) Identifiers() (id, mask uint16) { return p.id, -p.ids }

// Identifications returns the IPv4 identifications that probes have: those equal
// to id where the mask has ones. Without [Config.Rewritten] and [Config.IPID] it is
// not ok: they are any.
func (p *Prober) Identifications() (id, mask uint16, ok bool) {
	return p.marks, 0xff00, p.marks != 0
}

// Ports returns the block of ports that are the prober's, both ends included.
// Probes with a [Probe.SrcPort] of their own may have others.
func (p *Prober) Ports() (first, last uint16) { return p.port, p.port + ports - 1 }

// Port returns one of the prober's ports, always the same for a number: for
// probes that are to be of one flow. Numbers count from 0 and begin anew after
// 1,024.
func (p *Prober) Port(i int) uint16 {
	return p.port + uint16((int(p.first)+ports-1-i%ports)%ports)
}

func (p *Prober) ownID(id uint16) bool { return id&-p.ids == p.id&-p.ids }

func (p *Prober) ownPort(port uint16) bool { return port-p.port < ports }
