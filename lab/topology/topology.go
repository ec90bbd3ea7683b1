package topology

import (
	"net/netip"
	"time"
)

// Topology is what a file says. What a file leaves out is zero.
type Topology struct {
	Name    string `yaml:"name"`    // one word
	Title   string `yaml:"title"`   // one line
	Teaches string `yaml:"teaches"` // a few lines: what there is to be learnt
	Try     string `yaml:"try"`     // a few lines: what to type
	// The same in French, for those who ask for it ([Topology.In]); "": as above.
	TitleFR   string `yaml:"title_fr"`
	TeachesFR string `yaml:"teaches_fr"`
	TryFR     string `yaml:"try_fr"`

	Start time.Time `yaml:"start"` // when the virtual clock begins; zero: the noon that begins 2026
	Seed  uint64    `yaml:"seed"`  // of everything random
	Links []Link    `yaml:"links" key:"Name"`
	Nodes []Node    `yaml:"nodes" key:"Name"`
	Names []Named   `yaml:"names" key:"Prefix"`
	Steps []Step    `yaml:"steps"`
}

// Link is a wire, or a segment that more than two share.
type Link struct {
	Name    string
	Path    `yaml:",inline"`
	Rate    BitRate       `yaml:"rate"`                        // of each node that sends here; 0: without end
	Queue   Octets        `yaml:"queue"`                       // waiting at each node to be sent; 0: 256 KiB
	MTU     int           `yaml:"mtu" min:"68" max:"65535"`    // octets; more is lost; 0: 1500
	Resolve time.Duration `yaml:"resolve" min:"1ns" max:"60s"` // how long an unknown neighbour is asked for; 0: 1 s
	Down    bool          `yaml:"down"`                        // cut at first
	Cuts    []Cut         `yaml:"cuts"`                        // when it goes down and comes up, in their order
	// Outside are addresses here of those that are not in the file: the machine's
	// own kernel, a prober.
	Outside []netip.Prefix `yaml:"outside" form:"host"`
}

// Cut is a time in which a link is down, counted from the start.
type Cut struct {
	From  time.Duration `yaml:"from" max:"24h"`
	To    time.Duration `yaml:"to" min:"1ns" max:"24h"`     // 0: for good
	Every time.Duration `yaml:"every" min:"10ms" max:"24h"` // it comes again, so long after the beginning of the one before; 0: once
}

// Path is what happens to a datagram on its way over a link in one direction.
type Path struct {
	Delay     time.Duration `yaml:"delay" max:"1h"`              // 0: a microsecond
	Jitter    time.Duration `yaml:"jitter" max:"1h"`             // added at random
	Spread    string        `yaml:"spread" one:"uniform,normal"` // of the jitter: up to it, or with it as standard deviation; "": uniform
	Loss      Share         `yaml:"loss"`                        // of datagrams that vanish
	Duplicate Share         `yaml:"duplicate"`                   // … that arrive twice
	Reorder   Share         `yaml:"reorder"`                     // … that are held back and overtaken
	Gap       time.Duration `yaml:"gap" max:"1h"`                // how long they are held back; 0: 10 ms
	Corrupt   Share         `yaml:"corrupt"`                     // … that arrive with one bit flipped
}

// Node is a host or a gateway.
type Node struct {
	Name       string
	Kind       string      `yaml:"kind" one:"host,gateway"` // "": host
	Interfaces []Interface `yaml:"interfaces"`
	Routes     []Route     `yaml:"routes"`
	Listen     []Listen    `yaml:"listen"` // ports with somebody behind them
	Manners    `yaml:",inline"`
}

// Gateway reports whether the node forwards.
func (n *Node) Gateway() bool { return n.Kind == "gateway" }

