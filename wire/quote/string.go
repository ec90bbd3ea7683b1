package quote

import (
	"fmt"
	"net/netip"
	"strings"
)

// String returns the quote on one line, for people, with a question mark for an
// address or a protocol that is absent:
//
//	192.0.2.1:40000 > 198.51.100.7:33434 UDP, ttl 1, id 17767, df, 60 octets
//	2001:db8::1 > 2001:db8::7 IPv6-ICMP 128/0 id 7 seq 3, ttl 1, 104 octets
func (q Quote) String() string {
	var w strings.Builder
	w.WriteString(endpoint(q.Src, q.SrcPort, q.Has(Src), q.Has(SrcPort)))
	w.WriteString(" > ")
	w.WriteString(endpoint(q.Dst, q.DstPort, q.Has(Dst), q.Has(DstPort)))
	if q.Has(Proto) {
		fmt.Fprintf(&w, " %v", q.Proto)
	} else {
		w.WriteString(" ?")
	}
	say := func(f Fields, format string, v ...any) {
		if q.Has(f) {
			fmt.Fprintf(&w, format, v...)
		}
	}
	say(TCPSeq, " seq %d", q.TCPSeq)
	say(ICMPType|ICMPCode, " %d/%d", q.ICMPType, q.ICMPCode)
	say(ICMPID, " id %d", q.ICMPID)
	say(ICMPSeq, " seq %d", q.ICMPSeq)
	say(TTL, ", ttl %d", q.TTL)
	say(ID, ", id %d", q.ID)
	if q.DF {
		w.WriteString(", df")
	}
	if q.MF {
		w.WriteString(", mf")
	}
	if q.FragOffset != 0 {
		fmt.Fprintf(&w, ", offset %d", q.FragOffset)
	}
	say(TotalLen, ", %d octets", q.TotalLen)
	return w.String()
}

func endpoint(a netip.Addr, port uint16, hasAddr, hasPort bool) string {
	switch {
	case !hasAddr:
		return "?"
	case hasPort:
		return netip.AddrPortFrom(a, port).String()
	}
	return a.String()
}
