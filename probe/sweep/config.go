package sweep

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe/internal/siphash"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// Kind is what a sweep asks with.
type Kind uint8

// The kinds.
const (
	Echo      Kind = iota // ICMP or ICMPv6 echo
	Timestamp             // ICMP timestamp, IPv4 alone
	UDP                   // a UDP datagram to a port; port unreachable is an answer
	TCP                   // a SYN to a port; SYN with ACK and RST are answers
	numKinds
)

var kindNames = [numKinds]string{"echo", "timestamp", "udp", "tcp"}

// String returns the kind in a word.
func (k Kind) String() string {
	if k >= numKinds {
		return "unknown"
	}
	return kindNames[k]
}

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// The limits of a configuration.
const (
	MaxRate    = 100_000_000 // packets a second
	MaxPayload = 1400        // octets
	MaxHops    = 63
	MaxRepeat  = 16
)

// Config is what a sweep is. Targets and a source address of each family among
// them are needed, and a seed that nobody else knows.
type Config struct {
	Seed    uint64
	Targets *space.Set // must not change any more
	// Shard is which of Shards parts of the sweep this is, from 0 on; Shards of 0
	// is 1. Parts of one seed have no target in common, and together have all.
	Shard, Shards uint64
	Kind          Kind
	Port          uint16     // UDP, TCP
	Src4, Src6    netip.Addr // that probes leave with
	TTL           ip.TTL     // 0: 64
	TOS           uint8
	Payload       []byte // behind what the sweep itself needs: a word about who asks, for one; not with TCP and Timestamp
	Repeat        int    // probes to each target; 0: 1
	Hops          int    // times to live from 1 on, each of which each target is asked with; 0: no trace

	Rate     int           // packets a second, exactly; 0: no limit, unless there is one of bits
	Bits     int64         // a second, in place of packets; 0: no limit
	Overhead int           // octets that the link adds to a datagram, for Bits
	Least    int           // octets that a datagram takes at least, with what the link adds; for Bits
	Wait     time.Duration // for replies after the last probe; 0: 2 s
	Position uint64        // where to begin: a [Sweep.Position]; 0: at the beginning
	Results  int           // kept until they are read, the oldest going first; 0: 65,536
}

func (c *Config) setDefaults() {
	if c.Shards == 0 {
		c.Shards = 1
	}
	if c.TTL == 0 {
		c.TTL = 64
	}
	if c.Repeat == 0 {
		c.Repeat = 1
	}
	if c.Wait == 0 {
		c.Wait = 2 * time.Second
	}
	if c.Results == 0 {
		c.Results = 1 << 16
	}
}

// each returns how many probes there are for a target: so few that those of the
// largest set can be put in order.
func (c *Config) each() uint64 { return uint64(max(c.Repeat, 1) * max(c.Hops, 1)) }

// numberBits is how many bits the number of a probe has beside a tag.
const numberBits = 32

// Tag returns what is in the four octets behind the first eight of the data of all
// echo requests of a sweep, and of the replies: nobody foresees it. 0: there is
// none, since there are too many probes.
func (c *Config) Tag() uint32 {
	if c.Kind != Echo || c.Targets == nil || c.Targets.Len()*c.each() > 1<<numberBits {
		return 0
	}
	return uint32(siphash.Derive(c.Seed).Sum3(0, 0, forTag)) | 1
}

func (c *Config) check() error {
	switch {
	case c.Targets == nil || c.Targets.Len() == 0:
		return bad("Targets", "at least one address")
	case c.Shard >= c.Shards:
		return bad("Shard", "less than Shards")
	case c.Kind >= numKinds:
		return bad("Kind", "a kind")
	case c.Rate < 0 || c.Rate > MaxRate:
		return bad("Rate", "0 to 100,000,000")
	case c.Bits < 0 || c.Bits > MaxRate*8*maxDatagram:
		return bad("Bits", "0 to what MaxRate packets have")
	case c.Rate > 0 && c.Bits > 0:
		return bad("Bits", "0 beside a Rate")
	case c.Overhead < 0 || c.Overhead > maxDatagram:
		return bad("Overhead", "0 to 65,535")
	case c.Least < 0 || c.Least > maxDatagram:
		return bad("Least", "0 to 65,535")
	case len(c.Payload) > MaxPayload:
		return bad("Payload", "at most 1,400 octets")
	case len(c.Payload) > 0 && (c.Kind == TCP || c.Kind == Timestamp):
		return bad("Payload", "nothing with this kind")
	case c.Repeat < 0 || c.Repeat > MaxRepeat:
		return bad("Repeat", "1 to 16")
	case c.Hops < 0 || c.Hops > MaxHops:
		return bad("Hops", "at most 63")
	case c.Hops > 0 && (c.Kind != Echo || c.Repeat > 1):
		return bad("Hops", "0, unless each target is asked once by echo")
	case c.Wait < 0 || c.Wait > time.Hour:
		return bad("Wait", "at most an hour")
	case c.Results < 0:
		return bad("Results", "at least 1")
	}
	return c.checkFamilies()
}

func bad(field, want string) error {
	return &wire.FieldError{Type: "sweep.Config", Field: field, Want: want}
}

const maxDatagram = 65535 // octets

func (c *Config) checkFamilies() error {
	rs := c.Targets.Ranges()
	four, six := rs[0].First.Is4(), rs[len(rs)-1].First.Is6()
	switch {
	case four && !c.Src4.Is4():
		return bad("Src4", "an IPv4 address")
	case six && (!c.Src6.Is6() || c.Src6.Is4In6() || c.Src6.Zone() != ""):
		return bad("Src6", "an IPv6 address without a zone")
	case six && c.Kind == Timestamp:
		return bad("Kind", "one that IPv6 has")
	}
	return nil
}
