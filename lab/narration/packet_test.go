package narration

import (
	"fmt"
	"io"
	"testing"
)

// TestPacket: names and the words behind them in French, and nothing else; English
// stays as it is.
func TestPacket(t *testing.T) {
	name := func(six bool, typ, code uint8) string { return fmt.Sprintf("nom %v %d %d", six, typ, code) }
	fr := NewText(io.Discard, TextOptions{Lang: French, Name: name})
	bare := NewText(io.Discard, TextOptions{Lang: French})
	en := NewText(io.Discard, TextOptions{Name: name})
	for _, tt := range []struct {
		what       string
		six        bool
		want, bare string
	}{
		{"8/0 Echo, id 1, seq 2, 56 octets, ttl 64", false, "8/0 nom false 8 0, id 1, seq 2, 56 octets, ttl 64", "8/0 Echo, id 1, seq 2, 56 octets, ttl 64"},
		{
			"5/1 Redirect: Redirect Datagram for the Host, gateway 10.0.1.2, quotes 84 octets, about ICMP 10.0.1.10 > 10.2.0.20, ttl 64", false,
			"5/1 nom false 5 1, passerelle 10.0.1.2, cite 84 octets, au sujet de ICMP 10.0.1.10 > 10.2.0.20, ttl 64",
			"5/1 Redirect: Redirect Datagram for the Host, passerelle 10.0.1.2, cite 84 octets, au sujet de ICMP 10.0.1.10 > 10.2.0.20, ttl 64",
		},
		{"3/0 Time Exceeded: hop limit exceeded in transit, quotes 8 octets, ttl 64", true, "3/0 nom true 3 0, cite 8 octets, ttl 64", "3/0 Time Exceeded: hop limit exceeded in transit, cite 8 octets, ttl 64"},
		{"128/0 Echo Request: No Code", false, "128/0 Echo Request: No Code", "128/0 Echo Request: No Code"}, // of the other family
		{"UDP, 1480 octets, fragment 7 at 1480 of 32 octets, ttl 64", false, "UDP, 1480 octets, fragment 7 à 1480, 32 octets, ttl 64", "UDP, 1480 octets, fragment 7 à 1480, 32 octets, ttl 64"},
		{"UDP 5 > 6, later fragment, ttl 64", true, "UDP 5 > 6, fragment ultérieur, ttl 64", "UDP 5 > 6, fragment ultérieur, ttl 64"},
		{"", false, "", ""},
	} {
		if got := fr.packet(tt.what, tt.six); got != tt.want {
			t.Errorf("%q\n got %q\nwant %q", tt.what, got, tt.want)
		}
		if got := bare.packet(tt.what, tt.six); got != tt.bare {
			t.Errorf("%q without names\n got %q\nwant %q", tt.what, got, tt.bare)
		}
		if got := en.packet(tt.what, tt.six); got != tt.what {
			t.Errorf("%q is %q in English", tt.what, got)
		}
	}
}
