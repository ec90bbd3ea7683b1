package cli

import (
	"net/netip"
	"strings"
	"testing"
)

// TestKernelEnds: the kernel's addresses are on the host's networks, one on
// each, and nobody's yet.
func TestKernelEnds(t *testing.T) {
	for _, tt := range []struct{ own, given, want string }{
		{"10.9.0.2/24", "", "10.9.0.1/24"},
		{"10.9.0.1/24", "", "10.9.0.2/24"},
		{"10.9.0.254/24", "", "10.9.0.1/24"},
		{"10.9.0.2/24", "10.9.0.77", "10.9.0.77/24"},
		{"10.9.0.1/24 10.9.0.2/24", "", "10.9.0.3/24"},
		{"10.9.0.2/24 10.9.0.1/24", "", "10.9.0.3/24"},
		{"10.9.0.1/24 10.9.0.2/24", "10.9.0.9", "10.9.0.9/24"},
		{"10.9.0.1/24 10.9.1.2/24", "10.9.1.9", "10.9.0.2/24, 10.9.1.9/24"},
		{"10.9.0.1/30", "", "10.9.0.2/30"},
		{"10.9.0.2/30", "", "10.9.0.1/30"},
		{"10.9.0.0/31", "", "10.9.0.1/31"},
		{"10.9.0.1/31", "", "10.9.0.0/31"},
		{"fd00::2/64 10.9.0.2/24", "", "fd00::1/64, 10.9.0.1/24"},
		{"fd00::2/64 10.9.0.2/24", "fd00::9", "fd00::9/64, 10.9.0.1/24"},
		{"fd00::/127", "", "fd00::1/127"},
		{"fd00::1/127", "", "fd00::/127"},
		{"fd00::1/126 fd00::2/126", "", "fd00::3/126"},
		{"10.9.0.1/30 10.9.0.2/30", "", "10.9.0.1/30 has no room for the kernel's address"},
		{"10.9.0.0/31 10.9.0.1/31", "", "10.9.0.0/31 has no room for the kernel's address"},
		{"10.9.0.1/32", "", "10.9.0.1/32 has no room for the kernel's address"},
		{"fd00::1/128", "", "fd00::1/128 has no room for the kernel's address"},
		{"10.9.0.2/24", "10.9.0.2", "--kernel: 10.9.0.2 is the host's own"},
		{"10.9.0.1/24 10.9.0.2/24", "10.9.0.2", "--kernel: 10.9.0.2 is the host's own"},
		{"10.9.0.2/24", "10.9.1.1", "--kernel: 10.9.1.1 is on none of the networks"},
		{"10.9.0.2/24", "fd00::1", "--kernel: fd00::1 is on none of the networks"},
		{"10.9.0.2/24", "10.9.0", `--kernel: "10.9.0" is no address`},
	} {
		own, err := prefixes(strings.Fields(tt.own))
		if err != nil {
			t.Fatal(err)
		}
		ends, err := kernelEnds(own, tt.given)
		got := list(ends)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s, --kernel %q:\n got %s\nwant %s", tt.own, tt.given, got, tt.want)
		}
	}
}

// TestPrefixes: an address without its length is none.
func TestPrefixes(t *testing.T) {
	got, err := prefixes([]string{"10.0.0.1/24", "fd00::1/64"})
	if err != nil || len(got) != 2 || got[0] != netip.MustParsePrefix("10.0.0.1/24") || got[1] != netip.MustParsePrefix("fd00::1/64") {
		t.Errorf("%v, %v", got, err)
	}
	for _, s := range []string{"", "10.0.0.1", "10.0.0.1/33", "fd00::1/129", "10.0.0.1/-1", "x/24", "fe80::1%eth0/64"} {
		if got, err := prefixes([]string{"10.0.0.1/24", s}); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}
