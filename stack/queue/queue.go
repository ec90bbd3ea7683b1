// Package queue is a first-in first-out queue of datagrams in one bounded piece
// of memory: what a node's interface holds until the link takes it. It is pure,
// and once grown to its working size it allocates nothing.
package queue

import (
	"net/netip"

	"github.com/sonde-net/sonde/stack/event"
)

// DefaultLimit is the octets that a queue holds when its Limit is 0.
const DefaultLimit = 256 << 10

// maxDatagram is the longest datagram there is.
const maxDatagram = 65535

// Tag goes with a datagram through a queue.
type Tag struct {
	Hop    netip.Addr   // who is to get it
	Origin event.Origin // what made it
	Group  bool         // Hop is a broadcast or multicast address
}

// Queue holds datagrams, each with its tag. The zero value is an empty queue.
type Queue struct {
	// Limit is how many octets of datagrams the queue holds at most; 0:
	// [DefaultLimit]. An empty queue takes one datagram of any length. It is
	// not to be changed once the queue is in use.
	Limit int

	arena   []byte
	tail    int     // where the next datagram goes in arena
	entries []entry // a ring; a power of two of them
	first   int     // index of the oldest entry
	count   int
	octets  int
}

type entry struct {
	off, n int
	tag    Tag
}

// Len returns how many datagrams wait.
func (q *Queue) Len() int { return q.count }

// Octets returns how many octets of datagrams wait.
func (q *Queue) Octets() int { return q.octets }

func (q *Queue) limit() int {
	if q.Limit <= 0 {
		return DefaultLimit
	}
	return q.Limit
}

// Push copies b to the end of the queue and reports whether there was room.
func (q *Queue) Push(b []byte, tag Tag) bool {
	if len(b) > maxDatagram || q.count > 0 && q.octets+len(b) > q.limit() {
		return false
	}
	if q.count == len(q.entries) {
		q.growEntries()
	}
	off := q.place(len(b))
	copy(q.arena[off:], b)
	q.entries[(q.first+q.count)&(len(q.entries)-1)] = entry{off, len(b), tag}
	q.tail = off + len(b)
	q.count++
	q.octets += len(b)
	return true
}

// place returns where n contiguous octets are free, growing the arena when they
// are nowhere. The free space is one run behind tail, or that to the arena's end
// and another before the oldest datagram.
func (q *Queue) place(n int) int {
	if q.count == 0 {
		if len(q.arena) < n {
			q.grow(n)
		}
		return 0
	}
	head := q.entries[q.first].off
	switch {
	case q.tail <= head: // wrapped: the run ends at the oldest
		if head-q.tail >= n {
			return q.tail
		}
	case len(q.arena)-q.tail >= n:
		return q.tail
	case head >= n:
		return 0
	}
	q.grow(n)
	return q.tail
}

// grow at least doubles the arena and moves the datagrams to its beginning.
func (q *Queue) grow(n int) {
	const least = 4096
	next := make([]byte, max(2*len(q.arena), q.octets+n, least))
	off := 0
	for i := range q.count {
		e := &q.entries[(q.first+i)&(len(q.entries)-1)]
		copy(next[off:], q.arena[e.off:e.off+e.n])
		e.off = off
		off += e.n
	}
	q.arena, q.tail = next, off
}

func (q *Queue) growEntries() {
	const least = 16
	next := make([]entry, max(2*len(q.entries), least))
	for i := range q.count {
		next[i] = q.entries[(q.first+i)&(len(q.entries)-1)]
	}
	q.entries, q.first = next, 0
}

// Retract removes the k youngest datagrams, or all when there are fewer.
func (q *Queue) Retract(k int) {
	for range min(k, q.count) {
		q.count--
		e := &q.entries[(q.first+q.count)&(len(q.entries)-1)]
		q.octets -= e.n
		q.tail = e.off
	}
}

// Peek returns the oldest datagram, valid until the next call of a method, and
// its tag; false: there is none.
func (q *Queue) Peek() (b []byte, tag Tag, ok bool) {
	if q.count == 0 {
		return nil, Tag{}, false
	}
	e := &q.entries[q.first]
	return q.arena[e.off : e.off+e.n : e.off+e.n], e.tag, true
}

// Pop removes the oldest datagram. On an empty queue it does nothing.
func (q *Queue) Pop() {
	if q.count == 0 {
		return
	}
	q.octets -= q.entries[q.first].n
	q.first = (q.first + 1) & (len(q.entries) - 1)
	q.count--
}
