package trace

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/sonde-net/sonde/wire/extension"
)

// extension is an extension structure in the layout of traceroute:
// "MPLS:L=24001,E=0,S=0,T=1/L=16,E=0,S=1,T=1", "INC:3,10.0.0.1,"eth0",mtu=1500"
// for interfaces, and CLASS/TYPE with the words in hexadecimal for all others. It
// is empty when there is none that can be read.
func extensionText(b []byte) string {
	s, err := extension.Parse(b)
	if err != nil {
		return ""
	}
	var all []string
	for o, err := range s.All() {
		if err != nil {
			break
		}
		all = append(all, object(o))
	}
	return strings.Join(all, ";")
}

func object(o extension.Object) string {
	switch o.Class {
	case extension.ClassMPLS:
		if t, ok := labels(o); ok {
			return t
		}
	case extension.ClassInterfaceInfo:
		if i, err := extension.ParseInterfaceInfo(o); err == nil {
			return interfaceText(i)
		}
	}
	var words []string
	for p := o.Payload; len(p) >= 4; p = p[4:] {
		words = append(words, fmt.Sprintf("%08x", binary.BigEndian.Uint32(p)))
	}
	return fmt.Sprintf("%d/%d:%s", o.Class, o.CType, strings.Join(words, ","))
}

func labels(o extension.Object) (string, bool) {
	var all []string
	for l, err := range extension.Labels(o) {
		if err != nil {
			return "", false
		}
		bottom := 0
		if l.Bottom {
			bottom = 1
		}
		all = append(all, fmt.Sprintf("L=%d,E=%d,S=%d,T=%d", l.Label, l.TC, bottom, l.TTL))
	}
	return "MPLS:" + strings.Join(all, "/"), len(all) > 0
}

// roles are the roles of interfaces as later versions of traceroute write them.
var roles = [...]string{"INC", "SUB", "OUT", "NXT"}

func interfaceText(i extension.InterfaceInfo) string {
	var all []string
	if i.Has(extension.PartIndex) {
		all = append(all, fmt.Sprint(i.Index))
	}
	if i.Has(extension.PartAddr) {
		all = append(all, i.Addr.String())
	}
	if i.Has(extension.PartName) {
		all = append(all, fmt.Sprintf("%q", i.Name))
	}
	if i.Has(extension.PartMTU) {
		all = append(all, fmt.Sprintf("mtu=%d", i.MTU))
	}
	return roles[i.Role&3] + ":" + strings.Join(all, ",")
}
