package holds_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/sock/internal/holds"
	"github.com/sonde-net/sonde/wire/ip"
)

// taken reports whether somebody has a port of UDP.
func taken(t *testing.T, local netip.Addr, port uint16) bool {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, port)))
	if err == nil {
		_ = c.Close()
	}
	return err != nil
}

// TestHold: ports are held by family, the last so many of them, until the end.
func TestHold(t *testing.T) {
	testnet.Enter(t)
	four, six := netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()
	const first = 20000
	var h holds.Holds
	h.Close()
	h.Hold(four, ip.ProtoUDP, first)
	h.Hold(four, ip.ProtoUDP, first)
	if !taken(t, four, first) || taken(t, six, first) || taken(t, four, first+1) {
		t.Error("another port is held than was asked for")
	}
	h.Hold(six, ip.ProtoUDP, first)
	if !taken(t, six, first) {
		t.Error("a port of IPv6 is not held")
	}
	// Two of the places are taken.
	for n := range uint16(holds.Max - 2) {
		h.Hold(four, ip.ProtoUDP, first+1+n)
	}
	if !taken(t, four, first) || !taken(t, four, first+holds.Max-2) {
		t.Error("not all are held that there is room for")
	}
	h.Hold(four, ip.ProtoUDP, first+holds.Max)
	if taken(t, four, first) || !taken(t, six, first) || !taken(t, four, first+holds.Max) {
		t.Error("the oldest has not made room")
	}
	h.Close()
	for n := range uint16(holds.Max + 1) {
		if taken(t, four, first+n) || taken(t, six, first+n) {
			t.Errorf("%d is held behind the end", first+n)
		}
	}
	h.Close()
}

// TestOthers: a port that somebody has stays his.
func TestOthers(t *testing.T) {
	testnet.Enter(t)
	local := netip.MustParseAddr("127.0.0.1")
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
	if err != nil {
		t.Fatal(err)
	}
	port := c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	var h holds.Holds
	h.Hold(local, ip.ProtoUDP, port)
	_ = c.Close()
	if taken(t, local, port) {
		t.Error("it is held twice")
	}
	h.Close()
}
