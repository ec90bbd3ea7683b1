package icmp6_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/icmp6"
)

func TestNames(t *testing.T) {
	conform.Row(t, "W-19")
	for _, c := range []struct {
		typ  icmp6.Type
		code icmp6.Code
		want string
	}{
		{1, 0, "1/0 Destination Unreachable: no route to destination"},
		{1, 1, "1/1 Destination Unreachable: communication with destination administratively prohibited"},
		{1, 2, "1/2 Destination Unreachable: beyond scope of source address"},
		{1, 3, "1/3 Destination Unreachable: address unreachable"},
		{1, 4, "1/4 Destination Unreachable: port unreachable"},
		{1, 5, "1/5 Destination Unreachable: source address failed ingress/egress policy"},
		{1, 6, "1/6 Destination Unreachable: reject route to destination"},
		{1, 7, "1/7 Destination Unreachable: Error in Source Routing Header"},
		{1, 8, "1/8 Destination Unreachable: Headers too long"},
		{1, 10, "1/10 Destination Unreachable"},
		{2, 0, "2/0 Packet Too Big"},
		{3, 0, "3/0 Time Exceeded: hop limit exceeded in transit"},
		{3, 1, "3/1 Time Exceeded: fragment reassembly time exceeded"},
		{3, 2, "3/2 Time Exceeded"},
		{4, 0, "4/0 Parameter Problem: erroneous header field encountered"},
		{4, 1, "4/1 Parameter Problem: unrecognized Next Header type encountered"},
		{4, 2, "4/2 Parameter Problem: unrecognized IPv6 option encountered"},
		{4, 3, "4/3 Parameter Problem: IPv6 First Fragment has incomplete IPv6 Header Chain"},
		{4, 4, "4/4 Parameter Problem: SR Upper-layer Header Error"},
		{4, 5, "4/5 Parameter Problem: Unrecognized Next Header type encountered by intermediate node"},
		{4, 6, "4/6 Parameter Problem: Extension header too big"},
		{4, 7, "4/7 Parameter Problem: Extension header chain too long"},
		{4, 8, "4/8 Parameter Problem: Too many extension headers"},
		{4, 9, "4/9 Parameter Problem: Too many options in extension header"},
		{4, 10, "4/10 Parameter Problem: Option too big"},
		{4, 11, "4/11 Parameter Problem"},
		{128, 0, "128/0 Echo Request"},
		{129, 0, "129/0 Echo Reply"},
		{130, 0, "130/0 Multicast Listener Query"},
		{131, 0, "131/0 Multicast Listener Report"},
		{132, 0, "132/0 Multicast Listener Done"},
		{133, 0, "133/0 Router Solicitation"},
		{134, 0, "134/0 Router Advertisement"},
		{135, 0, "135/0 Neighbor Solicitation"},
		{136, 0, "136/0 Neighbor Advertisement"},
		{137, 0, "137/0 Redirect Message"},
		{143, 0, "143/0 Version 2 Multicast Listener Report"},
		{160, 0, "160/0 Extended Echo Request: No Error"},
		{161, 3, "161/3 Extended Echo Reply: No Such Table Entry"},
		{0, 0, "0/0 Reserved"},
		{5, 0, "5/0 Unassigned"},
		{255, 255, "255/255 Reserved for expansion of ICMPv6 informational messages"},
	} {
		if got := (icmp6.Kind{Type: c.typ, Code: c.code}).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// Every registered type and code has a name, is in order, and is parsed by a
// family that says so.
func TestKinds(t *testing.T) {
	conform.Row(t, "W-19")
	last := -1
	n := 0
	for k := range icmp6.Kinds() {
		n++
		if at := int(k.Type)<<8 | int(k.Code); at <= last {
			t.Errorf("%v is out of order", k)
		} else {
			last = at
		}
		if k.Type.String() == "Unassigned" || k.Type.Reference() == "" || k.Type.Deprecated() {
			t.Errorf("%v: reference %q, deprecated %v", k, k.Type.Reference(), k.Type.Deprecated())
		}
		b := make([]byte, 40)
		b[0], b[1] = byte(k.Type), byte(k.Code)
		if m, err := icmp6.Decode(b); err != nil || m.Kind() != k {
			t.Errorf("%v: %v, %v", k, m, err)
		}
	}
	if n != 80 {
		t.Errorf("%d kinds, want 80", n)
	}
	for k := range icmp6.Kinds() {
		if k != (icmp6.Kind{Type: 1}) {
			t.Errorf("first is %v", k)
		}
		break
	}
}

func TestReference(t *testing.T) {
	for typ, want := range map[icmp6.Type]string{
		1: "RFC 4443", 130: "RFC 2710", 134: "RFC 4861", 138: "RFC 2894", 140: "RFC 4620", 142: "RFC 3122", 143: "RFC 9777",
		145: "RFC 6275", 149: "RFC 3971", 150: "RFC 4065", 152: "RFC 4286", 154: "RFC 5568", 155: "RFC 6550", 156: "RFC 6743",
		157: "RFC 6775", 159: "RFC 7731", 161: "RFC 8335", 5: "", 202: "",
	} {
		if got := typ.Reference(); got != want {
			t.Errorf("type %d: %q, want %q", typ, got, want)
		}
	}
}

func TestRegistryDate(t *testing.T) {
	if _, err := time.Parse(time.DateOnly, icmp6.RegistryDate); err != nil {
		t.Error(err)
	}
}
