package ping

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
)

// options are what the flags say.
type options struct {
	family vantage.Family

	adaptive, audible, bypass, debug, flood, noLoop, numeric, outstanding, quiet, stamps bool

	broadcast, connect, record, sticky, userLatency, verbose bool

	count, preload, deadline, size, buffer int

	ident       int // -1: random
	interval    time.Duration
	intervalSet bool
	wait        time.Duration // 0: as usual; negative: no end
	device      string
	source      netip.Addr
	mark        uint32
	discover    string // -M: do, want, dont
	pattern     []byte
	patternSet  bool
	tos         uint8
	ttl         int // -1: as the system has it
	stamp       option.StampFlag
	stampSet    bool
	flow        uint32
	flowSet     bool

	// What iputils ping has not.
	via         []string // hops of a source route, or those that are to stamp
	summary     bool
	file        string
	json        bool
	percentiles bool
	stampSource bool
	simulated   bool // in the laboratory, where everything is allowed
}

func newOptions() options { return options{preload: 1, size: defaultSize, ident: -1, ttl: -1} }

const defaultSize = 56

// A flag is one of the original, by its letter.
type flag struct {
	letter byte
	name   string // its long name, which the original has not
	value  string // what its value is called; "": it has none
	help   string
	set    func(o *options, v string) error
}

func yes(b func(o *options) *bool) func(*options, string) error {
	return func(o *options, _ string) error { *b(o) = true; return nil }
}

func number(p func(o *options) *int, least, most int64) func(*options, string) error {
	return func(o *options, v string) error {
		n, err := integer(v, least, most)
		if err == nil {
			*p(o) = int(n)
		}
		return err
	}
}

func flags() []flag {
	return []flag{
		{'4', "ipv4", "", "use IPv4 only", family(vantage.IPv4)},
		{'6', "ipv6", "", "use IPv6 only", family(vantage.IPv6)},
		{'a', "audible", "", "sound the bell for each reply", yes(func(o *options) *bool { return &o.audible })},
		{'A', "adaptive", "", "let the interval follow the round-trip time", yes(func(o *options) *bool { return &o.adaptive })},
		{'b', "broadcast", "", "allow a broadcast address", yes(func(o *options) *bool { return &o.broadcast })},
		{'B', "sticky", "", "keep to one source address, as is always done", yes(func(o *options) *bool { return &o.sticky })},
		{'c', "count", "N", "stop after N probes", number(func(o *options) *int { return &o.count }, 1, math.MaxInt64)},
		{'C', "connect", "", "for compatibility; it changes nothing", yes(func(o *options) *bool { return &o.connect })},
		{'d', "debug", "", "for compatibility; it changes nothing", yes(func(o *options) *bool { return &o.debug })},
		{'D', "print-time", "", "print the time before each line", yes(func(o *options) *bool { return &o.stamps })},
		{'e', "identifier", "N", "ICMP identifier; 0: any", number(func(o *options) *int { return &o.ident }, 0, math.MaxUint16)},
		{'f', "flood", "", "send the next as soon as a reply comes", setFlood},
		{'F', "flow-label", "LABEL", "IPv6 flow label; 0: a random one", setFlow},
		{'i', "interval", "SECONDS", "time between two probes to one target", setInterval},
		{'I', "interface", "NAME|ADDR", "interface, or source address", setInterface},
		{'l', "preload", "N", "send so many without waiting", number(func(o *options) *int { return &o.preload }, 1, 1<<16)},
		{'L', "no-loop", "", "suppress loopback of multicast", yes(func(o *options) *bool { return &o.noLoop })},
		{'m', "mark", "N", "mark of packets, for policy routing", setMark},
		{'M', "mtu-discovery", "do|want|dont", "whether probes may be fragmented", setDiscover},
		{'n', "numeric", "", "print no names", yes(func(o *options) *bool { return &o.numeric })},
		{'N', "node-info", "QUERY", "", refuseNodeInfo},
		{'O', "outstanding", "", "tell of a missing reply before the next probe", yes(func(o *options) *bool { return &o.outstanding })},
		{'p', "pattern", "HEX", "octets that fill the data", setPattern},
		{'q', "quiet", "", "print the first line and the statistics alone", yes(func(o *options) *bool { return &o.quiet })},
		{'Q', "tos", "N", "type of service, or traffic class", setTOS},
		{'r', "bypass-routes", "", "send to hosts on attached networks alone", yes(func(o *options) *bool { return &o.bypass })},
		{'R', "record-route", "", "have gateways record the route", setRecord},
		{'s', "size", "OCTETS", "octets of data", number(func(o *options) *int { return &o.size }, 0, math.MaxInt32)},
		{'S', "send-buffer", "OCTETS", "size of the socket's send buffer", number(func(o *options) *int { return &o.buffer }, 1, math.MaxInt32)},
		{'t', "ttl", "N", "time to live", number(func(o *options) *int { return &o.ttl }, 0, math.MaxUint8)},
		{'T', "timestamp", "tsonly|tsandaddr|tsprespec", "have gateways write down the time", setStamp},
		{'U', "user-latency", "", "take the time of sending in the program, not in the kernel", yes(func(o *options) *bool { return &o.userLatency })},
		{'v', "verbose", "", "print the identifier, and duplicates of multicast", yes(func(o *options) *bool { return &o.verbose })},
		{'w', "deadline", "SECONDS", "stop after so long", number(func(o *options) *int { return &o.deadline }, 0, math.MaxInt32)},
		{'W', "timeout", "SECONDS", "wait so long for an answer; 0: for ever", setWait},
	}
}

