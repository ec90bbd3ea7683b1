package filter

import (
	"errors"
	"fmt"

	"github.com/sonde-net/sonde/link/capture/frame"
)

// MaxInstructions is the longest program that the kernel takes.
const MaxInstructions = 4096

// ErrTooLong says that a filter takes more than [MaxInstructions].
var ErrTooLong = errors.New("filter: the expression takes more instructions than the kernel has room for")

// socket is the layout in which the kernel shows a packet to a socket without
// link-layer header: it begins with the datagram, and the type is beside it.
const socket frame.LinkType = 0xffff

// Compile makes the program for frames of a link. The errors are
// [frame.ErrLinkType] and [ErrTooLong].
func (f *Filter) Compile(link frame.LinkType) (Program, error) {
	if !link.Known() && link != socket {
		return nil, fmt.Errorf("filter: %v: %w", link, frame.ErrLinkType)
	}
	p := f.generate(link)
	if len(p) > MaxInstructions {
		return nil, ErrTooLong
	}
	return p, nil
}

func (f *Filter) generate(link frame.LinkType) Program {
	g := &generator{link: link}
	g.layout()
	yes, no := g.label(), g.label()
	f.root.generate(g, yes, no)
	g.place(yes)
	g.emit(result, Accept)
	g.place(no)
	g.emit(result, 0)
	return g.link8()
}

// CompileSocket makes the program for a packet socket of Linux without link-layer
// header (SOCK_DGRAM). It is of no use outside the kernel.
func (f *Filter) CompileSocket() (Program, error) { return f.Compile(socket) }

// maxLinks is for how many links programs are kept; nobody's capture has more.
const maxLinks = 64

type compiled struct {
	link frame.LinkType
	p    Program // nil: nothing passes
}

// Match compiles the filter for the link the first time, however long the program
// is, and runs it. Packets of a link that is not known do not pass.
func (f *Filter) Match(link frame.LinkType, data []byte, length int) bool {
	for i := range f.cache {
		if f.cache[i].link == link {
			return f.cache[i].p.Match(data, length)
		}
	}
	var p Program
	if link.Known() {
		p = f.generate(link)
	}
	if len(f.cache) < maxLinks {
		f.cache = append(f.cache, compiled{link, p})
	}
	return p.Match(data, length)
}

// A label is a place in the program, known when all is written.
type label int

// A step is an instruction whose jumps go to labels.
type step struct {
	op     uint16
	k      uint32
	yes    label // of a jump; of jumpAlways the only one
	no     label
	isJump bool
}

// A generator writes a program. All jumps go forward, as the kernel wants it.
type generator struct {
	link   frame.LinkType
	typeAt uint32 // where the type of the frame is
	netAt  uint32 // where the datagram begins
	steps  []step
	labels []int // the step that each stands before
}

// layout says where things are on the link.
func (g *generator) layout() {
	switch g.link {
	case frame.Ethernet:
		g.typeAt, g.netAt = 12, 14
	case frame.LinuxCooked:
		g.typeAt, g.netAt = 14, 16
	case frame.Cooked2:
		g.typeAt, g.netAt = 0, 20
	case frame.PPP, frame.PPPSerial:
		g.typeAt, g.netAt = 2, 4
	case frame.PPPEther:
		g.typeAt, g.netAt = 6, 8
	case frame.Null, frame.Loop:
		g.netAt = 4
	}
}

func (g *generator) label() label {
	g.labels = append(g.labels, -1)
	return label(len(g.labels) - 1)
}

func (g *generator) place(l label) { g.labels[l] = len(g.steps) }

func (g *generator) emit(op uint16, k uint32) { g.steps = append(g.steps, step{op: op, k: k}) }

// jump writes a jump that goes one way or the other.
func (g *generator) jump(op uint16, k uint32, yes, no label) {
	g.steps = append(g.steps, step{op: op, k: k, yes: yes, no: no, isJump: true})
}

// always writes a jump without a condition.
func (g *generator) always(to label) {
	g.steps = append(g.steps, step{op: jumpAlways, yes: to, no: to, isJump: true})
}

// link8 turns labels into distances. A conditional jump passes over at most 255
// instructions; one that has to go farther goes to an unconditional one behind
// it.
func (g *generator) link8() Program {
	far := make([]int, len(g.steps)) // the instructions that each step needs behind it
	at := make([]int, len(g.steps)+1)
	for changed := true; changed; {
		changed = false
		for i := range g.steps {
			at[i+1] = at[i] + 1 + far[i]
		}
		for i, s := range g.steps {
			if !s.isJump || s.op == jumpAlways || far[i] > 0 {
				continue
			}
			if at[g.labels[s.yes]]-at[i] > 256 || at[g.labels[s.no]]-at[i] > 256 {
				far[i], changed = 2, true
			}
		}
	}
	p := make(Program, 0, at[len(g.steps)])
	for i, s := range g.steps {
		to := func(l label, from int) uint32 { return uint32(at[g.labels[l]] - from - 1) }
		switch {
		case !s.isJump:
			p = append(p, Instruction{Op: s.op, K: s.k})
		case s.op == jumpAlways:
			p = append(p, Instruction{Op: s.op, K: to(s.yes, at[i])})
		case far[i] > 0:
			p = append(p, Instruction{Op: s.op, K: s.k, Jt: 0, Jf: 1},
				Instruction{Op: jumpAlways, K: to(s.yes, at[i]+1)}, Instruction{Op: jumpAlways, K: to(s.no, at[i]+2)})
		default:
			p = append(p, Instruction{Op: s.op, K: s.k, Jt: uint8(to(s.yes, at[i])), Jf: uint8(to(s.no, at[i]))})
		}
	}
	return p
}
