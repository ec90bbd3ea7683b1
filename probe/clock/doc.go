// Package clock compares the clock of another host with ours, by ICMP timestamps
// (RFC 792 p. 16, P-11): how far it is ahead, how sure that is, and how fast it
// gains.
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
package clock