// integer reads a number as the original does, with its words when it is none.
func integer(v string, least, most int64) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimLeft(v, " \t\n"), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("invalid argument: '%s': Numerical result out of range", v)
	case err != nil:
		return 0, fmt.Errorf("invalid argument: '%s'", v)
	case n < least || n > most:
		return 0, fmt.Errorf("invalid argument: '%s': out of range: %d <= value <= %d", v, least, most)
	}
	return n, nil
}

// seconds reads a time. The error is for the caller to word.
func seconds(v string) (time.Duration, bool) {
	const most = math.MaxInt32 / 1000
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > most {
		return 0, false
	}
	return time.Duration(math.Round(f*1e6)) * time.Microsecond, true
}

func family(f vantage.Family) func(*options, string) error {
	return func(o *options, _ string) error {
		if o.family != vantage.Any && o.family != f {
			return errors.New("only one -4 or -6 option may be specified")
		}
		o.family = f
		return nil
	}
}

func setFlood(o *options, _ string) error {
	o.flood, o.numeric = true, true
	return nil
}

func setFlow(o *options, v string) error {
	digits, base := strings.CutPrefix(strings.ToLower(v), "0x")
	n, err := strconv.ParseUint(digits, map[bool]int{true: 16, false: 10}[base], 32)
	switch {
	case err != nil:
		return fmt.Errorf("bad value for flowinfo: %s", v)
	case n > ip.MaxFlowLabel:
		return fmt.Errorf("flow value is greater than 20 bits: %s", v)
	}
	o.flow, o.flowSet = uint32(n), true
	return nil
}

func setInterval(o *options, v string) error {
	d, ok := seconds(v)
	if !ok {
		return fmt.Errorf("bad timing interval: %s", v)
	}
	o.interval, o.intervalSet = d, true
	return nil
}

func setInterface(o *options, v string) error {
	a, err := netip.ParseAddr(v)
	switch {
	case err == nil:
		o.source = a.WithZone("")
		if a.Zone() != "" {
			o.device = a.Zone()
		}
	case strings.Contains(v, ":"):
		return fmt.Errorf("invalid source address: %s", v)
	default:
		o.device = v
	}
	return nil
}

func setMark(o *options, v string) error {
	n, err := integer(v, 0, math.MaxUint32)
	o.mark = uint32(n)
	return err
}

func setDiscover(o *options, v string) error {
	switch v {
	case "do", "want", "dont":
		o.discover = v
		return nil
	}
	return fmt.Errorf("invalid -M argument: %s", v)
}

func refuseNodeInfo(*options, string) error {
	return errors.New("-N: node information queries (RFC 4620) are not implemented")
}

// maxPattern is how many octets a pattern has at most; what is more is ignored.
const maxPattern = 16

func setPattern(o *options, v string) error {
	if bad := strings.TrimLeft(v, "0123456789abcdefABCDEF"); bad != "" {
		return fmt.Errorf("patterns must be specified as hex digits: %s", bad)
	}
	o.pattern, o.patternSet = nil, true
	for len(v) > 0 && len(o.pattern) < maxPattern {
		n := min(2, len(v))
		x, err := strconv.ParseUint(v[:n], 16, 8)
		if err != nil {
			return err
		}
		o.pattern, v = append(o.pattern, byte(x)), v[n:]
	}
	return nil
}

func setTOS(o *options, v string) error {
	digits, base := strings.CutPrefix(strings.ToLower(v), "0x")
	n, err := strconv.ParseInt(digits, map[bool]int{true: 16, false: 10}[base], 32)
	switch {
	case err != nil:
		return fmt.Errorf("bad TOS value: %s", v)
	case n < 0 || n > math.MaxUint8:
		return fmt.Errorf("the decimal value of TOS bits must be in range 0-255: %d", n)
	}
	o.tos = uint8(n)
	return nil
}

var errRouteOrStamps = errors.New("only one of -T or -R may be used")

func setRecord(o *options, _ string) error {
	if o.stampSet {
		return errRouteOrStamps
	}
	o.record = true
	return nil
}

func setStamp(o *options, v string) error {
	if o.record {
		return errRouteOrStamps
	}
	o.stampSet = true
	switch v {
	case "tsonly":
		o.stamp = option.StampsOnly
	case "tsandaddr":
		o.stamp = option.StampsAndAddrs
	case "tsprespec":
		o.stamp = option.StampsPrespecified
	default:
		return fmt.Errorf("invalid timestamp type: %s", v)
	}
	return nil
}

func setWait(o *options, v string) error {
	d, ok := seconds(v)
	switch {
	case !ok:
		return fmt.Errorf("bad linger time: %s", v)
	case d == 0:
		d = -1
	}
	o.wait = d
	return nil
}
