package filter

import "encoding/binary"

// An Instruction is one of the classic packet filter, in the layout in which the
// kernel takes it.
type Instruction struct {
	Op     uint16
	Jt, Jf uint8  // how many instructions a jump passes over, when it holds and when not
	K      uint32 // the operand
}

// A Program is a filter that was compiled: it returns how many octets of a packet
// to keep, [Accept] or none.
type Program []Instruction

// Accept is what a program returns for a packet that passes.
const Accept = 256 << 10

// The instructions, class, size, mode and operation together.
const (
	loadWord, loadHalf, loadByte       uint16 = 0x20, 0x28, 0x30 // A = packet[K]
	indexWord, indexHalf, indexByte    uint16 = 0x40, 0x48, 0x50 // A = packet[X+K]
	loadImm, loadMem, loadLen          uint16 = 0x00, 0x60, 0x80
	loadXImm, loadXMem, loadXHeaderLen uint16 = 0x01, 0x61, 0xb1 // the last: X = 4 * (packet[K] & 15)
	store                              uint16 = 0x02
	jumpAlways                         uint16 = 0x05
	jumpEqual, jumpGreater             uint16 = 0x15, 0x25
	jumpAtLeast, jumpSet               uint16 = 0x35, 0x45
	byX                                uint16 = 0x08 // with a jump or an operation: X instead of K
	result                             uint16 = 0x06
	copyToX                            uint16 = 0x07
)

// Operations on A.
const (
	opAdd   uint16 = 0x04
	opSub   uint16 = 0x14
	opMul   uint16 = 0x24
	opDiv   uint16 = 0x34
	opOr    uint16 = 0x44
	opAnd   uint16 = 0x54
	opLeft  uint16 = 0x64
	opRight uint16 = 0x74
	opMod   uint16 = 0x94
	opXor   uint16 = 0xa4
)

// slots is how many places scratch memory has.
const slots = 16

// Match reports whether a packet passes: data is what was captured of it, length
// what it had on the wire, in octets. A packet too short for what is looked at
// does not pass. It allocates nothing.
//
// It runs what [Filter.Compile] made; another program may make it panic.
func (p Program) Match(data []byte, length int) bool {
	var a, x uint32
	var mem [slots]uint32
	for pc := 0; pc < len(p); pc++ {
		i := &p[pc]
		k := uint64(i.K)
		switch i.Op {
		case loadWord, indexWord:
			if i.Op == indexWord {
				k += uint64(x)
			}
			if k+4 > uint64(len(data)) {
				return false
			}
			a = binary.BigEndian.Uint32(data[k:])
		case loadHalf, indexHalf:
			if i.Op == indexHalf {
				k += uint64(x)
			}
			if k+2 > uint64(len(data)) {
				return false
			}
			a = uint32(binary.BigEndian.Uint16(data[k:]))
		case loadByte, indexByte:
			if i.Op == indexByte {
				k += uint64(x)
			}
			if k >= uint64(len(data)) {
				return false
			}
			a = uint32(data[k])
		case loadXHeaderLen:
			if k >= uint64(len(data)) {
				return false
			}
			x = uint32(data[k]&15) * 4
		case jumpEqual:
			pc += skip(i, a == i.K)
		case jumpGreater:
			pc += skip(i, a > i.K)
		case jumpAtLeast:
			pc += skip(i, a >= i.K)
		case jumpSet:
			pc += skip(i, a&i.K != 0)
		case jumpEqual | byX:
			pc += skip(i, a == x)
		case jumpGreater | byX:
			pc += skip(i, a > x)
		case jumpAtLeast | byX:
			pc += skip(i, a >= x)
		case jumpAlways:
			pc += int(i.K)
		case result:
			return i.K > 0
		case loadImm:
			a = i.K
		case loadLen:
			a = uint32(length)
		case loadMem:
			a = mem[i.K]
		case store:
			mem[i.K] = a
		case copyToX:
			x = a
		default:
			b := i.K
			if i.Op&byX != 0 {
				b = x
			}
			var ok bool
			if a, ok = calculate(i.Op&^byX, a, b); !ok {
				return false
			}
		}
	}
	return false
}

func skip(i *Instruction, holds bool) int {
	if holds {
		return int(i.Jt)
	}
	return int(i.Jf)
}

// calculate does an operation on A; ok is false for a division by zero.
func calculate(op uint16, a, b uint32) (r uint32, ok bool) {
	switch op {
	case opAdd:
		return a + b, true
	case opSub:
		return a - b, true
	case opMul:
		return a * b, true
	case opOr:
		return a | b, true
	case opAnd:
		return a & b, true
	case opXor:
		return a ^ b, true
	case opLeft:
		return a << b, true
	case opRight:
		return a >> b, true
	case opDiv:
		if b != 0 {
			return a / b, true
		}
	case opMod:
		if b != 0 {
			return a % b, true
		}
	}
	return 0, false
}
