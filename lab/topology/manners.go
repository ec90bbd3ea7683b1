package topology

import (
	"net/netip"
	"time"
)

// Manners are how a node departs from what the rules of today ask of it by
// default. See docs/topology.md.
type Manners struct {
	TTL        uint8    `yaml:"ttl" min:"1"`                             // of what originates here; 0: 64
	Silent     bool     `yaml:"silent"`                                  // sends no errors
	Echo       *bool    `yaml:"echo"`                                    // answers echo requests; nil: yes
	Timestamp  *bool    `yaml:"timestamp"`                               // answers timestamp requests; nil: yes
	Broadcast  bool     `yaml:"answer_broadcast"`                        // … to broadcast and multicast too
	Probe      bool     `yaml:"probe"`                                   // answers extended echo
	Hidden     bool     `yaml:"hidden"`                                  // leaves time to live alone, as an MPLS tunnel in pipe mode
	NoRoute    string   `yaml:"no_route" one:"net,host"`                 // how a missing route is reported; "": net
	Redirects  string   `yaml:"redirects" one:"ignore,secure,unchecked"` // what a host does about them; "": ignore
	Redirect   *bool    `yaml:"send_redirects"`                          // a gateway sends them; nil: yes
	SourceRt   bool     `yaml:"source_routing"`                          // follows source routes
	OwnSource  bool     `yaml:"accept_own_source"`                       // takes datagrams from its own address
	Credulous  bool     `yaml:"credulous"`                               // believes errors about what it has never sent (RFC 5927 switched off)
	Solicit    bool     `yaml:"solicit_routers"`                         // a host asks for routers
	Quench     bool     `yaml:"source_quench"`                           // LEGACY: a host obeys source quench
	Info       bool     `yaml:"information"`                             // LEGACY: answers information requests
	IfaceInfo  bool     `yaml:"interface_info"`                          // errors tell the incoming interface (RFC 5837)
	Quote      int      `yaml:"quote" min:"8" max:"65535"`               // octets quoted behind the header; 0: what fits
	ErrorLimit int      `yaml:"error_limit" min:"68" max:"65535"`        // length of an error in octets; 0: 576, 1280
	Clock      Clock    `yaml:"clock"`
	Limit      Limit    `yaml:"limit"`
	Reassembly Assembly `yaml:"reassembly"`
	PMTU       PMTU     `yaml:"pmtu"`
	Filter     []Rule   `yaml:"filter"` // of what is forwarded; the first that fits decides

	// ICMPDelay is how long the node takes to make each reply and error; several
	// are taken in turn. ICMPJitter is added at random.
	ICMPDelay  []time.Duration `yaml:"icmp_delay" max:"1h"`
	ICMPJitter time.Duration   `yaml:"icmp_jitter" max:"1h"`
}

// Clock is the time of day that timestamp replies tell.
type Clock struct {
	Offset  time.Duration `yaml:"offset" min:"-8760h" max:"8760h"`
	Drift   float64       `yaml:"drift" min:"-1" max:"1"` // gained per unit of time
	Unit    string        `yaml:"unit" one:"milliseconds,nonstandard,seconds"`
	Swapped bool          `yaml:"swapped"`
}

// Limit is how many errors and replies a node sends.
type Limit struct {
	Off     bool `yaml:"off"`     // no limit at all
	Each    Rate `yaml:"each"`    // errors to one destination; zero: 10/s, 10 at once
	All     Rate `yaml:"all"`     // all errors; zero: 1000/s, 50 at once
	Replies Rate `yaml:"replies"` // replies to one destination; zero: no limit
}

// Rate is one each Every, and Burst at once.
type Rate struct {
	Every time.Duration `yaml:"every" max:"1h"`
	Burst int           `yaml:"burst" max:"10000"`
}

// Assembly is how a node puts fragments together.
type Assembly struct {
	Timeout time.Duration `yaml:"timeout" max:"1h"`
	Memory  Octets        `yaml:"memory" min:"262144" max:"67108864"`
}

// PMTU is how a node remembers path MTUs.
type PMTU struct {
	Floor int           `yaml:"floor" min:"68" max:"1500"`
	Age   time.Duration `yaml:"age" max:"24h"`
}

// Rule is one of a filter. What it leaves out fits everything.
type Rule struct {
	In     string       `yaml:"in"` // interface names
	Out    string       `yaml:"out"`
	From   netip.Prefix `yaml:"from"`
	To     netip.Prefix `yaml:"to"`
	Proto  string       `yaml:"proto" one:"icmp,icmp6,tcp,udp"`
	Port   uint16       `yaml:"port" min:"1"` // destination of TCP and UDP
	ICMP   *Kind        `yaml:"icmp"`
	Action string       `yaml:"action" one:"accept,drop,reject"`
	With   *Kind        `yaml:"with"` // of reject: type and code; nil: 3/13
}
