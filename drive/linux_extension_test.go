//go:build linux

package drive_test

import "fmt"

// extensions6 are chains of extension headers in front of an echo request.
func extensions6(dst string) []stimulus {
	var out []stimulus
	echo := ping6(friend6, dst, 8)
	add := func(name string, next uint8, hs ...[]byte) {
		var body []byte
		for _, h := range hs {
			body = append(body, h...)
		}
		out = append(out, one(name, dgram6{src: friend6, dst: dst, next: next, body: body}.octets()))
	}
	routing := func(next, kind, left uint8, more ...byte) []byte {
		b := append([]byte{next, 0, kind, left, 0, 0, 0, 0}, more...)
		b[1] = byte(len(b)/8 - 1)
		return b
	}
	add("hop-by-hop", 0, options6(58), echo)
	add("destination", 60, options6(58), echo)
	add("destination twice", 60, options6(60), options6(58), echo)
	add("hop-by-hop and destination", 0, options6(60), options6(58), echo)
	add("hop-by-hop second", 60, options6(0), options6(58), echo)
	add("hop-by-hop twice", 0, options6(0), options6(58), echo)
	add("four destination headers", 60, options6(60), options6(60), options6(60), options6(58), echo)
	for _, kind := range []uint8{0, 1, 2, 3, 4, 77, 253} {
		add(fmt.Sprintf("routing type %d, none left", kind), 43, routing(58, kind, 0), echo)
		add(fmt.Sprintf("routing type %d, one left", kind), 43, routing(58, kind, 1), echo)
	}
	add("routing cut", 43, []byte{58, 0, 77, 0})
	add("routing too long", 43, []byte{58, 9, 77, 0, 0, 0, 0, 0}, echo)
	add("destination cut", 60, []byte{58, 0, 1, 4})
	add("destination too long", 60, []byte{58, 9, 1, 4, 0, 0, 0, 0}, echo)
	add("hop-by-hop too long", 0, []byte{58, 9, 1, 4, 0, 0, 0, 0}, echo)
	add("hop-by-hop, nothing behind", 0, options6(58))
	add("destination, no next header", 60, options6(59), ramp(8))
	add("destination announced, nothing there", 60)
	add("hop-by-hop announced, nothing there", 0)
	return out
}

// unknownOptions6 are options of each action, known to nobody.
func unknownOptions6(dst string) []stimulus {
	var out []stimulus
	for _, h := range []struct {
		name string
		next uint8
	}{{"hop-by-hop", 0}, {"destination", 60}} {
		for _, group := range []string{dst, "ff02::1"} {
			echo := ping6(friend6, group, 8)
			for action := range uint8(4) {
				for _, change := range []uint8{0, 0x20} {
					want := []string{"129/0", "silence", "4/2", "4/2"}[action]
					if group == "ff02::1" {
						want = []string{"silence", "silence", "4/2", "silence"}[action]
					}
					typ := action<<6 | change | 0x1a
					out = append(out, one(fmt.Sprintf("%s option %02x to=%s", h.name, typ, group),
						dgram6{src: friend6, dst: group, next: h.next, body: append(options6(58, 1, 1, 0, typ, 2, 9, 9), echo...)}.octets()).wants(want))
				}
			}
		}
		echo := ping6(friend6, dst, 8)
		out = append(out, one(h.name+" options, the second unknown",
			dgram6{src: friend6, dst: dst, next: h.next, body: append(options6(58, 0x1a, 1, 9, 0x9a, 0, 0xda, 0), echo...)}.octets()).wants("4/2"))
	}
	error6 := message6(friend6, dst, 1, 4, ramp(60)...)
	return append(out, one("in front of an error",
		dgram6{src: friend6, dst: dst, next: 60, body: append(options6(58, 0x9a, 0), error6...)}.octets()).wants("silence"))
}

