package probe

import (
	"time"

	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/internal/pace"
	"github.com/sonde-net/sonde/probe/internal/siphash"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire"
)

// What a zero [Config] stands for.
const (
	DefaultInFlight = 1 << 17
	DefaultTargets  = 1 << 16
	DefaultEvents   = 1 << 12
	DefaultTimeout  = time.Second
	DefaultLinger   = 2 * time.Second
)

// The most that a [Config] may ask for.
const (
	maxInFlight = 1 << 22
	maxTargets  = 1 << 22
	maxEvents   = 1 << 20
	maxRate     = 1_000_000_000
	maxPattern  = 1 << 16
)

// Config is how a [Prober] behaves. Its zero value works, but for the seed,
// which nobody else is to know.
type Config struct {
	Seed uint64 // of identifiers, ports and cookies (P-02)

	Rate  int           // packets a second in total, at most (P-12); 0: no limit
	Burst int           // that may leave at once after a pause; 0: 1
	Each  time.Duration // between two to one target, at least; 0: no limit

	InFlight int           // probes known at one time: queued, waiting, lingering; 0: 131,072
	Targets  int           // a [Probe.Target] is below that; 0: 65,536
	Events   int           // kept until they are read, the oldest going first; 0: 4,096
	Timeout  time.Duration // of probes that say none; 0: a second
	// Linger is how long a probe is remembered once it is over, to tell replies
	// that are late or come twice from those that are none; 0: two seconds,
	// negative: not at all.
	Linger time.Duration

	// ID is the ICMP identifier, where something else has chosen one: the kernel
	// does for an ICMP datagram socket. 0: sixteen of the prober's own.
	ID uint16
	// IPID says that [Transmit.ID] is written into the IPv4 header, so that it is
	// compared with what errors quote.
	IPID bool
	// Pattern fills the data behind the cookie, again and again; nil: each octet
	// is its own offset, as ping has it. It must not be changed.
	Pattern []byte
	// Sent asks for an event for each probe that leaves.
	Sent bool
	// Rewritten asks for an event for each error that quotes a probe in flight
	// under a header that is not the probe's, as the package comment has it, and
	// has errors tell of another type of service. Each error that quotes no probe
	// then costs a look at all of them; of more than 4,096 none is looked at. With
	// IPID, all identifications then begin with one octet, by which a filter in
	// the kernel can know them: see [Prober.Identifications].
	Rewritten bool
}

// fill puts the defaults in, and returns what is wrong.
func (c *Config) fill() error {
	for _, f := range []struct {
		name            string
		value           *int
		def, least, max int
	}{
		{"Rate", &c.Rate, 0, 0, maxRate},
		{"Burst", &c.Burst, 1, 1, maxInFlight},
		{"InFlight", &c.InFlight, DefaultInFlight, 1, maxInFlight},
		{"Targets", &c.Targets, DefaultTargets, 1, maxTargets},
		{"Events", &c.Events, DefaultEvents, 1, maxEvents},
	} {
		if *f.value == 0 {
			*f.value = f.def
		}
		switch {
		case *f.value < f.least:
			return &wire.FieldError{Type: "probe.Config", Field: f.name, Want: "no less than 0"}
		case *f.value > f.max:
			return &wire.FieldError{Type: "probe.Config", Field: f.name, Value: *f.value, Limit: f.max}
		}
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Linger == 0 {
		c.Linger = DefaultLinger
	}
	c.Linger = max(c.Linger, 0)
	switch {
	case c.Timeout < 0 || c.Timeout > question.MaxWait:
		return &wire.FieldError{Type: "probe.Config", Field: "Timeout", Want: "at most a day"}
	case c.Each < 0 || c.Each > question.MaxWait:
		return &wire.FieldError{Type: "probe.Config", Field: "Each", Want: "at most a day"}
	case c.Linger > question.MaxWait:
		return &wire.FieldError{Type: "probe.Config", Field: "Linger", Want: "at most a day"}
	case len(c.Pattern) > maxPattern:
		return &wire.FieldError{Type: "probe.Config", Field: "Pattern", Value: len(c.Pattern), Limit: maxPattern}
	}
	return nil
}

// The prober's own identifiers and ports: blocks, so that a filter in the kernel
// can be told of all of them in two numbers.
const (
	ids       = 16
	ports     = 1024
	firstPort = 32768
	lastPort  = 60999
)

// New makes a prober. The error is a [*wire.FieldError] that says which field of
// the configuration is wrong.
func New(c Config) (*Prober, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	p := &Prober{
		cfg: c, cookies: siphash.Derive(c.Seed), hashes: siphash.Derive(^c.Seed),
		bucket: pace.New(c.Rate, c.Burst), events: event.Ring{Limit: c.Events},
		free: none, oldest: none, newest: none,
	}
	chance := p.cookies.Sum3(0, forBlocks, 0)
	p.id, p.ids = uint16(chance)&^(ids-1), ids
	if p.id == 0 {
		p.id = ids
	}
	if c.ID != 0 {
		p.id, p.ids = c.ID, 1
	}
	p.port = firstPort + uint16(chance>>16)%(lastPort-firstPort-ports+2)
	p.first = uint16(chance>>32) % ports
	if c.Rewritten && c.IPID {
		p.marks = max(uint16(chance>>48)&^0xff, 0x100)
	}
	return p, nil
}
