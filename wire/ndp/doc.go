// Package ndp reads and writes what stands inside the messages of neighbor
// discovery for IPv6 (RFC 4861): their options and flags. The messages
// themselves are those of icmp6.
//
// [Options] yields the options one by one, each by type and octets; a function
// for each kind reads what is in it:
//
//	for o, err := range ndp.Options(advertisement.Options) {
//		if err != nil { … }
//		switch o.Type {
//		case ndp.TypePrefixInformation:
//			p, err := ndp.ParsePrefixInformation(o)
//		…
//		}
//	}
//
// Options that nobody here knows stay as they are and can be written again.
// Each kind has AppendBinary, which appends the whole option to the Options of a
// message; parsed and appended, an option is the same octets again. Slices in
// what is read alias the octets it was read from.
//
// Lifetimes are [time.Duration], whole seconds; [Infinity] is the value that
// stands for no end.
//
// Errors are those of package wire. The offset of a [*wire.ParseError] counts
// from the first option.
package ndp
