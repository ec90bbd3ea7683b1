package field

import (
	"sync"
	"time"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// as is how the value of a field is read.
type as uint8

const (
	number as = iota
	hexadecimal
	address4
	address6
	unused // must be zero
	seconds
	millis
	minutes
	stamp
	attribute4 // length of the quote in words of 4 octets
	attribute8 // in words of 8
	octets
	mask
	speed
)

// A Column is one field of the fixed part of a message.
type Column struct {
	off, n int
	key    string
	as     as
}

// Layout enters the fixed part of a message, and returns where it ends.
func (s Sheet) Layout(columns []Column) (end int) {
	end = 4
	for _, c := range columns {
		s.column(c)
		end = max(end, c.off+c.n)
	}
	return end
}

func (s Sheet) column(c Column) {
	x := s.x
	v := s.Get(c.off, min(c.n, 4))
	switch c.as {
	case hexadecimal:
		s.Put(c.off, c.n, c.key, "", "")
	case address4, address6:
		s.Addr(c.off, c.n, c.key)
	case unused:
		text := ""
		if !zeros(s.Octets, c.off, c.n) {
			text = x.Say("m.zero")
			x.Fault(s.Base+c.off, "e.unused")
		}
		s.Put(c.off, c.n, c.key, "", text)
	case seconds:
		s.Num(c.off, c.n, c.key, x.Say("m.seconds", Dec(v)))
	case millis:
		text := x.Say("m.millis", Dec(v))
		if v == 0 {
			text = x.Say("m.unspecified")
		}
		s.Num(c.off, c.n, c.key, text)
	case minutes:
		s.Num(c.off, c.n, c.key, x.Say("m.minutes", Dec(v)))
	case stamp:
		s.Num(c.off, c.n, c.key, x.Clock(icmp4.Timestamp(v)))
	case attribute4, attribute8:
		unit := uint32(4)
		if c.as == attribute8 {
			unit = 8
		}
		text := x.Say("m.attr.none")
		if v > 0 {
			text = x.Say("m.attr", Dec(v*unit))
		}
		s.Num(c.off, c.n, c.key, text)
	case octets:
		s.Num(c.off, c.n, c.key, x.Say("m.octets", Dec(v)))
	case mask:
		s.Put(c.off, c.n, c.key, icmp4.Mask(v).String(), x.MaskText(icmp4.Mask(v)))
	case speed:
		s.Num(c.off, c.n, c.key, x.Say("m.speed", Dec(v)))
	default:
		s.Num(c.off, c.n, c.key, "")
	}
}

// zeros reports whether the n octets from off on are zero as far as they are there.
func zeros(b []byte, off, n int) bool {
	for i := off; i < min(off+n, len(b)); i++ {
		if b[i] != 0 {
			return false
		}
	}
	return true
}

// Clock writes a timestamp as a time of day.
func (x *Page) Clock(t icmp4.Timestamp) string {
	v := uint32(t)
	switch day := uint32(24 * time.Hour / time.Millisecond); {
	case v&(1<<31) != 0:
		return x.Say("m.nonstandard")
	case v >= day:
		return x.Say("m.overday")
	}
	at := time.Time{}.Add(time.Duration(v) * time.Millisecond)
	return x.Say("m.clock", at.Format("15:04:05.000"))
}

// Standard reports whether a timestamp is a time of day.
func Standard(t icmp4.Timestamp) bool { return uint32(t) < 86_400_000 }

// MaskText writes a mask as the length of a prefix, where it is that of one.
func (x *Page) MaskText(m icmp4.Mask) string {
	if n, ok := m.Bits(); ok {
		return x.Say("m.mask", Dec(n))
	}
	return x.Say("m.mask.holes")
}

// OptionName is the name of an IPv4 option type.
func OptionName(t uint8) string { return ip.OptionType(t).String() }

var (
	identified = []Column{{4, 2, "f.id", number}, {6, 2, "f.seq", number}}
	quoting    = []Column{{4, 1, "f.unused", unused}, {5, 1, "f.attr", attribute4}, {6, 2, "f.unused", unused}}
	words4     = []Column{{4, 4, "f.unused", unused}}
	reserved4  = []Column{{4, 4, "f.reserved", unused}}
	proxied    = []Column{{4, 2, "f.id", number}, {6, 1, "f.seq", number}}
)

// with is columns and more of them.
func with(c []Column, more ...Column) []Column { return append(c[:len(c):len(c)], more...) }

// layouts4 are the fixed parts of the ICMPv4 messages.
var layouts4 = sync.OnceValue(func() map[icmp4.Type][]Column {
	return map[icmp4.Type][]Column{
		icmp4.TypeEchoReply:            identified,
		icmp4.TypeDestUnreachable:      quoting,
		icmp4.TypeSourceQuench:         words4,
		icmp4.TypeRedirect:             {{4, 4, "f.gateway", address4}},
		icmp4.TypeAlternateAddress:     {{4, 4, "f.address", address4}},
		icmp4.TypeEchoRequest:          identified,
		icmp4.TypeRouterAdvertisement:  {{4, 1, "f.count", number}, {5, 1, "f.entry", number}, {6, 2, "f.lifetime", seconds}},
		icmp4.TypeRouterSolicitation:   reserved4,
		icmp4.TypeTimeExceeded:         quoting,
		icmp4.TypeParameterProblem:     {{4, 1, "f.pointer", number}, {5, 1, "f.attr", attribute4}, {6, 2, "f.unused", unused}},
		icmp4.TypeTimestampRequest:     stamped,
		icmp4.TypeTimestampReply:       stamped,
		icmp4.TypeInfoRequest:          identified,
		icmp4.TypeInfoReply:            identified,
		icmp4.TypeMaskRequest:          with(identified, Column{8, 4, "f.mask", mask}),
		icmp4.TypeMaskReply:            with(identified, Column{8, 4, "f.mask", mask}),
		icmp4.TypeTraceroute:           traced,
		icmp4.TypeConversionError:      {{4, 4, "f.pointer", number}},
		icmp4.TypeMobileRedirect:       {{4, 4, "f.address", address4}},
		icmp4.TypeDomainNameRequest:    identified,
		icmp4.TypeDomainNameReply:      with(identified, Column{8, 4, "f.dnsttl", seconds}),
		icmp4.TypePhoturis:             {{4, 2, "f.reserved", unused}, {6, 2, "f.pointer", number}},
		icmp4.TypeExperimentalMobility: {{4, 1, "f.subtype", number}, {5, 3, "f.reserved", hexadecimal}},
		icmp4.TypeExtendedEchoRequest:  proxied,
		icmp4.TypeExtendedEchoReply:    proxied,
	}
})

var stamped = with(
	identified,
	Column{8, 4, "f.originate", stamp}, Column{12, 4, "f.receive", stamp}, Column{16, 4, "f.transmit", stamp},
)

var traced = []Column{
	{4, 2, "f.id", number},
	{6, 2, "f.unused", unused},
	{8, 2, "f.hops.out", number},
	{10, 2, "f.hops.back", number},
	{12, 4, "f.speed", speed},
	{16, 4, "f.linkmtu", octets},
}

// Columns4 are the columns of a message: those of its type, but for what depends
// on the code.
func Columns4(t icmp4.Type, c icmp4.Code) []Column {
	switch {
	case t == icmp4.TypeDestUnreachable && c == icmp4.CodeFragNeeded:
		return with(quoting[:2], Column{6, 2, "f.mtu", octets})
	case t == icmp4.TypeParameterProblem && c == icmp4.CodeMissingOption:
		return with([]Column{{4, 1, "f.missing", number}}, layouts4()[t][1:]...)
	}
	return layouts4()[t]
}
