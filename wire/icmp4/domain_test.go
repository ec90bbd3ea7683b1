package icmp4_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var domainRequestRows = []wiretest.Row[icmp4.DomainNameRequest]{
	{
		Name:  "request",
		Value: icmp4.DomainNameRequest{ID: 0x0102, Seq: 0x0304, Trailing: []byte{}},
		Hex:   "2500 d6f9 0102 0304",
		Text:  "37/0 Domain Name Request, id 258, seq 772",
	},
	{
		Name:  "octets behind the end, code that should be zero",
		Value: icmp4.DomainNameRequest{Code: 8, Trailing: []byte{1}},
		Hex:   "2508 d9f7 0000 0000 01",
	},
}

func TestDomainNameRequest(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParseDomainNameRequest, 8, domainRequestRows)
	limited(t, "icmp4.DomainNameRequest", "Trailing", 65507, func(n int) icmp4.DomainNameRequest {
		return icmp4.DomainNameRequest{Trailing: make([]byte, n)}
	})
}

var domainReplyRows = []wiretest.Row[icmp4.DomainNameReply]{
	{
		Name:  "two names",
		Value: icmp4.DomainNameReply{ID: 1, Seq: 2, TTL: time.Hour, Names: []byte("\x01a\x07example\x00\x01b\x00")},
		Hex:   "2600 0eee 0001 0002 00000e10 0161 076578616d706c65 00 0162 00",
		Text:  "38/0 Domain Name Reply, id 1, seq 2, ttl 1h0m0s, a.example., b.",
	},
	{
		Name:  "no name, negative time, code that should be zero",
		Value: icmp4.DomainNameReply{Code: 1, TTL: -time.Second, Names: []byte{}},
		Hex:   "2601 d9fe 0000 0000 ffffffff",
		Text:  "38/1 Domain Name Reply, id 0, seq 0, ttl -1s",
	},
	{
		Name:  "name that cannot be read",
		Value: icmp4.DomainNameReply{TTL: math.MaxInt32 * time.Second, Names: []byte{1, 'a', 0, 0xc0, 0}},
		Hex:   "2600 57df 0000 0000 7fffffff 0161 00 c000",
		Text:  "38/0 Domain Name Reply, id 0, seq 0, ttl 596523h14m7s, a., then a name that cannot be read",
	},
}

func TestDomainNameReply(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParseDomainNameReply, 12, domainReplyRows)
	limited(t, "icmp4.DomainNameReply", "Names", 65503, func(n int) icmp4.DomainNameReply {
		return icmp4.DomainNameReply{Names: make([]byte, n)}
	})
	for _, d := range []time.Duration{1, -1, time.Second + 1, (math.MaxInt32 + 1) * time.Second, (math.MinInt32 - 1) * time.Second} {
		refused(t, icmp4.DomainNameReply{TTL: d}, "icmp4.DomainNameReply", "TTL", 0, -1)
	}
	for _, s := range []int64{math.MaxInt32, math.MinInt32} {
		m, err := icmp4.ParseDomainNameReply(built(t, icmp4.DomainNameReply{TTL: time.Duration(s) * time.Second}))
		if err != nil || m.TTL != time.Duration(s)*time.Second {
			t.Errorf("%d s: %v, %v", s, m.TTL, err)
		}
	}
}

func TestNames(t *testing.T) {
	conform.Row(t, "W-15")
	long := strings.Repeat("a", 63)
	for _, c := range []struct {
		what   string
		names  string
		want   []string
		offset int
		reason wire.Reason // 0: none
	}{
		{"nothing", "", nil, 0, 0},
		{"the root", "\x00", []string{"."}, 0, 0},
		{"the root twice", "\x00\x00", []string{".", "."}, 0, 0},
		{"longest label", "?" + long + "\x00", []string{long + "."}, 0, 0},
		{"octets to escape", "\x06.\\ \x7f~!\x02\x00\xff\x00", []string{`\.\\\032\127~!.\000\255.`}, 0, 0},
		{"label too long", "\x01b\x00@" + long + "a\x00", []string{"b."}, 3, wire.Value},
		{"pointer", "\x01b\x00\x01c\xc0\x00", []string{"b."}, 5, wire.Value},
		{"no end", "\x01b\x00\x01c", []string{"b."}, 5, wire.Short},
		{"label cut", "\x03ab", nil, 0, wire.Length},
		{"label to the last octet", "\x02ab", nil, 3, wire.Short},
		{"255 octets", strings.Repeat("?"+long, 3) + "=" + long[:61] + "\x00", []string{strings.Repeat(long+".", 3) + long[:61] + "."}, 0, 0},
		{"256 octets", strings.Repeat("?"+long, 3) + ">" + long[:62] + "\x00", nil, 255, wire.Length},
		{"257 octets", strings.Repeat("?"+long, 4) + "\x00", nil, 192, wire.Length},
		{"255 octets behind another name", "\x00" + strings.Repeat("?"+long, 3) + "=" + long[:61] + "\x00", []string{".", strings.Repeat(long+".", 3) + long[:61] + "."}, 0, 0},
	} {
		var got []string
		var last error
		for name, err := range (icmp4.DomainNameReply{Names: []byte(c.names)}).All() {
			if last != nil {
				t.Errorf("%s: goes on behind an error", c.what)
			}
			if last = err; err == nil {
				got = append(got, name)
			} else if name != "" {
				t.Errorf("%s: an error and %q", c.what, name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if c.reason != 0 {
			parseError(t, c.what, last, "icmp4.DomainNameReply.Names", c.offset, c.reason)
		} else if last != nil {
			t.Errorf("%s: %v", c.what, last)
		}
	}
	for name := range (icmp4.DomainNameReply{Names: []byte("\x01a\x00\x01b\x00")}).All() {
		if name != "a." {
			t.Errorf("first is %q", name)
		}
		break
	}
}

func TestAppendName(t *testing.T) {
	conform.Row(t, "W-15")
	long := strings.Repeat("a", 63)
	most := long + "." + long + "." + long + "." + long[:61]
	for name, want := range map[string]string{
		"":            "\x00",
		".":           "\x00",
		"a":           "\x01a\x00",
		"a.example.":  "\x01a\x07example\x00",
		long:          "?" + long + "\x00",
		most:          strings.Repeat("?"+long, 3) + "=" + long[:61] + "\x00",
		most + ".":    strings.Repeat("?"+long, 3) + "=" + long[:61] + "\x00",
		"with space.": "\x0awith space\x00",
	} {
		b, err := icmp4.AppendName([]byte("x"), name)
		if err != nil || string(b) != "x"+want {
			t.Errorf("%q: %q, %v; want %q", name, b, err, want)
		}
	}
	for _, c := range []struct {
		name         string
		value, limit int // limit -1: a want
	}{
		{"..", 0, -1},
		{"a..b", 0, -1},
		{".a", 0, -1},
		{"ok." + long + "a", 64, 63},
		{most + "a", 256, 255},
		{most + "a.", 256, 255},
	} {
		b, err := icmp4.AppendName([]byte("x"), c.name)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || fe.Type != "icmp4.DomainNameReply" || fe.Field != "Names" {
			t.Errorf("%q: %v", c.name, err)
			continue
		}
		if c.limit < 0 && fe.Want == "" || c.limit >= 0 && (fe.Value != c.value || fe.Limit != c.limit) {
			t.Errorf("%q: %+v, want %d over %d", c.name, *fe, c.value, c.limit)
		}
		if !bytes.Equal(b, []byte("x")) {
			t.Errorf("%q: refused, and the slice is now %q", c.name, b)
		}
	}
}
