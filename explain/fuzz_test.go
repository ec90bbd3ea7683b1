package explain_test

import (
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
)

// FuzzMessage: whatever the octets are, there is an explanation or an error; the
// fields cover every octet once, and the explanation is bounded by them.
func FuzzMessage(f *testing.F) {
	for _, name := range []string{"icmp4", "icmp6"} {
		for _, p := range packets(f, name) {
			f.Add(p, uint8(0))
		}
	}
	for _, s := range samples {
		f.Add(s.make()[20:], uint8(1))
	}
	forms := []explain.Form{explain.Detect, explain.ICMPv4, explain.ICMPv6, explain.IPv4, explain.IPv6, explain.Ethernet}
	f.Fuzz(func(t *testing.T, b []byte, form uint8) {
		e, err := explain.Message(b, language.French, explain.How{Form: forms[int(form)%len(forms)]})
		if err != nil {
			return
		}
		covers(t, string(e.Form), b, e.Fields)
		size := 0
		for _, s := range append(append(append(e.Says, e.Who...), e.About...), e.Do...) {
			size += len(s)
		}
		if size > 16<<10+64*len(b) {
			t.Errorf("%d octets of sentences about %d octets", size, len(b))
		}
	})
}
