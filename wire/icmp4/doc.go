// Package icmp4 reads and writes every message of the Internet Control Message
// Protocol for IPv4: those of RFC 792 and all that came after it, deprecated
// ones included.
//
//go:generate go run github.com/sonde-net/sonde/internal/registry/gen
package icmp4
