//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
	gtun "gvisor.dev/gvisor/pkg/tcpip/link/tun"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/link/tun"
	"github.com/sonde-net/sonde/stack"
)

// The contestants.
const (
	sonde   = "Sonde"
	gvisor  = "gVisor netstack"
	single  = "gVisor netstack, one processor"
	channel = "gVisor netstack, looped by hand"
	bare    = "bare loop"
	kernel  = "the kernel over veth"
)

// plays are the contestants at work. Each sets itself up, and returns what
// answers from then on.
var plays = map[string]func() (func() error, error){
	sonde:   playSonde,
	gvisor:  func() (func() error, error) { return playGVisor(0) },
	single:  func() (func() error, error) { return playGVisor(1) },
	channel: playChannel,
	bare:    playBare,
	kernel:  playKernel,
}

// contestants is the order of the tables.
var contestants = []string{sonde, gvisor, single, channel, bare, kernel}

// Who asks, and who answers.
var (
	asker    = netip.MustParsePrefix("10.9.0.1/24")
	answerer = netip.MustParseAddr("10.9.0.2")
)

const mtu = 1500

// play is the contestant with this name until standard input ends. It writes a
// line when it answers.
func play(name string) error {
	if err := fresh(); err != nil {
		return err
	}
	serve, ok := plays[name]
	if !ok {
		return fmt.Errorf("no contestant %q", name)
	}
	answer, err := serve()
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if _, err := fmt.Println("ready"); err != nil {
		return err
	}
	return answer()
}

// fresh refuses a network that somebody uses: one where a device is up, be it
// the loopback.
func fresh() error {
	links, err := netlink.LinkList()
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.Attrs().Flags&net.FlagUp != 0 {
			return fmt.Errorf("%s is up: this is no namespace of its own", l.Attrs().Name)
		}
	}
	return nil
}

// playSonde is what `sonde host --tun tun0 10.9.0.2/24` runs.
func playSonde() (func() error, error) {
	node, err := stack.New(stack.Config{Interfaces: []stack.Interface{{
		Name: "tun", Addrs: []netip.Prefix{netip.PrefixFrom(answerer, asker.Bits())}, MTU: mtu, Queue: 1 << 20,
	}}})
	if err != nil {
		return nil, err
	}
	dev, err := tun.Open("tun0", tun.Setup{Addrs: []netip.Prefix{asker}, MTU: mtu})
	if err != nil {
		return nil, err
	}
	return func() error { return drive.Run(context.Background(), drive.Node{Node: node}, dev) }, nil
}

// playBare answers without looking: what a program of 25 lines does.
func playBare() (func() error, error) {
	fd, err := openTUN()
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		return nil, err
	}
	return func() error {
		var b [mtu]byte
		for {
			n, err := unix.Read(fd, b[:])
			if err != nil {
				return err
			}
			if n < 28 || b[0] != 0x45 || b[9] != 1 || b[20] != 8 {
				continue
			}
			for i := 12; i < 16; i++ {
				b[i], b[i+4] = b[i+4], b[i]
			}
			b[20] = 0
			sum := uint32(b[22])<<8 + uint32(b[23]) + 0x0800
			sum += sum >> 16
			b[22], b[23] = byte(sum>>8), byte(sum)
			if _, err := unix.Write(fd, b[:n]); err != nil {
				return err
			}
		}
	}, nil
}

// openTUN makes a TUN device as gVisor does; reads do not block.
func openTUN() (int, error) {
	fd, err := gtun.Open("tun0")
	if err != nil {
		return -1, err
	}
	return fd, address("tun0", asker)
}

func address(link string, p netip.Prefix) error {
	l, err := netlink.LinkByName(link)
	if err != nil {
		return err
	}
	ipnet := &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
	if err := netlink.AddrAdd(l, &netlink.Addr{IPNet: ipnet}); err != nil {
		return err
	}
	return netlink.LinkSetUp(l)
}

// playKernel has nothing to answer: it puts the far end of a pair of Ethernet
// devices into a second namespace, which lives as long as the process.
func playKernel() (func() error, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	near, err := netns.Get()
	if err != nil {
		return nil, err
	}
	if _, err := netns.New(); err != nil { // the open handle keeps it
		return nil, err
	}
	if err := errors.Join(
		netlink.LinkAdd(&netlink.Veth{
			LinkAttrs: netlink.LinkAttrs{Name: "far"}, PeerName: "near", PeerNamespace: netlink.NsFd(near),
		}),
		address("far", netip.PrefixFrom(answerer, asker.Bits())),
		netns.Set(near),
	); err != nil {
		return nil, err
	}
	return func() error { select {} }, address("near", asker)
}
