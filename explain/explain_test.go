package explain_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/extension"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/ndp"
)

var (
	host   = netip.MustParseAddr("192.0.2.1")
	target = netip.MustParseAddr("198.51.100.7")
	router = netip.MustParseAddr("203.0.113.1")
	host6  = netip.MustParseAddr("2001:db8::1")
	dst6   = netip.MustParseAddr("2001:db8:9::7")
	local6 = netip.MustParseAddr("fe80::1")
	all6   = netip.MustParseAddr("ff02::1")
)

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// v4 is a message in a datagram.
func v4(src, dst netip.Addr, ttl ip.TTL, m icmp4.Message) []byte {
	return must(ip.Enclose4(nil, ip.Header4{TTL: ttl, Proto: ip.ProtoICMP, Src: src, Dst: dst, ID: 7}, m))
}

func v6(src, dst netip.Addr, hop ip.TTL, m icmp6.Message) []byte {
	return must(ip.Enclose6(nil, ip.Header6{HopLimit: hop, NextHeader: ip.ProtoICMPv6, Src: src, Dst: dst}, m))
}

// udp is the beginning of a datagram of total octets from host to target.
func udp(total uint16, ttl ip.TTL, df bool, port uint16) []byte {
	h := ip.Header4{TTL: ttl, Proto: ip.ProtoUDP, Src: host, Dst: target, ID: 4711, DF: df, TotalLen: total}
	n := total - 20
	return append(must(h.AppendBinary(nil)), 0x9c, 0x40, byte(port>>8), byte(port), byte(n>>8), byte(n), 0, 0)
}

// tcp6 is the beginning of a packet of total octets from host6 to dst6.
func tcp6(total uint16) []byte {
	h := ip.Header6{HopLimit: 60, NextHeader: ip.ProtoTCP, Src: host6, Dst: dst6, PayloadLen: total - 40}
	return append(must(h.AppendBinary(nil)), 0x9c, 0x40, 0x01, 0xbb, 0xde, 0xad, 0xbe, 0xef)
}

func fragNeeded(mtu, total uint16, df bool) []byte {
	return v4(router, host, 62, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: mtu, Quote: udp(total, 60, df, 5000)})
}

// samples are the messages of the golden files.
var samples = []struct {
	name string
	make func() []byte
}{
	{"port", func() []byte {
		return v4(target, host, 57, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: udp(60, 1, false, 33434)})
	}},
	{"fragmentation", func() []byte { return fragNeeded(1492, 1500, true) }},
	{"redirect", func() []byte {
		return v4(router, host, 64, icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: netip.MustParseAddr("192.0.2.254"), Quote: udp(60, 64, false, 53)})
	}},
	{"exceeded", func() []byte {
		objects := must(extension.AppendLabels(nil, extension.Label{Label: 24001, TTL: 1, Bottom: true}))
		ext := must(extension.Structure{Objects: objects}.AppendBinary(nil))
		return v4(router, host, 250, icmp4.TimeExceeded{Quote: udp(60, 1, false, 33440), Ext: ext})
	}},
	{"parameter", func() []byte {
		return v4(router, host, 64, icmp4.ParameterProblem{Pointer: 8, Quote: udp(60, 64, false, 53)})
	}},
	{"quench", func() []byte { return v4(router, host, 64, icmp4.SourceQuench{Quote: udp(60, 64, false, 53)}) }},
	{"timestamp", func() []byte {
		at := func(d time.Duration) icmp4.Timestamp { return icmp4.TimestampAt(13*time.Hour + d) }
		return v4(target, host, 60, icmp4.TimestampMessage{
			Reply: true, ID: 1, Seq: 2, Originate: at(0), Receive: at(250 * time.Millisecond), Transmit: at(251 * time.Millisecond),
		})
	}},
	{"mask", func() []byte {
		return v4(router, host, 64, icmp4.AddressMask{Reply: true, ID: 1, Seq: 2, Mask: 0xffffff00})
	}},
	{"probe", func() []byte {
		objects := must(extension.IdentifyName([]byte("eth0")).AppendBinary(nil))
		ext := must(extension.Structure{Objects: objects}.AppendBinary(nil))
		return v4(host, router, 64, icmp4.ExtendedEchoRequest{ID: 1, Seq: 2, Local: true, Ext: ext})
	}},
	{"toobig", func() []byte { return v6(local6, host6, 64, icmp6.PacketTooBig{MTU: 1280, Quote: tcp6(1500)}) }},
	{"advertisement", func() []byte {
		options := must(ndp.PrefixInformation{
			Prefix: netip.MustParsePrefix("2001:db8::/64"), Flags: ndp.PrefixOnLink | ndp.PrefixAutonomous,
			Valid: 24 * time.Hour, Preferred: 4 * time.Hour,
		}.AppendBinary(nil))
		return v6(local6, all6, 255, icmp6.RouterAdvertisement{HopLimit: 64, Flags: ndp.RouterOther, Lifetime: 30 * time.Minute, Options: options})
	}},
	{"solicitation", func() []byte {
		return v6(netip.IPv6Unspecified(), netip.MustParseAddr("ff02::1:ff00:1"), 255, icmp6.NeighborSolicitation{Target: host6})
	}},
	{"damaged", func() []byte {
		b := v4(host, target, 64, icmp4.Echo{ID: 1, Seq: 2, Data: []byte("abcdefgh")})
		b[len(b)-1] ^= 1
		return b[: len(b)-2 : len(b)-2]
	}},
}

