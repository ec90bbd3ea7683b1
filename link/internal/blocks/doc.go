// Package blocks is the ring that the kernel writes packets to and that is read
// in place (packet(7), TPACKET_V3): a packet costs neither a call nor an
// allocation. It is made of blocks; the kernel hands one over when it is full, or
// after ten milliseconds. Linux only.
package blocks
