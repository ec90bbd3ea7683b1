// Package content finds what shows in the octets: tunnels in echo data, and
// fragments that don't fit together.
package content
