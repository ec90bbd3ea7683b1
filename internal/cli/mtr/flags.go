package mtr

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/internal/cli/original"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
)

// flag is a flag of the original.
type flag struct {
	letter, name string
	value        string // what its value is called; "": it has none
	help         string
	set          func(o *options, v string) error
}

func yes(set func(o *options)) func(*options, string) error {
	return func(o *options, _ string) error { set(o); return nil }
}

func number(least, most int, set func(o *options, n int)) func(*options, string) error {
	return func(o *options, v string) error {
		n, err := strconv.ParseInt(v, 0, 64)
		if err != nil {
			return fmt.Errorf("invalid argument: '%s'", v)
		}
		if n < int64(least) || n > int64(most) {
			return fmt.Errorf("value out of range (%d - %d): %d", least, most, n)
		}
		set(o, int(n))
		return nil
	}
}

func seconds(set func(o *options, d time.Duration)) func(*options, string) error {
	return func(o *options, v string) error {
		s, err := strconv.ParseFloat(v, 64)
		switch {
		case err != nil || math.IsNaN(s):
			return fmt.Errorf("invalid argument: '%s'", v)
		case s <= 0:
			return errors.New("wait time must be positive")
		case s > time.Hour.Seconds():
			return fmt.Errorf("value out of range (0 - 3600): %s", v)
		}
		set(o, time.Duration(s*float64(time.Second)))
		return nil
	}
}

func refuse(why string) func(*options, string) error {
	return func(*options, string) error { return errors.New(why) }
}

func format(name string) func(*options, string) error {
	return yes(func(o *options) { o.format = name })
}

func port(set func(o *options, n uint16)) func(*options, string) error {
	return func(o *options, v string) error {
		n, err := strconv.ParseUint(v, 0, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("Illegal port number: %s", v) // its words
		}
		set(o, uint16(n))
		return nil
	}
}

func kind(k probe.Kind) func(*options, string) error {
	return func(o *options, _ string) error {
		if o.kindSaid {
			return errors.New("-u , -T and -S are mutually exclusive")
		}
		o.cfg.Kind, o.kindSaid = k, true
		return nil
	}
}

// maxRounds is the most rounds of a report.
const maxRounds = math.MaxInt32

