//go:build linux

package drive_test

import (
	"fmt"
	"slices"
)

// claimed are protocols that a kernel may have, modules or not: what it says
// about them is theirs to say. The node's transport has UDP alone.
var claimed = []int{
	1,   // ICMP
	2,   // IGMP
	4,   // IPv4 in IPv4
	6,   // TCP
	17,  // UDP, looked at apart
	33,  // DCCP
	41,  // IPv6 in IPv4
	46,  // RSVP
	47,  // GRE
	50,  // ESP
	51,  // AH
	94,  // IPIP
	98,  // ENCAP
	103, // PIM
	108, // IPComp
	115, // L2TP
	132, // SCTP
	136, // UDP-Lite
	137, // MPLS in IP
	143, // Ethernet
	255, // raw, never on the wire
}

func protocols() []stimulus {
	var out []stimulus
	for p := range 256 {
		if !slices.Contains(claimed, p) {
			out = append(out, one(fmt.Sprintf("proto=%d", p), dgram{src: friend, dst: self, proto: uint8(p), body: ramp(20)}.octets()).wants("3/2"))
		}
	}
	for _, n := range []int{0, 1, 7, 8, 9, 500, 519, 520, 521, 527, 528, 529, 1400, 1480} {
		out = append(out, one(fmt.Sprintf("octets=%d", n), dgram{src: friend, dst: self, proto: 200, body: ramp(n)}.octets()).wants("3/2"))
	}
	for _, d := range []dgram{{tos: 0x04}, {tos: 0x08}, {tos: 0x10}, {tos: 0x1c}, {tos: 0x03}, {tos: 0xfc}, {flags: df}, {ttl: 1}, {ttl: -1}} {
		name := fmt.Sprintf("tos=%02x flags=%d ttl=%d", d.tos, d.flags, d.ttl)
		d.src, d.dst, d.proto, d.body = friend, self, 200, ramp(20)
		out = append(out, one(name, d.octets()).wants("3/2"))
	}
	return append(out, one("from afar", dgram{src: far, dst: self, proto: 200, body: ramp(20)}.octets()).wants("3/2"),
		one("and link padding", append(dgram{src: friend, dst: self, proto: 200, body: ramp(3)}.octets(), ramp(9)...)).wants("3/2"))
}

func ports() []stimulus {
	udp := func(u []byte) []byte { return dgram{src: friend, dst: self, proto: 17, body: u}.octets() }
	whole := udp4(friend, self, 20)
	var out []stimulus
	for _, n := range []int{0, 1, 8, 100, 511, 512, 519, 520, 521, 1472} {
		out = append(out, one(fmt.Sprintf("data=%d", n), udp(udp4(friend, self, n))).wants("3/3"))
	}
	for _, tos := range []uint8{0x08, 0x10, 0x1c, 0xb8, 0xe0} {
		out = append(out, one(fmt.Sprintf("tos=%02x", tos), dgram{src: friend, dst: self, proto: 17, tos: tos, body: whole}.octets()).wants("3/3"))
	}
	return append(out,
		one("no checksum", udp(raw(whole, 6, 0, 0))).wants("3/3"),
		one("bad checksum", udp(raw(whole, 7, whole[7]+1))).wants("silence"),
		one("length too long", udp(raw(whole, 4, 0, 99))).wants("silence"),
		one("length too short", udp(raw(whole, 4, 0, 7))).wants("silence"),
		one("length 0", udp(raw(whole, 4, 0, 0))).wants("silence"),
		one("trailing octets", udp(append(append([]byte(nil), whole...), 1, 2, 3))),
		one("cut header", udp(whole[:7])).wants("silence"),
		one("no header", udp(nil)).wants("silence"),
		one("port 0", udp(raw(raw(whole, 2, 0, 0), 6, 0, 0))),
		one("from port 0", udp(raw(raw(whole, 0, 0, 0), 6, 0, 0))),
		one("from afar", dgram{src: far, dst: self, proto: 17, body: udp4(far, self, 8)}.octets()).wants("3/3"))
}

// errorsReceived are errors about what a host has sent, or is said to have; none
// is answered, and what they change shows in the echo reply behind.
func errorsReceived() []stimulus {
	// Each has a peer of its own, for what the kernel learns about one lasts.
	quoted := func(peer string, proto uint8, body []byte) []byte {
		return dgram{src: self, dst: peer, proto: proto, body: body}.octets()
	}
	report := func(peer string, m []byte) []byte { return dgram{src: peer, dst: self, proto: 1, body: m}.octets() }
	const peer = "10.0.1.77"
	quotes := []struct {
		name   string
		octets []byte
	}{
		{"echo reply", quoted(peer, 1, message4(0, 0, ramp(20)...))},
		{"UDP", quoted(peer, 17, udp4(self, peer, 8))},
		{"TCP", quoted(peer, 6, ramp(20))},
	}
	var out []stimulus
	for _, typ := range []uint8{3, 4, 5, 11, 12} {
		for code := range uint8(4) {
			for _, q := range quotes {
				m := message4(typ, code, append([]byte{10, 0, 1, 20}, q.octets...)...)
				out = append(out, one(fmt.Sprintf("%d/%d about %s", typ, code, q.name), report(peer, m)).wants("silence"))
			}
		}
	}
	for _, n := range []int{0, 7, 20, 24, 27} {
		m := message4(3, 3, append(make([]byte, 4), quotes[0].octets[:n]...)...)
		out = append(out, one(fmt.Sprintf("3/3 with a quote of %d octets", n), report(peer, m)).wants("silence"))
	}
	for i, q := range []struct {
		name  string
		quote func(peer string) []byte
	}{
		{"a foreign datagram", func(peer string) []byte {
			return dgram{src: peer, dst: far, proto: 1, body: message4(0, 0, ramp(20)...)}.octets()
		}},
		{"UDP", func(peer string) []byte { return quoted(peer, 17, udp4(self, peer, 8)) }},
		{"an echo reply", func(peer string) []byte { return quoted(peer, 1, message4(0, 0, ramp(20)...)) }},
	} {
		peer := fmt.Sprintf("10.0.1.%d", 80+i)
		out = append(out, train("echo after 3/4 about "+q.name,
			report(peer, message4(3, 4, append([]byte{0, 0, 600 >> 8, 600 & 0xff}, q.quote(peer)...)...)),
			dgram{src: peer, dst: self, proto: 1, body: ping4(1200)}.octets()).wants("0/0"))
	}
	return out
}

// notMine is for others, which a host that does not forward leaves alone.
func notMine() []stimulus {
	var out []stimulus
	for _, dst := range []string{"10.0.1.30", "10.0.1.1", far, "192.0.2.1", "10.0.1.254"} {
		for _, p := range payloadOrder {
			for _, ttl := range []int{1, 64} {
				out = append(out, one(fmt.Sprintf("to=%s proto=%d ttl=%d", dst, p, ttl),
					dgram{src: friend, dst: dst, proto: p, ttl: ttl, body: payloads(friend, dst)[p]}.octets()).wants("silence"))
			}
		}
	}
	for _, o := range []namedOptions{{"a bad record route", route4(recordRoute, 3, "0.0.0.0")}, {"an option without a length", []byte{1, 1, 1, 30}}} {
		out = append(out, one("with "+o.name, dgram{src: friend, dst: "10.0.1.30", proto: 17, opts: o.opts, body: ramp(20)}.octets()).wants("silence"))
	}
	return out
}
