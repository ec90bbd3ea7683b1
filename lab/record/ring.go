package record

// Ring keeps records until they are read. It is bounded in number and in
// octets; the oldest go first. The zero Ring keeps nothing.
type Ring struct {
	Limit  int // records; 0: none
	Octets int // of all datagrams kept; 0: 16 MiB

	list    []Record // a circle
	first   int
	count   int
	octets  int
	dropped uint64
}

// defaultOctets is the limit that zero stands for.
const defaultOctets = 16 << 20

// On reports whether the ring keeps anything at all.
func (r *Ring) On() bool { return r.Limit > 0 }

// Len returns how many records wait to be read.
func (r *Ring) Len() int { return r.count }

// Dropped returns how many records were forgotten unread.
func (r *Ring) Dropped() uint64 { return r.dropped }

// Put keeps a record. Its octets are copied.
func (r *Ring) Put(x Record) {
	limit := r.Octets
	if limit <= 0 {
		limit = defaultOctets
	}
	if r.Limit <= 0 {
		return
	}
	for r.count > 0 && (r.count >= r.Limit || r.octets+len(x.Octets) > limit) {
		r.Next()
		r.dropped++
	}
	if r.count == len(r.list) {
		r.grow()
	}
	x.Octets = append([]byte(nil), x.Octets...)
	r.list[(r.first+r.count)%len(r.list)] = x
	r.count++
	r.octets += len(x.Octets)
}

func (r *Ring) grow() {
	const least = 64
	next := make([]Record, min(max(2*len(r.list), least), max(r.Limit, 1)))
	for i := range r.count {
		next[i] = r.list[(r.first+i)%len(r.list)]
	}
	r.list, r.first = next, 0
}

// Next takes the oldest record out.
func (r *Ring) Next() (Record, bool) {
	if r.count == 0 {
		return Record{}, false
	}
	x := r.list[r.first]
	r.list[r.first] = Record{}
	r.first = (r.first + 1) % len(r.list)
	r.count--
	r.octets -= len(x.Octets)
	return x, true
}
