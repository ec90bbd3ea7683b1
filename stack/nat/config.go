package nat

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// What a zero [Config] stands for: the least that RFC 5382 REQ-5 and RFC 5508
// REQ-2 allow, and what RFC 4787 REQ-5 recommends.
const (
	DefaultMappings     = 4096
	DefaultUDP          = 5 * time.Minute
	DefaultTCP          = 2*time.Hour + 4*time.Minute
	DefaultTCPTransient = 4 * time.Minute
	DefaultICMP         = time.Minute
	DefaultFragments    = 256
	DefaultFragment     = 30 * time.Second
)

// The most that fits: half of the ports, so that a free one is found soon, if not
// among the 1,023 well-known ones.
const (
	maxMappings  = 1 << 15
	maxFragments = 1 << 16
)

// Config is what a [Translator] is made from. Outside has to be set.
type Config struct {
	// Outside is the public address, IPv4.
	Outside netip.Addr
	// Inside are the prefixes whose addresses are translated. What comes from
	// others passes unchanged. None: all but Outside.
	Inside []netip.Prefix
	// LeaveQuotes has errors keep what they quote as it is, where RFC 5508 §4 wants it
	// put back: as gateways do that look at the outer header alone.
	LeaveQuotes bool
	// Seed is that of the outside ports; secret, where strangers can reach the
	// gateway.
	Seed uint64

	Mappings int // at most; 0: 4,096; the limit is 32,768

	// How long a mapping lasts when nothing leaves by it.
	UDP          time.Duration // 0: 5 minutes
	TCP          time.Duration // of an established connection; 0: 2 hours 4 minutes
	TCPTransient time.Duration // of one that begins or ends; 0: 4 minutes
	ICMP         time.Duration // of a query; 0: a minute

	Fragments int           // datagrams in fragments that are remembered; 0: 256; the limit is 65,536
	Fragment  time.Duration // for how long; 0: 30 s
}

func (c *Config) fill() error {
	if !c.Outside.Is4() {
		return &wire.FieldError{Type: "nat.Config", Field: "Outside", Want: "an IPv4 address"}
	}
	for _, p := range c.Inside {
		if !p.IsValid() || !p.Addr().Is4() {
			return &wire.FieldError{Type: "nat.Config", Field: "Inside", Want: "IPv4 prefixes"}
		}
	}
	for _, f := range []struct {
		field      string
		value      *int
		def, limit int
	}{
		{"Mappings", &c.Mappings, DefaultMappings, maxMappings},
		{"Fragments", &c.Fragments, DefaultFragments, maxFragments},
	} {
		switch {
		case *f.value < 0:
			return &wire.FieldError{Type: "nat.Config", Field: f.field, Want: "no negative number"}
		case *f.value > f.limit:
			return &wire.FieldError{Type: "nat.Config", Field: f.field, Value: *f.value, Limit: f.limit}
		case *f.value == 0:
			*f.value = f.def
		}
	}
	for _, f := range []struct {
		field string
		value *time.Duration
		def   time.Duration
	}{
		{"UDP", &c.UDP, DefaultUDP},
		{"TCP", &c.TCP, DefaultTCP},
		{"TCPTransient", &c.TCPTransient, DefaultTCPTransient},
		{"ICMP", &c.ICMP, DefaultICMP},
		{"Fragment", &c.Fragment, DefaultFragment},
	} {
		switch {
		case *f.value < 0:
			return &wire.FieldError{Type: "nat.Config", Field: f.field, Want: "no negative duration"}
		case *f.value == 0:
			*f.value = f.def
		}
	}
	return nil
}
