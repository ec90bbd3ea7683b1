//go:build !linux

package tun

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// A Device is an open TUN device. There is none on this system.
type Device struct{}

// Open returns an error that wraps [errors.ErrUnsupported].
func Open(name string, _ Setup) (*Device, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("tun: on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// Name returns "".
func (*Device) Name() string { return "" }

// Receive returns [ErrClosed].
func (*Device) Receive([]byte) (int, bool, error) { return 0, false, ErrClosed }

// Send returns [ErrClosed].
func (*Device) Send([]byte) error { return ErrClosed }

// Wait returns [ErrClosed].
func (*Device) Wait(time.Time) error { return ErrClosed }

// Interrupt does nothing.
func (*Device) Interrupt() {}

// Close does nothing.
func (*Device) Close() error { return nil }
