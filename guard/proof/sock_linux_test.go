package proof

import (
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWait: a wait ends when nothing has come for a while, however many signals the
// thread gets meanwhile.
func TestWait(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if err := unix.Send(pair[1], []byte("one"), 0); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const quiet = 50 * time.Millisecond
	thread, begin := unix.Gettid(), time.Now()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		// A minute of signals is long beside the wait.
		for tick := time.NewTicker(quiet / 25); time.Since(begin) < time.Minute; {
			select {
			case <-tick.C:
				_ = unix.Tgkill(os.Getpid(), thread, unix.SIGURG)
			case <-done:
				return
			}
		}
	}()
	var got []string
	err = wait(pair[0], make([]byte, 16), func(b []byte) { got = append(got, string(b)) }, quiet)
	d := time.Since(begin)
	close(done)
	<-ended
	if err != nil || len(got) != 1 || got[0] != "one" || d < quiet || d >= time.Minute {
		t.Errorf("%q in %v, %v", got, d, err)
	}
}
