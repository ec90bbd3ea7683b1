package checksum_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/wire/checksum"
)

// A sender sums the message with its checksum field at zero; a receiver sums
// all of it.
func ExampleOf() {
	echo := []byte{8, 0, 0, 0, 0, 1, 0, 1, 'p', 'i', 'n', 'g', '!'}
	binary.BigEndian.PutUint16(echo[2:], checksum.Of(echo))
	fmt.Printf("%x %v\n", echo[2:4], checksum.Valid(echo))
	echo[12] = '?'
	fmt.Println(checksum.Valid(echo))
	// Output:
	// f82c true
	// false
}

// The words of RFC 1071 §3, summed in two parts.
func ExampleSum() {
	sum := checksum.Sum([]byte{0x00, 0x01, 0xf2, 0x03}, 0)
	sum = checksum.Sum([]byte{0xf4, 0xf5, 0xf6, 0xf7}, sum)
	fmt.Printf("%#04x\n", sum)
	// Output: 0xddf2
}

// A gateway lowers the TTL and mends the header checksum without summing the
// header again.
func ExampleUpdate() {
	header := []byte{
		0x45, 0, 0, 0x54, 0, 0, 0x40, 0, 64, 1, 0x26, 0xa7,
		10, 0, 0, 1, 10, 0, 0, 2,
	}
	old := binary.BigEndian.Uint16(header[8:])
	header[8]--
	check := binary.BigEndian.Uint16(header[10:])
	check = checksum.Update(check, old, binary.BigEndian.Uint16(header[8:]))
	binary.BigEndian.PutUint16(header[10:], check)
	fmt.Printf("%#04x %v\n", check, checksum.Valid(header))
	// Output: 0x27a7 true
}

// An address translator mends the checksum for the address that it replaced.
func ExampleUpdate32() {
	fmt.Printf("%#04x\n", checksum.Update32(0x26a7, 0x0a000001, 0xc0000207))
	// Output: 0x6ea0
}

// An ICMPv6 checksum covers the pseudo-header too.
func ExamplePseudo6() {
	src, dst := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fe80::2")
	echo := []byte{128, 0, 0, 0, 0, 1, 0, 1}
	check := ^checksum.Sum(echo, checksum.Pseudo6(src, dst, 58, uint32(len(echo))))
	fmt.Printf("%#04x\n", check)
	// Output: 0x82b6
}

// The sum of the pseudo-header stays for as long as the length does, so it can
// be kept and combined with the sum of each message.
func ExampleCombine() {
	src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	udp := []byte{0x82, 0x9a, 0x82, 0x9b, 0, 8, 0, 0}
	pseudo := checksum.Pseudo4(src, dst, 17, 8)
	fmt.Printf("%#04x\n", ^checksum.Combine(pseudo, checksum.Sum(udp, 0)))
	// Output: 0x76a4
}
