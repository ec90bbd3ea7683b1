package ip_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

func TestOptionType(t *testing.T) {
	conform.Row(t, "W-24")
	for _, r := range []struct {
		t             ip.OptionType
		number        uint8 // all eight bits
		copied        bool
		class, within uint8
		text          string
	}{
		{ip.OptEnd, 0, false, 0, 0, "End of Options List"},
		{ip.OptNOP, 1, false, 0, 1, "No Operation"},
		{ip.OptRecordRoute, 7, false, 0, 7, "Record Route"},
		{ip.OptTimestamp, 68, false, 2, 4, "Time Stamp"},
		{ip.OptTraceroute, 82, false, 2, 18, "Traceroute"},
		{ip.OptSecurity, 130, true, 0, 2, "Security"},
		{ip.OptLSRR, 131, true, 0, 3, "Loose Source Route"},
		{ip.OptExtSecurity, 133, true, 0, 5, "Extended Security"},
		{ip.OptCIPSO, 134, true, 0, 6, "Commercial Security"},
		{ip.OptStreamID, 136, true, 0, 8, "Stream ID"},
		{ip.OptSSRR, 137, true, 0, 9, "Strict Source Route"},
		{ip.OptRouterAlert, 148, true, 0, 20, "Router Alert"},
		{ip.OptionType(255), 255, true, 3, 31, "option 255"},
	} {
		if uint8(r.t) != r.number || r.t.Copied() != r.copied || r.t.Class() != r.class || r.t.Number() != r.within || r.t.String() != r.text {
			t.Errorf("%d: copied %t, class %d, number %d, %q; want %+v", uint8(r.t), r.t.Copied(), r.t.Class(), r.t.Number(), r.t, r)
		}
	}
}

// walk4 returns the options in one line each, "offset type data", and the error
// that ends the walk.
func walk4(options []byte) (lines []string, err error) {
	for o, e := range ip.Options4(options) {
		if e != nil {
			return lines, e
		}
		lines = append(lines, fmt.Sprintf("%d %d %x", o.Offset, uint8(o.Type), o.Data))
	}
	return lines, nil
}

func TestOptions4(t *testing.T) {
	conform.Row(t, "W-24")
	conform.Row(t, "W-20")
	for _, r := range []struct {
		name, hex string
		want      []string
		offset    int // of the error; 0: none
	}{
		{"none", "", nil, 0},
		{"no operation alone", "01", []string{"20 1 "}, 0},
		{"end alone", "00", []string{"20 0 "}, 0},
		{"end and padding", "01 00 aabb", []string{"20 1 ", "21 0 aabb"}, 0},
		{"an option behind the end is padding", "00 940400", []string{"20 0 940400"}, 0},
		{"router alert", "94040000", []string{"20 148 0000"}, 0},
		{"empty option", "1e02 1e02", []string{"20 30 ", "22 30 "}, 0},
		{"row of options", "01 0707 04 00000000 820301 94040001", []string{"20 1 ", "21 7 0400000000", "28 130 01", "31 148 0001"}, 0},
		{"unknown", "9e 05 010203 00 00 00", []string{"20 158 010203", "25 0 0000"}, 0},
		{"no length octet", "01 01 01 07", []string{"20 1 ", "21 1 ", "22 1 "}, 23},
		{"no length octet at all", "07", nil, 20},
		{"length 0", "01 07 00 04", []string{"20 1 "}, 22},
		{"length 1", "07 01 04 00", nil, 21},
		{"length past the end by one", "01 07 04 04", []string{"20 1 "}, 22},
		{"length past the end", "07 ff 04 00", nil, 21},
		{"length to the end", "01 07 03 04", []string{"20 1 ", "21 7 04"}, 0},
	} {
		t.Run(r.name, func(t *testing.T) {
			got, err := walk4(octets(t, r.hex))
			if fmt.Sprint(got) != fmt.Sprint(r.want) {
				t.Errorf("got %q, want %q", got, r.want)
			}
			if r.offset == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wiretest.WantParseError(t, r.name, err, r.offset, wire.Length)
		})
	}
}

// The walk stops when the caller does, and after an error.
func TestOptions4Stops(t *testing.T) {
	n := 0
	for range ip.Options4([]byte{1, 1, 1}) {
		n++
		break
	}
	for o, err := range ip.Options4([]byte{7, 1, 1, 1}) {
		n += 10
		if err == nil || o.Data != nil || o.Offset != 0 || o.Type != 0 {
			t.Errorf("option %v, %v", o, err)
		}
	}
	if n != 11 {
		t.Errorf("%d, want 11", n)
	}
}

