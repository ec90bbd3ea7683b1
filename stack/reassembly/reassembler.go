package reassembly

import (
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/stack/internal/keyhash"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/ip"
)

// A Reassembler holds the incomplete datagrams of one node, IPv4 and IPv6. It
// is not safe for concurrent use. Make one with [New].
type Reassembler struct {
	plan plan
	key  keyhash.Key
	pool arena

	slots   []*datagramSlab
	free    int32 // the first slot that was given back
	made    int   // slots that were ever taken
	count   int   // datagrams, given up or not
	dead    int   // … given up
	buckets []int32
	ages    list
	shares  [shares]share

	out []byte // what was handed out last
}

// Status is what has become of a fragment.
type Status uint8

// The statuses.
const (
	Incomplete Status = iota // kept; others are missing
	Complete                 // it was the last that was missing
	Dropped                  // see Result.Drop
)

// String returns the status in one word.
func (s Status) String() string {
	switch s {
	case Incomplete:
		return "incomplete"
	case Complete:
		return "complete"
	case Dropped:
		return "dropped"
	}
	return "status " + strconv.Itoa(int(s))
}

// Result is what came of one fragment.
type Result struct {
	Status Status
	// Drop is why the fragment was dropped. With [mib.FragmentLength],
	// [mib.FragmentEmpty], [mib.FragmentDuplicate] and [mib.FragmentLate] that is
	// all that happened. With every other reason of reassembly, the datagram was
	// given up with it.
	Drop mib.Drop
	// Datagram is the whole, when it is complete: the headers of the first
	// fragment without the marks of fragmentation, lengths and checksum mended,
	// and the payload. It is valid until the next call of any method, or as long
	// as the octets that were passed in if they are the whole already.
	Datagram []byte
	// Largest is how many octets the largest of its fragments had as it arrived,
	// all its headers included, when the datagram is complete; of what was no
	// fragment, its own length.
	Largest int
	// Evicted is how many other datagrams were given up to make room, to be
	// counted as [mib.FragmentMemory] each, and OverShare how many because their
	// source had its share ([mib.FragmentShare]).
	Evicted, OverShare int
}

// Expired is a datagram that time ran out for.
type Expired struct {
	Src, Dst netip.Addr
	Proto    ip.Proto // of the payload; of IPv6, as the first fragment says, or what arrived last without it
	ID       uint32
	// First is the first fragment as it arrived, at most [MaxFirst] octets of it;
	// empty when it did not arrive, and nothing is to be sent then. It is valid
	// until the next call of any method.
	First []byte
}

// MaxFirst is how many octets of a first fragment [Expired] has: all that an
// ICMP error can quote.
const MaxFirst = 1280

// New makes an empty reassembler. The error is a [*wire.FieldError] about c.
func New(c Config) (*Reassembler, error) {
	p, err := c.plan()
	if err != nil {
		return nil, err
	}
	r := &Reassembler{
		plan: p,
		key:  keyhash.New(c.Seed),
		pool: arena{free: none, limit: p.blocks},
		free: none,
		ages: list{none, none},
	}
	for i := range r.shares {
		r.shares[i].list = list{none, none}
	}
	return r, nil
}

// Add4 takes the IPv4 fragment d, whose header ip.Parse4 has accepted. What is
// no fragment is complete at once. Whoever calls it has called
// [Reassembler.Expire] for the same time before.
func (r *Reassembler) Add4(now time.Time, d []byte) Result {
	f, why := read4(d)
	if why != mib.None {
		return Result{Status: Dropped, Drop: why}
	}
	if f.off == 0 && !f.more {
		return Result{Status: Complete, Datagram: d[:len(f.head)+len(f.payload)], Largest: f.len()}
	}
	return r.add(now, &f)
}

// Add6 is [Reassembler.Add4] for IPv6. A fragment that is the whole datagram
// (RFC 6946) is complete at once, whatever else there is of the same
// identification. A datagram without a fragment header is dropped as
// [mib.ExtensionFault]. That a first fragment has all the headers (RFC 7112) is
// the caller's to check.
func (r *Reassembler) Add6(now time.Time, d []byte) Result {
	f, why := read6(d)
	if why != mib.None {
		return Result{Status: Dropped, Drop: why}
	}
	if f.off == 0 && !f.more {
		r.out = r.room(len(f.head) + len(f.payload))
		r.out = append(r.out, f.head...)
		r.mend6(f.nextAt)
		r.out = append(r.out, f.payload...)
		return Result{Status: Complete, Datagram: r.out, Largest: f.len()}
	}
	return r.add(now, &f)
}

func (r *Reassembler) add(now time.Time, f *fragment) (res Result) {
	if r.buckets == nil {
		r.open()
	}
	i, bucket := r.find(&f.key)
	if i != none && r.slot(i).dead {
		return Result{Status: Dropped, Drop: mib.FragmentLate}
	}
	why := f.check()
	if i == none {
		if why != mib.None {
			return Result{Status: Dropped, Drop: why}
		}
		if r.count == r.plan.datagrams {
			res.Evicted += r.evict(r.ages.oldest)
		}
		i = r.insert(now, &f.key, bucket)
	}
	d := r.slot(i)
	if why == mib.None {
		why = r.fits(d, f)
	}
	if why == mib.None {
		why = r.makeRoom(i, f, &res)
	}
	switch why {
	case mib.None:
	case mib.FragmentLength, mib.FragmentEmpty, mib.FragmentDuplicate:
		res.Status, res.Drop = Dropped, why
		return res
	default:
		r.bury(d)
		res.Status, res.Drop = Dropped, why
		return res
	}
	r.store(d, f)
	if d.end != none && d.units == (d.end+unit-1)/unit {
		res.Status, res.Largest = Complete, int(d.largest)
		if res.Datagram, why = r.assemble(d); why != mib.None {
			res.Status, res.Drop, res.Largest = Dropped, why, 0
		}
		r.remove(i)
	}
	return res
}

