package wording_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/cli/ping/wording"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
)

// TestSentences: each type and code in the words that people know.
func TestSentences(t *testing.T) {
	conform.Row(t, "P-07")
	for _, tt := range []struct {
		c    probe.Claim
		want string
	}{
		{probe.Claim{Type: 3, Code: 0}, "Destination Net Unreachable"},
		{probe.Claim{Type: 3, Code: 1}, "Destination Host Unreachable"},
		{probe.Claim{Type: 3, Code: 2}, "Destination Protocol Unreachable"},
		{probe.Claim{Type: 3, Code: 3}, "Destination Port Unreachable"},
		{probe.Claim{Type: 3, Code: 4, MTU: 1000}, "Frag needed and DF set (mtu = 1000)"},
		{probe.Claim{Type: 3, Code: 5}, "Source Route Failed"},
		{probe.Claim{Type: 3, Code: 6}, "Destination Net Unknown"},
		{probe.Claim{Type: 3, Code: 7}, "Destination Host Unknown"},
		{probe.Claim{Type: 3, Code: 8}, "Source Host Isolated"},
		{probe.Claim{Type: 3, Code: 9}, "Destination Net Prohibited"},
		{probe.Claim{Type: 3, Code: 10}, "Destination Host Prohibited"},
		{probe.Claim{Type: 3, Code: 11}, "Destination Net Unreachable for Type of Service"},
		{probe.Claim{Type: 3, Code: 12}, "Destination Host Unreachable for Type of Service"},
		{probe.Claim{Type: 3, Code: 13}, "Packet filtered"},
		{probe.Claim{Type: 3, Code: 14}, "Precedence Violation"},
		{probe.Claim{Type: 3, Code: 15}, "Precedence Cutoff"},
		{probe.Claim{Type: 3, Code: 16}, "Dest Unreachable, Bad Code: 16"},
		{probe.Claim{Type: 4}, "Source Quench"},
		{probe.Claim{Type: 5, Code: 0}, "Redirect Network(New nexthop: GW)"},
		{probe.Claim{Type: 5, Code: 1}, "Redirect Host(New nexthop: GW)"},
		{probe.Claim{Type: 5, Code: 2}, "Redirect Type of Service and Network(New nexthop: GW)"},
		{probe.Claim{Type: 5, Code: 3}, "Redirect Type of Service and Host(New nexthop: GW)"},
		{probe.Claim{Type: 5, Code: 4}, "Redirect, Bad Code: 4(New nexthop: GW)"},
		{probe.Claim{Type: 11, Code: 0}, "Time to live exceeded"},
		{probe.Claim{Type: 11, Code: 1}, "Frag reassembly time exceeded"},
		{probe.Claim{Type: 11, Code: 2}, "Time exceeded, Bad Code: 2"},
		{probe.Claim{Type: 12, Code: 0, Pointer: 20}, "Parameter problem: pointer = 20"},
		{probe.Claim{Type: 40}, "Bad ICMP type: 40"},
		{probe.Claim{V6: true, Type: 1, Code: 0}, "Destination unreachable: No route"},
		{probe.Claim{V6: true, Type: 1, Code: 1}, "Destination unreachable: Administratively prohibited"},
		{probe.Claim{V6: true, Type: 1, Code: 2}, "Destination unreachable: Beyond scope of source address"},
		{probe.Claim{V6: true, Type: 1, Code: 3}, "Destination unreachable: Address unreachable"},
		{probe.Claim{V6: true, Type: 1, Code: 4}, "Destination unreachable: Port unreachable"},
		{probe.Claim{V6: true, Type: 1, Code: 5}, "Destination unreachable: Source address failed ingress/egress policy"},
		{probe.Claim{V6: true, Type: 1, Code: 6}, "Destination unreachable: Reject route to destination"},
		{probe.Claim{V6: true, Type: 1, Code: 7}, "Destination unreachable: Unknown code 7"},
		{probe.Claim{V6: true, Type: 2, MTU: 1280}, "Packet too big: mtu=1280"},
		{probe.Claim{V6: true, Type: 2, Code: 3, MTU: 1280}, "Packet too big: mtu=1280, code=3"},
		{probe.Claim{V6: true, Type: 3, Code: 0}, "Time exceeded: Hop limit"},
		{probe.Claim{V6: true, Type: 3, Code: 1}, "Time exceeded: Defragmentation failure"},
		{probe.Claim{V6: true, Type: 3, Code: 2}, "Time exceeded: code 2"},
		{probe.Claim{V6: true, Type: 4, Code: 0, Pointer: 6}, "Parameter problem: Wrong header field at 6"},
		{probe.Claim{V6: true, Type: 4, Code: 1, Pointer: 6}, "Parameter problem: Unknown header at 6"},
		{probe.Claim{V6: true, Type: 4, Code: 2, Pointer: 6}, "Parameter problem: Unknown option at 6"},
		{probe.Claim{V6: true, Type: 4, Code: 3, Pointer: 6}, "Parameter problem: code 3 at 6"},
		{probe.Claim{V6: true, Type: 100}, "unknown icmp type: 100"},
	} {
		if got := wording.Sentence(&tt.c, "GW"); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.c, got, tt.want)
		}
	}
}

