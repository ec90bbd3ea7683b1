package extension_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/extension"
)

// object reads the one object that fills b.
func object(b []byte) (extension.Object, error) {
	o, err := extension.DecodeObject(b, 0)
	if err == nil && o.Len() != len(b) {
		err = &wire.ParseError{Type: "test", Offset: o.Len(), Reason: wire.Length}
	}
	return o, err
}

// mend writes the length of b into it, where an object has it.
func mend(b []byte) {
	if len(b) >= 4 {
		b[0], b[1] = byte(len(b)>>8), byte(len(b))
	}
}

// labels is the stack as one value.
var labels = wiretest.Codec[[]extension.Label]{
	Parse: func(b []byte) ([]extension.Label, error) {
		o, err := object(b)
		if err != nil {
			return nil, err
		}
		var all []extension.Label
		for l, err := range extension.Labels(o) {
			if err != nil {
				return nil, err
			}
			all = append(all, l)
		}
		return all, nil
	},
	Append: func(l []extension.Label, b []byte) ([]byte, error) { return extension.AppendLabels(b, l...) },
	Seal:   mend,
	Min:    4,
}

func TestLabels(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-21")
	wiretest.Run(t, labels, []wiretest.Row[[]extension.Label]{
		{Name: "one", Value: []extension.Label{{Label: 16004, Bottom: true, TTL: 1}}, Hex: "0008 0101 03e84101"},
		{Name: "all bits", Value: []extension.Label{{Label: extension.MaxLabel, TC: extension.MaxTC, Bottom: true, TTL: 255}}, Hex: "0008 0101 ffffffff"},
		{Name: "label alone", Value: []extension.Label{{Label: extension.MaxLabel}}, Hex: "0008 0101 fffff000"},
		{Name: "traffic class alone", Value: []extension.Label{{TC: extension.MaxTC}}, Hex: "0008 0101 00000e00"},
		{Name: "bottom alone", Value: []extension.Label{{Bottom: true}}, Hex: "0008 0101 00000100"},
		{Name: "TTL alone", Value: []extension.Label{{TTL: 255}}, Hex: "0008 0101 000000ff"},
		{Name: "empty", Value: nil, Hex: "0004 0101"},
		{
			Name: "three, and more behind the bottom", Hex: "0010 0101 000102fe 000215fd 000300fc",
			Value: []extension.Label{{Label: 16, TC: 1, TTL: 254}, {Label: 33, TC: 2, Bottom: true, TTL: 253}, {Label: 48, TTL: 252}},
		},
	})
	wiretest.Refused(t, labels, []extension.Label{{}, {Label: 1 << 20}}, "Label")
	wiretest.Refused(t, labels, []extension.Label{{TC: 8}}, "TC")
	wiretest.Refused(t, labels, make([]extension.Label, 16383), "Labels")
	if b, err := extension.AppendLabels(nil, make([]extension.Label, 16382)...); err != nil || len(b) != 4+4*16382 {
		t.Errorf("the longest stack: %d octets, %v", len(b), err)
	}
}

func TestLabelsRefused(t *testing.T) {
	conform.Row(t, "W-20")
	for _, r := range []struct {
		name   string
		o      extension.Object
		n      int // labels before the error
		offset int
		reason wire.Reason
	}{
		{"another class", extension.Object{Class: 2, CType: 1, Payload: make([]byte, 4), Offset: 40}, 0, 42, wire.Mismatch},
		{"another sub-type", extension.Object{Class: 1, CType: 2, Payload: make([]byte, 4), Offset: 40}, 0, 43, wire.Mismatch},
		{"three octets", extension.Object{Class: 1, CType: 1, Payload: make([]byte, 3), Offset: 40}, 0, 47, wire.Short},
		{"one octet more", extension.Object{Class: 1, CType: 1, Payload: make([]byte, 9), Offset: 40}, 2, 53, wire.Short},
	} {
		n, failed := 0, false
		for l, err := range extension.Labels(r.o) {
			if failed {
				t.Fatalf("%s: goes on behind an error", r.name)
			}
			if err == nil {
				n++
				continue
			}
			failed = true
			var pe *wire.ParseError
			if want := (wire.ParseError{Type: "extension.Label", Offset: r.offset, Reason: r.reason}); !errors.As(err, &pe) || *pe != want {
				t.Errorf("%s: %v, want %v", r.name, err, &want)
			}
			if l != (extension.Label{}) {
				t.Errorf("%s: %v with an error", r.name, l)
			}
		}
		if n != r.n || !failed {
			t.Errorf("%s: %d labels, error: %v", r.name, n, failed)
		}
	}
}

