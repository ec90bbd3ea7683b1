package listen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// TestWriteKeeps: a file that is to be written keeps what it has until there is
// something to read, and none is left behind where there is nothing.
func TestWriteKeeps(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("this is no capture at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	kept, fresh := filepath.Join(dir, "kept"), filepath.Join(dir, "fresh")
	for name, args := range map[string][]string{
		"no file":      {filepath.Join(dir, "nobody")},
		"no capture":   {text},
		"no input":     {"-"},
		"no interface": {"-i", "no-such-interface"},
	} {
		if err := os.WriteFile(kept, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{kept, fresh} {
			code, _, errs := run(t, strings.NewReader(""), append(args, "-w", path)...)
			if code != 2 || strings.Count(errs, "\n") != 1 {
				t.Errorf("%s: status %d: %s", name, code, errs)
			}
		}
		if b, err := os.ReadFile(kept); err != nil || string(b) != "precious" {
			t.Errorf("%s: %d octets, %v", name, len(b), err)
		}
		if _, err := os.Stat(fresh); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: a file is left: %v", name, err)
		}
	}
	if code, _, errs := run(t, nil, laboratory(t, "echo"), "-w", filepath.Join(dir, "nobody", "x")); code != 2 || !strings.Contains(errs, "no such file") {
		t.Errorf("no directory: %d, %s", code, errs)
	}
}

// TestWriteReplaces: nothing of what the file had before is behind the capture.
func TestWriteReplaces(t *testing.T) {
	file := laboratory(t, "echo")
	dir := t.TempDir()
	long, short := filepath.Join(dir, "long"), filepath.Join(dir, "short")
	if err := os.WriteFile(long, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{long, short} {
		if code, _, errs := run(t, nil, file, "-q", "-w", path); code != 0 {
			t.Fatal(errs)
		}
	}
	a, err := os.ReadFile(long)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(short); err != nil || len(b) == 0 || !bytes.Equal(a, b) {
		t.Errorf("%d and %d octets, %v", len(a), len(b), err)
	}
}

// written makes a capture of packets.
func written(t *testing.T, all ...capture.Packet) string {
	t.Helper()
	var b bytes.Buffer
	w := capture.NewWriter(&b, "")
	for i := range all {
		if err := w.Write(&all[i], ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.pcapng")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWhatIsNotRead: a link type that nobody knows is not called something else,
// and JSON has all that the text has.
func TestWhatIsNotRead(t *testing.T) {
	arp := append(make([]byte, 12), 8, 6, 0, 1)
	file := written(t,
		capture.Packet{Link: 105, Data: make([]byte, 40)},
		capture.Packet{Link: 105, Data: make([]byte, 40)},
		capture.Packet{Link: frame.Ethernet, Data: arp},
		capture.Packet{Link: frame.Ethernet, Data: make([]byte, 5), Length: 60},
	)
	_, out, _ := run(t, nil, file, "-q", "--lang", "en")
	if want := "0 datagrams, 0 ICMP messages, 1 not IP, 2 of a link type that is not known, 1 cut\n"; !strings.HasPrefix(out, want) {
		t.Errorf("%q", out)
	}
	_, out, _ = run(t, nil, file, "--json")
	var v struct {
		Packets, Cut int
		NotIP        int `json:"not_ip"`
		Unknown      int `json:"unknown_link"`
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Packets != 4 || v.NotIP != 1 || v.Unknown != 2 || v.Cut != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestPercentiles: they are never outside of what there was.
func TestPercentiles(t *testing.T) {
	r, err := capture.Open(laboratory(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var all []capture.Packet
	for len(all) < 2 { // the request, and the reply in packet 3
		p, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if p.Number == 2 {
			continue
		}
		p.Interface = 0
		p.Time = time.Unix(1000, 0).Add(time.Duration(len(all)) * 1001 * time.Millisecond)
		all = append(all, *p.Clone())
	}
	_, out, _ := run(t, nil, written(t, all...), "--json")
	_, last, _ := strings.Cut(out, `"times":`)
	if want := `"min_ns":1001000000,"avg_ns":1001000000,"median_ns":1001000000,"p95_ns":1001000000,"max_ns":1001000000`; !strings.Contains(last, want) {
		t.Errorf("%s", last)
	}
}