// TestTimes: fewer digits the longer it takes, rounded.
func TestTimes(t *testing.T) {
	for us, want := range map[int]string{
		0: "0.000", 7: "0.007", 999: "0.999", 1000: "1.00", 1004: "1.00", 1005: "1.01", 9994: "9.99", 9995: "10.0",
		10049: "10.0", 10050: "10.1", 84157: "84.2", 99949: "99.9", 99950: "100", 100499: "100", 100500: "101", 1234567: "1235",
	} {
		if got := wording.Time(time.Duration(us)*time.Microsecond + 900); got != want {
			t.Errorf("%d µs: %s, want %s", us, got, want)
		}
	}
}

// printed is what is printed of the options of replies, one after the other.
func printed(options ...[]byte) string {
	var b bytes.Buffer
	var t wording.Trail
	for _, o := range options {
		t.Show(&b, o, netip.Addr.String)
		b.WriteByte('|')
	}
	return b.String()
}

// TestOptionsPrinted: options as they come, also such as no host sends.
func TestOptionsPrinted(t *testing.T) {
	route := []byte{7, 11, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0}
	full := []byte{7, 7, 8, 10, 0, 0, 1}
	for _, tt := range []struct {
		options [][]byte
		want    string
	}{
		{[][]byte{nil}, "|"},
		{[][]byte{{1, 1, 0, 7}}, "\nNOP\nNOP|"},
		{[][]byte{route}, "\nRR: \t10.0.0.1\n|"},
		{[][]byte{route, route, full}, "\nRR: \t10.0.0.1\n|\t(same route)|\nRR: \t10.0.0.1\n|"},
		{[][]byte{full}, "\nRR: \t10.0.0.1\n|"},
		{[][]byte{{7, 7, 4, 0, 0, 0, 0}}, "|"},
		{[][]byte{{7, 7, 200, 0, 0, 0, 0}}, "\nRR: \t0.0.0.0\n|"},
		{[][]byte{{7, 2}}, "\nunknown option 7|"},
		{[][]byte{{7, 1}}, "|"},
		{[][]byte{{7}}, "|"},
		{[][]byte{{7, 8, 8, 10}}, "|"},
		{[][]byte{{131, 11, 8, 10, 0, 0, 1, 10, 0, 0, 2}}, "\nLSRR: \t10.0.0.1\n\t10.0.0.2\n|"},
		{[][]byte{{137, 7, 8, 10, 0, 0, 1}}, "\nSSRR: \t10.0.0.1\n|"},
		{[][]byte{{148, 4, 0, 0}}, "\nunknown option 94|"},
		{[][]byte{{68, 12, 13, 0x30, 0, 0, 0, 5, 0, 0, 0, 9}}, "\nTS: \t5 absolute\n\t4\nUnrecorded hops: 3\n|"},
		{[][]byte{{68, 12, 13, 0, 0x80, 0, 0, 5, 0x80, 0, 0, 4}}, "\nTS: \t5 absolute not-standard\n\t-1 not-standard\n|"},
		{[][]byte{{68, 12, 13, 1, 10, 0, 0, 1, 0, 0, 0, 9}}, "\nTS: \t10.0.0.1\t9 absolute\n|"},
		{[][]byte{{68, 8, 5, 0, 0, 0, 0, 0}}, "|"},
		{[][]byte{{68, 8, 200, 1, 10, 0, 0, 1}}, "\nTS: |"},
	} {
		if got := printed(tt.options...); got != tt.want {
			t.Errorf("% x:\n got %q\nwant %q", tt.options, got, tt.want)
		}
	}
}

func TestMillis(t *testing.T) {
	for us, want := range map[int]string{0: "0.000", 7: "0.007", 1000: "1.000", 84157: "84.157", 1234567: "1234.567"} {
		if got := wording.Millis(time.Duration(us)*time.Microsecond + 900); got != want {
			t.Errorf("%d µs: %s, want %s", us, got, want)
		}
	}
}
