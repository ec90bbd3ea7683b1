//go:build !linux

package kernel

import (
	"errors"
	"fmt"
)

// Fresh is of Linux.
func Fresh(func() error) error {
	return fmt.Errorf("network namespaces: %w", errors.ErrUnsupported)
}
