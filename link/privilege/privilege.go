// Package privilege gives up what a program was allowed to do and needs no more:
// a command that has opened its sockets goes on as anybody (ping(8) does so).
package privilege

// Drop gives up all capabilities of all threads, and the user that a set-user-ID
// program was made, for good: nothing that is executed later gets them back, and
// no sockets can be opened that need them. The error is that of the system; then
// some may have been kept. Where the system has no capabilities, only the user is
// given up; on Windows nothing is.
func Drop() error { return drop() }
