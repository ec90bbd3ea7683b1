package content_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/explain/finding"
	"github.com/sonde-net/sonde/explain/finding/detect"
	"github.com/sonde-net/sonde/explain/internal/traffic"
	"github.com/sonde-net/sonde/wire/ip"
)

const (
	inner = "10.0.0.1"
	outer = "203.0.113.9"
)

func u16(n int) uint16 { return uint16(n) } //nolint:gosec // few

// piece enters a fragment: octets from, to, and whether more follow.
func piece(w *traffic.Writer, id uint16, from, to int, more bool) {
	b := w.IP(outer, inner, ip.ProtoUDP, make([]byte, to-from))
	binary.BigEndian.PutUint16(b[4:], id)
	binary.BigEndian.PutUint16(b[6:], u16(from/8))
	if more {
		b[6] |= 0x20
	}
	ip.Seal4(b)
}

func TestFragments(t *testing.T) {
	var w traffic.Writer
	piece(&w, 7, 65504, 65520, false)
	f := traffic.One(t, detect.Config{}, &w, finding.PingOfDeath)
	if f == nil || f.Number(finding.FactEnd) != 65520 || traffic.Text(f, finding.FactProtocol) != "UDP" || f.From.String() != outer || f.To.String() != inner ||
		f.Severity != finding.Alarm || f.Count != 1 {
		t.Errorf("%+v", f)
	}
	for name, tt := range map[string]struct {
		again time.Duration
		id    uint16
		want  bool
	}{
		"at once":        {0, 7, true},
		"in 15 seconds":  {15 * time.Second, 7, true},
		"later":          {15*time.Second + 1, 7, false},
		"another number": {0, 8, false},
	} {
		var w traffic.Writer
		piece(&w, 7, 0, 800, true)
		w.Wait(tt.again)
		piece(&w, tt.id, 400, 1200, true)
		f := traffic.One(t, detect.Config{}, &w, finding.OverlappingFragments)
		if (f != nil) != tt.want || f != nil && (f.Count != 1 || !slices.Equal(f.Packets, []int{2}) || traffic.Text(f, finding.FactProtocol) != "UDP") {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestCopies: a fragment that comes twice is none, nor is what follows when all
// are there.
func TestCopies(t *testing.T) {
	var w traffic.Writer
	for range 3 {
		piece(&w, 7, 0, 800, true)
		piece(&w, 7, 0, 800, true)
		piece(&w, 7, 800, 1000, false)
	}
	piece(&w, 7, 0, 600, true)
	if f := traffic.One(t, detect.Config{}, &w, finding.OverlappingFragments); f != nil {
		t.Errorf("%+v", f)
	}
}

// TestManyPieces: the 64th is remembered, more are not.
func TestManyPieces(t *testing.T) {
	for n, want := range map[int]bool{63: true, 64: false} {
		var w traffic.Writer
		for i := range n {
			piece(&w, 7, i*16, i*16+16, true)
		}
		piece(&w, 7, 2000, 2016, true)
		piece(&w, 7, 2008, 2024, true)
		if f := traffic.One(t, detect.Config{}, &w, finding.OverlappingFragments); (f != nil) != want {
			t.Errorf("%d before: %+v", n, f)
		}
	}
}

func noise(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestMarks: programs that are known by what they send.
func TestMarks(t *testing.T) {
	loki := make([]byte, 56)
	loki[0] = 0xb1
	prompt := []byte("C:\\Users\\x>")
	for name, tt := range map[string]struct {
		want  string
		reply bool
		seq   uint16
		data  []byte
	}{
		"ptunnel":            {"ptunnel", false, 1, []byte{0xd5, 0x20, 0x08, 0x80}},
		"ptunnel-ng":         {"ptunnel-ng", true, 1, []byte{0xde, 0xad, 0xc0, 0xde, 9}},
		"hans":               {"hans", false, 1, []byte("hans")},
		"hans, client":       {"hans", false, 1, []byte("hanc and more")},
		"hans, three octets": {"", false, 1, []byte("han")},
		"icmptunnel":         {"icmptunnel", false, 1, []byte("TUNL")},
		"loki":               {"loki", true, 0xf001, loki},
		"loki, turned":       {"loki", true, 0x01f0, loki},
		"loki, another":      {"", true, 0xf002, loki},
		"loki, shorter":      {"", true, 0xf001, loki[:55]},
		"icmpsh":             {"icmpsh", false, 1, []byte("Microsoft Windows [Version 10.0]")},
		"icmpsh, prompt":     {"icmpsh", false, 1, prompt},
		"icmpsh, reply":      {"", true, 1, prompt},
		"no drive":           {"", false, 1, []byte("c:\\Users>")},
		"four octets":        {"", false, 1, []byte("C:\\>")},
		"five octets":        {"icmpsh", false, 1, []byte("C:\\a>")},
		"259 octets":         {"icmpsh", false, 1, append(append([]byte("C:\\"), make([]byte, 255)...), '>')},
		"260 octets":         {"", false, 1, append(append([]byte("C:\\"), make([]byte, 256)...), '>')},
	} {
		var w traffic.Writer
		for range 3 {
			if tt.reply {
				w.Echo(outer, inner, true, 1, tt.seq, tt.data)
			} else {
				w.Echo(inner, outer, false, 1, tt.seq, tt.data)
			}
			w.Wait(time.Second)
		}
		f := traffic.One(t, detect.Config{}, &w, finding.Tunnel)
		if (f != nil) != (tt.want != "") || f != nil && (traffic.Text(f, finding.FactMark) != tt.want || f.From.String() != inner || f.To.String() != outer) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestTunnelEvidence(t *testing.T) {
	var w traffic.Writer
	for i := range 60 {
		w.Echo(inner, outer, false, 1, u16(i), noise(uint64(i), 1000)) //nolint:gosec // few
		w.Echo(outer, inner, true, 1, u16(i), noise(uint64(i+1000), 1000))
		w.Wait(100 * time.Millisecond)
	}
	f := traffic.One(t, detect.Config{}, &w, finding.Tunnel)
	if f == nil || f.Count != 120 || f.Packets[0] != 1 || f.From.String() != inner || f.To.String() != outer || f.Severity != finding.Alarm ||
		f.Number(finding.FactAltered) != 60 || f.Number(finding.FactChanging) != 59 || f.Number(finding.FactEntropy) < 7.7 || f.Number(finding.FactEntropy) > 8 ||
		f.Rate < 19 || f.Rate > 22 || f.Has(finding.FactMark) || f.Has(finding.FactInside) {
		t.Errorf("%+v", f)
	}
}

// TestInside: a datagram as data is one in its lengths and checksum, also four
// octets further on.
func TestInside(t *testing.T) {
	var in traffic.Writer
	v4 := in.UDP("172.16.0.1", "172.16.0.2", 1, 2, 30)
	v6 := in.UDP("2001:db8::1", "2001:db8::2", 1, 2, 30)
	change := func(b []byte, at int) []byte { c := slices.Clone(b); c[at]++; return c }
	head := func(b []byte) []byte { return append([]byte{0, 0, 8, 0}, b...) }
	for name, tt := range map[string]struct {
		data []byte
		want bool
	}{
		"IPv4":            {v4, true},
		"IPv6":            {v6, true},
		"behind a word":   {head(v4), true},
		"IPv6 behind one": {head(v6), true},
		"bad checksum":    {change(v4, 12), false},
		"one octet more":  {append(slices.Clone(v4), 0), false},
		"one octet less":  {v6[:len(v6)-1], false},
		"no version":      {append([]byte{0x50}, v4[1:]...), false},
	} {
		var w traffic.Writer
		for i := range 3 {
			w.Echo(inner, outer, false, 1, u16(i), tt.data)
			w.Wait(time.Second)
		}
		f := traffic.One(t, detect.Config{}, &w, finding.Tunnel)
		if (f != nil) != tt.want || f != nil && (f.Number(finding.FactInside) != 3 || f.Count != 3) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestOrdinaryPings: what pings write into the first 24 octets, and damaged ones.
func TestOrdinaryPings(t *testing.T) {
	var w traffic.Writer
	for i := range 200 {
		data := append(noise(uint64(i), 24), traffic.Data(32)...) //nolint:gosec // few
		w.Echo(inner, outer, false, 1, u16(i), data)
		b := w.Echo(outer, inner, true, 1, u16(i), data)
		b[len(b)-1]++ // damaged on the way: its checksum shows
		w.Wait(250 * time.Millisecond)
	}
	if f := traffic.One(t, detect.Config{}, &w, finding.Tunnel); f != nil {
		t.Errorf("%+v", f)
	}
	w = traffic.Writer{}
	for i := range 200 {
		w.Echo(inner, "224.0.0.1", false, 1, u16(i), noise(uint64(i), 100)) //nolint:gosec // few
		w.Wait(250 * time.Millisecond)
	}
	if f := traffic.One(t, detect.Config{}, &w, finding.Tunnel); f != nil {
		t.Errorf("to a group: %+v", f)
	}
}

// TestPingsSideBySide: several between the same hosts, each with data of its own,
// are ordinary; data that never comes again is not, whatever runs beside it.
func TestPingsSideBySide(t *testing.T) {
	for n, want := range map[int]bool{1: false, 2: false, 4: false, 5: true} {
		w := &traffic.Writer{}
		for i := range 60 {
			for k := range n {
				w.Ping(inner, outer, u16(k), u16(i), noise(uint64(k), 56+k), time.Millisecond) //nolint:gosec // few
				w.Wait(time.Second / 10)
			}
		}
		if f := traffic.One(t, detect.Config{}, w, finding.Tunnel); (f != nil) != want {
			t.Errorf("%d: %+v", n, f)
		}
	}
	w := &traffic.Writer{}
	for i := range 60 {
		w.Ping(inner, outer, 1, u16(i), noise(uint64(100+i), 56), time.Millisecond) //nolint:gosec // few
		if i%10 == 0 {
			w.Ping(inner, outer, 2, u16(i), noise(1, 56), time.Millisecond)
		}
		w.Wait(time.Second / 2)
	}
	if f := traffic.One(t, detect.Config{}, w, finding.Tunnel); f == nil || f.Number(finding.FactChanging) != 65 {
		t.Errorf("%+v", f)
	}
}
