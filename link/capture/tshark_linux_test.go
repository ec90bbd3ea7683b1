package capture_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire/ip"
)

// links are frames of every link, with an IPv4 datagram in them.
var links = []struct {
	link frame.LinkType
	head string
}{
	{frame.Ethernet, "02000000000b 02000000000a 0800"},
	{frame.Ethernet, "02000000000b 02000000000a 8100 0064 0800"},
	{frame.Ethernet, "02000000000b 02000000000a 8100 0001 8100 0fff 0800"},
	{frame.Ethernet, "02000000000b 02000000000a 0027 aaaa03 000000 0800"},
	{frame.Ethernet, "02000000000b 02000000000a 8847 00010b40"},
	{frame.Ethernet, "02000000000b 02000000000a 8864 1100 0102 0021 0021"},
	{frame.LinuxCooked, "0004 0001 0006 02000000000a 0000 0800"},
	{frame.LinuxCooked, "0000 0001 0006 02000000000a 0000 8100 0007 0800"},
	{frame.Cooked2, "0800 0000 00000007 0001 04 06 02000000000a 0000"},
	{frame.Cooked2, "8100 0000 00000007 0001 00 06 02000000000a 0000 0064 0800"},
	{frame.Raw, ""},
	{frame.IPv4, ""},
	{frame.Null, "02000000"},
	{frame.Loop, "00000002"},
	{frame.PPP, "ff03 0021"},
	{frame.PPPSerial, "ff03 0021"},
	{frame.PPPEther, "1100 0102 0021 0021"},
}

// TestTshark has tshark read what the writer writes, whole and cut, and finds in
// it what it finds.
func TestTshark(t *testing.T) {
	conform.Row(t, "A-01")
	tshark := testnet.Need(t, "tshark")
	datagram := wiretest.Octets(t, "4500001f 00000000 40010000 c0000201 c0000202 0800f7ff 00000000 010203")
	ip.Seal4(datagram)
	var file bytes.Buffer
	w := capture.NewWriter(&file, "a test")
	var want []string
	add := func(p *capture.Packet, comment string) {
		if err := w.Write(p, comment); err != nil {
			t.Fatal(err)
		}
		line := []string{
			fmt.Sprint(p.Time.Unix()) + fmt.Sprintf(".%09d", p.Time.Nanosecond()), fmt.Sprint(p.Length), fmt.Sprint(len(p.Data)), p.Name, comment,
		}
		got, m, err := frame.Decode(p.Link, p.Data)
		var vlans []string
		for v := range m.VLANs() {
			vlans = append(vlans, fmt.Sprint(v.ID))
		}
		line = append(line, strings.Join(vlans, "|"))
		src, mac := "", ""
		if err == nil && len(got) >= 20 {
			h, _, _ := ip.Decode4(got)
			src = h.Src.String()
		}
		if p.Link == frame.Ethernet && m.Src != (frame.MAC{}) {
			mac = m.Src.String()
		}
		want = append(want, strings.Join(append(line, src, mac), "\t"))
	}
	for i, l := range links {
		data := append(wiretest.Octets(t, l.head), datagram...)
		p := capture.Packet{
			Link: l.link, Interface: int(l.link), Name: fmt.Sprintf("if%d", l.link),
			Time: time.Unix(1_700_000_000+int64(i), int64(i)), Data: data, Length: len(data),
		}
		if l.link == frame.Cooked2 && l.head[0] == '8' {
			continue // tshark lists this tag, Meta does not
		}
		add(&p, "")
		p.Data = data[:len(data)-len(datagram)+20]
		add(&p, "cut: étranger")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "links.pcapng")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|", "-E", "occurrence=a"}
	for _, f := range []string{"frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_name", "frame.comment", "vlan.id", "ip.src", "eth.src"} {
		args = append(args, "-e", f)
	}
	cmd := exec.Command(tshark, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC", "WIRESHARK_CONFIG_DIR="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, &stderr)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("tshark reads %d packets, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("packet %d:\ntshark: %s\nhere:   %s", i+1, got[i], want[i])
		}
	}
}
