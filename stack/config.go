package stack

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/stack/address"
	"github.com/sonde-net/sonde/stack/clock"
	"github.com/sonde-net/sonde/stack/discovery"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/ip"
)

// Config is what a node is. Its zero value with one interface is a host that
// follows the rules of today: no forwarding, redirects ignored, echo answered
// except to broadcasts, errors limited, nothing deprecated.
type Config struct {
	Interfaces []Interface
	// Routes beside the connected networks, which need none.
	Routes []route.Route
	// Upper is the transport above the node; nil: no protocol but ICMP.
	Upper Upper

	Forward bool   // gateway: forward what is for others
	Seed    uint64 // of everything random; the same seed and input give the same output
	TTL     ip.TTL // of what originates here; 0: 64
	Events  int    // how many events are kept until read, the oldest going first; 0: none

	Redirects  RedirectPolicy // what a host does when told of a better gateway (H-07)
	Limit      limit.Config   // of errors and echo replies (E-12)
	Reassembly reassembly.Config
	PMTU       pmtu.Config

	// ErrorLimit and ErrorQuote shape the quote in errors; see [report.Origin].
	ErrorLimit, ErrorQuote int
	// InterfaceInfo adds the RFC 5837 object about the incoming interface to
	// errors (G-12). Labels of an interface are added in any case.
	InterfaceInfo bool

	Clock           clock.Clock // what timestamp replies tell
	NoEcho          bool        // do not answer echo requests
	NoTimestamp     bool        // do not answer timestamp requests (H-12)
	AnswerBroadcast bool        // answer echo and timestamp to broadcast and multicast (H-02)
	Probe           bool        // answer extended echo about interfaces with Probe set (H-18)
	SourceRouting   bool        // follow source routes (E-15)
	NoRedirects     bool        // a gateway that does not send redirects (G-05)
	PerPacket       bool        // choose among equal-cost next hops packet by packet, not by flow (G-11)
	AcceptOwnSource bool        // take datagrams whose source is an address of this node
	UnreachableHost bool        // report a missing route as 3/1, as one of the source documents shows it (G-02)
	NoTTLDecrement  bool        // hide from traceroute, as the inside of an MPLS tunnel in pipe mode does
	Mute            bool        // send no errors: the silent hop of traceroutes
	QuenchReceived  bool        // LEGACY: hand received source quench to the transport (H-09)
	Information     bool        // LEGACY: answer information requests (H-14)
	Filter          Filter
	SolicitRouters  bool // host: on start, ask for routers (RFC 1256)
}

// Interface is one attachment to a network.
type Interface struct {
	Name string
	// Addrs are this node's addresses here, each with the length of its
	// network's prefix. The first of a family is the primary one.
	Addrs []netip.Prefix
	// MTU is the largest datagram the link takes, in octets; 0: 1500. At least
	// 68 (RFC 791), and 1280 where an address is IPv6 (RFC 8200 §5).
	MTU int
	// Rate is how many bits a second leave through the interface; 0: all that
	// are polled. Queue is how many octets wait for it; 0: 256 KiB.
	Rate  int64
	Queue int

	// QuenchAt is LEGACY: above so many queued octets the node sends source
	// quench for each datagram that it queues for someone else (G-06); 0: never.
	QuenchAt int
	// Mask is LEGACY: answer address mask requests with this network's mask
	// (H-13).
	Mask bool
	// Advertise makes a gateway announce itself here (G-09).
	Advertise discovery.Advertise
	// NAT translates addresses here, between the networks behind this interface
	// and those behind the others of a gateway (G-13); nil: none.
	NAT Translator
	// Labels is the MPLS label stack under which datagrams arrive here; errors
	// about them carry it (RFC 4950).
	Labels []Label
	// Probe lets extended echo ask about this interface (H-18).
	Probe bool
	// Down: nothing is sent or received here.
	Down bool
	// BlackHole drops what is too big for the MTU and must not be fragmented, and
	// says nothing.
	BlackHole bool
	// DirectedBroadcast lets directed broadcasts out of here (G-10).
	DirectedBroadcast bool
	// MinPrecedence is the least IP precedence, 0 to 7, that may leave here;
	// less is refused with 3/15 (RFC 1812 §5.3.3.3).
	MinPrecedence uint8
}

// Label is an entry of an MPLS label stack, without its time to live, which is
// 1 when a datagram's time runs out.
type Label struct {
	Value uint32 // 20 bits
	TC    uint8  // 3 bits
}

