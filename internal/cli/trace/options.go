package trace

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/multipath"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
	"github.com/sonde-net/sonde/vantage"
)

// options are what the flags say, ours and those of the original.
type options struct {
	host   string
	length int // of the whole packet; 0: not said
	family vantage.Family
	place  place.Place

	trace     trace.Config // but for the addresses
	device    string
	source    string
	mark      uint32
	dontRoute bool
	via       []string

	numeric bool
	as      bool // whose each hop is
	owners  bool // … and whose all are, at the end
	ext     bool
	back    bool
	// register is a file of owners, in the format of MaxMind.
	register string
	info     bool // TCP flags of answers
	json     bool
	verdict  bool // the lines after the hops that the original does not have
	lang     language.Tag

	ways *multipath.Options // --multipath; nil: no
}

// The bounds of the original.
const (
	maxTTL     = 255
	maxQueries = 10
	maxLength  = 65000
	maxVia     = 8
)

// parseWait reads MAX,HERE,NEAR. With MAX alone, the others are not looked at.
func parseWait(s string) (wait time.Duration, here, near float64, err error) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '/' })
	if n := strings.Count(s, ",") + strings.Count(s, "/"); len(parts) == 0 || len(parts) > 3 || n != len(parts)-1 {
		return 0, 0, 0, errors.New("not MAX,HERE,NEAR")
	}
	var v [3]float64
	for i, p := range parts {
		if v[i], err = strconv.ParseFloat(p, 64); err != nil {
			return 0, 0, 0, err
		}
	}
	if v[0] < 0 || v[1] < 0 || v[2] < 0 || !(v[0] <= maxWait.Seconds()) {
		return 0, 0, 0, &waitError{v}
	}
	// In the configuration 0 is the default, and less is nothing.
	for i := 1; i < 3; i++ {
		if v[i] == 0 {
			v[i] = -1
		}
	}
	return max(time.Duration(v[0]*float64(time.Second)), 1), v[1], v[2], nil
}

const maxWait = 24 * time.Hour

// waitError says that there is no such waiting.
type waitError struct{ v [3]float64 }

func (e *waitError) Error() string {
	return fmt.Sprintf("bad wait specifications `%g,%g,%g' used", e.v[0], e.v[1], e.v[2])
}

// parseGap reads a time between probes: seconds, or milliseconds when it is more
// than 10.
func parseGap(s string) (time.Duration, error) {
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		return 0, err
	case v < 0 || !(v <= float64(maxWait.Milliseconds())):
		return 0, fmt.Errorf("bad sendtime `%g' specified", v)
	case v > 10:
		return time.Duration(v * float64(time.Millisecond)), nil
	}
	return time.Duration(v * float64(time.Second)), nil
}

// check holds the options to the bounds of the original, in its order and words.
func (o *options) check() error {
	c := &o.trace
	switch {
	case o.length > maxLength || o.length < 0:
		return fmt.Errorf("too big packetlen %d specified", o.length)
	case len(o.via) > maxVia:
		return fmt.Errorf("Too many gateways specified. No more than %d", maxVia)
	case c.Kind == probe.Echo && c.SrcPort != 0:
		return errors.New("ICMP has no source port")
	}
	return nil
}

// checkTTL holds the hops to the bounds of the original, in its order and words.
func checkTTL(first, last, queries int) error {
	switch {
	case last > maxTTL:
		return fmt.Errorf("max hops cannot be more than %d", maxTTL)
	case first < 1 || first > last:
		return errors.New("first hop out of range")
	case queries < 1 || queries > maxQueries:
		return fmt.Errorf("no more than %d probes per hop", maxQueries)
	}
	return nil
}

// module sets the method by its name in the original.
func (o *options) module(name string) error {
	c := &o.trace
	switch name {
	case "default":
		c.Kind, c.OnePort = probe.UDP, false
	case "udp":
		c.Kind, c.OnePort = probe.UDP, true
	case "udplite":
		c.Kind = probe.UDPLite
	case "icmp":
		c.Kind = probe.Echo
	case "tcp":
		c.Kind = probe.TCP
	case "dccp", "raw", "tcpconn":
		return fmt.Errorf("traces by %s are not supported: there are default, udp, udplite, icmp and tcp", name)
	default:
		return fmt.Errorf("Unknown traceroute module %s", name)
	}
	return nil
}

// moduleOption sets an option of the method.
func (o *options) moduleOption(s string) error {
	for name := range strings.SplitSeq(s, ",") {
		switch k := o.trace.Kind; {
		case k == probe.TCP && name == "info":
			o.info = true
		case k == probe.TCP && (name == "syn" || name == "sysctl" || name == "reuse"):
			// It is so anyhow.
		case k == probe.Echo && (name == "raw" || name == "dgram"):
			// The place decides.
		default:
			return fmt.Errorf("`%s': there is no such option of the method", name)
		}
	}
	return nil
}

// size turns the length of the packet into octets of data, and ports into those
// that the method has.
func (o *options) size(dst netip.Addr) {
	c := &o.trace
	c.Dst = dst
	if o.length == 0 || c.Kind == probe.TCP {
		return
	}
	probed := *c
	probed.Size, probed.MTU = 0, false
	if c.Size = o.length - (probed.Total() - trace.DefaultSize); c.Size <= 0 {
		c.Size = -1
	}
}
