// Package field divides an ICMP message, the headers around it and the datagram
// that it quotes into fields: where each stands, what it is called, its value and
// what that means, in English and in French.
//
// A [Page] collects the fields; a [Sheet] is one layer of the octets, from which
// they are taken. Octets that are not there make no fields, and one that is cut
// is entered as far as it goes.
//
// The fixed part of a message is a line in layouts4 or layouts6. Names of fields
// and meanings of values are in package words.
package field