func TestLabelsStop(t *testing.T) {
	n := 0
	for range extension.Labels(extension.Object{Class: 1, CType: 1, Payload: make([]byte, 8)}) {
		n++
		break
	}
	for range extension.Labels(extension.Object{}) {
		n++
		break
	}
	if n != 2 {
		t.Errorf("%d turns, want 2", n)
	}
}

func TestLabelString(t *testing.T) {
	for _, r := range []struct {
		l    extension.Label
		want string
	}{
		{extension.Label{Label: 16004, TC: 5, TTL: 1}, "label 16004, tc 5, ttl 1"},
		{extension.Label{Label: 3, TTL: 255, Bottom: true}, "label 3, tc 0, ttl 255, bottom"},
	} {
		if got := r.l.String(); got != r.want {
			t.Errorf("%q, want %q", got, r.want)
		}
	}
}

func TestPointer(t *testing.T) {
	conform.Row(t, "W-17")
	c := wiretest.Codec[uint32]{
		Parse: func(b []byte) (uint32, error) {
			o, err := object(b)
			if err != nil {
				return 0, err
			}
			return extension.ParsePointer(o)
		},
		Append: func(p uint32, b []byte) ([]byte, error) { return extension.AppendPointer(b, p), nil },
		Seal:   mend,
		Min:    8,
	}
	wiretest.Run(t, c, []wiretest.Row[uint32]{
		{Name: "small", Value: 40, Hex: "0008 0401 00000028"},
		{Name: "largest", Value: 1<<32 - 1, Hex: "0008 0401 ffffffff"},
	})
	for _, r := range []struct {
		o      extension.Object
		offset int
		reason wire.Reason
	}{
		{extension.Object{Class: 3, CType: 1, Payload: make([]byte, 4), Offset: 8}, 10, wire.Mismatch},
		{extension.Object{Class: 4, CType: 2, Payload: make([]byte, 4), Offset: 8}, 11, wire.Mismatch},
		{extension.Object{Class: 4, CType: 1, Payload: make([]byte, 3), Offset: 8}, 15, wire.Short},
		{extension.Object{Class: 4, CType: 1, Payload: make([]byte, 5), Offset: 8}, 8, wire.Length},
	} {
		_, err := extension.ParsePointer(r.o)
		var pe *wire.ParseError
		if want := (wire.ParseError{Type: "extension.Pointer", Offset: r.offset, Reason: r.reason}); !errors.As(err, &pe) || *pe != want {
			t.Errorf("%d/%d: %v, want %v", r.o.Class, r.o.CType, err, &want)
		}
	}
}

// TestStack builds a structure as a router on a label switched path would, and
// reads it, without an allocation.
func TestStack(t *testing.T) {
	conform.Row(t, "W-17")
	conform.Row(t, "W-23")
	var scratch, out [256]byte
	stack := []extension.Label{{Label: 24005, TTL: 1}, {Label: 16004, Bottom: true, TTL: 1}}
	info := extension.InterfaceInfo{Index: 3, Addr: addr4, Name: []byte("eth0"), MTU: 1500}
	wiretest.NoAllocs(t, "build and read", func() {
		objects, err := extension.AppendLabels(scratch[:0], stack...)
		if err == nil {
			objects, err = info.AppendBinary(objects)
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := extension.Structure{Objects: objects}.AppendBinary(out[:0])
		if err != nil {
			t.Fatal(err)
		}
		s, err := extension.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for o, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			switch o.Class {
			case extension.ClassMPLS:
				for l, err := range extension.Labels(o) {
					if err != nil || l != stack[n] {
						t.Fatal(l, err)
					}
					n++
				}
			case extension.ClassInterfaceInfo:
				i, err := extension.ParseInterfaceInfo(o)
				if err != nil || i.Index != 3 || i.Addr != addr4 || !bytes.Equal(i.Name, info.Name) || i.MTU != 1500 {
					t.Fatal(i, err)
				}
				n++
			}
		}
		if n != 3 {
			t.Fatal(n)
		}
	})
	raw := []extension.Object{{Class: 250, Payload: []byte{1, 2, 3, 4}}}
	wiretest.NoAllocs(t, "raw objects", func() {
		if _, err := extension.Append(out[:0], raw...); err != nil {
			t.Fatal(err)
		}
	})
	if !reflect.DeepEqual(raw, []extension.Object{{Class: 250, Payload: []byte{1, 2, 3, 4}}}) {
		t.Error("Append changes what it is given")
	}
}
