//go:build linux

package drive_test

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
)

// A view is a datagram as the comparison sees it: what it is in short, and its
// fields in order. What need not agree is left out, once it is known to be
// right: checksums, and the identification of what the subject itself made.
type view struct {
	port   int
	kind   string // "3/1", "forwarded"
	fields []field
}

type field struct{ name, value string }

func (v *view) put(name, format string, args ...any) {
	v.fields = append(v.fields, field{name, fmt.Sprintf(format, args...)})
}

// String returns all fields on one line.
func (v view) String() string {
	s := v.kind
	for _, f := range v.fields {
		if f.value != "" {
			s += fmt.Sprintf(", %s %s", f.name, f.value)
		}
	}
	return s
}

// kinds returns what the views are, "silence" when there are none.
func kinds(vs []view) string {
	if len(vs) == 0 {
		return "silence"
	}
	var ks []string
	for _, v := range vs {
		ks = append(ks, v.kind)
	}
	// A train of fragments is as long as it is; its fields say how long.
	return strings.Join(slices.Compact(ks), " + ")
}

// views reads what a subject has sent, by port, and fails when a checksum does
// not hold.
func (s *situation) views(t *testing.T, who string, out []seen) []view {
	t.Helper()
	slices.SortStableFunc(out, func(a, b seen) int { return a.port - b.port })
	ids := map[uint32]int{}
	var vs []view
	for _, o := range out {
		v := view{port: o.port}
		v.put("port", "%s", s.ports[o.port].name)
		var err error
		if o.octets[0]>>4 == 6 {
			err = s.view6(&v, o.octets, ids)
		} else {
			err = s.view4(&v, o.octets, ids)
		}
		if err != nil {
			t.Errorf("%s sent %x: %v", who, o.octets, err)
		}
		vs = append(vs, v)
	}
	return vs
}

// own reports whether the subject has the address, and so has made what comes
// from it.
func (s *situation) own(a netip.Addr) bool {
	for _, p := range s.ports {
		for _, own := range p.addrs {
			// An IPv6 gateway has the anycast address of each subnet, too.
			if own.Addr() == a || a.Is6() && s.forward && own.Masked().Addr() == a {
				return true
			}
		}
	}
	return false
}

// serial tells identifications apart by their order.
func serial(ids map[uint32]int, id uint32) string {
	if ids[id] == 0 {
		ids[id] = len(ids) + 1
	}
	return fmt.Sprintf("#%d", ids[id])
}

func (s *situation) view4(v *view, b []byte, ids map[uint32]int) error {
	h, payload, err := ip.Parse4(b)
	if err != nil {
		return err
	}
	v.put("source", "%v", h.Src)
	v.put("destination", "%v", h.Dst)
	v.put("protocol", "%d", h.Proto)
	v.put("tos", "%02x", h.TOS)
	v.put("ttl", "%d", h.TTL)
	v.put("flags", "%t %t %t", h.Reserved, h.DF, h.MF)
	v.put("offset", "%d", h.FragOffset)
	own := s.own(h.Src)
	if own {
		v.put("id", "%s", serial(ids, uint32(h.ID)))
	} else {
		v.put("id", "%04x", h.ID)
	}
	v.put("options", "%s", hideStamps(h.Options))
	switch {
	case h.IsFragment():
		v.kind = "fragment"
		v.put("data", "%x", payload)
	case !own || h.Proto != ip.ProtoICMP:
		v.kind = "forwarded"
		v.put("data", "%x", payload)
	default:
		v.icmp(payload, icmp4.Verify(payload), 3, 4, 5, 11, 12)
	}
	return nil
}

func (s *situation) view6(v *view, b []byte, ids map[uint32]int) error {
	h, payload, err := ip.Parse6(b)
	if err != nil {
		return err
	}
	v.put("source", "%v", h.Src)
	v.put("destination", "%v", h.Dst)
	v.put("tos", "%02x", h.TrafficClass)
	v.put("flow", "%05x", h.FlowLabel)
	v.put("ttl", "%d", h.HopLimit)
	if !s.own(h.Src) || h.NextHeader != ip.ProtoICMPv6 && h.NextHeader != ip.ProtoFragment {
		v.kind = "forwarded"
		v.put("protocol", "%d", h.NextHeader)
		v.put("data", "%x", payload)
		return nil
	}
	up, err := h.Upper(payload)
	if err != nil {
		return err
	}
	v.put("protocol", "%d", up.Proto)
	if up.IsFragment {
		v.kind = "fragment"
		v.put("offset", "%d", up.Fragment.Offset)
		v.put("flags", "%t", up.Fragment.MF)
		v.put("id", "%s", serial(ids, up.Fragment.ID))
		v.put("data", "%x", up.Payload)
		return nil
	}
	v.icmp(up.Payload, icmp6.Verify(up.Payload, h.Src, h.Dst), 1, 2, 3, 4, 137)
	return nil
}

