package filter_test

import (
	"slices"
	"testing"

	"github.com/sonde-net/sonde/link/sock/internal/filter"
	"github.com/sonde-net/sonde/wire/ip"
)

// asker is a prober.
type asker struct{ marks bool }

func (asker) Identifiers() (id, mask uint16) { return 0x1230, 0xfff0 }
func (asker) Ports() (first, last uint16)    { return 40000, 40063 }
func (a asker) Identifications() (id, mask uint16, ok bool) {
	return 0x5a00, 0xff00, a.marks
}

func TestOwnOf(t *testing.T) {
	for _, marks := range []bool{false, true} {
		for _, routers := range []bool{false, true} {
			o := filter.OwnOf(asker{marks}, routers)
			if o.ID != 0x1230 || o.Mask != 0xfff0 || o.First != 40000 || o.Last != 40063 || o.Routers != routers ||
				(o.Mark == 0x5a00) != marks || (o.MarkMask == 0xff00) != marks || len(o.Ports)+len(o.Peers) > 0 {
				t.Errorf("%t, %t: %+v", marks, routers, o)
			}
		}
	}
}

func TestFor(t *testing.T) {
	o := own
	for _, c := range []struct {
		p  ip.Proto
		v6 bool
		is int
	}{
		{ip.ProtoICMP, false, len(filter.ICMP4(&o))},
		{ip.ProtoICMPv6, true, len(filter.ICMP6(&o))},
		{ip.ProtoUDP, false, len(filter.Ports4(&o))},
		{ip.ProtoTCP, false, len(filter.Ports4(&o))},
		{ip.ProtoUDP, true, len(filter.Ports6(&o))},
		{ip.ProtoUDPLite, true, len(filter.Ports6(&o))},
	} {
		if got := len(filter.For(c.p, c.v6)(&o)); got != c.is {
			t.Errorf("%v, %t: %d instructions, want %d", c.p, c.v6, got, c.is)
		}
	}
}

// TestTake: a port of the block is there already, and so is one that was taken.
func TestTake(t *testing.T) {
	o := filter.Own{First: 40000, Last: 40063}
	for _, c := range []struct {
		port uint16
		want bool
	}{{40000, false}, {40063, false}, {39999, true}, {39999, false}, {40064, true}, {40064, false}, {0, true}} {
		if o.Take(c.port) != c.want {
			t.Errorf("port %d: %t", c.port, !c.want)
		}
	}
	if !slices.Equal(o.Ports, []uint16{39999, 40064, 0}) {
		t.Errorf("%v", o.Ports)
	}
}
