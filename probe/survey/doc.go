// Package survey finds the ways to many addresses, asking every router as seldom
// as it can: what is known of a way that others share is not asked again, and who
// answers only so often is not asked more often. It is a strategy of package
// probe.
//
//	s, err := survey.New(p, survey.Config{Src4: src, Targets: addrs})
//	for !s.Done() { … } // as every strategy
//	for p := range s.Paths() { … }
//	for r := range s.Routers() { … } // and how often each answers
//
// # How
//
// An echo with a large time to live asks each target whether it is there, and the
// time to live of the reply tells how far it probably is: what is missing to 32,
// 64, 128 or 255. An echo with just that time to live has to reach it. No router
// has to write an error for this.
//
// Targets of one network (/24, /64) at one distance are taken to have one way.
// For the first of them each hop is asked, from the last one backward, until a
// router is met that was met before at that distance: from there on the way is
// known (Doubletree, Donnet et al. 2005). A few others of the network are asked
// about their last hop, to see whether it is the same; if it is not, each is
// asked by itself. What was not asked but taken over says so ([Hop.Inferred]).
//
// # Routers answer when they like
//
// Linux, for one, writes six errors to a peer at once, and then one a second. A
// router is asked five times without a pause, then once a second, faster while it
// answers and slower when it does not. Its pace is told by [Survey.Routers].
//
// # Bounds
//
// Fifty-five octets for each target, and what the routers take; no more than
// [Config.Parallel] probes under way.
package survey
