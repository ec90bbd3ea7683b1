package extension_test

import (
	"testing"

	"github.com/sonde-net/sonde/wire/extension"
)

var sum uint32

func BenchmarkParse(b *testing.B) {
	objects, _ := extension.AppendLabels(nil, extension.Label{Label: 24005, TTL: 1}, extension.Label{Label: 16004, Bottom: true, TTL: 1})
	mpls, _ := extension.Structure{Objects: objects}.AppendBinary(nil)
	objects, _ = extension.InterfaceInfo{Index: 3, Addr: addr4, Name: []byte("eth0"), MTU: 1500}.AppendBinary(nil)
	info, _ := extension.Structure{Objects: objects}.AppendBinary(nil)
	for _, r := range []struct {
		name string
		ext  []byte
	}{{"obj=mpls/labels=2", mpls}, {"obj=interface", info}} {
		b.Run(r.name, func(b *testing.B) {
			b.SetBytes(int64(len(r.ext)))
			b.ReportAllocs()
			for b.Loop() {
				s, err := extension.Parse(r.ext)
				if err != nil {
					b.Fatal(err)
				}
				for o, err := range s.All() {
					switch {
					case err != nil:
						b.Fatal(err)
					case o.Class == extension.ClassMPLS:
						for l := range extension.Labels(o) {
							sum += l.Label
						}
					case o.Class == extension.ClassInterfaceInfo:
						i, _ := extension.ParseInterfaceInfo(o)
						sum += i.MTU
					}
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	stack := []extension.Label{{Label: 24005, TTL: 1}, {Label: 16004, Bottom: true, TTL: 1}}
	var scratch, out [128]byte
	b.Run("obj=mpls/labels=2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			objects, _ := extension.AppendLabels(scratch[:0], stack...)
			ext, err := extension.Structure{Objects: objects}.AppendBinary(out[:0])
			if err != nil {
				b.Fatal(err)
			}
			sum += uint32(ext[2])
		}
	})
	info := extension.InterfaceInfo{Index: 3, Addr: addr4, Name: []byte("eth0"), MTU: 1500}
	b.Run("obj=interface", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			objects, _ := info.AppendBinary(scratch[:0])
			ext, err := extension.Structure{Objects: objects}.AppendBinary(out[:0])
			if err != nil {
				b.Fatal(err)
			}
			sum += uint32(ext[2])
		}
	})
}
