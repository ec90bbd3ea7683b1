package icmp4_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// The tables of the source documents, row by row, with the names that they
// translate; type 3 code 13 and type 18 stand there under slips of the pen.
func TestNamesOfTheSourceDocuments(t *testing.T) {
	for _, row := range []string{"W-04", "W-05", "W-06", "W-07", "W-08", "W-09", "W-10", "W-11", "W-12"} {
		conform.Row(t, row)
	}
	for _, c := range []struct {
		typ  icmp4.Type
		code icmp4.Code
		want string
	}{
		{0, 0, "0/0 Echo Reply"},
		{8, 0, "8/0 Echo"},
		{3, 0, "3/0 Destination Unreachable: Net Unreachable"},
		{3, 1, "3/1 Destination Unreachable: Host Unreachable"},
		{3, 2, "3/2 Destination Unreachable: Protocol Unreachable"},
		{3, 3, "3/3 Destination Unreachable: Port Unreachable"},
		{3, 4, "3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set"},
		{3, 5, "3/5 Destination Unreachable: Source Route Failed"},
		{3, 6, "3/6 Destination Unreachable: Destination Network Unknown"},
		{3, 7, "3/7 Destination Unreachable: Destination Host Unknown"},
		{3, 8, "3/8 Destination Unreachable: Source Host Isolated"},
		{3, 9, "3/9 Destination Unreachable: Communication with Destination Network is Administratively Prohibited"},
		{3, 10, "3/10 Destination Unreachable: Communication with Destination Host is Administratively Prohibited"},
		{3, 11, "3/11 Destination Unreachable: Destination Network Unreachable for Type of Service"},
		{3, 12, "3/12 Destination Unreachable: Destination Host Unreachable for Type of Service"},
		{3, 13, "3/13 Destination Unreachable: Communication Administratively Prohibited"},
		{3, 14, "3/14 Destination Unreachable: Host Precedence Violation"},
		{3, 15, "3/15 Destination Unreachable: Precedence cutoff in effect"},
		{4, 0, "4/0 Source Quench"},
		{5, 0, "5/0 Redirect: Redirect Datagram for the Network (or subnet)"},
		{5, 1, "5/1 Redirect: Redirect Datagram for the Host"},
		{5, 2, "5/2 Redirect: Redirect Datagram for the Type of Service and Network"},
		{5, 3, "5/3 Redirect: Redirect Datagram for the Type of Service and Host"},
		{11, 0, "11/0 Time Exceeded: Time to Live exceeded in Transit"},
		{11, 1, "11/1 Time Exceeded: Fragment Reassembly Time Exceeded"},
		{12, 0, "12/0 Parameter Problem: Pointer indicates the error"},
		{13, 0, "13/0 Timestamp"},
		{14, 0, "14/0 Timestamp Reply"},
		{15, 0, "15/0 Information Request"},
		{16, 0, "16/0 Information Reply"},
		{17, 0, "17/0 Address Mask Request"},
		{18, 0, "18/0 Address Mask Reply"},
	} {
		if got := (icmp4.Kind{Type: c.typ, Code: c.code}).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestNamesOfTheRest(t *testing.T) {
	conform.Row(t, "W-15")
	for typ, want := range map[icmp4.Type]string{
		1: "Unassigned", 2: "Unassigned", 7: "Unassigned", 44: "Unassigned", 252: "Unassigned",
		19: "Reserved (for Security)", 20: "Reserved (for Robustness Experiment)", 29: "Reserved (for Robustness Experiment)",
		255: "Reserved", icmp4.TypeAlternateAddress: "Alternate Host Address", icmp4.TypeTraceroute: "Traceroute",
		icmp4.TypeConversionError: "Datagram Conversion Error", icmp4.TypeMobileRedirect: "Mobile Host Redirect",
		icmp4.TypeWhereAreYou: "IPv6 Where-Are-You", icmp4.TypeIAmHere: "IPv6 I-Am-Here",
		icmp4.TypeMobileRegRequest: "Mobile Registration Request", icmp4.TypeMobileRegReply: "Mobile Registration Reply",
		icmp4.TypeDomainNameRequest: "Domain Name Request", icmp4.TypeDomainNameReply: "Domain Name Reply",
		icmp4.TypeSKIP: "SKIP", icmp4.TypePhoturis: "Photuris", icmp4.TypeExperiment2: "RFC3692-style Experiment 2",
		icmp4.TypeExperimentalMobility: "ICMP messages utilized by experimental mobility protocols such as Seamoby",
		icmp4.TypeExtendedEchoRequest:  "Extended Echo Request", icmp4.TypeExtendedEchoReply: "Extended Echo Reply",
		icmp4.TypeRouterAdvertisement: "Router Advertisement", icmp4.TypeRouterSolicitation: "Router Solicitation",
	} {
		if typ.String() != want {
			t.Errorf("type %d: %q, want %q", typ, typ, want)
		}
	}
}

func TestCodeName(t *testing.T) {
	for _, c := range []struct {
		typ  icmp4.Type
		code icmp4.Code
		want string
	}{
		{3, 16, ""},
		{3, 255, ""},
		{9, 0, "Normal router advertisement"},
		{9, 1, ""},
		{9, 15, ""},
		{9, 16, "Does not route common traffic"},
		{9, 17, ""},
		{12, 1, "Missing a Required Option"},
		{12, 2, "Bad Length"},
		{30, 0, ""},
		{255, 0, ""},
		{42, 0, "No Error"},
		{43, 4, "Multiple Interfaces Satisfy Query"},
		{43, 5, ""},
	} {
		if got := (icmp4.Kind{Type: c.typ, Code: c.code}).CodeName(); got != c.want {
			t.Errorf("%d/%d: %q, want %q", c.typ, c.code, got, c.want)
		}
	}
	if got := (icmp4.Kind{Type: 30, Code: 1}).String(); got != "30/1 Traceroute" {
		t.Errorf("%q", got)
	}
}

// Every registered type and code has a name, is in order, and is parsed by a
// family that says so.
func TestKinds(t *testing.T) {
	conform.Row(t, "W-15")
	last := -1
	n := 0
	for k := range icmp4.Kinds() {
		n++
		if at := int(k.Type)<<8 | int(k.Code); at <= last {
			t.Errorf("%v is out of order", k)
		} else {
			last = at
		}
		if k.Type.String() == "Unassigned" || k.Type.String() == "Reserved" || k.Type.Reference() == "" {
			t.Errorf("%v: reference %q", k, k.Type.Reference())
		}
		b := make([]byte, 20)
		b[0], b[1], b[5] = byte(k.Type), byte(k.Code), 2
		if m, err := icmp4.Decode(b); err != nil || m.Kind() != k {
			t.Errorf("%v: %v, %v", k, m, err)
		}
	}
	if n != 63 {
		t.Errorf("%d kinds, want 63", n)
	}
	for k := range icmp4.Kinds() {
		if k != (icmp4.Kind{}) {
			t.Errorf("first is %v", k)
		}
		break
	}
}

func TestDeprecated(t *testing.T) {
	for n := range 256 {
		typ := icmp4.Type(n)
		want := n == 4 || n == 6 || n >= 15 && n <= 18 || n >= 30 && n <= 39
		if typ.Deprecated() != want {
			t.Errorf("type %d: deprecated %v", n, typ.Deprecated())
		}
	}
}

func TestReference(t *testing.T) {
	for typ, want := range map[icmp4.Type]string{
		0: "RFC 792", 4: "RFC 792, RFC 6633", 9: "RFC 1256", 17: "RFC 950, RFC 6918", 25: "ZSu",
		32: "David Johnson, RFC 6918", 43: "RFC 8335", 254: "RFC 4727", 1: "", 44: "", 252: "",
	} {
		if got := typ.Reference(); got != want {
			t.Errorf("type %d: %q, want %q", typ, got, want)
		}
	}
}

func TestRegistryDate(t *testing.T) {
	if _, err := time.Parse(time.DateOnly, icmp4.RegistryDate); err != nil {
		t.Error(err)
	}
}
