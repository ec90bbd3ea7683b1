package trace_test

import (
	"errors"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/trace"
)

// tooLong is what the first link says.
type tooLong int

func (e tooLong) Error() string { return "too long" }
func (e tooLong) TooBig() int   { return int(e) }

// steps is a way whose links take so much: that from here, that behind the first
// gateway, and so on. Tell is what a gateway says of that.
func steps(tell func(mtu int) uint32, mtus ...int) func(q packet) *say {
	return line(len(mtus)-1, func(q packet, s *say) *say {
		size := len(q.payload) + 20
		if q.Dst.Is6() {
			size += 20
		}
		if size > mtus[0] {
			return &say{refuse: tooLong(mtus[0])}
		}
		for i, mtu := range mtus[1:] {
			if i+1 < int(q.TTL) && size > mtu {
				s = &say{from: gateway(i+1, q.Dst.Is6()), after: ms, typ: 3, code: 4, rest: tell(mtu)}
				if q.Dst.Is6() {
					s.typ, s.code = 2, 0
				}
				break
			}
		}
		return s
	})
}

func itself(mtu int) uint32 { return uint32(mtu) }
func nothing(int) uint32    { return 0 }

// TestMTU shows what each link takes.
func TestMTU(t *testing.T) {
	conform.Row(t, "P-10")
	w := newWorld(t, probe.Config{}, steps(itself, 1500, 1500, 1400, 1300))
	x := w.make(trace.Config{MTU: true, Kind: probe.UDP})
	w.run(x)
	same(t, "UDP", text(w.told), `
		1 1 1ms F=1500 1 1ms 1 1ms
		2 2 2ms 2 2ms 2 2ms
		3 3 3ms F=1400 3 3ms 3 3ms
		4 . 4ms F=1300 . 4ms . 4ms`)
	equal(t, "total", x.Config().Total(), 65000)
	equal(t, "size", w.told[0].Size, 1500)
	equal(t, "size", w.told[11].Size, 1300)
	equal(t, "one at a time", x.Config().Parallel, 1)
	for _, q := range w.sent {
		if !q.DF || !q.Discover {
			t.Fatalf("%+v", q)
		}
	}

	w = newWorld(t, probe.Config{}, steps(itself, 65535, 1500, 1280))
	w.run(w.make(trace.Config{MTU: true, Dst: them6, Queries: 1}))
	same(t, "IPv6", text(w.told), `
		1 1 1ms
		2 2 2ms F=1500
		3 . 3ms F=1280`)
}

// TestMTUUnsaid: gateways that say that it is too much, and not what is not.
func TestMTUUnsaid(t *testing.T) {
	w := newWorld(t, probe.Config{}, steps(nothing, 65535, 1500, 576))
	w.run(w.make(trace.Config{MTU: true, Queries: 1}))
	same(t, "plateaus", text(w.told), `
		1 1 1ms
		2 2 2ms F=1492
		3 . 3ms F=508`)
	var sizes []int
	for _, q := range w.sent {
		if n := 20 + len(q.payload); len(sizes) == 0 || sizes[len(sizes)-1] != n {
			sizes = append(sizes, n)
		}
	}
	for i, want := range []int{65000, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508} {
		equal(t, "size", sizes[i], want)
	}
}

// TestMTUNonsense: an MTU that is not below what was sent, or leaves no room for
// the headers, is only an error.
func TestMTUNonsense(t *testing.T) {
	for _, x := range []struct {
		mtu  uint32
		mark string
	}{{65000, " !F-65000"}, {65001, " !F-65001"}, {29, " !F-29"}} {
		w := newWorld(t, probe.Config{}, line(3, func(_ packet, s *say) *say {
			s.typ, s.code, s.rest = 3, 4, x.mtu
			return s
		}))
		w.run(w.make(trace.Config{MTU: true, Queries: 1}))
		same(t, "nonsense", text(w.told), "1 1 1ms"+x.mark)
	}
	w := newWorld(t, probe.Config{}, line(3, func(q packet, s *say) *say {
		if len(q.payload) > 10 {
			s.typ, s.code, s.rest = 3, 4, 30
		}
		return s
	}))
	w.run(w.make(trace.Config{MTU: true, Queries: 1, MaxTTL: 1}))
	same(t, "the least", text(w.told), "1 1 1ms F=30")
}

// TestTooLong: without the search, too long is an answer of the first link.
func TestTooLong(t *testing.T) {
	for _, x := range []struct {
		c    trace.Config
		want string
	}{
		{trace.Config{DF: true, Size: 2000}, "1 unsent !F-1500 unsent !F-1500 unsent !F-1500"},
		{trace.Config{DF: true, Size: 2000, Dst: them6}, "1 unsent !F-1500 unsent !F-1500 unsent !F-1500"},
		{trace.Config{DF: true, Size: 1400, Queries: 1}, "1 1 1ms\n2 1 1ms !F-1400"},
	} {
		w := newWorld(t, probe.Config{}, steps(itself, 1500, 1400))
		trc := w.make(x.c)
		w.run(trc)
		same(t, "too long", text(w.told), x.want)
		equal(t, "err", trc.Err(), nil)
	}
	// What is lowered for another reason is none of that.
	w := newWorld(t, probe.Config{}, func(packet) *say { return &say{refuse: tooLong(70000)} })
	trc := w.make(trace.Config{MTU: true})
	w.run(trc)
	same(t, "not lower", text(w.told), "1 unsent !F-70000 unsent !F-70000 unsent !F-70000")
	w = newWorld(t, probe.Config{}, func(packet) *say { return &say{refuse: errors.New("no")} })
	trc = w.make(trace.Config{MTU: true})
	w.run(trc)
	same(t, "something else", text(w.told), "1 unsent")
	equal(t, "err", trc.Err().Error(), "no")
}

// TestMTULiar: a gateway that takes one octet less each time is not asked for ever.
func TestMTULiar(t *testing.T) {
	w := newWorld(t, probe.Config{Timeout: ms}, nil)
	w.answer = line(3, func(q packet, s *say) *say {
		s.typ, s.code, s.rest, s.reply = 3, 4, uint32(len(q.payload)+19), false
		return s
	})
	x := w.make(trace.Config{MTU: true, Queries: 1})
	w.run(x)
	if n := len(w.sent); n != 257 {
		t.Errorf("%d probes", n)
	}
	if len(w.told) != 1 || w.told[0].Status != trace.Answered || w.told[0].Claim.Code != 4 {
		t.Errorf("%+v", w.told)
	}
}
