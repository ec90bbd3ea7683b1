package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

var (
	little order = binary.LittleEndian
	big    order = binary.BigEndian
)

// text is a packet in a line.
func text(p *capture.Packet) string {
	s := fmt.Sprintf("%d %s %d/%d %q %v %x of %d", p.Number, p.Time.Format(time.RFC3339Nano), p.Interface, p.Link, p.Name, p.Direction, p.Data, p.Length)
	if c := p.Comment(); c != "" {
		s += fmt.Sprintf(" %q", c)
	}
	return s
}

func same(t *testing.T, what string, got []*capture.Packet, want ...string) {
	t.Helper()
	var lines []string
	for _, p := range got {
		lines = append(lines, text(p))
	}
	if g, w := strings.Join(lines, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("%s:\n%s\nwant:\n%s", what, g, w)
	}
}

// TestClassic reads pcap in every order and resolution.
func TestClassic(t *testing.T) {
	conform.Row(t, "A-01")
	for _, o := range []order{little, big} {
		for _, tt := range []struct {
			magic uint32
			more  int
			want  string
		}{
			{0xa1b2c3d4, 0, "12:03:20.000123"}, {0xa1b23c4d, 0, "12:03:20.000000123"}, {0xa1b2cd34, 8, "12:03:20.000123"},
		} {
			b := classic(o, tt.magic, frame.Raw)
			add := func(data []byte, length uint32) {
				b = append(b, words(o, 43_400, 123, uint32(len(data)), length)...)
				b = append(append(b, make([]byte, tt.more)...), data...)
			}
			add([]byte{1, 2, 3}, 60)
			add(nil, 0)
			add([]byte{4}, 0)
			at := "1970-01-01T" + tt.want + "Z"
			same(t, fmt.Sprintf("%v %x", o, tt.magic), mustRead(t, b),
				`1 `+at+` 0/101 "" unknown 010203 of 60`,
				`2 `+at+` 0/101 "" unknown  of 0`,
				`3 `+at+` 0/101 "" unknown 04 of 1`)
		}
	}
}

// ng is a capture of two sections with everything in it.
func ng() []byte {
	b := section(little, nil)
	b = block(little, b, 4, []byte{1, 2, 3, 4}) // names
	b = device(little, b, frame.Ethernet, 65535, option(little, 2, []byte("eth0")...), option(little, 3, []byte("uplink")...), option(little, 9, 9), halves(little, 0, 0))
	b = device(little, b, frame.Cooked2, 0, option(little, 9, 0x80|10), option(little, 14, 100, 0, 0, 0, 0, 0, 0, 0))
	b = packet(little, b, 0, 1_700_000_000_123_456_789, []byte{1, 2, 3}, 60, option(little, 1, []byte("one")...), option(little, 2, 2, 0, 0, 0), option(little, 1, []byte("two")...), halves(little, 0, 0), option(little, 1, []byte("behind the end")...))
	b = packet(little, b, 1, 1_700_000_000<<10|512, []byte{1, 2, 3, 4}, 4)
	b = block(little, b, 0x0bad, make([]byte, 3_000_000)) // somebody's own, and long
	b = block(little, b, 3, words(little, 2), []byte{7, 8})
	b = section(big, b)
	b = block(big, b, 0x80000001)
	b = device(big, b, frame.Raw, 4, option(big, 2, []byte("wan\xff")...))
	b = packet(big, b, 0, 1_700_000_000_123_456, []byte{9}, 1, option(big, 2, 0, 0, 0, 1))
	b = block(big, b, 3, words(big, 9), []byte{1, 2, 3, 4})
	b = block(big, b, 2, halves(big, 0, 77), words(big, 0, 5_000_000, 2, 3), []byte{5, 5, 0, 0}, option(big, 2, 0, 0, 0, 9))
	return b
}

var ngWant = []string{
	`1 2023-11-14T22:13:20.123456789Z 0/1 "eth0" out 010203 of 60 "one\ntwo"`,
	`2 2023-11-14T22:15:00.5Z 1/276 "" unknown 01020304 of 4`,
	`3 0001-01-01T00:00:00Z 0/1 "eth0" unknown 0708 of 2`,
	`4 2023-11-14T22:13:20.123456Z 2/101 "wan` + "\uFFFD" + `" in 09 of 1`,
	`5 0001-01-01T00:00:00Z 2/101 "wan` + "\uFFFD" + `" unknown 01020304 of 9`,
	`6 1970-01-01T00:00:05Z 2/101 "wan` + "\uFFFD" + `" multicast 0505 of 3`,
}

