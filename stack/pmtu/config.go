package pmtu

import (
	"time"

	"github.com/sonde-net/sonde/wire"
)

// The smallest datagrams that every link must take whole, in octets.
const (
	Min4 = 68   // IPv4 (RFC 791 §3.2, RFC 1191 §3)
	Min6 = 1280 // IPv6 (RFC 8200 §5)
)

// What the zero values of a [Config] stand for.
const (
	DefaultEntries = 1024
	DefaultFloor   = 552 // a segment of 512 octets behind two headers of 20
	DefaultAge     = 10 * time.Minute
)

// MaxEntries is the most entries that a cache may have.
const MaxEntries = 1 << 20

// Config says how large the cache is, how low it goes and how long it
// remembers. Its zero value is the default.
type Config struct {
	// Entries is how many destinations it remembers; 0: [DefaultEntries]. It is
	// rounded up to a power of two, 8 at least. A full cache forgets an estimate
	// that is about as old as any.
	Entries int
	// Floor is the smallest IPv4 estimate in octets; 0: [DefaultFloor]; at least
	// [Min4]. IPv6 has [Min6].
	Floor int
	// Age is how long an estimate holds; 0: [DefaultAge]. RFC 1191 §6.3 wants
	// five minutes at least.
	Age time.Duration
	// Seed keys the table, so that nobody outside can choose destinations that
	// displace each other.
	Seed uint64
}

func (c Config) check() error {
	switch {
	case c.Entries < 0:
		return &wire.FieldError{Type: "pmtu.Config", Field: "Entries", Want: "zero or more"}
	case c.Entries > MaxEntries:
		return &wire.FieldError{Type: "pmtu.Config", Field: "Entries", Value: c.Entries, Limit: MaxEntries}
	case c.Floor != 0 && c.Floor < Min4:
		return &wire.FieldError{Type: "pmtu.Config", Field: "Floor", Want: "zero, or 68 octets at least"}
	case c.Floor > plateaus[0]:
		return &wire.FieldError{Type: "pmtu.Config", Field: "Floor", Value: c.Floor, Limit: plateaus[0]}
	case c.Age < 0:
		return &wire.FieldError{Type: "pmtu.Config", Field: "Age", Want: "zero or more"}
	}
	return nil
}
