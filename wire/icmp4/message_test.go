package icmp4_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// A family is one pair of functions of this package, without its type.
type family struct {
	name          string
	types         []icmp4.Type
	min           int
	parse, decode func([]byte) (icmp4.Message, error)
}

func familyOf[M icmp4.Message](name string, min int, parse, decode func([]byte) (M, error), types ...icmp4.Type) family {
	plain := func(f func([]byte) (M, error)) func([]byte) (icmp4.Message, error) {
		return func(b []byte) (icmp4.Message, error) { return f(b) }
	}
	return family{"icmp4." + name, types, min, plain(parse), plain(decode)}
}

// families are all of them but Raw, which takes any type.
var families = []family{
	familyOf("Echo", 8, icmp4.ParseEcho, icmp4.DecodeEcho, 0, 8),
	familyOf("DestUnreachable", 8, icmp4.ParseDestUnreachable, icmp4.DecodeDestUnreachable, 3),
	familyOf("SourceQuench", 8, icmp4.ParseSourceQuench, icmp4.DecodeSourceQuench, 4),
	familyOf("Redirect", 8, icmp4.ParseRedirect, icmp4.DecodeRedirect, 5),
	familyOf("AlternateAddress", 8, icmp4.ParseAlternateAddress, icmp4.DecodeAlternateAddress, 6),
	familyOf("RouterAdvertisement", 8, icmp4.ParseRouterAdvertisement, icmp4.DecodeRouterAdvertisement, 9),
	familyOf("RouterSolicitation", 8, icmp4.ParseRouterSolicitation, icmp4.DecodeRouterSolicitation, 10),
	familyOf("TimeExceeded", 8, icmp4.ParseTimeExceeded, icmp4.DecodeTimeExceeded, 11),
	familyOf("ParameterProblem", 8, icmp4.ParseParameterProblem, icmp4.DecodeParameterProblem, 12),
	familyOf("TimestampMessage", 20, icmp4.ParseTimestampMessage, icmp4.DecodeTimestampMessage, 13, 14),
	familyOf("Info", 8, icmp4.ParseInfo, icmp4.DecodeInfo, 15, 16),
	familyOf("AddressMask", 12, icmp4.ParseAddressMask, icmp4.DecodeAddressMask, 17, 18),
	familyOf("Traceroute", 20, icmp4.ParseTraceroute, icmp4.DecodeTraceroute, 30),
	familyOf("ConversionError", 8, icmp4.ParseConversionError, icmp4.DecodeConversionError, 31),
	familyOf("MobileRedirect", 8, icmp4.ParseMobileRedirect, icmp4.DecodeMobileRedirect, 32),
	familyOf("DomainNameRequest", 8, icmp4.ParseDomainNameRequest, icmp4.DecodeDomainNameRequest, 37),
	familyOf("DomainNameReply", 12, icmp4.ParseDomainNameReply, icmp4.DecodeDomainNameReply, 38),
	familyOf("Photuris", 8, icmp4.ParsePhoturis, icmp4.DecodePhoturis, 40),
	familyOf("ExtendedEchoRequest", 8, icmp4.ParseExtendedEchoRequest, icmp4.DecodeExtendedEchoRequest, 42),
	familyOf("ExtendedEchoReply", 8, icmp4.ParseExtendedEchoReply, icmp4.DecodeExtendedEchoReply, 43),
}

// plain returns a message of the type, n octets long, that its family reads.
func (f family) plain(n int, t icmp4.Type) []byte {
	b := sealed(n, t)
	if t == icmp4.TypeRouterAdvertisement && n >= 8 {
		b[4], b[5] = 0, 2
		seal(b)
	}
	return b
}

