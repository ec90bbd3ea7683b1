// Package mib counts what a node does, under the names of the IP-MIB (RFC
// 4293), and gives a name to every way in which a node drops a datagram.
//
// [Counters] is one plain value: its zero value is ready, an assignment is a
// snapshot, [Counters.Sub] is what happened between two of them,
// [Counters.All] lists it by name. Counting allocates nothing. Like everything
// inside a machine it is not safe for concurrent use.
//
// A [Drop] is why a datagram went no further, or why an error was not sent. It
// knows the row of docs/requirements.md that it stands for and the object of
// the MIB that counts it, so a node says once what happened, with
// [Counters.Drop], and all counts agree.
//
// The values are 64 bits wide: they are the HC objects of the MIB, and their
// low 32 bits are the plain ones. The names are those of the plain objects.
//
// To add a reason: its constant in drop.go, its line in the table in reasons.go.
package mib
