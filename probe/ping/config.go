package ping

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// What a zero Config stands for.
const (
	DefaultInterval = time.Second
	DefaultWait     = 10 * time.Second
	DefaultTimeout  = 10 * time.Second
	DefaultResults  = 1 << 12
)

// The most that a Config may ask for.
const (
	MaxInterval = probe.DefaultTimeout * 2147483 // what iputils allows: 2³¹ ms
	MaxPreload  = 1 << 16                        // likewise
	MaxSpan     = time.Second * (1 << 31)        // of waiting, and of an Interval for each of Preload: 68 years
)

// Target is somebody who is asked.
type Target struct {
	// Src is the address that probes leave with, Dst where they are sent.
	Src, Dst netip.Addr
	// Peer is who is asked, where Dst is but the first stop of a source route;
	// the zero Addr: Dst.
	Peer   netip.Addr
	Anyone bool // Dst is a broadcast or multicast address: whoever answers is credited
}

// Who returns who is asked.
func (t *Target) Who() netip.Addr {
	if t.Peer.IsValid() {
		return t.Peer
	}
	return t.Dst
}

// Config is whom to ask, and how. Its zero value asks once a second, without an
// end; it has no targets, which New refuses.
type Config struct {
	First   int // number of the first target at the prober; the others have those behind it
	Targets []Target
	Kind    probe.Kind // Echo, Timestamp and the other ICMP kinds

	Count    int           // probes to each target; 0: no end
	Interval time.Duration // between two to one target; 0: a second, and in a flood nothing
	Adaptive bool          // the interval follows the round-trip time
	Least    time.Duration // … but is no less than that; 0: whatever it is
	Flood    bool          // without Interval: the next as soon as a reply is here
	Preload  int           // that leave without waiting; 0: 1

	Deadline time.Duration // after which all is over; 0: none
	Wait     time.Duration // for an answer to the last, when there was none at all; 0: 10 s; negative: no end
	// Timeout is after how long a probe is told of as lost. A reply that comes
	// later is one all the same, as long as the prober remembers the probe.
	// 0: 10 s.
	Timeout time.Duration

	Size      int    // octets of data behind the header
	TTL       ip.TTL // 0: as the system has it
	TOS       uint8  // traffic class in IPv6
	DF        bool
	FlowLabel uint32 // IPv6, 20 bits
	// Options are those of IPv4, padded to a multiple of 4; see [RecordRoute]. The
	// sender writes itself down first, where there is room to.
	Options []byte

	// Slack is how much later a probe may leave, so that those of many targets
	// leave together; 0: with one target none, else a hundredth of the interval,
	// at most 5 ms; negative: none.
	Slack time.Duration

	Outstanding bool // tell before each probe when the last one has no reply yet
	Sent        bool // tell of each probe that is handed over
	Percentiles bool // keep a histogram for each target, of two kilobytes
	Quiet       bool // tell of nothing but errors, advice and what could not be sent; the statistics have it all
	Results     int  // kept until they are read, the oldest going first; 0: 4,096
}

func wrong(field, want string) error {
	return &wire.FieldError{Type: "ping.Config", Field: field, Want: want}
}

// check returns what is wrong with a configuration.
func (c *Config) check() error {
	switch {
	case c.First < 0:
		return wrong("First", "no less than 0")
	case len(c.Targets) == 0:
		return wrong("Targets", "at least one")
	case !c.Kind.ICMP():
		return wrong("Kind", "a kind of ICMP")
	case c.Count < 0:
		return wrong("Count", "no less than 0")
	case c.Interval < 0 || c.Interval > MaxInterval:
		return wrong("Interval", "at most 2147483 s")
	case c.Least < 0 || c.Least > MaxInterval:
		return wrong("Least", "at most 2147483 s")
	case c.Slack > MaxInterval:
		return wrong("Slack", "at most 2147483 s")
	case c.Preload < 0 || c.Preload > MaxPreload:
		return wrong("Preload", "at most 65,536")
	case c.Interval > MaxSpan/time.Duration(max(c.Preload, 1)):
		return wrong("Interval", "at most 68 years for all of Preload")
	case c.Deadline < 0 || c.Deadline > MaxSpan:
		return wrong("Deadline", "at most 68 years")
	case c.Wait > MaxSpan:
		return wrong("Wait", "at most 68 years, or negative")
	case c.Results < 0:
		return wrong("Results", "no less than 0")
	}
	return nil
}

// fill puts defaults in the place of zeros.
func (c *Config) fill() {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	if !c.Flood {
		set(&c.Interval, DefaultInterval)
	}
	set(&c.Wait, DefaultWait)
	set(&c.Timeout, DefaultTimeout)
	if len(c.Targets) > 1 {
		set(&c.Slack, min(c.Interval/slackOf, maxSlack))
	}
	c.Slack = max(c.Slack, 0)
	c.Preload = max(c.Preload, 1)
	if c.Results == 0 {
		c.Results = DefaultResults
	}
}

const (
	slackOf  = 100 // an interval has so many slacks
	maxSlack = 5 * time.Millisecond
)

// probe returns the question to a target, but for its tag.
func (c *Config) probe(i int) probe.Probe {
	t := &c.Targets[i]
	q := probe.Probe{
		Target: c.First + i, Kind: c.Kind, Src: t.Src, Dst: t.Dst, Peer: t.Peer, Anyone: t.Anyone,
		TTL: c.TTL, TOS: c.TOS, DF: c.DF, FlowLabel: c.FlowLabel, Options: c.Options, Size: c.Size, Timeout: c.Timeout,
	}
	if t.Dst.Is4() {
		q.FlowLabel = 0
	} else {
		q.Options = nil
	}
	return q
}
