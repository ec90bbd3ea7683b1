// Package roll calls the roll: it asks a list of hosts by echo, one after another,
// with the manners of fping. Either until each has answered or was asked often
// enough, waiting longer each time; or each again and again.
//
//	s, err := roll.New(p, roll.Config{Targets: targets, Interval: 10 * time.Millisecond, Retries: 3})
//	err = at.Run(ctx, s, func(time.Time) {
//		for r, ok := s.Next(); ok; r, ok = s.Next() { fmt.Println(r.Kind, r.Target, r.RTT) }
//	})
//
// It is a strategy on package probe.
package roll

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// Target is a host.
type Target struct{ Src, Dst netip.Addr }

// Config is whom to ask, and how.
type Config struct {
	Targets  []Target
	Interval time.Duration // between any two probes; 0: none
	// Count is how often each is asked, Period apart. 0: until it has answered,
	// or was asked once more than Retries; negative: without an end.
	Count   int
	Period  time.Duration
	Retries int
	Timeout time.Duration // of the first probe to each
	Backoff float64       // what that is multiplied by for each retry; 0: 1
	Size    int           // octets of data
	TTL     ip.TTL        // 0: as the system has it
	TOS     uint8
	DF      bool
	Enough  int // hosts that have to answer for all to be over; 0: all are asked
}

// maxSize is the most octets of data.
const maxSize = 65507

func (c *Config) check() error {
	var field, want string
	switch {
	case len(c.Targets) == 0:
		field, want = "Targets", "at least one"
	case c.Interval < 0:
		field, want = "Interval", "not negative"
	case c.Timeout <= 0:
		field, want = "Timeout", "more than nothing"
	case c.Count != 0 && c.Period <= 0:
		field, want = "Period", "more than nothing"
	case c.Retries < 0:
		field, want = "Retries", "not negative"
	case c.Backoff < 0:
		field, want = "Backoff", "not negative"
	case c.Size < 0 || c.Size > maxSize:
		field, want = "Size", "0 to 65,507"
	case c.Enough < 0:
		field, want = "Enough", "not negative"
	default:
		return nil
	}
	return &wire.FieldError{Type: "roll.Config", Field: field, Want: want}
}

// Kind is what a result tells.
type Kind uint8

// The kinds.
const (
	Reply Kind = iota + 1
	Duplicate
	Timeout // no answer in time
	Error   // somebody says why there is none; it is still waited for
	Unsent  // the probe could not be sent
)

// Result is something that happened.
type Result struct {
	Kind   Kind
	Time   time.Time
	Target int
	N      int // which of the target's probes, from 0 on
	From   netip.Addr
	RTT    time.Duration
	TTL    ip.TTL
	TOS    uint8
	Size   int // octets behind the IP header
	Claim  probe.Claim
	Err    error // of unsent
}

// Stats is what has come of a target.
type Stats struct {
	Sent, Received int
	Pending        int // of those sent: neither answered nor given up yet
	Min, Max, Sum  time.Duration
}

// Avg returns the average round-trip time.
func (s *Stats) Avg() time.Duration {
	if s.Received == 0 {
		return 0
	}
	return s.Sum / time.Duration(s.Received)
}

func (s *Stats) add(d time.Duration) {
	if s.Received == 0 || d < s.Min {
		s.Min = d
	}
	s.Max = max(s.Max, d)
	s.Sum += d
	s.Received++
}
