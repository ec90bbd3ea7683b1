// Package wire holds the two errors that every codec below it returns: a
// [ParseError] for octets that are not what they should be, and a
// [FieldError] for a value that does not fit the field it is to be written to.
//
// Each of them says what was being read or written, where, and why, and never
// carries a piece of the packet. Test for a cause with [errors.Is]:
//
//	if errors.Is(err, wire.Truncated) { … the capture cut it, the sender is not to blame … }
package wire

import "strconv"

// Reason is the cause of a [ParseError]: an error of one octet, which never
// allocates and which [errors.Is] finds behind any error that wraps it.
type Reason uint8

// The reasons. Truncated and Short differ in who is to blame: a truncated
// datagram announces, by its IP header, octets that the slice does not hold, so
// a capture or a quote has cut it; a short one is all there and still less than
// its type requires, so its sender made it wrong.
const (
	Truncated Reason = iota + 1 // cut short after it was sent
	Short                       // all there, and less than its type requires
	Checksum                    // the checksum does not hold
	Version                     // a version that this format does not have
	Length                      // a length field contradicts the octets around it
	Mismatch                    // another type than the one asked for
	Value                       // a value that the field may not have
)

var reasons = [...]string{
	Truncated: "cut short by the capture or the quote",
	Short:     "shorter than its type requires",
	Checksum:  "checksum does not hold",
	Version:   "unknown version",
	Length:    "length field contradicts the octets",
	Mismatch:  "another type than the one asked for",
	Value:     "value not allowed here",
}

// Error implements error.
func (r Reason) Error() string {
	if r == 0 || int(r) >= len(reasons) {
		return "reason " + strconv.Itoa(int(r))
	}
	return reasons[r]
}

// A ParseError says that octets are not the message they were taken for.
type ParseError struct {
	Type   string // what was being read, as Go spells it: "icmp4.Echo", "ip.Header4"
	Offset int    // the octet at fault, counted from the start of what was being read
	Reason Reason
}

// Error implements error.
func (e *ParseError) Error() string {
	return e.Type + ": octet " + strconv.Itoa(e.Offset) + ": " + e.Reason.Error()
}

// Unwrap returns the reason, so that errors.Is(err, wire.Checksum) holds.
func (e *ParseError) Unwrap() error { return e.Reason }

// A FieldError says that a value does not fit the field it was to be written
// to. Whoever returns one has written nothing.
type FieldError struct {
	Type  string // what was being written, as Go spells it: "icmp4.Redirect"
	Field string // the field, as Go spells it: "Gateway"
	Value int    // the value, or its length where the field holds octets
	Limit int    // the most that the field takes
	Want  string // instead of Value and Limit, where the fault is of kind: "an IPv4 address"
}

// Error implements error.
func (e *FieldError) Error() string {
	s := e.Type + ": field " + e.Field + ": "
	if e.Want != "" {
		return s + "want " + e.Want
	}
	return s + strconv.Itoa(e.Value) + " is over the limit of " + strconv.Itoa(e.Limit)
}
