package trace

import (
	"strconv"
	"strings"
	"sync"

	"github.com/sonde-net/sonde/vantage"
)

// option is one of the original's.
type option struct {
	short byte
	long  string
	arg   string // what the argument is called; "": there is none
	set   func(p *parser, arg string) error
}

func flag(short byte, long string, set func(p *parser)) option {
	return option{short, long, "", func(p *parser, _ string) error { set(p); return nil }}
}

func number(short byte, long, arg string, set func(p *parser, n int)) option {
	return option{short, long, arg, func(p *parser, s string) error {
		n, err := strconv.ParseInt(s, 0, 32)
		if err != nil {
			return errArgument
		}
		set(p, int(n))
		return nil
	}}
}

func word(short byte, long, arg string, set func(p *parser, s string)) option {
	return option{short, long, arg, func(p *parser, s string) error { set(p, s); return nil }}
}

// table are the options, in the order of its help.
var table = sync.OnceValue(func() []option {
	return []option{
		flag('4', "", func(p *parser) { p.o.family = vantage.IPv4 }),
		flag('6', "", func(p *parser) { p.o.family = vantage.IPv6 }),
		flag('d', "debug", func(*parser) {}),
		flag('F', "dont-fragment", func(p *parser) { p.o.trace.DF = true }),
		number('f', "first", "first_ttl", func(p *parser, n int) { p.f.first = n }),
		word('g', "gateway", "gate,...", func(p *parser, s string) { p.o.via = append(p.o.via, strings.Split(s, ",")...) }),
		flag('I', "icmp", func(p *parser) { p.f.module = "icmp" }),
		flag('T', "tcp", func(p *parser) { p.f.module = "tcp" }),
		word('i', "interface", "device", func(p *parser, s string) { p.o.device = s }),
		number('m', "max-hops", "max_ttl", func(p *parser, n int) { p.f.max = n }),
		number('N', "sim-queries", "squeries", func(p *parser, n int) { p.f.parallel, p.f.parallelSaid = n, true }),
		flag('n', "", func(p *parser) { p.o.numeric = true }),
		{'p', "port", "port", (*parser).port},
		number('t', "tos", "tos", func(p *parser, n int) { p.o.trace.TOS = uint8(n) }),
		number('l', "flowlabel", "flow_label", func(p *parser, n int) { p.o.trace.FlowLabel = uint32(n) & maxLabel }),
		{'w', "wait", "MAX,HERE,NEAR", (*parser).wait},
		number('q', "queries", "nqueries", func(p *parser, n int) { p.f.queries = n }),
		flag('r', "", func(p *parser) { p.o.dontRoute = true }),
		{'s', "source", "src_addr", (*parser).source},
		{'z', "sendwait", "sendwait", (*parser).gap},
		flag('e', "extensions", func(p *parser) { p.o.ext = true }),
		flag('A', "as-path-lookups", func(p *parser) { p.o.as = true }),
		word('M', "module", "name", func(p *parser, s string) { p.f.module = s }),
		word('O', "options", "OPTS,...", func(p *parser, s string) { p.f.moduleOptions = append(p.f.moduleOptions, strings.Split(s, ",")...) }),
		number(0, "sport", "num", func(p *parser, n int) { p.o.trace.SrcPort = uint16(n) }),
		number(0, "fwmark", "num", func(p *parser, n int) { p.o.mark = uint32(n) }),
		flag('U', "udp", func(p *parser) { p.f.module = "udp" }),
		flag('D', "dccp", func(p *parser) { p.f.module = "dccp" }),
		word('P', "protocol", "prot", func(p *parser, _ string) { p.f.module = "raw" }),
		flag(0, "mtu", func(p *parser) { p.o.trace.MTU = true }),
		flag(0, "back", func(p *parser) { p.o.back = true }),
		// Ours, to try the original's flags on a simulated network.
		word(0, "lab", "name", func(p *parser, s string) { p.o.place.Lab = s }),
		word(0, "from", "host", func(p *parser, s string) { p.o.place.From = s }),
		flag(0, "virtual", func(p *parser) { p.o.place.Virtual = true }),
		number(0, "seed", "num", func(p *parser, n int) { p.o.place.Seed = uint64(max(n, 0)) }),
	}
})

const maxLabel = 1<<20 - 1 // 20 bits
