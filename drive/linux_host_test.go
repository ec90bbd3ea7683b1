//go:build linux

package drive_test

import (
	"fmt"
	"slices"

	"github.com/sonde-net/sonde/wire/extension"
)

// What is sent to a host, by IPv4: it is 10.0.1.10.
const (
	self   = "10.0.1.10"
	friend = "10.0.1.20" // on its network
	far    = "10.99.0.1" // behind the gateway
)

func hostGroups() []group {
	return []group{
		{"echo", []string{"H-01", "W-04"}, echoes()},
		{"groups and martians", nil, addresses()},
		{"broadcasts are not answered", []string{"H-02", "E-02"}, broadcasts()},
		{"sources that are not one host", []string{"E-05"}, badSources()},
		{"bad headers", []string{"E-06"}, badHeaders()},
		{"every ICMP type", nil, everyType()},
		{"unknown ICMP types", []string{"E-13"}, unknownTypes()},
		{"bad ICMP", []string{"E-16"}, badICMP()},
		{"timestamp", []string{"H-12"}, timestamps()},
		{"legacy queries", []string{"H-13"}, legacyQueries()},
		{"extended echo", []string{"H-18"}, probes()},
		{"protocols", []string{"H-03"}, protocols()},
		{"ports", []string{"H-03"}, ports()},
		{"errors received", nil, errorsReceived()},
		{"not for this host", []string{"H-08"}, notMine()},
		{"fragments", []string{"H-10"}, hostFragments()},
		{"later fragments", []string{"E-04"}, laterFragments()},
		{"options of echo", nil, optionsOf("echo", ping4(16), 1)},
		{"options of UDP", nil, optionsOf("udp", udp4(friend, self, 16), 17)},
	}
}

func echoes() []stimulus {
	echo := func(d dgram) []byte {
		d.src, d.dst, d.proto = friend, self, 1
		if d.body == nil {
			d.body = ping4(56)
		}
		return d.octets()
	}
	var out []stimulus
	for _, n := range []int{0, 1, 2, 7, 8, 9, 56, 100, 547, 548, 549, 1000, 1471, 1472} {
		out = append(out, one(fmt.Sprintf("data=%d", n), echo(dgram{body: ping4(n)})).wants("0/0"))
	}
	for _, n := range []int{1473, 1480, 2952, 2953, 9000, 65507} {
		out = append(out, one(fmt.Sprintf("data=%d in one", n), echo(dgram{body: ping4(n)})).wants("fragment"))
	}
	for _, tos := range []uint8{0x01, 0x02, 0x03, 0x04, 0x08, 0x10, 0x1c, 0x1e, 0x20, 0x40, 0x80, 0xb8, 0xc0, 0xe0, 0xff} {
		out = append(out, one(fmt.Sprintf("tos=%02x", tos), echo(dgram{tos: tos})).wants("0/0"))
	}
	for _, ttl := range []int{-1, 1, 2, 63, 128, 255} {
		out = append(out, one(fmt.Sprintf("ttl=%d", max(ttl, 0)), echo(dgram{ttl: ttl})).wants("0/0"))
	}
	for _, code := range []uint8{1, 2, 255} {
		out = append(out, one(fmt.Sprintf("code=%d", code), echo(dgram{body: message4(8, code, ramp(20)...)})))
	}
	for _, v := range [][4]byte{{}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0xff, 0xff}, {0xff, 0xff, 0, 0}} {
		out = append(out, one(fmt.Sprintf("id and seq=%x", v), echo(dgram{body: message4(8, 0, v[:]...)})).wants("0/0"))
	}
	return append(out,
		one("all zero, a checksum of all ones", echo(dgram{body: []byte{8, 0, 0xf7, 0xff, 0, 0, 0, 0}})).wants("0/0"),
		one("checksum 0xffff where 0 is meant", echo(dgram{body: []byte{8, 0, 0xff, 0xff, 0xf7, 0xff, 0, 0}})).wants("0/0"),
		one("DF", echo(dgram{flags: df})).wants("0/0"),
		one("reserved flag", echo(dgram{flags: reserved})),
		one("odd length and link padding", append(echo(dgram{body: ping4(7)}), 0xee, 0xee, 0xee)).wants("0/0"),
		one("from afar", dgram{src: far, dst: self, proto: 1, body: ping4(8)}.octets()).wants("0/0"),
		one("link padding of an empty echo", append(echo(dgram{body: ping4(0)}), make([]byte, 18)...)).wants("0/0"),
	)
}

// groupDsts are destinations that are not one host.
var groupDsts = []string{"10.0.1.255", "255.255.255.255", "224.0.0.1", "224.0.0.2", "224.1.2.3", "239.255.255.250"}

