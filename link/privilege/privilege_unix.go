//go:build unix && !linux

package privilege

import (
	"fmt"
	"syscall"
)

func drop() error {
	if gid := syscall.Getgid(); gid != syscall.Getegid() {
		if err := syscall.Setgid(gid); err != nil {
			return fmt.Errorf("setgid: %w", err)
		}
	}
	if uid := syscall.Getuid(); uid != syscall.Geteuid() {
		if err := syscall.Setuid(uid); err != nil {
			return fmt.Errorf("setuid: %w", err)
		}
	}
	return nil
}
