package ip_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

// body is a message of its own octets, which refuses when it is told to.
type body struct {
	data    []byte
	refuses bool
}

func (m body) Len() int { return len(m.data) }

func (m body) AppendBinary(b []byte) ([]byte, error) {
	if m.refuses {
		return append(b, "begun"...), &wire.FieldError{Type: "ip_test.body", Field: "data"}
	}
	return append(b, m.data...), nil
}

// Append puts the last octets of the addresses before the message, as a
// checksum over them would change it.
func (m body) Append(b []byte, src, dst netip.Addr) ([]byte, error) {
	out, err := m.AppendBinary(b)
	if err == nil {
		s, d := src.As16(), dst.As16()
		out[len(b)], out[len(b)+1] = s[15], d[15]
	}
	return out, err
}

func TestEnclose4(t *testing.T) {
	h := ip.Header4{TTL: 9, Proto: ip.ProtoICMP, Src: a4, Dst: b4, Options: []byte{1, 1, 1, 0}}
	m := body{data: []byte("message")}
	b, err := ip.Enclose4([]byte{1, 2}, h, m)
	want, _ := h.AppendPacket([]byte{1, 2}, m.data)
	if err != nil || !bytes.Equal(b, want) {
		t.Errorf("%x, %v; want %x", b, err, want)
	}
	b, err = ip.Enclose4([]byte{0x77}, h, body{refuses: true})
	wiretest.WantFieldError(t, "message", b, err, "data")
	h.Src = a6
	b, err = ip.Enclose4([]byte{0x77}, h, m)
	wiretest.WantFieldError(t, "header", b, err, "Src")
	h.Src = a4
	b, err = ip.Enclose4([]byte{0x77}, h, body{data: make([]byte, 65512)})
	wiretest.WantFieldError(t, "length", b, err, "TotalLen")
	wiretest.WantLimit(t, "length", err, 65536, 65535)
}

func TestEnclose6(t *testing.T) {
	h := ip.Header6{HopLimit: 9, NextHeader: ip.ProtoICMPv6, Src: a6, Dst: b6}
	b, err := ip.Enclose6([]byte{1, 2}, h, body{data: []byte("message")})
	want, _ := h.AppendPacket([]byte{1, 2}, []byte("\x01\x07ssage"))
	if err != nil || !bytes.Equal(b, want) {
		t.Errorf("%x, %v; want %x", b, err, want)
	}
	b, err = ip.Enclose6([]byte{0x77}, h, body{refuses: true})
	wiretest.WantFieldError(t, "message", b, err, "data")
	h.Dst = b4
	b, err = ip.Enclose6([]byte{0x77}, h, body{data: []byte("message")})
	wiretest.WantFieldError(t, "header", b, err, "Dst")
}

func TestEncloseAllocs(t *testing.T) {
	h := ip.Header4{TTL: 9, Proto: ip.ProtoICMP, Src: a4, Dst: b4}
	m := body{data: []byte("message")}
	buf := make([]byte, 0, 64)
	wiretest.NoAllocs(t, "enclose", func() { _, _ = ip.Enclose4(buf, h, m) })
}
