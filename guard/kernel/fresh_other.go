//go:build !linux

package kernel

import (
	"errors"
	"fmt"
)

// Fresh is of Linux.
func Fresh(func() error) error {
	return fmt.Errorf("guard: network namespaces: %w", errors.ErrUnsupported)
}
