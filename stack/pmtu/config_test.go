package pmtu_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/wire"
)

func TestConfig(t *testing.T) {
	for _, r := range []struct {
		name  string
		c     pmtu.Config
		field string // empty: accepted
	}{
		{"zero", pmtu.Config{}, ""},
		{"entries -1", pmtu.Config{Entries: -1}, "Entries"},
		{"entries 1", pmtu.Config{Entries: 1}, ""},
		{"entries at the limit", pmtu.Config{Entries: 1 << 20}, ""},
		{"entries over the limit", pmtu.Config{Entries: 1<<20 + 1}, "Entries"},
		{"floor 67", pmtu.Config{Floor: 67}, "Floor"},
		{"floor 68", pmtu.Config{Floor: 68}, ""},
		{"floor -1", pmtu.Config{Floor: -1}, "Floor"},
		{"floor 65535", pmtu.Config{Floor: 65535}, ""},
		{"floor 65536", pmtu.Config{Floor: 65536}, "Floor"},
		{"age -1ns", pmtu.Config{Age: -1}, "Age"},
		{"age 1ns", pmtu.Config{Age: time.Nanosecond}, ""},
	} {
		c, err := pmtu.New(r.c)
		var e *wire.FieldError
		switch {
		case r.field == "" && (err != nil || c == nil):
			t.Errorf("%s: %v", r.name, err)
		case r.field != "" && (!errors.As(err, &e) || e.Field != r.field || e.Type != "pmtu.Config" || c != nil):
			t.Errorf("%s: %v, want field %s refused", r.name, err, r.field)
		case r.field != "" && e.Want == "" && e.Value <= e.Limit:
			t.Errorf("%s: %v explains nothing", r.name, err)
		}
	}
}

// Entries are rounded up to a power of two, 8 at least.
func TestEntries(t *testing.T) {
	size := func(entries int) int {
		t.Helper()
		c, err := pmtu.New(pmtu.Config{Entries: entries})
		if err != nil {
			t.Fatal(err)
		}
		return c.Limit()
	}
	one := size(8)
	for entries, sets := range map[int]int{0: 128, 1: 1, 7: 1, 8: 1, 9: 2, 16: 2, 17: 4, 1023: 128, 1024: 128, 1025: 256} {
		if got := size(entries); got != sets*one {
			t.Errorf("%d entries: %d octets, want %d", entries, got, sets*one)
		}
	}
}
