//go:build linux

package drive_test

import (
	"fmt"
	"slices"
)

// hostFragments are datagrams that come in fragments. Each has an identification
// of its own, so that none completes another.
func hostFragments() []stimulus {
	var out []stimulus
	id := uint16(0x4000)
	next := func(proto uint8, body []byte) dgram {
		id++
		return dgram{src: friend, dst: self, proto: proto, id: id, body: body}
	}
	add := func(name, want string, bs ...[]byte) { out = append(out, train(name, bs...).wants(want)) }
	reversed := func(bs [][]byte) [][]byte { slices.Reverse(bs); return bs }

	for _, n := range []int{8, 24, 56, 1000, 1472} {
		for _, size := range []int{8, 16, 24, 480, 1480} {
			if n+8 > size && (n+8)/size < 64 {
				add(fmt.Sprintf("echo of %d by %d", n, size), "0/0", next(1, ping4(n)).cut(size)...)
			}
		}
	}
	for _, n := range []int{1473, 2000, 4000, 20000, 65507} {
		add(fmt.Sprintf("echo of %d", n), "fragment", next(1, ping4(n)).cut(1480)...)
		add(fmt.Sprintf("echo of %d, last first", n), "fragment", reversed(next(1, ping4(n)).cut(1480))...)
	}
	odd := next(1, ping4(200)).cut(48)
	odd[0], odd[1], odd[3], odd[4] = odd[3], odd[4], odd[1], odd[0]
	add("in no order", "0/0", odd...)
	add("nobody's protocol", "3/2", next(200, ramp(600)).cut(200)...)
	add("nobody's protocol, last first", "3/2", reversed(next(200, ramp(600)).cut(200))...)
	add("a closed port", "3/3", next(17, udp4(friend, self, 1600)).cut(800)...)
	add("a closed port, last first", "3/3", reversed(next(17, udp4(friend, self, 1600)).cut(800))...)
	add("first alone", "silence", next(200, ramp(64)).cut(32)[0])
	add("last alone", "silence", next(200, ramp(64)).cut(32)[1])
	for _, flags := range []uint8{df, reserved, df | reserved} {
		d := next(1, ping4(100))
		d.flags = flags
		add(fmt.Sprintf("flags=%d", flags), "0/0", d.cut(48)...)
		d = next(200, ramp(100))
		d.flags = flags
		add(fmt.Sprintf("flags=%d, nobody's protocol", flags), "3/2", d.cut(48)...)
	}

	// The same octets twice, and octets that overlap.
	twice := next(1, ping4(100)).cut(48)
	add("the second twice", "0/0", twice[0], twice[1], twice[1], twice[2])
	d := next(1, ping4(100))
	parts := d.cut(48)
	overlap := d
	overlap.off, overlap.body, overlap.flags = 40, d.body[40:96], mf
	add("overlapping the first by 8", "silence", parts[0], overlap.octets(), parts[2])
	d = next(1, ping4(100))
	parts = d.cut(48)
	overlap = d
	overlap.off, overlap.body, overlap.flags = 8, d.body[8:16], mf
	add("inside the first", "silence", parts[0], overlap.octets(), parts[1], parts[2])
	d = next(1, ping4(100))
	parts = d.cut(48)
	overlap = d
	overlap.off, overlap.body, overlap.flags = 0, d.body[:96], mf
	add("around the first and the second", "silence", parts[0], parts[1], overlap.octets(), parts[2])
	d = next(1, ping4(100))
	parts = d.cut(48)
	overlap = d
	overlap.off, overlap.body, overlap.flags = 48, ramp(48), mf
	add("the second twice, with other octets", "", parts[0], parts[1], overlap.octets(), parts[2])

	// What contradicts itself.
	d = next(1, ping4(100))
	tail := d
	tail.off, tail.body = 48, d.body[48:60]
	more := tail
	more.flags = mf
	add("length no multiple of 8, and more follow", "", d.cut(48)[0], more.octets(), tail.octets())
	d = next(200, nil)
	d.flags, d.off = mf, 0
	add("first that carries nothing", "silence", d.octets())
	d.flags, d.off = 0, 64
	add("last that carries nothing", "silence", d.octets())
	d = next(200, ramp(16))
	d.off = 65528
	add("beyond 65,535", "silence", d.octets())
	d = next(200, ramp(64))
	first := d.cut(32)
	end := d
	end.off, end.body, end.flags = 96, ramp(8), mf
	add("behind the end", "silence", first[1], end.octets(), first[0])
	d = next(200, ramp(96))
	first = d.cut(32)
	early := d
	early.off, early.body, early.flags = 32, d.body[32:64], 0
	add("two ends", "silence", first[2], early.octets(), first[0])
	d = next(1, ping4(65507))
	whole := d.cut(1480)
	big := d
	big.off, big.body, big.flags = 65512, ramp(24), 0
	add("ping of death", "silence", append(whole[:44], big.octets())...)

	// Fragments that are not of one datagram.
	a, b := next(200, ramp(64)), next(200, ramp(64))
	add("other identification", "silence", a.cut(32)[0], b.cut(32)[1])
	a = next(200, ramp(64))
	b = a
	b.proto = 201
	add("other protocol", "silence", a.cut(32)[0], b.cut(32)[1])
	b.proto, b.src = 200, "10.0.1.21"
	add("other source", "silence", a.cut(32)[0], b.cut(32)[1])

	// Headers that differ from fragment to fragment.
	for _, ecn := range [][2]uint8{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 1}, {2, 3}, {3, 0}, {3, 3}, {1, 0}, {2, 0}, {2, 2}, {1, 1}} {
		d := next(1, ping4(56))
		parts := d.cut(32)
		add(fmt.Sprintf("ecn %d and %d", ecn[0], ecn[1]), "", set(parts[0], 1, ecn[0]), set(parts[1], 1, ecn[1]))
	}
	parts = next(1, ping4(56)).cut(32)
	add("tos 10 and b8", "0/0", set(parts[0], 1, 0x10), set(parts[1], 1, 0xb8))
	parts = next(200, ramp(64)).cut(32)
	add("ttl 9 and 1", "3/2", set(parts[0], 8, 9), set(parts[1], 8, 1))
	parts = next(200, ramp(64)).cut(32)
	add("flags 0 and DF", "3/2", parts[0], set(parts[1], 6, parts[1][6]|0x40))
	recordRoute := []byte{7, 7, 4, 0, 0, 0, 0}
	d = next(1, ping4(56))
	d.opts = recordRoute
	add("record route in the first", "0/0", d.cut(32)[0], dgram{src: friend, dst: self, proto: 1, id: d.id, off: 32, body: d.body[32:]}.octets())
	d = next(1, ping4(56))
	later := d
	later.off, later.body, later.opts = 32, d.body[32:], recordRoute
	add("record route in the second", "0/0", d.cut(32)[0], later.octets())
	for _, dst := range []string{"10.0.1.255", "224.0.0.1"} {
		d := next(17, udp4(friend, dst, 64))
		d.dst = dst
		add("to "+dst, "silence", d.cut(32)...)
	}
	return out
}

