// Package fragments puts the fragments of a capture together, and remembers
// which packets a datagram came in.
//
//	w := a.Add(p.Number, p.Time, datagram)
//	if w.Status == reassembly.Complete { … w.Datagram is whole … }
//
// stack/reassembly does the work, with its bounds: fragments that overlap, are
// too long or never come cost no more memory than the Config allows. Time is
// that of the capture, and does not go back where the capture's does.
package fragments

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// Whole is what came of a datagram.
type Whole struct {
	Status reassembly.Status
	// Datagram is the datagram when Status is Complete: the very octets that were
	// passed in if it was no fragment. It is valid until the next call.
	Datagram []byte
	// Packets are the numbers of the packets that it came in, in the order of
	// their arrival; nil when it was no fragment. It is the caller's.
	Packets []int
	// Drop is why a fragment was dropped when Status is Dropped: an attack, in
	// case of [mib.FragmentOverlap] and [mib.FragmentOversize]; with
	// [mib.Truncated] the capture cut it. Packets has the others of the datagram
	// that was given up with it.
	Drop mib.Drop
}

// key is what the fragments of a datagram have in common.
type key struct {
	src, dst netip.Addr
	id       uint32
	proto    ip.Proto // IPv4 only
}

// parts are the packets that a datagram has come in so far.
type parts struct {
	packets []int
	serial  uint64
}

// age is an entry of the queue in which the oldest parts are first.
type age struct {
	key    key
	serial uint64
}

// An Assembler puts fragments together. It is not safe for concurrent use.
type Assembler struct {
	r      *reassembly.Reassembler
	now    time.Time
	limit  int
	parts  map[key]*parts
	ages   []age // with some that are gone
	serial uint64
}

// New makes an assembler. The error is a [*wire.FieldError] about c.
func New(c reassembly.Config) (*Assembler, error) {
	r, err := reassembly.New(c)
	if err != nil {
		return nil, err
	}
	limit := c.Datagrams
	if limit == 0 {
		memory := c.Memory
		if memory == 0 {
			memory = reassembly.DefaultMemory
		}
		limit = memory / 4096
	}
	return &Assembler{r: r, limit: limit, parts: map[key]*parts{}}, nil
}

// Add takes the datagram of a packet. What is no fragment is complete at once,
// whatever else may be wrong with it, and costs nothing.
//
// Reading: nobody says which datagram had to make room for others when memory is
// short; it is taken to be the oldest. So Packets may then name a fragment too
// many, of a datagram that was sent twice with the same identification.
func (a *Assembler) Add(number int, at time.Time, datagram []byte) Whole {
	k, six, atomic, ok := identify(datagram)
	if !ok {
		return Whole{Status: reassembly.Complete, Datagram: datagram}
	}
	if at.After(a.now) {
		a.now = at
	}
	for {
		e, ok := a.r.Expire(a.now)
		if !ok {
			break
		}
		gone := key{src: e.Src, dst: e.Dst, id: e.ID}
		if e.Src.Is4() {
			gone.proto = e.Proto
		}
		delete(a.parts, gone)
	}
	var res reassembly.Result
	if six {
		res = a.r.Add6(a.now, datagram)
	} else {
		res = a.r.Add4(a.now, datagram)
	}
	for range res.Evicted {
		a.evict()
	}
	return a.note(k, number, atomic && res.Status == reassembly.Complete, res)
}

// Waiting returns how many datagrams are incomplete.
func (a *Assembler) Waiting() int { return len(a.parts) }

// note keeps books of the packets.
func (a *Assembler) note(k key, number int, atomic bool, res reassembly.Result) Whole {
	w := Whole{Status: res.Status, Datagram: res.Datagram, Drop: res.Drop}
	p := a.parts[k]
	switch {
	case atomic:
		w.Packets = []int{number}
	case res.Status == reassembly.Incomplete:
		if p == nil {
			p = a.begin(k)
		}
		p.packets = append(p.packets, number)
	case res.Status == reassembly.Complete:
		if p != nil {
			w.Packets = p.packets
		}
		w.Packets = append(w.Packets, number)
		delete(a.parts, k)
	case p != nil && givesUp(res.Drop):
		w.Packets = p.packets
		delete(a.parts, k)
	}
	return w
}

// givesUp reports whether a fragment that was dropped for this takes its
// datagram with it.
func givesUp(d mib.Drop) bool {
	switch d {
	case mib.FragmentOversize, mib.FragmentOverlap, mib.FragmentEnd, mib.FragmentECN, mib.FragmentShare, mib.FragmentMemory:
		return true
	}
	return false
}

func (a *Assembler) begin(k key) *parts {
	for len(a.parts) >= a.limit {
		a.evict()
	}
	a.serial++
	p := &parts{serial: a.serial}
	a.parts[k] = p
	a.ages = append(a.ages, age{k, p.serial})
	if len(a.ages) > 2*a.limit {
		a.tidy()
	}
	return p
}

// evict forgets the oldest parts.
func (a *Assembler) evict() {
	for len(a.ages) > 0 {
		o := a.ages[0]
		a.ages = a.ages[1:]
		if p := a.parts[o.key]; p != nil && p.serial == o.serial {
			delete(a.parts, o.key)
			return
		}
	}
}

// tidy takes those that are gone out of the queue.
func (a *Assembler) tidy() {
	left := make([]age, 0, 2*a.limit+1)
	for _, o := range a.ages {
		if p := a.parts[o.key]; p != nil && p.serial == o.serial {
			left = append(left, o)
		}
	}
	a.ages = left
}

// identify tells fragments from what is none, and those that are the whole
// datagram (RFC 6946) from others.
func identify(d []byte) (k key, six, atomic, ok bool) {
	if len(d) == 0 {
		return k, false, false, false
	}
	switch d[0] >> 4 {
	case 4:
		const flags, fragment = 6, 0x3f // MF, and the upper bits of the offset
		if len(d) < ip.MinHeaderLen4 || d[flags]&fragment == 0 && d[flags+1] == 0 {
			return k, false, false, false
		}
		h, _, _ := ip.Decode4(d)
		return key{h.Src, h.Dst, uint32(h.ID), h.Proto}, false, false, true
	case 6:
		const next = 6
		if len(d) < ip.HeaderLen6 || !ip.Proto(d[next]).IsExtension() {
			return k, true, false, false
		}
		h, payload, _ := ip.Parse6(d)
		u, _ := h.Upper(payload)
		return key{src: h.Src, dst: h.Dst, id: u.Fragment.ID}, true, u.Fragment.Atomic(), u.IsFragment
	}
	return k, false, false, false
}
