//go:build linux

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// results are the rounds by contestant and way.
type results map[string]map[string][]round

func (r results) add(name string, w way, one round) {
	if r[name] == nil {
		r[name] = map[string][]round{}
	}
	r[name][w.name] = append(r[name][w.name], one)
}

// A ratio is ours / peer.
type ratio struct{ median, best, cpu float64 }

// beside compares ours with a peer: the median over the rounds, best / best, and
// the median of the CPU time for one reply.
func (r results) beside(peer string, w way) ratio {
	a, b := r[sonde][w.name], r[peer][w.name]
	var rates, cpus []float64
	for i := range a {
		rates = append(rates, a[i].rate()/b[i].rate())
		if peer != kernel { // which answers without a process
			cpus = append(cpus, float64(a[i].cpu)/float64(b[i].cpu))
		}
	}
	out := ratio{median: median(rates), best: best(a) / best(b)}
	if len(cpus) > 0 {
		out.cpu = median(cpus)
	}
	return out
}

func best(rs []round) float64 {
	return slices.MaxFunc(rs, func(a, b round) int { return cmp.Compare(a.rate(), b.rate()) }).rate()
}

// median returns the middle value, the upper of two. It sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// lost is how many probes got no reply, and of how many.
func (r results) lost(name string, w way) (lost, sent int) {
	for _, x := range r[name][w.name] {
		lost += x.sent - x.received
		sent += x.sent
	}
	return lost, sent
}

func table(w io.Writer, r results) {
	fmt.Fprintln(w, "| flood | peer | ours / peer | best / best | CPU | lost, ours | peer |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, how := range ways {
		ours, _ := r.lost(sonde, how)
		for _, peer := range contestants {
			if peer == sonde {
				continue
			}
			x := r.beside(peer, how)
			cpu := "–"
			if x.cpu > 0 {
				cpu = fmt.Sprintf("%.2f", x.cpu)
			}
			theirs, sent := r.lost(peer, how)
			fmt.Fprintf(w, "| ping %s | %s | %.2f | %.2f | %s | %d | %d (%.1f %%) |\n",
				how, peer, x.median, x.best, cpu, ours, theirs, 100*float64(theirs)/float64(sent))
		}
	}
	fmt.Fprintln(w)
}

// absolute writes the values themselves, which say more of the machine than of
// the contestants.
func absolute(w io.Writer, r results) {
	fmt.Fprintln(w, "| flood | contestant | thousand replies a second, median | best | CPU µs for one, median |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, how := range ways {
		for _, name := range contestants {
			var rates, cpus []float64
			for _, x := range r[name][how.name] {
				rates, cpus = append(rates, x.rate()/1000), append(cpus, float64(x.cpu)/float64(time.Microsecond))
			}
			fmt.Fprintf(w, "| ping %s | %s | %.1f | %.1f | %.2f |\n", how, name, median(rates), slices.Max(rates), median(cpus))
		}
	}
	fmt.Fprintln(w)
}

// A promise is a share of a peer's replies a second that is to be reached.
type promise struct {
	text    string
	peer    string
	atLeast float64
}

var promises = []promise{
	{"1.2 times the replies a second of gVisor as it comes", gvisor, 1.2},
	{"within 15 % of a bare read, swap and write loop", bare, 0.85},
}

// promised reports whether all promises hold.
func promised(w io.Writer, r results) bool {
	fmt.Fprintln(w, "| promise | flood | | measured | |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	all := true
	state := func(held bool) string {
		if held {
			return "held"
		}
		all = false
		return "NOT HELD"
	}
	for _, how := range ways {
		for _, p := range promises {
			m := r.beside(p.peer, how).median
			fmt.Fprintf(w, "| %s | ping %s | at least %.2f | %.2f | %s |\n", p.text, how, p.atLeast, m, state(m >= p.atLeast))
		}
		lost, sent := r.lost(sonde, how)
		fmt.Fprintf(w, "| none lost | ping %s | at most 0 | %d of %d | %s |\n", how, lost, sent, state(lost == 0))
	}
	return all
}
