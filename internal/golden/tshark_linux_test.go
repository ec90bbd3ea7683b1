package golden_test

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// TestTshark has tshark read the files.
func TestTshark(t *testing.T) {
	for _, row := range []string{
		"W-01", "W-02", "W-03", "W-04", "W-05", "W-06", "W-07", "W-08", "W-09", "W-10", "W-11", "W-12", "W-13",
		"W-14", "W-15", "W-16", "W-17", "W-18", "W-19", "W-22", "W-24",
	} {
		conform.Row(t, row)
	}
	tshark := testnet.Need(t, "tshark")
	for name, build := range captures {
		t.Run(name, func(t *testing.T) {
			c := build(t)
			c.compare(decode(t, tshark, file(name), c.names()))
		})
	}
}

// names are the fields that any packet of the capture shows, sorted, and those
// that tell of trouble.
func (c *capture) names() []string {
	names := []string{"_ws.malformed", "_ws.unreassembled"}
	for _, p := range c.packets {
		for name := range p.want {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// decode has tshark write the fields of every packet of a capture file.
func decode(t *testing.T, tshark, file string, names []string) []fields {
	args := []string{
		"-n", "-r", file, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|", "-E", "occurrence=a",
		"-o", "ip.check_checksum:TRUE", "-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE",
		"-o", "udp.check_checksum:TRUE", "-o", "ip.decode_tos_as_diffserv:TRUE",
		"-o", "tcp.relative_sequence_numbers:FALSE",
		// Without this it takes for an extension only what the total length of
		// the quoted datagram leaves over, hence none that a router sends.
		"-o", "icmp.favor_icmp_mpls:TRUE",
	}
	for _, name := range names {
		args = append(args, "-e", name)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(tshark, args...)
	// Nobody's own settings.
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "WIRESHARK_CONFIG_DIR="+t.TempDir())
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, &stderr)
	}
	var packets []fields
	for line := range strings.Lines(string(out)) {
		f := fields{}
		for i, value := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			if value != "" {
				f[names[i]] = strings.Split(value, "|")
			}
		}
		packets = append(packets, f)
	}
	return packets
}

// compare holds what tshark has read to what was written: in every packet every
// field, also those that it is not to have.
func (c *capture) compare(got []fields) {
	t := c.t
	if len(got) != len(c.packets) {
		t.Fatalf("tshark reads %d packets, want %d", len(got), len(c.packets))
	}
	names := c.names()
	for i, p := range c.packets {
		for _, why := range p.but {
			t.Logf("packet %d, %s: tshark and the RFC disagree: %s", i+1, p.name, why)
		}
		for _, name := range names {
			if p.raw && p.want[name] == nil {
				continue
			}
			if g, w := strings.Join(got[i][name], "|"), strings.Join(p.want[name], "|"); g != w {
				t.Errorf("packet %d, %s: %s: tshark reads %q, want %q", i+1, p.name, name, g, w)
			}
		}
	}
}
