// Package finding is what there is to be found in a capture: attacks, misuse and
// faults that ICMP shows, each with its evidence, what it means and what to do
// about it, in English and French.
//
// The detectors are in the packages below, one a file: volume (floods, smurf,
// sweeps, reconnaissance), forgery (redirects, resets, MTU, source quench), path
// (loops, black holes, limits, duplicate addresses), content (tunnels,
// fragments). Package detect has all of them run side by side.
//
// # Contract
//
// A detector is a machine over [conversation.Seen]: it keeps no octets, its
// tables have limits, its time is that of the datagrams. Its thresholds stand in
// its Config, whose zero works. It says nothing about ordinary traffic: where a
// sign is weak, it waits for more of them.
//
// To add one: a kind here, its words in words_en.go and words_fr.go, a file in
// the package that fits, a line in detect.New.
package finding
