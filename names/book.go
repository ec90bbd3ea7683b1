package names

import (
	"cmp"
	"container/list"
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// Who is who an address is, as far as it is known.
type Who struct {
	Name  string `json:"name,omitzero"`
	Owner Owner  `json:"owner,omitzero"`
}

// Config is what a [Book] asks, and how much of it keeps. Negative numbers are
// as 0.
type Config struct {
	Source Source // nil: no names
	// Owners are asked in this order, until one knows the owner.
	Owners []Owners

	Workers int           // questions at a time; 0: 16
	Timeout time.Duration // of a question; 0: 5 s
	Size    int           // addresses that are kept; 0: 4096
	// How long what was learnt is kept, and how long that there is nothing to
	// learn; 0: an hour, and 5 minutes. Then it is asked again.
	Keep        time.Duration
	KeepUnknown time.Duration
	KeepFailed  time.Duration // how long a question that failed is not repeated; 0: 30 s
}

// ErrClosed says that a book was closed.
var ErrClosed = errors.New("names: the book is closed")

// Book knows who addresses are, and finds out in the background what it does not
// know. It keeps a bounded number of addresses, those that were asked for last,
// and asks a bounded number of questions at a time; when it has nothing to ask it
// has no goroutine. Its methods may be called concurrently.
type Book struct {
	config Config
	work   func()          // answers questions as long as there are any
	over   <-chan struct{} // closed with the book
	cancel context.CancelFunc
	wait   sync.WaitGroup

	mu      sync.Mutex
	entries map[netip.Addr]*list.Element // of *entry
	recent  list.List                    // the one asked for last in front
	queue   list.List                    // of question
	working int
	closed  bool
	notify  func()
	err     error
}

// The parts of an entry.
const (
	partName = iota
	partOwner
	parts
)

// entry is what is known of an address.
type entry struct {
	addr  netip.Addr
	who   Who
	parts [parts]part
	open  int           // parts that were never answered
	done  chan struct{} // closed when open is 0, or the entry is forgotten
}

// part is the name or the owner.
type part struct {
	until  time.Time     // when it is asked again
	asking bool          // or about to
	queued *list.Element // where it waits
}

type question struct {
	e    *entry
	part int
}

// New makes a book.
func New(c Config) *Book {
	c.Workers = cmp.Or(max(c.Workers, 0), 16)
	c.Timeout = cmp.Or(max(c.Timeout, 0), 5*time.Second)
	c.Size = cmp.Or(max(c.Size, 0), 4096)
	c.Keep = cmp.Or(max(c.Keep, 0), time.Hour)
	c.KeepUnknown = cmp.Or(max(c.KeepUnknown, 0), 5*time.Minute)
	c.KeepFailed = cmp.Or(max(c.KeepFailed, 0), 30*time.Second)
	b := &Book{config: c, entries: map[netip.Addr]*list.Element{}}
	ctx, cancel := context.WithCancel(context.Background())
	b.work, b.over, b.cancel = func() { b.answer(ctx) }, ctx.Done(), cancel
	return b
}

// Look returns what is known of an address, and whether that is all that there
// is to know. What is not known, or is old, is found out in the background. Look
// never waits.
func (b *Book) Look(a netip.Addr) (Who, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.find(a)
	if e == nil {
		return Who{}, true
	}
	return e.who, e.open == 0
}

// Wait waits until all is known that there is to know of the addresses, or ctx
// ends, whose error it then returns; [ErrClosed] when the book is closed. Of more
// addresses than the book keeps, the first are forgotten and not waited for.
func (b *Book) Wait(ctx context.Context, addrs ...netip.Addr) error {
	waits := make([]<-chan struct{}, 0, len(addrs))
	b.mu.Lock()
	for _, a := range addrs {
		if e := b.find(a); e != nil && e.open > 0 {
			waits = append(waits, e.done)
		}
	}
	b.mu.Unlock()
	for _, c := range waits {
		select {
		case <-c:
		case <-ctx.Done():
			return ctx.Err()
		case <-b.over:
			return ErrClosed
		}
	}
	return nil
}

// Notify has f called whenever something new is known, in place of what it was
// before; nil: nothing. It is called on any goroutine, several at once, and may
// call the book, but for Close.
func (b *Book) Notify(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notify = f
}

// Err returns the last failure of a source: why there was no telling. That a name
// or an owner is unknown is none.
func (b *Book) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Len returns how many addresses are kept.
func (b *Book) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.recent.Len()
}

