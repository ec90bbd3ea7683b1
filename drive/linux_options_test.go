//go:build linux

package drive_test

import (
	"fmt"
	"net/netip"
)

// A namedOptions is IPv4 options and what they are.
type namedOptions struct {
	name string
	opts []byte
}

// route4 is a record route or source route: pointer, and slots.
func route4(typ, pointer uint8, slots ...string) []byte {
	b := []byte{typ, byte(3 + 4*len(slots)), pointer}
	for _, s := range slots {
		b = append(b, netip.MustParseAddr(s).AsSlice()...)
	}
	return b
}

// stamps4 is a timestamp option with n empty slots of the form.
func stamps4(pointer, overflow, form uint8, slots []byte) []byte {
	return append([]byte{68, byte(4 + len(slots)), pointer, overflow<<4 | form}, slots...)
}

const (
	recordRoute = 7
	lsrr        = 131
	ssrr        = 137
)

// optionSet is options right and wrong; own is an address of who gets them, and
// other is somebody else's.
func optionSet(own, other string) []namedOptions {
	var out []namedOptions
	add := func(name string, opts ...byte) { out = append(out, namedOptions{name, opts}) }
	const none = "0.0.0.0"
	// Record route, by how many slots are left.
	for n := range 10 {
		slots := make([]string, n)
		for i := range slots {
			slots[i] = none
		}
		add(fmt.Sprintf("record route, %d slots", n), route4(recordRoute, 4, slots...)...)
	}
	add("record route, second slot", route4(recordRoute, 8, other, none)...)
	add("record route, full", route4(recordRoute, 12, other, other)...)
	add("record route, pointer far behind", route4(recordRoute, 200, other)...)
	for _, p := range []uint8{0, 1, 2, 3, 5, 6, 7, 9, 10, 11} {
		add(fmt.Sprintf("record route, pointer %d", p), route4(recordRoute, p, none, none)...)
	}
	for n := range 8 {
		b := []byte{recordRoute, byte(n), 4, 0, 0, 0, 0, 0}
		if n < 3 || n == 4 || n == 5 || n == 6 {
			add(fmt.Sprintf("record route, length %d", n), b...)
		}
	}
	add("record route, behind the header's end", recordRoute, 12, 4, 0, 0, 0, 0, 0)
	add("record route, twice", append(append(route4(recordRoute, 4, none), 1), route4(recordRoute, 4, none)...)...)

	// Timestamps.
	for _, form := range []uint8{0, 1} {
		size := 4 + 4*int(form)
		add(fmt.Sprintf("timestamp, form %d", form), stamps4(5, 0, form, make([]byte, size))...)
		add(fmt.Sprintf("timestamp, form %d, last slot of two", form), stamps4(uint8(5+size), 0, form, make([]byte, 2*size))...)
		add(fmt.Sprintf("timestamp, form %d, full", form), stamps4(uint8(5+size), 0, form, make([]byte, size))...)
		add(fmt.Sprintf("timestamp, form %d, full, overflow 14", form), stamps4(uint8(5+size), 14, form, make([]byte, size))...)
		add(fmt.Sprintf("timestamp, form %d, full, overflow 15", form), stamps4(uint8(5+size), 15, form, make([]byte, size))...)
		add(fmt.Sprintf("timestamp, form %d, room for half", form), stamps4(5, 0, form, make([]byte, size-2))...)
		add(fmt.Sprintf("timestamp, form %d, pointer 4", form), stamps4(4, 0, form, make([]byte, size))...)
		add(fmt.Sprintf("timestamp, form %d, pointer 6", form), stamps4(6, 0, form, make([]byte, 2*size))...)
		add(fmt.Sprintf("timestamp, form %d, no slot", form), stamps4(5, 0, form, nil)...)
	}
	slot := func(a string) []byte { return append(netip.MustParseAddr(a).AsSlice(), 0, 0, 0, 0) }
	add("timestamp, own address next", stamps4(5, 0, 3, slot(own))...)
	add("timestamp, other address next", stamps4(5, 0, 3, slot(other))...)
	add("timestamp, own address behind another", stamps4(13, 0, 3, append(slot(other), slot(own)...))...)
	add("timestamp, prespecified and full", stamps4(13, 0, 3, slot(other))...)
	add("timestamp, prespecified and full, overflow 15", stamps4(13, 15, 3, slot(other))...)
	for _, form := range []uint8{2, 4, 15} {
		add(fmt.Sprintf("timestamp, form %d", form), stamps4(5, 0, form, make([]byte, 8))...)
	}
	for _, n := range []uint8{2, 3} {
		add(fmt.Sprintf("timestamp, length %d", n), 68, n, 5, 0)
	}
	add("timestamp, twice", append(stamps4(5, 0, 0, make([]byte, 4)), stamps4(5, 0, 0, make([]byte, 4))...)...)
	add("timestamp and record route", append(stamps4(5, 0, 0, make([]byte, 4)), route4(recordRoute, 4, none)...)...)

	// The others.
	add("no operation", 1, 1, 1, 1)
	add("end, and anything behind", 0, 7, 99, 1)
	add("no operation, end", 1, 0)
	add("router alert", 148, 4, 0, 0)
	add("router alert, value 1", 148, 4, 0, 1)
	add("router alert, length 3", 148, 3, 0, 0)
	add("router alert, length 5", 148, 5, 0, 0, 0)
	add("stream identifier", 136, 4, 1, 2)
	add("security", 130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, t := range []uint8{30, 94, 158, 222, 25, 200} {
		add(fmt.Sprintf("unknown option %d", t), t, 4, 0xab, 0xcd)
		add(fmt.Sprintf("unknown option %d, length 2", t), t, 2)
		add(fmt.Sprintf("unknown option %d, length 1", t), t, 1, 0, 0)
		add(fmt.Sprintf("unknown option %d, length 0", t), t, 0, 0, 0)
		add(fmt.Sprintf("unknown option %d, too long", t), t, 5, 0, 0)
		add(fmt.Sprintf("unknown option %d, no length", t), 1, 1, 1, t)
	}
	return out
}

// optionsOf sends a host one body with each of the options.
func optionsOf(what string, body []byte, proto uint8) []stimulus {
	var out []stimulus
	add := func(o namedOptions) {
		out = append(out, one(o.name, dgram{src: friend, dst: self, proto: proto, opts: o.opts, body: body}.octets()))
	}
	for _, o := range optionSet(self, friend) {
		add(o)
	}
	for _, o := range sourceRouteSet(self, "10.0.1.30", "10.0.1.254") {
		add(o)
	}
	if what == "echo" {
		add(namedOptions{"record route and no operations", append([]byte{1, 1, 1}, route4(recordRoute, 4, "0.0.0.0")...)})
		add(namedOptions{"unknown and record route", append([]byte{30, 4, 1, 2}, route4(recordRoute, 4, "0.0.0.0")...)})
		add(namedOptions{"record route and spent source route", append(append(route4(lsrr, 8, "10.0.1.1"), 1), route4(recordRoute, 4, "0.0.0.0")...)})
	}
	return out
}

// sourceRouteSet is source routes, spent and not, right and wrong.
func sourceRouteSet(own, next, hop string) []namedOptions {
	var out []namedOptions
	for _, r := range []struct {
		name string
		typ  uint8
	}{{"loose", lsrr}, {"strict", ssrr}} {
		add := func(name string, opts []byte) { out = append(out, namedOptions{r.name + " route, " + name, opts}) }
		add("not spent", route4(r.typ, 4, next))
		add("two stops left", route4(r.typ, 4, hop, next))
		add("spent, one stop", route4(r.typ, 8, hop))
		add("spent, two stops", route4(r.typ, 12, hop, next))
		add("spent, three stops", route4(r.typ, 16, hop, next, "10.0.1.40"))
		add("no stops", route4(r.typ, 4))
		add("next is own", route4(r.typ, 4, own))
		add("next is a broadcast", route4(r.typ, 4, "10.0.1.255"))
		add("next is multicast", route4(r.typ, 4, "224.0.0.1"))
		add("next is nowhere", route4(r.typ, 4, "172.16.0.1"))
		add("next is 0.0.0.0", route4(r.typ, 4, "0.0.0.0"))
		add("next is loopback", route4(r.typ, 4, "127.0.0.1"))
		for _, p := range []uint8{0, 3, 5, 9, 255} {
			add(fmt.Sprintf("pointer %d", p), route4(r.typ, p, next, hop))
		}
		add("length 2", []byte{r.typ, 2, 4, 0})
		add("length 6", []byte{r.typ, 6, 4, 10, 0, 1})
		add("beyond the header", []byte{r.typ, 11, 4, 10, 0, 1, 30, 0})
		add("twice", append(route4(r.typ, 8, hop), append([]byte{1}, route4(r.typ, 8, hop)...)...))
		add("and the other kind", append(route4(r.typ, 8, hop), append([]byte{1}, route4(r.typ^lsrr^ssrr, 8, hop)...)...))
	}
	return out
}
