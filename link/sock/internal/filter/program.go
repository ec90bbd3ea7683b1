package filter

import (
	"golang.org/x/net/bpf"

	"github.com/sonde-net/sonde/wire/ip"
)

// label is a place in a program.
type label uint8

const (
	next   label = iota // the next instruction
	reply               // the message answers
	quoted              // it quotes a datagram
	cut                 // … the first fragment of one
	asked               // what is quoted is ICMP
	carried
	cutAsked
	cutCarried
	isID // the accumulator is an identifier: is it ours?
	isPort
	other  // neither
	marked // it quotes a datagram: is that ours all the same?
	reject
	accept
	numLabels
)

// program is a filter in the making: where a jump goes is written into it when
// the places are known.
type program struct {
	code  []bpf.Instruction
	marks [numLabels]int
	jumps map[int][2]label
}

func (p *program) add(i ...bpf.Instruction) { p.code = append(p.code, i...) }

// mark says that the place is here.
func (p *program) mark(l label) { p.marks[l] = len(p.code) }

// jump compares the accumulator with a value.
func (p *program) jump(c bpf.JumpTest, v uint32, yes, no label) {
	p.note(yes, no)
	p.add(bpf.JumpIf{Cond: c, Val: v})
}

func (p *program) goTo(l label) {
	p.note(l, l)
	p.add(bpf.Jump{})
}

func (p *program) note(yes, no label) {
	if p.jumps == nil {
		p.jumps = map[int][2]label{}
	}
	p.jumps[len(p.code)] = [2]label{yes, no}
}

// protocols goes on by the protocol in the accumulator.
func (p *program) protocols(icmp ip.Proto, asked, carried, other label) {
	p.jump(bpf.JumpEqual, uint32(icmp), asked, next)
	p.jump(bpf.JumpEqual, uint32(ip.ProtoUDP), carried, next)
	p.jump(bpf.JumpEqual, uint32(ip.ProtoTCP), carried, next)
	p.jump(bpf.JumpEqual, uint32(ip.ProtoUDPLite), carried, other)
}

// What the program keeps for later.
const (
	proto  = iota // of what is quoted
	begins        // where the message does
)

// finish adds what all programs end with, and fills the jumps in. What is not ours
// by identifier or port goes on at miss.
func (p *program) finish(o *Own, miss label) []bpf.Instruction {
	p.mark(isID)
	p.add(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: uint32(o.Mask)})
	p.jump(bpf.JumpEqual, uint32(o.ID&o.Mask), accept, miss)
	p.mark(isPort)
	for _, x := range o.Ports[:min(len(o.Ports), MaxPorts)] {
		p.jump(bpf.JumpEqual, uint32(x), accept, next)
	}
	p.jump(bpf.JumpLessThan, uint32(o.First), miss, next)
	p.jump(bpf.JumpGreaterThan, uint32(o.Last), miss, accept)
	if miss == other {
		p.translated(o)
	}
	p.mark(reject)
	p.add(bpf.RetConstant{Val: 0})
	p.mark(accept)
	p.add(bpf.RetConstant{Val: all})
	for at, to := range p.jumps {
		switch i := p.code[at].(type) {
		case bpf.Jump:
			i.Skip = uint32(p.far(at, to[0]))
			p.code[at] = i
		case bpf.JumpIf:
			i.SkipTrue, i.SkipFalse = uint8(p.far(at, to[0])), uint8(p.far(at, to[1]))
			p.code[at] = i
		}
	}
	return p.code
}

// far returns how many instructions lie between one and a place.
func (p *program) far(at int, to label) int {
	if to == next {
		return 0
	}
	return p.marks[to] - at - 1
}
