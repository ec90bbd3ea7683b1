// Package mld reads and writes what stands inside the messages of multicast
// listener discovery for IPv6 (RFC 2710, RFC 9777): lists of addresses, the
// records of a report, the codes that stand for a time. The messages themselves
// are those of icmp6.
//
//	for r, err := range mld.Records(report.Records) {
//		if err != nil { … }
//		for src := range mld.Addrs(r.Sources) { … }
//	}
//
// Slices in what is read alias the octets it was read from. Errors are those of
// package wire.
package mld
