//go:build !linux

package live

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/sonde-net/sonde/link/capture"
	"github.com/sonde-net/sonde/link/capture/frame"
)

// A Capture captures from an interface. There is none on this system.
type Capture struct{}

// Open returns an error that wraps [errors.ErrUnsupported].
func Open(_ string, cfg Config) (*Capture, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("live: on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// Link returns the zero link type.
func (*Capture) Link() frame.LinkType { return 0 }

// Next returns [ErrClosed].
func (*Capture) Next() (*capture.Packet, error) { return nil, ErrClosed }

// Interrupt does nothing.
func (*Capture) Interrupt() {}

// Stats returns [ErrClosed].
func (*Capture) Stats() (Stats, error) { return Stats{}, ErrClosed }

// Close does nothing.
func (*Capture) Close() error { return nil }