// text writes an explanation for a golden file.
func text(e *explain.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d/%d %s\n%s\nchecksum %s\n", e.Family, e.Type, e.Code, e.Title, e.Text.Means, e.Checksum)
	for _, s := range []struct {
		name string
		all  []string
	}{{"says", e.Says}, {"who", e.Who}, {"about", e.About}, {"do", e.Do}} {
		for _, l := range s.all {
			fmt.Fprintf(&b, "%s: %s\n", s.name, l)
		}
	}
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "fault: %d: %s\n", f.Octet, f.Text)
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "field: %s %d+%d %s = %s %q %q\n", f.Layer, f.Octet, f.Len, f.Name, f.Raw, f.Value, f.Meaning)
	}
	return b.String()
}

// TestGolden holds whole explanations to their files; go test -update writes
// them.
func TestGolden(t *testing.T) {
	conform.Row(t, "A-02")
	for _, s := range samples {
		for _, l := range languages {
			e, err := explain.Message(s.make(), l, explain.How{})
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			covers(t, s.name, s.make(), e.Fields)
			path := filepath.Join("testdata", s.name+"."+l.String()+".golden")
			got := text(e)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; go test -update writes it", err)
			}
			if got != string(want) {
				t.Errorf("%s:\n got %s\nwant %s", path, got, want)
			}
		}
	}
}

// said explains octets in English and returns all its sentences.
func said(t *testing.T, b []byte, how explain.How) string {
	t.Helper()
	e, err := explain.Message(b, language.English, how)
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	for _, f := range e.Faults {
		faults = append(faults, fmt.Sprintf("%d: %s", f.Octet, f.Text))
	}
	return strings.Join(append(append(append(e.Says, e.Who...), e.About...), faults...), "\n")
}

// TestMTU: what is plausible, on both sides of each limit.
func TestMTU(t *testing.T) {
	big := func(mtu uint32, total uint16) []byte {
		return v6(dst6, host6, 64, icmp6.PacketTooBig{MTU: mtu, Quote: tcp6(total)})
	}
	for _, tt := range []struct {
		b        []byte
		has, not string
	}{
		{fragNeeded(1400, 1500, true), "The datagram had 1500, so it was 100 too large.\nThe value is plausible: a round number", "DF"},
		{fragNeeded(1499, 1500, true), "so it was 1 too large.\nThe value is possible", "plausible:"},
		{fragNeeded(1500, 1500, true), "has only 1500 octets, which fits", "The value"},
		{fragNeeded(1400, 1500, false), "does not have DF set", ""},
		{fragNeeded(67, 1500, true), "may have less than 68 octets", "below 552"},
		{fragNeeded(68, 1500, true), "below 552 octets", "less than 68"},
		{fragNeeded(551, 1500, true), "below 552 octets", "The value"},
		{fragNeeded(552, 1500, true), "The value is possible", "552 octets)"},
		{fragNeeded(576, 1500, true), "what every IPv4 host can receive", "552"},
		{fragNeeded(0, 1500, true), "the next lower usual size is 1492 octets", "at most"},
		{fragNeeded(0, 1492, true), "the next lower usual size is 1006 octets", ""},
		{fragNeeded(0, 1493, true), "the next lower usual size is 1492 octets", ""},
		{fragNeeded(0, 68, true), "the next lower usual size is 68 octets", ""},
		{big(1280, 1500), "the minimum of IPv6", "demands"},
		{big(1279, 1500), "IPv6 demands at least 1280 octets", "plausible"},
		{big(0, 1500), "IPv6 demands at least 1280 octets", "RFC 1191"},
		{big(1281, 1500), "The value is possible", "demands"},
	} {
		got := said(t, tt.b, explain.How{})
		if !strings.Contains(got, tt.has) || tt.not != "" && strings.Contains(got, tt.not) {
			t.Errorf("want %q, not %q:\n%s", tt.has, tt.not, got)
		}
	}
}

