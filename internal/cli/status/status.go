// Package status is how a command ends: with an exit status of its own, as
// ping(8) and traceroute(8) have them.
package status

import (
	"errors"
	"fmt"
)

// Exit statuses, as ping(8) has them.
const (
	OK     = 0 // it worked
	Nobody = 1 // it worked, and the answer is no
	Failed = 2 // it did not work
)

// No ends a command with status 1; what there is to say has been said.
var No = &Exit{Code: Nobody} //nolint:errname // it reads as the answer it is

// Exit is an error that has an exit status of its own.
type Exit struct {
	Code int
	Err  error // what is to be said; nil: nothing more
}

// Error implements error.
func (e *Exit) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns what is to be said.
func (e *Exit) Unwrap() error { return e.Err }

// Of returns the exit status of a command that ended with err, and what is to be
// said of it; nil: nothing.
func Of(err error) (int, error) {
	var e *Exit
	switch {
	case err == nil:
		return OK, nil
	case errors.As(err, &e):
		return e.Code, e.Err
	}
	return Failed, err
}
