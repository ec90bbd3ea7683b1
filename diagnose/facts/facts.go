// Package facts is what is known of a host and the way to it once it was
// measured: what package rule draws its conclusions from. It concludes nothing
// itself, and measures nothing.
package facts

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/clock"
	"github.com/sonde-net/sonde/probe/mtu"
)

// Facts are all of it. Fields of what was not measured are zero.
type Facts struct {
	Host string     `json:"host"` // as it was asked for
	Src  netip.Addr `json:"src"`
	Dst  netip.Addr `json:"dst"`

	Ping   Ping          `json:"ping"`
	Traces []Trace       `json:"traces"`
	Path   []Hop         `json:"path"`  // all traces put together, from hop 1 on
	Moved  []Moved       `json:"moved"` // hops at which the way has changed meanwhile
	MTU    *mtu.Result   `json:"mtu"`
	Clock  *clock.Result `json:"clock"`
	Ports  []Port        `json:"ports"`

	Who         map[netip.Addr]names.Who `json:"who"`
	Left        []Omission               `json:"left"` // what was left out
	Interrupted bool                     `json:"interrupted"`
	Took        time.Duration            `json:"took_ns"`
}

// Said is an error that somebody sent, and how often.
type Said struct {
	From  netip.Addr  `json:"from"`
	Claim probe.Claim `json:"claim"`
	Count int         `json:"count"`
}

// Ping is what came of the echoes.
type Ping struct {
	Sent       int           `json:"sent"`
	Received   int           `json:"received"`
	Duplicates int           `json:"duplicates"`
	Late       int           `json:"late"`
	Reordered  int           `json:"reordered"`
	Truncated  int           `json:"truncated"`
	Altered    int           `json:"altered"`
	AlteredAt  int           `json:"altered_at"` // octet of the data, of the first that was altered
	Unsent     int           `json:"unsent"`
	Why        string        `json:"why,omitzero"` // it could not be sent
	Min        time.Duration `json:"rtt_min_ns"`
	Avg        time.Duration `json:"rtt_avg_ns"`
	Max        time.Duration `json:"rtt_max_ns"`
	Mdev       time.Duration `json:"rtt_mdev_ns"`
	TTL        int           `json:"ttl"`    // of the latest reply
	Back       int           `json:"back"`   // hops that it has come, as its time to live suggests; 0: it does not
	Errors     []Said        `json:"errors"` // in place of replies
	Advice     []Said        `json:"advice"` // redirects, source quenches
}

// Loss returns how much of what was sent did not come back, in percent.
func (p *Ping) Loss() float64 {
	if sent := p.Sent - p.Unsent; sent > 0 {
		return float64(sent-p.Received) * 100 / float64(sent)
	}
	return 0
}

// Trace is one trace.
type Trace struct {
	Probe   probe.Kind `json:"probe"`
	Port    uint16     `json:"port,omitzero"`
	Flow    int        `json:"flow"`
	Reached bool       `json:"reached"`
	Length  int        `json:"length"` // hops
	Answer  string     `json:"answer"` // of the target: "SYN ACK", "RST"; "" for the others
	Stop    *Said      `json:"stop"`   // who says that it goes no further; nil: nobody
	StopHop int        `json:"stop_hop"`
	Loop    *Loop      `json:"loop"`
	Why     string     `json:"why,omitzero"` // it could not be sent
	Hops    []TraceHop `json:"hops"`
}

// Last returns the last hop that answered, and who it was; 0: none did.
func (t *Trace) Last() (ttl int, from netip.Addr) {
	for i := range t.Hops {
		if h := &t.Hops[i]; len(h.Addrs) > 0 {
			ttl, from = h.TTL, h.Addrs[0]
		}
	}
	return ttl, from
}

// At returns the hop of that number; nil: it was not asked.
func (t *Trace) At(ttl int) *TraceHop {
	for i := range t.Hops {
		if t.Hops[i].TTL == ttl {
			return &t.Hops[i]
		}
	}
	return nil
}

