package main

import (
	"bufio"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"os"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// generate writes a pcap file of mixed packets on Ethernet: of ten, four are of
// TCP, two of UDP, three of echo, and one is an error about one of them.
func generate(path string, packets int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	head = binary.LittleEndian.AppendUint32(head, 1<<18)
	head = binary.LittleEndian.AppendUint32(head, 1)
	if _, err := w.Write(head); err != nil {
		return err
	}
	g := &generator{r: rand.New(rand.NewPCG(1, 2)), at: 1767268800_000000, payload: make([]byte, 1400)}
	for i := range g.payload {
		g.payload[i] = byte(i)
	}
	for n := range packets {
		if _, err := w.Write(g.packet(n)); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

type generator struct {
	r       *rand.Rand
	at      uint64 // microseconds
	payload []byte
	body    []byte
	buffer  []byte
	last    []byte // the datagram that the next error is about
	asked   icmp4.Echo
	from    netip.Addr
	to      netip.Addr
}

// packet returns the next one, with its header.
func (g *generator) packet(n int) []byte {
	b := append(g.buffer[:0], make([]byte, 16)...)
	b = append(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0)
	h := ip.Header4{TTL: 64, ID: uint16(n), Src: host(10, g.r.IntN(50)), Dst: host(203, g.r.IntN(40))}
	var err error
	switch n % 10 {
	case 0, 2, 4, 6:
		flow := uint16(g.r.IntN(2))
		h.Proto, h.DF = ip.ProtoTCP, true
		t := transport.TCP{SrcPort: 40000 + flow, DstPort: 443, Seq: uint32(n) * 100, Ack: 1, Flags: transport.ACK}
		g.body, err = t.AppendPacket(g.body[:0], h.Src, h.Dst, g.payload[:g.r.IntN(300)])
	case 1, 5:
		h.Proto = ip.ProtoUDP
		size := g.r.IntN(200)
		u := transport.UDP{SrcPort: uint16(30000 + g.r.IntN(4)), DstPort: 6000, Length: uint16(8 + size)}
		g.body, err = u.AppendPacket(g.body[:0], h.Src, h.Dst, g.payload[:size])
	case 3, 7:
		h.Proto = ip.ProtoICMP
		g.asked = icmp4.Echo{ID: uint16(g.r.IntN(100)), Seq: uint16(n / 10), Data: g.payload[:56]}
		g.from, g.to = h.Src, h.Dst
		g.body, err = g.asked.AppendBinary(g.body[:0])
	case 8:
		h.Proto, h.Src, h.Dst = ip.ProtoICMP, g.to, g.from
		reply := g.asked
		reply.Reply = true
		g.body, err = reply.AppendBinary(g.body[:0])
	case 9:
		h.Proto, h.Src, h.Dst = ip.ProtoICMP, host(192, g.r.IntN(50)), netip.AddrFrom4([4]byte(g.last[12:16]))
		g.body, err = icmp4.TimeExceeded{Quote: g.last}.AppendBinary(g.body[:0])
	}
	if err == nil {
		b, err = h.AppendPacket(b, g.body)
	}
	if err != nil {
		panic(err) // what it makes is always right
	}
	if n%10 == 6 {
		g.last = append(g.last[:0], b[30:58]...)
	}
	g.at += uint64(50 + g.r.IntN(100))
	binary.LittleEndian.PutUint32(b[0:], uint32(g.at/1_000_000))
	binary.LittleEndian.PutUint32(b[4:], uint32(g.at%1_000_000))
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)-16))
	binary.LittleEndian.PutUint32(b[12:], uint32(len(b)-16))
	g.buffer = b
	return b
}

// host returns the nth address of a network.
func host(network byte, n int) netip.Addr {
	return netip.AddrFrom4([4]byte{network, 0, byte(n >> 8), byte(n)})
}
