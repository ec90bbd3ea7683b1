package topology

import (
	"net/netip"
	"time"
)

// Step is one thing that happens in a run. One field besides At
// and SayFR is set.
type Step struct {
	// At is when, from the start of the run; nil: when the step before is done.
	At *time.Duration `yaml:"at" max:"24h"`

	Say   string        `yaml:"say"`            // narrate
	SayFR string        `yaml:"say_fr"`         // the same in French; "": as Say
	Wait  time.Duration `yaml:"wait" max:"24h"` // let time pass
	Ping  *Ping         `yaml:"ping"`
	Query *Query        `yaml:"query"`
	Trace *Trace        `yaml:"trace"`
	Send  *Send         `yaml:"send"`
	Forge *Forge        `yaml:"forge"`
	TCP   *TCP          `yaml:"tcp"`
	Down  *Switch       `yaml:"down"`
	Up    *Switch       `yaml:"up"`
	Show  *Show         `yaml:"show"`
}

// Kind names the field that is set, as the file does; "": none.
func (s *Step) Kind() string {
	kinds := s.kinds()
	if len(kinds) != 1 {
		return ""
	}
	return kinds[0]
}

func (s *Step) kinds() []string {
	var out []string
	for _, k := range []struct {
		name string
		set  bool
	}{
		{"say", s.Say != ""},
		{"wait", s.Wait != 0},
		{"ping", s.Ping != nil},
		{"query", s.Query != nil},
		{"trace", s.Trace != nil},
		{"send", s.Send != nil},
		{"forge", s.Forge != nil},
		{"tcp", s.TCP != nil},
		{"down", s.Down != nil},
		{"up", s.Up != nil},
		{"show", s.Show != nil},
	} {
		if k.set {
			out = append(out, k.name)
		}
	}
	return out
}

// Target is an address, or the name of a node, which stands for its first
// address.
type Target string

// Series is how often something is sent.
type Series struct {
	Count    int           `yaml:"count" min:"1" max:"100000"` // 0: 1
	Interval time.Duration `yaml:"interval" max:"1h"`          // between one and the next; 0: 1 s
}

// Header is what may be said about the IP header of what is sent.
type Header struct {
	Source netip.Addr `yaml:"source"` // the zero Addr: the node chooses
	TTL    uint8      `yaml:"ttl"`    // 0: the node's
	TOS    uint8      `yaml:"tos"`
	DF     bool       `yaml:"df"` // do not fragment
	Option string     `yaml:"option" one:"record-route,timestamp,timestamp-address"`
	Route  []Target   `yaml:"route"`  // source route: the stops before the destination
	Strict bool       `yaml:"strict"` // … which is a strict one
}

// Ping sends echo requests.
type Ping struct {
	From    string        `yaml:"from"`
	To      Target        `yaml:"to"`
	Size    int           `yaml:"size" max:"65507"` // octets of data; 0: 56
	Timeout time.Duration `yaml:"timeout" max:"1h"` // for a reply; 0: 1 s
	Series  `yaml:",inline"`
	Header  `yaml:",inline"`
}

// Query asks with another ICMP query than echo.
type Query struct {
	From      string        `yaml:"from"`
	To        Target        `yaml:"to"`
	What      string        `yaml:"what" one:"timestamp,mask,information,router,probe"`
	Interface string        `yaml:"interface"` // of probe: name, index or address
	Local     bool          `yaml:"local"`     // of probe: the interface is the target's own
	Timeout   time.Duration `yaml:"timeout" max:"1h"`
	Series    `yaml:",inline"`
	Header    `yaml:",inline"`
}

// Trace finds the gateways on a path.
type Trace struct {
	From    string        `yaml:"from"`
	To      Target        `yaml:"to"`
	By      string        `yaml:"by" one:"udp,icmp,tcp"` // "": udp
	Port    uint16        `yaml:"port"`                  // 0: 33434, with tcp 80
	Flow    string        `yaml:"flow" one:"same,vary"`  // of the probes; "": same
	Queries int           `yaml:"queries" max:"10"`      // for each hop; 0: 3
	First   uint8         `yaml:"first"`                 // TTL to begin with; 0: 1
	Max     uint8         `yaml:"max"`                   // TTL to end with; 0: 30
	Size    int           `yaml:"size" max:"65535"`      // of a probe with headers; 0: 60
	Timeout time.Duration `yaml:"timeout" max:"1h"`      // for an answer; 0: 5 s
	Source  netip.Addr    `yaml:"source"`
	TOS     uint8         `yaml:"tos"`
	DF      bool          `yaml:"df"`
}

