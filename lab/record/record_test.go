package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

var epoch = time.Date(2026, 1, 1, 12, 0, 0, 1, time.UTC)

func datagram(t *testing.T, seq uint16) []byte {
	t.Helper()
	d, err := ip.Enclose4(nil, ip.Header4{
		TTL: 64, Proto: ip.ProtoICMP, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"),
	}, icmp4.Echo{ID: 7, Seq: seq})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestComment(t *testing.T) {
	for _, tt := range []struct {
		r    record.Record
		want string
	}{
		{record.Record{Node: "a"}, "a"},
		{record.Record{Node: "a", To: "b", Origin: event.Origin{Kind: event.Send}}, "a to b; send"},
		{record.Record{Node: "a", To: "b", Origin: event.Origin{Kind: event.Forward}}, "a to b; forward"},
		{record.Record{Node: "a", To: "b", Origin: event.Origin{Kind: event.Answer}}, "a to b; answer (H-01)"},
		{record.Record{Node: "a", To: "b", Origin: event.Origin{Kind: event.Advertise}}, "a to b; advertise (G-09)"},
		{
			record.Record{Node: "r", To: "a", Origin: event.Origin{Kind: event.Error, Cause: report.TTLExceeded}},
			"r to a; error: time to live ran out (G-01)",
		},
		{record.Record{Node: "a", To: "b", Fate: record.Lost}, "a to b; lost"},
		{
			record.Record{Node: "a", To: "b", Duplicate: true, Late: true, Corrupt: true},
			"a to b; a copy that the link made; held back; one bit flipped",
		},
	} {
		if got := tt.r.Comment(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestFate(t *testing.T) {
	seen := map[string]bool{}
	for f := record.Delivered; f <= record.Crowded; f++ {
		seen[f.String()] = true
	}
	if len(seen) != 6 || seen["unknown"] || (record.Crowded+1).String() != "unknown" {
		t.Errorf("%v", seen)
	}
}

func TestLogValue(t *testing.T) {
	line := func(r record.Record) string {
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "r", r)
		return b.String()
	}
	got := line(record.Record{Node: "a", To: "b", Link: "lan", Octets: make([]byte, 28), Fate: record.Lost})
	if !strings.Contains(got, "r.link=lan r.from=a r.to=b r.fate=lost r.octets=28") {
		t.Error(got)
	}
	got = line(record.Record{Node: "a", Event: event.Event{Kind: event.Deliver}})
	if !strings.Contains(got, "r.node=a r.event.kind=deliver") {
		t.Error(got)
	}
}

func TestRing(t *testing.T) {
	var none record.Ring
	none.Put(record.Record{})
	if _, ok := none.Next(); ok || none.On() || none.Dropped() != 0 {
		t.Error("the zero ring keeps something")
	}
	r := record.Ring{Limit: 100}
	for i := range 250 {
		d := []byte{byte(i)}
		r.Put(record.Record{Seq: uint64(i), Octets: d})
		d[0] = 0xff
	}
	if r.Len() != 100 || r.Dropped() != 150 || !r.On() {
		t.Errorf("%d kept, %d dropped", r.Len(), r.Dropped())
	}
	for i := 150; i < 250; i++ {
		if x, ok := r.Next(); !ok || x.Seq != uint64(i) || x.Octets[0] != byte(i) {
			t.Fatalf("record %d: %v, %+v", i, ok, x)
		}
	}
	if _, ok := r.Next(); ok || r.Len() != 0 {
		t.Error("one more")
	}
}

// TestRingOctets: the octets are bounded too.
func TestRingOctets(t *testing.T) {
	for _, tt := range []struct{ octets, size, kept int }{
		{1000, 100, 10}, {1000, 101, 9}, {0, 60_000, 279}, {10, 20, 1},
	} {
		r := record.Ring{Limit: 1000, Octets: tt.octets}
		for range 500 {
			r.Put(record.Record{Octets: make([]byte, tt.size)})
		}
		if r.Len() != tt.kept || r.Dropped() != uint64(500-tt.kept) {
			t.Errorf("%d octets each: %d kept, want %d; %d dropped", tt.size, r.Len(), tt.kept, r.Dropped())
		}
		for r.Len() > 0 {
			r.Next()
		}
		r.Put(record.Record{Octets: make([]byte, tt.size)})
		if r.Len() != 1 {
			t.Error("no room after all were read")
		}
	}
}

// sample is what a small run would record.
func sample(t *testing.T) []record.Record {
	t.Helper()
	return []record.Record{
		{Time: epoch, Node: "a", To: "r", Link: "lan", Seq: 1, Octets: datagram(t, 1), Origin: event.Origin{Kind: event.Send}},
		{Time: epoch, Node: "r", Event: event.Event{Kind: event.Drop}},
		{Time: epoch.Add(1), Node: "r", To: "b", Link: "wan", Seq: 2, Octets: datagram(t, 2), Fate: record.Lost},
		{Time: epoch.Add(2), Node: "a", To: "r", Link: "lan", Seq: 3, Octets: datagram(t, 3), Group: true},
		{Time: epoch.Add(2), Node: "a", To: "s", Link: "lan", Seq: 3, Octets: datagram(t, 3), Group: true},
		{Time: epoch.Add(3), Node: "a", To: "r", Link: "lan", Seq: 4, Octets: datagram(t, 4)},
		{Time: epoch.Add(3), Node: "a", To: "r", Link: "lan", Seq: 4, Octets: datagram(t, 4), Duplicate: true},
		{
			Time: epoch.Add(1500 * time.Millisecond), Node: "r", To: "a", Link: "lan", Seq: 5, Octets: datagram(t, 5),
			Origin: event.Origin{Kind: event.Error, Cause: report.NoRoute},
		},
	}
}

func write(t *testing.T, links ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	c, err := record.NewCapture(&b, links...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range sample(t) {
		if err := c.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCapture reads a file back: which datagrams, over which link, when.
func TestCapture(t *testing.T) {
	for _, tt := range []struct {
		links []string
		want  string // link and sequence number
		names string
	}{
		{nil, "lan1 wan2 lan3 lan4 lan4 lan5 ", "lan wan "},
		{[]string{"wan", "lan"}, "lan1 wan2 lan3 lan4 lan4 lan5 ", "wan lan "},
		{[]string{"lan"}, "lan1 lan3 lan4 lan4 lan5 ", "lan "},
		{[]string{"wan"}, "wan2 ", "wan "},
		{[]string{"none"}, "", "none "},
	} {
		b := write(t, tt.links...)
		r, err := pcapgo.NewNgReader(bytes.NewReader(b), pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for {
			d, ci, err := r.ReadPacketData()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			f, err := r.Interface(ci.InterfaceIndex)
			if err != nil || f.LinkType != layers.LinkTypeRaw {
				t.Fatalf("interface %d: %v, %v", ci.InterfaceIndex, f.LinkType, err)
			}
			got += fmt.Sprintf("%s%d ", f.Name, d[27])
			at := []time.Duration{0, 0, 1, 2, 3, 1500 * time.Millisecond}[d[27]]
			if !ci.Timestamp.Equal(epoch.Add(at)) {
				t.Errorf("datagram %d at %v, want %v", d[27], ci.Timestamp, epoch.Add(at))
			}
		}
		names := ""
		for i := range r.NInterfaces() {
			f, _ := r.Interface(i)
			names += f.Name + " "
		}
		if got != tt.want || names != tt.names {
			t.Errorf("%v: %q of %q, want %q of %q", tt.links, got, names, tt.want, tt.names)
		}
	}
}

// TestEmptyCapture: a run in which nothing was sent makes a file all the same.
func TestEmptyCapture(t *testing.T) {
	var b bytes.Buffer
	c, err := record.NewCapture(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := pcapgo.NewNgReader(&b, pcapgo.DefaultNgReaderOptions); err != nil {
		t.Errorf("not a file: %v", err)
	}
	if err := c.Write(&record.Record{Link: "lan", Seq: 1, Octets: []byte{1}, Node: strings.Repeat("n", 70_000), Time: time.Unix(-5, 0)}); err != nil {
		t.Errorf("a long comment from before 1970: %v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenFile(t *testing.T) {
	c, err := record.NewCapture(broken{}, "lan")
	for i := 0; err == nil && i < 1000; i++ {
		err = c.Write(&record.Record{Link: "lan", Seq: uint64(i), Octets: make([]byte, 100)})
	}
	if err == nil {
		err = c.Flush()
	}
	if err == nil {
		t.Error("no error")
	}
}

// TestTshark: others read the file too, comments and nanoseconds among it.
func TestTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	file := filepath.Join(t.TempDir(), "lab.pcapng")
	if err := os.WriteFile(file, write(t), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tshark, "-n", "-r", file, "-T", "json",
		"-e", "frame.time_epoch", "-e", "frame.interface_name", "-e", "frame.comment", "-e", "icmp.seq", "-e", "icmp.checksum.status", "-e", "frame.encap_type").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	var frames []struct {
		Source struct {
			Layers map[string][]string `json:"layers"`
		} `json:"_source"`
	}
	if err := json.Unmarshal(out, &frames); err != nil {
		t.Fatal(err)
	}
	if len(frames) != 6 {
		t.Fatalf("%d frames", len(frames))
	}
	first, last := frames[0].Source.Layers, frames[5].Source.Layers
	for _, tt := range []struct {
		in        map[string][]string
		key, want string
	}{
		{first, "frame.interface_name", "lan"},
		{frames[1].Source.Layers, "frame.interface_name", "wan"},
		{first, "frame.comment", "a to r; send"},
		{last, "frame.comment", "r to a; error: no route (G-02)"},
		{last, "icmp.seq", "5"},
		{last, "icmp.checksum.status", "1"},
	} {
		if got := tt.in[tt.key]; len(got) == 0 || got[0] != tt.want {
			t.Errorf("%s: %q, want %q", tt.key, got, tt.want)
		}
	}
	if got := first["frame.time_epoch"]; len(got) == 0 || !strings.Contains(got[0], ".000000001") {
		t.Errorf("time: %q", got)
	}
}

// TestChange: a change is no datagram, is told for what it is, and is not in a
// capture file.
func TestChange(t *testing.T) {
	var b bytes.Buffer
	c, err := record.NewCapture(&b)
	if err != nil {
		t.Fatal(err)
	}
	for want, x := range map[string]record.Change{
		"[link=wan change=link goes down]": {Kind: record.LinkDown, Link: "wan"},
		"[link=wan change=link comes up]":  {Kind: record.LinkUp, Link: "wan"},
		"[node=r1 change=route changes to=10.9.0.0/16 hops=[via 10.0.0.2 iface 1]]": {
			Kind: record.Route, To: netip.MustParsePrefix("10.9.0.0/16"),
			Hops: []route.Hop{{Iface: 1, Via: netip.MustParseAddr("10.0.0.2")}},
		},
		"[link= change=unknown]": {Kind: record.Route + 1},
	} {
		r := record.Record{Node: "r1", Change: x}
		if got := r.LogValue().String(); got != want || r.IsDatagram() || r.IsEvent() {
			t.Errorf("%s, want %s", got, want)
		}
		before := b.Len()
		if err := c.Write(&r); err != nil || b.Len() != before {
			t.Errorf("%v, %d octets", err, b.Len()-before)
		}
	}
	if r := (record.Record{Event: event.Event{Kind: event.Drop}}); r.IsDatagram() {
		t.Error("an event is no datagram")
	}
	if r := (record.Record{}); !r.IsDatagram() {
		t.Error("a datagram is one")
	}
}
