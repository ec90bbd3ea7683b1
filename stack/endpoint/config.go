package endpoint

import (
	"time"

	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire"
)

// What a zero [Config] stands for.
const (
	DefaultSockets      = 1024
	DefaultDatagrams    = 256
	DefaultOctets       = 64 << 10
	DefaultTroubles     = 16
	DefaultRecent       = 1024
	DefaultInFlight     = 2 * time.Minute
	DefaultDestinations = 64
)

// The most that a [Config] may ask for, of anything that is counted.
const maxCount = 1 << 20

// Config is how an [Endpoint] behaves. Its zero value works.
type Config struct {
	Seed uint64 // of the ports that [Endpoint.Listen] chooses, and of the table of what was sent

	Sockets   int // at most; 0: 1,024
	Datagrams int // that wait for each socket to read them; 0: 256
	Octets    int // of them together; 0: 64 KiB
	Troubles  int // kept for each socket, the oldest going first; 0: 16

	// Recent is how many sent datagrams are remembered, rounded up to a power of
	// two from 4 up; 0: 1,024. Those of one flow of UDP count as one.
	Recent int
	// InFlight is for how long; 0: two minutes. The error that takes longest to
	// come is that of a reassembly that has failed, after a minute.
	InFlight time.Duration

	Echo    bool // answer on UDP port 7 (RFC 862)
	Discard bool // take and forget on UDP port 9 (RFC 863)

	Quench       quench.Config // LEGACY: how source quench slows UDP down
	Destinations int           // slowed down at a time; 0: 64

	// Credulous recognises every quote, as hosts did before RFC 5927: for the
	// laboratory.
	Credulous bool
}

func (c *Config) fill() error {
	for _, f := range []struct {
		field string
		value *int
		def   int
	}{
		{"Sockets", &c.Sockets, DefaultSockets},
		{"Datagrams", &c.Datagrams, DefaultDatagrams},
		{"Octets", &c.Octets, DefaultOctets},
		{"Troubles", &c.Troubles, DefaultTroubles},
		{"Recent", &c.Recent, DefaultRecent},
		{"Destinations", &c.Destinations, DefaultDestinations},
	} {
		switch {
		case *f.value < 0:
			return &wire.FieldError{Type: "endpoint.Config", Field: f.field, Want: "no negative number"}
		case *f.value > maxCount:
			return &wire.FieldError{Type: "endpoint.Config", Field: f.field, Value: *f.value, Limit: maxCount}
		case *f.value == 0:
			*f.value = f.def
		}
	}
	switch {
	case c.InFlight < 0:
		return &wire.FieldError{Type: "endpoint.Config", Field: "InFlight", Want: "no negative duration"}
	case c.InFlight == 0:
		c.InFlight = DefaultInFlight
	}
	_, err := quench.New(c.Quench)
	return err
}
