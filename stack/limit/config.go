package limit

import (
	"math/bits"
	"time"

	"github.com/sonde-net/sonde/wire"
)

// What a zero [Config] stands for.
//
// To a prefix as many errors go as RFC 4443 §2.4(f) proposes for a small
// device, 10 a second and 10 at once: a traceroute with three probes for each
// hop never meets the limit. All together may be a thousand a second and 50 at
// once, as Linux had it from 2014 on.
//
// A prefix is what one host or one customer has: a whole IPv4 address, and 64
// bits of an IPv6 address, since a host can take any address behind those.
const (
	DefaultPrefixEvery = 100 * time.Millisecond
	DefaultPrefixBurst = 10
	DefaultGlobalEvery = time.Millisecond
	DefaultGlobalBurst = 50
	DefaultLen4        = 32
	DefaultLen6        = 64
	DefaultBuckets     = 4096
)

// MaxSpan is the longest that an empty bucket may take to fill.
const MaxSpan = 365 * 24 * time.Hour

// maxBuckets is the most buckets that a table may have, 256 MiB of them.
const maxBuckets = 1 << 24

// Config is what a [Limiter] is made from. The zero Config works.
type Config struct {
	Seed uint64 // of the jitter and the hash; secret, where strangers can reach the node

	Prefix Rate // of errors to one destination prefix; zero: 10 a second, 10 at once
	Global Rate // of all errors; zero: 1,000 a second, 50 at once

	ReplyPrefix Rate // of replies to one destination prefix; zero Every: no limit; zero Burst: 10
	ReplyGlobal Rate // of all replies; zero Every: no limit; zero Burst: 50

	Len4 int // bits of an IPv4 prefix, 1 to 32; zero: 32
	Len6 int // bits of an IPv6 prefix, 1 to 128; zero: 64

	Types4 Mask // the ICMP types limited as errors; zero: 3, 4, 5, 11 and 12
	Types6 Mask // the ICMPv6 types limited as errors; zero: 0 to 127, and 137

	Buckets int // of prefixes, rounded up to a power of two from 4 up; zero: 4,096, that is 64 KiB
}

// A Rate is one message each Every on average, and Burst at once when there was
// silence before.
type Rate struct {
	Every time.Duration // zero: see [Config]; negative: no limit
	Burst int           // messages; zero: see [Config]
}

// A Mask is a set of ICMP types.
type Mask [4]uint64

// Types returns the mask of the given types.
func Types(types ...uint8) Mask {
	var m Mask
	for _, t := range types {
		m[t/64] |= 1 << (t % 64)
	}
	return m
}

// Has reports whether m has the type.
func (m *Mask) Has(typ uint8) bool { return m[typ/64]>>(typ%64)&1 == 1 }

// The types that are limited by default: the errors of RFC 792 that RFC 1812
// §4.3.2.8 names, and all that RFC 4443 §2.1 calls errors, with redirect, which
// RFC 4861 §8.2 limits.
//
// Reading: no error is exempt. Linux exempts redirects, which have a limit of
// their own there, and the messages of path MTU discovery (3/4 and 2/0); RFC 4443
// §2.4(f) knows no such exception, and the message that a limit holds back is
// asked for again by the next datagram that is too big.
var (
	types4 = Types(3, 4, 5, 11, 12)
	types6 = Mask{^uint64(0), ^uint64(0), 1 << (137 - 128), 0}
)

// fill puts the defaults in and returns a *wire.FieldError about the first
// field that is wrong.
func (c *Config) fill() error {
	for _, r := range []struct {
		field string
		rate  *Rate
		def   Rate
	}{
		{"Prefix", &c.Prefix, Rate{DefaultPrefixEvery, DefaultPrefixBurst}},
		{"Global", &c.Global, Rate{DefaultGlobalEvery, DefaultGlobalBurst}},
		{"ReplyPrefix", &c.ReplyPrefix, Rate{-1, DefaultPrefixBurst}},
		{"ReplyGlobal", &c.ReplyGlobal, Rate{-1, DefaultGlobalBurst}},
	} {
		if err := r.rate.fill(r.field, r.def); err != nil {
			return err
		}
	}
	for _, n := range []struct {
		field      string
		value      *int
		def, limit int
	}{
		{"Len4", &c.Len4, DefaultLen4, 32},
		{"Len6", &c.Len6, DefaultLen6, 128},
		{"Buckets", &c.Buckets, DefaultBuckets, maxBuckets},
	} {
		if *n.value < 0 {
			return &wire.FieldError{Type: "limit.Config", Field: n.field, Want: "no negative number"}
		}
		if *n.value > n.limit {
			return &wire.FieldError{Type: "limit.Config", Field: n.field, Value: *n.value, Limit: n.limit}
		}
		if *n.value == 0 {
			*n.value = n.def
		}
	}
	c.Buckets = 1 << bits.Len(uint(max(c.Buckets, ways)-1))
	if c.Types4 == (Mask{}) {
		c.Types4 = types4
	}
	if c.Types6 == (Mask{}) {
		c.Types6 = types6
	}
	return nil
}

func (r *Rate) fill(field string, def Rate) error {
	if r.Every == 0 {
		r.Every = def.Every
	}
	if r.Burst == 0 {
		r.Burst = def.Burst
	}
	if r.Burst < 0 {
		return &wire.FieldError{Type: "limit.Config", Field: field + ".Burst", Want: "no negative number"}
	}
	if r.Every > MaxSpan/time.Duration(r.Burst) {
		return &wire.FieldError{Type: "limit.Config", Field: field, Want: "Every times Burst to be a year at most"}
	}
	return nil
}
