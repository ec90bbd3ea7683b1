package trace

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// What a zero Config stands for.
const (
	DefaultMaxTTL   = 30
	DefaultQueries  = 3
	DefaultParallel = 16
	DefaultSize     = 32
	DefaultWait     = 5 * time.Second
	DefaultHere     = 3
	DefaultNear     = 10
	DefaultPort     = 33434 // UDP
	DefaultOnePort  = 53    // UDP to one port, and UDP-Lite
	DefaultTCPPort  = 80
)

// MaxQueries is how many probes a hop can have.
const MaxQueries = 255

// Config is what to trace, and how. Src and Dst have to be there; all other
// zeros work.
type Config struct {
	First int // the number of the target at the prober

	Src, Dst netip.Addr
	Kind     probe.Kind // Echo, UDP, UDPLite or TCP
	// Port is the destination port; 0: 80 for TCP, 53 for UDP-Lite and with
	// OnePort, else 33434.
	Port    uint16
	OnePort bool // a classic trace by UDP keeps to Port, instead of going on to the next with each probe
	// SrcPort is the source port; 0: the prober's own for the Flow, in a classic
	// trace another one for each probe.
	SrcPort uint16
	Classic bool // each probe is a flow of its own
	Flow    int  // which of the flows that the prober has is traced: another may go another way

	FirstTTL ip.TTL // 0: 1
	MaxTTL   ip.TTL // 0: 30
	Queries  int    // probes of each hop; 0: 3
	Parallel int    // probes under way at a time; 0: 16
	// Gap is the time between two probes, at least.
	Gap time.Duration

	Wait time.Duration // for an answer, at most; 0: 5 s
	Here float64       // how many times the time of the same hop; 0: 3, negative: that time tells nothing
	Near float64       // how many times the time of another hop; 0: 10, negative: likewise

	// Size is how many octets of data there are behind the header of UDP or ICMP;
	// 0: 32, negative: as few as possible. In one flow UDP has 8 at least, ICMP 2.
	Size      int
	TOS       uint8
	FlowLabel uint32
	// DF asks that nobody cut the probes into fragments, nor keep them back for
	// what is known of the path already.
	DF  bool
	Via []netip.Addr // IPv4: gateways of a loose source route, at most 8
	// MTU lowers the size to what each link takes, from 65,000 octets on. It
	// implies DF, and one probe at a time.
	MTU bool
	// StopAtLoop ends the trace where its way is seen to come back to itself.
	StopAtLoop bool
}

// maxVia is how many addresses have room in the IPv4 options, the destination
// among them.
const maxVia = 8

// check returns the configuration with its defaults filled in, or what is wrong.
func (c Config) check() (Config, error) {
	wrong := func(field, want string) (Config, error) {
		return c, &wire.FieldError{Type: "trace.Config", Field: field, Want: want}
	}
	limit := func(field string, value, limit int) (Config, error) {
		return c, &wire.FieldError{Type: "trace.Config", Field: field, Value: value, Limit: limit}
	}
	c.defaults()
	switch {
	case c.First < 0:
		return wrong("First", "no less than 0")
	case !c.Dst.IsValid():
		return wrong("Dst", "an IPv4 or IPv6 address")
	case !c.Src.IsValid() || c.Src.Is4() != c.Dst.Is4():
		return wrong("Src", "an address of the same family as Dst")
	case c.Kind > probe.TCP:
		return wrong("Kind", "echo, UDP, UDP-Lite or TCP")
	case c.Kind == probe.Echo && (c.Port != 0 || c.SrcPort != 0):
		return wrong("Port", "no ports in ICMP")
	case c.Flow < 0:
		return wrong("Flow", "no less than 0")
	case c.FirstTTL > c.MaxTTL:
		return limit("FirstTTL", int(c.FirstTTL), int(c.MaxTTL))
	case c.Queries < 0:
		return wrong("Queries", "no less than 0")
	case c.Queries > MaxQueries:
		return limit("Queries", c.Queries, MaxQueries)
	case c.Parallel < 0:
		return wrong("Parallel", "no less than 0")
	case c.Gap < 0:
		return wrong("Gap", "no less than 0")
	case c.Wait < 0 || c.Wait > question.MaxWait:
		return wrong("Wait", "at most a day")
	case len(c.Via) > maxVia:
		return limit("Via", len(c.Via), maxVia)
	}
	for _, a := range c.Via {
		if !a.Is4() || !c.Dst.Is4() {
			return wrong("Via", "IPv4 addresses")
		}
	}
	return c, nil
}

func (c *Config) defaults() {
	c.Src, c.Dst = c.Src.Unmap(), c.Dst.Unmap()
	c.FirstTTL = cmp.Or(c.FirstTTL, 1)
	c.MaxTTL = cmp.Or(c.MaxTTL, DefaultMaxTTL)
	c.Queries = cmp.Or(c.Queries, DefaultQueries)
	c.Parallel = cmp.Or(c.Parallel, DefaultParallel)
	c.Wait = cmp.Or(c.Wait, DefaultWait)
	c.Here = cmp.Or(c.Here, DefaultHere)
	c.Near = cmp.Or(c.Near, DefaultNear)
	c.Size = cmp.Or(c.Size, DefaultSize)
	switch c.Kind {
	case probe.UDP:
		if c.OnePort {
			c.Port = cmp.Or(c.Port, DefaultOnePort)
		}
		c.Port = cmp.Or(c.Port, DefaultPort)
	case probe.UDPLite:
		c.Port = cmp.Or(c.Port, DefaultOnePort)
	case probe.TCP:
		c.Port = cmp.Or(c.Port, DefaultTCPPort)
		c.Size = -1
	}
	if c.Size = max(c.Size, c.least()); c.Size == 0 {
		c.Size = -1 // 0 would be the default
	}
	if c.MTU {
		c.DF, c.Parallel = true, 1
		if c.Kind != probe.TCP {
			c.Size = firstTotal - c.header()
		}
	}
}

// least is how many octets of data it takes to tell the probes of one flow
// apart, by their checksums, or to have the checksum that all have.
func (c *Config) least() int {
	switch {
	case c.Classic || c.Kind == probe.TCP:
		return 0
	case c.Kind == probe.Echo:
		return question.Balanced
	}
	return leastUDP
}

const leastUDP = 8

// firstTotal is how many octets the first probe has when the MTU is looked for.
const firstTotal = 65000

// header is how many octets are before the data.
func (c *Config) header() int {
	n := ip.HeaderLen6
	if c.Dst.Is4() {
		n = ip.MinHeaderLen4 + c.optionsLen()
	}
	if c.Kind == probe.TCP {
		return n + transport.TCPLen + mssLen
	}
	return n + transport.UDPLen // an ICMP header is as long
}

// mssLen is the option that a SYN of the prober has.
const mssLen = 4

// optionsLen is what a source route takes.
func (c *Config) optionsLen() int {
	if len(c.Via) == 0 {
		return 0
	}
	return (3 + 4*len(c.Via) + 3) &^ 3
}

// Total returns how many octets a probe has, the IP header included, as it is
// sent first.
func (c Config) Total() int {
	c.defaults()
	return c.header() + max(c.Size, 0)
}
