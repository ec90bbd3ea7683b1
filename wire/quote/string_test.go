package quote_test

import (
	"fmt"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
)

func TestString(t *testing.T) {
	for _, r := range []struct {
		name string
		hex  string
		n    int // octets of it; 0: all
		want string
	}{
		{"UDP", udp4, 0, "192.0.2.1:40000 > 198.51.100.7:33434 UDP, ttl 1, id 17767, df, 68 octets"},
		{"ICMP", icmp4, 0, "192.0.2.1 > 198.51.100.7 ICMP 8/0 id 7 seq 3, ttl 2, id 4660, 28 octets"},
		{"TCP", tcp4, 0, "192.0.2.1:54321 > 198.51.100.7:80 TCP seq 305419896, ttl 1, id 1, df, 40 octets"},
		{"IPv6", udp6, 0, "[2001:db8::1]:40000 > [2001:db8::7]:33434 UDP, ttl 1, 56 octets"},
		{"fragment", chain6, 0, "[2001:db8::1]:40000 > [2001:db8::7]:33434 UDP, ttl 64, id 305419896, mf, 104 octets"},
		{"later fragment", "450005dc00070001401112340a0000010a000002", 0, "10.0.0.1 > 10.0.0.2 UDP, ttl 64, id 7, offset 8, 1500 octets"},
		{"one octet", udp4, 1, "? > ? ?"},
		{"no destination", udp4, 19, "192.0.2.1 > ? UDP, ttl 1, id 17767, df, 68 octets"},
		{"header alone", udp4, 20, "192.0.2.1 > 198.51.100.7 UDP, ttl 1, id 17767, df, 68 octets"},
		{"source port alone", udp4, 22, "192.0.2.1:40000 > 198.51.100.7 UDP, ttl 1, id 17767, df, 68 octets"},
		{"type alone", icmp4, 21, "192.0.2.1 > 198.51.100.7 ICMP, ttl 2, id 4660, 28 octets"},
		{"no sequence number", icmp4, 27, "192.0.2.1 > 198.51.100.7 ICMP 8/0 id 7, ttl 2, id 4660, 28 octets"},
	} {
		b := wiretest.Octets(t, r.hex)
		if r.n != 0 {
			b = b[:r.n]
		}
		if q := parse(t, b); fmt.Sprint(q) != r.want {
			t.Errorf("%s:\n got %v\nwant %s", r.name, q, r.want)
		}
	}
}
