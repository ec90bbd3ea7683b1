package quote_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/quote"
)

var sink bool

func BenchmarkParse(b *testing.B) {
	for _, r := range []struct {
		name string
		hex  string
		want quote.Fields
	}{
		{"msg=udp4/data=8", udp4[:28*2], quote.Ports | quote.Checksum},
		{"msg=icmp4/data=8", icmp4[:28*2], quote.ICMPID | quote.ICMPSeq},
		{"msg=tcp4/data=8", tcp4[:28*2], quote.Ports | quote.TCPSeq},
		{"msg=udp6/data=8", udp6[:48*2], quote.Ports | quote.Checksum},
		{"msg=chain6/data=8", chain6, quote.Ports},
	} {
		m := wiretest.Octets(b, r.hex)
		b.Run(r.name, func(b *testing.B) {
			b.SetBytes(int64(len(m)))
			b.ReportAllocs()
			for b.Loop() {
				q, err := quote.Parse(m)
				sink = err == nil && q.Has(r.want)
			}
			if !sink {
				b.Fatal("a field is absent")
			}
		})
	}
}
