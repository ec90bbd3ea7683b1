package question_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/question"
)

const (
	echo   = "0800f7fd00010001"
	packet = "4500001c0001000040017cde7f0000017f0000010800f7fd00010001"
)

// write makes a capture of one packet.
func write(t *testing.T, link layers.LinkType, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, link); err != nil {
		t.Fatal(err)
	}
	if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(1, 0), CaptureLength: len(data), Length: len(data)}, data); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "one.pcap")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func octets(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// show writes a question on a line.
func show(q question.Question) string {
	if len(q.Octets) > 0 {
		return fmt.Sprintf("%x as %s", q.Octets, q.How.Form)
	}
	names := func(all []catalogue.Match) string {
		var s []string
		for _, m := range all {
			n := m.String()
			if m.Whole {
				n += "*"
			}
			s = append(s, n)
		}
		return strings.Join(s, " ")
	}
	return names(q.Matches) + " | " + names(q.Other)
}

// TestOf: every form of argument.
func TestOf(t *testing.T) {
	ethernet := "0000000000010000000000020800" + packet
	raw := write(t, layers.LinkTypeRaw, octets(t, packet))
	framed := write(t, layers.LinkTypeEthernet, octets(t, ethernet))
	cooked := write(t, layers.LinkTypeLinuxSLL, octets(t, "00000001000600000000000100000800"+packet))
	six := question.Options{Family: catalogue.ICMPv6}
	for _, tt := range []struct {
		args string
		in   string
		o    question.Options
		want string
	}{
		{"3/4", "", question.Options{}, "3/4 | "},
		{"3", "", question.Options{}, "3/0* | "},
		{"255/255", "", question.Options{}, "255/255 | "},
		{"2/0", "", six, "v6:2/0 | "},
		{"v6:2/0", "", question.Options{}, "v6:2/0 | "},
		{"4:3/4", "", six, "3/4 | "},
		{"ICMPv6:135", "", question.Options{}, "v6:135/0* | "},
		{"icmpv6|2/0", "", question.Options{}, "v6:2/0 | "},
		{"icmp|3/4", "", six, "3/4 | "},
		{"6|2", "", question.Options{}, "v6:2/0* | "},
		{"fragmentation needed", "", question.Options{}, "3/4 | v6:2/0*"},
		{"fragmentation|needed", "", question.Options{}, "3/4 | v6:2/0*"},
		{"packet too big", "", six, "v6:2/0* | 3/4"},
		{"neighbor advertisement", "", question.Options{}, "v6:136/0* | "},
		{"prohibited", "", question.Options{}, "3/9 3/10 3/13 | v6:1/1"},
		{echo, "", question.Options{}, echo + " as "},
		{echo, "", six, echo + " as icmp6"},
		{"08 00 f7 fd|00 01 00 01", "", question.Options{}, echo + " as "},
		{packet, "", six, packet + " as ipv4"},
		{packet, "", question.Options{Form: explain.Ethernet}, packet + " as ethernet"},
		{"CAD3/QABAAE=", "", question.Options{}, "0800f7fd00010001 as "},
		{raw + "|1", "", question.Options{}, packet + " as ipv4"},
		{framed + "|1", "", question.Options{}, ethernet + " as ethernet"},
		{cooked + "|1", "", question.Options{}, packet + " as ipv4"},
		{"", "3/4\n", question.Options{}, "3/4 | "},
		{"-", echo + "\n", question.Options{}, echo + " as "},
		{"", "0x0000:  4500 001c 0001 0000 4001 7cde 7f00 0001\n\t0x0010:  7f00 0001 0800 f7fd 0001 0001\n", question.Options{}, packet + " as ipv4"},
	} {
		var args []string
		if tt.args != "" {
			args = strings.Split(tt.args, "|")
		}
		q, err := question.Of(args, strings.NewReader(tt.in), tt.o)
		if err != nil || show(q) != tt.want {
			t.Errorf("%q, %q: %v\n got %s\nwant %s", tt.args, tt.in, err, show(q), tt.want)
		}
	}
}

// TestErrors: one line that says what and where.
func TestErrors(t *testing.T) {
	raw := write(t, layers.LinkTypeRaw, octets(t, packet))
	arp := write(t, layers.LinkTypeEthernet, octets(t, "0000000000010000000000020806"+packet))
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no capture at all, whatever it may be"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, in, want string }{
		{"256/0", "", "type 256 is over the limit of 255"},
		{"3/256", "", "code 256 is over the limit of 255"},
		{"0800f7fd0", "", "column 10: half an octet"},
		{"0800f7 fdz", "", "is no TYPE/CODE"},
		{"no such name", "", `"no such name" is no TYPE/CODE, no name of a message`},
		{raw, "", "which packet of it?"},
		{raw + "|0", "", "packet 0: packets are counted from 1"},
		{raw + "|2", "", "has 1 packets, not 2"},
		{arp + "|1", "", "packet 1: frame: "},
		{text + "|1", "", "capture"},
		{"/no/such/file|1", "", "/no/such/file: file does not exist"},
		{"", "", "standard input: column 1: there are no octets"},
		{"", "08 00\n0g", "standard input: line 2, column 2"},
		{"", strings.Repeat("0", 8<<17+1), "the text is over the limit of 1048576 octets"},
	} {
		var args []string
		if tt.args != "" {
			args = strings.Split(tt.args, "|")
		}
		q, err := question.Of(args, strings.NewReader(tt.in), question.Options{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %s, %v, want %s", tt.args, show(q), err, tt.want)
		}
	}
	if _, err := question.Of(nil, iotest.ErrReader(os.ErrPermission), question.Options{}); err == nil {
		t.Error("an input that cannot be read")
	}
}
