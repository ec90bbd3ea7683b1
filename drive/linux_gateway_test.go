//go:build linux

package drive_test

import "fmt"

// What is sent to a gateway, by IPv4: it is 10.0.1.1 to the friend on the lan,
// 10.0.2.1 on the wan, whose MTU is 1,000, and 10.0.3.1 on the dmz.
const (
	gate    = "10.0.1.1"
	wanSelf = "10.0.2.1"
	server  = "10.0.2.100" // on the wan
	remote  = "10.8.0.5"   // behind a gateway on the wan
	better  = "10.9.0.5"   // behind another gateway on the lan
	nowhere = "172.16.0.1"
)

func gatewayGroups() []group {
	return []group{
		{"forwarded", nil, forwarded()},
		{"time to live", []string{"G-01"}, lifetimes()},
		{"no error about an error", []string{"E-01", "E-07"}, aboutErrors()},
		{"no error about a later fragment", []string{"E-04", "E-07"}, aboutFragments()},
		{"no error about a bad source", []string{"E-05", "E-07", "G-14"}, forwardedMartians()},
		{"no error about a group", []string{"E-02"}, forwardedGroups()},
		{"no route", []string{"G-02"}, noRoutes(nowhere, "3/0")},
		{"too big", []string{"G-03"}, tooBig()},
		{"fragments made", []string{"G-03"}, fragmentsMade()},
		{"redirects", []string{"G-05"}, redirects()},
		{"bad headers", []string{"E-06"}, forwardedBadHeaders()},
		{"echo to the gateway", []string{"G-08", "E-10"}, gatewayEchoes()},
		{"for the gateway", []string{"E-10"}, forGateway()},
		{"options", nil, forwardedOptions(optionSet(gate, friend), server)},
		{"options of fragments", nil, fragmentedOptions()},
		{"source routes", nil, forwardedOptions(sourceRouteSet(gate, server, "10.0.3.254"), gate)},
		{"source routes of others", nil, forwardedOptions(sourceRouteSet(gate, server, "10.0.3.254"), server)},
		{"errors and options", nil, errorsAndOptions()},
	}
}

func unreachableGroups() []group {
	return []group{{"no route", []string{"G-02"}, noRoutes(nowhere, "3/1")}}
}

func sourceRouteGroups() []group {
	return []group{
		{"to the gateway", nil, forwardedOptions(sourceRouteSet(gate, server, "10.0.3.254"), gate)},
		{"to others", nil, forwardedOptions(sourceRouteSet(gate, server, "10.0.3.254"), server)},
		{"time to live and size", nil, sourceRouteTroubles()},
	}
}

// passing is a datagram from the friend to the server.
func passing(d dgram) []byte {
	if d.src == "" {
		d.src = friend
	}
	if d.dst == "" {
		d.dst = server
	}
	if d.proto == 0 {
		d.proto = 17
	}
	if d.body == nil {
		d.body = udp4(d.src, d.dst, 32)
	}
	return d.octets()
}

func forwarded() []stimulus {
	var out []stimulus
	for p := 0; p < 256; p += 5 {
		out = append(out, one(fmt.Sprintf("proto=%d", p), passing(dgram{proto: uint8(p | 1), body: ramp(24)})).wants("forwarded"))
	}
	for _, tos := range []uint8{1, 2, 3, 0x10, 0x1e, 0xb8, 0xc0, 0xff} {
		out = append(out, one(fmt.Sprintf("tos=%02x", tos), passing(dgram{tos: tos})).wants("forwarded"))
	}
	for _, ttl := range []int{2, 3, 64, 255} {
		out = append(out, one(fmt.Sprintf("ttl=%d", ttl), passing(dgram{ttl: ttl})).wants("forwarded"))
	}
	for flags := range uint8(8) {
		if flags&mf == 0 {
			out = append(out, one(fmt.Sprintf("flags=%d", flags), passing(dgram{flags: flags})).wants("forwarded"))
		} else {
			out = append(out, one(fmt.Sprintf("flags=%d", flags), passing(dgram{flags: flags})).wants("fragment"))
		}
	}
	for _, off := range []int{8, 1480, 65480} {
		out = append(out, one(fmt.Sprintf("offset=%d", off), passing(dgram{off: off})).wants("fragment"))
	}
	return append(out,
		one("nothing but a header", passing(dgram{proto: 200, body: []byte{}})).wants("forwarded"),
		one("link padding", append(passing(dgram{}), ramp(10)...)).wants("forwarded"),
		one("to another gateway", passing(dgram{dst: remote})).wants("forwarded"),
		one("back", passing(dgram{src: server, dst: friend})).by(wan).wants("forwarded"),
		one("to the dmz", passing(dgram{dst: "10.0.3.7"})).wants("forwarded"),
		one("bad UDP checksum", passing(dgram{body: raw(udp4(friend, server, 8), 7, 1)})).wants("forwarded"),
		one("bad ICMP checksum", passing(dgram{proto: 1, body: raw(ping4(8), 3, 1)})).wants("forwarded"),
		one("from a source without a route", passing(dgram{src: nowhere})).wants("forwarded"),
	)
}

