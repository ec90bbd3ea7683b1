package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/capture/frame"
)

// The ring is divided into blocks. The kernel hands one over when it is full, or
// after some time.
const (
	blockSize = 512 << 10             // octets
	frameSize = 2048                  // what the kernel wants to divide a block, and no limit
	patience  = 10 * time.Millisecond // after which a block that is not full is handed over
	headroom  = 32                    // octets before each packet, for what is put in front of it
)

// Fields of a block, by their offsets (struct tpacket_block_desc).
const (
	blockStatus = 8
	blockCount  = 12
	blockFirst  = 16
)

// addressAt is where the address is behind the header of a packet: the
// header's length, aligned.
const addressAt = 48

// A ring is memory that the kernel writes packets to.
type ring struct {
	mem  []byte
	at   int // the block that is read, or is waited for
	held bool
	left uint32 // packets of the block
	off  int    // of the next packet in the block
}

// open makes the ring, smaller than wished where memory is short.
func (r *ring) open(fd, size int) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return os.NewSyscallError("TPACKET_V3", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_RESERVE, headroom); err != nil {
		return os.NewSyscallError("PACKET_RESERVE", err)
	}
	blocks := max(size/blockSize, 2)
	for {
		req := unix.TpacketReq3{
			Block_size: blockSize, Block_nr: uint32(blocks),
			Frame_size: frameSize, Frame_nr: uint32(blocks * (blockSize / frameSize)),
			Retire_blk_tov: uint32(patience / time.Millisecond),
		}
		err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req)
		if errors.Is(err, unix.ENOMEM) && blocks > 2 {
			blocks /= 2
			continue
		}
		if err != nil {
			return os.NewSyscallError("PACKET_RX_RING", err)
		}
		break
	}
	mem, err := unix.Mmap(fd, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("ring of %d octets: %w", blocks*blockSize, os.NewSyscallError("mmap", err))
	}
	r.mem = mem
	return nil
}

func (r *ring) close() {
	if r.mem != nil {
		_ = unix.Munmap(r.mem)
		r.mem = nil
	}
}

func (r *ring) block() []byte { return r.mem[r.at*blockSize:][:blockSize] }

func field(b []byte, at int) *uint32 { return (*uint32)(unsafe.Pointer(&b[at])) }

// next returns the octets from the next packet's header to the end of its block;
// ok is false when there is none yet. What was returned before is the kernel's
// again when the block is at its end.
func (r *ring) next() (b []byte, ok bool) {
	for r.left == 0 {
		if r.held {
			atomic.StoreUint32(field(r.block(), blockStatus), unix.TP_STATUS_KERNEL)
			r.held = false
			if r.at++; (r.at+1)*blockSize > len(r.mem) {
				r.at = 0
			}
		}
		b := r.block()
		if atomic.LoadUint32(field(b, blockStatus))&unix.TP_STATUS_USER == 0 {
			return nil, false
		}
		r.held = true
		r.left = *field(b, blockCount)
		r.off = int(*field(b, blockFirst))
	}
	b = r.block()[r.off:]
	r.left--
	r.off += int((*unix.Tpacket3Hdr)(unsafe.Pointer(&b[0])).Next_offset)
	return b, true
}

// take makes a packet of what the kernel wrote; false: it is not wanted.
func (c *Capture) take(b []byte) bool {
	h := (*unix.Tpacket3Hdr)(unsafe.Pointer(&b[0]))
	from := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&b[addressAt]))
	// The loopback device shows each packet on its way out and in.
	if from.Pkttype == unix.PACKET_OUTGOING && from.Ifindex == c.loopback {
		return false
	}
	p := &c.packet
	begin, end := int(h.Mac), int(h.Mac)+int(h.Snaplen)
	switch {
	case c.link == frame.Cooked2:
		begin = cook(b, begin, h, from)
	case h.Status&unix.TP_STATUS_VLAN_VALID != 0 && c.link == frame.Ethernet && h.Snaplen >= 12:
		begin -= 4
		copy(b[begin:], b[begin+4:][:12])
		binary.BigEndian.PutUint16(b[begin+12:], tpid(h))
		binary.BigEndian.PutUint16(b[begin+14:], uint16(h.Hv1.Vlan_tci))
	}
	p.Data = b[begin:end:end]
	p.Length = max(int(h.Len)+int(h.Mac)-begin, len(p.Data))
	p.Time = time.Unix(int64(h.Sec), int64(h.Nsec)).UTC()
	p.Link = c.link
	if p.Interface != int(from.Ifindex) || p.Number == 0 {
		p.Interface, p.Name = int(from.Ifindex), c.nameOf(from.Ifindex)
	}
	p.Direction = direction(from.Pkttype)
	return c.filter == nil || c.filter.Match(p.Link, p.Data, p.Length)
}

// tpid returns what announces the tag that the kernel took off.
func tpid(h *unix.Tpacket3Hdr) uint16 {
	if h.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		return h.Hv1.Vlan_tpid
	}
	return unix.ETH_P_8021Q
}

// cook writes a cooked header, version 2, in front of a packet, and returns
// where it begins. A VLAN tag goes between.
func cook(b []byte, at int, h *unix.Tpacket3Hdr, from *unix.RawSockaddrLinklayer) int {
	const length = 20
	o := binary.BigEndian
	proto := htons(from.Protocol)
	if h.Status&unix.TP_STATUS_VLAN_VALID != 0 {
		at -= 4
		o.PutUint16(b[at:], uint16(h.Hv1.Vlan_tci))
		o.PutUint16(b[at+2:], proto)
		proto = tpid(h)
	}
	at -= length
	s := *from // it may lie where the header goes
	head := b[at:][:length]
	o.PutUint16(head, proto)
	o.PutUint16(head[2:], 0)
	o.PutUint32(head[4:], uint32(s.Ifindex))
	o.PutUint16(head[8:], s.Hatype)
	head[10], head[11] = s.Pkttype, s.Halen
	copy(head[12:], s.Addr[:])
	return at
}

func direction(kind uint8) frame.Direction {
	switch kind {
	case unix.PACKET_HOST:
		return frame.Inbound
	case unix.PACKET_BROADCAST:
		return frame.Broadcast
	case unix.PACKET_MULTICAST:
		return frame.Multicast
	case unix.PACKET_OTHERHOST:
		return frame.Foreign
	case unix.PACKET_OUTGOING:
		return frame.Outbound
	}
	return frame.Unknown
}

// nameOf returns the name of an interface, asked once; "" for one that has gone.
func (c *Capture) nameOf(index int32) string {
	name, ok := c.names[index]
	if ok {
		return name
	}
	req, err := unix.NewIfreq("")
	if err == nil {
		req.SetUint32(uint32(index))
		if unix.IoctlIfreq(c.fd, unix.SIOCGIFNAME, req) == nil {
			name = req.Name()
		}
	}
	const most = 4096
	if len(c.names) < most {
		c.names[index] = name
	}
	return name
}