// open makes the tables; a node that never sees a fragment does without.
func (r *Reassembler) open() {
	r.buckets = make([]int32, r.plan.buckets)
	for b := range r.buckets {
		r.buckets[b] = none
	}
	r.slots = make([]*datagramSlab, 0, r.plan.slotSlabs())
	r.pool.slabs = make([]*slab, 0, r.plan.blocks/slabLen)
}

// fits finds what is wrong with a fragment beside those that have arrived.
//
// Reading: RFC 8200 §4.5 permits to ignore an exact duplicate. Two fragments of
// one place and length count as such, whatever their octets; the first stays,
// and the upper layer's checksum judges it.
func (r *Reassembler) fits(d *datagram, f *fragment) mib.Drop {
	end := int32(f.off + len(f.payload))
	switch {
	case d.end != none && (end > d.end || f.more == (end == d.end)):
		return mib.FragmentEnd
	case d.end == none && !f.more && end < d.reach:
		return mib.FragmentEnd
	}
	a, b := f.off/unit, (int(end)+unit-1)/unit
	if !r.overlaps(d, a, b) {
		return mib.None
	}
	if (f.more || d.end != none) && r.is(d, a, b) {
		return mib.FragmentDuplicate
	}
	return mib.FragmentOverlap
}

// makeRoom sees to it that the pool and the source's share have what the
// fragment takes. The oldest go first, and be it the fragment's own datagram.
func (r *Reassembler) makeRoom(i int32, f *fragment, res *Result) mib.Drop {
	d := r.slot(i)
	need := blocksFor(len(f.payload) - r.pool.continues(d.tail, f.off, len(f.payload)))
	need += d.pagesFor(f.off/unit, (f.off+len(f.payload)+unit-1)/unit)
	if f.off == 0 {
		need += blocksFor(len(f.head))
	}
	s := &r.shares[d.share]
	if int(d.blocks)+need > r.plan.share {
		return mib.FragmentShare
	}
	for int(s.blocks)+need > r.plan.share {
		if s.list.oldest == i {
			return mib.FragmentShare
		}
		res.OverShare += r.evict(s.list.oldest)
	}
	for r.pool.left() < need {
		if r.ages.oldest == i {
			return mib.FragmentMemory
		}
		res.Evicted += r.evict(r.ages.oldest)
	}
	d.blocks += int32(need)
	s.blocks += int32(need)
	return mib.None
}

// store keeps a fragment that fits and has room.
func (r *Reassembler) store(d *datagram, f *fragment) {
	end := f.off + len(f.payload)
	a, b := f.off/unit, (end+unit-1)/unit
	r.addPages(d, a, b)
	r.cover(d, a, b)
	first, tail := r.pool.write(d.tail, f.off, f.payload)
	if d.data == none {
		d.data = first
	}
	d.tail = tail
	d.units += int32(b - a)
	d.reach = max(d.reach, int32(end))
	d.largest = max(d.largest, int32(f.len()))
	d.ecn |= 1 << f.ecn
	if f.off == 0 || d.headLen == 0 {
		d.next = f.next
	}
	if f.off == 0 {
		d.head, _ = r.pool.write(none, 0, f.head)
		d.headLen, d.firstLen, d.nextAt = int32(len(f.head)), int32(len(f.payload)), int32(f.nextAt)
	}
	if !f.more {
		d.end = int32(end)
	}
}

// Expire takes out one datagram whose time is up at now, the oldest; ok is
// false when there is none left. Call it until then.
func (r *Reassembler) Expire(now time.Time) (e Expired, ok bool) {
	for r.ages.oldest != none {
		i := r.ages.oldest
		d := r.slot(i)
		if now.Before(d.deadline) {
			break
		}
		if d.dead {
			r.remove(i)
			continue
		}
		e = Expired{Src: d.key.src, Dst: d.key.dst, Proto: d.next, ID: d.key.id, First: r.first(d)}
		r.remove(i)
		return e, true
	}
	return Expired{}, false
}

// Deadline returns when [Reassembler.Expire] has something to do; zero: never,
// for nothing is held.
func (r *Reassembler) Deadline() time.Time {
	if r.ages.oldest == none {
		return time.Time{}
	}
	return r.slot(r.ages.oldest).deadline
}

// Len returns how many datagrams are incomplete, those not counted that were
// given up.
func (r *Reassembler) Len() int { return r.count - r.dead }

// Held returns how many octets the incomplete datagrams take, bookkeeping
// included.
func (r *Reassembler) Held() int { return r.pool.used * blockSize }

// Size returns how many octets the reassembler takes, tables, buffers and what
// it keeps for later included. It grows as need arises, up to
// [Reassembler.Limit], and does not shrink.
func (r *Reassembler) Size() int {
	return int(unsafe.Sizeof(*r)) + cap(r.out) + len(r.buckets)*indexSize +
		len(r.slots)*datagramSlabSize + len(r.pool.slabs)*slabSize +
		(cap(r.slots)-len(r.slots)+cap(r.pool.slabs)-len(r.pool.slabs))*pointerSize
}

// Limit returns how many octets the reassembler may take, whatever arrives: no
// more than Config.Memory.
func (r *Reassembler) Limit() int {
	return r.plan.fixed() + r.plan.blocks/slabLen*slabSize
}
