package bench

import (
	"encoding/binary"
	"fmt"

	gvisor "gvisor.dev/gvisor/pkg/tcpip/checksum"

	"github.com/sonde-net/sonde/wire/checksum"
)

// sum is the checksum of n octets. x/net exports none; its sum is part of what
// it takes to build.
func sum(n int) Contest {
	b, f := echoData(n), new(foundSum)
	return Contest{
		Name: fmt.Sprintf("checksum of %d octets", n), Octets: n,
		Pairs: []Pair{{Sonde, GVisorSum, ""}, {Sonde, Plain, ""}},
		Contestants: []Contestant{
			{Sonde, func(n int) {
				for range n {
					f.ours = checksum.Sum(b, 0)
				}
			}, func() any { return f.ours }},
			{GVisorSum, func(n int) {
				for range n {
					f.theirs = gvisor.Checksum(b, 0)
				}
			}, func() any { return f.theirs }},
			{Plain, func(n int) {
				for range n {
					f.plain = read(b)
				}
			}, func() any { return f.plain }},
		},
	}
}

// foundSum is where the contestants leave their sums.
type foundSum struct {
	ours, theirs uint16
	plain        uint64
}

// read reads b in words of eight octets and adds them up, carries lost: as
// little as a program written in Go can do that looks at all of it.
//
//go:noinline
func read(b []byte) uint64 {
	var s0, s1, s2, s3 uint64
	for len(b) >= 32 {
		p := (*[32]byte)(b)
		s0 += binary.LittleEndian.Uint64(p[0:8])
		s1 += binary.LittleEndian.Uint64(p[8:16])
		s2 += binary.LittleEndian.Uint64(p[16:24])
		s3 += binary.LittleEndian.Uint64(p[24:32])
		b = b[32:]
	}
	for len(b) >= 8 {
		s0 += binary.LittleEndian.Uint64(b)
		b = b[8:]
	}
	for _, o := range b {
		s0 += uint64(o)
	}
	return s0 + s1 + s2 + s3
}
