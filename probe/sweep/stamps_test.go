package sweep_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
)

// TestStampsAhead: arrivals are stamped by another clock, which may be set; it is no
// clock to send by, or to wait by.
func TestStampsAhead(t *testing.T) {
	s := newSweep(t, sweep.Config{Targets: set(t, "192.0.2.0/29"), Rate: 10})
	for i := range 8 {
		now := start.Add(time.Duration(i) * 100 * ms)
		d, ok := s.Poll(now, nil)
		if !ok {
			t.Fatalf("probe %d is not due after %v", i, now.Sub(start))
		}
		if i < 4 { // the others do not answer
			s.Inject(now.Add(time.Hour), reply(t, d))
		}
		if _, ok := s.Poll(now, nil); ok {
			t.Fatalf("another with probe %d", i)
		}
	}
	end := start.Add(800 * ms)
	s.Poll(end, nil)
	if due := s.Deadline(); s.Done() || !due.Equal(end.Add(2*time.Second)) {
		t.Errorf("done %v, due %v after the beginning", s.Done(), due.Sub(start))
	}
	if c := s.Counters(); c.Sent != 8 || c.Answered != 4 {
		t.Errorf("%+v", c)
	}
}