func lifetimes() []stimulus {
	var out []stimulus
	for _, ttl := range []int{-1, 1} {
		for p := 0; p < 256; p += 7 {
			if p == 1 {
				continue
			}
			out = append(out, one(fmt.Sprintf("ttl=%d proto=%d", max(ttl, 0), p),
				passing(dgram{ttl: ttl, proto: uint8(p | 2), body: ramp(40)})).wants("11/0"))
		}
		out = append(out,
			one(fmt.Sprintf("ttl=%d echo", max(ttl, 0)), passing(dgram{ttl: ttl, proto: 1, body: ping4(56)})).wants("11/0"),
			one(fmt.Sprintf("ttl=%d to the gateway", max(ttl, 0)), passing(dgram{ttl: ttl, dst: gate, proto: 1, body: ping4(56)})).wants("0/0"),
			one(fmt.Sprintf("ttl=%d to its other address", max(ttl, 0)), passing(dgram{ttl: ttl, dst: wanSelf, proto: 1, body: ping4(56)})).wants("0/0"))
	}
	for _, n := range []int{0, 1, 7, 8, 500, 519, 520, 521, 528, 1400} {
		out = append(out, one(fmt.Sprintf("octets=%d", n), passing(dgram{ttl: 1, proto: 200, body: append([]byte{}, ramp(n)...)})).wants("11/0"))
	}
	for _, tos := range []uint8{0x03, 0x04, 0x08, 0x10, 0x1c, 0x20, 0xb8, 0xe0} {
		out = append(out, one(fmt.Sprintf("tos=%02x", tos), passing(dgram{ttl: 1, tos: tos})).wants("11/0"))
	}
	return append(out,
		one("back by another way", passing(dgram{ttl: 1, src: remote, dst: "10.0.3.7"})).wants("11/0"),
		one("too big as well", passing(dgram{ttl: 1, flags: df, body: ramp(1200)})).wants("11/0"),
		one("first fragment", passing(dgram{ttl: 1, flags: mf})).wants("11/0"),
		one("no way back", passing(dgram{ttl: 1, src: nowhere})).wants("silence"),
	)
}

// aboutErrors runs every ICMP type out of time.
func aboutErrors() []stimulus {
	var out []stimulus
	for typ := range 256 {
		s := one(fmt.Sprintf("type=%d", typ), passing(dgram{ttl: 1, proto: 1, body: message4(uint8(typ), 0, ramp(36)...)}))
		switch typ {
		case 3, 4, 5, 11, 12:
			s = s.wants("silence")
		case 0, 8, 13, 14, 17, 18:
			s = s.wants("11/0")
		}
		out = append(out, s)
	}
	unreachable := message4(3, 1, ramp(36)...)
	return append(out,
		one("an error that has no route", passing(dgram{src: "10.9.4.1", dst: nowhere, proto: 1, body: unreachable})).wants("silence"),
		one("an error that is too big", passing(dgram{flags: df, proto: 1, body: message4(3, 1, ramp(1100)...)})).wants("silence"),
		one("an error that has a better way", passing(dgram{src: "10.0.1.41", dst: better, proto: 1, body: unreachable})).wants("forwarded"),
		one("an error with a bad option", passing(dgram{proto: 1, body: unreachable, opts: route4(recordRoute, 3, "0.0.0.0")})).wants("silence"),
		one("an ICMP message without a type", passing(dgram{ttl: 1, proto: 1, body: []byte{}})),
	)
}

