package sweep_test

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/wire/checksum"
)

// tap is an Ethernet device with a queue of few frames, and somebody behind it who
// answers echoes for 10.0.0.0/8.
type tap struct {
	f     *os.File
	asked atomic.Uint64
}

func newTap(t *testing.T, here *testnet.Room, queue string) *tap {
	t.Helper()
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		testnet.Missing(t, "/dev/net/tun: "+err.Error())
	}
	r, err := unix.NewIfreq("t0")
	if err == nil {
		r.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, r)
	}
	if err != nil {
		t.Fatal(err)
	}
	x := &tap{f: os.NewFile(uintptr(fd), "tap")}
	here.Sh("ip link set t0 txqueuelen %s address 02:00:00:00:00:01; ip addr add 172.30.9.1/24 dev t0; ip link set t0 up; ip neigh add 172.30.9.2 lladdr 02:00:00:00:00:02 dev t0 nud permanent; ip route add 10.0.0.0/8 via 172.30.9.2", queue)
	done := make(chan struct{})
	go func() {
		defer close(done)
		x.serve()
	}()
	t.Cleanup(func() {
		_ = x.f.Close()
		<-done
	})
	return x
}

// serve answers until the device is closed.
func (x *tap) serve() {
	const ether, icmp = 14, 14 + 20
	b := make([]byte, 2048)
	for {
		n, err := x.f.Read(b)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil || n < icmp+8 || b[12] != 8 || b[13] != 0 || b[ether] != 0x45 || b[ether+9] != 1 || b[icmp] != 8 {
			continue
		}
		x.asked.Add(1)
		swap(b[0:6], b[6:12])
		swap(b[ether+12:ether+16], b[ether+16:ether+20])
		b[icmp], b[icmp+2], b[icmp+3] = 0, 0, 0
		sum := checksum.Of(b[icmp:n])
		b[icmp+2], b[icmp+3] = byte(sum>>8), byte(sum)
		_, _ = x.f.Write(b[:n])
	}
}

func swap(a, b []byte) {
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// TestDevice: a device that has no room and throws frames away: what is said to
// have left has left, and who was asked has answered. (Of a device behind a queue
// nobody learns that it has thrown something away; so raw sockets are not here.)
func TestDevice(t *testing.T) {
	here := testnet.Enter(t)
	testnet.Need(t, "ip")
	x := newTap(t, here, "4")
	for _, engine := range []string{"packet", "xdp"} {
		before := x.asked.Load()
		o := run(t, "", "-q", "--json", "--all", "--engine", engine, "--rate", "0", "--wait", "1", "10.1.0.0/19")
		_, sum := parse(t, o.out)
		const all = 1 << 13
		asked := int(x.asked.Load() - before)
		if o.err != nil || sum.Engine != engine || sum.Sent+sum.Unsent != all || asked != sum.Sent || sum.Answered != sum.Sent || sum.Rest+sum.Dropped != 0 {
			t.Errorf("%s: %v, %+v, %d on the wire", engine, o.err, sum, asked)
		}
		if engine == "packet" && sum.Unsent != 0 {
			t.Errorf("%+v: what has no room is to wait for it", sum)
		}
		t.Logf("%s: %+v", engine, sum)
	}
	if dropped := here.Sh("cat /sys/class/net/t0/statistics/tx_dropped 2>/dev/null || ip -s link show t0"); dropped == "0\n" {
		t.Error("there was always room")
	}
}