// badOptions6 are options that break their header.
func badOptions6(dst string) []stimulus {
	var out []stimulus
	echo := ping6(friend6, dst, 8)
	for _, h := range []struct {
		name string
		next uint8
	}{{"hop-by-hop", 0}, {"destination", 60}} {
		add := func(name string, opts ...byte) {
			body := append(append([]byte{58, byte((len(opts)+2)/8 - 1)}, opts...), echo...)
			out = append(out, one(h.name+", "+name, dgram6{src: friend6, dst: dst, next: h.next, body: body}.octets()))
		}
		add("option over the end", 0x1a, 5, 0, 0, 0, 0)
		add("option without a length", 1, 3, 0, 0, 0, 0x1a)
		add("padding over the end", 1, 5, 0, 0, 0, 0)
		add("padding that is not zero", 1, 4, 1, 2, 3, 4)
		add("six of Pad1", 0, 0, 0, 0, 0, 0)
		add("eight octets of padding", 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		add("two of PadN", 1, 1, 0, 1, 1, 0)
		add("router alert", 5, 2, 0, 0, 1, 0)
		add("router alert, length 3", 5, 3, 0, 0, 0, 0)
		add("jumbo payload, payload length not zero", 0xc2, 4, 0, 1, 0, 0)
		add("tunnel limit", 4, 1, 3, 1, 1, 0)
		add("home address", append([]byte{0xc9, 16, 0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x21}, 1, 2, 0, 0)...)
	}
	return out
}

func fragments6() []stimulus {
	var out []stimulus
	id := uint32(0x7000)
	next := func(proto uint8, body []byte) frag6 {
		id++
		return frag6{src: friend6, dst: self6, id: id, next: proto, body: body}
	}
	echo := func(n int) frag6 { return next(58, ping6(friend6, self6, n)) }
	add := func(name, want string, bs ...[]byte) { out = append(out, train(name, bs...).wants(want)) }

	f := echo(24)
	add("atomic", "129/0", f.at(0, 32, false))
	f = echo(25)
	add("atomic, odd length", "129/0", f.at(0, 33, false))
	f = next(17, udp6(friend6, self6, 24))
	add("atomic, closed port", "1/4", f.at(0, 32, false))
	f = next(200, ramp(32))
	add("atomic, nobody's protocol", "4/1", f.at(0, 32, false))
	f = echo(24)
	add("two", "129/0", f.at(0, 16, true), f.at(16, 16, false))
	f = echo(24)
	add("two, last first", "129/0", f.at(16, 16, false), f.at(0, 16, true))
	f = next(17, udp6(friend6, self6, 56))
	add("closed port", "1/4", f.at(0, 32, true), f.at(32, 32, false))
	f = next(200, ramp(64))
	add("nobody's protocol", "", f.at(0, 32, true), f.at(32, 32, false))
	f = echo(2000)
	add("large", "fragment", f.at(0, 1440, true), f.at(1440, 568, false))
	f = echo(56)
	add("overlap", "silence", f.at(0, 32, true), f.at(24, 24, true), f.at(48, 16, false))
	f = echo(56)
	add("the same twice", "129/0", f.at(0, 32, true), f.at(0, 32, true), f.at(32, 32, false))
	f = echo(56)
	add("length no multiple of 8", "4/0", f.at(0, 30, true))
	f = echo(56)
	add("later, length no multiple of 8", "4/0", f.at(8, 30, true))
	f = next(200, ramp(64))
	add("beyond 65,535", "4/0", f.with(65528, ramp(16), false))
	f = next(200, nil)
	add("first that carries nothing", "", f.with(0, nil, true))
	add("last that carries nothing", "", f.with(32, nil, false))
	f = next(60, append(options6(58), ping6(friend6, self6, 24)...))
	add("destination options inside", "129/0", f.at(0, 16, true), f.at(16, 24, false))
	f = next(60, append(options6(58, append([]byte{1, 20}, make([]byte, 20)...)...), ping6(friend6, self6, 24)...))
	add("destination options cut", "", f.at(0, 8, true), f.at(8, len(f.body)-8, false))
	f = next(58, ping6(friend6, self6, 24))
	add("header of ICMP cut", "", f.with(0, nil, true), f.at(0, 32, false))
	f = next(17, udp6(friend6, self6, 24))
	add("later alone", "silence", f.at(16, 16, false))
	for _, ecn := range [][2]uint8{{0, 1}, {0, 3}, {1, 3}, {2, 3}, {1, 2}, {3, 3}} {
		a := echo(56)
		b := a
		a.class, b.class = ecn[0], ecn[1]
		add(fmt.Sprintf("ecn %d and %d", ecn[0], ecn[1]), "", a.at(0, 32, true), b.at(32, 32, false))
	}
	h := fragmentHeader(58, 0, false, 0x9999)
	h[1], h[3] = 0x55, h[3]|6
	add("reserved bits", "129/0", dgram6{src: friend6, dst: self6, next: 44, body: append(h, ping6(friend6, self6, 8)...)}.octets())
	add("header cut", "", dgram6{src: friend6, dst: self6, next: 44, body: []byte{58, 0, 0, 0}}.octets())
	f = frag6{src: friend6, dst: "ff02::1", id: 0x8888, next: 17, body: udp6(friend6, "ff02::1", 56)}
	add("to a group, length no multiple of 8", "silence", f.at(0, 30, true))
	return out
}

func badHeaders6() []stimulus {
	b := to6(dgram6{next: 200, body: ramp(24)})
	var out []stimulus
	add := func(name string, b []byte) { out = append(out, one(name, b).wants("silence")) }
	add("payload length too long", raw(b, 4, 0, 25))
	add("payload length 65535", raw(b, 4, 0xff, 0xff))
	add("cut", b[:len(b)-1])
	add("39 octets", b[:39])
	add("1 octet", b[:1])
	return append(out, one("payload length 0", raw(b, 4, 0, 0)))
}

// What is sent to a gateway by IPv6: it is fd00:1::1 on the lan and fd00:3::1 on
// the dmz, whose MTU is 1,280.
const (
	gate6    = "fd00:1::1"
	dmz6     = "fd00:3::1"
	server6  = "fd00:3::100"
	better6  = "fd00:9::5"
	nowhere6 = "fd00:77::1"
)

func gateway6Groups() []group {
	return []group{
		{"forwarded", nil, forwarded6()},
		{"hop limit", []string{"G-01", "H-17"}, lifetimes6()},
		{"no error about an error", []string{"E-01"}, aboutErrors6()},
		{"too big", []string{"G-03", "H-17"}, tooBig6()},
		{"no route", []string{"G-02"}, noRoutes6()},
		{"sources and groups", nil, forwardedAddresses6()},
		{"for the gateway", []string{"E-10"}, forGateway6()},
		{"hop-by-hop options on the way", nil, onTheWay6()},
	}
}

func passing6(d dgram6) []byte {
	if d.src == "" {
		d.src = friend6
	}
	if d.dst == "" {
		d.dst = server6
	}
	if d.next == 0 && d.body == nil {
		d.next = 17
	}
	if d.body == nil {
		d.body = udp6(d.src, d.dst, 32)
	}
	return d.octets()
}

func forwarded6() []stimulus {
	var out []stimulus
	for p := 1; p < 256; p += 9 {
		out = append(out, one(fmt.Sprintf("next=%d", p), passing6(dgram6{next: uint8(p), body: ramp(24)})).wants("forwarded"))
	}
	return append(out,
		one("class=ff, flow label", passing6(dgram6{class: 0xff, flow: 0xfffff})).wants("forwarded"),
		one("hops=2", passing6(dgram6{hops: 2})).wants("forwarded"),
		one("destination options", passing6(dgram6{next: 60, body: append(options6(17, 0x9a, 0), ramp(16)...)})).wants("forwarded"),
		one("routing header", passing6(dgram6{next: 43, body: append([]byte{17, 0, 0, 1, 0, 0, 0, 0}, ramp(16)...)})).wants("forwarded"),
		one("fragment", frag6{src: friend6, dst: server6, id: 5, next: 17, body: ramp(64)}.at(8, 32, true)).wants("forwarded"),
		one("no next header", passing6(dgram6{next: 59, body: ramp(3)})).wants("forwarded"),
		one("payload length 0", passing6(dgram6{next: 59, body: []byte{}})).wants("forwarded"),
		one("by another gateway", passing6(dgram6{dst: "fd00:8::1"})).wants("forwarded"),
	)
}

func lifetimes6() []stimulus {
	var out []stimulus
	for _, hops := range []int{-1, 1} {
		for p := 1; p < 256; p += 9 {
			if p != 58 && p != 43 && p != 44 && p != 60 {
				out = append(out, one(fmt.Sprintf("hops=%d next=%d", max(hops, 0), p), passing6(dgram6{hops: hops, next: uint8(p), body: ramp(24)})).wants("3/0"))
			}
		}
		out = append(out,
			one(fmt.Sprintf("hops=%d echo", max(hops, 0)), passing6(dgram6{hops: hops, next: 58, body: ping6(friend6, server6, 8)})).wants("3/0"),
			one(fmt.Sprintf("hops=%d to the gateway", max(hops, 0)), passing6(dgram6{hops: hops, dst: dmz6, next: 58, body: ping6(friend6, dmz6, 8)})).wants("129/0"))
	}
	f := frag6{src: friend6, dst: server6, id: 5, next: 17, body: ramp(64)}
	later := f.at(8, 32, true)
	later[7] = 1
	return append(out,
		one("class=ff", passing6(dgram6{hops: 1, class: 0xff})).wants("3/0"),
		one("long", passing6(dgram6{hops: 1, next: 200, body: ramp(1400)})).wants("3/0"),
		one("no route as well", passing6(dgram6{hops: 1, dst: nowhere6})),
		one("later fragment", later),
		one("back by another way", passing6(dgram6{hops: 1, src: "fd00:8::1", dst: better6})).wants("3/0"))
}

func aboutErrors6() []stimulus {
	var out []stimulus
	for typ := range 256 {
		s := one(fmt.Sprintf("type=%d", typ), passing6(dgram6{hops: 1, next: 58, body: message6(friend6, server6, uint8(typ), 0, ramp(60)...)}))
		switch {
		case typ < 128, typ == 137:
			s = s.wants("silence")
		case typ < 130:
			s = s.wants("3/0")
		}
		out = append(out, s)
	}
	return append(out, one("an error that is too big", passing6(dgram6{next: 58, body: message6(friend6, server6, 1, 0, ramp(1400)...)})).wants("silence"))
}

func tooBig6() []stimulus {
	var out []stimulus
	for _, n := range []int{1239, 1240, 1241, 1242, 1400} {
		want := "2/0"
		if n <= 1240 {
			want = "forwarded"
		}
		out = append(out, one(fmt.Sprintf("octets=%d", n), passing6(dgram6{next: 200, body: ramp(n)})).wants(want))
	}
	f := frag6{src: friend6, dst: server6, id: 5, next: 17, body: ramp(1400)}
	return append(out,
		one("later fragment", f.at(8, 1392, false)).wants("2/0"),
		one("hops=2", passing6(dgram6{hops: 2, next: 200, body: ramp(1400)})).wants("2/0"),
		one("class=b8", passing6(dgram6{class: 0xb8, next: 200, body: ramp(1400)})).wants("2/0"))
}

func noRoutes6() []stimulus {
	return []stimulus{
		one("UDP", passing6(dgram6{dst: nowhere6})).wants("1/0"),
		one("echo", passing6(dgram6{dst: nowhere6, next: 58, body: ping6(friend6, nowhere6, 8)})).wants("1/0"),
		one("long", passing6(dgram6{dst: nowhere6, next: 200, body: ramp(1400)})).wants("1/0"),
		one("an error", passing6(dgram6{dst: nowhere6, next: 58, body: message6(friend6, nowhere6, 1, 0, ramp(60)...)})).wants("silence"),
		one("later fragment", frag6{src: friend6, dst: nowhere6, id: 5, next: 17, body: ramp(64)}.at(8, 32, true)),
	}
}

func forwardedAddresses6() []stimulus {
	var out []stimulus
	for _, src := range []string{"::", "::1", "ff02::1", "fe80::20", "::ffff:10.0.1.20", gate6, dmz6, "fec0::1", nowhere6} {
		for _, hops := range []int{1, 64} {
			out = append(out, one(fmt.Sprintf("from=%s hops=%d", src, hops), passing6(dgram6{src: src, hops: hops})))
		}
	}
	for _, dst := range []string{"::", "::1", "ff02::1", "ff02::2", "ff05::2", "ff0e::1", "fe80::99", "::ffff:10.0.2.100", "fd00:1::", "fd00:3::"} {
		for _, hops := range []int{1, 64} {
			out = append(out, one(fmt.Sprintf("to=%s hops=%d", dst, hops), passing6(dgram6{dst: dst, hops: hops})))
		}
	}
	return append(out,
		one("by another gateway on the same link", passing6(dgram6{dst: better6})),
		one("to a neighbour", passing6(dgram6{dst: "fd00:1::30"})))
}

func forGateway6() []stimulus {
	var out []stimulus
	for _, dst := range []string{gate6, dmz6} {
		for _, src := range []string{friend6, "fd00:8::1"} {
			out = append(out,
				one(fmt.Sprintf("echo to=%s from=%s", dst, src), passing6(dgram6{src: src, dst: dst, next: 58, body: ping6(src, dst, 8)})).wants("129/0"),
				one(fmt.Sprintf("UDP to=%s from=%s", dst, src), passing6(dgram6{src: src, dst: dst})).wants("1/4"),
				one(fmt.Sprintf("next=200 to=%s from=%s", dst, src), passing6(dgram6{src: src, dst: dst, next: 200, body: ramp(8)})).wants("4/1"))
		}
	}
	return out
}

func onTheWay6() []stimulus {
	var out []stimulus
	for _, set := range [][]stimulus{unknownOptions6(server6), badOptions6(server6), extensions6(server6)} {
		for _, s := range set {
			s.want = ""
			out = append(out, s)
		}
	}
	return out
}
