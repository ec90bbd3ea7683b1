package sweep

import (
	"bufio"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/paths"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// format is how results are written: a line is appended to b.
type format interface {
	header(b []byte) []byte
	result(b []byte, r *sweep.Result) []byte
	path(b []byte, p *paths.Path) []byte
	// target reads the address of a line that tells of a reply; the zero Addr: it
	// tells of none.
	target(line string) netip.Addr
}

// text is for people.
type text struct{}

func (text) header(b []byte) []byte { return b }

func (text) result(b []byte, r *sweep.Result) []byte {
	b = r.Target.AppendTo(b)
	if r.Kind == sweep.Error {
		b = append(b, " error "...)
		b = append(b, kindOf(r.Target, r.Type, r.Code)...)
		b = append(b, " from "...)
		b = r.From.AppendTo(b)
		if r.MTU > 0 {
			b = strconv.AppendInt(append(b, " mtu "...), int64(r.MTU), 10)
		}
	}
	if r.RTT > 0 {
		b = append(appendMS(append(b, ' '), r.RTT), " ms"...)
	}
	b = strconv.AppendUint(append(b, " ttl "...), uint64(r.TTL), 10)
	if r.Hop > 0 {
		b = strconv.AppendUint(append(b, " hop "...), uint64(r.Hop), 10)
	}
	if r.Closed {
		b = append(b, " closed"...)
	}
	if r.Duplicate {
		b = append(b, " again"...)
	}
	return append(b, '\n')
}

// appendMS appends a time in milliseconds, to the microsecond.
func appendMS(b []byte, d time.Duration) []byte {
	us := int64(d+500) / 1000
	b = strconv.AppendInt(b, us/1000, 10)
	return append(b, '.', byte('0'+us/100%10), byte('0'+us/10%10), byte('0'+us%10))
}

func kindOf(target netip.Addr, typ, code uint8) string {
	if target.Is4() {
		return icmp4.Kind{Type: icmp4.Type(typ), Code: icmp4.Code(code)}.String()
	}
	return icmp6.Kind{Type: icmp6.Type(typ), Code: icmp6.Code(code)}.String()
}

func (text) path(b []byte, p *paths.Path) []byte {
	b = p.Target.AppendTo(b)
	if !p.Reached {
		b = append(b, " not reached"...)
		if p.Type != 0 {
			b = append(append(append(b, " ("...), kindOf(p.Target, p.Type, p.Code)...), ')')
		}
	}
	b = append(b, ':')
	for i := range p.Hops {
		if h := &p.Hops[i]; h.Addr.IsValid() {
			b = h.Addr.AppendTo(append(b, ' '))
		} else {
			b = append(b, " *"...)
		}
	}
	return append(b, '\n')
}

func (text) target(line string) netip.Addr {
	first, rest, _ := strings.Cut(line, " ")
	if strings.HasPrefix(rest, "error ") {
		return netip.Addr{}
	}
	a, _ := netip.ParseAddr(first)
	return a
}

// csv is for tables.
type csv struct{}

func (csv) header(b []byte) []byte {
	return append(b, "time,result,target,from,rtt_ns,ttl,hop,type,code,mtu,closed,duplicate\n"...)
}

func (csv) result(b []byte, r *sweep.Result) []byte {
	b = r.Time.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(append(append(b, ','), r.Kind.String()...), ',')
	b = append(r.Target.AppendTo(b), ',')
	b = append(r.From.AppendTo(b), ',')
	for i, v := range [...]int64{int64(r.RTT), int64(r.TTL), int64(r.Hop), int64(r.Type), int64(r.Code), int64(r.MTU)} {
		wanted := i == 1 || v != 0 || r.Kind == sweep.Error && (i == 3 || i == 4)
		if wanted {
			b = strconv.AppendInt(b, v, 10)
		}
		b = append(b, ',')
	}
	b = strconv.AppendBool(b, r.Closed)
	b = strconv.AppendBool(append(b, ','), r.Duplicate)
	return append(b, '\n')
}

// path writes a line for each hop.
func (csv) path(b []byte, p *paths.Path) []byte {
	for i := range p.Hops {
		h := &p.Hops[i]
		b = append(p.Target.AppendTo(append(b, ",path,"...)), ',')
		if h.Addr.IsValid() {
			b = h.Addr.AppendTo(b)
		}
		b = append(b, ',')
		if h.RTT > 0 {
			b = strconv.AppendInt(b, int64(h.RTT), 10)
		}
		b = strconv.AppendInt(append(b, ",,"...), int64(h.TTL), 10)
		b = append(b, ",,,,false,false\n"...)
	}
	return b
}

func (csv) target(line string) netip.Addr {
	f := strings.Split(line, ",")
	if len(f) < 3 || f[1] != "reply" {
		return netip.Addr{}
	}
	a, _ := netip.ParseAddr(f[2])
	return a
}

// json is for programs: the fields of [sweep.Result].
type json struct{}

func (json) header(b []byte) []byte { return b }

func (json) result(b []byte, r *sweep.Result) []byte {
	b = append(append(b, `{"result":"`...), r.Kind.String()...)
	b = r.Time.AppendFormat(append(b, `","time":"`...), time.RFC3339Nano)
	b = r.Target.AppendTo(append(b, `","target":"`...))
	b = append(r.From.AppendTo(append(b, `","from":"`...)), '"')
	b = field(b, "rtt_ns", int64(r.RTT), true)
	b = field(b, "ttl", int64(r.TTL), false)
	b = field(b, "hop", int64(r.Hop), true)
	if r.Duplicate {
		b = append(b, `,"duplicate":true`...)
	}
	if r.Closed {
		b = append(b, `,"closed":true`...)
	}
	b = field(b, "type", int64(r.Type), true)
	b = field(b, "code", int64(r.Code), true)
	b = field(b, "mtu", int64(r.MTU), true)
	return append(b, '}', '\n')
}

func field(b []byte, name string, v int64, omit bool) []byte {
	if omit && v == 0 {
		return b
	}
	b = append(append(append(b, ',', '"'), name...), '"', ':')
	return strconv.AppendInt(b, v, 10)
}

func (json) path(b []byte, p *paths.Path) []byte {
	b = p.Target.AppendTo(append(b, `{"result":"path","target":"`...))
	b = strconv.AppendBool(append(b, `","reached":`...), p.Reached)
	b = field(b, "type", int64(p.Type), true)
	b = field(b, "code", int64(p.Code), true)
	b = append(b, `,"hops":[`...)
	for i := range p.Hops {
		h := &p.Hops[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"ttl":`...), int64(h.TTL), 10)
		if h.Addr.IsValid() {
			b = append(h.Addr.AppendTo(append(b, `,"addr":"`...)), '"')
			b = field(b, "rtt_ns", int64(h.RTT), true)
		}
		b = append(b, '}')
	}
	return append(b, "]}\n"...)
}

func (json) target(line string) netip.Addr {
	if !strings.HasPrefix(line, `{"result":"reply"`) {
		return netip.Addr{}
	}
	_, rest, _ := strings.Cut(line, `"target":"`)
	text, _, _ := strings.Cut(rest, `"`)
	a, _ := netip.ParseAddr(text)
	return a
}

func (o *options) format() format {
	switch {
	case o.json:
		return json{}
	case o.csv:
		return csv{}
	}
	return text{}
}

// readBack hands the targets that lines tell of to each.
func readBack(s *bufio.Scanner, f format, each func(netip.Addr)) error {
	for s.Scan() {
		if a := f.target(s.Text()); a.IsValid() {
			each(a)
		}
	}
	if s.Err() != nil {
		return fmt.Errorf("reading what was written: %w", s.Err())
	}
	return nil
}
