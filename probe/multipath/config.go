package multipath

import (
	"cmp"
	"math"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// What a zero Config stands for.
const (
	DefaultConfidence = 0.95
	DefaultMaxTTL     = 30
	DefaultFlows      = 256
	DefaultParallel   = 32
	DefaultTries      = 2
	DefaultSilent     = 3
	DefaultWait       = time.Second
	DefaultPort       = 33434
	DefaultTCPPort    = 80
	DefaultSize       = 32
)

// The bounds of [Config.Confidence].
const (
	LeastConfidence = 0.5
	MostConfidence  = 0.9999
)

// MaxFlows is how many flows there can be: ports of the prober.
const MaxFlows = 1024

// Config is what to trace, and how well. Src and Dst have to be there; all other
// zeros work.
type Config struct {
	First int // the number of the target at the prober

	Src, Dst netip.Addr
	Kind     probe.Kind // Echo, UDP or TCP
	Port     uint16     // destination, of UDP and TCP; 0: 33434, 80
	// Confidence is how likely it is to be that no way from a vertex was missed;
	// 0: 0.95, at least 0.5, less than 1.
	Confidence float64

	FirstTTL ip.TTL // 0: 1
	MaxTTL   ip.TTL // 0: 30
	Flows    int    // flows that are tried at most; 0: 256
	Parallel int    // probes under way at a time; 0: 32
	Tries    int    // probes of one flow to a hop where nobody answers; 0: 2
	Silent   int    // hops without any answer after which it ends; 0: 3
	Wait     time.Duration
	Size     int // octets of data; 0: 32
	TOS      uint8
}

// check returns the configuration with its defaults filled in, or what is wrong.
func (c Config) check() (Config, error) {
	c.Confidence = cmp.Or(c.Confidence, DefaultConfidence)
	c.FirstTTL = cmp.Or(c.FirstTTL, 1)
	c.MaxTTL = cmp.Or(c.MaxTTL, DefaultMaxTTL)
	c.Flows = cmp.Or(c.Flows, DefaultFlows)
	c.Parallel = cmp.Or(c.Parallel, DefaultParallel)
	c.Tries = cmp.Or(c.Tries, DefaultTries)
	c.Silent = cmp.Or(c.Silent, DefaultSilent)
	c.Wait = cmp.Or(c.Wait, DefaultWait)
	c.Size = cmp.Or(c.Size, DefaultSize)
	if c.Kind == probe.TCP {
		c.Port = cmp.Or(c.Port, DefaultTCPPort)
		c.Size = 0
	}
	c.Port = cmp.Or(c.Port, DefaultPort)
	wrong := func(field, want string) (Config, error) {
		return c, &wire.FieldError{Type: "multipath.Config", Field: field, Want: want}
	}
	switch {
	case c.Kind != probe.Echo && c.Kind != probe.UDP && c.Kind != probe.TCP:
		return wrong("Kind", "Echo, UDP or TCP")
	case math.IsNaN(c.Confidence) || c.Confidence < LeastConfidence || c.Confidence > MostConfidence:
		return wrong("Confidence", "0.5 to 0.9999")
	case c.FirstTTL > c.MaxTTL:
		return wrong("FirstTTL", "at most MaxTTL")
	case c.Flows < 0 || c.Flows > MaxFlows:
		return wrong("Flows", "1 to 1,024")
	case c.Parallel < 0 || c.Parallel > MaxFlows:
		return wrong("Parallel", "1 to 1,024")
	case c.Tries < 0 || c.Tries > 10:
		return wrong("Tries", "1 to 10")
	case c.Silent < 0:
		return wrong("Silent", "at least 1")
	case c.Kind != probe.TCP && c.Size < 10:
		return wrong("Size", "at least 10 octets, which tell probes and flows apart")
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
	} else {
		q.SrcPort, q.DstPort = flow, c.Port
	}
	return q
}

// Enough returns how many flows have to be seen through a vertex behind which k
// next ones are known, to say with a confidence that there are no more: so many
// that of k+1 which share the flows equally, one is missed by all of them with no
// more than what is left to 1.
func Enough(k int, confidence float64) int { return enough(k, confidence, math.MaxInt) }

// enough is Enough, or any number above most. It goes by how many of k+1 boxes are
// how likely to be full after each ball in turn: a sum of alternating signs would be
// shorter, and not exact.
func enough(k int, confidence float64, most int) int {
	boxes := float64(k + 1)
	full := make([]float64, k+2)
	full[0] = 1
	for n := 1; n <= most; n++ {
		for i := k + 1; i > 0; i-- {
			full[i] = full[i]*float64(i)/boxes + full[i-1]*(boxes-float64(i-1))/boxes
		}
		full[0] = 0
		if n > k && 1-full[k+1] <= 1-confidence {
			return n
		}
	}
	return most + 1
}

// MaxProbes returns how many probes are sent at most: each flow to each hop, again
// where there is no answer, and as often to see whether it goes the same way.
func MaxProbes(c Config) (int, error) {
	c, err := c.check()
	hops := int(c.MaxTTL-c.FirstTTL) + 1
	return 2 * hops * c.Flows * max(c.Tries, mostTries), err
}
