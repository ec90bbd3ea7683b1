//go:build linux

package live_test

import (
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/sonde-net/sonde/link/capture/live"
)

// lost waits until an interface has lost n packets since it was made, and returns
// its index.
func lost(t *testing.T, name string, n uint64) int {
	t.Helper()
	for begin := time.Now(); ; {
		l, err := netlink.LinkByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Attrs().Statistics.RxDropped; got == n {
			return l.Attrs().Index
		} else if time.Since(begin) > 10*time.Second {
			t.Fatalf("%d lost, want %d", got, n)
		}
	}
}

// unknown is an Ethernet frame for everybody, of a kind that nobody takes.
func unknown() []byte {
	b := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5}
	return append(b, make([]byte, 60)...)
}

// TestMissedAnew: an interface that goes, and comes again under its number, counts
// from zero: less than before is nothing that is missed.
func TestMissedAnew(t *testing.T) {
	veth(t)
	newSender(t, "left").send(t, unknown(), unknown(), unknown())
	index := lost(t, "right", 3)
	c := open(t, "right", live.Config{})
	l, err := netlink.LinkByName("right")
	if err == nil {
		err = netlink.LinkDel(l)
	}
	if err == nil {
		err = netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "right", Index: index}, PeerName: "left"})
	}
	if err != nil {
		t.Fatal(err)
	}
	if st, err := c.Stats(); err != nil || st.Missed != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}
