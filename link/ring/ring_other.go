//go:build !linux

package ring

import (
	"errors"
	"time"
)

// Link is an interface; there is none on this system.
type Link struct{}

// Find returns [errors.ErrUnsupported].
func Find([]Range, RouteOptions) (Way, error) { return Way{}, errors.ErrUnsupported }

// Open returns [errors.ErrUnsupported].
func Open(Options) (*Link, error) { return nil, errors.ErrUnsupported }

// Engine returns how datagrams leave.
func (*Link) Engine() Engine { return Auto }

// Batch returns how many datagrams may be queued before they are flushed.
func (*Link) Batch() int { return batch }

// Queue does nothing.
func (*Link) Queue([]byte) {}

// Flush returns [errors.ErrUnsupported].
func (*Link) Flush() (int, error) { return 0, errors.ErrUnsupported }

// Receive returns [errors.ErrUnsupported].
func (*Link) Receive(func(time.Time, []byte)) (int, error) { return 0, errors.ErrUnsupported }

// WaitReceive returns [errors.ErrUnsupported].
func (*Link) WaitReceive(time.Duration) error { return errors.ErrUnsupported }

// WaitSend returns [errors.ErrUnsupported].
func (*Link) WaitSend(time.Time) error { return errors.ErrUnsupported }

// InterruptSend does nothing.
func (*Link) InterruptSend() {}

// InterruptReceive does nothing.
func (*Link) InterruptReceive() {}

// Counters returns nothing.
func (*Link) Counters() Counters { return Counters{} }

// Close does nothing.
func (*Link) Close() error { return nil }
