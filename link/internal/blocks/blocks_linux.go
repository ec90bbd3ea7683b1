package blocks

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The ring is divided into blocks. The kernel hands one over when it is full, or
// after some time.
const (
	frameSize = 2048                  // what the kernel wants to divide a block, and no limit
	patience  = 10 * time.Millisecond // after which a block that is not full is handed over
)

// Fields of a block, by their offsets (struct tpacket_block_desc).
const (
	blockStatus = 8
	blockCount  = 12
	blockFirst  = 16
)

// BlockSize is how large blocks are at most, in octets, and SmallBlock for those who
// have to bear a reader that stands still: a block is the kernel's no more after ten
// milliseconds, however little is in it, so that many small ones last longer.
const (
	BlockSize  = 512 << 10
	SmallBlock = 64 << 10
)

// Header is what the kernel says of a packet, and AddressAt where behind its
// beginning the address is (struct sockaddr_ll): the header's length, aligned.
type Header = unix.Tpacket3Hdr

// AddressAt: see Header.
const AddressAt = 48

// Ring is memory that the kernel writes packets to. The zero Ring is closed.
type Ring struct {
	mem  []byte
	size int // of a block, in octets
	at   int // the block that is read, or is waited for
	held bool
	left uint32 // packets of the block
	off  int    // of the next packet in the block
}

// Open makes the ring of a packet socket, of about size octets in blocks of block
// octets; smaller where memory is short. Before each packet reserve octets are left
// free.
func (r *Ring) Open(fd, size, block, reserve int) error {
	r.size = block
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return os.NewSyscallError("TPACKET_V3", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_RESERVE, reserve); err != nil {
		return os.NewSyscallError("PACKET_RESERVE", err)
	}
	blocks := max(size/block, 2)
	for {
		req := unix.TpacketReq3{
			Block_size: uint32(block), Block_nr: uint32(blocks),
			Frame_size: frameSize, Frame_nr: uint32(blocks * (block / frameSize)),
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
	mem, err := unix.Mmap(fd, 0, blocks*block, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("ring of %d octets: %w", blocks*block, os.NewSyscallError("mmap", err))
	}
	r.mem = mem
	return nil
}

// Close gives the memory back.
func (r *Ring) Close() {
	if r.mem != nil {
		_ = unix.Munmap(r.mem)
		r.mem = nil
	}
}

func (r *Ring) block() []byte { return r.mem[r.at*r.size:][:r.size] }

func field(b []byte, at int) *uint32 { return (*uint32)(unsafe.Pointer(&b[at])) }

// Next returns the octets from the next packet's header to the end of its block;
// ok is false when there is none yet. What was returned before is the kernel's
// again when the block is at its end.
func (r *Ring) Next() (b []byte, ok bool) {
	for r.left == 0 {
		if r.held {
			atomic.StoreUint32(field(r.block(), blockStatus), unix.TP_STATUS_KERNEL)
			r.held = false
			if r.at++; (r.at+1)*r.size > len(r.mem) {
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
	r.off += int((*Header)(unsafe.Pointer(&b[0])).Next_offset)
	return b, true
}
