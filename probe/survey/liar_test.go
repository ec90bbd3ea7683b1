package survey_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/survey"
)

// TestLiar: a target that answers one hop nearer than it is, but not when it is
// asked about that, does not keep a survey for ever.
func TestLiar(t *testing.T) {
	const hops = 3
	n := &network{t: t, way: func(netip.Addr) []netip.Addr { return chain(1, hops) }}
	turn := 0
	n.lies = func(x *probe.Transmit) lie {
		if x.TTL != hops {
			return honest
		}
		if turn++; turn%3 == 1 { // then two tries without an answer
			return reaches
		}
		return keepsSilent
	}
	s := n.run(survey.Config{Targets: targets("10.1.0.1", 2)})
	if n.sent > 400 { // each target: three tries, one of them answered, and one probe to see that it is there, 32 times
		t.Errorf("%d probes", n.sent)
	}
	for p := range s.Paths() {
		if !p.Reached {
			t.Errorf("%+v", p)
		}
	}
}
