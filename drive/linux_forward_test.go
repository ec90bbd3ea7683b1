//go:build linux

package drive_test

import "fmt"

func tooBig() []stimulus {
	var out []stimulus
	for _, n := range []int{979, 980, 981, 982, 1000, 1400, 1480} {
		want := "3/4"
		if n <= 980 {
			want = "forwarded"
		}
		for _, p := range payloadOrder {
			body := ramp(n)
			if p == 1 {
				body = ping4(n - 8)
			}
			out = append(out, one(fmt.Sprintf("octets=%d proto=%d", n, p), passing(dgram{flags: df, proto: p, body: body})).wants(want))
		}
	}
	return append(out,
		one("tos=10", passing(dgram{flags: df, tos: 0x10, body: ramp(1100)})).wants("3/4"),
		one("larger than the link it came by", passing(dgram{flags: df, body: ramp(3000)})).wants("3/4"),
		one("ttl=2", passing(dgram{flags: df, ttl: 2, body: ramp(1100)})).wants("3/4"),
		one("first fragment", passing(dgram{flags: df | mf, body: ramp(1096)})).wants("3/4"),
		one("reserved flag", passing(dgram{flags: df | reserved, body: ramp(1100)})).wants("3/4"),
		one("from afar", passing(dgram{src: better, flags: df, body: ramp(1100)})).wants("3/4"),
		one("to another gateway", passing(dgram{dst: remote, flags: df, body: ramp(1100)})).wants("3/4"),
		one("with options that fit no more", passing(dgram{flags: df, opts: []byte{148, 4, 0, 0}, body: ramp(977)})).wants("3/4"),
		one("with options that just fit", passing(dgram{flags: df, opts: []byte{148, 4, 0, 0}, body: ramp(976)})).wants("forwarded"),
	)
}

// fragmentsMade are datagrams that have to be cut.
func fragmentsMade() []stimulus {
	var out []stimulus
	for _, n := range []int{981, 982, 983, 984, 985, 1200, 1480, 1951, 1952, 1953, 3000, 9000} {
		out = append(out, one(fmt.Sprintf("octets=%d", n), passing(dgram{body: ramp(n)})).wants("fragment"))
	}
	for _, d := range []dgram{
		{flags: mf, body: ramp(1200)},
		{flags: mf, off: 8, body: ramp(1200)},
		{flags: mf, off: 2400, body: ramp(1200)},
		{off: 2400, body: ramp(1203)},
		{off: 64000, body: ramp(1400)},
		{flags: reserved, body: ramp(1200)},
		{flags: reserved | mf, off: 1480, body: ramp(1200)},
		{tos: 0xff, body: ramp(1200)},
		{ttl: 2, body: ramp(1200)},
		{proto: 1, body: ping4(1200)},
		{proto: 1, body: message4(3, 1, ramp(1200)...)},
		{flags: mf, body: ramp(1204)},
	} {
		out = append(out, one(fmt.Sprintf("flags=%d offset=%d tos=%02x ttl=%d proto=%d octets=%d", d.flags, d.off, d.tos, d.ttl, d.proto, len(d.body)),
			passing(d)))
	}
	return append(out, one("beyond 65,535", passing(dgram{off: 64800, body: ramp(1200)})))
}

// fragmentedOptions are datagrams with options that have to be cut.
func fragmentedOptions() []stimulus {
	var out []stimulus
	for _, o := range optionSet(gate, friend) {
		out = append(out, one(o.name, passing(dgram{opts: o.opts, body: ramp(1200)})))
	}
	both := append([]byte{148, 4, 0, 0}, route4(recordRoute, 4, "0.0.0.0")...)
	return append(out,
		one("copied and not", passing(dgram{opts: both, body: ramp(1200)})),
		one("not copied and copied", passing(dgram{opts: append(route4(recordRoute, 4, "0.0.0.0"), 1, 148, 4, 0, 0), body: ramp(1200)})),
		one("copied and not, a later fragment", passing(dgram{opts: both, off: 1480, body: ramp(1200)})),
		one("copied and not, a first fragment", passing(dgram{opts: both, flags: mf, body: ramp(1200)})),
		one("forty octets, copied", passing(dgram{opts: append([]byte{158, 40}, ramp(38)...), body: ramp(1200)})),
		one("forty octets, not copied", passing(dgram{opts: append([]byte{30, 40}, ramp(38)...), body: ramp(1200)})),
	)
}