// TraceHop is one hop of one trace.
type TraceHop struct {
	TTL      int          `json:"ttl"`
	Sent     int          `json:"sent"`
	Answered int          `json:"answered"`
	Addrs    []netip.Addr `json:"addrs"`
	Reached  bool         `json:"reached"`
}

// Moved is a hop at which one flow has met another at one time than at another.
type Moved struct {
	TTL int        `json:"ttl"`
	Was netip.Addr `json:"was"`
	Is  netip.Addr `json:"is"`
}

// Loop is where a way comes back to itself.
type Loop struct {
	From   int `json:"from"`
	To     int `json:"to"`
	Period int `json:"period"`
}

// Hop is all that is known of who is so far away.
type Hop struct {
	TTL      int    `json:"ttl"`
	Sent     int    `json:"sent"` // by traces whose way goes so far
	Answered int    `json:"answered"`
	Nodes    []Node `json:"nodes"`
	Target   bool   `json:"target"` // it is the target
}

// Loss returns how many probes were not answered, in percent.
func (h *Hop) Loss() float64 {
	if h.Sent == 0 {
		return 0
	}
	return float64(h.Sent-h.Answered) * 100 / float64(h.Sent)
}

// Min returns the shortest time of an answer; 0: there was none.
func (h *Hop) Min() (least time.Duration) {
	for i := range h.Nodes {
		if n := &h.Nodes[i]; least == 0 || n.Min < least {
			least = n.Min
		}
	}
	return least
}

// Node is an address that answers from a hop.
type Node struct {
	Addr     netip.Addr    `json:"addr"`
	Answered int           `json:"answered"`
	Min      time.Duration `json:"rtt_min_ns"`
	Avg      time.Duration `json:"rtt_avg_ns"`
	Max      time.Duration `json:"rtt_max_ns"`
	Back     int           `json:"back"` // hops that its answers have come, as the time to live suggests; 0: it does not
	MPLS     bool          `json:"mpls"` // datagrams arrive there under labels
}

// State is what a TCP port is like.
type State string

// The states.
const (
	Open     State = "open"     // SYN and ACK
	Closed   State = "closed"   // RST
	Rejected State = "rejected" // an error
	Filtered State = "filtered" // nothing
)

// Port is a TCP port that was tried.
type Port struct {
	Port  uint16 `json:"port"`
	State State  `json:"state"`
	Said  *Said  `json:"said"` // of a rejected one
}

// Omission is something that was left out.
type Omission struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Reached reports whether the target has answered to anything at all.
func (f *Facts) Reached() bool {
	if f.Ping.Received > 0 {
		return true
	}
	for i := range f.Traces {
		if f.Traces[i].Reached {
			return true
		}
	}
	for i := range f.Ports {
		if s := f.Ports[i].State; s == Open || s == Closed {
			return true
		}
	}
	return f.Clock != nil && f.Clock.Received > 0
}

// Length returns how many hops away the target is, by the shortest way to it; 0:
// it was not reached.
func (f *Facts) Length() (least int) {
	for i := range f.Traces {
		if t := &f.Traces[i]; t.Reached && (least == 0 || t.Length < least) {
			least = t.Length
		}
	}
	return least
}

// Hop returns the number of the hop at which an address answers; 0: none.
func (f *Facts) Hop(a netip.Addr) int {
	for i := range f.Path {
		for j := range f.Path[i].Nodes {
			if f.Path[i].Nodes[j].Addr == a {
				return f.Path[i].TTL
			}
		}
	}
	return 0
}

// By returns the trace by a kind of probe that the verdicts are about, the one of
// flow 0; nil: there is none.
func (f *Facts) By(k probe.Kind) *Trace {
	for i := range f.Traces {
		if t := &f.Traces[i]; t.Probe == k && t.Flow == 0 {
			return t
		}
	}
	return nil
}
