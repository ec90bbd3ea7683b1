package privilege

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

func drop() error {
	if err := setUser(); err != nil {
		return err
	}
	// Without it, a set-user-ID program that is executed later would get some back.
	if err := all(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl: %w", err)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	err := all(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0, 0, 0)
	runtime.KeepAlive(&header)
	runtime.KeepAlive(&none)
	if err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	return nil
}

// setUser gives up what a set-user-ID or set-group-ID program was made.
func setUser() error {
	if gid := syscall.Getgid(); gid != syscall.Getegid() {
		if err := syscall.Setresgid(gid, gid, gid); err != nil {
			return fmt.Errorf("setgid: %w", err)
		}
	}
	if uid := syscall.Getuid(); uid != syscall.Geteuid() {
		if err := syscall.Setresuid(uid, uid, uid); err != nil {
			return fmt.Errorf("setuid: %w", err)
		}
	}
	return nil
}

// all makes a system call on every thread: privileges are each thread's own.
func all(trap, a, b, c, d, e uintptr) error {
	if _, _, errno := psx.Syscall6(trap, a, b, c, d, e, 0); errno != 0 {
		return errno
	}
	return nil
}
