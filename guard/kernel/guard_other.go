//go:build !linux

package kernel

import (
	"errors"
	"os"
)

func lock(*os.File) error { return errors.ErrUnsupported }

type fallback struct{}

func (a Application) guard(string, *os.File) (*fallback, error) { return nil, errors.ErrUnsupported }

func (*fallback) release() {}

func (*fallback) fall() {}
