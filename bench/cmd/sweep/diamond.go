package main

import (
	"fmt"
	"strings"

	"github.com/sonde-net/sonde/bench/rooms"
)

// width is how many ways the diamond has.
const width = 8

// diamond is rooms: we, a router that divides what it forwards among others by flow
// (addresses and ports), these, one where their ways come together, and a host that
// has all of 10/8.
type diamond struct{ rooms []*rooms.Room }

func (d *diamond) close() {
	for _, r := range d.rooms {
		r.Close()
	}
}

func newDiamond() (*diamond, error) {
	d := new(diamond)
	for range 4 + width {
		r, err := rooms.New()
		if err != nil {
			return d, err
		}
		d.rooms = append(d.rooms, r)
		if _, err := r.Sh(rooms.Lifted + " net.ipv4.fib_multipath_hash_policy=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0"); err != nil {
			return d, err
		}
	}
	here, fork, join, far := d.rooms[0], d.rooms[1], d.rooms[2], d.rooms[3]
	middle := d.rooms[4:]
	cables := []struct {
		from, to *rooms.Room
		name     string
		net      string
	}{{here, fork, "h", "172.31.0"}, {join, far, "f", "172.31.1"}}
	for i, m := range middle {
		cables = append(cables, []struct {
			from, to *rooms.Room
			name     string
			net      string
		}{{fork, m, fmt.Sprint("a", i), fmt.Sprint("172.31.", 100+i)}, {m, join, fmt.Sprint("b", i), fmt.Sprint("172.31.", 200+i)}}...)
	}
	for _, c := range cables {
		if _, err := c.from.Sh(fmt.Sprintf("ip link add x%[1]s type veth peer name y%[1]s netns %[2]s; ip addr add %[3]s.1/24 dev x%[1]s; ip link set dev x%[1]s up", c.name, c.to.PID, c.net)); err != nil {
			return d, err
		}
		if _, err := c.to.Sh(fmt.Sprintf("ip addr add %[2]s.2/24 dev y%[1]s; ip link set dev y%[1]s up", c.name, c.net)); err != nil {
			return d, err
		}
	}
	var ways strings.Builder
	for i, m := range middle {
		fmt.Fprintf(&ways, " nexthop via 172.31.%d.2", 100+i)
		if _, err := m.Sh(fmt.Sprintf("ip route add 10.0.0.0/8 via 172.31.%d.2; ip route add 172.31.0.0/24 via 172.31.%d.1", 200+i, 100+i)); err != nil {
			return d, err
		}
	}
	for _, x := range []struct {
		r      *rooms.Room
		routes string
	}{
		{here, "ip route add 10.0.0.0/8 via 172.31.0.2"},
		{fork, "ip route add 10.0.0.0/8" + ways.String()},
		{join, "ip route add 10.0.0.0/8 via 172.31.1.2; ip route add 172.31.0.0/24 via 172.31.200.1"},
		{far, "ip route add default via 172.31.1.1; ip route add local 10.0.0.0/8 dev lo"},
	} {
		if _, err := x.r.Sh(x.routes); err != nil {
			return d, err
		}
	}
	_, err := here.Sh("ping -q -c 1 -W 5 10.1.0.1")
	return d, err
}