func TestEveryFamilyRefuses(t *testing.T) {
	conform.Row(t, "W-20")
	conform.Row(t, "W-22")
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) {
			for _, typ := range f.types {
				b := f.plain(f.min, typ)
				for what, parse := range map[string]func([]byte) (icmp4.Message, error){"parse": f.parse, "decode": f.decode} {
					if m, err := parse(b); err != nil || m.Kind().Type != typ {
						t.Errorf("%s %d octets of type %d: %v, %v", what, f.min, typ, m, err)
					}
					longest := f.plain(icmp4.MaxLen, typ)
					if m, err := parse(longest); err != nil || m.Len() != icmp4.MaxLen {
						t.Errorf("%s %d octets of type %d: %v", what, icmp4.MaxLen, typ, err)
					}
					_, err := parse(f.plain(icmp4.MaxLen+1, typ))
					parseError(t, what+" too long", err, f.name, icmp4.MaxLen, wire.Length)
				}

				for n := range f.min {
					_, err := f.decode(f.plain(f.min, typ)[:n])
					parseError(t, "decode short", err, f.name, n, wire.Short)
				}
				for n := icmp4.HeaderLen; n < f.min; n++ {
					_, err := f.parse(f.plain(n, typ))
					parseError(t, "parse short", err, f.name, n, wire.Short)
				}
				for n := range icmp4.HeaderLen {
					_, err := f.parse(b[:n])
					parseError(t, "parse without header", err, "icmp4.Message", n, wire.Short)
				}

				b[3] ^= 1
				_, err := f.parse(b)
				parseError(t, "parse with bad checksum", err, "icmp4.Message", 2, wire.Checksum)
				if _, err := f.decode(b); err != nil {
					t.Errorf("decode with bad checksum: %v", err)
				}
			}
			for other := range 256 {
				typ := icmp4.Type(other)
				if typ == f.types[0] || typ == f.types[len(f.types)-1] {
					continue
				}
				_, err := f.parse(sealed(64, typ))
				parseError(t, "parse another type", err, f.name, 0, wire.Mismatch)
				_, err = f.decode(sealed(f.min, typ))
				parseError(t, "decode another type", err, f.name, 0, wire.Mismatch)
				_, err = f.decode(sealed(f.min, typ)[:f.min-1])
				parseError(t, "decode another type, short", err, f.name, f.min-1, wire.Short)
			}
		})
	}
}

