package queue_test

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/queue"
)

var tag = queue.Tag{Hop: netip.MustParseAddr("192.0.2.1"), Origin: event.Origin{Kind: event.Answer}, Group: true}

func TestQueue(t *testing.T) {
	var q queue.Queue
	if _, _, ok := q.Peek(); ok || q.Len() != 0 || q.Octets() != 0 {
		t.Error("a new queue is not empty")
	}
	q.Pop()
	b := []byte("one")
	if !q.Push(b, tag) || !q.Push([]byte("second"), queue.Tag{}) {
		t.Fatal("no room")
	}
	b[0] = 'x' // it has been copied
	if got, g, ok := q.Peek(); !ok || string(got) != "one" || g != tag || cap(got) != 3 {
		t.Errorf("%q, %v, %v", got, g, ok)
	}
	if q.Len() != 2 || q.Octets() != 9 {
		t.Errorf("%d datagrams, %d octets", q.Len(), q.Octets())
	}
	q.Pop()
	if got, g, ok := q.Peek(); !ok || string(got) != "second" || g != (queue.Tag{}) || q.Octets() != 6 {
		t.Errorf("%q, %v, %v", got, g, ok)
	}
	q.Pop()
	if _, _, ok := q.Peek(); ok || q.Len() != 0 || q.Octets() != 0 {
		t.Error("not empty")
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct{ limit, want int }{{0, queue.DefaultLimit}, {-1, queue.DefaultLimit}, {2000, 2000}} {
		q := queue.Queue{Limit: c.limit}
		n := 0
		for q.Push(make([]byte, 1000), tag) {
			n++
		}
		if n != c.want/1000 {
			t.Errorf("limit %d: %d datagrams", c.limit, n)
		}
		rest := c.want - 1000*n
		if q.Push(make([]byte, rest+1), tag) || !q.Push(make([]byte, rest), tag) || q.Push([]byte{1}, tag) {
			t.Errorf("limit %d: not exact", c.limit)
		}
	}
	// An empty queue takes one of any length.
	q := queue.Queue{Limit: 10}
	if !q.Push(make([]byte, 65535), tag) || q.Push([]byte{1}, tag) {
		t.Error("the first, or one behind it")
	}
	q.Pop()
	if q.Push(make([]byte, 65536), tag) {
		t.Error("longer than a datagram can be")
	}
}

func TestRetract(t *testing.T) {
	var q queue.Queue
	for i := range 5 {
		q.Push([]byte{byte(i), byte(i)}, tag)
	}
	q.Retract(2)
	if q.Len() != 3 || q.Octets() != 6 {
		t.Errorf("%d datagrams, %d octets", q.Len(), q.Octets())
	}
	q.Push([]byte("new"), tag)
	for _, want := range []string{"\x00\x00", "\x01\x01", "\x02\x02", "new"} {
		if got, _, _ := q.Peek(); string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
		q.Pop()
	}
	q.Push([]byte{1}, tag)
	q.Retract(9)
	if q.Len() != 0 || q.Octets() != 0 {
		t.Errorf("%d datagrams, %d octets", q.Len(), q.Octets())
	}
	q.Retract(1)
	if q.Len() != 0 {
		t.Error("less than nothing")
	}
}

// TestModel compares the queue with a list, in every state of its ring.
func TestModel(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 9))
		q := queue.Queue{Limit: 20_000}
		var model [][]byte
		octets := 0
		for step := range 20_000 {
			switch k := r.IntN(10); {
			case k < 5:
				b := make([]byte, r.IntN(1500))
				for i := range b {
					b[i] = byte(step + i)
				}
				fits := len(model) == 0 || octets+len(b) <= 20_000
				if q.Push(b, queue.Tag{Origin: event.Origin{Type: uint8(step)}}) != fits {
					t.Fatalf("seed %d, step %d: %d octets fit: %v", seed, step, len(b), !fits)
				}
				if fits {
					model = append(model, append(b, byte(step)))
					octets += len(b)
				}
			case k < 9 && len(model) > 0:
				want := model[0]
				got, g, ok := q.Peek()
				if !ok || !bytes.Equal(got, want[:len(want)-1]) || g.Origin.Type != want[len(want)-1] {
					t.Fatalf("seed %d, step %d: another datagram", seed, step)
				}
				q.Pop()
				octets -= len(want) - 1
				model = model[1:]
			case k == 9:
				n := min(r.IntN(4), len(model))
				q.Retract(n)
				for _, b := range model[len(model)-n:] {
					octets -= len(b) - 1
				}
				model = model[:len(model)-n]
			}
			if q.Len() != len(model) || q.Octets() != octets {
				t.Fatalf("seed %d, step %d: %d datagrams of %d octets, want %d of %d", seed, step, q.Len(), q.Octets(), len(model), octets)
			}
		}
	}
}

// Once it has grown, nothing is allocated.
func TestAllocs(t *testing.T) {
	q := queue.Queue{Limit: 50_000}
	b := make([]byte, 1499)
	fill := func() {
		for q.Push(b, tag) {
		}
		for range 7 {
			q.Pop()
		}
	}
	for range 100 {
		fill()
	}
	wiretest.NoAllocs(t, "push and pop", fill)
}
