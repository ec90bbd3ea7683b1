package names_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/names"
)

// encode appends a value in the data format of MaxMind DB 2.0: text, whole
// numbers, maps.
func encode(b []byte, v any) []byte {
	control := func(b []byte, kind, size int) []byte {
		var ext []byte
		if kind > 7 {
			ext, kind = []byte{byte(kind - 7)}, 0
		}
		if size < 29 {
			return append(append(b, byte(kind<<5|size)), ext...)
		}
		return append(append(append(b, byte(kind<<5|29)), ext...), byte(size-29))
	}
	switch v := v.(type) {
	case string:
		return append(control(b, 2, len(v)), v...)
	case uint16:
		return binary.BigEndian.AppendUint16(control(b, 5, 2), v)
	case uint32:
		return binary.BigEndian.AppendUint32(control(b, 6, 4), v)
	case uint64:
		return binary.BigEndian.AppendUint64(control(b, 9, 8), v)
	case []any:
		b = control(b, 11, len(v))
		for _, e := range v {
			b = encode(b, e)
		}
		return b
	case map[string]any:
		b = control(b, 7, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b = encode(encode(b, k), v[k])
		}
		return b
	}
	panic("no such kind")
}

// database writes a file with these records, by prefix; of IPv4 in the first 96
// zero bits, as the format has it.
func database(t *testing.T, kind string, records map[string]map[string]any) string {
	t.Helper()
	type node [2]int // 0: nothing; positive: a node; negative: -1-offset of data
	nodes := []node{{}}
	var data []byte
	for _, s := range slices.Sorted(maps.Keys(records)) {
		p := netip.MustParsePrefix(s)
		bits, addr := p.Bits(), p.Addr().As16()
		if p.Addr().Is4() {
			bits += 96
			clear(addr[:12])
		}
		at := 0
		for i := range bits {
			bit := addr[i/8] >> (7 - i%8) & 1
			switch {
			case i == bits-1:
				nodes[at][bit] = -1 - len(data)
			case nodes[at][bit] == 0:
				nodes = append(nodes, node{})
				nodes[at][bit] = len(nodes) - 1
				fallthrough
			default:
				at = nodes[at][bit]
			}
		}
		data = encode(data, records[s])
	}
	var b []byte
	for _, n := range nodes {
		for _, v := range n {
			switch {
			case v == 0:
				v = len(nodes)
			case v < 0:
				v = len(nodes) + 16 + (-1 - v)
			}
			b = append(b, byte(v>>16), byte(v>>8), byte(v))
		}
	}
	b = append(b, make([]byte, 16)...)
	b = append(b, data...)
	b = append(b, "\xab\xcd\xefMaxMind.com"...)
	b = encode(b, map[string]any{
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0),
		"build_epoch": uint64(1767225600), "database_type": kind, "description": map[string]any{"en": "test"},
		"ip_version": uint16(6), "languages": []any{"en"}, "node_count": uint32(len(nodes)), "record_size": uint16(24),
	})
	name := filepath.Join(t.TempDir(), kind+".mmdb")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDatabase(t *testing.T) {
	name := database(t, "Test-ASN", map[string]map[string]any{
		"18.0.0.0/8":     {"autonomous_system_number": uint32(3), "autonomous_system_organization": "MIT\x1b[2J"},
		"1.1.1.0/24":     {"asn": "AS13335", "as_name": "Cloudflare, Inc.", "as_domain": "cloudflare.com", "country": "Australia", "country_code": "AU"},
		"8.8.8.0/24":     {"asn": "AS15169", "name": "Google LLC", "route": "8.8.8.0/25", "country": "us"},
		"9.9.9.0/24":     {"traits": map[string]any{"autonomous_system_number": uint32(19281), "organization": "Quad9"}, "country": map[string]any{"iso_code": "CH"}},
		"5.0.0.0/8":      {"registered_country": map[string]any{"iso_code": "NL"}, "asn": uint32(4294967295)},
		"6.0.0.0/8":      {"asn": "ASnone", "country": "nowhere", "as_number": uint32(1)},
		"7.0.0.0/8":      {"something": "else"},
		"2001:db8::/32":  {"autonomous_system_number": uint32(64500), "autonomous_system_organization": "Six"},
		"2001:db9::/126": {"asn": uint64(1 << 32), "as_name": "Too large"},
	})
	d, err := names.OpenDatabase(name)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := d.String(); got != name+": Test-ASN of 2026-01-01" {
		t.Error(got)
	}
	for _, tt := range []struct {
		addr string
		want names.Owner
	}{
		{"18.7.22.69", names.Owner{ASN: 3, Organisation: "MIT?[2J", Prefix: prefix("18.0.0.0/8")}},
		{"::ffff:18.7.22.69", names.Owner{ASN: 3, Organisation: "MIT?[2J", Prefix: prefix("18.0.0.0/8")}},
		{"1.1.1.1", names.Owner{ASN: 13335, Organisation: "Cloudflare, Inc.", Country: "AU", Prefix: prefix("1.1.1.0/24")}},
		{"8.8.8.8", names.Owner{ASN: 15169, Organisation: "Google LLC", Country: "US", Prefix: prefix("8.8.8.0/25")}},
		{"9.9.9.9", names.Owner{ASN: 19281, Organisation: "Quad9", Country: "CH", Prefix: prefix("9.9.9.0/24")}},
		{"5.1.2.3", names.Owner{ASN: 4294967295, Country: "NL", Prefix: prefix("5.0.0.0/8")}},
		{"6.1.2.3", names.Owner{}},
		{"7.1.2.3", names.Owner{}},
		{"10.0.0.1", names.Owner{}},
		{"2001:db8::5%eth0", names.Owner{ASN: 64500, Organisation: "Six", Prefix: prefix("2001:db8::/32")}},
		{"2001:db9::3", names.Owner{Organisation: "Too large", Prefix: prefix("2001:db9::/126")}},
		{"2001:db9::4", names.Owner{}},
	} {
		got, err := d.Owner(t.Context(), netip.MustParseAddr(tt.addr))
		if got != tt.want || errors.Is(err, names.ErrUnknown) != (tt.want == names.Owner{}) {
			t.Errorf("%s: %+v, %v, want %+v", tt.addr, got, err, tt.want)
		}
	}
}

// TestDatabaseBad: a file that is none, one that is missing, and one that is
// damaged.
func TestDatabaseBad(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.mmdb")
	if err := os.WriteFile(none, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{none, none + "-missing"} {
		if _, err := names.OpenDatabase(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	name := database(t, "Damaged", map[string]map[string]any{"18.0.0.0/8": {"as_name": "MIT"}})
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(b, []byte("as_name"))
	b[i-1] = 0x5f // as text of more octets than there are
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := names.OpenDatabase(name)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if w, err := d.Owner(t.Context(), netip.MustParseAddr("18.0.0.1")); err == nil || errors.Is(err, names.ErrUnknown) || !strings.Contains(err.Error(), name) {
		t.Errorf("%+v, %v", w, err)
	}
}