// TestPointer: the field at each octet of a quoted datagram.
func TestPointer(t *testing.T) {
	quote6 := tcp6(1500)
	hop := must(ip.Header6{NextHeader: ip.ProtoHopByHop, Src: host6, Dst: dst6, PayloadLen: 16}.AppendBinary(nil))
	hop = append(hop, 6, 0, 5, 2, 0, 0, 1, 0, 0x9c, 0x40, 0, 80, 0, 0, 0, 1)
	options := must(ip.Header4{Proto: ip.ProtoUDP, Src: host, Dst: target, TotalLen: 40, Options: []byte{1, 7, 3, 4}}.AppendBinary(nil))
	for _, tt := range []struct {
		quote []byte
		at    uint32
		want  string
	}{
		{udp(60, 64, false, 53), 0, "“version, header length”"},
		{udp(60, 64, false, 53), 1, "“type of service"},
		{udp(60, 64, false, 53), 3, "“total length”"},
		{udp(60, 64, false, 53), 5, "“identification”"},
		{udp(60, 64, false, 53), 6, "“flags, fragment offset”"},
		{udp(60, 64, false, 53), 8, "“time to live” of the quoted datagram.\nThat octet is 0x40."},
		{udp(60, 64, false, 53), 9, "“protocol” of the quoted datagram.\nThat octet is 0x11."},
		{udp(60, 64, false, 53), 11, "“header checksum”"},
		{udp(60, 64, false, 53), 12, "“source address”"},
		{udp(60, 64, false, 53), 19, "“destination address”"},
		{udp(60, 64, false, 53), 20, "“source port”"},
		{udp(60, 64, false, 53), 28, "The pointer is 28, behind all"},
		{udp(60, 64, false, 53)[:18], 19, "“destination address” of the quoted datagram.\nThe quote ends before that octet"},
		{options, 20, "“option”"},
		{options, 22, "“option”"},
		{quote6, 0, "“version, traffic class, flow label”"},
		{quote6, 5, "“payload length”"},
		{quote6, 6, "“next header”"},
		{quote6, 7, "“hop limit”"},
		{quote6, 23, "“source address”"},
		{quote6, 24, "“destination address”"},
		{quote6, 40, "“source port”"},
		{hop, 40, "“extension header: next header”"},
		{hop, 41, "“extension header: length”"},
		{hop, 42, "“extension header: option”"},
		{hop, 48, "“source port”"},
		{quote6, 1 << 31, "The pointer is 2147483648, behind all"},
	} {
		var b []byte
		if tt.quote[0]>>4 == 6 {
			b = v6(dst6, host6, 64, icmp6.ParameterProblem{Pointer: tt.at, Quote: tt.quote})
		} else {
			b = v4(router, host, 64, icmp4.ParameterProblem{Pointer: uint8(tt.at), Quote: tt.quote})
		}
		if got := said(t, b, explain.How{}); !strings.Contains(got, tt.want) {
			t.Errorf("pointer %d: want %s:\n%s", tt.at, tt.want, got)
		}
	}
}

