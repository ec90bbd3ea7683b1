package probe_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

var linkLocal = addr("fe80::1")

// solicit is a router solicitation that has left.
func solicit(t *testing.T, p *probe.Prober, v6 bool) packet {
	t.Helper()
	q := probe.Probe{Kind: probe.Solicit, Src: us4, Dst: addr("224.0.0.2"), Anyone: true, TTL: 1}
	if v6 {
		q.Src, q.Dst, q.TTL = us6, addr("ff02::2"), 255
	}
	return sent(t, p, noon, q)
}

// advertised is a router advertisement.
func advertised(t *testing.T, v6 bool, to netip.Addr) probe.Arrival {
	t.Helper()
	if v6 {
		b, err := icmp6.RouterAdvertisement{HopLimit: 64, Lifetime: 30 * time.Minute}.Append(nil, linkLocal, to)
		if err != nil {
			t.Fatal(err)
		}
		return probe.Arrival{From: linkLocal, To: to, Proto: ip.ProtoICMPv6, TTL: 255, Payload: b}
	}
	entries, err := icmp4.AppendRouter(nil, icmp4.Router{Addr: router4, Preference: 7})
	if err != nil {
		t.Fatal(err)
	}
	b, err := icmp4.RouterAdvertisement{Lifetime: 30 * time.Minute, Entries: entries}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Arrival{From: router4, To: to, Proto: ip.ProtoICMP, TTL: 1, Payload: b}
}

// TestSolicit: any advertisement answers, as far as one can be told to be from the
// link.
func TestSolicit(t *testing.T) {
	conform.Row(t, "P-11")
	each(t, func(t *testing.T, v6 bool) {
		us, all := us4, addr("224.0.0.1")
		if v6 {
			us, all = us6, addr("ff02::1")
		}
		p := newProber(t, probe.Config{})
		receive(t, p, noon, advertised(t, v6, us), probe.Unrelated) // nobody has asked
		x := solicit(t, p, v6)
		if typ := x.payload[0]; typ != 10 && typ != 133 || len(x.payload) != 8 {
			t.Fatalf("%x", x.payload)
		}
		a := advertised(t, v6, us)
		receive(t, p, noon.Add(5*ms), a, probe.Credited)
		e := one(t, p, probe.Reply)
		if e.From != a.From || e.RTT != 5*ms || e.Probe != probe.Solicit || string(e.Message) != string(a.Payload) {
			t.Errorf("%+v", e)
		}
		receive(t, p, noon.Add(6*ms), advertised(t, v6, all), probe.Credited)
		if e := one(t, p, probe.Duplicate); string(e.Message) != string(advertised(t, v6, all).Payload) {
			t.Errorf("%+v", e)
		}
		for name, x := range map[string]struct {
			change func(a *probe.Arrival)
			want   probe.Verdict
		}{
			"to another": {func(a *probe.Arrival) { *a = advertised(t, v6, them(v6)) }, probe.WrongTarget},
			"checksum":   {func(a *probe.Arrival) { a.Payload[7] ^= 1 }, probe.BadChecksum},
			"short": {func(a *probe.Arrival) {
				a.Payload = a.Payload[:12]
				reseal(a)
			}, probe.Malformed},
		} {
			a := advertised(t, v6, us)
			if x.change(&a); name == "short" && !v6 {
				a.Payload[4] = 9 // entries that are not there
				reseal(&a)
			}
			receive(t, p, noon, a, x.want)
		}
		if v6 {
			a = advertised(t, true, us)
			a.TTL = 254
			receive(t, p, noon, a, probe.OffLink)
			a = advertised(t, true, us)
			a.From = them6
			reseal(&a)
			receive(t, p, noon, a, probe.OffLink)
			a = advertised(t, true, us)
			a.Payload[1] = 1
			reseal(&a)
			receive(t, p, noon, a, probe.WrongCode)
			// An option without length makes all of it void, and so does half of one;
			// RFC 4861 §6.1.2.
			for _, options := range [][]byte{{200, 0, 0, 0, 0, 0, 0, 0}, {200, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0}, {200, 2, 0, 0, 0, 0, 0, 0}} {
				a = advertised(t, true, us)
				a.Payload = append(a.Payload, options...)
				reseal(&a)
				receive(t, p, noon, a, probe.Malformed)
			}
			a = advertised(t, true, us)
			a.Payload = append(a.Payload, 200, 1, 0, 0, 0, 0, 0, 0)
			reseal(&a)
			receive(t, p, noon, a, probe.Credited)
		} else {
			a = advertised(t, false, addr("255.255.255.255"))
			receive(t, p, noon, a, probe.Credited)
		}
	})
}

func them(v6 bool) netip.Addr {
	if v6 {
		return them6
	}
	return them4
}

// TestSolicitAlone: a second one waits for the first to be over, since nothing
// tells them apart.
func TestSolicitAlone(t *testing.T) {
	p := newProber(t, probe.Config{})
	solicit(t, p, false)
	q := probe.Probe{Kind: probe.Solicit, Src: us4, Dst: addr("224.0.0.2"), Anyone: true}
	send(t, p, noon, q)
	idle(t, p, noon)
	if e := one(t, p, probe.Unsent); !errors.Is(e.Err, probe.ErrSequence) {
		t.Errorf("%+v", e)
	}
	receive(t, p, noon.Add(ms), advertised(t, false, us4), probe.Credited)
	one(t, p, probe.Reply)
	send(t, p, noon.Add(ms), q)
	poll(t, p, noon.Add(ms))
	receive(t, p, noon.Add(3*ms), advertised(t, false, us4), probe.Credited)
	if e := one(t, p, probe.Reply); e.RTT != 2*ms {
		t.Errorf("%+v", e)
	}
}
