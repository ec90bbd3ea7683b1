package capture_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// TestErrors: what, at which packet and octet, why, in words, and how many
// packets were read before.
func TestErrors(t *testing.T) {
	one := record(little, classic(little, 0xa1b2c3d4, frame.Raw), 1, 2, []byte{1, 2, 3, 4}, 4) // 44 octets
	sec := section(little, nil)                                                                // 28
	dev := device(little, sec, frame.Raw, 0)                                                   // 48
	ngOne := packet(little, dev, 0, 1, []byte{1, 2, 3, 4}, 4)                                  // 84
	for _, b := range []*[]byte{&one, &sec, &dev, &ngOne} {
		*b = slices.Clip(*b) // appending to it makes another
	}
	patch := func(b []byte, at int, v ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], v)
		return b
	}
	huge := func(n uint32) []byte { return words(little, 1, 2, n, n) }
	for _, tt := range []struct {
		name   string
		b      []byte
		reason capture.Reason
		packet int
		offset int64
	}{
		{"nothing", nil, capture.NotCapture, 1, 0},
		{"three octets", []byte{0xd4, 0xc3, 0xb2}, capture.NotCapture, 1, 0},
		{"a text", []byte("Dear sir or madam, this is no capture"), capture.NotCapture, 1, 0},
		{"no section", patch(sec, 8, 1, 2, 3, 4), capture.NotCapture, 1, 0},
		{"magic of the other order", []byte{0xa1, 0xb2, 0xc3, 0xd5}, capture.NotCapture, 1, 0},

		{"file header cut", one[:23], capture.Cut, 1, 0},
		{"file header version", patch(one, 4, 3), capture.Version, 1, 0},
		{"packet header cut", one[:39], capture.Cut, 1, 24},
		{"packet header cut at once", one[:25], capture.Cut, 1, 24},
		{"packet cut", one[:43], capture.Cut, 1, 24},
		{"second packet cut", append(one, 1, 2, 3), capture.Cut, 2, 44},
		{"packet too long", append(one, huge(capture.MaxPacket+1)...), capture.Lie, 2, 44},
		{"longest packet cut", append(one, huge(capture.MaxPacket)...), capture.Cut, 2, 44},
		{"packet of all the world", append(one, huge(0xffffffff)...), capture.Lie, 2, 44},

		{"section cut", sec[:27], capture.Cut, 1, 0},
		{"section cut early", sec[:11], capture.Cut, 1, 0},
		{"section version", patch(sec, 12, 2), capture.Version, 1, 0},
		{"section short", patch(sec, 4, 24), capture.Lie, 1, 0},
		{"section length odd", patch(sec, 4, 29), capture.Lie, 1, 0},
		{"section length twice", patch(sec, 24, 32), capture.Lie, 1, 0},
		{"later section of no order", append(ngOne, patch(sec, 8, 1, 2, 3, 4)...), capture.Lie, 2, 84},
		{"later section cut", append(ngOne, sec[:20]...), capture.Cut, 2, 84},
		{"block cut", append(ngOne, 6, 0, 0, 0), capture.Cut, 2, 84},
		{"block cut inside", ngOne[:83], capture.Cut, 1, 48},
		{"block too short", append(ngOne, words(little, 6, 8, 8)...), capture.Lie, 2, 84},
		{"block length odd", patch(ngOne, 52, 38), capture.Lie, 1, 48},
		{"block length twice", patch(ngOne, 80, 40), capture.Lie, 1, 48},
		{"block too long", append(ngOne, words(little, 6, 1<<20+4)...), capture.Lie, 2, 84},
		{"longest block cut", append(ngOne, words(little, 6, 1<<20)...), capture.Cut, 2, 84},
		{"other block short", append(ngOne, words(little, 99, 8, 8)...), capture.Lie, 2, 84},
		{"other block odd", append(ngOne, words(little, 99, 14, 8)...), capture.Lie, 2, 84},
		{"other block cut", append(ngOne, words(little, 99, 0xfffffffc, 8)...), capture.Cut, 2, 84},
		{"other block cut at the end", append(ngOne, words(little, 99, 16, 8)...), capture.Cut, 2, 84},
		{"other block length twice", append(ngOne, words(little, 99, 16, 8, 12)...), capture.Lie, 2, 84},
		{"interface short", block(little, sec, 1, words(little, 1)), capture.Lie, 1, 28},
		{"packet block short", block(little, dev, 6, words(little, 0, 0, 0, 0)), capture.Lie, 1, 48},
		{"simple block short", block(little, dev, 3), capture.Lie, 1, 48},
		{"simple packet longer than its block", block(little, dev, 3, words(little, 5, 0)), capture.Lie, 1, 48},
		{"packet longer than its block", patch(ngOne, 68, 5), capture.Lie, 1, 48},
		{"packet of all the world, pcapng", patch(ngOne, 68, 0xff, 0xff, 0xff, 0xff), capture.Lie, 1, 48},
		{"interface unknown", patch(ngOne, 56, 1), capture.Stranger, 1, 48},
		{"interface absurd", patch(ngOne, 56, 0xff, 0xff, 0xff, 0xff), capture.Stranger, 1, 48},
		{"interface of the section before", packet(little, section(little, ngOne), 0, 1, nil, 0), capture.Stranger, 2, 112},
		{"simple without interface", block(little, sec, 3, words(little, 0)), capture.Stranger, 1, 28},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(bytes.NewReader(tt.b))
			var e *capture.Error
			if !errors.As(err, &e) || !errors.Is(err, tt.reason) {
				t.Fatalf("%v, want %v", err, tt.reason)
			}
			if e.Packet != tt.packet || e.Offset != tt.offset || e.Err != nil || len(got) != tt.packet-1 {
				t.Errorf("packet %d, octet %d, %v, after %d; want packet %d, octet %d", e.Packet, e.Offset, e.Err, len(got), tt.packet, tt.offset)
			}
		})
	}
}