// icmp reads a message; errors are the types that quote a datagram. The kernel,
// too, sends a checksum that does not hold, so that is a field like others.
func (v *view) icmp(m []byte, err error, errors ...byte) {
	if len(m) < icmp4.HeaderLen {
		v.kind = "cut"
		return
	}
	if err != nil {
		v.put("checksum", "wrong")
	}
	v.kind = fmt.Sprintf("%d/%d", m[0], m[1])
	v.put("type/code", "%s", v.kind)
	v.put("rest", "%x", m[4:8])
	switch data := m[8:]; {
	case slices.Contains(errors, m[0]):
		v.put("quoted octets", "%d", len(data))
		v.put("quote", "%x", data)
	case m[0] == byte(icmp4.TypeTimestampReply) && len(data) >= 12:
		v.put("data", "%x %s %s %x", data[:4], hideStamp(data[4:8]), hideStamp(data[8:12]), data[12:])
	default:
		v.put("data", "%x", data)
	}
}

// hideStamp replaces the time of day, give or take some seconds, by "now".
func hideStamp(b []byte) string {
	const tolerance = 10_000 // ms
	const day = 24 * 60 * 60 * 1000
	now := int64(icmp4.TimestampOf(time.Now()))
	told := int64(binary.BigEndian.Uint32(b))
	if told >= day {
		return hex.EncodeToString(b)
	}
	if d := (now - told + day) % day; d < tolerance || day-d < tolerance {
		return "now"
	}
	return hex.EncodeToString(b)
}

// hideStamps returns options in hex, the time in timestamps hidden.
func hideStamps(options []byte) string {
	var out []string
	for o, err := range ip.Options4(options) {
		if err != nil {
			return hex.EncodeToString(options)
		}
		s := fmt.Sprintf("%d", o.Type)
		if o.Type != ip.OptTimestamp || len(o.Data) < 2 {
			out = append(out, s+":"+hex.EncodeToString(o.Data))
			continue
		}
		s += ":" + hex.EncodeToString(o.Data[:2])
		withAddrs := o.Data[1]&0x0f != 0
		for i, at := 0, 2; at+4 <= len(o.Data); i, at = i+1, at+4 {
			if withAddrs && i%2 == 0 {
				s += " " + hex.EncodeToString(o.Data[at:at+4])
				continue
			}
			s += " " + hideStamp(o.Data[at:at+4])
		}
		out = append(out, s)
	}
	return strings.Join(out, ",")
}

// aspects returns in what two answers differ, in words of a fixed form: "only
// the kernel: 3/2", "only the node: 3/5", "kernel 3/2, node 12/0" when what they
// send is another thing, else the names of the fields that differ.
func aspects(kernel, node []view) []string {
	switch k, n := kinds(kernel), kinds(node); {
	case len(kernel) == 0 && len(node) == 0:
		return nil
	case len(node) == 0:
		return []string{"only the kernel: " + k}
	case len(kernel) == 0:
		return []string{"only the node: " + n}
	case k != n:
		return []string{"kernel " + k + ", node " + n}
	case len(kernel) != len(node):
		return []string{"number"}
	}
	var out []string
	for i := range kernel {
		// Both ways, for a field that only one has.
		for _, pair := range [2][2]view{{kernel[i], node[i]}, {node[i], kernel[i]}} {
			for _, f := range pair[0].fields {
				if !slices.Contains(pair[1].fields, f) && !slices.Contains(out, f.name) {
					out = append(out, f.name)
				}
			}
		}
	}
	return out
}

// byQuote puts the views of what leaves in no order into one, by what they
// quote, and takes out what depends on the order.
func byQuote(vs []view) {
	quote := func(v view) string {
		for _, f := range v.fields {
			if f.name == "quote" {
				return f.value
			}
		}
		return ""
	}
	slices.SortFunc(vs, func(a, b view) int { return cmp.Or(len(quote(a))-len(quote(b)), strings.Compare(quote(a), quote(b))) })
	for i := range vs {
		vs[i].fields = slices.DeleteFunc(vs[i].fields, func(f field) bool { return f.name == "id" })
	}
}

// seal4 fills the checksum of an IPv4 header in, whatever the header is.
func seal4(b []byte) []byte {
	n := min(max(int(b[0]&0xf)*4, ip.MinHeaderLen4), len(b))
	if n < 12 {
		return b
	}
	b[10], b[11] = 0, 0
	binary.BigEndian.PutUint16(b[10:12], checksum.Of(b[:n]))
	return b
}
