package capture

import (
	"strconv"
)

// Reason is why reading a capture stopped: an error of one octet, which
// errors.Is finds in an [Error].
type Reason uint8

// The reasons.
const (
	NotCapture Reason = iota + 1 // neither pcap nor pcapng, packed or not
	Cut                          // ends in the middle of something
	Lie                          // a length that contradicts what is around it, or the limits
	Version                      // a version of the format that is not known
	Stranger                     // a packet of an interface that was not described
	Crowd                        // more interfaces than anybody has
	Packing                      // gzip or zstd does not unpack
	System                       // the file could not be read
)

var reasons = [...]string{
	NotCapture: "this is no capture: neither pcap nor pcapng",
	Cut:        "the capture is cut off here",
	Lie:        "a length is wrong",
	Version:    "a version of the format that is not known",
	Stranger:   "a packet of an interface that was not described",
	Crowd:      "too many interfaces",
	Packing:    "cannot be unpacked",
	System:     "cannot be read",
}

// Error implements error.
func (r Reason) Error() string {
	if r == 0 || int(r) >= len(reasons) {
		return "reason " + strconv.Itoa(int(r))
	}
	return reasons[r]
}

// An Error says where reading a capture stopped, and why. The packets before it
// are good, but where unpacking failed: a checksum that is wrong comes at the end.
type Error struct {
	Packet int    // the number of the packet that could not be read; the first is 1
	Offset int64  // where it begins, or the block that is at fault, in octets of the capture, unpacked
	Reason Reason // why
	Err    error  // what the system or the unpacking said; nil: nothing
}

// Error implements error.
func (e *Error) Error() string {
	s := "capture: "
	if e.Reason != NotCapture {
		s += "packet " + strconv.Itoa(e.Packet) + ", octet " + strconv.FormatInt(e.Offset, 10) + ": "
	}
	s += e.Reason.Error()
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	switch n := e.Packet - 1; {
	case e.Reason == NotCapture, n < 1:
	case e.Reason == Packing: // which may tell late what is wrong
		s += "; packets read before: " + strconv.Itoa(n)
	case n == 1:
		s += "; the packet before is good"
	default:
		s += "; the " + strconv.Itoa(n) + " packets before are good"
	}
	return s
}

// Unwrap returns the reason, and what the system said, so that
// errors.Is(err, capture.Cut) holds.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Err}
}
