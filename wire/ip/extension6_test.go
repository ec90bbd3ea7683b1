package ip_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

const udp8 = "0035 8000 0008 0000"

func TestUpper6(t *testing.T) {
	conform.Row(t, "W-24")
	for _, r := range []struct {
		name       string
		next       ip.Proto
		hex        string
		chain      string // "type@offset<announced:length" for each header
		proto      ip.Proto
		nextOffset int
		offset     int
		fragment   bool
		first      bool
	}{
		{"no extension", ip.ProtoUDP, udp8, "", ip.ProtoUDP, 6, 40, false, true},
		{"nothing at all", ip.ProtoUDP, "", "", ip.ProtoUDP, 6, 40, false, true},
		{"no next header", ip.ProtoNoNext, "0102", "", ip.ProtoNoNext, 6, 40, false, true},
		{"hop-by-hop", ip.ProtoHopByHop, "11 00 0502 0000 0100" + udp8, "0@40<6:8", ip.ProtoUDP, 40, 48, false, true},
		{"hop-by-hop of 16", ip.ProtoHopByHop, "3a 01 010c 000000000000000000000000" + udp8, "0@40<6:16", ip.ProtoICMPv6, 40, 56, false, true},
		{
			"the whole order", ip.ProtoHopByHop,
			"3c 00 0104 00000000" + "2b 00 0104 00000000" + "2c 02 0401 00000000 20010db8000000000000000000000009" +
				"33 00 0001 00000007" + "3c 01 0000 00000001 00000002" + "06 00 0104 00000000" + "aabb",
			"0@40<6:8 60@48<40:8 43@56<48:24 44@80<56:8 51@88<80:12 60@100<88:8", ip.ProtoTCP, 100, 108, true, true,
		},
		{"a later fragment", ip.ProtoFragment, "3c 00 0008 00000007 ffffffffffffffff", "44@40<6:8", ip.ProtoDestOpts, 40, 48, true, false},
		{"an atomic fragment", ip.ProtoFragment, "11 00 0000 00000007" + udp8, "44@40<6:8", ip.ProtoUDP, 40, 48, true, true},
		{"fragment's second octet is no length", ip.ProtoFragment, "11 ff 0001 00000007" + udp8, "44@40<6:8", ip.ProtoUDP, 40, 48, true, true},
		{"ESP ends it", ip.ProtoDestOpts, "32 00 0104 00000000 00000001", "60@40<6:8", ip.ProtoESP, 40, 48, false, true},
		{"mobility ends it", ip.ProtoMobility, "3b 00 0000 00000000", "", ip.ProtoMobility, 6, 40, false, true},
		{"header to the end", ip.ProtoRouting, "3b 00 0000 00000000", "43@40<6:8", ip.ProtoNoNext, 40, 48, false, true},
		{"authentication header to the end", ip.ProtoAH, "3b 01 0000 00000001 00000002", "51@40<6:12", ip.ProtoNoNext, 40, 52, false, true},
	} {
		t.Run(r.name, func(t *testing.T) {
			payload := octets(t, r.hex)
			h := ip.Header6{NextHeader: r.next, PayloadLen: uint16(len(payload))}
			var walked []string
			for e, err := range h.Extensions(payload) {
				if err != nil {
					t.Fatal(err)
				}
				walked = append(walked, fmt.Sprintf("%d@%d<%d:%d", uint8(e.Type), e.Offset, e.NextOffset, len(e.Data)))
				if cap(e.Data) != len(e.Data) || &e.Data[0] != &payload[e.Offset-40] {
					t.Errorf("%v: data are no clipped part of the payload", e)
				}
			}
			if got := strings.Join(walked, " "); got != r.chain {
				t.Errorf("chain %q, want %q", got, r.chain)
			}
			u, err := h.Upper(payload)
			if err != nil {
				t.Fatal(err)
			}
			if u.Proto != r.proto || u.NextOffset != r.nextOffset || u.Offset != r.offset || u.IsFragment != r.fragment || u.First() != r.first {
				t.Errorf("got %+v", u)
			}
			if !bytes.Equal(u.Payload, payload[r.offset-40:]) {
				t.Errorf("payload %x", u.Payload)
			}
			if r.fragment && u.Fragment.ID != 7 {
				t.Errorf("fragment %v", u.Fragment)
			}
		})
	}
}

