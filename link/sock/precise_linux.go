package sock

import "github.com/sonde-net/sonde/link/sock/internal/kernel"

// Precise makes the waits of the calling thread as exact as the system can, and
// returns what makes them as they were. The goroutine has to be locked to its
// thread meanwhile.
func Precise() (restore func()) { return kernel.Precise() }
