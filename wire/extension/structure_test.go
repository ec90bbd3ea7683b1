package extension_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strconv"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/extension"
)

var structures = wiretest.Codec[extension.Structure]{
	Parse:  extension.Parse,
	Append: func(s extension.Structure, b []byte) ([]byte, error) { return s.AppendBinary(b) },
	String: extension.Structure.String,
	Seal: func(b []byte) {
		if len(b) >= extension.HeaderLen && b[2]|b[3] != 0 {
			b[2], b[3] = 0, 0
			if c := checksum.Of(b); c != 0 {
				binary.BigEndian.PutUint16(b[2:], c)
			} else {
				b[2], b[3] = 0xff, 0xff
			}
		}
	},
	Min: extension.HeaderLen,
}

func TestStructure(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-21")
	wiretest.Run(t, structures, []wiretest.Row[extension.Structure]{
		{Name: "empty", Value: extension.Structure{Objects: []byte{}}, Hex: "2000 dfff", Text: "no objects"},
		{
			Name:  "two objects",
			Value: extension.Structure{Objects: wiretest.Octets(t, "0008 0101 03e8 4101  0006 fa07 abcd")},
			Hex:   "2000 f431  0008 0101 03e8 4101  0006 fa07 abcd",
			Text:  "mpls [label 16004, tc 0, ttl 1, bottom]; Private Use 250: c-type 7, 2 octets",
		},
		{
			Name:  "reserved bits",
			Value: extension.Structure{Objects: []byte{0, 4, 9, 9}, Reserved: 0xabc},
			Hex:   "2abc cc36  0004 0909", Text: "Unassigned 9: c-type 9, 0 octets",
		},
		{
			Name:  "no checksum",
			Value: extension.Structure{Objects: []byte{0, 4, 0, 0}, NoChecksum: true},
			Hex:   "2000 0000  0004 0000", Text: "Reserved 0: c-type 0, 0 octets",
		},
		{
			Name:  "checksum that computes to zero",
			Value: extension.Structure{Objects: []byte{0xdf, 0xff}},
			Hex:   "2000 ffff  dfff", Text: "extension.Object: octet 6: shorter than its type requires",
		},
		{
			Name:  "odd number of octets",
			Value: extension.Structure{Objects: []byte{0, 5, 1, 2, 3}},
			Hex:   "2000 dbf8  0005 0102 03", Text: "MPLS Label Stack Class: c-type 2, 1 octets",
		},
	})
	wiretest.Refused(t, structures, extension.Structure{Reserved: 1 << 12}, "Reserved")
	b, err := extension.Structure{Reserved: 1<<12 - 1}.AppendBinary(nil)
	if err != nil || b[0] != 0x2f || b[1] != 0xff {
		t.Errorf("all reserved bits: %x, %v", b, err)
	}
}

func TestStructureRefused(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-20")
	for _, r := range []struct {
		name, hex string
		offset    int
		reason    wire.Reason
		decodes   bool // Decode takes it
	}{
		{"nothing", "", 0, wire.Short, false},
		{"three octets", "2000df", 3, wire.Short, false},
		{"version 1", "1000efff", 0, wire.Version, false},
		{"version 3", "3000cfff", 0, wire.Version, false},
		{"version 0, as if swapped", "0200fdff", 0, wire.Version, false},
		{"checksum one less", "2000dffe", 2, wire.Checksum, true},
		{"checksum one more", "2000e000", 2, wire.Checksum, true},
		{"checksum in the low octet alone", "20000001", 2, wire.Checksum, true},
		{"checksum in the high octet alone", "20000100", 2, wire.Checksum, true},
	} {
		b := wiretest.Octets(t, r.hex)
		s, err := extension.Parse(b)
		want := wire.ParseError{Type: "extension.Structure", Offset: r.offset, Reason: r.reason}
		var pe *wire.ParseError
		if !errors.As(err, &pe) || *pe != want {
			t.Errorf("%s: %v, want %v", r.name, err, &want)
		}
		if !reflect.DeepEqual(s, extension.Structure{}) {
			t.Errorf("%s: %+v with an error", r.name, s)
		}
		if _, err := extension.Decode(b); (err == nil) != r.decodes {
			t.Errorf("%s: Decode: %v", r.name, err)
		}
	}
}