func flags() []flag {
	return []flag{
		{"F", "filename", "FILE", "read hosts from a file; - is standard input", func(o *options, v string) error { o.file = v; return nil }},
		{"4", "ipv4", "", "use IPv4 only", yes(func(o *options) { o.family = vantage.IPv4 })},
		{"6", "ipv6", "", "use IPv6 only", yes(func(o *options) { o.family = vantage.IPv6 })},
		{"u", "udp", "", "probe by UDP instead of ICMP echo", kind(probe.UDP)},
		{"T", "tcp", "", "probe by TCP SYN instead of ICMP echo", kind(probe.TCP)},
		{"S", "sctp", "", "", refuse("probes by SCTP are not implemented: there are ICMP, UDP and TCP")},
		{"I", "interface", "NAME", "interface to send through", func(o *options, v string) error { o.device = v; return nil }},
		{"a", "address", "ADDRESS", "source address", setSource},
		{"f", "first-ttl", "N", "first hop", number(1, math.MaxUint8, func(o *options, n int) { o.cfg.FirstTTL = ip.TTL(n) })},
		{"m", "max-ttl", "N", "last hop (30)", number(1, math.MaxUint8, func(o *options, n int) { o.cfg.MaxTTL = ip.TTL(n) })},
		{"U", "max-unknown", "N", "hops asked behind the last one that answers (5)", number(1, math.MaxUint8, func(o *options, n int) { o.cfg.Unknown = n })},
		{"P", "port", "PORT", "destination port of UDP (33434) and TCP (80)", port(func(o *options, n uint16) { o.cfg.Port = n })},
		{"L", "localport", "PORT", "source port of UDP and TCP", setLocalPort},
		{"s", "psize", "OCTETS", "size of packets with their headers (64)", number(0, math.MaxUint16, func(o *options, n int) { o.length = n })},
		{"B", "bitpattern", "N", "octet that fills the data (0); more than 255: any", number(0, math.MaxInt32, func(o *options, n int) { o.fill = n })},
		{"i", "interval", "SECONDS", "time of a round (1)", seconds(func(o *options, d time.Duration) { o.cfg.Interval = d })},
		{"G", "gracetime", "SECONDS", "wait for answers after the last round (5)", seconds(func(o *options, d time.Duration) { o.cfg.Grace = d })},
		{"Q", "tos", "N", "type of service, or traffic class", number(0, math.MaxUint8, func(o *options, n int) { o.cfg.TOS = uint8(n) })},
		{"e", "mpls", "", "show MPLS labels", yes(func(o *options) { o.look.MPLS = true })},
		{"Z", "timeout", "SECONDS", "wait for each answer (10)", seconds(func(o *options, d time.Duration) { o.cfg.Wait = d })},
		{"M", "mark", "MARK", "mark of packets, for policy routing", setMark},
		{"r", "report", "", "print a report", yes(func(o *options) { o.report() })},
		{"w", "report-wide", "", "likewise, names not cut", yes(func(o *options) { o.report(); o.look.Wide = true })},
		{"c", "report-cycles", "COUNT", "rounds (10 in reports)", number(0, maxRounds, func(o *options, n int) { o.rounds, o.roundsSaid = n, true })},
		{"j", "json", "", "report as mtr's JSON", format("json")},
		{"x", "xml", "", "report as mtr's XML", format("xml")},
		{"C", "csv", "", "report as mtr's CSV", format("csv")},
		{"l", "raw", "", "print each probe and answer, in mtr's raw format", format("raw")},
		{"p", "split", "", "", refuse("-p is not implemented: -l tells all of it and more")},
		{"t", "curses", "", "live view, though there are other reasons", format("live")},
		{"g", "gtk", "", "", refuse("-g is not implemented: there is the terminal")},
		{"", "displaymode", "MODE", "live view: 0 numbers, 1 chart, 2 characters", number(0, 2, func(o *options, n int) { o.display = n })},
		{"n", "no-dns", "", "no names", yes(func(o *options) { o.numeric = true })},
		{"b", "show-ips", "", "addresses beside names", yes(func(o *options) { o.look.IPs = true })},
		{"o", "order", "FIELDS", "columns: letters of LDRSNBAWVGJMXI, and spaces", setOrder},
		{"y", "ipinfo", "N", "of owners: 0 AS number, 1 prefix, 2 country", setInfo},
		{"z", "aslookup", "", "AS numbers", yes(func(o *options) { o.look.Info = report.ASN })},
	}
}

func setSource(o *options, v string) error {
	a, err := parseAddr(v)
	if err != nil {
		return errors.New("invalid local address")
	}
	o.source = a
	return nil
}

func setLocalPort(o *options, v string) error {
	n, err := strconv.ParseUint(v, 0, 16)
	if err != nil || n < leastLocalPort {
		return fmt.Errorf("Illegal port number: %s", v) // its words
	}
	o.cfg.SrcPort = uint16(n)
	return nil
}

// leastLocalPort is the first that is nobody's service.
const leastLocalPort = 1024

func setMark(o *options, v string) error {
	n, err := strconv.ParseUint(v, 0, 32)
	if err != nil {
		return fmt.Errorf("invalid argument: '%s'", v)
	}
	o.mark = uint32(n)
	return nil
}

func setOrder(o *options, v string) (err error) {
	o.orderSaid = true
	o.fields, err = field.Parse(v)
	return err
}

func setInfo(o *options, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil {
		return fmt.Errorf("invalid argument: '%s'", v)
	}
	if n < 0 || n > int(report.Date) {
		return fmt.Errorf("value %d out of range (0 - 4)", n)
	}
	o.look.Info = report.Info(n)
	return nil
}

// add adds the flags, but for those that leave out names; rename gives a flag
// another long name.
func (o *options) add(fs *pflag.FlagSet, wrong *error, rename map[string]string) {
	for _, f := range flags() {
		name := f.name
		if n, ok := rename[name]; ok {
			name = n
		}
		v := original.Value{Called: f.value, Wrong: wrong, Take: func(s string) error { return f.set(o, s) }}
		v.Add(fs, name, f.letter, f.help)
	}
}
