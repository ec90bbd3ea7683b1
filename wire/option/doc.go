// Package option reads, builds and fills in the options of an IPv4 header that
// say something to the gateways on the way: record route, loose and strict
// source route, timestamp (RFC 791 §3.1) and router alert (RFC 2113).
//
// [ip.Options4] walks the options of a header, and the Parse functions here
// read what it yields:
//
//	for o, err := range ip.Options4(h.Options) {
//		…
//		if o.Type == ip.OptRecordRoute {
//			r, err := option.ParseRoute(o)
//
// The Append functions write an option without padding; [ip.PadOptions] fills
// the whole up to the multiple of four octets that [ip.Header4.Options] must
// have. To align the addresses of a route, put a no operation before it.
//
// [Record] and [AddStamp] do the work of a gateway in place. The offset of an
// error counts from the beginning of the IP header, as the pointer of a
// parameter problem does (RFC 792 p. 8). What an option says is preserved, room
// that is too small for a slot included.
package option
