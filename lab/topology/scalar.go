package topology

import (
	"encoding/hex"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// The units of a topology file.
type (
	BitRate int64   // bits a second, written as 64kbit, 10Mbit, 1Gbit
	Octets  int     // written as 1500, 64kB, 64KiB, 1MiB
	Share   float64 // of 1, written as 0.5% or 0.005
	Hex     []byte  // written as hexadecimal digits, with spaces where they please
)

// Kind is an ICMP type and code, written as 3/4, or as 3 for every code.
type Kind struct {
	Type, Code uint8
	Any        bool // every code
}

// String returns the kind as it is written.
func (k Kind) String() string {
	if k.Any {
		return strconv.Itoa(int(k.Type))
	}
	return strconv.Itoa(int(k.Type)) + "/" + strconv.Itoa(int(k.Code))
}

// scalar reads text into v, whose type is one of those that stand for a single
// value. It returns what was expected where text is something else, and false
// when v is of no such type.
func scalar(text string, v reflect.Value, f *field) (want string, ok bool) {
	switch p := v.Addr().Interface().(type) {
	case *time.Duration:
		return set(p, f, text, "a duration such as 10ms or 1.5s", duration)
	case *time.Time:
		return set(p, f, text, "a time such as 2026-01-01T12:00:00Z", func(s string, _ *field) (time.Time, bool) {
			t, err := time.Parse(time.RFC3339, s)
			t = t.UTC()
			return t, err == nil && t.Year() >= 1970 && t.Year() < 2200
		})
	case *netip.Addr:
		return set(p, f, text, "an address such as 192.0.2.1 or 2001:db8::1", address)
	case *netip.Prefix:
		if f.is("host") {
			return set(p, f, text, "an address with the length of its network, such as 192.0.2.1/24", hostPrefix)
		}
		return set(p, f, text, "a network such as 192.0.2.0/24, no bits set behind its length", netPrefix)
	case *BitRate:
		return set(p, f, text, "a rate such as 64kbit, 10Mbit or 1Gbit", bitRate)
	case *Octets:
		return set(p, f, text, "octets, such as 1500, 64kB or 64KiB", octets)
	case *Share:
		return set(p, f, text, "a share such as 0.5% or 0.005, from 0 to 1", share)
	case *Kind:
		return set(p, f, text, "an ICMP type and code such as 3/4", kind)
	case *Hex:
		return set(p, f, text, "octets in hexadecimal, such as 45 00 00 1c", func(s string, _ *field) (Hex, bool) {
			b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
			return b, err == nil && len(b) <= math.MaxUint16
		})
	}
	return basic(text, v, f)
}

// set puts what read makes of the text into p.
func set[T any](p *T, f *field, text, want string, read func(string, *field) (T, bool)) (string, bool) {
	v, ok := read(text, f)
	if !ok {
		return want + f.bounds(), true
	}
	*p = v
	return "", true
}

// basic reads text into a value of one of Go's own kinds.
func basic(text string, v reflect.Value, f *field) (want string, ok bool) {
	switch v.Kind() {
	case reflect.String:
		if f.one != "" && !f.allows(text) {
			return "one of " + strings.ReplaceAll(f.one, ",", ", "), true
		}
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return "true or false", true
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int32, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return integer(text, v, f), true
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || x < f.float(f.min, -math.MaxFloat64) || x > f.float(f.max, math.MaxFloat64) {
			return "a number" + f.bounds(), true
		}
		v.SetFloat(x)
	default:
		return "", false
	}
	return "", true
}

func integer(text string, v reflect.Value, f *field) (want string) {
	want = "a whole number" + f.bounds()
	if v.CanUint() {
		x, err := strconv.ParseUint(text, 0, v.Type().Bits())
		if err != nil || x < f.uint(f.min, 0) || x > f.uint(f.max, math.MaxUint64) {
			return want
		}
		v.SetUint(x)
		return ""
	}
	least := int64(0)
	if v.Kind() == reflect.Int32 {
		least = math.MinInt32
	}
	x, err := strconv.ParseInt(text, 0, v.Type().Bits())
	if err != nil || x < f.int(f.min, least) || x > f.int(f.max, math.MaxInt64) {
		return want
	}
	v.SetInt(x)
	return ""
}

func duration(s string, f *field) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= f.duration(f.min, 0) && d <= f.duration(f.max, math.MaxInt64)
}

func address(s string, _ *field) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a, err == nil && !a.Is4In6() && a.Zone() == ""
}

func hostPrefix(s string, _ *field) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	return p, err == nil && !p.Addr().Is4In6()
}

func netPrefix(s string, f *field) (netip.Prefix, bool) {
	if f.is("default") {
		switch s {
		case "default":
			return netip.PrefixFrom(netip.IPv4Unspecified(), 0), true
		case "default6":
			return netip.PrefixFrom(netip.IPv6Unspecified(), 0), true
		}
	}
	if a, ok := address(s, nil); ok {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, ok := hostPrefix(s, nil)
	return p, ok && p == p.Masked()
}

// number reads a decimal number with one of the units, and no more than limit.
func number(s string, units map[string]float64, limit float64) (float64, bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i < 0 {
		i = len(s)
	}
	unit, known := units[s[i:]]
	x, err := strconv.ParseFloat(s[:i], 64)
	x *= unit
	return x, known && err == nil && x <= limit
}

// integral returns the integer that x is but for the rounding of its decimals.
func integral(x float64) (n int64, ok bool) {
	const rounding = 1e-3
	whole := math.Round(x)
	return int64(whole), math.Abs(x-whole) < rounding
}

func bitRate(s string, _ *field) (BitRate, bool) {
	x, ok := number(s, map[string]float64{"bit": 1, "kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9}, 1e12)
	n, whole := integral(x)
	return BitRate(n), ok && whole && n >= 1
}

func octets(s string, f *field) (Octets, bool) {
	x, ok := number(s, map[string]float64{
		"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "KiB": 1 << 10, "MiB": 1 << 20,
	}, float64(f.int(f.max, 1<<30)))
	n, whole := integral(x)
	return Octets(n), ok && whole && n >= f.int(f.min, 1)
}

func share(s string, _ *field) (Share, bool) {
	x, ok := number(s, map[string]float64{"": 1, "%": 0.01}, 1)
	return Share(x), ok
}

func kind(s string, _ *field) (Kind, bool) {
	typ, code, both := strings.Cut(s, "/")
	t, err := strconv.ParseUint(typ, 10, 8)
	if err != nil {
		return Kind{}, false
	}
	if !both {
		return Kind{Type: uint8(t), Any: true}, true
	}
	c, err := strconv.ParseUint(code, 10, 8)
	return Kind{Type: uint8(t), Code: uint8(c)}, err == nil
}
