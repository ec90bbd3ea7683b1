package volume_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
)

// monitored asks 25 hosts that answer, once in each of so many windows.
func monitored(windows int) *traffic.Writer {
	w := &traffic.Writer{}
	for i := range windows {
		w.Wait(time.Minute)
		for h := range 25 {
			w.Ping(inner, nth(h), 1, u16(i), nil, time.Millisecond)
			w.Wait(10 * time.Millisecond)
		}
		w.Wait(3 * time.Second)
		w.Ping(inner, nth(0), 2, u16(i), nil, time.Millisecond)
	}
	return w
}

// search asks n hosts that nobody has.
func search(w *traffic.Writer, from string, n int) {
	for h := range n {
		w.Echo(from, nth(500+h), false, 3, 1, nil)
		w.Wait(10 * time.Millisecond)
	}
	w.Wait(3 * time.Second)
	w.Ping(outer, "203.0.113.77", 4, 1, nil, time.Millisecond)
}

// TestSweepBesideMonitoring: who is looked at again and again for hours takes no
// room from others.
func TestSweepBesideMonitoring(t *testing.T) {
	w := monitored(300)
	search(w, "198.51.100.9", 30)
	f := traffic.One(t, detect.Config{}, w, finding.Sweep)
	if f == nil || f.From.String() != "198.51.100.9" || f.Count != 30 || f.Number(finding.FactTargets) != 30 || f.Number(finding.FactSilent) != 30 {
		t.Errorf("%+v", f)
	}
}

// TestSweepByMonitoring: what one host asks counts once, however many windows
// there were before, and in each window anew.
func TestSweepByMonitoring(t *testing.T) {
	w := monitored(5)
	w.Wait(time.Minute)
	search(w, inner, 30)
	f := traffic.One(t, detect.Config{}, w, finding.Sweep)
	if f == nil || f.Count != 30 || f.Number(finding.FactTargets) != 30 {
		t.Errorf("%+v", f)
	}
	w.Wait(time.Minute)
	search(w, inner, 40)
	f = traffic.One(t, detect.Config{}, w, finding.Sweep)
	if f == nil || f.Count != 70 || f.Number(finding.FactTargets) != 40 {
		t.Errorf("twice: %+v", f)
	}
}

// TestSweepIsCountedOnce: what comes after it was found is added, and not all
// that was before once more.
func TestSweepIsCountedOnce(t *testing.T) {
	w := &traffic.Writer{}
	search(w, inner, 30)
	for i := range 3 {
		w.Wait(3 * time.Second)
		w.Echo(inner, nth(700+i), false, 3, 1, nil)
	}
	f := traffic.One(t, detect.Config{}, w, finding.Sweep)
	if f == nil || f.Count != 33 {
		t.Errorf("%+v", f)
	}
}

// TestSweepIsPatient: who is looked at since the window before is judged when his
// targets have had their time, whenever that was.
func TestSweepIsPatient(t *testing.T) {
	for offset := time.Duration(0); offset < 3*time.Second; offset += 100 * time.Millisecond {
		for answered, want := range map[int]bool{0: true, 50: false} {
			w := &traffic.Writer{}
			w.Ping(inner, nth(0), 1, 1, nil, time.Millisecond)
			w.Wait(offset)
			for h := range 25 {
				w.Ping(inner, nth(h), 1, 1, nil, time.Millisecond)
			}
			for w.Now.Sub(traffic.Epoch) < time.Minute { // waits to be judged until the window ends
				w.Ping(inner, nth(0), 1, 1, nil, time.Millisecond)
				w.Wait(100 * time.Millisecond)
			}
			for h := range 50 {
				w.Echo(inner, nth(h), false, 1, 2, nil)
				w.Wait(30 * time.Millisecond)
			}
			for h := range answered {
				w.Echo(nth(h), inner, true, 1, 2, nil)
			}
			w.Wait(3 * time.Second)
			w.Ping(outer, "203.0.113.77", 4, 1, nil, time.Millisecond)
			if f := traffic.One(t, detect.Config{}, w, finding.Sweep); (f != nil) != want {
				t.Errorf("%v, %d answered: %+v", offset, answered, f)
			}
		}
	}
}