// TestNG reads sections, interfaces, resolutions, all blocks of packets.
func TestNG(t *testing.T) {
	conform.Row(t, "A-01")
	same(t, "pcapng", mustRead(t, ng()), ngWant...)
	r, err := capture.NewReader(iotest.OneByteReader(bytes.NewReader(ng())))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for p, err := range r.All() {
		if err != nil || text(p) != ngWant[n] {
			t.Errorf("octet by octet: %s, %v", text(p), err)
		}
		n++
	}
	all := r.Interfaces()
	if n != 6 || len(all) != 3 || all[0].Description != "uplink" || all[0].SnapLen != 65535 || all[0].Name != "eth0" || all[2].SnapLen != 4 || all[1].Link != frame.Cooked2 {
		t.Errorf("%d packets, %+v", n, all)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("behind the end: %v", err)
	}
	for range r.All() {
		t.Error("a packet behind the end")
	}
}

// TestPacked reads what was packed.
func TestPacked(t *testing.T) {
	conform.Row(t, "A-01")
	var zipped, packed bytes.Buffer
	g := gzip.NewWriter(&zipped)
	g.Write(ng()[:1000])
	g.Close()
	g.Reset(&zipped) // another member
	g.Write(ng()[1000:])
	g.Close()
	packed.WriteString("\x50\x2a\x4d\x18\x03\x00\x00\x00abc") // a frame to be skipped
	z, _ := zstd.NewWriter(&packed)
	z.Write(ng())
	z.Close()
	for name, b := range map[string][]byte{"gzip": zipped.Bytes(), "zstd": packed.Bytes(), "zstd at once": bytes.Clone(packed.Bytes()[11:])} {
		same(t, name, mustRead(t, b), ngWant...)
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := capture.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range r.All() {
			if err != nil {
				t.Error(err)
			}
		}
		if read, size := r.Progress(); read != int64(len(b)) || size != read {
			t.Errorf("%s: progress %d of %d, want %d", name, read, size, len(b))
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		_, err = readAll(bytes.NewReader(b[:len(b)-9]))
		if !errors.Is(err, capture.Cut) {
			t.Errorf("%s, cut: %v", name, err)
		}
		b[len(b)/2] ^= 0xff
		b[len(b)/2+1] ^= 0xff
		if _, err = readAll(bytes.NewReader(b)); err == nil {
			t.Errorf("%s, damaged: no error", name)
		}
	}
	for _, s := range []string{"\x1f\x8b\x09\x00", "\x1f\x8b\x08\x00\x00", "\x28\xb5\x2f\xfd", "\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		var e *capture.Error
		if _, err := readAll(strings.NewReader(s)); !errors.As(err, &e) || e.Reason != capture.Cut && e.Reason != capture.Packing {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// TestClose: nothing is read any more.
func TestClose(t *testing.T) {
	r, err := capture.NewReader(bytes.NewReader(ng()))
	if err != nil {
		t.Fatal(err)
	}
	for range r.All() {
		break
	}
	r.Close()
	r.Close()
	if _, err := r.Next(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
}

// TestClone: a packet that lasts.
func TestClone(t *testing.T) {
	r, err := capture.NewReader(bytes.NewReader(ng()))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := r.Next()
	c := p.Clone()
	if !c.Cut() {
		t.Error("3 octets of 60 are not all")
	}
	clear(p.Data)
	for range r.All() {
	}
	if text(c) != ngWant[0] {
		t.Error(text(c))
	}
	if p.Data = p.Data[:0]; p.Cut() != (p.Length > 0) {
		t.Error("cut")
	}
}

// TestLongNames: what a capture says about its interfaces costs little memory,
// however many there are.
func TestLongNames(t *testing.T) {
	long := bytes.Repeat([]byte("n"), 60000)
	o := binary.LittleEndian
	for _, n := range []int{255, 256, 257, 60000} {
		b := device(o, section(o, nil), 1, 0, option(o, 2, long[:n]...), option(o, 3, long[:n]...))
		r, err := capture.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		i := r.Interfaces()[0]
		if want := min(n, 256); len(i.Name) != want || len(i.Description) != want {
			t.Errorf("%d octets: kept %d and %d", n, len(i.Name), len(i.Description))
		}
		r.Close()
	}
}
