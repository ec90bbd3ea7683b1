package survey

import (
	"time"

	"github.com/sonde-net/sonde/wire/ip"
)

// purpose is what a probe is for.
type purpose uint8

const (
	isThere   purpose = iota // is the target there, and how far?
	isNear                   // does this time to live suffice?
	isBetween                // who is at this hop?
	isSame                   // is the last hop the same as that of others?
)

// ask is a probe that is to be sent.
type ask struct {
	at      time.Time // when it may be sent
	sent    time.Time
	router  *router // who is expected to answer; nil: that is not known
	target  int
	tries   int
	purpose purpose
	ttl     ip.TTL
}

// line is asks in the order in which they came. The room of those that have gone
// is used again.
type line struct {
	all  []ask
	gone int // of all, those that have been taken
}

func (l *line) size() int { return len(l.all) - l.gone }

func (l *line) put(a ...ask) {
	if l.gone > len(l.all)/2 {
		l.all = l.all[:copy(l.all, l.all[l.gone:])]
		l.gone = 0
	}
	l.all = append(l.all, a...)
}

// take takes the first; there is one.
func (l *line) take() ask {
	a := l.all[l.gone]
	l.gone++
	return a
}

// asks are a heap, by time.
type asks []ask

func (h *asks) push(a ask) {
	*h = append(*h, a)
	all := *h
	for i := len(all) - 1; i > 0; {
		up := (i - 1) / 2
		if !all[i].at.Before(all[up].at) {
			break
		}
		all[i], all[up] = all[up], all[i]
		i = up
	}
}

// pop takes the first; there is one.
func (h *asks) pop() ask {
	all := *h
	a, last := all[0], len(all)-1
	all[0] = all[last]
	all = all[:last]
	*h = all
	for i := 0; ; {
		least := i
		for _, below := range [...]int{2*i + 1, 2*i + 2} {
			if below < last && all[below].at.Before(all[least].at) {
				least = below
			}
		}
		if least == i {
			return a
		}
		all[i], all[least] = all[least], all[i]
		i = least
	}
}
