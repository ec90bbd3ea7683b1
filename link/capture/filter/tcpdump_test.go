//go:build linux

package filter_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/capture/filter"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// TestTcpdump has tcpdump choose from the same packets.
func TestTcpdump(t *testing.T) {
	conform.Row(t, "A-01")
	tcpdump := testnet.Need(t, "tcpdump")
	for _, link := range []frame.LinkType{
		frame.Ethernet, frame.LinuxCooked, frame.Cooked2, frame.Raw, frame.PPP, frame.PPPSerial, frame.PPPEther, frame.IPv4, frame.IPv6,
	} {
		t.Run(link.String(), func(t *testing.T) {
			t.Parallel()
			all := frames(link)
			file := filepath.Join(t.TempDir(), "golden.pcap")
			if err := os.WriteFile(file, pcap(link, all), 0o600); err != nil {
				t.Fatal(err)
			}
			ask := expressions
			if link == frame.Ethernet {
				ask = append(ask[:len(ask):len(ask)], vlans...)
			}
			for _, e := range ask {
				compare(t, tcpdump, file, link, e, all)
			}
		})
	}
}

// pcap is a capture file in which the microseconds number the packets.
func pcap(link frame.LinkType, all []packet) []byte {
	o := binary.LittleEndian
	var b []byte
	for _, v := range []uint32{0xa1b2c3d4, 2 | 4<<16, 0, 0, 262144, uint32(link)} {
		b = o.AppendUint32(b, v)
	}
	for i, p := range all {
		for _, v := range []uint32{0, uint32(i), uint32(len(p.data)), uint32(p.length)} {
			b = o.AppendUint32(b, v)
		}
		b = append(b, p.data...)
	}
	return b
}

// compare runs tcpdump without its optimizer (-O), which looks at octets in
// another order: that matters for packets that are cut.
func compare(t *testing.T, tcpdump, file string, link frame.LinkType, expression string, all []packet) {
	f, err := filter.Parse(expression)
	if err != nil {
		t.Errorf("%q: %v", expression, err)
		return
	}
	var out, stderr bytes.Buffer
	cmd := exec.Command(tcpdump, "-O", "-n", "-r", file, "-w", "-", "--", expression)
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		if strings.Contains(stderr.String(), "expression rejects all packets") {
			out.Reset()
		} else {
			t.Errorf("%q: tcpdump: %v: %s", expression, err, stderr.String())
			return
		}
	}
	passed := map[int]bool{}
	for b := out.Bytes()[min(24, out.Len()):]; len(b) >= 16; {
		passed[int(binary.LittleEndian.Uint32(b[4:]))] = true
		b = b[16+binary.LittleEndian.Uint32(b[8:]):]
	}
	for i, p := range all {
		if got, want := f.Match(link, p.data, p.length), passed[i]; got != want {
			t.Errorf("%v: %q: packet %s, %d of %d octets, %x: passes: %v, tcpdump: %v",
				link, expression, strconv.Itoa(i), len(p.data), p.length, p.data[:min(len(p.data), 60)], got, want)
			return
		}
	}
}
