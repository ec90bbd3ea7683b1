package mtu

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// What a zero Config stands for.
const (
	DefaultTries   = 3
	DefaultTimeout = time.Second
	DefaultLimit   = 256
	DefaultTTL     = 64
	DefaultPort    = 33434 // of traceroute: nobody listens there
)

// Least is how many octets the datagrams have that show whether the target
// answers at all.
const Least = 100

// Config is what to find the path MTU of. Its zero value works, but for the
// addresses.
type Config struct {
	First    int // the number of its one target at the prober
	Src, Dst netip.Addr

	// Kinds are what to ask with, Echo or UDP: the first that is answered. Nil:
	// both, in that order.
	Kinds   []probe.Kind
	DstPort uint16 // of UDP; 0: 33434
	TOS     uint8  // traffic class in IPv6
	TTL     ip.TTL // 0: 64
	// Max is the largest datagram to try, in octets with its IP header: the MTU of
	// the link, where it is known. 0: 65,535, of which the system will not send
	// more than the link takes.
	Max     int
	Tries   int           // losses that make silence; 0: 3
	Timeout time.Duration // of the first probe; later ones go by the round-trip time seen. 0: a second
	Limit   int           // probes at most; 0: 256
}

// check fills in what is zero.
func (c *Config) check() error {
	if c.Kinds == nil {
		c.Kinds = []probe.Kind{probe.Echo, probe.UDP}
	}
	if c.DstPort == 0 {
		c.DstPort = DefaultPort
	}
	if c.TTL == 0 {
		c.TTL = DefaultTTL
	}
	if c.Max == 0 {
		c.Max = ip.MaxLen
	}
	if c.Tries == 0 {
		c.Tries = DefaultTries
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Limit == 0 {
		c.Limit = DefaultLimit
	}
	wrong := func(field, want string) error {
		return &wire.FieldError{Type: "mtu.Config", Field: field, Want: want}
	}
	switch {
	case c.First < 0:
		return wrong("First", "no less than 0")
	case !c.Dst.IsValid():
		return wrong("Dst", "an IPv4 or IPv6 address")
	case !c.Src.IsValid() || c.Src.Is4() != c.Dst.Is4():
		return wrong("Src", "an address of the same family as Dst")
	case len(c.Kinds) == 0:
		return wrong("Kinds", "echo or UDP")
	case c.Max < Least || c.Max > ip.MaxLen:
		return wrong("Max", "from 100 to 65535 octets")
	case c.Tries < 1 || c.Tries > 10:
		return wrong("Tries", "from 1 to 10")
	case c.Timeout < 0 || c.Timeout > time.Minute:
		return wrong("Timeout", "at most a minute")
	case c.Limit < 1:
		return wrong("Limit", "at least 1")
	}
	for _, k := range c.Kinds {
		if k != probe.Echo && k != probe.UDP {
			return wrong("Kinds", "echo or UDP")
		}
	}
	return nil
}
