//go:build linux

package drive_test

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// What is sent by IPv6: the host is fd00:1::10.
const (
	self6   = "fd00:1::10"
	friend6 = "fd00:1::20"
	far6    = "fd00:99::1"
)

// A frag6 makes fragments of a datagram.
type frag6 struct {
	src, dst string
	id       uint32
	next     uint8
	class    uint8
	body     []byte
}

// at is the fragment with n octets of the body from off on.
func (f frag6) at(off, n int, more bool) []byte {
	return f.with(off, f.body[off:off+n], more)
}

// with is a fragment with any octets.
func (f frag6) with(off int, body []byte, more bool) []byte {
	h := fragmentHeader(f.next, off, more, f.id)
	return dgram6{src: f.src, dst: f.dst, next: 44, class: f.class, body: append(h, body...)}.octets()
}

func fragmentHeader(next uint8, off int, more bool, id uint32) []byte {
	h := make([]byte, 8)
	h[0] = next
	word := uint16(off) &^ 7
	if more {
		word |= 1
	}
	binary.BigEndian.PutUint16(h[2:], word)
	binary.BigEndian.PutUint32(h[4:], id)
	return h
}

// options6 is a header of options, padded to whole units with PadN.
func options6(next uint8, opts ...byte) []byte {
	b := append([]byte{next, 0}, opts...)
	switch n := 7 - (len(b)+7)%8; {
	case n == 1:
		b = append(b, 0)
	case n > 1:
		b = append(b, 1, byte(n-2))
		b = append(b, make([]byte, n-2)...)
	}
	b[1] = byte(len(b)/8 - 1)
	return b
}

// ping6 is an echo request with n octets of data.
func ping6(src, dst string, n int) []byte {
	return message6(src, dst, 128, 0, append([]byte{0xbe, 0xef, 0, 7}, ramp(n)...)...)
}

func host6Groups() []group {
	return []group{
		{"echo", []string{"H-17"}, echoes6()},
		{"every type", []string{"E-13"}, types6()},
		{"addresses", nil, addresses6()},
		{"bad ICMP", []string{"E-16"}, badICMP6()},
		{"next headers", []string{"H-03", "H-17"}, nextHeaders()},
		{"ports", []string{"H-03", "H-17"}, ports6()},
		{"extension headers", nil, extensions6(self6)},
		{"options", []string{"H-17"}, unknownOptions6(self6)},
		{"bad options", nil, badOptions6(self6)},
		{"fragments", nil, fragments6()},
		{"bad headers", []string{"E-06"}, badHeaders6()},
	}
}

func to6(d dgram6) []byte {
	if d.src == "" {
		d.src = friend6
	}
	if d.dst == "" {
		d.dst = self6
	}
	return d.octets()
}

func echoes6() []stimulus {
	var out []stimulus
	echo := func(d dgram6) []byte {
		d.next = 58
		if d.body == nil {
			d.body = ping6(friend6, self6, 56)
		}
		return to6(d)
	}
	for _, n := range []int{0, 1, 7, 8, 56, 1000, 1232, 1233, 1451, 1452} {
		out = append(out, one(fmt.Sprintf("data=%d", n), echo(dgram6{body: ping6(friend6, self6, n)})).wants("129/0"))
	}
	for _, n := range []int{1453, 3000, 65527} {
		out = append(out, one(fmt.Sprintf("data=%d in one", n), echo(dgram6{body: ping6(friend6, self6, n)})).wants("fragment"))
	}
	for _, class := range []uint8{0x01, 0x02, 0x03, 0x04, 0x10, 0xb8, 0xff} {
		out = append(out, one(fmt.Sprintf("class=%02x", class), echo(dgram6{class: class})).wants("129/0"))
	}
	for _, hops := range []int{-1, 1, 255} {
		out = append(out, one(fmt.Sprintf("hops=%d", max(hops, 0)), echo(dgram6{hops: hops})).wants("129/0"))
	}
	return append(out,
		one("flow label", echo(dgram6{flow: 0x12345})).wants("129/0"),
		one("code=1", echo(dgram6{body: message6(friend6, self6, 128, 1, ramp(20)...)})),
		one("link padding", append(echo(dgram6{}), ramp(9)...)).wants("129/0"),
		one("from afar", dgram6{src: far6, dst: self6, next: 58, body: ping6(far6, self6, 8)}.octets()).wants("129/0"),
		one("to all nodes", dgram6{src: friend6, dst: "ff02::1", next: 58, body: ping6(friend6, "ff02::1", 8)}.octets()).wants("silence"),
	)
}

// types6 are all types but neighbour discovery and multicast listeners, which
// are the links' affair here.
func types6() []stimulus {
	var out []stimulus
	for typ := range 256 {
		if typ == 128 || typ >= 130 && typ <= 137 || typ == 143 || typ == 160 {
			continue
		}
		out = append(out, one(fmt.Sprintf("type=%d", typ), to6(dgram6{next: 58, body: message6(friend6, self6, uint8(typ), 0, ramp(60)...)})).wants("silence"))
	}
	return out
}

