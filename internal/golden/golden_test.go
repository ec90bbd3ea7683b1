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
	"path/filepath"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
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

// TestRead has this module read what it wrote, and write it again.
func TestRead(t *testing.T) {
	conform.Row(t, "W-21")
	for name, build := range captures {
		for _, p := range build(t).packets {
			b := p.octets[:len(p.octets)-p.cut]
			again, err := reread(b)
			switch {
			case (err == nil) != p.good():
				t.Errorf("%s: %s: %v", name, p.name, err)
			case err == nil && !bytes.HasPrefix(b, again): // the link's padding is no part of it
				t.Errorf("%s: %s:\n was %x\n now %x", name, p.name, b, again)
			}
		}
	}
}

// reread reads a datagram and returns it as written anew. Upper layers that are
// not ICMP, and fragments, are taken as they are.
func reread(b []byte) ([]byte, error) {
	if b[0]>>4 == 4 {
		h, payload, err := ip.Parse4(b)
		if err != nil {
			return nil, err
		}
		if h.IsFragment() {
			return h.AppendPacket(nil, payload)
		}
		m, err := icmp4.Parse(payload)
		if err != nil {
			return nil, err
		}
		return ip.Enclose4(nil, h, m)
	}
	h, payload, err := ip.Parse6(b)
	if err != nil {
		return nil, err
	}
	upper, err := h.Upper(payload)
	if err != nil {
		return nil, err
	}
	if upper.IsFragment {
		return h.AppendPacket(nil, payload)
	}
	m, err := icmp6.Parse(upper.Payload, h.Src, h.Dst)
	if err != nil {
		return nil, err
	}
	out, err := h.AppendPacket(nil, payload)
	if err != nil {
		return nil, err
	}
	return m.Append(out[:len(out)-len(upper.Payload)], h.Src, h.Dst)
}

// good reports whether everything in the packet is as it should be.
func (p *packet) good() bool {
	for _, name := range []string{"ip.checksum.status", "icmp.checksum.status", "icmpv6.checksum.status"} {
		if sums := p.want[name]; len(sums) > 0 && sums[0] != text(sumGood) {
			return false
		}
	}
	return p.cut == 0
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
