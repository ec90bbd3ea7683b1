package path_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestLimitedBeyond: a hop behind it has to answer nine in ten; a minute of silence
// begins anew.
func TestLimitedBeyond(t *testing.T) {
	half := func(i int) bool { return i%2 == 0 }
	// The hops four and five are silent: only the last one stands behind the third.
	deep := func(n, last int) *traffic.Writer {
		w := &traffic.Writer{}
		for i := range n {
			for _, ttl := range []int{3, 6} {
				w.TTL = ip.TTL(ttl) //nolint:gosec // few
				seq := u16(i*6 + ttl)
				probe := w.Echo(inner, outer, false, 7, seq, make([]byte, 20))
				w.Wait(10 * time.Millisecond)
				w.TTL = 60
				switch {
				case ttl == 3 && half(i):
					w.ICMP("10.3.0.1", inner, icmp4.TimeExceeded{Quote: probe})
				case ttl == 6 && i >= n-last:
					w.Echo(outer, inner, true, 7, seq, make([]byte, 20))
				}
			}
			w.Wait(time.Second)
		}
		return w
	}
	for last, want := range map[int]bool{20: true, 18: true, 17: false} {
		if f := traffic.One(t, detect.Config{}, deep(20, last), finding.RateLimitedHop); (f != nil) != want || f != nil && (len(f.Packets) != 1 || f.Packets[0] != 1 || f.Count != 20) {
			t.Errorf("%d of 20 behind it: %+v", last, f)
		}
	}
	for gap, want := range map[time.Duration]bool{time.Minute: true, time.Minute + 1: false} {
		w := deep(10, 10)
		n := len(w.All)
		more := deep(10, 10)
		for _, d := range more.All {
			d.Number += n
			// The last probe was sent a second and ten milliseconds before the end.
			d.Time = d.Time.Add(w.Now.Sub(traffic.Epoch) + gap - 1010*time.Millisecond)
			w.All = append(w.All, d)
		}
		if f := traffic.One(t, detect.Config{}, w, finding.RateLimitedHop); (f != nil) != want {
			t.Errorf("after %v of silence: %+v", gap, f)
		}
	}
}

// TestLimitedHop32: probes go to thirty-two hops at most, be what is behind the
// thirty-first a gateway or the target.
func TestLimitedHop32(t *testing.T) {
	for _, target := range []bool{false, true} {
		for hop, want := range map[int]bool{31: true, 32: false} { // one has to stand behind it
			w := &traffic.Writer{}
			for i := range 20 {
				for _, ttl := range []int{hop, hop + 1} {
					w.TTL = ip.TTL(ttl) //nolint:gosec // few
					seq := u16(i*64 + ttl)
					probe := w.Echo(inner, outer, false, 7, seq, make([]byte, 20))
					w.Wait(10 * time.Millisecond)
					w.TTL = 60
					switch {
					case ttl > hop && target:
						w.Echo(outer, inner, true, 7, seq, make([]byte, 20))
					case ttl > hop || i%2 == 0:
						w.ICMP(fmt.Sprintf("10.%d.0.1", ttl), inner, icmp4.TimeExceeded{Quote: probe})
					}
				}
				w.Wait(time.Second)
			}
			f := traffic.One(t, detect.Config{}, w, finding.RateLimitedHop)
			if (f != nil) != want || f != nil && f.Number(finding.FactHop) != 31 {
				t.Errorf("hop %d, the target behind it %v: %+v", hop, target, f)
			}
		}
	}
}
