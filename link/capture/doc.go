// Package capture reads and writes captures of packets.
//
//	r, err := capture.Open("trouble.pcapng.gz")
//	for p, err := range r.All() {
//		datagram, meta, err := frame.Decode(p.Link, p.Data)
//	}
//
// [Open] and [NewReader] take what there is, told apart by its first octets:
// pcap in both byte orders, with micro- or nanoseconds; pcapng
// (draft-ietf-opsawg-pcapng) with any number of sections and interfaces; each
// of them plain or packed by gzip (RFC 1952) or zstd (RFC 8878). A [Writer]
// writes pcapng, with a comment on a packet where there is something to say.
//
// link/capture/frame finds the datagram in a packet, link/capture/fragments puts
// fragments together, link/capture/filter chooses, link/capture/live captures
// from an interface.
//
// Memory does not depend on the length of a capture, nor on what it says about
// lengths, and reading a packet allocates nothing. Nobody who wrote the file is
// believed: what cannot be read is an [Error] that says where reading stopped
// and why, and all packets before it are good.
//
// Not supported: the formats of other programs (snoop, ERF, …), decryption
// secrets, name resolution blocks, statistics; packets of more than
// [MaxPacket] octets.
package capture
