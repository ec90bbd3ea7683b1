package event

import "unsafe"

// Ring holds events until they are read, the oldest going first. It grows to
// its working size and then allocates nothing.
type Ring struct {
	Limit int    // how many there is room for
	Lost  uint64 // how many were not read in time

	items []kept
	first int
	count int
	lent  [3][]byte
}

// kept is an event and the octets that its slices have in it.
type kept struct {
	Event
	options, ext, message []byte
}

// Full reports whether the next event takes the place of the oldest.
func (r *Ring) Full() bool { return r.count >= r.Limit }

// Octets returns how much memory it holds, without the octets of slices.
func (r *Ring) Octets() int { return cap(r.items) * int(unsafe.Sizeof(kept{})) }

// Put adds an event, whose slices are copied.
func (r *Ring) Put(e *Event) {
	if r.Full() {
		r.first = (r.first + 1) % len(r.items)
		r.count--
		r.Lost++
	}
	if r.count == len(r.items) {
		r.grow()
	}
	x := &r.items[(r.first+r.count)%len(r.items)]
	r.count++
	x.Event = *e
	x.options = append(x.options[:0], e.Options...)
	x.ext = append(x.ext[:0], e.Claim.Ext...)
	x.message = append(x.message[:0], e.Message...)
	x.Options, x.Claim.Ext, x.Message = nil, nil, nil
}

func (r *Ring) grow() {
	const least = 16
	next := make([]kept, min(max(2*len(r.items), least), r.Limit))
	for i := range r.count {
		next[i] = r.items[(r.first+i)%len(r.items)]
	}
	r.items, r.first = next, 0
}

// Get takes the oldest event. Its octets change places with those that were lent
// last, so nothing that comes overwrites them.
func (r *Ring) Get() (e Event, ok bool) {
	ok = r.Take(&e)
	return e, ok
}

// Take is Get into e, which stays as it is when there is none.
func (r *Ring) Take(e *Event) bool {
	if r.count == 0 {
		return false
	}
	x := &r.items[r.first]
	r.lent[0], x.options = x.options, r.lent[0]
	r.lent[1], x.ext = x.ext, r.lent[1]
	r.lent[2], x.message = x.message, r.lent[2]
	*e = x.Event
	if len(r.lent[0]) > 0 {
		e.Options = r.lent[0]
	}
	if len(r.lent[1]) > 0 {
		e.Claim.Ext = r.lent[1]
	}
	if len(r.lent[2]) > 0 {
		e.Message = r.lent[2]
	}
	x.Err, x.Shown = nil, nil // nothing is kept from being freed
	r.first = (r.first + 1) % len(r.items)
	r.count--
	return true
}