// Close ends the questions and waits for their goroutines. What is known stays.
func (b *Book) Close() {
	b.mu.Lock()
	b.closed = true
	b.queue.Init()
	b.mu.Unlock()
	b.cancel()
	b.wait.Wait()
}

// find returns the entry of an address, made if need be, and starts what there
// is to ask; nil for the zero Addr and, in a closed book, for what is not known.
func (b *Book) find(a netip.Addr) *entry {
	if !a.IsValid() {
		return nil
	}
	a = a.Unmap().WithZone("")
	at, ok := b.entries[a]
	switch {
	case ok:
		b.recent.MoveToFront(at)
	case b.closed:
		return nil
	default:
		at = b.enter(a)
	}
	e := at.Value.(*entry)
	if b.closed {
		return e
	}
	now := time.Now()
	for i := range e.parts {
		if p := &e.parts[i]; b.has(i) && !p.asking && !now.Before(p.until) {
			p.asking = true
			p.queued = b.queue.PushBack(question{e, i})
		}
	}
	b.start()
	return e
}

// has reports whether there is anyone to ask for a part.
func (b *Book) has(i int) bool {
	if i == partName {
		return b.config.Source != nil
	}
	return len(b.config.Owners) > 0
}

func (b *Book) enter(a netip.Addr) *list.Element {
	for b.recent.Len() >= b.config.Size {
		b.forget(b.recent.Back())
	}
	e := &entry{addr: a, done: make(chan struct{})}
	for i := range e.parts {
		if b.has(i) {
			e.open++
		}
	}
	if e.open == 0 {
		close(e.done)
	}
	at := b.recent.PushFront(e)
	b.entries[a] = at
	return at
}

func (b *Book) forget(at *list.Element) {
	e := b.recent.Remove(at).(*entry)
	delete(b.entries, e.addr)
	for i := range e.parts {
		if q := e.parts[i].queued; q != nil {
			b.queue.Remove(q)
		}
	}
	if e.open > 0 {
		e.open = 0
		close(e.done)
	}
}

// start starts as many workers as there is work for.
func (b *Book) start() {
	for n := b.queue.Len(); n > 0 && b.working < b.config.Workers; n-- {
		b.working++
		b.wait.Go(b.work)
	}
}

// answer answers questions as long as there are any.
func (b *Book) answer(ctx context.Context) {
	for {
		b.mu.Lock()
		at := b.queue.Front()
		if at == nil {
			b.working--
			b.mu.Unlock()
			return
		}
		q := b.queue.Remove(at).(question)
		q.e.parts[q.part].queued = nil
		b.mu.Unlock()

		limited, cancel := context.WithTimeout(ctx, b.config.Timeout)
		who, err := b.ask(limited, q)
		cancel()
		if f := b.learn(q, who, err); f != nil {
			f()
		}
	}
}

// ask returns the part of Who that the question is about.
func (b *Book) ask(ctx context.Context, q question) (who Who, err error) {
	if q.part == partName {
		who.Name, err = b.config.Source.Name(ctx, q.e.addr)
		return who, err
	}
	err = ErrUnknown
	for _, o := range b.config.Owners {
		var e error
		if who.Owner, e = o.Owner(ctx, q.e.addr); e == nil {
			return who, nil
		}
		// That one does not know is no reason to forget that another failed.
		if !errors.Is(e, ErrUnknown) {
			err = e
		}
	}
	return Who{}, err
}

// learn notes an answer, and returns whom to tell.
func (b *Book) learn(q question, who Who, err error) func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, keep := &q.e.parts[q.part], b.config.Keep
	unknown := errors.Is(err, ErrUnknown)
	switch {
	case unknown:
		keep = b.config.KeepUnknown
	case err != nil:
		keep, b.err = b.config.KeepFailed, err
	}
	before := q.e.who
	if err == nil || unknown { // what was known survives a failure
		if q.part == partName {
			q.e.who.Name = who.Name
		} else {
			q.e.who.Owner = who.Owner
		}
	}
	first := p.until.IsZero()
	p.asking, p.until = false, time.Now().Add(keep)
	if first && q.e.open > 0 {
		if q.e.open--; q.e.open == 0 {
			close(q.e.done)
		}
	} else if q.e.who == before {
		return nil
	}
	return b.notify
}
