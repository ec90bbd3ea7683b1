package mtr

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// orphaned reports whether nobody can continue the process after it was suspended:
// no shell watches over its process group, as where a terminal emulator or ssh has
// started it itself. The kernel does not stop such a group then.
func orphaned() bool {
	if signal.Ignored(syscall.SIGTSTP) {
		return true
	}
	self, ok := jobOf("self")
	for p := self; ok; {
		if p.parent == 0 { // it is in another namespace
			return true
		}
		if p, ok = jobOf(strconv.Itoa(p.parent)); !ok {
			break
		}
		switch {
		case p.session != self.session:
			return true
		case p.group != self.group:
			return false
		}
	}
	return false
}

// job is where a process belongs.
type job struct{ parent, group, session int }

// jobOf reads that of a process, proc(5).
func jobOf(pid string) (j job, ok bool) {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return j, false
	}
	text := string(b)
	state := ""
	// The name before it may have anything in it.
	_, err = fmt.Sscan(text[strings.LastIndexByte(text, ')')+1:], &state, &j.parent, &j.group, &j.session)
	return j, err == nil
}
