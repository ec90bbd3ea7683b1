package nat_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// quoteOf returns what an error quotes, its checksum and header verified.
func quoteOf(tb testing.TB, d []byte, src, dst netip.Addr) []byte {
	tb.Helper()
	h, p, err := ip.Parse4(d)
	if err != nil {
		tb.Fatalf("outer header: %v", err)
	}
	if h.Src != src || h.Dst != dst {
		tb.Errorf("error from %v to %v, want %v to %v", h.Src, h.Dst, src, dst)
	}
	if err := icmp4.Verify(p); err != nil {
		tb.Fatalf("error: %v", err)
	}
	return p[icmp4.HeaderLen:]
}

// probes are the datagrams that an inside host sends in these tests.
func probes(tb testing.TB) map[string][]byte {
	tb.Helper()
	h, p := addrPort(host, 40000), addrPort(peer, 33434)
	bare := udp(tb, h, p, "no checksum")
	bare[26], bare[27] = 0, 0
	options, err := ip.Header4{
		TTL: 9, Proto: ip.ProtoUDP, Src: host, Dst: peer, Options: []byte{7, 7, 4, 0, 0, 0, 0, 0},
	}.AppendPacket(nil, udp(tb, h, p, "behind options")[20:])
	return map[string][]byte{
		"udp":              udp(tb, h, p, "a probe of odd length, somewhat longer."),
		"udp, no checksum": bare,
		"udp, options":     must(tb, options, err),
		"tcp":              tcp(tb, h, p, transport.SYN),
		"echo":             icmp(tb, host, peer, icmp4.Echo{ID: 7, Seq: 3, Data: []byte("data")}),
	}
}

// TestErrorInbound: an error from outside about what has left. What the host
// gets quotes, to the last octet, what it has sent.
func TestErrorInbound(t *testing.T) {
	conform.Row(t, "G-13")
	for name, sent := range probes(t) {
		hlen := int(sent[0]&0xf) * 4
		for _, quoted := range []int{hlen + 8, hlen + 16, hlen + 18, len(sent)} {
			if quoted > len(sent) {
				continue
			}
			for _, kind := range []icmp4.Message{
				icmp4.TimeExceeded{},
				icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400},
				icmp4.SourceQuench{},
				icmp4.ParameterProblem{Pointer: 8},
			} {
				t.Run(fmt.Sprintf("%s/%d/%T", name, quoted, kind), func(t *testing.T) {
					n := translator(t, nat.Config{})
					d := bytes.Clone(sent)
					out(t, n, epoch, d)
					var e []byte
					switch m := kind.(type) {
					case icmp4.TimeExceeded:
						m.Quote = d[:quoted]
						e = icmp(t, far, outside, m)
					case icmp4.DestUnreachable:
						m.Quote = d[:quoted]
						e = icmp(t, far, outside, m)
					case icmp4.SourceQuench:
						m.Quote = d[:quoted]
						e = icmp(t, far, outside, m)
					case icmp4.ParameterProblem:
						m.Quote = d[:quoted]
						e = icmp(t, far, outside, m)
					}
					head := bytes.Clone(e[20:28])
					if why := n.Inbound(epoch, e); why != mib.None {
						t.Fatal(why)
					}
					if q := quoteOf(t, e, far, host); !bytes.Equal(q, sent[:quoted]) {
						t.Errorf("quote:\n got %x\nwant %x", q, sent[:quoted])
					}
					head[2], head[3] = e[22], e[23]
					if !bytes.Equal(e[20:28], head) {
						t.Error("type, code or rest have changed")
					}
				})
			}
		}
	}
}

// TestErrorOutbound: an error from inside about what has come in. It appears
// outside as the public address, and quotes what the peer has sent.
func TestErrorOutbound(t *testing.T) {
	conform.Row(t, "G-13")
	h, p := addrPort(host, 40000), addrPort(peer, 53)
	for _, from := range []netip.Addr{host, router} {
		for name, tt := range map[string]struct {
			first []byte
			reply func(port uint16) []byte
		}{
			"udp": {udp(t, h, p, "q"), func(o uint16) []byte { return udp(t, p, addrPort(outside, o), "answer") }},
			"tcp": {tcp(t, h, p, transport.SYN), func(o uint16) []byte { return tcp(t, p, addrPort(outside, o), transport.ACK) }},
			"echo": {icmp(t, host, peer, icmp4.Echo{ID: 7}), func(o uint16) []byte {
				return icmp(t, peer, outside, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: o})
			}},
		} {
			t.Run(fmt.Sprintf("%s from %v", name, from), func(t *testing.T) {
				n := translator(t, nat.Config{})
				reply := tt.reply(out(t, n, epoch, bytes.Clone(tt.first)))
				in := bytes.Clone(reply)
				if why := n.Inbound(epoch, in); why != mib.None {
					t.Fatal(why)
				}
				e := icmp(t, from, peer, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: in})
				if why := n.Outbound(epoch, e); why != mib.None {
					t.Fatal(why)
				}
				if q := quoteOf(t, e, outside, peer); !bytes.Equal(q, reply) {
					t.Errorf("quote:\n got %x\nwant %x", q, reply)
				}
				// The gateway itself, about what it has translated already.
				e = icmp(t, outside, peer, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: in})
				if why := n.Outbound(epoch, e); why != mib.None {
					t.Fatal(why)
				}
				if q := quoteOf(t, e, outside, peer); !bytes.Equal(q, reply) {
					t.Errorf("quote in the gateway's own:\n got %x\nwant %x", q, reply)
				}
			})
		}
	}
}

