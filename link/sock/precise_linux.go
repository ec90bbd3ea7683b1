package sock

import "github.com/sonde-net/sonde/link/sock/internal/kernel"

// Precise makes the waits of the calling thread as exact as the system can, and
// returns what makes those of the thread it is called on as they were.
func Precise() (restore func()) { return kernel.Precise() }
