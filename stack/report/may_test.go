package report_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

func TestMay4(t *testing.T) {
	good := datagram4(t, ip.Header4{}, 8)
	edit := func(at int, v byte, seal bool) []byte {
		b := append([]byte(nil), good...)
		b[at] = v
		if seal {
			ip.Seal4(b)
		}
		return b
	}
	icmp := func(typ byte) []byte {
		b := datagram4(t, ip.Header4{Proto: ip.ProtoICMP}, 8)
		b[20] = typ
		return b
	}
	from := func(s string) []byte { return datagram4(t, ip.Header4{Src: netip.MustParseAddr(s)}, 8) }
	to := func(s string) []byte { return datagram4(t, ip.Header4{Dst: netip.MustParseAddr(s)}, 8) }
	type row struct {
		name string
		a    report.About
		want report.Refusal
	}
	rows := []row{
		{"good", report.About{Octets: good}, 0},
		{"link padding", report.About{Octets: append(append([]byte(nil), good...), 0)}, 0},
		{"nothing", report.About{}, report.BadHeader},
		{"version 5", report.About{Octets: edit(0, 0x55, false)}, report.BadHeader},
		{"19 octets", report.About{Octets: good[:19]}, report.BadHeader},
		{"header length 4", report.About{Octets: edit(0, 0x44, false)}, report.BadHeader},
		{"header beyond the end", report.About{Octets: edit(0, 0x4f, false), Cut: true}, report.BadHeader},
		{"total length under the header", report.About{Octets: edit(3, 19, true)}, report.BadHeader},
		{"total length of the header", report.About{Octets: edit(3, 20, true)}, 0},
		{"cut", report.About{Octets: good[:27]}, report.BadHeader},
		{"cut, and known to be", report.About{Octets: good[:27], Cut: true}, 0},
		{"checksum", report.About{Octets: edit(8, 1, false)}, report.BadHeader},
		{"broadcast frame", report.About{Octets: good, Cast: report.Broadcast}, report.LinkCast},
		{"multicast frame", report.About{Octets: good, Cast: report.Multicast}, report.LinkCast},
		{"to 224.0.0.0", report.About{Octets: to("224.0.0.0")}, report.ToGroup},
		{"to 239.255.255.255", report.About{Octets: to("239.255.255.255")}, report.ToGroup},
		{"to 223.255.255.255", report.About{Octets: to("223.255.255.255")}, 0},
		{"to 255.255.255.255", report.About{Octets: to("255.255.255.255")}, report.ToGroup},
		{"to a network's broadcast", report.About{Octets: good, IsBroadcast: func(a netip.Addr) bool { return a == dst }}, report.ToGroup},
		{"from a network's broadcast", report.About{Octets: good, IsBroadcast: func(a netip.Addr) bool { return a == src }}, report.BadSource},
		{"from 0.0.0.0", report.About{Octets: from("0.0.0.0")}, report.BadSource},
		{"from 0.255.255.255", report.About{Octets: from("0.255.255.255")}, report.BadSource},
		{"from 1.0.0.0", report.About{Octets: from("1.0.0.0")}, 0},
		{"from 127.0.0.1", report.About{Octets: from("127.0.0.1")}, report.BadSource},
		{"from 128.0.0.1", report.About{Octets: from("128.0.0.1")}, 0},
		{"from 223.255.255.254", report.About{Octets: from("223.255.255.254")}, 0},
		{"from 224.0.0.1", report.About{Octets: from("224.0.0.1")}, report.BadSource},
		{"from 240.0.0.1", report.About{Octets: from("240.0.0.1")}, report.BadSource},
		{"first fragment", report.About{Octets: datagram4(t, ip.Header4{MF: true}, 8)}, 0},
		{"later fragment", report.About{Octets: datagram4(t, ip.Header4{FragOffset: 8}, 8)}, report.LaterFragment},
		{"last fragment possible", report.About{Octets: datagram4(t, ip.Header4{FragOffset: 65528}, 0)}, report.LaterFragment},
		{"ICMP without a type", report.About{Octets: datagram4(t, ip.Header4{Proto: ip.ProtoICMP}, 0)}, report.AboutError},
		{"ICMP cut before its type", report.About{Octets: icmp(8)[:20], Cut: true}, report.AboutError},
	}
	queries := map[byte]bool{0: true, 8: true, 9: true, 10: true, 13: true, 14: true, 15: true, 16: true, 17: true, 18: true, 42: true, 43: true}
	for typ := range 256 {
		r := row{"ICMP", report.About{Octets: icmp(byte(typ))}, report.AboutError}
		if queries[byte(typ)] {
			r.want = 0
		}
		rows = append(rows, r)
	}
	for _, r := range rows {
		if rule := r.want.Rule(); rule != "" {
			conform.Row(t, rule)
		}
		if got := report.May(r.a, report.TTLExceeded); got != r.want {
			t.Errorf("%s (%x): %v, want %v", r.name, r.a.Octets, got, r.want)
		}
	}
}

