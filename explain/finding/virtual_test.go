package finding_test

import (
	"testing"

	"github.com/sonde-net/sonde/explain/finding"
)

func TestVirtual(t *testing.T) {
	for mac, want := range map[[6]byte]bool{
		{0, 0, 0x5e, 0, 1, 7}:          true, // VRRP for IPv4
		{0, 0, 0x5e, 0, 2, 7}:          true, // for IPv6
		{0, 0, 0x5e, 0, 0, 7}:          false,
		{0, 0, 0x5e, 0, 3, 7}:          false,
		{0, 0, 0x5e, 1, 1, 7}:          false,
		{1, 0, 0x5e, 0, 1, 7}:          false, // a multicast group
		{0, 0, 0x0c, 0x07, 0xac, 7}:    true,  // HSRP
		{0, 0, 0x0c, 0x07, 0xad, 7}:    false,
		{0, 0, 0x0c, 0x9f, 0xf0, 7}:    true, // its second version
		{0, 0, 0x0c, 0x9f, 0xff, 0xff}: true,
		{0, 0, 0x0c, 0x9f, 0xe0, 7}:    false,
		{0, 0, 0x0c, 0x9e, 0xf0, 7}:    false,
		{2, 0, 0, 0, 0, 1}:             false,
		{}:                             false,
	} {
		if got := finding.Virtual(mac); got != want {
			t.Errorf("%x: %t", mac, got)
		}
	}
}
