// Package policy is the file that says in a few lines what a firewall is to do
// about ICMP: the role of the machine, and what is to be different there.
//
//	role: gateway
//	outside: [eth0]
//	limits: {echo: 50/s burst 100}
//	exceptions:
//	  - {allow: through, icmp: timestamp-request, from: 192.0.2.7, why: our clock monitor}
//
// The file is read strictly: each [Error] has its line and column and says what
// was expected, and all of them are told at once. Anchors, aliases and tags are
// refused. docs/guard.md describes every key.
package policy

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/internal/yamlfile"
)

// Role is what a machine is in its network.
type Role string

// The roles.
const (
	// Host is a machine that asks others: what comes in has to belong to one of
	// its own conversations, but for echo requests.
	Host Role = "host"
	// Server answers many: it tracks no conversations, so that a flood cannot
	// fill the table of them, and limits instead.
	Server Role = "public-server"
	// Gateway forwards between networks that both are to work.
	Gateway Role = "gateway"
	// Closed forwards for a network that is not to be seen from outside: what
	// comes in has to belong to a conversation begun inside.
	Closed Role = "closed-network"
)

// Roles are all roles.
var Roles = []Role{Host, Server, Gateway, Closed}

// Forwards reports whether the machine forwards.
func (r Role) Forwards() bool { return r == Gateway || r == Closed }

// Limit is how many packets may pass; the zero Limit lets all of them pass.
type Limit struct {
	Packets int
	Per     time.Duration // a second, or a minute
	Burst   int           // at once
}

// Zero reports whether there is no limit.
func (l Limit) Zero() bool { return l.Packets == 0 }

// String returns "10/s burst 20", or "none".
func (l Limit) String() string {
	if l.Zero() {
		return "none"
	}
	return fmt.Sprintf("%d/%s burst %d", l.Packets, map[time.Duration]string{time.Second: "s", time.Minute: "min"}[l.Per], l.Burst)
}

// Where is a way of a packet.
type Where string

// The ways.
const (
	In      Where = "in"      // to the machine itself
	Through Where = "through" // forwarded
	Out     Where = "out"     // from the machine itself
)

// Exception is what is to be different from what the role says.
type Exception struct {
	Allow     bool
	Where     []Where
	Kinds     []kind.Set
	From, To  []netip.Prefix // none: everyone
	Interface string         // where it comes in; of those that go out, where they leave
	Limit     Limit
	Why       string
	Line      int
}

// Service is a port that others may begin a conversation with.
type Service struct {
	Proto string // tcp, udp
	Port  uint16
}

// String returns "tcp/22".
func (s Service) String() string { return s.Proto + "/" + strconv.Itoa(int(s.Port)) }

// Policy is what a file says, what it leaves out filled in.
type Policy struct {
	File       string
	Role       Role
	Outside    []string // interfaces; of those that forward
	Echo       Limit    // on echo requests to the machine itself
	Errors     Limit    // on errors to the machine itself, but those that path MTU discovery needs
	Exceptions []Exception
	// Close drops all else that nobody inside has asked for, but the services;
	// otherwise the rules are about ICMP alone.
	Close    bool
	Services []Service
}

// defaults are the limits of each role.
var defaults = map[Role]struct{ echo, errors Limit }{
	Host:    {Limit{10, time.Second, 20}, Limit{100, time.Second, 200}},
	Server:  {Limit{100, time.Second, 200}, Limit{1000, time.Second, 1000}},
	Gateway: {Limit{50, time.Second, 100}, Limit{500, time.Second, 500}},
	Closed:  {Limit{50, time.Second, 100}, Limit{100, time.Second, 200}},
}

// Load reads a file. The error is that of reading it, or that of [Parse].
func Load(file string) (*Policy, error) {
	b, err := yamlfile.Load(file, maxSize)
	if err != nil {
		return nil, err
	}
	return Parse(file, b)
}

// Error is one thing that is wrong in a file: File, Line and Col, which count from
// 1, and What was expected there.
type Error = yamlfile.Error

// Errors is everything that is wrong in a file, each an *[Error], in its order; 20
// at most.
type Errors = yamlfile.Errors
