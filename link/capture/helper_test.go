package capture_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/sonde-net/sonde/link/capture"
)

// order is a byte order that appends, too.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// classic is the header of a pcap file.
func classic(o order, magic uint32, link capture.LinkType) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = o.AppendUint32(b, 262144)
	return o.AppendUint32(b, uint32(link))
}

// record appends a packet to a pcap file.
func record(o order, b []byte, sec, frac uint32, data []byte, length int) []byte {
	for _, v := range []uint32{sec, frac, uint32(len(data)), uint32(length)} {
		b = o.AppendUint32(b, v)
	}
	return append(b, data...)
}

// block appends a pcapng block.
func block(o order, b []byte, kind uint32, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	for len(all)%4 != 0 {
		all = append(all, 0)
	}
	n := uint32(12 + len(all))
	b = o.AppendUint32(b, kind)
	b = o.AppendUint32(b, n)
	b = append(b, all...)
	return o.AppendUint32(b, n)
}

// words are fields of 32 bits.
func words(o order, v ...uint32) (b []byte) {
	for _, w := range v {
		b = o.AppendUint32(b, w)
	}
	return b
}

// halves are fields of 16 bits.
func halves(o order, v ...uint16) (b []byte) {
	for _, w := range v {
		b = o.AppendUint16(b, w)
	}
	return b
}

// option is an option of a block.
func option(o order, code uint16, value ...byte) []byte {
	b := halves(o, code, uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// section is a section header.
func section(o order, b []byte) []byte {
	return block(o, b, 0x0a0d0d0a, words(o, 0x1a2b3c4d), halves(o, 1, 0), words(o, 0xffffffff, 0xffffffff))
}

// device is an interface description.
func device(o order, b []byte, link capture.LinkType, snap uint32, opts ...[]byte) []byte {
	return block(o, b, 1, halves(o, uint16(link), 0), words(o, snap), bytes.Join(opts, nil))
}

// packet is an enhanced packet block.
func packet(o order, b []byte, id uint32, stamp uint64, data []byte, length uint32, opts ...[]byte) []byte {
	padded := append(bytes.Clone(data), make([]byte, -len(data)&3)...)
	return block(o, b, 6, words(o, id, uint32(stamp>>32), uint32(stamp), uint32(len(data)), length), padded, bytes.Join(opts, nil))
}

// readAll reads a capture to its end.
func readAll(from io.Reader) (got []*capture.Packet, err error) {
	r, err := capture.NewReader(from)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for p, err := range r.All() {
		if err != nil {
			return got, err
		}
		got = append(got, p.Clone())
	}
	return got, nil
}

// mustRead is readAll of what is a whole capture.
func mustRead(t *testing.T, b []byte) []*capture.Packet {
	t.Helper()
	got, err := readAll(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return got
}