func TestChainFaults(t *testing.T) {
	conform.Row(t, "W-24")
	conform.Row(t, "W-20")
	opts := "3c 00 0104 00000000"
	for _, r := range []struct {
		name   string
		next   ip.Proto
		hex    string
		seen   int // headers before the fault
		offset int
		reason wire.Reason
		proto  ip.Proto
	}{
		{"hop-by-hop second", ip.ProtoDestOpts, "00 00 0104 00000000 11 00 0104 00000000", 1, 40, wire.Mismatch, ip.ProtoHopByHop},
		{"hop-by-hop twice", ip.ProtoHopByHop, "00 00 0104 00000000 11 00 0104 00000000", 1, 40, wire.Mismatch, ip.ProtoHopByHop},
		{"hop-by-hop behind a fragment header", ip.ProtoFragment, "00 00 0001 00000007 11 00 0104 00000000", 1, 40, wire.Mismatch, ip.ProtoHopByHop},
		{"too long by one unit", ip.ProtoDestOpts, opts + "11 01 0104 00000000", 1, 49, wire.Length, ip.ProtoDestOpts},
		{"too long", ip.ProtoRouting, "11 ff 0000 00000000", 0, 41, wire.Length, ip.ProtoRouting},
		{"authentication header without its fields", ip.ProtoAH, "11 00 0000 00000000 00000000", 0, 41, wire.Length, ip.ProtoAH},
		{"authentication header without its fields, second", ip.ProtoDestOpts, "33 00 0104 00000000 11 00 0000 00000000 00000000", 1, 49, wire.Length, ip.ProtoAH},
		{"authentication header too long", ip.ProtoAH, "11 02 0000 00000000 00000000", 0, 41, wire.Length, ip.ProtoAH},
		{"nothing there", ip.ProtoDestOpts, "", 0, 40, wire.Short, ip.ProtoDestOpts},
		{"seven octets there", ip.ProtoDestOpts, opts + "11 00 0104 000000", 1, 55, wire.Short, ip.ProtoDestOpts},
		{"half a fragment header", ip.ProtoFragment, "11 00 0001", 0, 44, wire.Short, ip.ProtoFragment},
		{"seventeen", ip.ProtoDestOpts, strings.Repeat(opts, 20), 16, 168, wire.Value, ip.ProtoDestOpts},
	} {
		payload := octets(t, r.hex)
		h := ip.Header6{NextHeader: r.next, PayloadLen: uint16(len(payload))}
		seen := 0
		for e, err := range h.Extensions(payload) {
			if err == nil {
				seen++
				continue
			}
			wiretest.WantParseError(t, r.name, err, r.offset, r.reason)
			if e.Data != nil {
				t.Errorf("%s: header %v with the error", r.name, e)
			}
			seen += 100
		}
		if seen != r.seen+100 {
			t.Errorf("%s: %d headers and errors, want %d", r.name, seen, r.seen+100)
		}
		u, err := h.Upper(payload)
		wiretest.WantParseError(t, r.name+", upper", err, r.offset, r.reason)
		if u.Proto != r.proto {
			t.Errorf("%s: %+v", r.name, u)
		}
	}

	// Sixteen are allowed.
	payload := octets(t, strings.Repeat(opts, 15)+"11 00 0104 00000000"+udp8)
	h := ip.Header6{NextHeader: ip.ProtoDestOpts, PayloadLen: uint16(len(payload))}
	if u, err := h.Upper(payload); err != nil || u.Proto != ip.ProtoUDP || u.Offset != 168 {
		t.Errorf("sixteen: %+v, %v", u, err)
	}
}

