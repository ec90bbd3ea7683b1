package names_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sonde-net/sonde/names"
)

// register answers after a while, and counts.
type register struct {
	takes time.Duration
	err   error

	mu    sync.Mutex
	asked map[netip.Addr]int
	now   int
	most  int // at a time
}

func (r *register) ask(ctx context.Context, a netip.Addr) error {
	r.mu.Lock()
	if r.asked == nil {
		r.asked = map[netip.Addr]int{}
	}
	r.asked[a]++
	r.now++
	r.most = max(r.most, r.now)
	err := r.err
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.now--
		r.mu.Unlock()
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(r.takes):
		return err
	}
}

func (r *register) count(a netip.Addr) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[a]
}

func (r *register) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *register) Name(ctx context.Context, a netip.Addr) (string, error) {
	if err := r.ask(ctx, a); err != nil {
		return "", err
	}
	return "host-" + a.String(), nil
}

func (r *register) Owner(ctx context.Context, a netip.Addr) (names.Owner, error) {
	if err := r.ask(ctx, a); err != nil {
		return names.Owner{}, err
	}
	return names.Owner{ASN: 64500, Organisation: "Example"}, nil
}

func number(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

var a1 = number(1)

func newBook(t *testing.T, c names.Config) *names.Book {
	t.Helper()
	b := names.New(c)
	t.Cleanup(b.Close)
	return b
}

// TestBook: nothing is known at first, name and owner as they come, and then
// both.
func TestBook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src, own := &register{takes: time.Second}, &register{takes: 2 * time.Second}
		b := newBook(t, names.Config{Source: src, Owners: []names.Owners{own}})
		var told atomic.Int64
		b.Notify(func() { told.Add(1) })
		for _, step := range []struct {
			after time.Duration
			name  string
			asn   uint32
			all   bool
			told  int64
		}{
			{0, "", 0, false, 0},
			{999 * time.Millisecond, "", 0, false, 0},
			{time.Millisecond, "host-10.0.0.1", 0, false, 1},
			{time.Second, "host-10.0.0.1", 64500, true, 2},
		} {
			time.Sleep(step.after)
			synctest.Wait()
			who, all := b.Look(a1)
			if who.Name != step.name || who.Owner.ASN != step.asn || all != step.all || told.Load() != step.told {
				t.Errorf("after %v: %+v, %v, told %d, want %+v", step.after, who, all, told.Load(), step)
			}
		}
		// By its other notations it is the same.
		for _, a := range []netip.Addr{netip.AddrFrom16(a1.As16()), netip.AddrFrom16(a1.As16()).WithZone("lo")} {
			if who, all := b.Look(a); who.Name != "host-10.0.0.1" || !all {
				t.Errorf("%v: %+v, %v", a, who, all)
			}
		}
		if n := src.count(a1); n != 1 || own.count(a1) != 1 || b.Len() != 1 {
			t.Errorf("asked %d and %d times, %d kept", n, own.count(a1), b.Len())
		}
		if who, all := b.Look(netip.Addr{}); who != (names.Who{}) || !all {
			t.Errorf("no address: %+v, %v", who, all)
		}
		if err := b.Err(); err != nil {
			t.Error(err)
		}
	})
}

// TestBookNobody: without anyone to ask, all is known at once.
func TestBookNobody(t *testing.T) {
	b := newBook(t, names.Config{})
	if who, all := b.Look(a1); who != (names.Who{}) || !all {
		t.Errorf("%+v, %v", who, all)
	}
	if err := b.Wait(t.Context(), a1); err != nil {
		t.Error(err)
	}
}

// TestBookKeep: each kind of answer is kept as long as it is to be, and what was
// known is shown while it is asked again, and survives a failure.
func TestBookKeep(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		what string
		err  error
		keep time.Duration
	}{
		{"known", nil, time.Hour},
		{"unknown", names.ErrUnknown, 5 * time.Minute},
		{"wrapped", fmt.Errorf("register: %w", names.ErrUnknown), 5 * time.Minute},
		{"failed", broken, 30 * time.Second},
	} {
		t.Run(tt.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := &register{err: tt.err, takes: time.Millisecond}
				b := newBook(t, names.Config{Source: src})
				if err := b.Wait(t.Context(), a1); err != nil {
					t.Fatal(err)
				}
				if err := b.Err(); errors.Is(tt.err, broken) != errors.Is(err, broken) {
					t.Errorf("error: %v", err)
				}
				before, all := b.Look(a1)
				if !all || (before.Name != "") != (tt.err == nil) {
					t.Errorf("%+v, %v", before, all)
				}
				time.Sleep(tt.keep - time.Nanosecond)
				b.Look(a1)
				synctest.Wait()
				if n := src.count(a1); n != 1 {
					t.Errorf("asked %d times before it was old", n)
				}
				time.Sleep(time.Nanosecond)
				var told atomic.Int64
				b.Notify(func() { told.Add(1) })
				src.fail(broken)
				who, all := b.Look(a1)
				synctest.Wait()
				if n := src.count(a1); n != 2 || who != before || !all {
					t.Errorf("asked %d times when it was old; %+v, %v", n, who, all)
				}
				time.Sleep(time.Millisecond)
				synctest.Wait()
				if who, all = b.Look(a1); who != before || !all || told.Load() != 0 {
					t.Errorf("after a failure %+v, %v, told %d", who, all, told.Load())
				}
				// And the next time it is told of what is new.
				src.fail(nil)
				time.Sleep(30 * time.Second)
				b.Look(a1)
				time.Sleep(time.Millisecond)
				synctest.Wait()
				if who, _ = b.Look(a1); who.Name != "host-10.0.0.1" || (told.Load() == 1) != (before.Name == "") {
					t.Errorf("%+v, told %d", who, told.Load())
				}
			})
		})
	}
}

