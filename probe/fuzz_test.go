package probe_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// FuzzReceive lets strangers send, who have not seen what left: whatever they
// send, nothing panics, nothing is credited, nothing grows. The checksum is
// taken as verified, so that the fuzzer gets past it; the flights are of every
// kind, and their numbers those that the fuzzer is given as seeds, cookies and
// checksums excepted.
func FuzzReceive(f *testing.F) {
	quiet := func(tb testing.TB, seed uint64) (*probe.Prober, []packet) {
		p := newProber(tb, probe.Config{Seed: seed, InFlight: 32, Events: 8, Targets: 4})
		var all []packet
		for k := range probe.ExtEcho + 1 {
			for _, v6 := range []bool{false, true} {
				if v6 && (k == probe.Timestamp || k == probe.Mask || k == probe.Info) {
					continue
				}
				// Queries without data have no cookie; who guesses their numbers has
				// guessed all there is. They are not in flight here.
				if k == probe.Mask || k == probe.Info || k == probe.ExtEcho {
					continue
				}
				all = append(all, sent(tb, p, noon, ask(k, v6, sizeOf(k))))
			}
		}
		return p, all
	}
	_, all := quiet(f, 1)
	for _, x := range all {
		v6 := x.Dst.Is6()
		f.Add(v6, uint8(x.Proto), replyTo(f, x, []byte("no cookie of yours here.")).Payload)
		d := x.datagram(f)
		f.Add(v6, uint8(ip.ProtoICMP), x.exceeded(f, d).Payload)
	}
	f.Fuzz(func(t *testing.T, v6 bool, proto uint8, payload []byte) {
		// Another seed than that of the corpus: what was learnt there is no cookie.
		p, _ := quiet(t, 2)
		before := p.Octets()
		for _, proto := range []ip.Proto{ip.Proto(proto), ip.ProtoICMP, ip.ProtoICMPv6, ip.ProtoTCP} {
			a := probe.Arrival{From: them4, To: us4, Proto: proto, Payload: payload, Verified: true}
			if v6 {
				a.From, a.To = them6, us6
			}
			if v := p.Receive(noon.Add(time.Millisecond), &a); v == probe.Credited && proto != ip.ProtoUDP && proto != ip.ProtoUDPLite {
				e, _ := p.NextEvent()
				t.Fatalf("credited: %+v", e)
			}
			for {
				if _, ok := p.NextEvent(); !ok {
					break
				}
			}
		}
		if p.Octets() > before+4096 {
			t.Fatalf("%d octets, then %d", before, p.Octets())
		}
	})
}

// FuzzMachine does anything at all to a prober: no panic, and the tables keep to
// their bounds, and what is counted adds up.
func FuzzMachine(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 200, 0, 16, 17, 32, 48, 5, 6, 5, 6})
	f.Add([]byte("\x00\x10\x20\x30\x05\x06\x00\x00\x00\x07\x08\x09\x05\xff\xff\x05"))
	f.Fuzz(func(t *testing.T, script []byte) {
		const inFlight = 16
		p := newProber(t, probe.Config{
			InFlight: inFlight, Targets: 3, Events: 8, Rate: 2000, Burst: 2, Each: time.Millisecond,
			Timeout: 20 * time.Millisecond, Linger: 30 * time.Millisecond, Sent: len(script)%2 == 0,
		})
		now := noon
		var handles []probe.Handle
		var left []packet
		var told [probe.Duplicate + 1]uint64
		for i, op := range script {
			arg := int(op >> 3)
			switch op & 7 {
			case 0, 1:
				q := ask(probe.Kind(arg)%(probe.ExtEcho+1), arg&8 != 0, 0)
				if q.Kind == probe.Echo || q.Kind == probe.UDP {
					q.Size = arg
				}
				q.Target, q.Anyone = i%3, arg == 31
				if q.Kind == probe.UDP && arg&16 != 0 {
					q.SrcPort = 40000
				}
				if h, err := p.Send(now, &q); err == nil {
					handles = append(handles, h)
				}
			case 2:
				if b, tx, ok := p.Poll(now, nil); ok {
					left = append(left, packet{tx, b})
				}
			case 3:
				now = now.Add(time.Duration(arg) * time.Millisecond)
			case 4:
				if len(left) > 0 {
					x := left[arg%len(left)]
					a := replyTo(t, x, []byte("other"))
					p.Receive(now, &a)
				}
			case 5:
				if len(left) > 0 {
					x := left[arg%len(left)]
					a := x.exceeded(t, x.datagram(t))
					p.Receive(now, &a)
				}
			case 6:
				if len(handles) > 0 {
					h := handles[arg%len(handles)]
					switch arg % 4 {
					case 0:
						p.Cancel(h)
					case 1:
						p.SetTimeout(h, time.Duration(arg)*time.Millisecond)
					case 2:
						p.Unsent(now, h, probe.ErrFull)
					case 3:
						p.Sent(h, now, probe.Kernel)
					}
				}
			case 7:
				for range arg {
					if e, ok := p.NextEvent(); ok {
						told[e.Kind]++
					}
				}
			}
			if queued, flying := p.InFlight(); queued+flying > inFlight {
				t.Fatalf("%d queued, %d flying", queued, flying)
			}
		}
		// In the end everything is over, told and forgotten.
		for range 1000 {
			for e, ok := p.NextEvent(); ok; e, ok = p.NextEvent() {
				told[e.Kind]++
			}
			d := p.Deadline()
			if d.IsZero() {
				break
			}
			if d.After(now) {
				now = d
			}
			for ok := true; ok; {
				_, _, ok = p.Poll(now, nil)
				for e, ok := p.NextEvent(); ok; e, ok = p.NextEvent() {
					told[e.Kind]++
				}
			}
		}
		c := p.Counters()
		if queued, flying := p.InFlight(); queued+flying != 0 || !p.Deadline().IsZero() {
			t.Fatalf("%d queued, %d flying, deadline %v", queued, flying, p.Deadline())
		}
		if c.Lost == 0 && (told[probe.Reply] != c.Replies || told[probe.Error] != c.Errors || told[probe.Timeout] != c.Timeouts ||
			told[probe.Late] != c.Late || told[probe.Duplicate] != c.Duplicates || told[probe.Unsent] != c.Unsent) {
			t.Fatalf("told %d, counted %+v", told, c)
		}
		if ended := c.Replies + c.Timeouts; ended > c.Sent+c.Errors {
			t.Fatalf("%+v", c)
		}
		if p.Octets() > 64<<10 {
			t.Fatalf("%d octets", p.Octets())
		}
	})
}

// FuzzQuote gives quotes that others have read, with any fields present or not.
func FuzzQuote(f *testing.F) {
	f.Add(uint32(0xffffffff), uint8(17), uint16(40000), uint16(33434), uint16(5), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, present uint32, proto uint8, a, b, sum uint16, payload []byte) {
		p := newProber(t, probe.Config{})
		sent(t, p, noon, ask(probe.UDP, false, 24))
		c := claim.Claim{From: router4, Type: 11, Quote: quote.Quote{
			Version: 4, Present: quote.Fields(present), Proto: ip.Proto(proto), Src: us4, Dst: them4, SrcPort: a, DstPort: b,
			ICMPID: a, ICMPSeq: b, ICMPType: 8, Checksum: sum, Payload: payload, Options: payload,
		}}
		first, _ := p.Ports()
		v := p.Receive(noon, &probe.Arrival{From: router4, To: us4, Err: &c})
		if v == probe.Credited && (b != 33434 || a < first) {
			t.Fatalf("credited: %+v", c.Quote)
		}
	})
}
