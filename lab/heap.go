package lab

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/report"
)

// kind is what is due.
type kind uint8

const (
	arrive     kind = iota // a datagram gets to who is to have it
	release                // a node has made an answer or an error
	unresolved             // a node gives up asking for a neighbour
	act                    // a link is turned, or a node finds out
)

// item is something that is due. Items of one time come in the order in which
// they were made.
type item struct {
	at     time.Time
	turn   uint64
	kind   kind
	who    *party // gets it; sends it
	octets []byte
	cast   report.Cast
	hop    netip.Addr
	origin event.Origin
	do     func() // of act
}

func (a *item) before(b *item) bool {
	return a.at.Before(b.at) || a.at.Equal(b.at) && a.turn < b.turn
}

// agenda is a heap of what is due, the soonest on top.
type agenda []item

func (h *agenda) push(x item) {
	*h = append(*h, x)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if !s[i].before(&s[up]) {
			return
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

// pop takes the soonest out. There must be one.
func (h *agenda) pop() item {
	s := *h
	top, last := s[0], len(s)-1
	s[0] = s[last]
	s[last] = item{}
	s = s[:last]
	*h = s
	for i := 0; ; {
		low := 2*i + 1
		if low >= last {
			return top
		}
		if low+1 < last && s[low+1].before(&s[low]) {
			low++
		}
		if !s[low].before(&s[i]) {
			return top
		}
		s[i], s[low] = s[low], s[i]
		i = low
	}
}