// laterFragments are not the first of anything, and would cause an error if
// they were.
func laterFragments() []stimulus {
	var out []stimulus
	for i, p := range []uint8{1, 17, 200} {
		d := dgram{src: friend, dst: self, proto: p, id: uint16(0x3000 + i), off: 8, body: ramp(32)}
		out = append(out, one(fmt.Sprintf("last, proto=%d", p), d.octets()).wants("silence"))
		d.flags = mf
		d.id += 0x10
		out = append(out, one(fmt.Sprintf("middle, proto=%d", p), d.octets()).wants("silence"))
	}
	d := dgram{src: friend, dst: self, proto: 200, id: 0x3100, off: 8, body: ramp(32), opts: []byte{7, 7, 3, 0, 0, 0, 0}}
	return append(out, one("with a bad option", d.octets()).wants("silence"))
}

// timeoutGroups are datagrams whose fragments do not all come. Those of a
// stimulus are all sent before the first is given up, so that there is only one
// second to wait for.
func timeoutGroups() []group {
	id := uint16(0x5000)
	give := func(d dgram) []byte {
		id++
		d.src, d.id = friend, id
		if d.dst == "" {
			d.dst = self
		}
		return d.octets()
	}
	given := func(name, want string, bs ...[]byte) stimulus {
		s := train(name, bs...).wants(want)
		s.wait = true
		return s
	}
	later := dgram{proto: 200, off: 64, body: ramp(9)}
	f := frag6{src: friend6, dst: self6, id: 0x600, next: 200, body: ramp(64)}
	g := frag6{src: friend6, dst: self6, id: 0x601, next: 200, body: ramp(64)}
	return []group{
		{"first fragments", []string{"H-10"}, []stimulus{given("first fragments came", "11/1",
			give(dgram{proto: 200, flags: mf, body: ramp(64)}),
			give(dgram{proto: 200, flags: mf, body: ramp(1400)}),
			give(dgram{proto: 200, flags: mf, tos: 0x10, body: ramp(64)}),
			give(dgram{proto: 1, flags: mf, body: ping4(56)}),
			give(dgram{proto: 200, flags: mf, ttl: 1, opts: route4(recordRoute, 4, "0.0.0.0"), body: ramp(32)}),
		)}},
		{"nothing is said", []string{"E-01", "E-02", "E-04", "H-10"}, []stimulus{given("no first fragment, an error, a group", "silence",
			give(dgram{proto: 200, flags: mf, off: 8, body: ramp(32)}),
			give(later),
			give(dgram{proto: 200, flags: mf, off: 65472, body: ramp(8)}),
			give(dgram{proto: 1, flags: mf, body: message4(3, 1, ramp(36)...)}),
			give(dgram{proto: 17, flags: mf, dst: "10.0.1.255", body: ramp(64)}),
		)}},
		{"IPv6", []string{"H-17"}, []stimulus{
			given("first fragment came", "3/1", f.at(0, 32, true)),
			given("no first fragment", "silence", g.at(32, 32, false)),
		}},
	}
}
