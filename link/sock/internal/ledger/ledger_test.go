package ledger_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/link/sock/internal/ledger"
	"github.com/sonde-net/sonde/wire/ip"
)

var flow = ledger.Flow{Proto: ip.ProtoUDP, Own: 40000, Peer: netip.MustParseAddrPort("192.0.2.1:33434")}

// packet is a probe with a checksum and data.
func packet(sum uint16, data string) []byte {
	return append([]byte{0, 0, 0, 0, 0, 0, byte(sum >> 8), byte(sum)}, data...)
}

func TestFind(t *testing.T) {
	var l ledger.Ledger
	find := func(f ledger.Flow, data string, want uint16, ok bool) {
		t.Helper()
		if got, found := l.Find(f, []byte(data)); got != want || found != ok {
			t.Errorf("%+v %q: %#x, %t; want %#x, %t", f, data, got, found, want, ok)
		}
	}
	find(flow, "", 0, false)
	l.Put(flow, packet(0x1111, "cookie-1 and more"))
	l.Put(flow, packet(0x2222, "cookie-2 and more"))
	l.Put(flow, packet(0x3333, "cookie-3 and more"))
	for _, other := range []ledger.Flow{
		{Proto: ip.ProtoUDPLite, Own: flow.Own, Peer: flow.Peer},
		{Proto: flow.Proto, Own: 40001, Peer: flow.Peer},
		{Proto: flow.Proto, Own: flow.Own, Peer: netip.MustParseAddrPort("192.0.2.1:33435")},
		{Proto: flow.Proto, Own: flow.Own, Peer: netip.MustParseAddrPort("192.0.2.2:33434")},
	} {
		find(other, "cookie-1", 0, false)
	}
	find(flow, "cookie-2", 0x2222, true)
	find(flow, "cookie-1 and what others put behind it", 0x1111, true)
	find(flow, "cookie-4", 0, false)
	find(flow, "cookie-2", 0x2222, true)
	// Without data: those that no error was about, the oldest first.
	find(flow, "", 0x3333, true)
	find(flow, "", 0x3333, true)
	l.Put(flow, packet(0x4444, ""))
	l.Put(flow, packet(0x5555, ""))
	find(flow, "", 0x4444, true)
	find(flow, "", 0x5555, true)
	l.Put(flow, packet(0x6666, "cookie-1"))
	find(flow, "cookie-1", 0x6666, true) // the latest
}

func TestSize(t *testing.T) {
	var l ledger.Ledger
	for i := range ledger.Size + 1 {
		l.Put(flow, packet(uint16(i), string([]byte{byte(i >> 8), byte(i), 1, 1, 1, 1, 1, 1})))
	}
	if _, ok := l.Find(flow, []byte{0, 0, 1, 1, 1, 1, 1, 1}); ok {
		t.Error("the first is remembered")
	}
	for _, i := range []uint16{1, 2, ledger.Size} {
		if got, ok := l.Find(flow, []byte{byte(i >> 8), byte(i), 1, 1, 1, 1, 1, 1}); got != i || !ok {
			t.Errorf("%d: %d, %t", i, got, ok)
		}
	}
}
