package probe_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/offset"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// One echo request, and the reply that whoever drives the prober got from a
// socket.
func Example() {
	p, err := probe.New(probe.Config{Seed: 0x5eed})
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	us, them := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("192.0.2.9")
	if _, err := p.Send(now, &probe.Probe{Src: us, Dst: them, Size: 56}); err != nil {
		fmt.Println(err)
		return
	}

	message, how, ok := p.Poll(now, nil)
	fmt.Println(len(message), "octets of", how.Proto, "to", how.Dst, ok)

	request, _ := icmp4.ParseEcho(message)
	request.Reply = true
	reply, _ := request.AppendBinary(nil)
	now = now.Add(83421 * time.Microsecond)
	p.Receive(now, &probe.Arrival{From: them, To: us, Proto: ip.ProtoICMP, TTL: 240, Payload: reply})

	for e, ok := p.NextEvent(); ok; e, ok = p.NextEvent() {
		fmt.Printf("%v from %v: icmp_seq=%d ttl=%d time=%v\n", e.Kind, e.From, e.Seq, e.TTL, e.RTT)
	}
	// Output:
	// 64 octets of ICMP to 192.0.2.9 true
	// reply from 192.0.2.9: icmp_seq=1 ttl=240 time=83.421ms
}

// A stranger who has not seen the request knows neither its identifier nor its
// cookie.
func ExampleVerdict() {
	p, _ := probe.New(probe.Config{Seed: 0x5eed})
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	us, them := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("192.0.2.9")
	_, _ = p.Send(now, &probe.Probe{Src: us, Dst: them, Size: 56})
	_, _, _ = p.Poll(now, nil)

	id, _ := p.Identifiers() // say that the stranger has guessed this, after all
	forged, _ := icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: id, Seq: 1, Data: make([]byte, 56)}.AppendBinary(nil)
	fmt.Println(p.Receive(now, &probe.Arrival{From: them, To: us, Proto: ip.ProtoICMP, Payload: forged}))
	_, told := p.NextEvent()
	fmt.Println(told, p.Counters().Arrivals[probe.WrongCookie])
	// Output:
	// wrong cookie
	// false 1
}

// How far another's clock is ahead.
func Example_clock() {
	p, _ := probe.New(probe.Config{Seed: 0x5eed})
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	us, them := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("192.0.2.9")
	_, _ = p.Send(now, &probe.Probe{Kind: probe.Timestamp, Src: us, Dst: them})
	message, _, _ := p.Poll(now, nil)

	m, _ := icmp4.ParseTimestampMessage(message)
	m.Reply = true
	m.Receive, m.Transmit = icmp4.TimestampOf(now.Add(2005*time.Millisecond)), icmp4.TimestampOf(now.Add(2005*time.Millisecond))
	reply, _ := m.AppendBinary(nil)
	p.Receive(now.Add(10*time.Millisecond), &probe.Arrival{From: them, To: us, Proto: ip.ProtoICMP, Payload: reply})

	e, _ := p.NextEvent()
	o := offset.Of(e.Answer.SentAt, e.RTT, e.Answer.Receive, e.Answer.Transmit)
	fmt.Println(o.Form, o.Ahead, "±", o.Within)
	// Output: standard 2.0005s ± 5.5ms
}
