package mtr

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// What a zero Config stands for.
const (
	DefaultMaxTTL   = 30
	DefaultInterval = time.Second
	DefaultWait     = 10 * time.Second
	DefaultGrace    = 5 * time.Second
	DefaultUnknown  = 5
	DefaultSize     = 36
	DefaultHistory  = 60
	DefaultPort     = 33434
	DefaultTCPPort  = 80
)

// The limits of a configuration.
const (
	MaxFlows   = 64
	MaxHistory = 10_000
)

// Config is what to watch. Src and Dst have to be there; all other zeros work.
type Config struct {
	First int // the number of the target at the prober

	Src, Dst netip.Addr
	Kind     probe.Kind // Echo, UDP, UDPLite or TCP
	Port     uint16     // destination, of UDP and TCP; 0: 33434, 80
	SrcPort  uint16     // of UDP and TCP; 0: the prober's own for each flow
	Flows    int        // that take turns; 0: 1

	FirstTTL ip.TTL        // 0: 1
	MaxTTL   ip.TTL        // 0: 30
	Unknown  int           // hops that are asked behind the last one that answers; 0: 5
	Interval time.Duration // of a round; 0: 1 s, at least 10 ms
	Rounds   int           // 0: without end
	Wait     time.Duration // for an answer; 0: 10 s
	Grace    time.Duration // after the last round, for what is still to come; 0: 5 s

	Size    int // octets of data; 0: 36
	TOS     uint8
	History int // the last times of a hop that are kept; 0: 60

	// Probes has every probe told of, and what came of it: [Asked], [Answered],
	// [Lost].
	Probes bool
}

// check returns the configuration with its defaults filled in, or what is wrong.
func (c Config) check() (Config, error) {
	c.Flows = cmp.Or(c.Flows, 1)
	c.FirstTTL = cmp.Or(c.FirstTTL, 1)
	c.MaxTTL = cmp.Or(c.MaxTTL, DefaultMaxTTL)
	c.Unknown = cmp.Or(c.Unknown, DefaultUnknown)
	c.Interval = cmp.Or(c.Interval, DefaultInterval)
	c.Wait = cmp.Or(c.Wait, DefaultWait)
	c.Grace = cmp.Or(c.Grace, DefaultGrace)
	c.Size = cmp.Or(c.Size, DefaultSize)
	c.History = cmp.Or(c.History, DefaultHistory)
	if c.Kind == probe.TCP {
		c.Port = cmp.Or(c.Port, DefaultTCPPort)
		c.Size = 0
	}
	c.Port = cmp.Or(c.Port, DefaultPort)
	wrong := func(field, want string) (Config, error) {
		return c, &wire.FieldError{Type: "mtr.Config", Field: field, Want: want}
	}
	switch {
	case c.Kind != probe.Echo && c.Kind != probe.UDP && c.Kind != probe.UDPLite && c.Kind != probe.TCP:
		return wrong("Kind", "Echo, UDP, UDPLite or TCP")
	case c.Flows < 0 || c.Flows > MaxFlows:
		return wrong("Flows", "1 to 64")
	case c.Flows > 1 && c.SrcPort != 0:
		return wrong("SrcPort", "0 with more flows than one")
	case c.FirstTTL > c.MaxTTL:
		return wrong("FirstTTL", "at most MaxTTL")
	case c.Unknown < 0:
		return wrong("Unknown", "at least 1")
	case c.Interval < 10*time.Millisecond || c.Interval > time.Hour:
		return wrong("Interval", "10 ms to an hour")
	case c.Rounds < 0:
		return wrong("Rounds", "at least 1")
	case c.Grace < 0 || c.Grace > time.Hour:
		return wrong("Grace", "at most an hour")
	case c.Kind != probe.TCP && c.Size < 10:
		return wrong("Size", "at least 10 octets, which tell probes and flows apart")
	case c.History < 0 || c.History > MaxHistory:
		return wrong("History", "1 to 10,000")
	}
	x := c.question(c.MaxTTL, 0x8000)
	return c, x.Check(c.First + 1)
}

// question is the probe of a flow, which is known by a port of the prober's.
func (c *Config) question(ttl ip.TTL, flow uint16) probe.Probe {
	q := probe.Probe{
		Target: c.First, Kind: c.Kind, Src: c.Src, Dst: c.Dst, TTL: ttl, TOS: c.TOS, Size: c.Size, Timeout: c.Wait,
	}
	if c.Kind == probe.Echo {
		q.Checksum = flow
		return q
	}
	q.SrcPort, q.DstPort = flow, c.Port
	if c.SrcPort != 0 {
		q.SrcPort = c.SrcPort
	}
	return q
}
