package mib

import "strconv"

// Version is the IP version that a row of the MIB is about, the index
// ipSystemStatsIPVersion. It indexes the arrays of [Counters].
type Version uint8

// The versions.
const (
	IPv4 Version = iota
	IPv6

	numVersions
)

// String returns the version as the MIB's InetVersion spells it.
func (v Version) String() string {
	switch v {
	case IPv4:
		return "ipv4"
	case IPv6:
		return "ipv6"
	}
	return "version " + strconv.Itoa(int(v))
}

// Counter is an object of ipSystemStatsTable, or the object of the same name
// of ipIfStatsTable (RFC 4293 §5). It indexes [IP].
type Counter uint8

// The objects in the order of the MIB. Packets are datagrams; octets include
// the IP header and exclude the link's.
const (
	InReceives       Counter = iota // all that arrived, those in error too
	InOctets                        // the octets of InReceives
	InHdrErrors                     // header wrong: version, length, checksum, options, TTL expired
	InNoRoutes                      // no route to forward by
	InAddrErrors                    // an address that may not be received or used here
	InUnknownProtos                 // for this node, and no such protocol
	InTruncatedPkts                 // fewer octets than the header announces
	InForwDatagrams                 // for someone else: an attempt to forward was made
	ReasmReqds                      // fragments that needed reassembly
	ReasmOKs                        // datagrams reassembled
	ReasmFails                      // reassemblies that failed, for whatever reason
	InDiscards                      // nothing wrong, and dropped: no room, policy
	InDelivers                      // handed to an upper layer, ICMP included
	OutRequests                     // asked for by an upper layer, ICMP included; not forwarded ones
	OutNoRoutes                     // made here, and no route
	OutForwDatagrams                // forwarded: a route was found
	OutDiscards                     // nothing wrong, and not sent: no room, no neighbour
	OutFragReqds                    // needed fragmentation
	OutFragOKs                      // were fragmented
	OutFragFails                    // needed it, and could not be: DF set, or IPv6 in transit
	OutFragCreates                  // fragments made
	OutTransmits                    // handed to a link
	OutOctets                       // the octets of OutTransmits
	InMcastPkts                     // arrived for a multicast address
	InMcastOctets                   // their octets
	OutMcastPkts                    // sent to a multicast address
	OutMcastOctets                  // their octets
	InBcastPkts                     // arrived for a broadcast address; IPv4 alone
	OutBcastPkts                    // sent to a broadcast address; IPv4 alone

	numCounters
)

var counterNames = [numCounters]string{
	InReceives:       "InReceives",
	InOctets:         "InOctets",
	InHdrErrors:      "InHdrErrors",
	InNoRoutes:       "InNoRoutes",
	InAddrErrors:     "InAddrErrors",
	InUnknownProtos:  "InUnknownProtos",
	InTruncatedPkts:  "InTruncatedPkts",
	InForwDatagrams:  "InForwDatagrams",
	ReasmReqds:       "ReasmReqds",
	ReasmOKs:         "ReasmOKs",
	ReasmFails:       "ReasmFails",
	InDiscards:       "InDiscards",
	InDelivers:       "InDelivers",
	OutRequests:      "OutRequests",
	OutNoRoutes:      "OutNoRoutes",
	OutForwDatagrams: "OutForwDatagrams",
	OutDiscards:      "OutDiscards",
	OutFragReqds:     "OutFragReqds",
	OutFragOKs:       "OutFragOKs",
	OutFragFails:     "OutFragFails",
	OutFragCreates:   "OutFragCreates",
	OutTransmits:     "OutTransmits",
	OutOctets:        "OutOctets",
	InMcastPkts:      "InMcastPkts",
	InMcastOctets:    "InMcastOctets",
	OutMcastPkts:     "OutMcastPkts",
	OutMcastOctets:   "OutMcastOctets",
	InBcastPkts:      "InBcastPkts",
	OutBcastPkts:     "OutBcastPkts",
}

// String returns the object's name without the name of its table:
// "InReceives".
func (k Counter) String() string {
	if k >= numCounters {
		return "counter " + strconv.Itoa(int(k))
	}
	return counterNames[k]
}

// exists reports whether the MIB has the object for the version.
func (k Counter) exists(v Version) bool {
	return v == IPv4 || k != InBcastPkts && k != OutBcastPkts
}