// TestAll iterates over octets of every kind of wrong.
func TestAll(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-20")
	for _, r := range []struct {
		name, objects string
		lens          []int // of the payloads before the error
		offset        int   // of the error; 0: none
		reason        wire.Reason
	}{
		{"none", "", nil, 0, 0},
		{"one without payload", "00040101", []int{0}, 0, 0},
		{"two and three octets", "00040101" + "0008010100000000" + "000401", []int{0, 4}, 19, wire.Short},
		{"length 0", "00000101", nil, 4, wire.Length},
		{"length 3", "0003010100", nil, 4, wire.Length},
		{"length 3 behind another", "00050101aa" + "0003010100", []int{1}, 9, wire.Length},
		{"length one past the end", "00050101", nil, 4, wire.Length},
		{"length to the end", "00050101aa", []int{1}, 0, 0},
		{"length far past the end", "ffff0101aa", nil, 4, wire.Length},
		{"one octet behind", "00040101" + "00", []int{0}, 9, wire.Short},
		{"three octets", "000401", nil, 7, wire.Short},
	} {
		s := extension.Structure{Objects: wiretest.Octets(t, r.objects)}
		var lens []int
		at, failed := extension.HeaderLen, false
		for o, err := range s.All() {
			if failed {
				t.Fatalf("%s: goes on behind an error", r.name)
			}
			if err != nil {
				failed = true
				want := wire.ParseError{Type: "extension.Object", Offset: r.offset, Reason: r.reason}
				var pe *wire.ParseError
				if !errors.As(err, &pe) || *pe != want {
					t.Errorf("%s: %v, want %v", r.name, err, &want)
				}
				if !reflect.DeepEqual(o, extension.Object{}) {
					t.Errorf("%s: %+v with an error", r.name, o)
				}
				continue
			}
			if o.Offset != at || o.Len() != 4+len(o.Payload) {
				t.Errorf("%s: object at octet %d of length %d, want %d", r.name, o.Offset, o.Len(), at)
			}
			at += o.Len()
			lens = append(lens, len(o.Payload))
		}
		if !reflect.DeepEqual(lens, r.lens) || failed != (r.reason != 0) {
			t.Errorf("%s: payloads of %v octets, error: %v", r.name, lens, failed)
		}
	}
}

func TestAllStops(t *testing.T) {
	n := 0
	for range (extension.Structure{Objects: make([]byte, 3)}).All() {
		n++
	}
	for range (extension.Structure{Objects: []byte{0, 4, 1, 1, 0, 4, 1, 1}}).All() {
		n++
		break
	}
	if n != 2 {
		t.Errorf("%d turns, want 2", n)
	}
}

func TestObject(t *testing.T) {
	b := append(wiretest.Octets(t, "0006 0a0b 0c0d"), 0xee)
	o, err := extension.DecodeObject(b, 100)
	if err != nil || o.Class != 10 || o.CType != 11 || !bytes.Equal(o.Payload, []byte{12, 13}) || o.Offset != 100 {
		t.Fatalf("%+v, %v", o, err)
	}
	if cap(o.Payload) != 2 || &o.Payload[0] != &b[4] {
		t.Errorf("payload of capacity %d", cap(o.Payload))
	}
	got, err := o.AppendBinary([]byte{1})
	if err != nil || !bytes.Equal(got, wiretest.Octets(t, "01 0006 0a0b 0c0d")) {
		t.Errorf("append: %x, %v", got, err)
	}
	_, err = extension.DecodeObject(b[:3], 100)
	if want := (wire.ParseError{Type: "extension.Object", Offset: 103, Reason: wire.Short}); err == nil || *err.(*wire.ParseError) != want {
		t.Errorf("three octets: %v", err)
	}
	_, err = extension.DecodeObject(b[:5], 100)
	if want := (wire.ParseError{Type: "extension.Object", Offset: 100, Reason: wire.Length}); err == nil || *err.(*wire.ParseError) != want {
		t.Errorf("five octets of six: %v", err)
	}
}

func TestObjectLimit(t *testing.T) {
	c := wiretest.Codec[extension.Object]{Append: func(o extension.Object, b []byte) ([]byte, error) { return o.AppendBinary(b) }}
	wiretest.Refused(t, c, extension.Object{Payload: make([]byte, 65532)}, "Payload")
	c.Append = func(o extension.Object, b []byte) ([]byte, error) { return extension.Append(b, extension.Object{}, o) }
	wiretest.Refused(t, c, extension.Object{Payload: make([]byte, 65532)}, "Payload")

	big := extension.Object{Class: 1, CType: 2, Payload: make([]byte, 65531)}
	for name, f := range map[string]func() ([]byte, error){
		"AppendBinary": func() ([]byte, error) { return big.AppendBinary(make([]byte, 4)) },
		"Append":       func() ([]byte, error) { return extension.Append(nil, big) },
	} {
		b, err := f()
		if err != nil || len(b) != 4+65535 || !bytes.Equal(b[4:8], []byte{0xff, 0xff, 1, 2}) {
			t.Errorf("%s of the largest object: %d octets, %v", name, len(b), err)
		}
	}
	var fe *wire.FieldError
	if _, err := extension.Append(nil, extension.Object{Payload: make([]byte, 65533)}); !errors.As(err, &fe) ||
		*fe != (wire.FieldError{Type: "extension.Object", Field: "Payload", Value: 65533, Limit: 65531}) {
		t.Errorf("limit: %v", err)
	}
}