// TestWho: the part that the sender has in the conversation, and how far it is.
func TestWho(t *testing.T) {
	port := func(src, dst netip.Addr, ttl ip.TTL) []byte {
		return v4(src, dst, ttl, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: udp(60, 64, false, 53)})
	}
	ns := func(hop ip.TTL) []byte { return v6(local6, all6, hop, icmp6.NeighborSolicitation{Target: host6}) }
	for _, tt := range []struct {
		b        []byte
		has, not string
	}{
		{port(target, host, 64), "it is the destination itself", "firewall"},
		{port(router, host, 64), "it is not the destination (198.51.100.7) but a router or firewall on the way.\nAs a rule only", "address translator lies"},
		{port(host, host, 64), "says it to itself", "addressed"},
		{port(target, router, 64), "It is addressed to 203.0.113.1, though 192.0.2.1 sent", ""},
		{port(target, host, 64), "Its TTL is 64: it comes from the same network", "lie between"},
		{port(target, host, 63), "if it started with 64, as is usual, one router lies between", "routers lie"},
		{port(target, host, 62), "as is usual, 2 routers", "one router"},
		{port(target, host, 65), "if it started with 128, as is usual, 63 routers", ""},
		{port(target, host, 128), "Its TTL is 128: it comes from the same network", ""},
		{port(target, host, 129), "if it started with 255, as is usual, 126 routers", ""},
		{port(target, host, 64), "Port 53 is DNS.", "traceroute"},
		{ns(255), "comes from the link itself", "off the link"},
		{ns(254), "Its hop limit is 254, not 255", "link itself"},
		{v6(local6, all6, 255, icmp6.RouterAdvertisement{}), "is no default router (lifetime 0)", "no link-local"},
		{v6(host6, all6, 255, icmp6.RouterAdvertisement{}), "2001:db8::1 is no link-local address", ""},
		{v6(local6, all6, 1, icmp6.MLD{Type: icmp6.TypeMLDQuery, Group: netip.IPv6Unspecified()}), "Which multicast groups are listened to", "must have 1"},
		{v6(local6, all6, 2, icmp6.MLD{Type: icmp6.TypeMLDQuery, Group: all6}), "Its hop limit is 2, where", ""},
		{v4(host, netip.MustParseAddr("255.255.255.255"), 64, icmp4.Echo{}), "many at once (255.255.255.255)", ""},
		{v4(host, netip.MustParseAddr("224.0.0.1"), 64, icmp4.Echo{}), "many at once (224.0.0.1)", ""},
		{v4(host, target, 64, icmp4.Echo{}), "192.0.2.1 asks 198.51.100.7", "many at once"},
		{v4(host, target, 64, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}}), "192.0.2.1 answers 198.51.100.7", ""},
		{v4(router, host, 64, icmp4.Redirect{Gateway: router, Quote: udp(60, 64, false, 53)}), "the sender itself", "cannot be"},
		{v4(router, host, 64, icmp4.Redirect{Gateway: netip.IPv4Unspecified(), Quote: udp(60, 64, false, 53)}), "For the network of 198.51.100.7, use the gateway 0.0.0.0 instead.\n0.0.0.0 cannot be a gateway", ""},
		{v6(local6, host6, 255, icmp6.Redirect{Target: dst6, Dst: dst6}), "2001:db8:9::7 is on the link itself", "gateway"},
		{v4(router, host, 64, icmp4.TimeExceeded{Quote: udp(60, 2, false, 33535)}), "The quoted TTL is 2, though", "traceroute"},
		{v4(router, host, 64, icmp4.TimeExceeded{Quote: udp(60, 1, false, 33534)}), "dropped with a TTL of 1.", "though"},
		{v4(target, host, 64, icmp4.TimeExceeded{Code: 1, Quote: udp(60, 9, false, 33534)}), "identification 4711 are missing", "TTL of"},
	} {
		got := said(t, tt.b, explain.How{})
		if !strings.Contains(got, tt.has) || tt.not != "" && strings.Contains(got, tt.not) {
			t.Errorf("want %q, not %q:\n%s", tt.has, tt.not, got)
		}
	}
}

// TestFaults: what is wrong, and at which octet.
func TestFaults(t *testing.T) {
	echo := v4(host, target, 64, icmp4.Echo{ID: 1, Seq: 2, Data: make([]byte, 40)})
	cut := echo[:40]
	header := append([]byte(nil), echo...)
	header[10] ^= 0xff
	first := append([]byte(nil), echo...)
	first[6] = 0x20
	ip.Seal4(first)
	unused := v4(router, host, 64, icmp4.DestUnreachable{Unused: 1, Quote: udp(60, 64, false, 53)})
	small := v4(router, host, 64, icmp4.DestUnreachable{Quote: udp(60, 64, false, 53)[:27]})
	announced := v4(router, host, 64, icmp4.DestUnreachable{Length: 200, Quote: udp(60, 64, false, 53)})
	for _, tt := range []struct {
		b    []byte
		want string
	}{
		{cut, "40: 28 octets are missing"},
		{header, "10: the checksum of the IPv4 header is wrong"},
		{first, "6: this is the first fragment"},
		{unused, "24: octets that must be zero are not"},
		{small, "55: the quote has 7 octets behind the IP header"},
		{announced, "25: the length of the quote is 800 octets, more than the 28"},
		{v4(host, target, 64, icmp4.Raw{Body: []byte{0, 0, 0, 0}}), ""},
	} {
		if got := said(t, tt.b, explain.How{}); !strings.Contains(got, tt.want) {
			t.Errorf("want %q:\n%s", tt.want, got)
		}
	}
	if got := said(t, v4(router, host, 64, icmp4.DestUnreachable{Code: 16, Quote: udp(60, 64, false, 53)}), explain.How{}); !strings.Contains(got, "21: the code is not registered") {
		t.Error(got)
	}
}

