//go:build linux

package kernel

import (
	"fmt"
	"runtime"

	"github.com/vishvananda/netns"
)

// Fresh calls f in a network namespace of its own, which is gone when f returns.
// What f starts as a goroutine is not in it.
func Fresh(f func() error) error {
	done := make(chan error)
	go func() {
		// The thread is not unlocked: it ends with the goroutine, and its
		// namespace with it.
		runtime.LockOSThread()
		ns, err := netns.New()
		if err != nil {
			done <- fmt.Errorf("a network namespace: %w", err)
			return
		}
		err = f()
		_ = ns.Close()
		done <- err
	}()
	return <-done
}
