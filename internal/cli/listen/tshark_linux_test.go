package listen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/testnet"
)

// fields are those that lines and tshark have in common. Of what an error quotes
// tshark gives the second value.
var fields = []string{
	"frame.number", "ip.version", "ipv6.version", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
	"icmp.type", "icmp.code", "icmp.ident", "icmp.seq", "icmp.mtu", "icmp.redir_gw",
	"icmpv6.type", "icmpv6.code", "icmpv6.echo.identifier", "icmpv6.echo.sequence_number", "icmpv6.mtu",
	"icmpv6.nd.ns.target_address", "icmpv6.nd.na.target_address", "icmp.resp_to", "icmpv6.resp_to",
	"icmp.checksum.status", "icmpv6.checksum.status", "udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport", "ip.cur_rt",
}

// packet is what tshark reads of one.
type packet map[string][]string

func (p packet) at(i int, names ...string) string {
	for _, n := range names {
		if v := p[n]; i < len(v) {
			return v[i]
		}
	}
	return ""
}

func tshark(t *testing.T, program, file string) map[int]packet {
	args := []string{
		"-n", "-r", file, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|", "-E", "occurrence=a",
		"-o", "icmp.favor_icmp_mpls:TRUE",
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "WIRESHARK_CONFIG_DIR="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	all := map[int]packet{}
	for line := range strings.Lines(string(out)) {
		p := packet{}
		for i, v := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			if v != "" {
				p[fields[i]] = strings.Split(v, "|")
			}
		}
		n, _ := strconv.Atoi(p.at(0, "frame.number"))
		all[n] = p
	}
	return all
}

// TestTshark holds every line to what tshark reads: of the golden captures, and
// of the laboratory's.
func TestTshark(t *testing.T) {
	conform.Row(t, "A-01")
	conform.Row(t, "A-03")
	program := testnet.Need(t, "tshark")
	files, err := filepath.Glob("../../golden/testdata/*.pcap")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, name := range []string{"attack-reset", "attack-redirect", "frag-needed", "cmu-mit", "echo-bad-link", "mask-information", "timestamp"} {
		files = append(files, laboratory(t, name))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := tshark(t, program, file)
			lines, _ := lines(t, file)
			seen := map[int]line{}
			for _, m := range lines {
				seen[m.Number] = m
				compare(t, m, want[m.Number], seen)
			}
			for n, p := range want {
				if seen[n].Number == 0 && p.at(0, "icmp.type", "icmpv6.type") != "" && p.at(0, "icmp.code", "icmpv6.code") != "" {
					t.Errorf("packet %d: tshark reads ICMP %s", n, p.at(0, "icmp.type", "icmpv6.type"))
				}
			}
		})
	}
}

func compare(t *testing.T, m line, p packet, byNumber map[int]line) {
	t.Helper()
	if p == nil {
		t.Errorf("packet %d is none of tshark's", m.Number)
		return
	}
	check := func(what, got, want string) {
		if got != want {
			t.Errorf("packet %d: %s is %q, tshark reads %q", m.Number, what, got, want)
		}
	}
	v, src, dst, typ, code, id, seq := "ip.version", "ip.src", "ip.dst", "icmp.type", "icmp.code", "icmp.ident", "icmp.seq"
	mtu, sum := "icmp.mtu", "icmp.checksum.status"
	if m.Version == 6 {
		v, src, dst, typ, code = "ipv6.version", "ipv6.src", "ipv6.dst", "icmpv6.type", "icmpv6.code"
		id, seq, mtu, sum = "icmpv6.echo.identifier", "icmpv6.echo.sequence_number", "icmpv6.mtu", "icmpv6.checksum.status"
	}
	check("version", strconv.Itoa(m.Version), p.at(0, v))
	check("source", m.Src, p.at(0, src))
	if now := p.at(0, "ip.cur_rt"); now != "" {
		check("next stop", m.Dst, now) // with a source route tshark's destination is the last
	} else {
		check("destination", m.Dst, p.at(0, dst))
	}
	check("type", strconv.Itoa(m.Type), p.at(0, typ))
	check("code", strconv.Itoa(m.Code), p.at(0, code))
	if m.Class == "echo" {
		n, _ := strconv.ParseUint(p.at(0, id), 0, 16)
		check("identifier", strconv.Itoa(m.ID), strconv.FormatUint(n, 10))
		check("sequence number", strconv.Itoa(m.Seq), p.at(0, seq))
	}
	if want := p.at(0, mtu); want != "" && want != "0" {
		check("MTU", strconv.Itoa(m.MTU), want)
	}
	if m.Version == 4 && m.Type == 5 {
		check("gateway", m.Gateway, p.at(0, "icmp.redir_gw"))
	}
	if want := p.at(0, "icmpv6.nd.ns.target_address", "icmpv6.nd.na.target_address"); want != "" && m.Version == 6 {
		check("target", m.Target, want)
	}
	if m.Quote != nil && p.at(1, src) != "" {
		check("quoted source", m.Quote.Src, p.at(1, src))
		check("quoted destination", m.Quote.Dst, p.at(1, dst))
		if want := p.at(0, "udp.srcport", "tcp.srcport"); want != "" && (m.Quote.Proto == "UDP" || m.Quote.Proto == "TCP") {
			check("quoted source port", strconv.Itoa(m.Quote.SrcPort), want)
			check("quoted destination port", strconv.Itoa(m.Quote.DstPort), p.at(0, "udp.dstport", "tcp.dstport"))
		}
	}
	if status := p.at(0, sum); status == "0" || status == "1" {
		check("bad checksum", strconv.FormatBool(slices.Contains(m.Faults, "checksum")), strconv.FormatBool(status == "0"))
	}
	// Of a request that passed two links tshark takes the last sighting.
	if want, _ := strconv.Atoi(p.at(0, "icmp.resp_to", "icmpv6.resp_to")); want != 0 && m.Relation == "answers" && m.Class == "echo" {
		if q := byNumber[want]; q.Relation == "seen before" {
			want = q.Request
		}
		check("request", strconv.Itoa(m.Request), strconv.Itoa(want))
	}
}
