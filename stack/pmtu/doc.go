// Package pmtu remembers how large a datagram may be on its way to a
// destination: the path MTU estimate of RFC 1191 and RFC 8201.
//
// [Cache.Lower] takes what a fragmentation needed (3/4) or a packet too big
// says, after the transport has recognised the datagram that it quotes (RFC
// 5927 §7): nothing here can tell a forged message from a true one. It makes an
// estimate smaller and never larger. [Cache.Get] answers how large the next
// datagram may be.
//
// An estimate ages. After ten minutes it is forgotten, and the path is tried
// with the MTU of the link again, as RFC 1191 §6.3 describes; where the path is
// still narrow, the next message lowers it anew.
//
// The cache is a table of fixed size, so strangers can make it forget and never
// make it grow. It looks at the time only when it is told the time, and
// allocates nothing once the first estimate stands.
package pmtu