// redirects go to a different source each, for the kernel tells one source only
// so often.
func redirects() []stimulus {
	host := 100
	next := func() string { host++; return fmt.Sprintf("10.0.1.%d", host) }
	var out []stimulus
	add := func(name, want string, d dgram) { out = append(out, one(name, passing(d)).wants(want)) }
	for _, p := range payloadOrder {
		src := next()
		add(fmt.Sprintf("by another gateway, proto=%d", p), "5/1 + forwarded", dgram{src: src, dst: better, proto: p, body: payloads(src, better)[p]})
	}
	add("to a neighbour", "5/1 + forwarded", dgram{src: next(), dst: "10.0.1.30"})
	add("tos=10", "5/1 + forwarded", dgram{src: next(), dst: better, tos: 0x10})
	add("ttl=2", "5/1 + forwarded", dgram{src: next(), dst: better, ttl: 2})
	add("ttl=1", "11/0", dgram{src: next(), dst: better, ttl: 1})
	add("DF", "5/1 + forwarded", dgram{src: next(), dst: better, flags: df})
	add("first fragment", "5/1 + fragment", dgram{src: next(), dst: better, flags: mf})
	add("cut", "5/1 + fragment", dgram{src: next(), dst: better, body: ramp(2000)})
	add("too big", "", dgram{src: next(), dst: better, flags: df, body: ramp(2000)})
	add("large", "5/1 + forwarded", dgram{src: next(), dst: better, body: ramp(1400)})
	add("from another network", "forwarded", dgram{src: "10.0.3.44", dst: better})
	add("from behind a gateway", "forwarded", dgram{src: remote, dst: better})
	add("to another port", "forwarded", dgram{src: next()})
	add("record route", "5/1 + forwarded", dgram{src: next(), dst: better, opts: route4(recordRoute, 4, "0.0.0.0")})
	add("a spent source route", "forwarded", dgram{src: next(), dst: better, opts: route4(lsrr, 8, "10.0.1.99")})
	add("a source route of another", "forwarded", dgram{src: next(), dst: better, opts: route4(lsrr, 4, "10.0.1.99")})
	add("router alert", "5/1 + forwarded", dgram{src: next(), dst: better, opts: []byte{148, 4, 0, 0}})
	for _, typ := range []uint8{0, 3, 4, 5, 11, 12, 13, 30, 200} {
		want := ""
		if typ >= 3 && typ <= 12 {
			want = "forwarded"
		}
		add(fmt.Sprintf("ICMP type %d", typ), want, dgram{src: next(), dst: better, proto: 1, body: message4(typ, 0, ramp(36)...)})
	}
	return out
}

func forwardedBadHeaders() []stimulus {
	b := passing(dgram{ttl: 1})
	var out []stimulus
	add := func(name string, b []byte) { out = append(out, one(name, b).wants("silence")) }
	for _, v := range []byte{0, 3, 5, 15} {
		add(fmt.Sprintf("version=%d", v), set(b, 0, v<<4|5))
	}
	for _, ihl := range []byte{0, 4} {
		add(fmt.Sprintf("header length=%d words", ihl), set(b, 0, 4<<4|ihl))
	}
	for _, n := range []int{0, 19, len(b) + 1, 65535} {
		add(fmt.Sprintf("total length=%d", n), set(b, 2, byte(n>>8), byte(n)))
	}
	add("checksum + 1", raw(b, 11, b[11]+1))
	add("checksum zero", raw(b, 10, 0, 0))
	add("cut", b[:len(b)-1])
	return out
}

func gatewayEchoes() []stimulus {
	var out []stimulus
	for _, dst := range []string{gate, wanSelf, "10.0.3.1"} {
		for _, from := range []struct {
			port int
			src  string
		}{{lan, friend}, {wan, server}, {dmz, "10.0.3.7"}, {lan, better}, {lan, remote}} {
			for _, n := range []int{56, 1200} {
				want := "0/0"
				if n > 1000 && (from.port == wan || from.src == remote) || n > 1252 {
					want = "fragment"
				}
				out = append(out, one(fmt.Sprintf("to=%s from=%s data=%d", dst, from.src, n),
					passing(dgram{src: from.src, dst: dst, proto: 1, body: ping4(n)})).by(from.port).wants(want))
			}
		}
		out = append(out, one("timestamp to="+dst, passing(dgram{dst: dst, proto: 1, body: message4(13, 0, ramp(16)...)})).wants("14/0"))
	}
	return append(out, one("no way back", passing(dgram{src: nowhere, dst: gate, proto: 1, body: ping4(8)})).wants("silence"))
}

