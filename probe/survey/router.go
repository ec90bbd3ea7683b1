package survey

import "time"

// router is one who answers, and how often.
type router struct {
	Router
	free int // questions that are asked without a pause
	pace time.Duration
	next time.Time // when it may be asked again

	since time.Time     // when its pace was lowered last
	held  bool          // it was lowered, after it had been found
	slow  time.Duration // the longest that an answer of it took
}

// How routers are asked: so often without a pause, then at a pace that changes
// with what comes of it, within limits.
const (
	freeAsks  = 5
	firstPace = time.Second
	leastPace = 10 * time.Millisecond
	mostPace  = 8 * time.Second
)

// How long an answer is waited for, of a router that has answered: so many times
// as long as it took before, and no less than the shortest.
const (
	waitTimes = 4
	leastWait = 200 * time.Millisecond
)

// wait is how long an answer is waited for, at most as long as is said.
func (r *router) wait(most time.Duration) time.Duration {
	return min(max(r.slow*waitTimes, leastWait), most)
}

// may reports whether a router may be asked now, and otherwise when.
func (r *router) may(now time.Time) (at time.Time, ok bool) {
	switch {
	case r.free > 0:
		r.free--
	case now.Before(r.next):
		return r.next, false
	default:
		r.next = now.Add(r.pace)
	}
	r.Asked++
	return now, true
}

// answered notes an answer to a question that was asked at that time; expected
// says that it was asked on purpose.
func (r *router) answered(sent time.Time, rtt time.Duration, expected bool) {
	r.Answered++
	r.slow = max(r.slow, rtt)
	if !expected {
		r.Asked++
		r.free--
		return
	}
	if r.free > 0 || sent.Before(r.since) {
		return
	}
	// Quickly at first, until that was too much.
	if r.pace = r.pace * 3 / 4; r.held {
		r.pace = r.pace * 7 / 6
	}
	r.pace = max(r.pace, leastPace)
}

// notAsked takes back a question that another has answered.
func (r *router) notAsked() {
	r.Asked--
	r.next = time.Time{}
}

// silent notes that an answer has not come to a question that was asked at that
// time. Several were asked before the first of them was missed, and say no more
// than that one.
func (r *router) silent(now, sent time.Time) {
	r.Silent++
	r.free = 0
	if sent.Before(r.since) {
		return
	}
	r.pace, r.held = min(r.pace*2, mostPace), true
	r.since, r.next = now, now.Add(r.pace)
}
