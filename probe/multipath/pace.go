package multipath

import "time"

// How a hop is asked where some answer, but not always: so that it takes longer
// to give up a flow, at a pace that changes with what comes of it, within limits.
const (
	patience  = 2  // silences of one flow that was given time, before it is given up
	mostTries = 24 // probes of one flow to one hop
	firstPace = 50 * time.Millisecond
	leastPace = 10 * time.Millisecond
	slowPace  = time.Second // who does not answer at that one is silent, and not just limited
	mostPace  = 2 * time.Second
)

// The wait for an answer, once it is known how long one takes at that hop: so many
// times as long, and no less than the shortest.
const (
	waitTimes = 4
	leastWait = 200 * time.Millisecond
)

// pacing is how often a hop answers. The zero pacing asks without a pause.
type pacing struct {
	lost  int           // probes that were not answered where others were
	gap   time.Duration // from one to the next; 0: none
	next  time.Time     // when the next may be sent
	since time.Time     // when the pace was lowered last
	held  bool          // it was lowered, after it had been found
	slow  time.Duration // the longest that an answer took
	mute  bool          // flows were given up here: some gateway never answers
}

// may reports whether a probe may be sent to the hop now.
func (p *pacing) may(now time.Time) bool { return p.gap == 0 || !now.Before(p.next) }

// sent notes a probe.
func (p *pacing) sent(now time.Time) { p.next = now.Add(p.gap) }

// wait is how long an answer is waited for, at most as long as is said.
func (p *pacing) wait(most time.Duration) time.Duration {
	if p.slow == 0 {
		return most
	}
	return min(max(p.slow*waitTimes, leastWait), most)
}

// answered notes an answer to a probe that was sent at that time, and reports
// whether it is the first.
func (p *pacing) answered(sent time.Time, rtt time.Duration) (first bool) {
	first = p.slow == 0
	p.slow = max(p.slow, rtt, 1)
	if p.gap == 0 || sent.Before(p.since) {
		return first
	}
	// Quickly at first, until that was too much.
	if p.gap = p.gap * 3 / 4; p.held {
		p.gap = p.gap * 7 / 6
	}
	p.gap = max(p.gap, leastPace)
	return first
}

// silent notes that there was no answer to a probe that was sent at that time, and
// reports whether that says something of its flow: it was given time. One that is lost is no reason yet to slow down; several were
// sent before the first of them was missed, and say no more than that one.
func (p *pacing) silent(now, sent time.Time) (telling bool) {
	p.lost++
	telling = p.gap >= slowPace
	switch {
	case p.gap == 0 && p.lost > 1:
		p.gap = firstPace
	case p.gap > 0 && !sent.Before(p.since):
		p.gap, p.held = min(p.gap*2, mostPace), true
	default:
		return telling
	}
	p.since, p.next = now, now.Add(p.gap)
	return telling
}

// giveUp notes that a flow was given up: there is somebody who never answers, and
// others that come through him need not be waited for as long.
func (p *pacing) giveUp() { p.mute, p.gap = true, min(p.gap, firstPace) }