func forGateway() []stimulus {
	var out []stimulus
	for _, dst := range []string{gate, wanSelf, "10.0.3.1"} {
		for _, src := range []string{friend, better, remote} {
			out = append(out,
				one(fmt.Sprintf("UDP to=%s from=%s", dst, src), passing(dgram{src: src, dst: dst, tos: 0x10})).wants("3/3"),
				one(fmt.Sprintf("protocol 200 to=%s from=%s", dst, src), passing(dgram{src: src, dst: dst, proto: 200, body: ramp(600)})).wants("3/2"))
		}
	}
	return append(out, one("no way back", passing(dgram{src: nowhere, dst: gate})).wants("silence"))
}

// forwardedOptions sends each of the options by the gateway.
func forwardedOptions(set []namedOptions, dst string) []stimulus {
	var out []stimulus
	for _, o := range set {
		out = append(out, one(o.name, passing(dgram{dst: dst, opts: o.opts})))
	}
	return out
}

// errorsAndOptions are datagrams with options that come to nothing.
func errorsAndOptions() []stimulus {
	var out []stimulus
	for i, o := range []namedOptions{
		{"record route", route4(recordRoute, 4, "0.0.0.0", "0.0.0.0")},
		{"timestamp", stamps4(5, 0, 1, make([]byte, 16))},
		{"router alert", []byte{148, 4, 0, 0}},
		{"unknown", []byte{158, 4, 1, 2}},
		{"spent loose route", route4(lsrr, 12, "10.0.1.99", "10.0.1.98")},
		{"spent strict route", route4(ssrr, 8, "10.0.1.99")},
		{"forty octets", append([]byte{158, 40}, ramp(38)...)},
		{"bad record route", route4(recordRoute, 3, "0.0.0.0")},
	} {
		out = append(out,
			one("out of time, "+o.name, passing(dgram{ttl: 1, opts: o.opts})),
			one("no route, "+o.name, passing(dgram{src: fmt.Sprintf("10.9.2.%d", i+1), dst: nowhere, opts: o.opts})),
			one("too big, "+o.name, passing(dgram{flags: df, opts: o.opts, body: ramp(1300)})),
			one("out of time and long, "+o.name, passing(dgram{ttl: 1, opts: o.opts, body: ramp(1300)})),
			one("closed port, "+o.name, passing(dgram{dst: gate, opts: o.opts})),
			one("to an own broadcast, "+o.name, passing(dgram{dst: "10.0.1.255", opts: o.opts})).wants("silence"),
			one("from a martian, "+o.name, passing(dgram{src: "127.0.0.1", opts: o.opts})).wants("silence"))
	}
	return out
}

func sourceRouteTroubles() []stimulus {
	var out []stimulus
	for _, r := range []struct {
		name string
		typ  uint8
	}{{"loose", lsrr}, {"strict", ssrr}} {
		add := func(name string, d dgram, opts []byte) {
			d.opts = opts
			if d.dst == "" {
				d.dst = gate
			}
			out = append(out, one(r.name+", "+name, passing(d)))
		}
		add("ttl=1", dgram{ttl: 1}, route4(r.typ, 4, server))
		add("ttl=2", dgram{ttl: 2}, route4(r.typ, 4, server))
		add("too big", dgram{flags: df, body: ramp(1200)}, route4(r.typ, 4, server))
		add("cut", dgram{body: ramp(1200)}, route4(r.typ, 4, server, remote))
		add("back to where it came from", dgram{src: "10.0.1.151"}, route4(r.typ, 4, "10.0.1.30"))
		add("by a gateway", dgram{}, route4(r.typ, 4, remote))
		add("to its other address", dgram{dst: wanSelf}, route4(r.typ, 4, server))
		add("through itself twice", dgram{}, route4(r.typ, 4, wanSelf, server))
		add("ends here", dgram{}, route4(r.typ, 4, wanSelf))
		add("echo, ends here", dgram{proto: 1, body: ping4(8)}, route4(r.typ, 8, "10.0.1.99"))
		add("an error", dgram{proto: 1, body: message4(3, 1, ramp(36)...)}, route4(r.typ, 4, nowhere))
		add("with record route", dgram{}, append(append(route4(r.typ, 4, server), 1), route4(recordRoute, 4, "0.0.0.0")...))
		add("with timestamp", dgram{}, append(append(route4(r.typ, 4, server), 1), stamps4(5, 0, 1, make([]byte, 8))...))
	}
	return out
}
