// Package cycle is permutations that need no memory: all numbers below n, each
// once, in an order that nobody foresees who has not the seed. What follows on
// what is a matter of arithmetic, so an order can be divided into shards that
// need not know of each other, and continued anywhere.
//
// The order is that of a cyclic group: the powers of a generator modulo the
// first prime above n, less those above n.
//
//	o := cycle.New(n, seed)
//	for w := o.Shard(2, 5); ; { i, ok := w.Next(); … }
package cycle

import (
	"math/bits"
	"math/rand/v2"
)

// Max is the most numbers that can be put in order.
const Max = 1 << 48

// Order is an order of the numbers below n. It has no state and can be copied.
type Order struct {
	n         uint64
	p         uint64 // prime, above n
	generator uint64 // of the group modulo p
	offset    uint64 // the power that the order begins with
}

// New returns an order of the numbers below n, which is at most [Max]; the same
// for the same seed.
func New(n, seed uint64) Order {
	if n > Max {
		panic("cycle: more than Max numbers")
	}
	o := Order{n: n, p: prime(n + 1)}
	dice := rand.New(rand.NewPCG(seed, n))
	o.generator = generator(o.p, dice)
	o.offset = dice.Uint64N(o.p - 1)
	return o
}

// Len returns how many numbers are in order.
func (o Order) Len() uint64 { return o.n }

// Walk goes through a shard of an order.
type Walk struct {
	o    Order
	at   uint64 // the element of the group that is next
	step uint64 // to the one after it
	left uint64 // elements, those above n too
	done uint64 // elements
	size uint64
}

// Shard returns the way through one of shards parts of the order, which together
// have each number once. Shard counts from 0 and is below shards, which is at
// least 1.
func (o Order) Shard(shard, shards uint64) *Walk {
	elements := o.p - 1
	w := &Walk{
		o:    o,
		at:   power(o.generator, (o.offset+shard)%elements, o.p),
		step: power(o.generator, shards%elements, o.p),
	}
	if shard < elements {
		w.size = (elements-shard-1)/shards + 1
	}
	w.left = w.size
	return w
}

// Next returns the next number; ok is false when there is none.
func (w *Walk) Next() (i uint64, ok bool) {
	for w.left > 0 {
		i = w.at - 1
		w.at = times(w.at, w.step, w.o.p)
		w.left--
		w.done++
		if i < w.o.n {
			return i, true
		}
	}
	return 0, false
}

// Position returns how far the way has come: what [Walk.Seek] takes.
func (w *Walk) Position() uint64 { return w.done }

// Size returns the position at the end of the way.
func (w *Walk) Size() uint64 { return w.size }

// Seek goes to a position, from wherever; at most to [Walk.Size].
func (w *Walk) Seek(position uint64) {
	position = min(position, w.size)
	begin := times(w.at, inverse(power(w.step, w.done, w.o.p), w.o.p), w.o.p)
	w.at = times(begin, power(w.step, position, w.o.p), w.o.p)
	w.done, w.left = position, w.size-position
}

// times returns a·b modulo p.
func times(a, b, p uint64) uint64 {
	if a|b < 1<<32 {
		return a * b % p
	}
	hi, lo := bits.Mul64(a, b)
	_, r := bits.Div64(hi%p, lo, p)
	return r
}

// power returns a to the power e modulo p.
func power(a, e, p uint64) uint64 {
	r := uint64(1) % p
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = times(r, a, p)
		}
		a = times(a, a, p)
	}
	return r
}

// inverse returns what times a is 1 modulo p: by Fermat's little theorem.
func inverse(a, p uint64) uint64 { return power(a, p-2, p) }

// prime returns the first prime that is at least n, and at least 3.
func prime(n uint64) uint64 {
	for n = max(n, 3) | 1; !isPrime(n); {
		n += 2
	}
	return n
}

// witnesses are enough to tell primes below 2^64 by (Sorenson and Webster, 2015).
var witnesses = [...]uint64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37}

// isPrime is the test of Miller and Rabin of an odd number above 2.
func isPrime(n uint64) bool {
	for _, w := range witnesses {
		if n == w {
			return true
		}
		if n%w == 0 {
			return false
		}
	}
	twos := bits.TrailingZeros64(n - 1)
	for _, w := range witnesses {
		x := power(w, (n-1)>>twos, n)
		if x == 1 {
			continue
		}
		for i := 0; x != n-1; i++ {
			if i == twos-1 {
				return false
			}
			x = times(x, x, n)
		}
	}
	return true
}

// generator chooses one of the generators of the group modulo p: a number whose
// powers by (p-1)/f are not 1, for any prime factor f of p-1.
func generator(p uint64, dice *rand.Rand) uint64 {
	factors := factorsOf(p - 1)
	for {
		g := 1 + dice.Uint64N(p-1)
		fits := true
		for _, f := range factors {
			fits = fits && power(g, (p-1)/f, p) != 1
		}
		if fits {
			return g
		}
	}
}

// factorsOf returns the prime factors of n, each once.
func factorsOf(n uint64) (fs []uint64) {
	for f := uint64(2); f*f <= n; f++ {
		if n%f == 0 {
			fs = append(fs, f)
		}
		for n%f == 0 {
			n /= f
		}
	}
	if n > 1 {
		fs = append(fs, n)
	}
	return fs
}