// Interface attaches a node to a link.
type Interface struct {
	Link      string         `yaml:"link"`
	Name      string         `yaml:"name"` // "": eth0, eth1, … in their order
	Address   netip.Prefix   `yaml:"address" form:"host"`
	Address6  netip.Prefix   `yaml:"address6" form:"host"`
	More      []netip.Prefix `yaml:"more" form:"host"`         // further addresses
	MTU       int            `yaml:"mtu" min:"68" max:"65535"` // octets; 0: the link's
	Rate      BitRate        `yaml:"rate"`                     // 0: the link's
	Queue     Octets         `yaml:"queue"`                    // 0: the link's
	Transmit  *Path          `yaml:"transmit"`                 // instead of the link's, for what leaves here
	Down      bool           `yaml:"down"`
	BlackHole bool           `yaml:"black_hole"` // drop what is too big, and say nothing

	Labels            []Label   `yaml:"labels"`             // MPLS stack under which datagrams arrive here
	Probe             bool      `yaml:"probe"`              // extended echo may ask about it
	DirectedBroadcast bool      `yaml:"directed_broadcast"` // may leave here
	MinPrecedence     uint8     `yaml:"min_precedence" max:"7"`
	QuenchAt          Octets    `yaml:"quench_at"` // LEGACY: source quench above so many queued octets
	Mask              bool      `yaml:"mask"`      // LEGACY: answer address mask requests
	Advertise         Advertise `yaml:"advertise"` // router advertisements
	NAT               *NAT      `yaml:"nat"`       // translate what leaves here

	// Detect is how long the node takes to find out that a link, or a neighbour
	// that a route leads to, is down, and Restore that it is up again. Without
	// Detect it finds out at once where it has a choice of routes, else never;
	// nil Restore: as Detect.
	Detect  *time.Duration `yaml:"detect" max:"1h"`
	Restore *time.Duration `yaml:"restore" max:"1h"`
}

// Addrs returns all addresses of the interface, the primary one of each family
// first.
func (f *Interface) Addrs() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range append([]netip.Prefix{f.Address, f.Address6}, f.More...) {
		if p.IsValid() {
			out = append(out, p)
		}
	}
	return out
}

// Label is an entry of an MPLS label stack.
type Label struct {
	Value uint32 `yaml:"value" max:"1048575"`
	TC    uint8  `yaml:"tc" max:"7"`
}

// Advertise is how a gateway announces itself (RFC 1256).
type Advertise struct {
	On         bool          `yaml:"on"`
	Max        time.Duration `yaml:"max" min:"4s" max:"30m"`
	Min        time.Duration `yaml:"min" min:"3s" max:"30m"`
	Lifetime   time.Duration `yaml:"lifetime" min:"4s" max:"150m"`
	Preference int32         `yaml:"preference"`
}

// NAT translates what leaves through the interface to its IPv4 address.
type NAT struct {
	Inside   []netip.Prefix `yaml:"inside"`                  // whose addresses; none: all
	Mappings int            `yaml:"mappings" max:"32768"`    // 0: 4,096
	UDP      time.Duration  `yaml:"udp" max:"24h"`           // how long a mapping lasts; 0: 5 minutes
	ICMP     time.Duration  `yaml:"icmp" max:"24h"`          // … of a query; 0: a minute
	Quotes   string         `yaml:"quotes" one:"mend,leave"` // what errors quote: put back, or left as it is; "": mend
}

// Route says where datagrams for a prefix go.
type Route struct {
	To     netip.Prefix `yaml:"to" form:"default"` // or "default": all of IPv4; "default6": all of IPv6
	Via    []netip.Addr `yaml:"via"`               // gateways; one that stands twice gets two shares
	Dev    string       `yaml:"dev"`               // without via: the interface whose link the prefix is on
	Choice string       `yaml:"choice" one:"flow,pair,packet"`
	TOS    uint8        `yaml:"tos" max:"28"`       // bits 0x1c; 0: any
	Metric int          `yaml:"metric" max:"65535"` // of several routes the least is taken whose way is not down
}

// Listen is a port that somebody listens on, of UDP or of the stub of TCP.
type Listen struct {
	UDP    uint16  `yaml:"udp" min:"1"`
	Answer string  `yaml:"answer" one:"none,echo"` // with udp; "": none
	TCP    uint16  `yaml:"tcp" min:"1"`
	Rate   BitRate `yaml:"rate"` // with tcp: of data sent on each connection; 0: none
}

// Named is who an address belongs to: its name, as reverse DNS has it, and its
// owner. Of a longer prefix it is the owner alone.
type Named struct {
	Prefix netip.Prefix
	Name   string `yaml:"name"`
	Owner  string `yaml:"owner"`
}
