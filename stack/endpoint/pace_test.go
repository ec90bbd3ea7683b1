package endpoint_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// TestQuench: a sender of a thousand datagrams a second is told to slow down,
// and what then leaves in each second.
func TestQuench(t *testing.T) {
	conform.Row(t, "H-09")
	p := newPair(t, endpoint.Config{Datagrams: 4}, endpoint.Config{Discard: true})
	a := open(t, p.a.Endpoint, 5000)
	payload := []byte("x")
	dst := addrPort(addrB, 9)
	var perSecond [4]int
	refused := 0
	for ms := range 4000 {
		now := at(time.Duration(ms) * time.Millisecond)
		if ms == 1000 {
			p.fault(now, p.a, icmp4.SourceQuench{Quote: p.last()})
			if n, ok := a.NextTrouble(); !ok || n.Severity != stack.Slow {
				t.Fatalf("%v, %+v", ok, n)
			}
		}
		switch err := a.SendTo(now, dst, payload, endpoint.Options{}); {
		case errors.Is(err, endpoint.ErrSlow):
			refused++
		case err != nil:
			t.Fatal(err)
		}
		before := len(p.sent)
		p.run(now)
		perSecond[ms/1000] += len(p.sent) - before
	}
	if perSecond[0] != 1000 || perSecond[1] != 14 || perSecond[2] != 13 || perSecond[3] != 14 {
		t.Errorf("%v datagrams a second, want 1000, then one every 75 ms", perSecond)
	}
	if p.a.Held() != 4 || refused != 3000-14-13-14-4 || p.a.Unsent() != 0 {
		t.Errorf("%d wait, %d were refused, %d lost", p.a.Held(), refused, p.a.Unsent())
	}
	if d := p.a.Delay(addrB); d != 73*time.Millisecond || p.a.Delay(far) != 0 {
		t.Errorf("delay %v", d)
	}
	// Others are not slowed down.
	n := len(p.sent)
	for range 10 {
		if err := a.SendTo(at(4*time.Second), addrPort(b6, 9), payload, endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	p.run(at(4 * time.Second))
	if len(p.sent) < n+10 {
		t.Errorf("%d of ten left", len(p.sent)-n)
	}
}

// TestHeldOptions: what waits leaves as it was to be sent, and when Deadline
// says.
func TestHeldOptions(t *testing.T) {
	p := newPair(t, endpoint.Config{Quench: quench.Config{S: time.Millisecond, J: time.Second}}, endpoint.Config{})
	a, b := open(t, p.a.Endpoint, 5000), open(t, p.b.Endpoint, 53)
	options := []byte{7, 7, 4, 0, 0, 0, 0, 0}
	send := func(now time.Time, s string) {
		t.Helper()
		if err := a.SendTo(now, addrPort(addrB, 53), []byte(s), endpoint.Options{TTL: 9, TOS: 8, IPOptions: options}); err != nil {
			t.Fatal(err)
		}
	}
	send(epoch, "first")
	if !p.a.Deadline().IsZero() {
		t.Error("a deadline, and nothing waits")
	}
	p.run(epoch)
	b.Receive()
	p.fault(epoch, p.a, icmp4.SourceQuench{Quote: p.last()})
	send(epoch, "second")
	send(epoch, "third")
	p.run(epoch)
	if _, ok := b.Receive(); !ok || p.a.Held() != 1 {
		t.Fatalf("the one after silence waits: %d held", p.a.Held())
	}
	options[2] = 99 // what was sent was copied
	if want := at(75 * time.Millisecond); !p.a.Deadline().Equal(want) {
		t.Errorf("deadline %v, want %v", p.a.Deadline(), want)
	}
	// The delay goes in one step here, so the third is through before.
	p.run(at(75*time.Millisecond - 1))
	if p.a.Held() != 1 {
		t.Error("sent before its time")
	}
	p.run(at(75 * time.Millisecond))
	d, ok := b.Receive()
	if !ok || string(d.Payload) != "third" || d.TTL != 9 || d.TOS != 8 || p.a.Held() != 0 {
		t.Fatalf("%v, %+v", ok, d)
	}
	if !p.a.Deadline().IsZero() || p.a.Delay(addrB) != 0 {
		t.Errorf("deadline %v, delay %v at the end", p.a.Deadline(), p.a.Delay(addrB))
	}
}

// TestQuenchedAgain: what waits already waits for the delay that holds now.
func TestQuenchedAgain(t *testing.T) {
	p := newPair(t, endpoint.Config{Quench: quench.Config{E: time.Millisecond}}, endpoint.Config{Discard: true})
	a := open(t, p.a.Endpoint, 5000)
	dst := addrPort(addrB, 9)
	for i := range 3 {
		if err := a.SendTo(epoch, dst, nil, endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		p.run(epoch)
		if i == 0 {
			p.fault(epoch, p.a, icmp4.SourceQuench{Quote: p.last()})
		}
	}
	p.fault(at(time.Millisecond), p.a, icmp4.SourceQuench{Quote: p.last()})
	if want := at(95 * time.Millisecond); !p.a.Deadline().Equal(want) {
		t.Errorf("deadline %v, want %v", p.a.Deadline(), want)
	}
	// The node that takes nothing when the time has come.
	p.a.node.SetDown(0, true)
	p.a.Tick(at(95 * time.Millisecond))
	if p.a.Unsent() != 1 || p.a.Held() != 0 {
		t.Errorf("%d lost, %d held", p.a.Unsent(), p.a.Held())
	}
}

// TestDestinations: as many as there is room for, the least slow that nothing
// waits for giving way.
func TestDestinations(t *testing.T) {
	p := newPair(t, endpoint.Config{Destinations: 2}, endpoint.Config{Discard: true})
	a := open(t, p.a.Endpoint, 5000)
	dst := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 1, byte(30 + i)}) }
	slow := func(i int, now time.Time) {
		t.Helper()
		if err := a.SendTo(now, addrPort(dst(i), 9), nil, endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		p.run(now)
		p.fault(now, p.a, icmp4.SourceQuench{Quote: p.last()})
	}
	slow(0, epoch)
	slow(1, epoch)
	slow(2, epoch) // as slow as the others: the first goes
	if p.a.Delay(dst(0)) != 0 || p.a.Delay(dst(1)) == 0 || p.a.Delay(dst(2)) == 0 {
		t.Errorf("delays %v, %v, %v", p.a.Delay(dst(0)), p.a.Delay(dst(1)), p.a.Delay(dst(2)))
	}
	slow(0, epoch)
	slow(0, at(2*time.Second))
	slow(2, at(2*time.Second))
	if p.a.Delay(dst(0)) < 90*time.Millisecond || p.a.Delay(dst(1)) != 0 || p.a.Delay(dst(2)) != 75*time.Millisecond {
		t.Errorf("delays %v, %v, %v", p.a.Delay(dst(0)), p.a.Delay(dst(1)), p.a.Delay(dst(2)))
	}
	// Nothing gives way that something waits for.
	for i := range 3 {
		for range 2 {
			if err := a.SendTo(at(3*time.Second), addrPort(dst(i), 9), nil, endpoint.Options{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	slow(3, at(3*time.Second))
	if p.a.Delay(dst(3)) != 0 || p.a.Held() != 2 {
		t.Errorf("delay %v, %d held", p.a.Delay(dst(3)), p.a.Held())
	}
}
