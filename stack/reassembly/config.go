package reassembly

import (
	"math/bits"
	"time"
	"unsafe"

	"github.com/sonde-net/sonde/wire"
)

// What the zero values of a [Config] stand for.
const (
	DefaultMemory  = 4 << 20
	DefaultTimeout = 60 * time.Second // RFC 1122 §3.3.2, RFC 8200 §4.5
)

// Limits of a [Config].
const (
	MinMemory    = 256 << 10 // octets: room for the largest datagram and some others
	MaxMemory    = 1 << 30   // octets
	MaxDatagrams = 1 << 20
)

// perDatagram is how many octets of memory there are to each datagram that may
// be incomplete, by default.
const perDatagram = 4096

// Config says how much a reassembler holds, and how long. Its zero value is the
// default.
type Config struct {
	// Memory is the ceiling in octets of all that it holds, its tables included;
	// 0: [DefaultMemory]; from [MinMemory] to [MaxMemory].
	Memory int
	// Datagrams is how many may be incomplete at a time; 0: one for each 4,096
	// octets of Memory. Beside their slots Memory must have room for the octets
	// of the largest datagram.
	Datagrams int
	// Share is how many octets one source may hold, or one IPv6 network of 64
	// bits; 0: a quarter of what there is for octets; negative: all of it. It is
	// never less than the largest datagram needs. Sources are told apart by a
	// keyed hash with 64 values, so some have one share together.
	Share int
	// Timeout runs from the first fragment that arrives; 0: [DefaultTimeout].
	Timeout time.Duration
	// Seed keys the tables, so that nobody outside can choose fragments that
	// crowd one place of them.
	Seed uint64
}

// plan is a configuration in the units that the tables are made of.
type plan struct {
	blocks    int // in the pool, at most
	share     int // of them, for one source
	datagrams int
	buckets   int // of the hash table, a power of two
	timeout   time.Duration
}

// leastShare is how many blocks are enough for the largest datagram: with
// fragments of 552 octets in the worst order it takes two blocks for each.
const leastShare = 256

func (c Config) plan() (plan, error) {
	if c.Memory == 0 {
		c.Memory = DefaultMemory
	}
	switch {
	case c.Memory < MinMemory:
		return plan{}, &wire.FieldError{Type: "reassembly.Config", Field: "Memory", Want: "zero, or 262,144 octets at least"}
	case c.Memory > MaxMemory:
		return plan{}, &wire.FieldError{Type: "reassembly.Config", Field: "Memory", Value: c.Memory, Limit: MaxMemory}
	case c.Datagrams < 0:
		return plan{}, &wire.FieldError{Type: "reassembly.Config", Field: "Datagrams", Want: "zero or more"}
	case c.Datagrams > MaxDatagrams:
		return plan{}, &wire.FieldError{Type: "reassembly.Config", Field: "Datagrams", Value: c.Datagrams, Limit: MaxDatagrams}
	case c.Timeout < 0:
		return plan{}, &wire.FieldError{Type: "reassembly.Config", Field: "Timeout", Want: "zero or more"}
	}
	p := plan{datagrams: c.Datagrams, timeout: c.Timeout}
	if p.datagrams == 0 {
		p.datagrams = c.Memory / perDatagram
	}
	if p.timeout == 0 {
		p.timeout = DefaultTimeout
	}
	p.buckets = 1 << bits.Len(uint(p.datagrams-1))
	p.blocks = (c.Memory - p.fixed()) / slabSize * slabLen
	if p.blocks < leastShare {
		return plan{}, &wire.FieldError{Type: "reassembly.Config", Field: "Datagrams", Want: "fewer: Memory has no room for so many"}
	}
	switch {
	case c.Share < 0:
		p.share = p.blocks
	case c.Share == 0:
		p.share = max(p.blocks/4, leastShare)
	default:
		p.share = min(max(c.Share/blockSize, leastShare), p.blocks)
	}
	return p, nil
}

// What things take, in octets. A slab is counted with the pointer to it.
const (
	pointerSize      = int(unsafe.Sizeof((*slab)(nil)))
	blockSize        = int(unsafe.Sizeof(block{}))
	slabSize         = int(unsafe.Sizeof(slab{})) + pointerSize
	datagramSlabSize = int(unsafe.Sizeof(datagramSlab{})) + pointerSize
	indexSize        = int(unsafe.Sizeof(none))
)

// slotSlabs returns how many slabs of datagrams there may be.
func (p plan) slotSlabs() int { return (p.datagrams + slabLen - 1) / slabLen }

// fixed returns how many octets everything takes but the pool.
func (p plan) fixed() int {
	return int(unsafe.Sizeof(Reassembler{})) + maxWhole + p.buckets*indexSize + p.slotSlabs()*datagramSlabSize
}
