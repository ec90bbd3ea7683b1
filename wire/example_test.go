package wire_test

import (
	"errors"
	"fmt"

	"github.com/sonde-net/sonde/wire"
)

// read stands for any of the codecs: what they return can be asked like this.
func read(b []byte) error {
	if len(b) < 8 {
		return &wire.ParseError{Type: "icmp4.Echo", Offset: len(b), Reason: wire.Truncated}
	}
	return nil
}

// The cause of an error is asked for by errors.Is; where it shows stands in the
// error.
func ExampleParseError() {
	err := fmt.Errorf("packet 7: %w", read([]byte{8, 0, 0, 0}))
	fmt.Println(err)
	if errors.Is(err, wire.Truncated) {
		fmt.Println("the capture cut it, the sender is not to blame")
	}
	var at *wire.ParseError
	if errors.As(err, &at) {
		fmt.Println(at.Type, at.Offset)
	}
	// Output:
	// packet 7: icmp4.Echo: octet 4: cut short by the capture or the quote
	// the capture cut it, the sender is not to blame
	// icmp4.Echo 4
}
