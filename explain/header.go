package explain

import (
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// header4 enters the fields of an IPv4 header.
func (s sheet) header4() {
	x := s.x
	v := s.get(0, 1)
	s.put(0, 1, "f.version.ihl", hex0(v, 2), x.Say("m.version", dec(v>>4), dec(4*(v&15))))
	tos := s.get(1, 1)
	s.put(1, 1, "f.tos", hex0(tos, 2), x.Say("m.precedence", dec(tos>>5), dec(tos>>2), dec(tos&3)))
	s.num(2, 2, "f.total", x.Say("m.octets", dec(s.get(2, 2))))
	s.num(4, 2, "f.ipid", "")
	s.put(6, 2, "f.frag", hex0(s.get(6, 2), 4), x.fragment4(s.get(6, 2)))
	s.num(8, 1, "f.ttl", "")
	s.num(9, 1, "f.proto", ip.Proto(s.get(9, 1)).String())
	s.put(10, 2, "f.hsum", hex0(s.get(10, 2), 4), s.headerSum(int(4*(v&15))))
	s.addr(12, 4, "f.src", "")
	s.addr(16, 4, "f.dst", "")
	s.options4()
}

// headerSum says whether the checksum of the header of n octets holds; nothing of
// a header that is cut.
func (s sheet) headerSum(n int) string {
	if n < ip.MinHeaderLen4 || s.clip(0, n) < n {
		return ""
	}
	if checksum.Valid(s.b[:n]) {
		return s.x.Say("m.sum.right")
	}
	right := ^checksum.Sum(s.b[12:n], checksum.Sum(s.b[:10], 0))
	return s.x.Say("m.sum.wrong", hex0(uint32(right), 4))
}

// fragment4 returns what the flags and the offset of IPv4 mean.
func (x *explainer) fragment4(v uint32) string {
	text := ""
	switch {
	case v&0x4000 != 0:
		text = x.Say("m.df")
	case v&0x3fff == 0:
		text = x.Say("m.whole")
	}
	if off := v & 0x1fff; off != 0 {
		text = join(text, x.Say("m.offset", dec(8*off)))
	}
	if v&0x2000 != 0 {
		text = join(text, x.Say("m.mf"))
	}
	return text
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// options4 enters the options of an IPv4 header.
func (s sheet) options4() {
	if len(s.b) <= ip.MinHeaderLen4 {
		return
	}
	end := ip.MinHeaderLen4
	for o, err := range ip.Options4(s.b[ip.MinHeaderLen4:]) {
		if err != nil {
			break
		}
		n := o.Len()
		if o.Type == ip.OptEnd {
			n = len(s.b) - o.Offset
		}
		s.put(o.Offset, n, "f.option", dec(uint8(o.Type)), o.Type.String())
		end = o.Offset + n
	}
	s.tail(end, "f.option")
}

// header6 enters the fields of an IPv6 header and of the extension headers
// behind it. It returns how many octets they have.
func (s sheet) header6() int {
	x := s.x
	v := s.get(0, 4)
	s.put(0, 4, "f.vtf", hex0(v, 8), x.Say("m.flow", hex0(v>>20&0xff, 2), hex0(v&ip.MaxFlowLabel, 5)))
	s.num(4, 2, "f.plen", x.Say("m.octets", dec(s.get(4, 2))))
	s.num(6, 1, "f.next", ip.Proto(s.get(6, 1)).String())
	s.num(7, 1, "f.hop", "")
	s.addr(8, 16, "f.src", "")
	s.addr(24, 16, "f.dst", "")
	p, off := ip.Proto(s.get(6, 1)), ip.HeaderLen6
	for n := 0; off < len(s.b) && n < ip.MaxExtensions && p.IsExtension(); n++ {
		next, size := s.extension6(p, off)
		p, off = next, off+size
	}
	return min(off, len(s.b))
}

// extension6 enters an extension header that begins at off, and returns what
// follows it and its length.
func (s sheet) extension6(p ip.Proto, off int) (next ip.Proto, size int) {
	x := s.x
	next = ip.Proto(s.get(off, 1))
	s.num(off, 1, "f.ext.next", next.String())
	if p == ip.ProtoFragment {
		s.put(off+1, 1, "f.reserved", dec(s.get(off+1, 1)), "")
		v := s.get(off+2, 2)
		text := x.Say("m.offset", dec(v&^7))
		if v&1 != 0 {
			text = join(text, x.Say("m.mf"))
		}
		s.put(off+2, 2, "f.ext.frag", hex0(v, 4), text)
		s.num(off+4, 4, "f.ext.id", "")
		if v&^7 != 0 {
			next = ip.ProtoNoNext // the headers stand in the first fragment
		}
		return next, ip.FragmentLen6
	}
	size = 8 * (int(s.get(off+1, 1)) + 1)
	if p == ip.ProtoAH {
		size = 4 * (int(s.get(off+1, 1)) + 2)
	}
	s.num(off+1, 1, "f.ext.len", x.Say("m.octets", dec(size)))
	content := off + 2
	switch p {
	case ip.ProtoRouting:
		s.num(off+2, 1, "f.ext.rtype", "")
		s.num(off+3, 1, "f.ext.left", "")
		content = off + 4
	case ip.ProtoHopByHop, ip.ProtoDestOpts:
		content = s.options6(content, off+size)
	}
	if n := s.clip(content, off+size-content); n > 0 {
		s.put(content, n, "f.ext.data", "", p.String())
	}
	return next, size
}

// options6 enters the options from off to end and returns how far it came.
func (s sheet) options6(off, end int) int {
	for end = min(end, len(s.b)); off < end; {
		n := 1
		if s.b[off] != 0 {
			if off+2 > end || off+2+int(s.b[off+1]) > end {
				break
			}
			n = 2 + int(s.b[off+1])
		}
		s.put(off, n, "f.ext.opt", dec(s.b[off]), optionName6(ip.OptionType6(s.b[off])))
		off += n
	}
	return off
}

// quoted enters the fields of a quote, and returns how many octets its header
// has.
func (s sheet) quoted(q quote.Quote) {
	end := 0
	if q.Version == 6 {
		s.layer += ": IPv6"
		end = s.header6()
	} else {
		s.layer += ": IPv4"
		head := s
		end = min(int(q.HeaderLen), len(s.b))
		head.b = s.b[:end]
		head.header4()
	}
	up := s.part(end)
	if !q.Has(quote.Header) || q.FragOffset != 0 {
		up.tail(0, "f.payload")
		return
	}
	up.upper(q.Proto)
}

// upper enters the header of the upper layer of a quoted datagram.
func (s sheet) upper(p ip.Proto) {
	x := s.x
	switch {
	case p == ip.ProtoUDP || p == ip.ProtoUDPLite:
		s.num(0, 2, "f.sport", "")
		s.num(2, 2, "f.dport", "")
		s.num(4, 2, "f.ulen", "")
		s.put(6, 2, "f.usum", hex0(s.get(6, 2), 4), "")
		s.tail(8, "f.payload")
	case p == ip.ProtoTCP:
		s.num(0, 2, "f.sport", "")
		s.num(2, 2, "f.dport", "")
		s.num(4, 4, "f.tcpseq", "")
		s.num(8, 4, "f.tcpack", "")
		v := s.get(12, 2)
		s.put(12, 2, "f.tcpflags", hex0(v, 4), transport.TCPFlags(v).String())
		s.num(14, 2, "f.window", "")
		s.put(16, 2, "f.usum", hex0(s.get(16, 2), 4), "")
		s.num(18, 2, "f.urgent", "")
		s.tail(20, "f.payload")
	case p == ip.ProtoSCTP:
		s.num(0, 2, "f.sport", "")
		s.num(2, 2, "f.dport", "")
		s.put(4, 4, "f.vtag", hex0(s.get(4, 4), 8), "")
		s.tail(8, "f.payload")
	case p == ip.ProtoICMP || p == ip.ProtoICMPv6:
		s.num(0, 1, "f.type", x.icmpName(p, s.b))
		s.num(1, 1, "f.code", "")
		s.put(2, 2, "f.sum", hex0(s.get(2, 2), 4), "")
		s.put(4, 4, "f.payload", "", "")
		s.tail(8, "f.payload")
	default:
		s.tail(0, "f.payload")
	}
}

// fieldAt returns the name of the header field that has an octet of the quoted
// datagram. Where the quote ends before it, the fixed header still says; ok is
// false when nothing does.
func (x *explainer) fieldAt(quoted []byte, octet int) (name string, ok bool) {
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
	side := &explainer{Printer: x.Printer, lang: x.lang, out: &Explanation{}}
	side.sheet("layer.quote", 0, b).quoted(q)
	for _, f := range side.out.Fields {
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
