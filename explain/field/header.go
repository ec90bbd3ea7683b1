package field

import (
	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// Header4 enters the fields of an IPv4 header.
func (s Sheet) Header4() {
	x := s.x
	v := s.Get(0, 1)
	s.Put(0, 1, "f.version.ihl", Hex(v, 2), x.Say("m.version", Dec(v>>4), Dec(4*(v&15))))
	tos := s.Get(1, 1)
	s.Put(1, 1, "f.tos", Hex(tos, 2), x.Say("m.precedence", Dec(tos>>5), Dec(tos>>2), Dec(tos&3)))
	s.Num(2, 2, "f.total", x.Say("m.octets", Dec(s.Get(2, 2))))
	s.Num(4, 2, "f.ipid", "")
	s.Put(6, 2, "f.frag", Hex(s.Get(6, 2), 4), x.fragment4(s.Get(6, 2)))
	s.Num(8, 1, "f.ttl", "")
	s.Num(9, 1, "f.proto", x.Name(ip.Proto(s.Get(9, 1)).String()))
	s.Put(10, 2, "f.hsum", Hex(s.Get(10, 2), 4), s.headerSum(int(4*(v&15))))
	s.Addr(12, 4, "f.src")
	s.Addr(16, 4, "f.dst")
	s.options4()
}

// headerSum says whether the checksum of the header of n octets holds; nothing of
// a header that is cut.
func (s Sheet) headerSum(n int) string {
	if n < ip.MinHeaderLen4 || s.clip(0, n) < n {
		return ""
	}
	if checksum.Valid(s.Octets[:n]) {
		return s.x.Say("m.sum.right")
	}
	right := ^checksum.Sum(s.Octets[12:n], checksum.Sum(s.Octets[:10], 0))
	return s.x.Say("m.sum.wrong", Hex(uint32(right), 4))
}

// fragment4 returns what the flags and the offset of IPv4 mean.
func (x *Page) fragment4(v uint32) string {
	text := ""
	switch {
	case v&0x4000 != 0:
		text = x.Say("m.df")
	case v&0x3fff == 0:
		text = x.Say("m.whole")
	}
	if off := v & 0x1fff; off != 0 {
		text = join(text, x.Say("m.semi"), x.Say("m.offset", Dec(8*off)))
	}
	if v&0x2000 != 0 {
		text = join(text, x.Say("m.semi"), x.Say("m.mf"))
	}
	return text
}

func join(a, between, b string) string {
	if a == "" {
		return b
	}
	return a + between + b
}

// options4 enters the options of an IPv4 header.
func (s Sheet) options4() {
	if len(s.Octets) <= ip.MinHeaderLen4 {
		return
	}
	end := ip.MinHeaderLen4
	for o, err := range ip.Options4(s.Octets[ip.MinHeaderLen4:]) {
		if err != nil {
			break
		}
		n := o.Len()
		if o.Type == ip.OptEnd {
			n = len(s.Octets) - o.Offset
		}
		s.Put(o.Offset, n, "f.option", Dec(uint8(o.Type)), s.x.Name(o.Type.String()))
		end = o.Offset + n
	}
	s.Tail(end, "f.option")
}

// Header6 enters the fields of an IPv6 header and of the extension headers
// behind it. It returns how many octets they have.
func (s Sheet) Header6() int {
	x := s.x
	v := s.Get(0, 4)
	s.Put(0, 4, "f.vtf", Hex(v, 8), x.Say("m.flow", Hex(v>>20&0xff, 2), Hex(v&ip.MaxFlowLabel, 5)))
	s.Num(4, 2, "f.plen", x.Say("m.octets", Dec(s.Get(4, 2))))
	s.Num(6, 1, "f.next", x.Name(ip.Proto(s.Get(6, 1)).String()))
	s.Num(7, 1, "f.hop", "")
	s.Addr(8, 16, "f.src")
	s.Addr(24, 16, "f.dst")
	p, off := ip.Proto(s.Get(6, 1)), ip.HeaderLen6
	for n := 0; off < len(s.Octets) && n < ip.MaxExtensions && p.IsExtension(); n++ {
		next, size := s.extension6(p, off)
		p, off = next, off+size
	}
	return min(off, len(s.Octets))
}

// extension6 enters an extension header that begins at off, and returns what
// follows it and its length.
func (s Sheet) extension6(p ip.Proto, off int) (next ip.Proto, size int) {
	x := s.x
	next = ip.Proto(s.Get(off, 1))
	s.Num(off, 1, "f.ext.next", x.Name(next.String()))
	if p == ip.ProtoFragment {
		s.Put(off+1, 1, "f.reserved", Dec(s.Get(off+1, 1)), "")
		v := s.Get(off+2, 2)
		text := x.Say("m.offset", Dec(v&^7))
		if v&1 != 0 {
			text = join(text, x.Say("m.semi"), x.Say("m.mf"))
		}
		s.Put(off+2, 2, "f.ext.frag", Hex(v, 4), text)
		s.Num(off+4, 4, "f.ext.id", "")
		if v&^7 != 0 {
			next = ip.ProtoNoNext // the headers stand in the first fragment
		}
		return next, ip.FragmentLen6
	}
	size = 8 * (int(s.Get(off+1, 1)) + 1)
	if p == ip.ProtoAH {
		size = 4 * (int(s.Get(off+1, 1)) + 2)
	}
	s.Num(off+1, 1, "f.ext.len", x.Say("m.octets", Dec(size)))
	content := off + 2
	switch p {
	case ip.ProtoRouting:
		s.Num(off+2, 1, "f.ext.rtype", "")
		s.Num(off+3, 1, "f.ext.left", "")
		content = off + 4
	case ip.ProtoHopByHop, ip.ProtoDestOpts:
		content = s.options6(content, off+size)
	}
	if n := s.clip(content, off+size-content); n > 0 {
		s.Put(content, n, "f.ext.data", "", x.Name(p.String()))
	}
	return next, size
}

// options6 enters the options from off to end and returns how far it came.
func (s Sheet) options6(off, end int) int {
	for end = min(end, len(s.Octets)); off < end; {
		n := 1
		if s.Octets[off] != 0 {
			if off+2 > end || off+2+int(s.Octets[off+1]) > end {
				break
			}
			n = 2 + int(s.Octets[off+1])
		}
		s.Put(off, n, "f.ext.opt", Dec(s.Octets[off]), s.x.Name(optionName6(ip.OptionType6(s.Octets[off]))))
		off += n
	}
	return off
}

// Quoted enters the fields of a quote, and returns how many octets its header
// has.
func (s Sheet) Quoted(q quote.Quote) {
	var end int
	if q.Version == 6 {
		s.layer += ": IPv6"
		end = s.Header6()
	} else {
		s.layer += ": IPv4"
		head := s
		end = min(int(q.HeaderLen), len(s.Octets))
		head.Octets = s.Octets[:end]
		head.Header4()
	}
	up := s.part(end)
	if !q.Has(quote.Header) || q.FragOffset != 0 {
		up.Tail(0, "f.payload")
		return
	}
	up.upper(q.Proto)
}

// upper enters the header of the upper layer of a quoted datagram.
func (s Sheet) upper(p ip.Proto) {
	x := s.x
	switch p {
	case ip.ProtoUDP, ip.ProtoUDPLite:
		s.Num(0, 2, "f.sport", "")
		s.Num(2, 2, "f.dport", "")
		s.Num(4, 2, "f.ulen", "")
		s.Put(6, 2, "f.usum", Hex(s.Get(6, 2), 4), "")
		s.Tail(8, "f.payload")
	case ip.ProtoTCP:
		s.Num(0, 2, "f.sport", "")
		s.Num(2, 2, "f.dport", "")
		s.Num(4, 4, "f.tcpseq", "")
		s.Num(8, 4, "f.tcpack", "")
		v := s.Get(12, 2)
		s.Put(12, 2, "f.tcpflags", Hex(v, 4), transport.TCPFlags(v).String())
		s.Num(14, 2, "f.window", "")
		s.Put(16, 2, "f.usum", Hex(s.Get(16, 2), 4), "")
		s.Num(18, 2, "f.urgent", "")
		s.Tail(20, "f.payload")
	case ip.ProtoSCTP:
		s.Num(0, 2, "f.sport", "")
		s.Num(2, 2, "f.dport", "")
		s.Put(4, 4, "f.vtag", Hex(s.Get(4, 4), 8), "")
		s.Tail(8, "f.payload")
	case ip.ProtoICMP, ip.ProtoICMPv6:
		s.Num(0, 1, "f.type", x.icmpName(p, s.Octets))
		s.Num(1, 1, "f.code", "")
		s.Put(2, 2, "f.sum", Hex(s.Get(2, 2), 4), "")
		s.Put(4, 4, "f.payload", "", "")
		s.Tail(8, "f.payload")
	default:
		s.Tail(0, "f.payload")
	}
}

// NameAt returns the name of the header field that has an octet of the quoted
// datagram. Where the quote ends before it, the fixed header still says; ok is
// false when nothing does.
func (x *Page) NameAt(quoted []byte, octet int) (name string, ok bool) {
	b, size := quoted, ip.MinHeaderLen4
	if len(b) > 0 && b[0]>>4 == 6 {
		size = ip.HeaderLen6
	}
	if len(b) > 0 && len(b) < size {
		b = append(b[:len(b):len(b)], make([]byte, size-len(b))...)
	}
	q, err := quote.Parse(b)
	if err != nil || octet < 0 {
		return "", false
	}
	side := New(x.Lang)
	side.Sheet("layer.quote", 0, b).Quoted(q)
	for _, f := range side.Fields {
		if octet >= f.Octet && octet < f.Octet+f.Len {
			return f.Name, true
		}
	}
	return "", false
}

// optionName6 is the name of an option of IPv6, as far as it is a usual one.
func optionName6(t ip.OptionType6) string {
	switch t {
	case ip.Opt6Pad1:
		return "Pad1"
	case ip.Opt6PadN:
		return "PadN"
	case ip.Opt6TunnelLimit:
		return "Tunnel Encapsulation Limit"
	case ip.Opt6RouterAlert:
		return "Router Alert"
	case ip.Opt6Jumbo:
		return "Jumbo Payload"
	case ip.Opt6HomeAddress:
		return "Home Address"
	}
	return ""
}

// icmpName is the name of the type of a quoted message.
func (x *Page) icmpName(p ip.Proto, b []byte) string {
	if len(b) == 0 {
		return ""
	}
	f := catalogue.ICMPv4
	if p == ip.ProtoICMPv6 {
		f = catalogue.ICMPv6
	}
	return catalogue.OfType(f, b[0], x.Lang).Name
}