func TestParseOfEveryType(t *testing.T) {
	conform.Row(t, "W-01")
	conform.Row(t, "W-20")
	byType := map[icmp4.Type]family{}
	for _, f := range families {
		for _, typ := range f.types {
			byType[typ] = f
		}
	}
	for n := range 256 {
		typ := icmp4.Type(n)
		f, known := byType[typ]
		if !known {
			m, err := icmp4.Parse(sealed(9, typ))
			if raw, ok := m.(icmp4.Raw); err != nil || !ok || raw.Type != typ || raw.Code != 0xa5 || len(raw.Body) != 5 {
				t.Errorf("type %d: %#v, %v", n, m, err)
			}
			continue
		}
		b := f.plain(f.min+3, typ)
		got, err := icmp4.Parse(b)
		want, err2 := f.parse(b)
		if err != nil || err2 != nil || got.String() != want.String() || got.Kind() != want.Kind() || got.Len() != len(b) {
			t.Errorf("type %d: %v (%v), want %v (%v)", n, got, err, want, err2)
		}
		got, err = icmp4.Decode(f.plain(f.min, typ)[:f.min-1])
		name := f.name
		if f.min == icmp4.HeaderLen {
			name = "icmp4.Message"
		}
		parseError(t, "decode short", err, name, f.min-1, wire.Short)
		if got != nil {
			t.Errorf("type %d: an error and %#v", n, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	conform.Row(t, "W-22")
	for n := range icmp4.HeaderLen {
		b := make([]byte, n)
		m, err := icmp4.Parse(b)
		parseError(t, "parse", err, "icmp4.Message", n, wire.Short)
		d, err2 := icmp4.Decode(b)
		parseError(t, "decode", err2, "icmp4.Message", n, wire.Short)
		parseError(t, "verify", icmp4.Verify(b), "icmp4.Message", n, wire.Short)
		if m != nil || d != nil {
			t.Errorf("%d octets: an error and %v, %v", n, m, d)
		}
	}
	b := sealed(64, icmp4.TypeEchoRequest)
	if err := icmp4.Verify(b); err != nil {
		t.Error(err)
	}
	for i := range b {
		b[i] ^= 0x10
		m, err := icmp4.Parse(b)
		parseError(t, "parse", err, "icmp4.Message", 2, wire.Checksum)
		parseError(t, "verify", icmp4.Verify(b), "icmp4.Message", 2, wire.Checksum)
		if m != nil {
			t.Errorf("octet %d: an error and %v", i, m)
		}
		b[i] ^= 0x10
	}
}

// An odd last octet counts as the high half of a word.
func TestChecksumOfOddLength(t *testing.T) {
	conform.Row(t, "W-02")
	b, err := icmp4.Echo{Data: []byte{0x12}}.AppendBinary(nil)
	if want := []byte{8, 0, 0xe5, 0xff, 0, 0, 0, 0, 0x12}; err != nil || !bytes.Equal(b, want) {
		t.Errorf("% x, %v; want % x", b, err, want)
	}
	if _, err := icmp4.ParseEcho(b); err != nil {
		t.Error(err)
	}
}

// Both zeros of ones' complement arithmetic are accepted and written back.
func TestSecondZeroOfTheChecksum(t *testing.T) {
	conform.Row(t, "W-21")
	for _, f := range families {
		for _, typ := range f.types {
			// The last word makes all the others sum to 0xffff.
			b := f.plain(f.min+2, typ)
			b[2], b[3], b[f.min], b[f.min+1] = 0, 0, 0, 0
			sum := bytes.Clone(b)
			seal(sum)
			b[f.min], b[f.min+1] = sum[2], sum[3]
			for _, zero := range []byte{0x00, 0xff} {
				b[2], b[3] = zero, zero
				m, err := icmp4.Parse(b)
				if err != nil {
					t.Errorf("type %d, checksum %02x%02x: %v", typ, zero, zero, err)
					continue
				}
				if got, err := m.AppendBinary(nil); err != nil || !bytes.Equal(got, b) {
					t.Errorf("type %d, checksum %02x%02x: % x, %v; want % x", typ, zero, zero, got, err, b)
				}
			}
		}
	}
}

// A message that was parsed with the second zero, and changed, has the checksum
// of what it is now.
func TestSecondZeroDoesNotStick(t *testing.T) {
	m, err := icmp4.ParseEcho([]byte{8, 0, 0xff, 0xff, 0xf7, 0xff, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	m.Seq = 1
	b, err := m.AppendBinary(nil)
	if want := []byte{8, 0, 0xff, 0xfe, 0xf7, 0xff, 0, 1}; err != nil || !bytes.Equal(b, want) {
		t.Errorf("% x, %v; want % x", b, err, want)
	}
	// Half of the second zero is none.
	for _, b := range [][]byte{{8, 0, 0xff, 0x00, 0xf8, 0xfe, 0, 0}, {8, 0, 0x00, 0xff, 0xf7, 0x00, 0, 0}} {
		m, err := icmp4.ParseEcho(b)
		if err != nil {
			t.Fatal(err)
		}
		m.ID = 0xf7ff
		if b, err := m.AppendBinary(nil); err != nil || b[2] != 0 || b[3] != 0 {
			t.Errorf("checksum % x, %v; want zero", b[2:4], err)
		}
	}
}

func TestDecodeCut(t *testing.T) {
	conform.Row(t, "W-03")
	ts := sealed(20, icmp4.TypeTimestampReply)
	for _, c := range []struct {
		what    string
		b       []byte
		wireLen int
		typ     string
		offset  int
		reason  wire.Reason
	}{
		{"whole", ts, 20, "", 0, 0},
		{"cut behind the fixed part", ts, 21, "", 0, 0},
		{"wire length below the octets", ts, 4, "", 0, 0},
		{"cut", ts[:19], 20, "icmp4.TimestampMessage", 19, wire.Truncated},
		{"cut, and would be short", ts[:12], 13, "icmp4.TimestampMessage", 12, wire.Truncated},
		{"short", ts[:12], 12, "icmp4.TimestampMessage", 12, wire.Short},
		{"short, wire length below the octets", ts[:12], 11, "icmp4.TimestampMessage", 12, wire.Short},
		{"cut in the header", ts[:7], 20, "icmp4.Message", 7, wire.Truncated},
		{"empty", nil, 1, "icmp4.Message", 0, wire.Truncated},
		{"nothing", nil, 0, "icmp4.Message", 0, wire.Short},
		{"cut between the entries", []byte{9, 0, 0, 0, 2, 2, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0}, 24, "icmp4.RouterAdvertisement", 16, wire.Truncated},
		{"malformed", []byte{9, 0, 0, 0, 1, 1, 0, 1, 1, 2, 3, 4}, 24, "icmp4.RouterAdvertisement", 5, wire.Value},
	} {
		m, err := icmp4.DecodeCut(c.b, c.wireLen)
		if c.reason == 0 {
			if err != nil || m == nil {
				t.Errorf("%s: %v, %v", c.what, m, err)
			}
			continue
		}
		parseError(t, c.what, err, c.typ, c.offset, c.reason)
		if m != nil {
			t.Errorf("%s: an error and %v", c.what, m)
		}
	}
	m, err := icmp4.DecodeCut(sealed(40, icmp4.TypeEchoReply)[:30], 40)
	if e, ok := m.(icmp4.Echo); err != nil || !ok || len(e.Data) != 22 {
		t.Errorf("%v, %v", m, err)
	}
}

func TestReadingAlways(t *testing.T) {
	// Slices alias what was parsed, and do not reach behind it.
	b := append(sealed(64, icmp4.TypeEchoRequest), 0x77)[:64]
	m, err := icmp4.ParseEcho(b)
	if err != nil {
		t.Fatal(err)
	}
	if &m.Data[0] != &b[8] || len(m.Data) != 56 {
		t.Error("Data does not alias the message")
	}
}

func TestIsError(t *testing.T) {
	for n := range 256 {
		typ, want := icmp4.Type(n), false
		switch n {
		case 3, 4, 5, 11, 12, 31, 32, 40:
			want = true
		}
		if typ.IsError() != want {
			t.Errorf("type %d: IsError %v", n, typ.IsError())
		}
	}
}

func TestNoAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	buf := make([]byte, 0, 2048)
	for _, m := range []icmp4.Message{
		icmp4.Echo{Data: make([]byte, 56)},
		icmp4.DestUnreachable{Quote: quote},
		icmp4.DestUnreachable{Quote: quote, Ext: make([]byte, 12)},
		icmp4.SourceQuench{Quote: quote},
		icmp4.Redirect{Gateway: addr("192.0.2.1"), Quote: quote},
		icmp4.TimeExceeded{Quote: quote, Ext: make([]byte, 12)},
		icmp4.ParameterProblem{Quote: quote},
		icmp4.TimestampMessage{Originate: 1},
		icmp4.Info{},
		icmp4.AddressMask{},
		icmp4.RouterSolicitation{},
		icmp4.RouterAdvertisement{Entries: make([]byte, 16)},
		icmp4.ExtendedEchoRequest{Ext: make([]byte, 12)},
		icmp4.ExtendedEchoReply{},
		icmp4.Traceroute{},
		icmp4.Photuris{Quote: quote},
		icmp4.Raw{Type: 253, Body: quote},
	} {
		wiretest.NoAllocs(t, "building "+m.Kind().String(), func() {
			if _, err := m.AppendBinary(buf); err != nil {
				t.Fatal(err)
			}
		})
	}
	echo := sealed(64, icmp4.TypeEchoRequest)
	unreachable := built(t, icmp4.DestUnreachable{Quote: quote, Ext: make([]byte, 12)})
	exceeded := built(t, icmp4.TimeExceeded{Quote: quote, Ext: make([]byte, 12)})
	problem := built(t, icmp4.ParameterProblem{Quote: quote})
	timestamp := built(t, icmp4.TimestampMessage{})
	redirect := built(t, icmp4.Redirect{Gateway: addr("192.0.2.1"), Quote: quote})
	routers := built(t, icmp4.RouterAdvertisement{Entries: make([]byte, 16)})
	probe := built(t, icmp4.ExtendedEchoReply{})
	var err error
	noError := func(what string, f func()) {
		t.Helper()
		wiretest.NoAllocs(t, "parsing "+what, f)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	noError("echo", func() { _, err = icmp4.ParseEcho(echo) })
	noError("unreachable", func() { _, err = icmp4.ParseDestUnreachable(unreachable) })
	noError("time exceeded", func() { _, err = icmp4.ParseTimeExceeded(exceeded) })
	noError("parameter problem", func() { _, err = icmp4.ParseParameterProblem(problem) })
	noError("timestamp", func() { _, err = icmp4.ParseTimestampMessage(timestamp) })
	noError("redirect", func() { _, err = icmp4.ParseRedirect(redirect) })
	noError("extended echo", func() { _, err = icmp4.ParseExtendedEchoReply(probe) })
	noError("router advertisement", func() {
		var m icmp4.RouterAdvertisement
		m, err = icmp4.ParseRouterAdvertisement(routers)
		for r := range m.Routers() {
			if r.Preference != 0 {
				t.Fail()
			}
		}
	})
}

func TestErrorsCanBeTestedFor(t *testing.T) {
	_, err := icmp4.Parse(nil)
	if !errors.Is(err, wire.Short) || errors.Is(err, wire.Truncated) {
		t.Errorf("%v", err)
	}
}
