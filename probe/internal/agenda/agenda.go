// Package agenda says what is due next: a heap of slots of a table, each with
// the time at which it is due. What is due at one time comes in the order in
// which it was entered. A slot stands in it once, and can be taken out.
package agenda

// Agenda is a set of slots in the order of time. The zero Agenda is empty. It
// grows to its working size and then allocates nothing.
type Agenda struct {
	heap  []item
	where []int32 // by slot: its place in heap, plus one; 0: not in it
	turn  uint64
}

type item struct {
	at   int64
	turn uint64
	slot int32
}

func (x *item) before(y *item) bool {
	return x.at < y.at || x.at == y.at && x.turn < y.turn
}

// Len returns how many slots there are.
func (a *Agenda) Len() int { return len(a.heap) }

// Octets returns how much memory it holds.
func (a *Agenda) Octets() int { return cap(a.heap)*24 + cap(a.where)*4 }

// Has reports whether a slot stands in it.
func (a *Agenda) Has(slot int32) bool { return int(slot) < len(a.where) && a.where[slot] != 0 }

// Put enters a slot, behind all that are due at the same time; one that stands
// in it already is moved.
func (a *Agenda) Put(slot int32, at int64) {
	for int(slot) >= len(a.where) {
		a.where = append(a.where, 0)
	}
	a.Remove(slot)
	a.turn++
	a.heap = append(a.heap, item{at, a.turn, slot})
	a.up(len(a.heap) - 1)
}

// Min returns the slot that is due first, and when; ok is false when there is
// none.
func (a *Agenda) Min() (slot int32, at int64, ok bool) {
	if len(a.heap) == 0 {
		return 0, 0, false
	}
	return a.heap[0].slot, a.heap[0].at, true
}

// Remove takes a slot out, if it is in.
func (a *Agenda) Remove(slot int32) {
	if !a.Has(slot) {
		return
	}
	i, last := int(a.where[slot])-1, len(a.heap)-1
	a.where[slot] = 0
	moved := a.heap[last]
	a.heap = a.heap[:last]
	if i == last {
		return
	}
	a.heap[i] = moved
	a.where[moved.slot] = int32(i + 1)
	a.down(i)
	a.up(i)
}

// children is how many each item has below it: with four, a heap of ten
// thousand is seven deep.
const children = 4

func (a *Agenda) up(i int) {
	x := a.heap[i]
	for i > 0 {
		parent := (i - 1) / children
		if !x.before(&a.heap[parent]) {
			break
		}
		a.set(i, a.heap[parent])
		i = parent
	}
	a.set(i, x)
}

func (a *Agenda) down(i int) {
	x := a.heap[i]
	for {
		first := i*children + 1
		if first >= len(a.heap) {
			break
		}
		least := first
		for c := first + 1; c < min(first+children, len(a.heap)); c++ {
			if a.heap[c].before(&a.heap[least]) {
				least = c
			}
		}
		if !a.heap[least].before(&x) {
			break
		}
		a.set(i, a.heap[least])
		i = least
	}
	a.set(i, x)
}

func (a *Agenda) set(i int, x item) {
	a.heap[i] = x
	a.where[x.slot] = int32(i + 1)
}