// TestBookForgets: what is known and then is not.
func TestBookForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := &register{}
		b := newBook(t, names.Config{Owners: []names.Owners{own}, Keep: time.Minute})
		if err := b.Wait(t.Context(), a1); err != nil {
			t.Fatal(err)
		}
		own.fail(names.ErrUnknown)
		time.Sleep(time.Minute)
		b.Look(a1)
		synctest.Wait()
		if who, all := b.Look(a1); who != (names.Who{}) || !all {
			t.Errorf("%+v, %v", who, all)
		}
	})
}

// TestBookOrder: the first who knows is believed, the others are not asked.
func TestBookOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		no, broken, yes, later := &register{err: names.ErrUnknown}, &register{err: errors.New("broken")}, &register{}, &register{}
		b := newBook(t, names.Config{Owners: []names.Owners{no, broken, yes, later}})
		if err := b.Wait(t.Context(), a1); err != nil {
			t.Fatal(err)
		}
		if who, _ := b.Look(a1); who.Owner.ASN != 64500 {
			t.Errorf("%+v", who)
		}
		if no.count(a1) != 1 || broken.count(a1) != 1 || yes.count(a1) != 1 || later.count(a1) != 0 || b.Err() != nil {
			t.Errorf("asked %d, %d, %d, %d, error %v", no.count(a1), broken.count(a1), yes.count(a1), later.count(a1), b.Err())
		}
		b = newBook(t, names.Config{Owners: []names.Owners{broken, no}})
		if err := b.Wait(t.Context(), a1); err != nil || b.Err() == nil {
			t.Errorf("%v, and of the failure %v", err, b.Err())
		}
	})
}

// TestBookTimeout: a question that is not answered ends in its time.
func TestBookTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, names.Config{Source: &register{takes: time.Hour}, Timeout: 3 * time.Second})
		start := time.Now()
		if err := b.Wait(t.Context(), a1); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 3*time.Second || !errors.Is(b.Err(), context.DeadlineExceeded) {
			t.Errorf("%v, %v", d, b.Err())
		}
	})
}

// TestBookWorkers: no more questions at a time than there may be, and all are
// asked.
func TestBookWorkers(t *testing.T) {
	for _, workers := range []int{1, 3, 0} {
		synctest.Test(t, func(t *testing.T) {
			src := &register{takes: time.Second}
			b := newBook(t, names.Config{Source: src, Workers: workers})
			var all []netip.Addr
			for i := range 48 {
				all = append(all, number(i))
			}
			start, want := time.Now(), workers
			if want == 0 {
				want = 16
			}
			if err := b.Wait(t.Context(), all...); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); src.most != want || d != time.Duration(48/want)*time.Second {
				t.Errorf("%d workers: %d at a time, in %v", workers, src.most, d)
			}
		})
	}
}

// TestBookSize: of more addresses than there is room for, those asked for last
// are kept, and the questions of the others are not asked.
func TestBookSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &register{takes: time.Second}
		b := newBook(t, names.Config{Source: src, Workers: 1, Size: 10})
		b.Look(number(0)) // is asked at once
		synctest.Wait()
		var all []netip.Addr
		for i := range 100 {
			all = append(all, number(i))
		}
		if err := b.Wait(t.Context(), all...); err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			if n := src.count(number(i)); (n == 1) != (i == 0 || i >= 90) {
				t.Errorf("%d: asked %d times", i, n)
			}
		}
		if b.Len() != 10 {
			t.Errorf("%d kept", b.Len())
		}
		// 90 is the oldest; once it is looked at, 91 is.
		b.Look(number(90))
		b.Look(number(200))
		if _, known := b.Look(number(90)); !known {
			t.Error("forgot what was asked for last")
		}
		if _, known := b.Look(number(91)); known {
			t.Error("kept what was not asked for longest")
		}
	})
}

// TestBookWait: waiting ends with its context, and with the book.
func TestBookWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := names.New(names.Config{Source: &register{takes: time.Hour}, Timeout: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Wait(ctx, a1); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		var err error
		go func() { err = b.Wait(context.Background(), a1) }()
		synctest.Wait()
		start := time.Now()
		b.Close()
		synctest.Wait()
		if !errors.Is(err, names.ErrClosed) && err != nil || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if who, all := b.Look(number(2)); who != (names.Who{}) || !all || b.Len() != 1 {
			t.Errorf("a closed book: %+v, %v, %d kept", who, all, b.Len())
		}
		b.Close()
	})
}

// TestBookClosed: what a closed book knows it still tells, old or not.
func TestBookClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &register{}
		b := names.New(names.Config{Source: src})
		if err := b.Wait(t.Context(), a1); err != nil {
			t.Fatal(err)
		}
		b.Close()
		time.Sleep(2 * time.Hour)
		if who, all := b.Look(a1); who.Name == "" || !all || src.count(a1) != 1 {
			t.Errorf("%+v, %v, asked %d times", who, all, src.count(a1))
		}
	})
}

// TestBookMany: many at once, for the race detector.
func TestBookMany(t *testing.T) {
	src := &register{}
	b := newBook(t, names.Config{Source: src, Owners: []names.Owners{src}, Size: 64, Workers: 4})
	b.Notify(func() { b.Look(number(1)) })
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			for i := range 500 {
				b.Look(number(i * (g + 1)))
			}
			if err := b.Wait(t.Context(), number(g)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if b.Len() > 64 {
		t.Errorf("%d kept", b.Len())
	}
}