// TestErrorLeft: where quotes are left alone, errors pass with what stands in them,
// and those about nothing that was translated are refused as always.
func TestErrorLeft(t *testing.T) {
	for name, sent := range probes(t) {
		n := translator(t, nat.Config{LeaveQuotes: true})
		d := bytes.Clone(sent)
		port := out(t, n, epoch, d)
		e := icmp(t, far, outside, icmp4.TimeExceeded{Quote: d[:int(d[0]&0xf)*4+8]})
		if why := n.Inbound(epoch, e); why != mib.None {
			t.Fatalf("%s: %v", name, why)
		}
		if q := quoteOf(t, e, far, host); !bytes.Equal(q, d[:len(q)]) {
			t.Errorf("%s: quote %x, want %x", name, q, d)
		}
		d[15]++ // another source
		if why := n.Inbound(epoch, icmp(t, far, outside, icmp4.TimeExceeded{Quote: d})); why != mib.NATUnmatched {
			t.Errorf("%s: about nothing: %v", name, why)
		}
		if name != "udp" {
			continue
		}
		in := udp(t, addrPort(peer, 33434), addrPort(outside, port), "answer")
		if why := n.Inbound(epoch, in); why != mib.None {
			t.Fatal(why)
		}
		e = icmp(t, host, peer, icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: in})
		if why := n.Outbound(epoch, e); why != mib.None {
			t.Fatal(why)
		}
		if q := quoteOf(t, e, outside, peer); !bytes.Equal(q, in) {
			t.Errorf("outbound: quote %x, want %x", q, in)
		}
	}
}

// TestErrorRefused: errors about nothing that was translated, and broken ones.
func TestErrorRefused(t *testing.T) {
	n := translator(t, nat.Config{})
	sent := udp(t, addrPort(host, 40000), addrPort(peer, 53), "x")
	port := out(t, n, epoch, sent)
	in := udp(t, addrPort(peer, 53), addrPort(outside, port), "x")
	if why := n.Inbound(epoch, in); why != mib.None {
		t.Fatal(why)
	}
	exceeded := func(q []byte) []byte { return icmp(t, far, outside, icmp4.TimeExceeded{Quote: q}) }
	change := func(q []byte, at int, v byte) []byte {
		q = bytes.Clone(q)
		q[at] ^= v
		return q
	}
	bad := exceeded(sent)
	bad[22] ^= 1
	fragmented := exceeded(sent)
	fragmented[6] |= 0x20
	later := bytes.Clone(sent)
	later[7] = 1
	for name, e := range map[string][]byte{
		"another source":    exceeded(change(sent, 15, 1)),
		"another port":      exceeded(change(sent, 21, 1)),
		"another protocol":  exceeded(change(sent, 9, ip17^ip6)),
		"protocol 47":       exceeded(change(sent, 9, ip17^47)),
		"one octet":         exceeded(sent[:21]),
		"header alone":      exceeded(sent[:20]),
		"header cut":        exceeded(sent[:19]),
		"no quote":          exceeded(nil),
		"later fragment":    exceeded(later),
		"a reply":           exceeded(icmp(t, outside, peer, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: port})),
		"checksum":          bad,
		"itself a fragment": fragmented,
	} {
		ip.Seal4(e)
		before := bytes.Clone(e)
		if why := n.Inbound(epoch, e); why != mib.NATUnmatched || !bytes.Equal(e, before) {
			t.Errorf("%s: %v, changed %v", name, why, !bytes.Equal(e, before))
		}
	}
	// Two octets are the source port: enough to know, though RFC 792 wants eight.
	if e := exceeded(sent[:22]); n.Inbound(epoch, e) != mib.None {
		t.Error("refused with the port quoted")
	}
	for name, e := range map[string][]byte{
		"another port": icmp(t, host, peer, icmp4.DestUnreachable{Quote: change(in, 23, 1)}),
		"query":        icmp(t, host, peer, icmp4.DestUnreachable{Quote: icmp(t, peer, host, icmp4.Echo{ID: 40000})}),
		"nothing":      icmp(t, host, peer, icmp4.DestUnreachable{}),
	} {
		before := bytes.Clone(e)
		if why := n.Outbound(epoch, e); why != mib.NATUnmatched || !bytes.Equal(e, before) {
			t.Errorf("outbound, %s: %v", name, why)
		}
	}
}

