package reassembly_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire"
)

func TestConfig(t *testing.T) {
	type C = reassembly.Config
	for _, r := range []struct {
		name  string
		c     C
		field string // empty: accepted
	}{
		{"zero", C{}, ""},
		{"memory -1", C{Memory: -1}, "Memory"},
		{"memory under the least", C{Memory: 262143}, "Memory"},
		{"the least memory", C{Memory: 262144}, ""},
		{"the most memory", C{Memory: 1 << 30, Datagrams: 1}, ""},
		{"memory over the most", C{Memory: 1<<30 + 1}, "Memory"},
		{"datagrams -1", C{Datagrams: -1}, "Datagrams"},
		{"one datagram", C{Datagrams: 1}, ""},
		{"more datagrams than there is room for", C{Datagrams: 1 << 20}, "Datagrams"},
		{"the most datagrams", C{Datagrams: 1 << 20, Memory: 1 << 30}, ""},
		{"more than the most", C{Datagrams: 1<<20 + 1, Memory: 1 << 30}, "Datagrams"},
		{"share", C{Share: 1}, ""},
		{"no share", C{Share: -1}, ""},
		{"timeout -1ns", C{Timeout: -1}, "Timeout"},
		{"timeout 1ns", C{Timeout: time.Nanosecond}, ""},
	} {
		got, err := reassembly.New(r.c)
		var e *wire.FieldError
		switch {
		case r.field == "" && (err != nil || got == nil):
			t.Errorf("%s: %v", r.name, err)
		case r.field != "" && (!errors.As(err, &e) || e.Field != r.field || e.Type != "reassembly.Config" || got != nil):
			t.Errorf("%s: %v, want field %s refused", r.name, err, r.field)
		case r.field != "" && e.Want == "" && e.Value <= e.Limit:
			t.Errorf("%s: %v explains nothing", r.name, err)
		}
	}
}

// Whatever is configured, the ceiling is under Memory and near it, and the
// largest datagram has room.
func TestPlan(t *testing.T) {
	conform.Row(t, "H-10")
	for _, memory := range []int{0, 256 << 10, 300_000, 1 << 20, 4 << 20, 64 << 20} {
		r := open(t, reassembly.Config{Memory: memory})
		if memory == 0 {
			memory = 4 << 20
		}
		pool, share := r.Blocks()
		if r.Limit() > memory || r.Limit() < memory-reassembly.SlabLen*(reassembly.BlockSize+1) {
			t.Errorf("memory %d: limit %d", memory, r.Limit())
		}
		if share < 256 || share > pool || share > 256 && share != pool/4 {
			t.Errorf("memory %d: %d blocks, a share has %d", memory, pool, share)
		}
		if r.Datagrams() != memory/4096 {
			t.Errorf("memory %d: %d datagrams, want %d", memory, r.Datagrams(), memory/4096)
		}
	}
	pool, _ := open(t, reassembly.Config{}).Blocks()
	for share, want := range map[int]int{
		-1: pool, 1: 256, 257*reassembly.BlockSize - 1: 256, 257 * reassembly.BlockSize: 257, 1 << 30: pool,
	} {
		if _, got := open(t, reassembly.Config{Share: share}).Blocks(); got != want {
			t.Errorf("share %d: %d blocks, want %d", share, got, want)
		}
	}
}

// There is a list for each datagram, in a number that is a power of two.
func TestBuckets(t *testing.T) {
	for n, want := range map[int]int{0: 1024, 1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 1023: 1024, 1024: 1024, 1025: 2048} {
		if got := open(t, reassembly.Config{Datagrams: n}).Buckets(); got != want {
			t.Errorf("%d datagrams: %d lists, want %d", n, got, want)
		}
	}
}

// Datagrams are limited by what Memory has room for, exactly.
func TestMostDatagrams(t *testing.T) {
	ok := func(n int) bool {
		_, err := reassembly.New(reassembly.Config{Memory: reassembly.MinMemory, Datagrams: n})
		return err == nil
	}
	low, high := 1, 1<<20
	for high-low > 1 {
		if mid := (low + high) / 2; ok(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	r := open(t, reassembly.Config{Memory: reassembly.MinMemory, Datagrams: low})
	if pool, _ := r.Blocks(); pool != 256 {
		t.Errorf("%d datagrams leave %d blocks, want 256", low, pool)
	}
	if r.Limit() > reassembly.MinMemory {
		t.Errorf("limit %d", r.Limit())
	}
}
