// Package extension reads and writes what an ICMP message can carry beside its
// quote: the extension structure of RFC 4884, a header and objects behind it.
// Both families have it: destination unreachable, time exceeded and, in ICMPv4,
// parameter problem carry it behind the quote, extended echo (RFC 8335) in its
// body.
//
// # Reading
//
// [Split] divides what follows the first eight octets of an error into quote
// and structure; the messages of wire/icmp4 and wire/icmp6 have it done, in
// their fields Quote and Ext. [Parse] checks the header of a structure, version
// and checksum, and [Structure.All] iterates over the objects:
//
//	s, err := extension.Parse(m.Ext)
//	…
//	for o, err := range s.All() {
//		…
//		switch o.Class {
//		case extension.ClassMPLS:
//			for label, err := range extension.Labels(o) { … }
//		case extension.ClassInterfaceInfo:
//			info, err := extension.ParseInterfaceInfo(o)
//		}
//	}
//
// These objects have a form of their own:
//
//	class  sub-type  function            what                      RFC
//	1      1         Labels              MPLS label stack          4950
//	2      any       ParseInterfaceInfo  interface information     5837
//	3      1 to 3    ParseInterfaceID    interface identification  8335
//	4      1         ParsePointer        pointer                   8883
//
// Any other object has a name, if it is registered, and its payload. So has one
// of these that its function refuses: nothing is lost by a sender's mistake.
//
// # Writing
//
// Objects are appended one behind the other, then become a [Structure], whose
// AppendBinary writes the header with its checksum:
//
//	objects, err := extension.AppendLabels(nil, labels...)
//	objects, err = info.AppendBinary(objects)
//	ext, err := extension.Structure{Objects: objects}.AppendBinary(nil)
//
// Nothing allocates when the slices have room. What does not fit its field is a
// [wire.FieldError], never cut.
//
// # Contract
//
// Slices in what was parsed alias the octets it was parsed from. Appending what
// was parsed gives the same octets again, reserved bits and odd padding
// included. A [wire.ParseError] counts its offset from the start of the
// structure.
//
// To add an object: a constant and a name in registry.go, a file with Parse and
// AppendBinary or Append, a line in [Object.String], rows in its test.
package extension
