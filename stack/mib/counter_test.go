package mib_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
)

// The columns of ipSystemStatsTable that count, in their order, without the HC
// twins (RFC 4293 §5, ipSystemStatsEntry 3 to 44).
var columns = []struct {
	counter mib.Counter
	name    string
}{
	{mib.InReceives, "InReceives"},
	{mib.InOctets, "InOctets"},
	{mib.InHdrErrors, "InHdrErrors"},
	{mib.InNoRoutes, "InNoRoutes"},
	{mib.InAddrErrors, "InAddrErrors"},
	{mib.InUnknownProtos, "InUnknownProtos"},
	{mib.InTruncatedPkts, "InTruncatedPkts"},
	{mib.InForwDatagrams, "InForwDatagrams"},
	{mib.ReasmReqds, "ReasmReqds"},
	{mib.ReasmOKs, "ReasmOKs"},
	{mib.ReasmFails, "ReasmFails"},
	{mib.InDiscards, "InDiscards"},
	{mib.InDelivers, "InDelivers"},
	{mib.OutRequests, "OutRequests"},
	{mib.OutNoRoutes, "OutNoRoutes"},
	{mib.OutForwDatagrams, "OutForwDatagrams"},
	{mib.OutDiscards, "OutDiscards"},
	{mib.OutFragReqds, "OutFragReqds"},
	{mib.OutFragOKs, "OutFragOKs"},
	{mib.OutFragFails, "OutFragFails"},
	{mib.OutFragCreates, "OutFragCreates"},
	{mib.OutTransmits, "OutTransmits"},
	{mib.OutOctets, "OutOctets"},
	{mib.InMcastPkts, "InMcastPkts"},
	{mib.InMcastOctets, "InMcastOctets"},
	{mib.OutMcastPkts, "OutMcastPkts"},
	{mib.OutMcastOctets, "OutMcastOctets"},
	{mib.InBcastPkts, "InBcastPkts"},
	{mib.OutBcastPkts, "OutBcastPkts"},
}

func TestCounterNames(t *testing.T) {
	conform.Row(t, "E-14")
	if n := len(mib.IP{}); n != len(columns) {
		t.Fatalf("%d objects, want %d", n, len(columns))
	}
	for i, c := range columns {
		if int(c.counter) != i {
			t.Errorf("%s has index %d, want %d", c.name, c.counter, i)
		}
		if got := c.counter.String(); got != c.name {
			t.Errorf("index %d: name %q, want %q", i, got, c.name)
		}
	}
	if got := mib.Counter(len(columns)).String(); got != "counter 29" {
		t.Errorf("behind the last: %q", got)
	}
	if got := mib.Counter(255).String(); got != "counter 255" {
		t.Errorf("255: %q", got)
	}
}

func TestVersion(t *testing.T) {
	for v, want := range map[mib.Version]string{mib.IPv4: "ipv4", mib.IPv6: "ipv6", 2: "version 2"} {
		if got := v.String(); got != want {
			t.Errorf("%d: %q, want %q", v, got, want)
		}
	}
}
