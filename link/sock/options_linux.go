package sock

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// stampArrivals and stampSent are what SO_TIMESTAMPING is asked for.
const (
	stampArrivals = unix.SOF_TIMESTAMPING_RX_SOFTWARE | unix.SOF_TIMESTAMPING_SOFTWARE
	stampSent     = unix.SOF_TIMESTAMPING_TX_SOFTWARE | unix.SOF_TIMESTAMPING_SOFTWARE |
		unix.SOF_TIMESTAMPING_OPT_ID | unix.SOF_TIMESTAMPING_OPT_TSONLY
	stampDevice = unix.SOF_TIMESTAMPING_RX_HARDWARE | unix.SOF_TIMESTAMPING_RAW_HARDWARE
	stampLeaves = unix.SOF_TIMESTAMPING_TX_HARDWARE | unix.SOF_TIMESTAMPING_RAW_HARDWARE
)

// setting is an option to set. One that is not vital may fail: an older kernel
// does not know it, and somebody without privileges may not.
type setting struct {
	name          string
	level, option int
	value         int
	vital         bool
}

// set sets the options of a socket.
func (c *Conn) set(s *socket) error {
	o := &c.o
	var all []setting
	add := func(on bool, x setting) {
		if on {
			all = append(all, x)
		}
	}
	add(o.Mark != 0, setting{"mark", unix.SOL_SOCKET, unix.SO_MARK, int(o.Mark), true})
	add(o.DontRoute, setting{"dontroute", unix.SOL_SOCKET, unix.SO_DONTROUTE, 1, true})
	add(o.Broadcast, setting{"broadcast", unix.SOL_SOCKET, unix.SO_BROADCAST, 1, true})
	if s.role != receives {
		add(o.SendBuffer > 0, setting{"sndbuf", unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer, true})
	}
	if s.role != sends && s.role != echoes {
		size := o.ReceiveBuffer()
		add(true, setting{"rcvbuf", unix.SOL_SOCKET, unix.SO_RCVBUF, size, true})
		add(true, setting{"rcvbufforce", unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size, false})
		add(true, setting{"rxq_ovfl", unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1, false})
	}
	if s.v6 {
		all = c.set6(s, all)
	} else {
		all = c.set4(s, all)
	}
	if o.Interface != "" {
		if err := unix.BindToDevice(s.fd, o.Interface); denied(err) {
			return privilege("binding to interface "+o.Interface, netRaw, false, err)
		} else if err != nil {
			return fmt.Errorf("interface %s: %w", o.Interface, err)
		}
	}
	for _, x := range all {
		if err := unix.SetsockoptInt(s.fd, x.level, x.option, x.value); err != nil && x.vital {
			if denied(err) && x.name == "mark" {
				return privilege("marks", "CAP_NET_ADMIN", false, err)
			}
			return fmt.Errorf("setsockopt %s: %w", x.name, err)
		}
	}
	if s.role != sends && s.role != echoes {
		s.sized = s.size()
	}
	return c.stamp(s)
}

// size asks for the size of the largest fragment, and reports whether the kernel
// knows of such a thing.
func (s *socket) size() bool {
	level, option := unix.IPPROTO_IP, unix.IP_RECVFRAGSIZE
	if s.v6 {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_RECVFRAGSIZE
	}
	return unix.SetsockoptInt(s.fd, level, option, 1) == nil
}

func (c *Conn) set4(s *socket, all []setting) []setting {
	add := func(name string, option, value int, vital bool) {
		all = append(all, setting{name, unix.IPPROTO_IP, option, value, vital})
	}
	if s.role == sends {
		add("hdrincl", unix.IP_HDRINCL, 1, true)
		// What is known of the path is this package's to regard or not.
		add("mtu_discover", unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE, true)
	}
	if s.role != receives {
		// Without it, the kernel keeps to itself that a queue was full.
		add("recverr", unix.IP_RECVERR, 1, true)
		if c.o.NoLoop {
			add("multicast_loop", unix.IP_MULTICAST_LOOP, 0, true)
		}
	}
	if s.role == pings || s.role == carries {
		add("recvttl", unix.IP_RECVTTL, 1, false)
		add("recvtos", unix.IP_RECVTOS, 1, false)
		add("pktinfo", unix.IP_PKTINFO, 1, true)
		add("recvopts", unix.IP_RECVOPTS, 1, false)
		add("recverr_rfc4884", unix.IP_RECVERR_RFC4884, 1, false)
	}
	return all
}

func (c *Conn) set6(s *socket, all []setting) []setting {
	add := func(name string, option, value int, vital bool) {
		all = append(all, setting{name, unix.IPPROTO_IPV6, option, value, vital})
	}
	add("v6only", unix.IPV6_V6ONLY, 1, false)
	if s.role == sends {
		add("hdrincl", unix.IPV6_HDRINCL, 1, true)
		add("mtu_discover", unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE, true)
	}
	if s.role != receives {
		add("recverr", unix.IPV6_RECVERR, 1, true)
		if c.o.NoLoop {
			add("multicast_loop", unix.IPV6_MULTICAST_LOOP, 0, true)
		}
	}
	if s.role != sends && s.role != echoes {
		add("recvhoplimit", unix.IPV6_RECVHOPLIMIT, 1, false)
		add("recvtclass", unix.IPV6_RECVTCLASS, 1, false)
		add("recvpktinfo", unix.IPV6_RECVPKTINFO, 1, true)
	}
	if s.role == pings || s.role == carries {
		add("recverr_rfc4884", unix.IPV6_RECVERR_RFC4884, 1, false)
	}
	return all
}

// busyRate is the rate above which stamps of what is sent cost more than they
// are worth, probes a second.
const busyRate = 5000

// stamp asks for the times.
func (c *Conn) stamp(s *socket) error {
	flags := 0
	if s.role != sends && s.role != echoes {
		flags |= stampArrivals
		if c.o.Device {
			flags |= stampDevice
		}
	}
	if s.role != receives && !c.o.NoSentStamps && c.o.Rate <= busyRate {
		flags |= stampSent
		if c.o.Device {
			flags |= stampLeaves
		}
		s.keys = newKeys(flags)
	}
	if flags == 0 {
		return nil
	}
	if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING, flags); err == nil {
		return nil
	}
	s.keys = nil
	if s.role == sends || s.role == echoes {
		return nil
	}
	return unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
}

// discover returns the mode of a socket that writes no header, for a datagram
// with this don't fragment bit.
func (c *Conn) discover(df bool) int {
	switch {
	case c.o.Discover == Want:
		return unix.IP_PMTUDISC_WANT
	case c.o.Discover == Do:
		return unix.IP_PMTUDISC_DO
	case c.o.Discover == IgnoreKnown, c.o.Discover == AsProbe && df:
		return unix.IP_PMTUDISC_PROBE
	}
	return unix.IP_PMTUDISC_DONT
}

// fragmentable says what becomes of a datagram: whether it has the don't fragment
// bit, whether it may be fragmented here, and whether what is known of the path
// is regarded.
func (c *Conn) fragmentable(df, v6 bool) (bit, cut, known bool) {
	switch c.o.Discover {
	case Want:
		return true, true, true
	case Dont:
		return false, true, v6
	case Do:
		return true, false, true
	case IgnoreKnown:
		return true, false, false
	}
	return df, !df, v6 && !df
}

// least is what any link carries, in octets.
func least(v6 bool) int {
	if v6 {
		return 1280 // RFC 8200 §5
	}
	return 552 // what Linux believes of a path at least
}