func addresses6() []stimulus {
	var out []stimulus
	add := func(what, src, dst, want string) {
		for _, p := range payloadOrder {
			d := dgram6{src: src, dst: dst, next: p}
			switch p {
			case 1:
				d.next, d.body = 58, ping6(src, dst, 8)
			case 17:
				d.body = udp6(src, dst, 8)
			default:
				d.body = ramp(8)
			}
			out = append(out, one(fmt.Sprintf("%s proto=%d", what, d.next), d.octets()).wants(want))
		}
	}
	for _, src := range []string{"::", "::1", "ff02::1", "::ffff:10.0.1.20", self6} {
		add("from="+src, src, self6, "silence")
	}
	for _, src := range []string{"fe80::20", "fec0::20", "::10.0.1.20", "2001:db8::1"} {
		add("from="+src, src, self6, "")
	}
	for _, dst := range []string{"::1", "::", "::ffff:10.0.1.10", "fd00:1::30", "fd00:1::", far6} {
		add("to="+dst, friend6, dst, "silence")
	}
	add("to=fe80::10", friend6, "fe80::10", "")
	for _, dst := range []string{"ff02::1", "ff01::1", "ff02::2", "ff02::1:ff00:10", "ff05::2", "ff0e::101"} {
		add("to="+dst, friend6, dst, "")
	}
	return out
}

func badICMP6() []stimulus {
	var out []stimulus
	add := func(name string, m []byte) {
		out = append(out, one(name, to6(dgram6{next: 58, body: m})).wants("silence"))
	}
	m := ping6(friend6, self6, 20)
	add("checksum + 1", raw(m, 3, m[3]+1))
	add("checksum zero", raw(m, 2, 0, 0))
	add("checksum without the pseudo-header", sum(append([]byte(nil), m...), 0))
	for n := range 8 {
		add(fmt.Sprintf("echo of %d octets", n), m[:n])
	}
	for _, n := range []int{4, 6, 7} {
		add(fmt.Sprintf("echo of %d octets, checksum right", n), message6(friend6, self6, 128, 0, make([]byte, n-4)...))
	}
	return out
}

func nextHeaders() []stimulus {
	// Extension headers, and what a kernel may have.
	skip := []int{0, 4, 6, 17, 33, 41, 43, 44, 46, 47, 50, 51, 58, 59, 60, 89, 94, 98, 103, 108, 115, 132, 135, 136, 137, 139, 140, 143, 253, 254, 255}
	var out []stimulus
	for p := range 256 {
		if !slices.Contains(skip, p) {
			out = append(out, one(fmt.Sprintf("next=%d", p), to6(dgram6{next: uint8(p), body: ramp(20)})).wants("4/1"))
		}
	}
	for _, n := range []int{0, 1, 1191, 1192, 1193, 1400} {
		out = append(out, one(fmt.Sprintf("octets=%d", n), to6(dgram6{next: 200, body: ramp(n)})).wants("4/1"))
	}
	return append(out,
		one("class=ff", to6(dgram6{next: 200, class: 0xff, body: ramp(20)})).wants("4/1"),
		one("flow label", to6(dgram6{next: 200, flow: 0x54321, body: ramp(20)})).wants("4/1"),
		one("behind destination options", to6(dgram6{next: 60, body: append(options6(200), ramp(20)...)})).wants("4/1"),
		one("behind hop-by-hop options", to6(dgram6{next: 0, body: append(options6(200), ramp(20)...)})).wants("4/1"),
		one("none", to6(dgram6{next: 59})).wants("silence"),
		one("none, and octets", to6(dgram6{next: 59, body: ramp(20)})).wants("silence"),
		one("from afar", dgram6{src: far6, dst: self6, next: 200, body: ramp(9)}.octets()).wants("4/1"),
	)
}

func ports6() []stimulus {
	var out []stimulus
	add := func(name, want string, u []byte) {
		out = append(out, one(name, to6(dgram6{next: 17, body: u})).wants(want))
	}
	for _, n := range []int{0, 1, 100, 1183, 1184, 1185, 1400} {
		add(fmt.Sprintf("data=%d", n), "1/4", udp6(friend6, self6, n))
	}
	whole := udp6(friend6, self6, 20)
	add("no checksum", "silence", raw(whole, 6, 0, 0))
	add("bad checksum", "silence", raw(whole, 7, whole[7]+1))
	add("length too long", "silence", raw(whole, 4, 0, 99))
	add("length too short", "silence", raw(whole, 4, 0, 7))
	add("length 0", "", raw(whole, 4, 0, 0))
	add("cut header", "silence", whole[:7])
	return out
}
