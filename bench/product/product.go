// Package product has the command that is measured.
package product

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Path returns the path of the command: of the one that is named, or without a name
// of one that is built into dir as `make build` does. The working directory is
// that of this module.
func Path(named, dir string) (string, error) {
	if named != "" {
		return filepath.Abs(named)
	}
	path := filepath.Join(dir, "sonde")
	c := exec.Command("go", "build", "-o", path, "./cmd/sonde")
	c.Dir = ".." // by what that module needs
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
}
