package ping

import "github.com/sonde-net/sonde/probe"

// window holds the handles of the probes to a target that wait for an answer, by
// their number. It grows to its working size, at most to maxWindow; what is older
// than that is no longer known, and told of as lost by the prober alone.
type window struct {
	handles   []probe.Handle // the one of number n at n mod its length, a power of two
	low, high int            // numbers from low on, below high
}

const maxWindow = 1 << 20

func (w *window) at(n int) *probe.Handle { return &w.handles[n&(len(w.handles)-1)] }

// put enters the handle of n, which is the next number.
func (w *window) put(n int, h probe.Handle) {
	if w.low == w.high {
		w.low, w.high = n, n
	}
	if w.high-w.low == len(w.handles) {
		if len(w.handles) == maxWindow {
			w.low++
		} else {
			w.grow()
		}
	}
	*w.at(n) = h
	w.high = n + 1
}

func (w *window) grow() {
	old := *w
	w.handles = make([]probe.Handle, max(4, 2*len(old.handles)))
	for n := w.low; n < w.high; n++ {
		*w.at(n) = *old.at(n)
	}
}

// take takes the handle of n out, if it is in.
func (w *window) take(n int) {
	if n < w.low || n >= w.high {
		return
	}
	*w.at(n) = 0
	for w.low < w.high && *w.at(w.low) == 0 {
		w.low++
	}
}