// RedirectPolicy is what a host does with redirects.
type RedirectPolicy uint8

// The policies.
const (
	RedirectIgnore    RedirectPolicy = iota // counted and dropped
	RedirectSecure                          // believed after the checks of RFC 1122 §3.2.2.2 and RFC 5927
	RedirectUnchecked                       // believed as it comes: for the laboratory
)

// Filter judges datagrams that are to be forwarded. It says nil for those that
// pass.
type Filter interface {
	Judge(f *Forwarding) Verdict
}

// Forwarding is a datagram on its way through a gateway, as a filter sees it.
// It is lent for the call.
type Forwarding struct {
	In, Out  int // interfaces
	Src, Dst netip.Addr
	Proto    ip.Proto
	TOS      uint8
	First    bool   // Payload begins with the upper-layer header
	Payload  []byte // behind the IP header
}

// Verdict is what a filter says: pass, drop in silence, or reject with a cause.
type Verdict struct {
	Drop  bool
	Cause report.Cause // with Drop: what is said about it; 0: nothing
}

// fault says which field of a Config is wrong.
func fault(field, format string, args ...any) error {
	return fmt.Errorf("stack: config: "+field+": "+format, args...)
}

// The least MTU of each family, in octets.
const (
	minMTU4    = 68
	minMTU6    = 1280
	defaultMTU = 1500
	maxMTU     = 65535
)

func (c *Config) check() error {
	if len(c.Interfaces) == 0 {
		return fault("Interfaces", "a node needs at least one")
	}
	owner := map[netip.Addr]string{}
	for i := range c.Interfaces {
		f := &c.Interfaces[i]
		field := fmt.Sprintf("Interfaces[%d]", i)
		if f.MTU == 0 {
			f.MTU = defaultMTU
		}
		least := minMTU4
		for j, a := range f.Addrs {
			at := fmt.Sprintf("%s.Addrs[%d]", field, j)
			switch addr := a.Addr(); {
			case !a.IsValid():
				return fault(at, "not an address with a prefix length")
			case addr.Is4In6() || addr.Zone() != "" || addr.IsMulticast() || addr.IsUnspecified() || addr == address.AllOnes4:
				return fault(at, "%v is no unicast address of one family", addr)
			case addr.Is4() && a.Bits() <= 30 && (addr == a.Masked().Addr() || addr == address.Last4(a)):
				return fault(at, "%v is a broadcast address of %v", addr, a.Masked())
			case owner[addr] != "":
				return fault(at, "%v is already that of %s", addr, owner[addr])
			default:
				owner[addr] = field
				if addr.Is6() {
					least = minMTU6
				}
			}
		}
		switch {
		case f.MTU < least || f.MTU > maxMTU:
			return fault(field+".MTU", "%d is not between %d and %d", f.MTU, least, maxMTU)
		case f.Rate < 0:
			return fault(field+".Rate", "%d is negative", f.Rate)
		case f.Queue < 0:
			return fault(field+".Queue", "%d is negative", f.Queue)
		case f.QuenchAt < 0:
			return fault(field+".QuenchAt", "%d is negative", f.QuenchAt)
		case f.MinPrecedence > 7:
			return fault(field+".MinPrecedence", "%d is over 7", f.MinPrecedence)
		}
		for j, l := range f.Labels {
			if l.Value >= 1<<20 || l.TC > 7 {
				return fault(fmt.Sprintf("%s.Labels[%d]", field, j), "label %d or traffic class %d is out of range", l.Value, l.TC)
			}
		}
		if err := f.Advertise.Fill(); err != nil {
			return fault(field+".Advertise", "%w", err)
		}
	}
	for i, r := range c.Routes {
		for _, h := range r.Hops {
			if h.Iface < 0 || h.Iface >= len(c.Interfaces) {
				return fault(fmt.Sprintf("Routes[%d]", i), "there is no interface %d", h.Iface)
			}
		}
	}
	switch {
	case c.Events < 0:
		return fault("Events", "%d is negative", c.Events)
	case c.ErrorLimit < 0 || c.ErrorLimit > maxMTU:
		return fault("ErrorLimit", "%d is not between 0 and %d", c.ErrorLimit, maxMTU)
	case c.ErrorQuote < 0:
		return fault("ErrorQuote", "%d is negative", c.ErrorQuote)
	}
	if c.TTL == 0 {
		c.TTL = 64
	}
	return nil
}
