// Package portable is the sockets of systems other than Linux, by what package
// golang.org/x/net has for all of them: echo, and with privileges the rest of ICMP
// and UDP. On Linux it is empty.
package portable
