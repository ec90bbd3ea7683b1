package ring

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
)

// consumer is a program at the entrance of an interface, behind the receive ring.
// It ends the way of echo replies that nobody but the ring waits for: what the
// kernel would still do with each costs more than to receive it.
type consumer struct {
	program *ebpf.Program
	link    link.Link
}

// What a program at the entrance says of a datagram: TCX_NEXT and TCX_DROP.
const (
	goOn = -1
	drop = 2
)

// where echo replies have what they are told by, in octets of the datagram.
const (
	fragmentAt = 6
	protocolAt = 9
	toAt       = 16
	kindAt     = 20
	tagAt      = 20 + 8 + 8
	replyLen   = tagAt + 4
)

// consume returns nil where there is nothing to be told by, and where it cannot be
// had: then the kernel goes on with what the ring has received.
func (o *Options) consume() *consumer {
	if o.Tag == 0 || o.Way.Index == 0 || !o.Way.Src4.Is4() {
		return nil
	}
	c, _ := consume(o.Way.Index, o.Way.Src4, o.Tag)
	return c
}

// consume has echo replies to an IPv4 address with a tag end their way. It needs
// Linux 6.6. The program goes with the process.
func consume(index int, to netip.Addr, tag uint32) (*consumer, error) {
	address := to.As4()
	var tags [4]byte
	binary.BigEndian.PutUint32(tags[:], tag)
	const (
		at      = -replyLen // of the datagram, on the stack
		network = 1         // BPF_HDR_START_NET
		ether   = 0x3fff    // more fragments, and the offset
	)
	inOrder := func(b []byte) int32 { return int32(binary.NativeEndian.Uint32(b)) }
	fragment := binary.NativeEndian.Uint16([]byte{ether >> 8, ether & 0xff})
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "sonde_consume", Type: ebpf.SchedCLS, License: "MIT",
		Instructions: asm.Instructions{
			asm.Mov.Imm(asm.R2, 0),
			asm.Mov.Reg(asm.R3, asm.RFP),
			asm.Add.Imm(asm.R3, at),
			asm.Mov.Imm(asm.R4, replyLen),
			asm.Mov.Imm(asm.R5, network),
			asm.FnSkbLoadBytesRelative.Call(),
			asm.JNE.Imm(asm.R0, 0, "on"),
			asm.LoadMem(asm.R0, asm.RFP, at, asm.Byte),
			asm.JNE.Imm32(asm.R0, 0x45, "on"), // no options
			asm.LoadMem(asm.R0, asm.RFP, at+fragmentAt, asm.Half),
			asm.And.Imm32(asm.R0, int32(fragment)),
			asm.JNE.Imm32(asm.R0, 0, "on"),
			asm.LoadMem(asm.R0, asm.RFP, at+protocolAt, asm.Byte),
			asm.JNE.Imm32(asm.R0, 1, "on"),
			asm.LoadMem(asm.R0, asm.RFP, at+toAt, asm.Word),
			asm.JNE.Imm32(asm.R0, inOrder(address[:]), "on"),
			asm.LoadMem(asm.R0, asm.RFP, at+kindAt, asm.Half), // type and code
			asm.JNE.Imm32(asm.R0, 0, "on"),
			asm.LoadMem(asm.R0, asm.RFP, at+tagAt, asm.Word),
			asm.JNE.Imm32(asm.R0, inOrder(tags[:]), "on"),
			asm.Mov.Imm(asm.R0, drop),
			asm.Return(),
			asm.Mov.Imm(asm.R0, goOn).WithSymbol("on"),
			asm.Return(),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("program at the entrance: %w", err)
	}
	l, err := link.AttachTCX(link.TCXOptions{Interface: index, Program: program, Attach: ebpf.AttachTCXIngress})
	if err != nil {
		_ = program.Close()
		return nil, fmt.Errorf("program at the entrance: %w", err)
	}
	return &consumer{program, l}, nil
}

func (c *consumer) close() {
	if c != nil {
		_ = c.link.Close()
		_ = c.program.Close()
	}
}
