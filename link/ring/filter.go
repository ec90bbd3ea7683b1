package ring

import (
	"fmt"

	"github.com/sonde-net/sonde/link/capture/filter"
)

// expression says what may be an answer: ICMP but requests, and of UDP or TCP what
// comes from the port that is asked to those that were asked from.
func (o *Options) expression() string {
	s := "(icmp and icmp[0] != 8) or (icmp6 and ip6[40] != 128 and ip6[40] < 130) or (ip6 and (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60))"
	var proto string
	switch o.Kind {
	case UDP:
		proto = "udp"
	case TCP:
		proto = "tcp"
	default:
		return s
	}
	return s + fmt.Sprintf(" or (%s and src port %d and dst portrange %d-%d)", proto, o.Port, o.First, o.Last)
}

func (o *Options) program() (filter.Program, error) {
	f, err := filter.Parse(o.expression())
	if err != nil {
		return nil, err
	}
	return f.CompileSocket()
}
