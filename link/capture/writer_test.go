package capture_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
	"github.com/sonde-net/sonde/wire"
)

// write is a file of these packets, each with its comment.
func write(t *testing.T, packets []*capture.Packet, comments ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := capture.NewWriter(&b, "a test")
	for i, p := range packets {
		comment := ""
		if i < len(comments) {
			comment = comments[i]
		}
		if err := w.Write(p, comment); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWriteBack: what was read and written is read again the same, each link
// type, interface, direction and length kept.
func TestWriteBack(t *testing.T) {
	conform.Row(t, "A-01")
	first := mustRead(t, ng())
	var comments []string
	for _, p := range first {
		comments = append(comments, p.Comment())
	}
	b := write(t, first, comments...)
	again := mustRead(t, b)
	for i, p := range again {
		want := *first[i]
		if want.Time.IsZero() {
			want.Time = time.Unix(0, 0).UTC()
		}
		if p.Interface != []int{0, 1, 0, 2, 2, 2}[i] || p.Link != want.Link || p.Name != want.Name || !p.Time.Equal(want.Time) ||
			!bytes.Equal(p.Data, want.Data) || p.Length != want.Length || p.Direction != want.Direction || p.Comment() != want.Comment() {
			t.Errorf("%s\nwant %s", text(p), text(&want))
		}
	}
	if third := write(t, again, comments...); !bytes.Equal(third, b) {
		t.Errorf("written again:\n%x\nwant\n%x", third, b)
	}
}

// TestWrite, octet by octet.
func TestWrite(t *testing.T) {
	p := &capture.Packet{
		Time: time.Unix(0x100, 7), Link: frame.Cooked2, Interface: 9, Name: "eth0",
		Direction: frame.Broadcast, Data: []byte{1, 2, 3, 4, 5}, Length: 0x102,
	}
	want := wiretest.Octets(t, `
		0a0d0d0a 2c000000 4d3c2b1a 01000000 ffffffff ffffffff 04000600 612074657374 0000 00000000 2c000000
		01000000 28000000 14010000 00000000 02000400 65746830 09000100 09000000 00000000 28000000
		06000000 40000000 00000000 3b000000 07b02d8e 05000000 02010000 0102030405 000000
			02000400 0d000000 01000500 68656c6c6f 000000 00000000 40000000`)
	stamp := uint64(0x100)*1e9 + 7
	copy(want[44+40+12:], words(little, uint32(stamp>>32), uint32(stamp)))
	if got := write(t, []*capture.Packet{p}, "hello"); !bytes.Equal(got, want) {
		t.Errorf("\n%x\nwant\n%x", got, want)
	}
	if got := write(t, nil); !bytes.Equal(got, want[:44]) {
		t.Errorf("nothing:\n%x", got)
	}
}

// TestDirections come back.
func TestDirections(t *testing.T) {
	var all []*capture.Packet
	for d := frame.Unknown; d <= frame.Outbound; d++ {
		all = append(all, &capture.Packet{Direction: d})
	}
	for i, p := range mustRead(t, write(t, all)) {
		if p.Direction != frame.Direction(i) {
			t.Errorf("%v, want %v", p.Direction, frame.Direction(i))
		}
	}
}

// TestWriteLimits: what the format has room for, and what not.
func TestWriteLimits(t *testing.T) {
	for _, tt := range []struct {
		p     capture.Packet
		field string
	}{
		{capture.Packet{Data: make([]byte, capture.MaxPacket)}, ""},
		{capture.Packet{Data: make([]byte, capture.MaxPacket+1)}, "Data"},
		{capture.Packet{Length: math.MaxUint32}, ""},
		{capture.Packet{Length: math.MaxUint32 + 1}, "Length"},
	} {
		var b bytes.Buffer
		w := capture.NewWriter(&b, "")
		err := w.Write(&tt.p, "")
		var fe *wire.FieldError
		if (tt.field == "") != (err == nil) || err != nil && (!errors.As(err, &fe) || fe.Field != tt.field) {
			t.Errorf("%d of %d: %v", len(tt.p.Data), tt.p.Length, err)
		}
		if tt.field == "" {
			w.Flush()
			if got := mustRead(t, b.Bytes()); len(got) != 1 || got[0].Length != max(len(tt.p.Data), tt.p.Length) {
				t.Errorf("%d of %d", len(got[0].Data), got[0].Length)
			}
		}
	}
	for _, tt := range []struct{ at, want time.Time }{
		{time.Time{}, time.Unix(0, 0)},
		{time.Unix(-1, 5), time.Unix(0, 0)},
		{time.Unix(0, 0), time.Unix(0, 0)},
		{time.Unix(18446744072, 999999999), time.Unix(18446744072, 999999999)},
		{time.Unix(18446744073, 0), time.Unix(18446744073, 709551615)},
		{time.Unix(1<<40, 0), time.Unix(18446744073, 709551615)},
	} {
		if got := mustRead(t, write(t, []*capture.Packet{{Time: tt.at}})); !got[0].Time.Equal(tt.want) {
			t.Errorf("%v: %v, want %v", tt.at, got[0].Time, tt.want)
		}
	}
	for _, tt := range []struct{ comment, want string }{
		{strings.Repeat("é", capture.MaxComment/2), strings.Repeat("é", capture.MaxComment/2)},
		{"x" + strings.Repeat("é", capture.MaxComment/2), "x" + strings.Repeat("é", capture.MaxComment/2-1)},
		{strings.Repeat("x", capture.MaxComment+1), strings.Repeat("x", capture.MaxComment)},
		{strings.Repeat("\x80", capture.MaxComment+1), ""},
	} {
		if got := mustRead(t, write(t, []*capture.Packet{{}}, tt.comment))[0].Comment(); got != tt.want {
			t.Errorf("%d octets, %d octets come back", len(tt.comment), len(got))
		}
	}
	w := capture.NewWriter(io.Discard, "")
	for i := range 1<<16 + 1 {
		err := w.Write(&capture.Packet{Interface: i}, "")
		if (err != nil) != (i == 1<<16) {
			t.Fatalf("interface %d: %v", i, err)
		}
	}
	if err := w.Write(&capture.Packet{Interface: 5}, ""); err != nil {
		t.Errorf("one that is known: %v", err)
	}
}

// TestWriteFails with the writer.
func TestWriteFails(t *testing.T) {
	w := capture.NewWriter(iotest.TruncateWriter(failing{}, 0), "")
	if err := w.Write(&capture.Packet{}, ""); err != nil {
		t.Fatal(err) // it is in the buffer
	}
	_ = w.Flush()
	w = capture.NewWriter(failing{}, "")
	var err error
	for range 3 {
		err = w.Write(&capture.Packet{Data: make([]byte, 60_000)}, "")
	}
	if !errors.Is(err, io.ErrClosedPipe) || !errors.Is(w.Flush(), io.ErrClosedPipe) {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteAllocates(t *testing.T) {
	w := capture.NewWriter(io.Discard, "")
	p := &capture.Packet{Data: make([]byte, 60), Name: "eth0", Direction: frame.Inbound}
	if err := w.Write(p, "hello"); err != nil {
		t.Fatal(err)
	}
	wiretest.NoAllocs(t, "write", func() { _ = w.Write(p, "hello") })
}

// TestDescribe: interfaces that no packet comes from are in the file, too, in the
// order in which they were described, and once.
func TestDescribe(t *testing.T) {
	var b bytes.Buffer
	w := capture.NewWriter(&b, "")
	describe := func(n int, link capture.LinkType, name string) {
		t.Helper()
		if err := w.Describe(n, link, name); err != nil {
			t.Fatal(err)
		}
	}
	describe(7, frame.Raw, "a")
	describe(8, frame.Ethernet, "b")
	describe(7, frame.Raw, "a")
	describe(7, frame.Ethernet, "a")
	p := &capture.Packet{Interface: 8, Link: frame.Ethernet, Name: "b", Data: []byte{1, 2, 3}}
	other := &capture.Packet{Interface: 9, Link: frame.Raw, Data: []byte{4}}
	for _, p := range []*capture.Packet{p, other, p} {
		if err := w.Write(p, ""); err != nil {
			t.Fatal(err)
		}
	}
	describe(9, frame.Raw, "")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var from []int
	for p, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		from = append(from, p.Interface)
	}
	var got []string
	for _, i := range r.Interfaces() {
		got = append(got, i.Name+" "+i.Link.String())
	}
	if want := []string{"a raw IP", "b Ethernet", "a Ethernet", " raw IP"}; !slices.Equal(got, want) {
		t.Errorf("interfaces %q, want %q", got, want)
	}
	if !slices.Equal(from, []int{1, 3, 1}) {
		t.Errorf("packets of %v", from)
	}
}

// TestDescribeOnly: a file without a packet has its interfaces.
func TestDescribeOnly(t *testing.T) {
	var b bytes.Buffer
	w := capture.NewWriter(&b, "")
	if err := w.Describe(0, frame.Raw, "only"); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Next(); !errors.Is(err, io.EOF) || len(r.Interfaces()) != 1 || r.Interfaces()[0].Name != "only" {
		t.Errorf("%v: %v", r.Interfaces(), err)
	}
}

// TestDescribeErrors: there are as many interfaces as a reader takes, and not one
// more; what the file does not take shows in the end.
func TestDescribeErrors(t *testing.T) {
	w := capture.NewWriter(io.Discard, "")
	for n := range 1 << 16 {
		if err := w.Describe(n, frame.Raw, ""); err != nil {
			t.Fatalf("interface %d: %v", n, err)
		}
	}
	var field *wire.FieldError
	err := w.Describe(1<<16, frame.Raw, "")
	if !errors.As(err, &field) || field.Field != "Interface" || field.Value != 1<<16+1 || field.Limit != 1<<16 {
		t.Errorf("one more: %v", err)
	}
	if err := w.Describe(5, frame.Raw, ""); err != nil {
		t.Errorf("one that there is: %v", err)
	}
	broken := errors.New("broken")
	w = capture.NewWriter(brokenWriter{broken}, "")
	err = w.Describe(0, frame.Raw, strings.Repeat("x", 1000))
	if err = errors.Join(err, w.Flush()); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }
