package survey

import "time"

// router is one who answers, and how often.
type router struct {
	Router
	free int // questions that are asked without a pause
	pace time.Duration
	next time.Time // when it may be asked again
}

// How routers are asked: so often without a pause, then at a pace that changes
// with what comes of it, within limits.
const (
	freeAsks  = 5
	firstPace = time.Second
	leastPace = 10 * time.Millisecond
	mostPace  = 8 * time.Second
)

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

// answered notes an answer; expected says that it was asked on purpose.
func (r *router) answered(expected bool) {
	r.Answered++
	if !expected {
		r.Asked++
		r.free--
		return
	}
	if r.free <= 0 {
		r.pace = max(r.pace*3/4, leastPace)
	}
}

// notAsked takes back a question that another has answered.
func (r *router) notAsked() {
	r.Asked--
	r.next = time.Time{}
}

// silent notes that an answer has not come.
func (r *router) silent(now time.Time) {
	r.Silent++
	r.free = 0
	r.pace = min(r.pace*2, mostPace)
	r.next = now.Add(r.pace)
}
