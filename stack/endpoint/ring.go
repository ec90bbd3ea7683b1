package endpoint

// ring is a first-in first-out queue of at most limit items. It grows to its
// working size and then allocates nothing.
type ring[T any] struct {
	items []T
	limit int
	first int
	count int
}

// put adds an item and reports whether there was room.
func (r *ring[T]) put(v T) bool {
	if r.count == r.limit {
		return false
	}
	if r.count == len(r.items) {
		const least = 8
		next := make([]T, min(max(2*len(r.items), least), r.limit))
		for i := range r.count {
			next[i] = r.items[(r.first+i)%len(r.items)]
		}
		r.items, r.first = next, 0
	}
	r.items[(r.first+r.count)%len(r.items)] = v
	r.count++
	return true
}

// push adds an item, in the place of the oldest when there is no room.
func (r *ring[T]) push(v T) {
	if r.count == r.limit {
		r.get()
	}
	r.put(v)
}

// get takes the oldest item.
func (r *ring[T]) get() (v T, ok bool) {
	if r.count == 0 {
		return v, false
	}
	var zero T
	v, r.items[r.first] = r.items[r.first], zero
	r.first = (r.first + 1) % len(r.items)
	r.count--
	return v, true
}

// peek returns the oldest item, which must be there.
func (r *ring[T]) peek() *T { return &r.items[r.first] }
