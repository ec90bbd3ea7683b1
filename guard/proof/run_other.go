//go:build !linux

package proof

import (
	"context"
	"errors"
	"fmt"
)

// Run is of Linux.
func Run(context.Context, Config) (*Report, error) {
	return nil, fmt.Errorf("network namespaces: %w", errors.ErrUnsupported)
}
