package tcpstub

import (
	"time"

	"github.com/sonde-net/sonde/stack/quench"
	"github.com/sonde-net/sonde/wire"
)

// What a zero [Config] stands for.
const (
	DefaultConns   = 64
	DefaultMSS     = 1460
	DefaultWindow  = 65535
	DefaultRTO     = time.Second
	DefaultRetries = 8
)

// Config is how a [Stub] behaves. Its zero value works.
type Config struct {
	Seed uint64 // of ports and sequence numbers

	Conns   int           // at most, those that were aborted giving way; 0: 64
	MSS     int           // octets of data in a segment at first, 1,440 at most in IPv6; 0: 1,460
	Window  int           // octets that may be in flight, 65,535 at most; 0: 65,535
	RTO     time.Duration // before something is sent again, doubled each time; 0: 1 s
	Retries int           // before a connection is given up; 0: 8

	Quench quench.Config // LEGACY: how source quench slows a connection down

	// Credulous takes addresses and ports for proof enough, and lets a hard
	// error abort every connection: for the laboratory.
	Credulous bool
}

func (c *Config) fill() error {
	for _, f := range []struct {
		field      string
		value      *int
		def, limit int
	}{
		{"Conns", &c.Conns, DefaultConns, 1 << 16},
		{"MSS", &c.MSS, DefaultMSS, 65495},
		{"Window", &c.Window, DefaultWindow, 65535},
		{"Retries", &c.Retries, DefaultRetries, 30},
	} {
		switch {
		case *f.value < 0:
			return &wire.FieldError{Type: "tcpstub.Config", Field: f.field, Want: "no negative number"}
		case *f.value > f.limit:
			return &wire.FieldError{Type: "tcpstub.Config", Field: f.field, Value: *f.value, Limit: f.limit}
		case *f.value == 0:
			*f.value = f.def
		}
	}
	switch {
	case c.RTO < 0:
		return &wire.FieldError{Type: "tcpstub.Config", Field: "RTO", Want: "no negative duration"}
	case c.RTO == 0:
		c.RTO = DefaultRTO
	}
	_, err := quench.New(c.Quench)
	return err
}
