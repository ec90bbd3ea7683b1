package probe_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

var (
	noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

	us4, them4, router4 = addr("10.0.0.1"), addr("192.0.2.9"), addr("10.0.0.254")
	us6, them6, router6 = addr("2001:db8::1"), addr("2001:db8:9::9"), addr("2001:db8::fe")
)

const ms = time.Millisecond

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func newProber(tb testing.TB, c probe.Config) *probe.Prober {
	tb.Helper()
	if c.Seed == 0 {
		c.Seed = 792
	}
	p, err := probe.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// ask is a probe of a kind to them4 or, with v6, to them6.
func ask(k probe.Kind, v6 bool, size int) probe.Probe {
	q := probe.Probe{Kind: k, Src: us4, Dst: them4, Size: size}
	if v6 {
		q.Src, q.Dst = us6, them6
	}
	switch k {
	case probe.UDP, probe.UDPLite:
		q.DstPort = 33434
	case probe.TCP:
		q.DstPort = 443
	}
	return q
}

func send(tb testing.TB, p *probe.Prober, now time.Time, q probe.Probe) probe.Handle {
	tb.Helper()
	h, err := p.Send(now, &q)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// packet is a probe that has left.
type packet struct {
	probe.Transmit
	payload []byte
}

// poll returns what leaves now; it fails the test when nothing does.
func poll(tb testing.TB, p *probe.Prober, now time.Time) packet {
	tb.Helper()
	b, tx, ok := p.Poll(now, nil)
	if !ok {
		tb.Fatal("nothing leaves")
	}
	return packet{tx, b}
}

// sent hands a probe over and returns it as it leaves at once.
func sent(tb testing.TB, p *probe.Prober, now time.Time, q probe.Probe) packet {
	tb.Helper()
	send(tb, p, now, q)
	return poll(tb, p, now)
}

// idle checks that nothing leaves.
func idle(tb testing.TB, p *probe.Prober, now time.Time) {
	tb.Helper()
	if _, tx, ok := p.Poll(now, nil); ok {
		tb.Fatalf("%+v leaves", tx)
	}
}

// events returns what is told.
func events(p *probe.Prober) (out []probe.Event) {
	for e, ok := p.NextEvent(); ok; e, ok = p.NextEvent() {
		e.Options, e.Claim.Ext = bytes.Clone(e.Options), bytes.Clone(e.Claim.Ext)
		out = append(out, e)
	}
	return out
}

// one returns the event that is told; it fails the test when there is none, or
// more, or one of another kind.
func one(tb testing.TB, p *probe.Prober, k probe.EventKind) probe.Event {
	tb.Helper()
	all := events(p)
	if len(all) != 1 || all[0].Kind != k {
		tb.Fatalf("events %v, want one of kind %v", all, k)
	}
	return all[0]
}

// datagram is the probe with its IP header.
func (x packet) datagram(tb testing.TB) []byte {
	tb.Helper()
	var b []byte
	var err error
	if x.Dst.Is4() {
		b, err = ip.Header4{TOS: x.TOS, ID: x.ID, DF: x.DF, TTL: 1, Proto: x.Proto, Src: x.Src, Dst: x.Dst, Options: x.Options}.AppendPacket(nil, x.payload)
	} else {
		b, err = ip.Header6{TrafficClass: x.TOS, FlowLabel: x.FlowLabel, HopLimit: 1, NextHeader: x.Proto, Src: x.Src, Dst: x.Dst}.AppendPacket(nil, x.payload)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// echoed is the reply to an ICMP query, whatever it asks: the type turned round,
// all else as it came.
func (x packet) echoed() probe.Arrival {
	m := bytes.Clone(x.payload)
	switch {
	case x.Dst.Is6():
		m[0]++ // 128, 160
	case m[0] == 8:
		m[0] = 0
	default:
		m[0]++
	}
	a := probe.Arrival{From: x.Dst, To: x.Src, Proto: x.Proto, TTL: 60, TOS: 4, Payload: m}
	reseal(&a)
	return a
}

// reseal mends the checksum of an ICMP message.
func reseal(a *probe.Arrival) {
	m := a.Payload
	m[2], m[3] = 0, 0
	initial := uint16(0)
	if a.Proto == ip.ProtoICMPv6 {
		initial = checksum.Pseudo6(a.From, a.To, uint8(a.Proto), uint32(len(m)))
	}
	binary.BigEndian.PutUint16(m[2:], ^checksum.Sum(m, initial))
}

// exceeded is a time exceeded about the probe, with the quote that is given.
func (x packet) exceeded(tb testing.TB, quote []byte) probe.Arrival {
	tb.Helper()
	if x.Dst.Is4() {
		return x.error4(tb, icmp4.TimeExceeded{Quote: quote})
	}
	return x.error6(tb, icmp6.TimeExceeded{Quote: quote})
}

func (x packet) error4(tb testing.TB, m icmp4.Message) probe.Arrival {
	tb.Helper()
	b, err := m.AppendBinary(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return probe.Arrival{From: router4, To: x.Src, Proto: ip.ProtoICMP, TTL: 64, Payload: b}
}

func (x packet) error6(tb testing.TB, m icmp6.Message) probe.Arrival {
	tb.Helper()
	b, err := m.Append(nil, router6, x.Src)
	if err != nil {
		tb.Fatal(err)
	}
	return probe.Arrival{From: router6, To: x.Src, Proto: ip.ProtoICMPv6, TTL: 64, Payload: b}
}

// receive hands an arrival in and checks the verdict.
func receive(tb testing.TB, p *probe.Prober, now time.Time, a probe.Arrival, want probe.Verdict) {
	tb.Helper()
	before := p.Counters().Arrivals[want]
	if v := p.Receive(now, &a); v != want {
		tb.Fatalf("verdict %v, want %v", v, want)
	}
	if n := p.Counters().Arrivals[want]; n != before+1 {
		tb.Fatalf("counted %d under %v, want %d", n, want, before+1)
	}
}