// A datagram cut after it was sent is told apart from a broken one.
func TestChainTruncated(t *testing.T) {
	conform.Row(t, "W-03")
	payload := octets(t, "3c 00 0104 00000000 11 01 010c 000000000000000000000000"+udp8)
	h := ip.Header6{NextHeader: ip.ProtoDestOpts, PayloadLen: uint16(len(payload))}
	for n := range payload {
		u, err := h.Upper(payload[:n])
		if n >= 24 {
			if err != nil || u.Proto != ip.ProtoUDP || len(u.Payload) != n-24 {
				t.Errorf("cut to %d: %+v, %v", n, u, err)
			}
			continue
		}
		wiretest.WantParseError(t, fmt.Sprintf("cut to %d", n), err, 40+n, wire.Truncated)
	}
	// A length that cannot be true is no truncation where it is there to read.
	h.NextHeader = ip.ProtoAH
	_, err := h.Upper(octets(t, "11 00 0000 00000000 00000000"))
	wiretest.WantParseError(t, "authentication header", err, 41, wire.Length)
}

func TestExtension6Views(t *testing.T) {
	routing := ip.Extension6{Type: ip.ProtoRouting, Data: octets(t, "11 00 0403 00000000")}
	if kind, left, ok := routing.Routing(); kind != 4 || left != 3 || !ok {
		t.Errorf("routing: type %d, %d left, %t", kind, left, ok)
	}
	fragment := ip.Extension6{Type: ip.ProtoFragment, Data: octets(t, "11 00 0009 00000007")}
	if f, ok := fragment.Fragment(); f != (ip.Fragment6{Next: ip.ProtoUDP, Offset: 8, MF: true, ID: 7}) || !ok {
		t.Errorf("fragment: %v, %t", f, ok)
	}
	if f, ok := routing.Fragment(); ok || f != (ip.Fragment6{}) {
		t.Errorf("a routing header is the fragment header %v", f)
	}
	if kind, left, ok := fragment.Routing(); ok || kind != 0 || left != 0 {
		t.Errorf("a fragment header is a routing header %d, %d", kind, left)
	}
	if routing.Next() != ip.ProtoUDP {
		t.Errorf("next %v", routing.Next())
	}
}

func TestExtensionsStops(t *testing.T) {
	payload := octets(t, "3c 00 0104 00000000 11 00 0104 00000000")
	n := 0
	for range (ip.Header6{NextHeader: ip.ProtoDestOpts}).Extensions(payload) {
		n++
		break
	}
	if n != 1 {
		t.Error(n)
	}
}

func TestChainAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	payload := octets(t, "2c 00 0502 0000 0100 11 00 0001 00000007"+udp8)
	h := ip.Header6{NextHeader: ip.ProtoHopByHop, PayloadLen: uint16(len(payload))}
	wiretest.NoAllocs(t, "upper", func() { _, _ = h.Upper(payload) })
	wiretest.NoAllocs(t, "walk", func() {
		for e := range h.Extensions(payload) {
			for o := range e.Options() {
				_ = o
			}
		}
	})
}

func FuzzExtensions(f *testing.F) {
	f.Add(uint8(0), uint16(24), []byte("\x2c\x00\x05\x02\x00\x00\x01\x00\x11\x00\x00\x01\x00\x00\x00\x07\x00\x35\x80\x00\x00\x08\x00\x00"))
	f.Add(uint8(51), uint16(60), []byte("\x3c\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02\x2b\x00\x01\x04\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, next uint8, length uint16, payload []byte) {
		h := ip.Header6{NextHeader: ip.Proto(next), PayloadLen: length}
		at, steps := 40, 0
		for e, err := range h.Extensions(payload) {
			if steps++; steps > ip.MaxExtensions+1 {
				t.Fatal("the walk does not end")
			}
			if err != nil {
				pe, _ := err.(*wire.ParseError)
				if pe == nil || pe.Offset < 6 || pe.Offset > 40+len(payload) {
					t.Fatalf("error %v", err)
				}
				break
			}
			if e.Offset != at || len(e.Data) < 8 {
				t.Fatalf("%v at %d", e, at)
			}
			at += len(e.Data)
			for o, err := range e.Options() {
				if err == nil && (o.Offset < e.Offset+2 || o.Offset+len(o.Data) > at) {
					t.Fatalf("option %v in %v", o, e)
				}
			}
			_, _, _ = e.Unrecognized(func(ip.OptionType6) bool { return false })
		}
		u, _ := h.Upper(payload)
		if u.Offset != at || !bytes.Equal(u.Payload, payload[at-40:]) {
			t.Fatalf("upper %+v, the walk ended at %d", u, at)
		}
	})
}
