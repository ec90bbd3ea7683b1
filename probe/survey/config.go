package survey

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
	DefaultMaxTTL   = 32
	DefaultFar      = 64
	DefaultPrefix4  = 24
	DefaultPrefix6  = 64
	DefaultCheck    = 2
	DefaultParallel = 512
	DefaultTries    = 2
	DefaultWait     = time.Second
	DefaultSize     = 16
)

// MaxTargets is how many targets there can be.
const MaxTargets = 1 << 20

// Config is whose ways are to be found. Targets and a source address of each
// family among them are needed; all other zeros work.
type Config struct {
	First int // the number of the first target at the prober, the others follow

	Targets    []netip.Addr // must not be changed
	Src4, Src6 netip.Addr

	MaxTTL   ip.TTL // 0: 32
	Prefix4  int    // bits that targets of one network have in common; 0: 24
	Prefix6  int    // likewise; 0: 64
	Check    int    // how many others of a network are asked about their last hop; 0: 2, negative: none
	Parallel int    // probes under way at a time; 0: 512
	Tries    int    // of a probe that is not answered; 0: 2
	Wait     time.Duration
	Size     int // octets of data; 0: 16
	TOS      uint8
}

// check returns the configuration with its defaults filled in, or what is wrong.
func (c Config) check() (Config, error) {
	c.MaxTTL = cmp.Or(c.MaxTTL, DefaultMaxTTL)
	c.Prefix4 = cmp.Or(c.Prefix4, DefaultPrefix4)
	c.Prefix6 = cmp.Or(c.Prefix6, DefaultPrefix6)
	c.Check = cmp.Or(c.Check, DefaultCheck)
	c.Parallel = cmp.Or(c.Parallel, DefaultParallel)
	c.Tries = cmp.Or(c.Tries, DefaultTries)
	c.Wait = cmp.Or(c.Wait, DefaultWait)
	c.Size = cmp.Or(c.Size, DefaultSize)
	wrong := func(field, want string) (Config, error) {
		return c, &wire.FieldError{Type: "survey.Config", Field: field, Want: want}
	}
	switch {
	case len(c.Targets) == 0 || len(c.Targets) > MaxTargets:
		return wrong("Targets", "1 to 2^20 addresses")
	case c.Prefix4 < 0 || c.Prefix4 > 32:
		return wrong("Prefix4", "1 to 32")
	case c.Prefix6 < 0 || c.Prefix6 > 128:
		return wrong("Prefix6", "1 to 128")
	case c.Parallel < 0:
		return wrong("Parallel", "at least 1")
	case c.Tries < 0 || c.Tries > 10:
		return wrong("Tries", "1 to 10")
	case c.Size < 8:
		return wrong("Size", "at least 8 octets, which no one else knows")
	}
	for i := range c.Targets {
		q := c.question(i, c.MaxTTL)
		if err := q.Check(c.First + len(c.Targets)); err != nil {
			return c, err
		}
	}
	return c, nil
}

// question is the probe of a target with a time to live.
func (c *Config) question(target int, ttl ip.TTL) probe.Probe {
	dst := c.Targets[target]
	src := c.Src4
	if dst.Is6() {
		src = c.Src6
	}
	return probe.Probe{
		Target: c.First + target, Kind: probe.Echo, Src: src, Dst: dst, TTL: ttl, TOS: c.TOS, Size: c.Size, Timeout: c.Wait,
	}
}

// network returns the network that a target is taken to be of.
func (c *Config) network(a netip.Addr) netip.Prefix {
	bits := c.Prefix4
	if a.Is6() {
		bits = c.Prefix6
	}
	p, _ := a.Prefix(bits) // the bits were checked
	return p
}
