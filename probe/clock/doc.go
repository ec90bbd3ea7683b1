// Package clock compares the clock of another host with ours, by ICMP timestamps
// (RFC 792 p. 16, P-11) or the timestamp option of IP (RFC 791 p. 22): how far it is
// ahead, how sure that is, and how fast it gains.
//
//	s, err := clock.New(p, clock.Config{Src: src, Dst: dst})
//	… // drive it until s.Done()
//	r := s.Result()
//	if r.Known { fmt.Println(r.Ahead, "±", r.Within) }
//
// Each reply says that the offset lies between two bounds, as package offset
// reads it. Together they say more than each: the offset lies where all of the
// bounds overlap, so that stamps of a millisecond tell tenths of one. When they
// do not overlap at all, because the clock is being set or drifts, the sharpest
// one counts. A day is unknown to the stamps: what passes midnight between two of
// them is put right.
//
// With an option, echo replies bring the stamps, so hosts that answer no ICMP
// timestamps can be asked too, if all on the way let options pass. What becomes of
// the option is told ([Fill]). By [EveryHop] routers stamp as well: their clocks
// are read likewise, and who has stamped on either side of the target hints at
// ways that are not the same. An option has four places, so the target finds none
// behind four routers that stamp.
package clock