// TestAppend builds a structure of raw objects, which must be what the same
// objects give one by one.
func TestAppend(t *testing.T) {
	conform.Row(t, "W-17")
	objects := []extension.Object{
		{Class: 250, CType: 1, Payload: []byte{1, 2, 3, 4}},
		{Class: 251, CType: 2},
		{Class: 252, CType: 3, Payload: []byte{5}},
	}
	got, err := extension.Append([]byte{9, 9, 9}, objects...)
	if err != nil || !bytes.HasPrefix(got, []byte{9, 9, 9}) {
		t.Fatalf("%x, %v", got, err)
	}
	s, err := extension.Parse(got[3:])
	if err != nil || s.NoChecksum || s.Reserved != 0 || s.Len() != len(got)-3 {
		t.Fatalf("%+v, %v", s, err)
	}
	n := 0
	for o, err := range s.All() {
		if err != nil || o.Class != objects[n].Class || o.CType != objects[n].CType || !bytes.Equal(o.Payload, objects[n].Payload) {
			t.Errorf("object %d: %+v, %v", n, o, err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d objects, want 3", n)
	}
	if got, _ := extension.Append(nil); !bytes.Equal(got, wiretest.Octets(t, "2000dfff")) {
		t.Errorf("no objects: %x", got)
	}
}

// TestObjectString has objects say what they are where their payload is not
// what their class asks for.
func TestObjectString(t *testing.T) {
	for _, r := range []struct {
		o    extension.Object
		want string
	}{
		{extension.Object{Class: 1, CType: 1, Payload: []byte{0, 1, 0, 2, 0, 1, 0x1f, 3}}, "mpls [label 16, tc 0, ttl 2] [label 17, tc 7, ttl 3, bottom]"},
		{extension.Object{Class: 1, CType: 1, Payload: []byte{0, 1}}, "MPLS Label Stack Class: Incoming MPLS Label Stack, 2 octets"},
		{extension.Object{Class: 2, CType: 8, Payload: []byte{0, 0, 0, 3}}, "incoming interface: index 3"},
		{extension.Object{Class: 2, CType: 8, Payload: []byte{0, 0, 3}}, "Interface Information Object: c-type 8, 3 octets"},
		{extension.Object{Class: 3, CType: 1, Payload: []byte("eth0")}, `interface by name "eth0"`},
		{extension.Object{Class: 3, CType: 1}, `interface by name ""`},
		{extension.Object{Class: 3, CType: 2, Payload: []byte{0, 0, 0, 3}}, "interface by index 3"},
		{extension.Object{Class: 3, CType: 2}, "Interface Identification Object: Identifies Interface by Index, 0 octets"},
		{extension.Object{Class: 3, CType: 3}, "Interface Identification Object: Identifies Interface by Address, 0 octets"},
		{extension.Object{Class: 3, CType: 4}, "Interface Identification Object: c-type 4, 0 octets"},
		{extension.Object{Class: 4, CType: 1, Payload: []byte{0, 0, 1, 0}}, "pointer 256"},
		{extension.Object{Class: 4, CType: 1}, "Extended Information: Pointer, 0 octets"},
		{extension.Object{Class: 5, CType: 6}, "Node Identification Object: c-type 6, 0 octets"},
	} {
		if got := r.o.String(); got != r.want {
			t.Errorf("%d/%d:\n got %s\nwant %s", r.o.Class, r.o.CType, got, r.want)
		}
	}
}

func TestNames(t *testing.T) {
	conform.Row(t, "W-17")
	for c, want := range map[extension.Class]string{
		0: "Reserved 0", 1: "MPLS Label Stack Class", 2: "Interface Information Object",
		3: "Interface Identification Object", 4: "Extended Information", 5: "Node Identification Object",
		6: "Unassigned 6", 246: "Unassigned 246", 247: "Private Use 247", 255: "Private Use 255",
	} {
		if c.String() != want {
			t.Errorf("class %d: %q, want %q", uint8(c), c, want)
		}
	}
	named := map[string]string{
		"1/1": "Incoming MPLS Label Stack", "3/1": "Identifies Interface by Name", "3/2": "Identifies Interface by Index",
		"3/3": "Identifies Interface by Address", "4/1": "Pointer",
	}
	for c := range 256 {
		for ct := range 256 {
			key := strconv.Itoa(c) + "/" + strconv.Itoa(ct)
			if got := extension.CType(ct).Name(extension.Class(c)); got != named[key] {
				t.Errorf("%s: %q, want %q", key, got, named[key])
			}
		}
	}
}
