// Package golden has a stranger read what this module writes: datagrams of
// every message go into capture files, and tshark is to find in them just what
// was put in.
//
// The files of testdata hold the octets that the code makes. Where it makes
// others from one day to the next, TestFiles fails; when that is meant,
//
//	go test ./internal/golden -update
//
// writes the files anew, and a look at git diff tells which packets changed.
package golden_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

// captures are the files of testdata, by name.
var captures = map[string]func(*testing.T) *capture{
	"icmp4": icmp4Capture, "icmp6": icmp6Capture, "ip": ipCapture,
}

// A capture is a file of packets.
type capture struct {
	t       *testing.T
	packets []packet
}

// A packet is octets, and what they are to show.
type packet struct {
	name   string
	octets []byte
	cut    int // octets that the capture missed at the end
	want   fields
	raw    bool // the rest of the message stands for nothing, and is not compared
	// where tshark does not read what the RFC says, and want is what tshark
	// reads: the reason
	but []string
}

// except says that tshark reads a field otherwise than the RFC means it, and
// why.
func (p *packet) except(name string, values []any, why string) {
	p.want[name] = nil
	for _, v := range values {
		p.want.add(say{name, v})
	}
	p.but = append(p.but, name+": "+why)
}

// Fields are the values that a packet shows, by tshark's name for the field:
// one value for each time that the field occurs, those of a datagram before
// those of the datagram that it quotes.
type fields map[string][]string

// say is fields on their way into a packet: name, value, name, value.
type say []any

// add enters the values of s.
func (f fields) add(s say) {
	for i := 0; i < len(s); i += 2 {
		name, _ := s[i].(string)
		f[name] = append(f[name], text(s[i+1]))
	}
}

// Numbers that tshark writes in hexadecimal.
type (
	hex8  uint8
	hex16 uint16
	hex24 uint32
	hex32 uint32
)

// text writes a value as tshark does.
func text(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []byte:
		return fmt.Sprintf("%x", v)
	case hex8:
		return fmt.Sprintf("0x%02x", uint8(v))
	case hex16:
		return fmt.Sprintf("0x%04x", uint16(v))
	case hex24:
		return fmt.Sprintf("0x%06x", uint32(v))
	case hex32:
		return fmt.Sprintf("0x%08x", uint32(v))
	case string:
		return v
	case fmt.Stringer:
		if s := v.String(); strings.ContainsAny(s, ".:") { // an address
			return s
		}
	}
	return fmt.Sprintf("%d", v)
}

// packet adds a packet that shows all of what.
func (c *capture) packet(name string, octets []byte, what ...say) *packet {
	p := packet{name: name, octets: octets, want: fields{}}
	for _, s := range what {
		p.want.add(s)
	}
	c.packets = append(c.packets, p)
	return &c.packets[len(c.packets)-1]
}

// must returns b, which was made without error.
func (c *capture) must(b []byte, err error) []byte {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// The checksum states that tshark tells.
const (
	sumBad        = 0
	sumGood       = 1
	sumUnverified = 2
)

// linkRaw is the link type of a capture file whose packets begin with an IP
// header of either version.
const linkRaw = 101

// pcap returns the capture file: a header of 24 octets, and one of 16 before
// each packet. Packets come a second apart, from the year 2000 on.
func (c *capture) pcap() []byte {
	const y2000 = 946684800
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535+1)
	b = le.AppendUint32(b, linkRaw)
	for i, p := range c.packets {
		b = le.AppendUint32(b, uint32(y2000+i))
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, uint32(len(p.octets)-p.cut))
		b = le.AppendUint32(b, uint32(len(p.octets)))
		b = append(b, p.octets[:len(p.octets)-p.cut]...)
	}
	return b
}

func file(name string) string { return filepath.Join("testdata", name+".pcap") }

// TestFiles compares the files with what the code makes today.
func TestFiles(t *testing.T) {
	for name, build := range captures {
		c := build(t)
		got := c.pcap()
		if *update {
			if err := os.WriteFile(file(name), got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(got, want) {
			continue
		}
		at := 24
		for _, p := range c.packets {
			end := min(at+16+len(p.octets)-p.cut, len(got))
			if end > len(want) || !bytes.Equal(got[at:end], want[at:end]) {
				t.Errorf("%s: %s differs: -update writes the file anew, if that is meant", file(name), p.name)
				break
			}
			at = end
		}
		if at == len(got) {
			t.Errorf("%s goes on behind the last packet", file(name))
		}
	}
}

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

// TestComplete: there is a packet of every type and code of the registries.
func TestComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range []string{"icmp4", "icmp6"} {
		for _, p := range captures[name](t).packets {
			for _, family := range []string{"icmp", "icmpv6"} {
				if types := p.want[family+".type"]; len(types) > 0 {
					seen[family+" "+types[0]+"/"+p.want[family+".code"][0]] = true
				}
			}
		}
	}
	for k := range icmp4.Kinds() {
		if !seen[fmt.Sprintf("icmp %d/%d", k.Type, k.Code)] {
			t.Errorf("no packet of ICMPv4 %v", k)
		}
	}
	for k := range icmp6.Kinds() {
		if !seen[fmt.Sprintf("icmpv6 %d/%d", k.Type, k.Code)] {
			t.Errorf("no packet of ICMPv6 %v", k)
		}
	}
}
