package trace_test

import (
	"testing"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
)

func TestKinds(t *testing.T) {
	for _, k := range []probe.Kind{probe.Echo, probe.UDP, probe.UDPLite, probe.TCP} {
		for _, dst := range []string{"10.0.3.10", "2001:db8:0:3::10"} {
			b := of(t, line(3, nil))
			x := b.make(trace.Config{Dst: addr(dst), Kind: k})
			took, told := b.run(x)
			t.Log(k, took, len(b.sent), "\n", text(told))
		}
	}
	for _, s := range []struct{name, host, dst string}{{"cmu-mit","cmu","18.7.22.69"},{"ecmp-flow","a","10.0.9.20"},{"ecmp-packet","a","10.0.9.20"},{"mpls","a","10.0.9.20"},{"routing-loop","a","192.0.2.1"}} {
			b := in(t, s.name, s.host)
			x := b.make(trace.Config{Dst: addr(s.dst), Kind: probe.UDP})
			took, told := b.run(x)
			t.Log(s.name, took, len(b.sent), "\n", text(told))
	}
}
