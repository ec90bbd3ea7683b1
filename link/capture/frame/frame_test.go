package frame_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire"
)

const (
	macs = "02000000000b 02000000000a" // to b from a
	d4   = "4500001c 00000000 40010000 c0000201 c0000202 0800f7ff 00000000"
	d6   = "60000000 00083a40 20010db8000000000000000000000001 20010db8000000000000000000000002 8000000000000000"
)

// A row is a frame and what is found in it.
type row struct {
	name string
	link frame.LinkType
	head string // octets before the datagram
	ip   string // the datagram; "": there is none
	text string // what Meta says
	err  error
}

var rows = []row{
	{"ethernet", frame.Ethernet, macs + "0800", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown", nil},
	{"ethernet 6", frame.Ethernet, macs + "86dd", d6, "0x86dd 02:00:00:00:00:0a>02:00:00:00:00:0b unknown", nil},
	{"arp", frame.Ethernet, macs + "0806 0001", "", "0x0806 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"vlan", frame.Ethernet, macs + "8100 b064 0800", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown vlan 8100/100/5/drop", nil},
	{"vlan in vlan", frame.Ethernet, macs + "88a8 2001 8100 0fff 86dd", d6, "0x86dd 02:00:00:00:00:0a>02:00:00:00:00:0b unknown vlan 88a8/1/1 vlan 8100/4095/0", nil},
	{"four tags", frame.Ethernet, macs + "9100 0001 9200 0002 8100 0003 88a8 0004 0800", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown vlan 9100/1/0 vlan 9200/2/0 vlan 8100/3/0 vlan 88a8/4/0", nil},
	{"snap", frame.Ethernet, macs + "0024 aaaa03 000000 0800", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown", nil},
	{"snap, greatest length", frame.Ethernet, macs + "05ff aaaa03 000000 0800", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown", nil},
	{"type 600", frame.Ethernet, macs + "0600 aaaa03 000000 0800", "", "0x0600 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"snap behind a tag", frame.Ethernet, macs + "8100 0001 0024 aaaa03 000000 86dd", d6, "0x86dd 02:00:00:00:00:0a>02:00:00:00:00:0b unknown vlan 8100/1/0", nil},
	{"snap of somebody", frame.Ethernet, macs + "0024 aaaa03 00000c 0800", "", "0x0000 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"snap of a length", frame.Ethernet, macs + "0024 aaaa03 000000 05ff", "", "0x0000 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"llc of ip", frame.Ethernet, macs + "001f 060603", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown", nil},
	{"llc", frame.Ethernet, macs + "0026 424203", "", "0x0000 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"llc half", frame.Ethernet, macs + "0026 064203", "", "0x0000 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"llc half snap", frame.Ethernet, macs + "0026 aa4203", "", "0x0000 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"llc other control", frame.Ethernet, macs + "0026 060604", "", "0x0000 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"mpls", frame.Ethernet, macs + "8847 00010b40", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown label 16/5/64", nil},
	{"mpls twice", frame.Ethernet, macs + "8848 fffffeff 00000101", d6, "0x86dd 02:00:00:00:00:0a>02:00:00:00:00:0b unknown label 1048575/7/255 label 0/0/1", nil},
	{"mpls of no ip", frame.Ethernet, macs + "8847 00010140 00000000", "", "0x8847 02:00:00:00:00:0a>02:00:00:00:00:0b unknown label 16/0/64 at 18", frame.ErrNotIP},
	{"pppoe", frame.Ethernet, macs + "8864 1100 0102 001e 0021", d4, "0x0800 02:00:00:00:00:0a>02:00:00:00:00:0b unknown session 258", nil},
	{"pppoe 6", frame.Ethernet, macs + "8100 0005 8864 1100 0001 001e 0057", d6, "0x86dd 02:00:00:00:00:0a>02:00:00:00:00:0b unknown session 1 vlan 8100/5/0", nil},
	{"pppoe of lcp", frame.Ethernet, macs + "8864 1100 0102 001e c021", "", "0x0000 02:00:00:00:00:0a>02:00:00:00:00:0b unknown session 258 at 20", frame.ErrNotIP},
	{"pppoe version", frame.Ethernet, macs + "8864 2100 0102 001e 0021", "", "0x8864 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},
	{"pppoe code", frame.Ethernet, macs + "8864 1109 0102 001e 0021", "", "0x8864 02:00:00:00:00:0a>02:00:00:00:00:0b unknown at 14", frame.ErrNotIP},

	{"cooked", frame.LinuxCooked, "0000 0001 0006 02000000000a 0000 0800", d4, "0x0800 02:00:00:00:00:0a>00:00:00:00:00:00 in", nil},
	{"cooked, out", frame.LinuxCooked, "0004 0304 0000 0000000000000000 86dd", d6, "0x86dd 00:00:00:00:00:00>00:00:00:00:00:00 out", nil},
	{"cooked, tag", frame.LinuxCooked, "0001 0001 0006 02000000000a 0000 8100 0007 0800", d4, "0x0800 02:00:00:00:00:0a>00:00:00:00:00:00 broadcast vlan 8100/7/0", nil},
	{"cooked, llc", frame.LinuxCooked, "0002 0001 0006 02000000000a 0000 0004 aaaa03 000000 0800", d4, "0x0800 02:00:00:00:00:0a>00:00:00:00:00:00 multicast", nil},
	{"cooked, novell", frame.LinuxCooked, "0003 0001 0006 02000000000a 0000 0001 ffff", "", "0x0000 02:00:00:00:00:0a>00:00:00:00:00:00 foreign at 14", frame.ErrNotIP},
	{"cooked, direction", frame.LinuxCooked, "0005 0001 0008 0102030405060708 0800", d4, "0x0800", nil},

	{"cooked 2", frame.Cooked2, "0800 0000 00000007 0001 00 06 02000000000a 0000", d4, "0x0800 02:00:00:00:00:0a>00:00:00:00:00:00 in index 7", nil},
	{"cooked 2, out", frame.Cooked2, "86dd 0000 00000100 0001 04 06 02000000000a 0000", d6, "0x86dd 02:00:00:00:00:0a>00:00:00:00:00:00 out index 256", nil},
	{"cooked 2, tag", frame.Cooked2, "8100 0000 00000007 0001 00 06 02000000000a 0000 0064 0800", d4, "0x0800 02:00:00:00:00:0a>00:00:00:00:00:00 in index 7", nil},
	{"cooked 2, llc", frame.Cooked2, "0004 0000 00000007 0001 00 06 02000000000a 0000 060603", d4, "0x0800 02:00:00:00:00:0a>00:00:00:00:00:00 in index 7", nil},
	{"cooked 2, novell", frame.Cooked2, "0003 0000 00000007 0001 00 06 02000000000a 0000 0000", "", "0x0000 02:00:00:00:00:0a>00:00:00:00:00:00 in index 7 at 20", frame.ErrNotIP},
	{"cooked 2, arp", frame.Cooked2, "0806 0000 00000007 0001 00 06 02000000000a 0000 0000", "", "0x0806 02:00:00:00:00:0a>00:00:00:00:00:00 in index 7 at 20", frame.ErrNotIP},

	{"raw", frame.Raw, "", d4, "0x0800", nil},
	{"raw 6", frame.Raw, "", d6, "0x86dd", nil},
	{"raw, none", frame.Raw, "50", "", "0x0000 at 0", frame.ErrNotIP},
	{"raw, BSD", frame.RawBSD, "", d4, "0x0800", nil},
	{"raw, OpenBSD", frame.RawOpenBSD, "", d6, "0x86dd", nil},
	{"IPv4", frame.IPv4, "", d4, "0x0800", nil},
	{"IPv6", frame.IPv6, "", d6, "0x86dd", nil},

	{"null", frame.Null, "02000000", d4, "0x0800", nil},
	{"null, other order", frame.Null, "00000002", d4, "0x0800", nil},
	{"null 6, Linux", frame.Null, "0a000000", d6, "0x86dd", nil},
	{"null 6, Windows", frame.Null, "17000000", d6, "0x86dd", nil},
	{"null 6, NetBSD", frame.Null, "00000018", d6, "0x86dd", nil},
	{"null 6, FreeBSD", frame.Null, "1c000000", d6, "0x86dd", nil},
	{"null 6, macOS", frame.Null, "1e000000", d6, "0x86dd", nil},
	{"null, other", frame.Null, "07000000", "", "0x0000 at 0", frame.ErrNotIP},
	{"loop", frame.Loop, "00000002", d4, "0x0800", nil},
	{"loop 6", frame.Loop, "00000018", d6, "0x86dd", nil},
	{"loop, other order", frame.Loop, "02000000", "", "0x0000 at 0", frame.ErrNotIP},

	{"ppp", frame.PPP, "0021", d4, "0x0800", nil},
	{"ppp, framed", frame.PPP, "ff03 0021", d4, "0x0800", nil},
	{"ppp, compressed", frame.PPP, "21", d4, "0x0800", nil},
	{"ppp, framed and compressed", frame.PPP, "ff03 57", d6, "0x86dd", nil},
	{"ppp, other control", frame.PPP, "ff04 0021", "", "0x0000 at 0", frame.ErrNotIP},
	{"ppp, lcp", frame.PPP, "ff03 c021", "", "0x0000 at 0", frame.ErrNotIP},
	{"ppp, mpls", frame.PPP, "ff03 0281 00010140", d4, "0x0800 label 16/0/64", nil},
	{"ppp, mpls multicast", frame.PPP, "ff03 0283 00010140", d6, "0x86dd label 16/0/64", nil},
	{"ppp serial", frame.PPPSerial, "ff03 0057", d6, "0x86dd", nil},
	{"ppp ether", frame.PPPEther, "1100 0009 001e 0021", d4, "0x0800 session 9", nil},

	{"unknown", 147, "", "", "0x0000 at 0", frame.ErrLinkType},
}

// text is what Meta says that is not zero.
func text(m frame.Meta) string {
	var b strings.Builder
	fmt.Fprintf(&b, "0x%04x", uint16(m.Type))
	if (m.Src != frame.MAC{} || m.Dst != frame.MAC{} || m.Direction != 0 || m.Index != 0) {
		fmt.Fprintf(&b, " %v>%v %v", m.Src, m.Dst, m.Direction)
	}
	if m.Index != 0 {
		fmt.Fprintf(&b, " index %d", m.Index)
	}
	if m.Session != 0 {
		fmt.Fprintf(&b, " session %d", m.Session)
	}
	for v := range m.VLANs() {
		fmt.Fprintf(&b, " vlan %04x/%d/%d", uint16(v.Type), v.ID, v.Priority)
		if v.Drop {
			b.WriteString("/drop")
		}
	}
	for l := range m.Labels() {
		fmt.Fprintf(&b, " label %d/%d/%d", l.Label, l.Class, l.TTL)
	}
	return b.String()
}

func octets(t testing.TB, s string) []byte { return wiretest.Octets(t, s) }

// TestDecode reads every row, and every row cut at every octet.
func TestDecode(t *testing.T) {
	conform.Row(t, "A-01")
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			head, ip := octets(t, r.head), octets(t, r.ip)
			data := append(bytes.Clone(head), ip...)
			got, m, err := frame.Decode(r.link, data)
			said := text(m)
			if r.err != nil {
				said += fmt.Sprintf(" at %d", m.Offset)
			}
			if !errors.Is(err, r.err) || !bytes.Equal(got, ip) || r.err != nil && got != nil || !sameText(said, r.text) {
				t.Errorf("%x, %q, %v\nwant %x, %q, %v", got, said, err, ip, r.text, r.err)
			}
			if r.err == nil && m.Offset != len(head) {
				t.Errorf("offset %d, want %d", m.Offset, len(head))
			}
			wiretest.NoAllocs(t, "decode", func() { _, _, _ = frame.Decode(r.link, data) })
			for n := range data {
				got, m, err := frame.Decode(r.link, data[:n:n])
				switch {
				case r.err == nil && n <= len(head) && !errors.Is(err, wire.Truncated):
					t.Errorf("cut at %d: %x, %v", n, got, err)
				case r.err == nil && n > len(head) && (err != nil || !bytes.Equal(got, ip[:n-len(head)])):
					t.Errorf("cut at %d: %x, %v", n, got, err)
				case m.Offset > n:
					t.Errorf("cut at %d: offset %d", n, m.Offset)
				}
			}
		})
	}
}

func sameText(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// TestVLANsStop when they are told to.
func TestVLANsStop(t *testing.T) {
	_, m, _ := frame.Decode(frame.Ethernet, octets(t, macs+"8100 0001 8100 0002 8847 00010040 00020140"+d4))
	for v := range m.VLANs() {
		if v.ID != 1 {
			t.Error(v)
		}
		break
	}
	for l := range m.Labels() {
		if l.Label != 16 {
			t.Error(l)
		}
		break
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{frame.Ethernet.String(), "Ethernet"},
		{frame.Cooked2.String(), "Linux cooked, version 2"},
		{frame.LinkType(147).String(), "link type 147"},
		{frame.Outbound.String(), "out"},
		{frame.Direction(6).String(), "direction 6"},
		{frame.MAC{0xde, 0xad, 0xbe, 0xef, 0, 0x10}.String(), "de:ad:be:ef:00:10"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
	if !frame.Null.Known() || frame.LinkType(2).Known() {
		t.Error("known")
	}
}

// TestManyTags: as many as a frame has room for.
func TestManyTags(t *testing.T) {
	b := octets(t, macs)
	for range 60_000 {
		b = append(b, 0x81, 0, 0, 1)
	}
	b = append(b, octets(t, "0800"+d4)...)
	got, m, err := frame.Decode(frame.Ethernet, b)
	n := 0
	for range m.VLANs() {
		n++
	}
	if n != 60_000 || err != nil || hex.EncodeToString(got) != strings.ReplaceAll(d4, " ", "") {
		t.Errorf("%d tags, %x, %v", n, got, err)
	}
}

// FuzzDecode: any octets of any link: no panic, and the datagram is a piece of
// them.
func FuzzDecode(f *testing.F) {
	for _, r := range rows {
		f.Add(uint16(r.link), octets(f, r.head+r.ip))
	}
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		got, m, err := frame.Decode(frame.LinkType(link), data)
		if m.Offset < 0 || m.Offset > len(data) || err == nil && (len(got) == 0 || &got[0] != &data[m.Offset]) || err != nil && got != nil {
			t.Fatalf("%x, %+v, %v", got, m, err)
		}
		for range m.VLANs() {
		}
		for range m.Labels() {
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"ethernet", "vlan in vlan", "cooked 2", "raw"} {
		for _, r := range rows {
			if r.name != name {
				continue
			}
			b.Run("link="+strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
				data := octets(b, r.head+r.ip)
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := frame.Decode(r.link, data); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