// Send sends datagrams.
type Send struct {
	From     string `yaml:"from"`
	To       Target `yaml:"to"`
	UDP      uint16 `yaml:"udp"`              // destination port; 0: see Proto
	Port     uint16 `yaml:"port"`             // source port; 0: any
	Proto    uint8  `yaml:"proto"`            // with UDP 0: protocol number
	Size     int    `yaml:"size" max:"65535"` // of the datagram with headers, in octets; 0: as long as Data asks
	Data     string `yaml:"data"`
	Discover bool   `yaml:"discover"` // with df: send again in the size that an error tells
	Series   `yaml:",inline"`
	Header   `yaml:",inline"`
}

// Forge sends what nobody ought to: any ICMP message from any source, or any
// octets at all.
type Forge struct {
	From   string `yaml:"from"`   // the node that sends it
	Source Target `yaml:"source"` // whom it pretends to be; "": the node itself
	To     Target `yaml:"to"`
	TTL    uint8  `yaml:"ttl"`
	TOS    uint8  `yaml:"tos"`
	DF     bool   `yaml:"df"`

	ICMP     *Kind      `yaml:"icmp"`
	ID       uint16     `yaml:"id"`               // of queries
	Seq      uint16     `yaml:"seq"`              // of queries
	MTU      uint16     `yaml:"mtu"`              // of 3/4
	Gateway  netip.Addr `yaml:"gateway"`          // of redirect
	Pointer  uint8      `yaml:"pointer"`          // of parameter problem
	Lifetime uint16     `yaml:"lifetime"`         // of router advertisement, in seconds
	Quote    *Quoted    `yaml:"quote"`            // of errors
	Size     int        `yaml:"size" max:"65507"` // octets of data behind the message

	Fragment *Fragment `yaml:"fragment"` // send it as this fragment of a datagram
	Payload  Hex       `yaml:"payload"`  // instead of an ICMP message: what follows the IP header
	Proto    uint8     `yaml:"proto"`    // … and its protocol
	Options  Hex       `yaml:"options"`  // IPv4 options
	Datagram Hex       `yaml:"datagram"` // instead of all that: the whole datagram

	Series `yaml:",inline"`
}

// Quoted is the datagram that a forged error pretends to be about.
type Quoted struct {
	Source   Target `yaml:"source"`
	To       Target `yaml:"to"`
	Proto    string `yaml:"proto" one:"icmp,tcp,udp"` // "": udp
	FromPort uint16 `yaml:"from_port"`
	Port     uint16 `yaml:"port"`
	Seq      uint32 `yaml:"seq"`              // of TCP; of echo the sequence number
	ID       uint16 `yaml:"id"`               // of echo
	Size     int    `yaml:"size" max:"65535"` // total length that its header tells; 0: what is quoted
	TTL      uint8  `yaml:"ttl"`
	DF       bool   `yaml:"df"`
	Window   bool   `yaml:"window"` // of TCP: a sequence number inside the window of the connection, as one who sees it would take
}

// Fragment is where in a datagram a forged piece stands.
type Fragment struct {
	ID     uint16 `yaml:"id"`
	Offset int    `yaml:"offset" max:"65528"` // octets, a multiple of 8
	More   bool   `yaml:"more"`
}

// TCP opens a stub connection: one that has ports, sequence numbers and a
// window, for errors to be about. It sends as long as the run lasts.
type TCP struct {
	From string  `yaml:"from"`
	To   Target  `yaml:"to"`
	Port uint16  `yaml:"port" min:"1"` // of the peer, which has to listen there
	Rate BitRate `yaml:"rate"`         // of data that is sent; 0: none
}

// Switch names a link, or the interface of a node to it.
type Switch struct {
	Link string `yaml:"link"`
	Node string `yaml:"node"` // "": the link itself
}

// Show tells what a node knows.
type Show struct {
	Node string `yaml:"node"`
	What string `yaml:"what" one:"routes,redirects,pmtu,counters,tcp"`
	To   Target `yaml:"to"` // of routes, redirects and pmtu: about this destination
}