func TestMay6(t *testing.T) {
	conform.Row(t, "E-02")
	conform.Row(t, "E-01")
	good := datagram6(t, ip.Header6{}, make([]byte, 8))
	group := datagram6(t, ip.Header6{Dst: netip.MustParseAddr("ff02::1")}, make([]byte, 8))
	from := func(s string) []byte { return datagram6(t, ip.Header6{Src: netip.MustParseAddr(s)}, nil) }
	icmp := func(typ icmp6.Type) []byte {
		return datagram6(t, ip.Header6{NextHeader: ip.ProtoICMPv6}, append([]byte{byte(typ)}, make([]byte, 7)...))
	}
	frag := func(off byte, inner byte) []byte {
		return datagram6(t, ip.Header6{NextHeader: ip.ProtoFragment}, append([]byte{58, 0, 0, off, 0, 0, 0, 1, inner}, make([]byte, 7)...))
	}
	for _, r := range []struct {
		name string
		a    report.About
		c    report.Cause
		want report.Refusal
	}{
		{"good", report.About{Octets: good}, report.NoRoute, 0},
		{"39 octets", report.About{Octets: good[:39]}, report.NoRoute, report.BadHeader},
		{"cut", report.About{Octets: good[:47]}, report.NoRoute, report.BadHeader},
		{"cut, and known to be", report.About{Octets: good[:47], Cut: true}, report.NoRoute, 0},
		{"a header that is cut", report.About{Octets: good[:39], Cut: true}, report.NoRoute, report.BadHeader},
		{"multicast frame", report.About{Octets: good, Cast: report.Multicast}, report.NoRoute, report.LinkCast},
		{"multicast frame, too big", report.About{Octets: good, Cast: report.Multicast}, report.TooBig, 0},
		{"to a group", report.About{Octets: group}, report.NoRoute, report.ToGroup},
		{"to a group, too big", report.About{Octets: group, Cast: report.Multicast}, report.TooBig, 0},
		{"to a group, option", report.About{Octets: group, Cast: report.Multicast}, report.BadOption, 0},
		{"to a group, field", report.About{Octets: group}, report.BadField, report.ToGroup},
		{"from ::", report.About{Octets: from("::")}, report.TooBig, report.BadSource},
		{"from a group", report.About{Octets: from("ff02::1")}, report.NoRoute, report.BadSource},
		{"from ::1", report.About{Octets: from("::1")}, report.NoRoute, report.BadSource},
		{"about an error", report.About{Octets: icmp(1)}, report.NoRoute, report.AboutError},
		{"about the last error", report.About{Octets: icmp(127)}, report.TooBig, report.AboutError},
		{"about echo", report.About{Octets: icmp(128)}, report.NoRoute, 0},
		{"about a redirect", report.About{Octets: icmp(137)}, report.NoRoute, report.AboutError},
		{"about ICMP without a type", report.About{Octets: datagram6(t, ip.Header6{NextHeader: ip.ProtoICMPv6}, nil)}, report.NoRoute, report.AboutError},
		{"about a first fragment of an error", report.About{Octets: frag(1, 1)}, report.NoRoute, report.AboutError},
		{"about a first fragment of an echo", report.About{Octets: frag(1, 128)}, report.NoRoute, 0},
		{"about a later fragment", report.About{Octets: frag(8, 1)}, report.TooBig, 0},
	} {
		if got := report.May(r.a, r.c); got != r.want {
			t.Errorf("%s: %v, want %v", r.name, got, r.want)
		}
	}
}

func TestRefusal(t *testing.T) {
	rules := map[report.Refusal]string{
		0: "", report.AboutError: "E-01", report.ToGroup: "E-02", report.LinkCast: "E-03", report.LaterFragment: "E-04",
		report.BadSource: "E-05", report.BadHeader: "E-06", report.BadHeader + 1: "", 255: "",
	}
	for r, rule := range rules {
		if r.Rule() != rule || (r.String() == "none") != (rule == "") {
			t.Errorf("refusal %d: %q %q", r, r.String(), r.Rule())
		}
	}
}
