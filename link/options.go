package link

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sonde-net/sonde/probe"
)

// Options are how sockets are opened. The zero Options work.
type Options struct {
	// Kinds are what is going to be asked; none: everything that can be. What
	// cannot be asked for lack of privileges is refused by Open when it is named
	// here, and otherwise when it is asked.
	Kinds []probe.Kind
	// IPv4 and IPv6 are the families that are needed; neither: both, as far as
	// the system has them.
	IPv4, IPv6 bool

	Interface string     // to send and receive by; "": as routes say
	Source    netip.Addr // that the sockets are bound to; the zero Addr: none
	Mark      uint32     // SO_MARK; 0: none
	DontRoute bool       // SO_DONTROUTE: only to neighbours
	Broadcast bool       // to broadcast addresses, too
	NoLoop    bool       // what is sent to a group does not come back
	Discover  Discover

	// Rate is how many probes a second are to be expected, for the receive buffer;
	// 0: a thousand.
	Rate       int
	Buffer     int // SO_RCVBUF in octets; 0: as the Rate needs
	SendBuffer int // SO_SNDBUF in octets; 0: as the system has it

	// NoSentStamps spares the kernel the stamps of what is sent: then the time
	// counts at which a probe was handed over. It costs some microseconds less.
	NoSentStamps bool
	// Slack is the least time between two waits that end: what is due meanwhile
	// leaves together, as late as that, and what arrives is looked at together. To
	// wake up costs more than to send, so that with many targets a slack of some
	// milliseconds saves most of the work. Where the kernel stamps arrivals,
	// round-trip times are none the worse. 0: each leaves when it is due.
	Slack time.Duration
	// SystemHeader leaves the IP header of ICMP probes to the system, which is
	// quicker to one neighbour, for a flood. The IP identification is the system's
	// then: [probe.Config.IPID] has to be false.
	SystemHeader bool
	// Device asks for the stamps of the network interface, which has to be told by
	// others to take them.
	Device bool
	// Unprivileged does without privileges though there are some.
	Unprivileged bool

	// Overflow is told when the kernel has thrown arrivals away because the receive
	// buffer was full: how many since it was last told. It is called on the
	// goroutine that receives.
	Overflow func(n uint64)
}

// Discover is what to do about path MTU (IP_MTU_DISCOVER).
type Discover uint8

// The modes.
const (
	AsProbe     Discover = iota // don't fragment is as the probe says; what is known of the path is not regarded
	Want                        // fragmented here to what is known of the path, not on the way
	Dont                        // never don't fragment
	Do                          // never fragmented; what is longer than what is known of the path is not sent
	IgnoreKnown                 // never fragmented; what is known of the path is not regarded
)

// Needs reports whether one of the kinds is to be asked.
func (o *Options) Needs(kinds ...probe.Kind) bool {
	if len(o.Kinds) == 0 {
		return true
	}
	return slices.ContainsFunc(kinds, func(k probe.Kind) bool { return slices.Contains(o.Kinds, k) })
}

// Families returns which are to be opened, and whether each has to be.
func (o *Options) Families() (v4, v6, all bool) {
	if !o.IPv4 && !o.IPv6 {
		v4, v6 = true, true
	} else {
		v4, v6, all = o.IPv4, o.IPv6, true
	}
	if o.Source.IsValid() {
		v4, v6 = v4 && o.Source.Is4(), v6 && o.Source.Is6()
	}
	return v4, v6, all
}

const defaultRate = 1000

// ReceiveBuffer returns the size of the receive buffer: a quarter of a second at the
// rate, in the kernel's count of what a datagram takes.
func (o *Options) ReceiveBuffer() int {
	if o.Buffer > 0 {
		return o.Buffer
	}
	const each, least, most = 1024, 1 << 20, 64 << 20
	rate := o.Rate
	if rate <= 0 {
		rate = defaultRate
	}
	return min(max(rate/4*each, least), most)
}
