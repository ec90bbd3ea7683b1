// Package limit decides whether an ICMP message may be sent now: token buckets
// for errors, one for each destination prefix and one for all together, and the
// same for replies, off by default (RFC 1812 §4.3.2.8, RFC 4443 §2.4(f)). Whether
// an error may be sent at all is not asked here.
//
// A message is sent only if both buckets have a token for it, and only then is
// one taken from each. So what is refused for the sake of its destination costs
// the others nothing, what is refused for the sake of all costs its destination
// nothing, and neither leaves a trace. Linux came to that order in 2024, after it
// had taken from the global bucket first and thereby told strangers how much was
// left (CVE-2024-47678).
//
// The global bucket is shared with strangers, who could count what is left in
// it and learn what else the node has sent, which open ports its silence stands
// for, for one (CVE-2020-25705). Therefore a message takes none, one or two
// tokens at random from it, one on average. Over time the rate is the one that
// was set; a burst is so only on average.
//
// A bucket is one number, the time at which it will be full again (the virtual
// scheduling form of a leaky bucket, ITU-T I.371). The buckets of the prefixes
// are a table of fixed size, in sets of four under a keyed hash. When a set is
// full, the fullest bucket of it goes, so that the least is forgotten. A bucket
// is written only when a message is sent, so the global rate bounds also how many
// are not full at once: with the defaults some 150 that were sent one message in
// the last tenth of a second, in a table of 4,096.
//
// Nothing here has a lock, a clock or a random source of its own: the same seed,
// times and destinations give the same verdicts.
package limit
