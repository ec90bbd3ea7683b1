package drive_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// tunnel is a link of one's own: what has come out of a tunnel waits in in, and
// what is to go into it leaves by out.
type tunnel struct {
	in, out chan []byte
	stop    chan struct{} // room for one
	next    []byte        // has been waited for
}

func (t *tunnel) Receive(b []byte) (int, bool, error) {
	if t.next == nil {
		select {
		case t.next = <-t.in:
		default:
			return 0, false, nil
		}
	}
	n := copy(b, t.next)
	t.next = nil
	return n, true, nil
}

func (t *tunnel) Send(b []byte) error {
	t.out <- append([]byte(nil), b...) // b is the caller's again afterwards
	return nil
}

func (t *tunnel) Wait(until time.Time) error {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case t.next = <-t.in:
	case <-due:
	case <-t.stop:
	}
	return nil
}

func (t *tunnel) Interrupt() { t.stop <- struct{}{} }

// A host at the end of a tunnel, by the real clock.
func ExampleRun() {
	host := netip.MustParsePrefix("10.9.0.2/24")
	node, err := stack.New(stack.Config{Interfaces: []stack.Interface{{Addrs: []netip.Prefix{host}, MTU: 1400}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	link := &tunnel{in: make(chan []byte, 1), out: make(chan []byte, 1), stop: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error)
	go func() { done <- drive.Run(ctx, drive.Node{Node: node}, link) }()

	ping, err := ip.Enclose4(nil,
		ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: netip.MustParseAddr("10.9.0.1"), Dst: host.Addr()},
		icmp4.Echo{ID: 1, Seq: 1, Data: []byte("are you there?")})
	if err != nil {
		fmt.Println(err)
		return
	}
	link.in <- ping
	h, payload, err := ip.Parse4(<-link.out)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := icmp4.Parse(payload)
	fmt.Println(h.Src, "says", m, err)

	cancel()
	fmt.Println(<-done)
	// Output:
	// 10.9.0.2 says 0/0 Echo Reply, id 1, seq 1, 14 octets <nil>
	// <nil>
}