// The data alias the header, and cannot be appended to over the next option.
func TestOptions4Alias(t *testing.T) {
	raw := octets(t, "9e 04 0102 01")
	for o := range ip.Options4(raw) {
		if o.Type != 158 {
			break
		}
		o.Data[1] = 9
		if raw[3] != 9 || cap(o.Data) != 2 {
			t.Errorf("raw %x, capacity %d", raw, cap(o.Data))
		}
	}
}

func TestOption4AppendBinary(t *testing.T) {
	conform.Row(t, "W-24")
	for _, r := range []struct {
		name  string
		o     ip.Option4
		hex   string // empty: refused
		limit int
	}{
		{"end", ip.Option4{Type: ip.OptEnd}, "00", 0},
		{"end and padding", ip.Option4{Type: ip.OptEnd, Data: []byte{0, 1}}, "00 0001", 0},
		{"no operation", ip.Option4{Type: ip.OptNOP}, "01", 0},
		{"security", ip.Option4{Offset: 99, Type: ip.OptSecurity, Data: []byte{0xab, 0xcd}}, "82 04 abcd", 0},
		{"empty", ip.Option4{Type: 30}, "1e 02", 0},
		{"data in a no operation", ip.Option4{Type: ip.OptNOP, Data: []byte{1}}, "", 0},
		{"too long", ip.Option4{Type: 30, Data: make([]byte, 39)}, "", 38},
		{"end with too much padding", ip.Option4{Type: ip.OptEnd, Data: make([]byte, 40)}, "", 39},
	} {
		b, err := r.o.AppendBinary([]byte{0x77})
		if r.hex == "" {
			wiretest.WantFieldError(t, r.name, b, err, "Data")
			wiretest.WantLimit(t, r.name, err, len(r.o.Data), r.limit)
			continue
		}
		if want := octets(t, "77"+r.hex); err != nil || !bytes.Equal(b, want) || r.o.Len() != len(want)-1 {
			t.Errorf("%s: %x, %v, length %d; want %x", r.name, b, err, r.o.Len(), want)
		}
	}
	for _, o := range []ip.Option4{{Type: 30, Data: make([]byte, 38)}, {Type: ip.OptEnd, Data: make([]byte, 39)}} {
		if b, err := o.AppendBinary(nil); err != nil || len(b) != 40 {
			t.Errorf("the longest of type %d: %d octets, %v", o.Type, len(b), err)
		}
	}
}

func TestPadOptions(t *testing.T) {
	for n := range 9 {
		b := bytes.Repeat([]byte{1}, n)
		got := ip.PadOptions(b)
		want := (n + 3) / 4 * 4
		if len(got) != want || !bytes.Equal(got[:n], b) || !bytes.Equal(got[n:], make([]byte, want-n)) {
			t.Errorf("%d octets padded to %x", n, got)
		}
	}
}

func TestOptions4Allocs(t *testing.T) {
	conform.Row(t, "W-23")
	raw := octets(t, "01 0707 04 00000000 820301 94040001")
	buf := make([]byte, 0, 64)
	wiretest.NoAllocs(t, "walk and append", func() {
		b := buf
		for o, err := range ip.Options4(raw) {
			if err == nil {
				b, _ = o.AppendBinary(b)
			}
		}
	})
}

func FuzzOptions4(f *testing.F) {
	f.Add([]byte("\x01\x07\x07\x04\x00\x00\x00\x00\x82\x03\x01\x94\x04\x00\x01"))
	f.Add([]byte("\x44\x0c\x05\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > ip.MaxOptionsLen {
			b = b[:ip.MaxOptionsLen]
		}
		var got []byte
		steps := 0
		for o, err := range ip.Options4(b) {
			if steps++; steps > len(b) {
				t.Fatal("the walk does not end")
			}
			if err != nil {
				pe, _ := err.(*wire.ParseError)
				if pe == nil || pe.Offset < 20+len(got) || pe.Offset >= 20+len(b) {
					t.Fatalf("error %v behind %x", err, got)
				}
				got = append(got, b[len(got):]...)
				break
			}
			if o.Offset != 20+len(got) {
				t.Fatalf("option at %d behind %x", o.Offset, got)
			}
			if got, err = o.AppendBinary(got); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, b) {
			t.Fatalf("append: %x, want %x", got, b)
		}
	})
}
