package kernel_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/sock/internal/filter"
	"github.com/sonde-net/sonde/link/sock/internal/kernel"
)

// couple is two UDP sockets on the loopback: what a sends to b arrives there.
func couple(t *testing.T) (a, b int, name unix.RawSockaddrInet6) {
	t.Helper()
	for _, fd := range []*int{&a, &b} {
		var err error
		if *fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(*fd) })
		if err := unix.Bind(*fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
	}
	sa, err := unix.Getsockname(b)
	if err != nil {
		t.Fatal(err)
	}
	port := sa.(*unix.SockaddrInet4).Port
	kernel.PutAddr(&name, addr("127.0.0.1"), uint16(port), 0)
	return a, b, name
}

// TestBatch sends batches of head and payload, and receives them in order,
// whatever number is asked for.
func TestBatch(t *testing.T) {
	a, b, name := couple(t)
	out, in := kernel.NewOutbox(20), kernel.NewInbox(8, 16)
	if out.Len() != 20 || in.Size() != 16 {
		t.Errorf("room for %d, of %d octets", out.Len(), in.Size())
	}
	for _, n := range []int{1, 2, 3, 20, 0, 7, 1} {
		for i := range n {
			*out.Name(i) = name
			out.Set(i, unix.SizeofSockaddrInet4, fmt.Appendf(out.Head(i), "head %d,", i), []byte("payload"), nil)
		}
		if n > 0 {
			if k, errno := out.Send(a, 0, n); k != n || errno != 0 {
				t.Fatalf("%d of %d sent, %v", k, n, errno)
			}
		}
		out.Release(n)
		got := 0
		for more := true; more; {
			var k int
			var errno unix.Errno
			k, more, errno = in.Receive(b, 0)
			if errno != 0 && (errno != unix.EAGAIN || k != 0) {
				t.Fatal(errno)
			}
			for i := range k {
				m, cut := in.Message(i)
				want := fmt.Sprintf("head %d,payload", got)
				if string(m) != want[:min(16, len(want))] || cut != (len(want) > 16) {
					t.Errorf("datagram %d of %d: %q, cut %t", got, n, m, cut)
				}
				if from, port, _ := kernel.Addr(in.Name(i)); from != addr("127.0.0.1") || port == 0 {
					t.Errorf("from %v port %d", from, port)
				}
				got++
			}
		}
		if got != n {
			t.Errorf("%d of %d arrive", got, n)
		}
	}
	if k, more, errno := in.Receive(b, 0); k != 0 || more || errno != unix.EAGAIN {
		t.Errorf("nothing: %d, %t, %v", k, more, errno)
	}
	if k, errno := out.Send(-1, 0, 1); k != 0 || errno != unix.EBADF {
		t.Errorf("no socket: %d, %v", k, errno)
	}
	if k, _, errno := in.Receive(-1, 0); k != 0 || errno != unix.EBADF {
		t.Errorf("no socket: %d, %v", k, errno)
	}
}

func TestBatchNoAllocs(t *testing.T) {
	a, b, name := couple(t)
	out, in := kernel.NewOutbox(4), kernel.NewInbox(4, 64)
	payload := bytes.Repeat([]byte{7}, 32)
	var c kernel.Control
	wiretest.NoAllocs(t, "send and receive", func() {
		for i := range 4 {
			*out.Name(i) = name
			out.Set(i, unix.SizeofSockaddrInet4, nil, payload, nil)
		}
		_, _ = out.Send(a, 0, 4)
		for more := true; more; {
			var n int
			n, more, _ = in.Receive(b, 0)
			for i := range n {
				c.Parse(in.Control(i))
			}
		}
	})
}

// TestPoll keeps the time, for short and for long, and ends with what arrives.
func TestPoll(t *testing.T) {
	a, b, name := couple(t)
	defer kernel.Precise()()
	fds := []unix.PollFd{{Fd: int32(b), Events: unix.POLLIN}}
	for _, d := range []time.Duration{0, time.Millisecond, 12 * time.Millisecond} {
		begin := time.Now()
		for time.Since(begin) < d { // a signal may end it
			if err := kernel.Poll(fds, begin.Add(d)); err != nil {
				t.Fatal(err)
			}
		}
		if late := time.Since(begin) - d; late > 10*time.Second || fds[0].Revents != 0 {
			t.Errorf("%v: %v late, %#x", d, late, fds[0].Revents)
		}
	}
	out := kernel.NewOutbox(1)
	*out.Name(0) = name
	out.Set(0, unix.SizeofSockaddrInet4, nil, []byte{1}, nil)
	if n, errno := out.Send(a, 0, 1); n != 1 {
		t.Fatal(errno)
	}
	for _, until := range []time.Time{{}, time.Now().Add(time.Hour), time.Now().Add(-time.Hour)} {
		if err := kernel.Poll(fds, until); err != nil || fds[0].Revents != unix.POLLIN {
			t.Errorf("%v: %#x, %v", until, fds[0].Revents, err)
		}
	}
}

// TestAttach lets nothing through, and sees what the kernel has thrown away.
func TestAttach(t *testing.T) {
	a, b, name := couple(t)
	if err := kernel.Attach(b, filter.Nothing()); err != nil {
		t.Fatal(err)
	}
	out, in := kernel.NewOutbox(1), kernel.NewInbox(1, 64)
	*out.Name(0) = name
	out.Set(0, unix.SizeofSockaddrInet4, nil, []byte{1}, nil)
	if n, errno := out.Send(a, 0, 1); n != 1 {
		t.Fatal(errno)
	}
	if n, _, _ := in.Receive(b, 0); n != 0 {
		t.Error("something gets through")
	}
	if n, ok := kernel.Drops(b); !ok || n != 1 { // of UDP, what the filter stops counts
		t.Errorf("%d thrown away, %t", n, ok)
	}
	if _, ok := kernel.Drops(-1); ok {
		t.Error("no socket, and an answer")
	}
	if err := kernel.Attach(-1, filter.Nothing()); !errors.Is(err, unix.EBADF) {
		t.Errorf("no socket: %v", err)
	}
}

func TestInterfaceName(t *testing.T) {
	if s := kernel.InterfaceName(1); s != "lo" {
		t.Errorf("%q", s)
	}
	if s := kernel.InterfaceName(99999); s != "99999" {
		t.Errorf("%q", s)
	}
}

// TestAsks counts the calls that look for what is not there: where one datagram
// comes at a time there are none, but for every ninth; where as many come as the
// last time, none; and where more come, soon few calls take them all.
func TestAsks(t *testing.T) {
	a, b, name := couple(t)
	out, in := kernel.NewOutbox(64), kernel.NewInbox(64, 16)
	send := func(n int) {
		t.Helper()
		for i := range n {
			*out.Name(i) = name
			out.Set(i, unix.SizeofSockaddrInet4, nil, []byte{byte(i)}, nil)
		}
		if k, errno := out.Send(a, 0, n); k != n {
			t.Fatalf("%d of %d sent, %v", k, n, errno)
		}
	}
	look := func(n int, all bool) {
		t.Helper()
		if k, more, _ := in.Receive(b, 0); k != n || more != all {
			t.Errorf("%d, more %t, want %d, %t", k, more, n, all)
		}
	}
	for range 3 {
		for range 8 {
			send(1)
			look(1, true)
		}
		send(1)
		look(1, false) // it has asked for two
	}
	send(64)
	for range 8 {
		look(1, true)
	}
	for _, n := range []int{2, 4, 8, 16} {
		look(n, true)
	}
	look(64-8-2-4-8-16, false)
	for range 3 {
		send(26)
		look(26, true)
		look(0, false)
	}
}