// oddDsts are destinations that no datagram from a link should have.
var oddDsts = []string{"10.0.1.0", "127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "240.0.0.1", "255.255.255.254"}

// oddSrcs are sources that no host can have here.
var oddSrcs = []string{
	"0.0.0.0", "0.0.0.20", "127.0.0.1", "127.9.9.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "10.0.1.255", self,
}

// payloads are an echo request, a datagram to a closed port and one of a
// protocol that nobody has.
func payloads(src, dst string) map[uint8][]byte {
	return map[uint8][]byte{1: ping4(24), 17: udp4(src, dst, 24), 200: ramp(24)}
}

var payloadOrder = []uint8{1, 17, 200}

func addresses() []stimulus {
	var out []stimulus
	for _, dst := range oddDsts {
		for _, p := range payloadOrder {
			out = append(out, one(fmt.Sprintf("to=%s proto=%d", dst, p), dgram{src: friend, dst: dst, proto: p, body: payloads(friend, dst)[p]}.octets()))
		}
	}
	for _, src := range []string{"10.0.1.0", "169.254.1.1", "192.0.2.1", "100.64.0.1", "10.0.1.1"} {
		for _, p := range payloadOrder {
			out = append(out, one(fmt.Sprintf("from=%s proto=%d", src, p), dgram{src: src, dst: self, proto: p, body: payloads(src, self)[p]}.octets()))
		}
	}
	return out
}

func broadcasts() []stimulus {
	var out []stimulus
	for _, dst := range groupDsts {
		for _, p := range payloadOrder {
			out = append(out, one(fmt.Sprintf("to=%s proto=%d", dst, p),
				dgram{src: friend, dst: dst, proto: p, body: payloads(friend, dst)[p]}.octets()).wants("silence"))
		}
		out = append(out, one("timestamp to="+dst,
			dgram{src: friend, dst: dst, proto: 1, body: message4(13, 0, make([]byte, 16)...)}.octets()).wants("silence"))
	}
	return out
}

func badSources() []stimulus {
	var out []stimulus
	for _, src := range oddSrcs {
		for _, p := range payloadOrder {
			out = append(out, one(fmt.Sprintf("from=%s proto=%d", src, p),
				dgram{src: src, dst: self, proto: p, body: payloads(src, self)[p]}.octets()).wants("silence"))
		}
	}
	return out
}

func badHeaders() []stimulus {
	var out []stimulus
	for _, p := range []uint8{1, 17} {
		b := dgram{src: friend, dst: self, proto: p, body: payloads(friend, self)[p]}.octets()
		add := func(name string, b []byte) {
			out = append(out, one(fmt.Sprintf("%s proto=%d", name, p), b).wants("silence"))
		}
		for _, v := range []byte{0, 1, 3, 5, 7, 15} {
			add(fmt.Sprintf("version=%d", v), set(b, 0, v<<4|5))
		}
		for _, ihl := range []byte{0, 1, 4, 15} {
			add(fmt.Sprintf("header length=%d words", ihl), set(b, 0, 4<<4|ihl))
		}
		for _, n := range []int{0, 19, len(b) + 1, 65535} {
			add(fmt.Sprintf("total length=%d", n), set(b, 2, byte(n>>8), byte(n)))
		}
		add("checksum + 1", raw(b, 11, b[11]+1))
		add("checksum zero", raw(b, 10, 0, 0))
		add("checksum inverted", raw(b, 10, ^b[10], ^b[11]))
		for _, n := range []int{1, 8, 19, 20, 27, len(b) - 1} {
			add(fmt.Sprintf("only %d octets", n), b[:n])
		}
	}
	return out
}

// everyType sends each type with a body that is right for queries.
func everyType() []stimulus {
	var out []stimulus
	for typ := range 256 {
		if typ < 19 || typ == 30 || typ >= 40 && typ <= 43 || typ >= 253 {
			out = append(out, one(fmt.Sprintf("type=%d", typ), dgram{src: friend, dst: self, proto: 1, body: message4(uint8(typ), 0, ramp(28)...)}.octets()))
		}
	}
	return out
}

func unknownTypes() []stimulus {
	known := []int{0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 42, 43}
	var out []stimulus
	for typ := range 256 {
		if !slices.Contains(known, typ) {
			out = append(out, one(fmt.Sprintf("type=%d", typ),
				dgram{src: friend, dst: self, proto: 1, body: message4(uint8(typ), 0, ramp(20)...)}.octets()).wants("silence"))
		}
	}
	return out
}

func badICMP() []stimulus {
	var out []stimulus
	add := func(name string, m []byte) {
		out = append(out, one(name, dgram{src: friend, dst: self, proto: 1, body: m}.octets()).wants("silence"))
	}
	for _, typ := range []uint8{0, 3, 4, 5, 8, 11, 12, 13, 15, 17, 42} {
		m := message4(typ, 0, ramp(28)...)
		add(fmt.Sprintf("type=%d checksum+1", typ), raw(m, 3, m[3]+1))
		add(fmt.Sprintf("type=%d checksum=0", typ), raw(m, 2, 0, 0))
		add(fmt.Sprintf("type=%d last octet", typ), raw(m, len(m)-1, ^m[len(m)-1]))
	}
	whole := ping4(0)
	for n := range 8 {
		add(fmt.Sprintf("echo of %d octets", n), whole[:n])
		if n >= 4 {
			add(fmt.Sprintf("echo of %d octets, checksum right", n), sum(append([]byte(nil), whole[:n]...), 0))
		}
	}
	for _, n := range []int{4, 8, 12, 16, 19} {
		add(fmt.Sprintf("timestamp of %d octets", n), message4(13, 0, make([]byte, n-4)...))
	}
	for _, n := range []int{4, 8, 11} {
		add(fmt.Sprintf("mask request of %d octets", n), message4(17, 0, make([]byte, n-4)...))
	}
	return out
}

func timestamps() []stimulus {
	var out []stimulus
	ask := func(code uint8, src string, rest []byte) []byte {
		return dgram{src: src, dst: self, proto: 1, tos: 0x10, body: message4(13, code, rest...)}.octets()
	}
	for _, v := range [][]byte{make([]byte, 16), ramp(16)} {
		out = append(out, one(fmt.Sprintf("originate=%x", v[4:8]), ask(0, friend, v)).wants("14/0"))
	}
	return append(out,
		one("from afar", ask(0, far, ramp(16))).wants("14/0"),
		one("longer than a timestamp", ask(0, friend, ramp(24))),
		one("code=1", ask(1, friend, ramp(16))),
	)
}

func legacyQueries() []stimulus {
	var out []stimulus
	for _, src := range []string{friend, far, "0.0.0.0"} {
		out = append(out,
			one("mask from="+src, dgram{src: src, dst: self, proto: 1, body: message4(17, 0, make([]byte, 8)...)}.octets()).wants("silence"),
			one("information from="+src, dgram{src: src, dst: self, proto: 1, body: message4(15, 0, 1, 2, 3, 4)}.octets()).wants("silence"),
			one("router solicitation from="+src, dgram{src: src, dst: self, proto: 1, body: message4(10, 0, 0, 0, 0, 0)}.octets()).wants("silence"))
	}
	return append(out, one("information to 0.0.0.0",
		dgram{src: "0.0.0.0", dst: "0.0.0.0", proto: 1, body: message4(15, 0, 1, 2, 3, 4)}.octets()).wants("silence"))
}

func probes() []stimulus {
	ask := func(local byte, ext []byte) []byte {
		return dgram{src: friend, dst: self, proto: 1, body: message4(42, 0, append([]byte{0xab, 0xcd, 9, local}, ext...)...)}.octets()
	}
	id := func(i extension.InterfaceID) []byte {
		o, err := i.AppendBinary(nil)
		if err != nil {
			panic(err)
		}
		return structure(o)
	}
	byName := func(n string) []byte { return id(extension.IdentifyName([]byte(n))) }
	byAddr := func(a string) []byte { return id(extension.IdentifyAddr(prefixes(a + "/32")[0].Addr())) }
	return []stimulus{
		one("by name", ask(1, byName("eth0"))).wants("43/0"),
		one("by a name that is none", ask(1, byName("eth9"))).wants("43/2"),
		one("by address", ask(1, byAddr(self))).wants("43/0"),
		one("by an address that is another's", ask(1, byAddr("192.0.2.9"))).wants("43/2"),
		one("by index that is none", ask(1, id(extension.IdentifyIndex(9999)))).wants("43/2"),
		one("a neighbour, by address", ask(0, byAddr(friend))).wants("43/3"),
		one("a neighbour, by name", ask(0, byName("eth0"))),
		one("without an object", ask(1, structure(nil))),
		one("without an extension", ask(1, nil)),
		one("object of another class", ask(1, structure([]byte{0, 8, 9, 1, 1, 2, 3, 4}))),
		one("object of an unknown way to name", ask(1, structure([]byte{0, 8, 3, 9, 1, 2, 3, 4}))),
		one("object that is too long", ask(1, structure([]byte{0, 80, 3, 1, 'e', 't', 'h', '0'}))),
		one("extension checksum wrong", ask(1, raw(byName("eth0"), 3, 0x77))),
		one("extension version 1", ask(1, []byte{0x10, 0, 0xef, 0xff, 0, 8, 3, 1, 'e', 't', 'h', '0'})),
		one("to a broadcast address", dgram{
			src: friend, dst: "10.0.1.255", proto: 1,
			body: message4(42, 0, append([]byte{0, 1, 1, 1}, byName("eth0")...)...),
		}.octets()).wants("silence"),
		one("code=1", dgram{
			src: friend, dst: self, proto: 1,
			body: message4(42, 1, append([]byte{0, 1, 1, 1}, byName("eth0")...)...),
		}.octets()),
	}
}

// structure is an extension structure around objects.
func structure(objects []byte) []byte {
	b, err := extension.Structure{Objects: objects}.AppendBinary(nil)
	if err != nil {
		panic(err)
	}
	return b
}
