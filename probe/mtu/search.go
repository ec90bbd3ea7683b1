package mtu

import "sort"

// common are sizes that links and tunnels have, in octets: where a search begins.
var common = [...]int{
	296, 508, 576, 1006, 1280, 1300, 1340, 1360, 1372, 1380, 1400, 1412, 1420, 1430, 1436, 1440, 1450, 1454, 1458,
	1460, 1464, 1472, 1476, 1480, 1488, 1492, 1500, 1998, 2002, 4352, 4464, 8166, 8500, 9000, 9001, 9180, 9216, 17914, 32000, 65535,
}

// plateau returns the largest of the common sizes that is smaller; 0: none is.
func plateau(size int) int {
	i := sort.SearchInts(common[:], size)
	if i == 0 {
		return 0
	}
	return common[i-1]
}

// width is how many sizes a search asks at once.
const width = 8

// candidates appends sizes between lo and hi, both left out: the next above lo,
// and others spread over what is between, common ones if there are some.
func candidates(b []int, lo, hi int) []int {
	b = append(b, lo+1)
	from, to := sort.SearchInts(common[:], lo+2), sort.SearchInts(common[:], hi)
	if n := to - from; n > 0 {
		last := -1
		for i := range width - 1 {
			if at := from + i*n/(width-1); at != last {
				b, last = append(b, common[at]), at
			}
		}
		return b
	}
	for i := 1; i < width; i++ {
		if x := lo + 1 + (hi-lo-1)*i/width; x > b[len(b)-1] && x < hi {
			b = append(b, x)
		}
	}
	return b
}

// search asks sizes between what passes and what does not, until there are none.
func (s *Strategy) search() {
	if s.lo == 0 || s.result.Cut {
		s.end()
		return
	}
	if s.hi-s.lo <= 1 {
		s.found()
		return
	}
	s.sizes = candidates(s.sizes[:0], s.lo, s.hi)
	s.shots = s.shots[:0]
	for _, size := range s.sizes {
		s.shots = append(s.shots, shot{kind: s.kind, size: size})
	}
	s.fire(s.shots...)
	s.stage = (*Strategy).searched
}

// searched is the stage after a round of it.
func (s *Strategy) searched() {
	for i := range s.volley {
		if x := &s.volley[i]; x.outcome == Passed {
			s.passed(x.size)
		}
	}
	for i := range s.volley {
		x := &s.volley[i]
		if x.outcome == Passed || x.size < s.lo {
			continue // what is larger has passed: this one was lost
		}
		s.fail(x)
		if x.outcome != TooBig && x.outcome != Denied {
			continue
		}
		if at := s.report(x); at >= 0 && s.result.Reductions[at].Fault == None {
			s.follow(at)
			return
		}
	}
	s.search()
}

// superseded keeps a search from trying again what an answer to a larger size
// has made needless.
func (s *Strategy) superseded() {
	if s.rounds > 0 {
		return // each size tells something of its own
	}
	most := 0
	for i := range s.volley {
		if x := &s.volley[i]; x.outcome == Passed && x.ttl == s.cfg.TTL && x.kind == s.kind {
			most = max(most, x.size)
		}
	}
	for i := range s.volley {
		if x := &s.volley[i]; x.ready && x.size < most && x.kind == s.kind && x.ttl == s.cfg.TTL {
			x.ready, x.outcome = false, Silent
		}
	}
}

// found is what to do when the size is known.
func (s *Strategy) found() {
	for i := range s.result.Reductions {
		if r := &s.result.Reductions[i]; r.Fault != None && r.MTU == 0 && r.Router == s.refuser {
			r.MTU = s.lo
		}
	}
	if s.why == Silent || s.why == Expired {
		s.result.Hole = &Hole{Size: s.hi}
		s.locate()
		return
	}
	if n := s.hidden(); n > 0 {
		s.result.Hole = &Hole{Size: n, Way: There}
		s.locate()
		return
	}
	s.back()
}

// hidden returns the smallest size that vanishes, where smaller ones are refused
// farther on; 0: there is none. Who says nothing is before those who do.
func (s *Strategy) hidden() (least int) {
	for _, n := range s.mute {
		if n > max(s.loudest, s.lo) && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}
