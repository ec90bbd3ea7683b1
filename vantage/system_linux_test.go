package vantage_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/vantage"
)

// TestKinds asks this host each kind that it answers, in both families.
func TestKinds(t *testing.T) {
	conform.Row(t, "P-05")
	testnet.Enter(t)
	for _, dst := range []string{"127.0.0.1", "::1"} {
		for _, q := range []probe.Probe{
			{Kind: probe.Echo, Size: 56},
			{Kind: probe.Echo, Size: 20000},
			{Kind: probe.Echo, Size: 56, TTL: 9, TOS: 0x10, DF: true},
			{Kind: probe.UDP, Size: 32, DstPort: 33434},
			{Kind: probe.UDP, Size: 32, SrcPort: 999, DstPort: 33434},
			{Kind: probe.TCP, DstPort: 81},
			{Kind: probe.Timestamp},
		} {
			q.Dst = addr(dst)
			if q.Kind == probe.Timestamp && q.Dst.Is6() {
				continue
			}
			events := inquire(t, system(t, vantage.SystemOptions{}), time.Millisecond, q, q, q)
			if len(events) != 3 {
				t.Errorf("%s %v: %d events: %v", dst, q.Kind, len(events), events)
			}
			for _, e := range events {
				if e.Kind != probe.Reply || e.From != q.Dst || e.TTL != 64 || e.RTT <= 0 || e.RTT > time.Second {
					t.Errorf("%s %v: %+v", dst, q.Kind, e)
				}
				t.Log(dst, q.Kind, e.RTT, e.Stamp, e.SentBy)
			}
		}
	}
}

// TestPlain asks what can be asked without privileges.
func TestPlain(t *testing.T) {
	conform.Row(t, "P-06")
	testnet.Enter(t)
	testnet.Sysctl(t, "net/ipv4/ping_group_range", "0 2147483647")
	for _, dst := range []string{"127.0.0.1", "::1"} {
		for _, q := range []probe.Probe{
			{Kind: probe.Echo, Size: 56},
			{Kind: probe.Echo, Size: 20000},
			{Kind: probe.Echo, Size: 56, TTL: 9, TOS: 0x10, DF: true},
			{Kind: probe.UDP, Size: 32, DstPort: 33434},
			{Kind: probe.UDP, Size: 32, SrcPort: 999, DstPort: 33434},
		} {
			q.Dst = addr(dst)
			var o vantage.SystemOptions
			o.Unprivileged = true
			events := inquire(t, system(t, o), time.Millisecond, q, q, q)
			if len(events) != 3 {
				t.Errorf("%s %v: %d events: %v", dst, q.Kind, len(events), events)
			}
			for _, e := range events {
				if e.Kind != probe.Reply || e.From != q.Dst || e.TTL != 64 || e.RTT <= 0 || e.RTT > time.Second {
					t.Errorf("%s %v: %+v", dst, q.Kind, e)
				}
				t.Log(dst, q.Kind, e.RTT, e.Stamp, e.SentBy)
			}
		}
	}
}
