package stamp_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/stamp"
	"github.com/sonde-net/sonde/wire/option"
)

var (
	own  = netip.MustParseAddr("10.0.0.1")
	also = netip.MustParseAddr("10.0.0.2")
	src  = netip.MustParseAddr("192.0.2.1")
)

func writer(asked *int) *stamp.Writer {
	return &stamp.Writer{
		Own:  own,
		Mine: func(a netip.Addr) bool { return a == own || a == also },
		Time: func() option.Stamp { *asked++; return 0x01020304 },
	}
}

func TestFill(t *testing.T) {
	conform.Row(t, "E-15")
	for _, c := range []struct {
		name     string
		in, want string // want "": an error
		source   bool
		asked    int
	}{
		{"nothing", "01 01 01 00", "01 01 01 00", true, 0},
		{"record route", "07 0b 04 00000000 00000000 00", "07 0b 08 0a000001 00000000 00", false, 0},
		{"record route, full", "07 07 08 01020304 00", "07 07 08 01020304 00", false, 0},
		{"source route", "83 07 04 0a090909 00", "83 07 08 0a000001 00", true, 0},
		{"strict", "89 07 04 0a090909 00", "89 07 08 0a000001 00", true, 0},
		{"source route of others", "83 07 04 0a090909 00", "83 07 04 0a090909 00", false, 0},
		{"timestamp", "44 08 05 00 00000000", "44 08 09 00 01020304", false, 1},
		{"timestamp and address", "44 0c 05 01 00000000 00000000", "44 0c 0d 01 0a000001 01020304", false, 1},
		{"prespecified, another of its addresses", "44 0c 05 03 0a000002 00000000", "44 0c 0d 03 0a000002 01020304", false, 1},
		{"prespecified, of others", "44 0c 05 03 0a000003 00000000", "44 0c 05 03 0a000003 00000000", false, 1},
		{"timestamp, overflow", "44 08 09 e0 00000000", "44 08 09 f0 00000000", false, 1},
		{"timestamp, no more overflow", "44 08 09 f0 00000000", "", false, 1},
		{"all", "07 07 04 00000000 44 08 05 00 00000000 83 07 04 0a090909 00 00", "07 07 08 0a000001 44 08 09 00 01020304 83 07 08 0a000001 00 00", true, 1},
		{"broken", "01 07 09 04", "", false, 0},
		{"broken route", "07 07 03 00000000 00", "", false, 0},
		{"broken source route", "83 07 03 00000000 00", "", true, 0},
		{"broken source route of others", "83 07 03 00000000 00", "83 07 03 00000000 00", false, 0},
	} {
		asked := 0
		b := wiretest.Octets(t, c.in)
		err := writer(&asked).Fill(b, c.source)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: %x, no fault", c.name, b)
			}
			continue
		}
		if err != nil || !bytes.Equal(b, wiretest.Octets(t, c.want)) || asked != c.asked {
			t.Errorf("%s: %x, %v, asked for the time %d times; want %s", c.name, b, err, asked, c.want)
		}
	}
}

func TestReply(t *testing.T) {
	conform.Row(t, "E-15")
	for _, c := range []struct {
		name, in, want, dst string
	}{
		{"nothing", "01 01 01 00", "", "192.0.2.1"},
		{"record route", "07 0b 04 00000000 00000000 00", "07 0b 08 0a000001 00000000 00", "192.0.2.1"},
		{"source route, at its end", "83 0b 0c 0a090901 0a090902 00", "83 0b 04 0a090901 c0000201 00", "10.9.9.2"},
		{"source route of no gateway", "83 03 04 00", "", "192.0.2.1"},
		{"a strict one, and a record route behind it", "89 07 08 0a090901 07 07 04 00000000", "89 07 04 c0000201 07 07 08 0a000001 0000", "10.9.9.1"},
		{"unknown", "1e 04 0000", "", "192.0.2.1"},
		{"broken behind", "07 07 04 00000000 07", "07 07 08 0a000001 00", "192.0.2.1"},
		{"broken source route", "83 07 03 00000000 00", "", "192.0.2.1"},
		{"a timestamp that cannot count on", "07 07 04 00000000 44 08 09 f0 00000000 00", "", "192.0.2.1"},
	} {
		asked := 0
		b, dst := writer(&asked).Reply([]byte("bef"), wiretest.Octets(t, c.in), src)
		if !bytes.HasPrefix(b, []byte("bef")) || !bytes.Equal(b[3:], wiretest.Octets(t, c.want)) || dst != netip.MustParseAddr(c.dst) {
			t.Errorf("%s: %x to %v, want %s to %s", c.name, b[3:], dst, c.want, c.dst)
		}
	}
}