// TestForms: what the octets are found to be, and what holds no message.
func TestForms(t *testing.T) {
	echo := must(icmp4.Echo{ID: 1}.AppendBinary(nil))
	wrong := append([]byte(nil), echo...)
	wrong[3] ^= 1
	packet, packet6 := v4(host, target, 64, icmp4.Echo{}), v6(host6, dst6, 64, icmp6.Echo{})
	mac := make([]byte, 12)
	frame := append(append(mac[:12:12], 0x08, 0x00), packet...)
	tagged := append(append(mac[:12:12], 0x81, 0x00, 0x20, 0x07, 0x86, 0xdd), packet6...)
	big := must(icmp6.PacketTooBig{MTU: 1280, Quote: tcp6(1500)}.Append(nil, host6, dst6))
	six := must(icmp6.TimeExceeded{Quote: tcp6(1500)}.Append(nil, host6, dst6))
	for _, tt := range []struct {
		b    []byte
		form explain.Form
	}{
		{echo, explain.ICMPv4},
		{wrong, explain.ICMPv4},
		{packet, explain.IPv4},
		{packet6, explain.IPv6},
		{frame, explain.Ethernet},
		{tagged, explain.Ethernet},
		{big, explain.ICMPv6},
		{six, explain.ICMPv6},
		{packet6[40:], explain.ICMPv6},
	} {
		e, err := explain.Message(tt.b, language.English, explain.How{})
		if err != nil || e.Form != tt.form {
			t.Errorf("%x: %v, %v", tt.b, e, err)
			continue
		}
		covers(t, string(tt.form), tt.b, e.Fields)
	}
	known, err := explain.Message(packet6[40:], language.English, explain.How{Form: explain.ICMPv6, Src: host6, Dst: dst6})
	if err != nil || known.Checksum != explain.Right {
		t.Errorf("with its addresses: %+v, %v", known, err)
	}
	later := append([]byte(nil), packet...)
	later[7] = 1
	ip.Seal4(later)
	other := must(ip.Header4{TTL: 1, Proto: ip.ProtoUDP, Src: host, Dst: target}.AppendPacket(nil, make([]byte, 8)))
	for _, tt := range []struct {
		b    []byte
		form explain.Form
		want string
	}{
		{nil, "", "octet 0: there are no octets"},
		{[]byte{8}, "", "octet 1: an ICMP message has at least 8 octets, there are 1"},
		{echo[:7], "", "octet 7: an ICMP message has at least 8 octets, there are 7"},
		{echo[:3], explain.ICMPv6, "octet 3: an ICMP message has at least 4 octets, there are 3"},
		{other, "", "octet 9: the packet carries UDP, not ICMP"},
		{later, "", "octet 6: this is a later fragment (octet 8 on): the ICMP header stands in the first one"},
		{mac, explain.Ethernet, "octet 12: the frame ends inside its header"},
		{append(mac[:12:12], 8, 6), explain.Ethernet, "octet 12: the frame carries EtherType 0x0806, not IPv4 or IPv6"},
		{append(mac[:12:12], 0x81, 0, 0, 1), explain.Ethernet, "octet 16: the frame ends inside its header"},
		{echo, explain.IPv4, "octet 0: no IP header: unknown version"},
		{packet[:19], explain.IPv4, "octet 19: no IP header: shorter than its type requires"},
		{packet, explain.IPv6, "octet 0: no IP header: unknown version"},
	} {
		_, err := explain.Message(tt.b, language.English, explain.How{Form: tt.form})
		var e *explain.Error
		if !errors.As(err, &e) || err.Error() != tt.want {
			t.Errorf("%x as %s: %v, want %s", tt.b, tt.form, err, tt.want)
		}
	}
}