const (
	ip6  = byte(ip.ProtoTCP)
	ip17 = byte(ip.ProtoUDP)
)

// TestErrorKeepsNothingAlive: RFC 5508 REQ-6.
func TestErrorKeepsNothingAlive(t *testing.T) {
	n := translator(t, nat.Config{})
	d := icmp(t, host, peer, icmp4.Echo{ID: 7})
	out(t, n, epoch, d)
	if why := n.Inbound(at(50*time.Second), icmp(t, far, outside, icmp4.TimeExceeded{Quote: d})); why != mib.None {
		t.Fatal(why)
	}
	if n.Len(at(time.Minute-1)) != 1 || n.Len(at(time.Minute)) != 0 {
		t.Error("an error has prolonged or ended a mapping")
	}
}

// TestStaleQuote: gateways that lower the TTL and leave the checksum are
// believed, and the checksum stays as wrong as it was.
func TestStaleQuote(t *testing.T) {
	n := translator(t, nat.Config{})
	sent := udp(t, addrPort(host, 40000), addrPort(peer, 53), "x")
	d := bytes.Clone(sent)
	out(t, n, epoch, d)
	d[8] -= 3
	e := icmp(t, far, outside, icmp4.TimeExceeded{Quote: d})
	if why := n.Inbound(epoch, e); why != mib.None {
		t.Fatal(why)
	}
	want := bytes.Clone(sent)
	want[8] -= 3
	if q := quoteOf(t, e, far, host); !bytes.Equal(q, want) {
		t.Errorf("quote:\n got %x\nwant %x", q, want)
	}
}

// TestSwappedLength: systems of BSD descent quote the total length in their own
// byte order, and padding behind a quote is none of its octets.
func TestSwappedLength(t *testing.T) {
	n := translator(t, nat.Config{})
	sent := tcp(t, addrPort(host, 40000), addrPort(peer, 53), transport.SYN)
	d := bytes.Clone(sent)
	out(t, n, epoch, d)
	d[2], d[3] = d[3], d[2]
	e := icmp(t, far, outside, icmp4.TimeExceeded{Quote: d})
	if why := n.Inbound(epoch, e); why != mib.None {
		t.Fatal(why)
	}
	q := quoteOf(t, e, far, host)
	q[2], q[3] = q[3], q[2]
	if !bytes.Equal(q, sent) {
		t.Errorf("quote:\n got %x\nwant %x", q, sent)
	}

	// Total length 8 behind the header: where the TCP checksum would be is padding.
	short := bytes.Clone(sent)
	out(t, n, epoch, short)
	binary.BigEndian.PutUint16(short[2:], 28)
	copy(short[28:], make([]byte, len(short)-28))
	binary.BigEndian.PutUint16(short[10:], 0)
	binary.BigEndian.PutUint16(short[10:], checksum.Of(short[:20]))
	e = icmp(t, far, outside, icmp4.TimeExceeded{Quote: short})
	if why := n.Inbound(epoch, e); why != mib.None {
		t.Fatal(why)
	}
	if q := quoteOf(t, e, far, host); !bytes.Equal(q[28:], make([]byte, len(q)-28)) {
		t.Errorf("padding has become %x", q[28:])
	}
}

// TestHairpin: two hosts behind the same address talk by it, and an error about
// that comes back right (RFC 4787 REQ-9, RFC 5508 REQ-7).
func TestHairpin(t *testing.T) {
	n := translator(t, nat.Config{})
	a, b := addrPort(host, 40000), addrPort(other, 50000)
	pb := out(t, n, epoch, udp(t, b, addrPort(peer, 1), "opens the port"))
	sent := udp(t, a, addrPort(outside, pb), "hello")
	d := bytes.Clone(sent)
	if in, o := n.Inbound(epoch, d), n.Outbound(epoch, d); in != mib.None || o != mib.None {
		t.Fatal(in, o)
	}
	pa, _ := mapping(n, epoch, ip.ProtoUDP, a)
	check(t, d, want{outside, other, pa.Outside.Port(), 50000})

	e := icmp(t, other, outside, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: d})
	if in, o := n.Inbound(epoch, e), n.Outbound(epoch, e); in != mib.None || o != mib.None {
		t.Fatal(in, o)
	}
	if q := quoteOf(t, e, outside, host); !bytes.Equal(q, sent) {
		t.Errorf("quote:\n got %x\nwant %x", q, sent)
	}
}