func aboutFragments() []stimulus {
	var out []stimulus
	for i, p := range payloadOrder {
		d := dgram{src: fmt.Sprintf("10.9.5.%d", i+1), proto: p, off: 16, body: ramp(40)}
		gone, lost, big, bad, last := d, d, d, d, d
		gone.ttl, lost.dst, big.flags, big.body, last.ttl, last.flags = 1, nowhere, df, ramp(1200), 1, mf
		bad.opts = route4(recordRoute, 3, "0.0.0.0")
		out = append(out,
			one(fmt.Sprintf("out of time, proto=%d", p), passing(gone)).wants("silence"),
			one(fmt.Sprintf("out of time, more follow, proto=%d", p), passing(last)).wants("silence"),
			one(fmt.Sprintf("no route, proto=%d", p), passing(lost)).wants("silence"),
			one(fmt.Sprintf("too big, proto=%d", p), passing(big)).wants("silence"),
			one(fmt.Sprintf("bad option, proto=%d", p), passing(bad)).wants("silence"))
		better := dgram{src: "10.0.1.42", dst: better, proto: p, off: 16, body: ramp(40)}
		out = append(out, one(fmt.Sprintf("a better way, proto=%d", p), passing(better)).wants("fragment"))
	}
	return out
}

func forwardedMartians() []stimulus {
	var out []stimulus
	for _, src := range []string{
		"0.0.0.0", "0.0.0.20", "127.0.0.1", "127.9.9.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "10.0.1.255", "10.0.2.255", gate, wanSelf,
	} {
		for _, ttl := range []int{1, 64} {
			out = append(out, one(fmt.Sprintf("from=%s ttl=%d", src, ttl), passing(dgram{src: src, ttl: ttl})).wants("silence"))
		}
		out = append(out, one(fmt.Sprintf("from=%s, no route", src), passing(dgram{src: src, dst: nowhere})).wants("silence"))
	}
	return append(out,
		one("from=10.0.2.0 ttl=1", passing(dgram{src: "10.0.2.0", ttl: 1})),
		one("from=10.0.2.0 ttl=64", passing(dgram{src: "10.0.2.0"})),
		one("from=169.254.1.1 ttl=64", passing(dgram{src: "169.254.1.1"})),
		one("from=10.0.2.77, which is not on the lan", passing(dgram{src: "10.0.2.77"})).wants("forwarded"),
	)
}

func forwardedGroups() []stimulus {
	var out []stimulus
	for _, dst := range []string{"10.0.2.255", "10.0.1.255", "255.255.255.255", "224.0.0.1", "224.0.0.2", "224.5.6.7", "239.1.1.1"} {
		for _, p := range payloadOrder {
			for _, ttl := range []int{1, 64} {
				out = append(out, one(fmt.Sprintf("to=%s proto=%d ttl=%d", dst, p, ttl),
					passing(dgram{dst: dst, proto: p, ttl: ttl, body: payloads(friend, dst)[p]})).wants("silence"))
			}
		}
	}
	for i, dst := range []string{"127.0.0.1", "0.0.0.0", "240.0.0.1", "10.0.2.0", "10.0.1.0", "169.254.1.1"} {
		for j, ttl := range []int{1, 64} {
			src := fmt.Sprintf("10.0.1.%d", 50+2*i+j) // for the kernel tells one source only so often
			out = append(out, one(fmt.Sprintf("to=%s ttl=%d", dst, ttl), passing(dgram{src: src, dst: dst, ttl: ttl})))
		}
	}
	return out
}

// noRoutes come from another source each, for the kernel tells one source only
// so often.
func noRoutes(dst, want string) []stimulus {
	host := 0
	next := func() string { host++; return fmt.Sprintf("10.9.1.%d", host) }
	var out []stimulus
	add := func(name string, d dgram) {
		d.dst = dst
		if d.src == "" {
			d.src = next()
		}
		out = append(out, one(name, passing(d)).wants(want))
	}
	for _, p := range payloadOrder {
		for _, ttl := range []int{2, 64} {
			add(fmt.Sprintf("proto=%d ttl=%d", p, ttl), dgram{proto: p, ttl: ttl, body: payloads(better, dst)[p]})
		}
	}
	add("from the lan", dgram{src: "10.0.1.62"})
	add("tos=1c", dgram{tos: 0x1c})
	add("too big", dgram{flags: df, body: ramp(1400)})
	add("router alert", dgram{opts: []byte{148, 4, 0, 0}})
	add("out of time as well", dgram{ttl: 1})
	return append(out, one("from the wan", passing(dgram{src: server, dst: dst})).by(wan).wants(want))
}