// TestErrorStays: the same from then on, and after the packets before it.
func TestErrorStays(t *testing.T) {
	one := record(little, classic(little, 0xa1b2c3d4, frame.Raw), 1, 2, []byte{1}, 1)
	r, err := capture.NewReader(bytes.NewReader(append(one, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	_, first := r.Next()
	_, second := r.Next()
	if first == nil || !errors.Is(second, first) {
		t.Errorf("%v, %v", first, second)
	}
}

// TestCutEverywhere: a capture cut at any octet gives the packets before, and
// says that it was cut, or ends.
func TestCutEverywhere(t *testing.T) {
	file := record(big, record(big, classic(big, 0xa1b23c4d, frame.Raw), 1, 2, []byte{1, 2, 3}, 9), 1, 2, []byte{1}, 1)
	short := section(little, nil)
	short = device(little, short, frame.Raw, 0, option(little, 9, 9))
	short = packet(little, short, 0, 7, []byte{1}, 1, option(little, 1, 'x'))
	short = block(little, short, 99, words(little, 1, 2))
	short = packet(little, short, 0, 7, []byte{1, 2, 3, 4, 5}, 5)
	for _, b := range [][]byte{file, short} {
		whole := mustRead(t, b)
		for n := range b {
			got, err := readAll(bytes.NewReader(b[:n:n]))
			if err != nil && !errors.Is(err, capture.Cut) && (n >= 4 || !errors.Is(err, capture.NotCapture)) {
				t.Errorf("cut at %d: %v", n, err)
			}
			for i, p := range got {
				if text(p) != text(whole[i]) {
					t.Errorf("cut at %d: packet %d: %s", n, i+1, text(p))
				}
			}
		}
	}
}

// TestSystem: what the system says is passed on.
func TestSystem(t *testing.T) {
	bad := errors.New("the disk is on fire")
	one := record(little, classic(little, 0xa1b2c3d4, frame.Raw), 1, 2, []byte{1}, 1)
	for _, tt := range []struct {
		from io.Reader
		want string
	}{
		{iotest.ErrReader(bad), "capture: packet 1, octet 0: cannot be read: the disk is on fire"},
		{io.MultiReader(bytes.NewReader(one), iotest.ErrReader(bad)), "capture: packet 2, octet 41: cannot be read: the disk is on fire; the packet before is good"},
		{io.MultiReader(bytes.NewReader(one[:30]), iotest.ErrReader(bad)), "capture: packet 1, octet 24: cannot be read: the disk is on fire"},
	} {
		_, err := readAll(tt.from)
		if !errors.Is(err, bad) || !errors.Is(err, capture.System) || err.Error() != tt.want {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	if _, err := readAll(stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that reads nothing: %v", err)
	}
	if _, err := capture.Open("/nowhere/at all"); err == nil || !strings.HasPrefix(err.Error(), "capture: open /nowhere/at all: ") {
		t.Errorf("%v", err)
	}
}

// stuck reads nothing, forever.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestErrorText(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&capture.Error{Packet: 1, Reason: capture.NotCapture}, "capture: this is no capture: neither pcap nor pcapng"},
		{&capture.Error{Packet: 3, Offset: 99, Reason: capture.Cut}, "capture: packet 3, octet 99: the capture is cut off here; the 2 packets before are good"},
		{&capture.Error{Packet: 3, Offset: 99, Reason: capture.Packing}, "capture: packet 3, octet 99: cannot be unpacked; packets read before: 2"},
		{&capture.Error{Packet: 1, Offset: 0, Reason: capture.Packing}, "capture: packet 1, octet 0: cannot be unpacked"},
		{capture.Lie, "a length is wrong"},
		{capture.Reason(0), "reason 0"},
		{capture.System + 1, "reason 9"},
	} {
		if tt.err.Error() != tt.want {
			t.Errorf("%q, want %q", tt.err.Error(), tt.want)
		}
	}
}

// TestCrowd: no more interfaces than there is room for.
func TestCrowd(t *testing.T) {
	b := section(little, nil)
	for range 1 << 16 {
		b = device(little, b, frame.Raw, 0)
	}
	if _, err := readAll(bytes.NewReader(b)); err != nil {
		t.Error(err)
	}
	if _, err := readAll(bytes.NewReader(device(little, b, frame.Raw, 0))); !errors.Is(err, capture.Crowd) {
		t.Errorf("%v", err)
	}
}
