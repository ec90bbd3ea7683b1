//go:build linux

package main

import (
	"errors"

	"golang.org/x/sys/unix"
	"golang.org/x/time/rate"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	gchannel "gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/link/fdbased"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	gstack "gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
)

// playGVisor is gVisor's stack on gVisor's own link, which reads and writes the
// device itself, and has so many goroutines for what it has read; 0: as many as
// there are CPUs, as it comes. With one it answers where it reads.
func playGVisor(processors int) (func() error, error) {
	fd, err := openTUN()
	if err != nil {
		return nil, err
	}
	link, err := fdbased.New(&fdbased.Options{
		FDs: []int{fd}, MTU: mtu, PacketDispatchMode: fdbased.Readv, ProcessorsPerChannel: processors,
	})
	if err != nil {
		return nil, err
	}
	return func() error {
		link.Wait()
		return errors.New("the link has ended")
	}, netstack(link)
}

// playChannel is gVisor's stack read and written by hand, in one loop that
// waits in read as the bare one does.
func playChannel() (func() error, error) {
	fd, err := openTUN()
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		return nil, err
	}
	link := gchannel.New(512, mtu, "")
	return func() error {
		b := make([]byte, mtu)
		for {
			n, err := unix.Read(fd, b)
			if err != nil {
				return err
			}
			if b[0]>>4 != 4 {
				continue
			}
			p := gstack.NewPacketBuffer(gstack.PacketBufferOptions{Payload: buffer.MakeWithData(b[:n])})
			link.InjectInbound(ipv4.ProtocolNumber, p)
			p.DecRef()
			for p = link.Read(); p != nil; p = link.Read() {
				v := p.ToView()
				_, err := unix.Write(fd, v.AsSlice())
				v.Release()
				p.DecRef()
				if err != nil {
					return err
				}
			}
		}
	}, netstack(link)
}

// netstack puts a stack of IPv4 and ICMP above a link.
func netstack(link gstack.LinkEndpoint) error {
	s := gstack.New(gstack.Options{
		NetworkProtocols:   []gstack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []gstack.TransportProtocolFactory{icmp.NewProtocol4},
	})
	s.SetICMPLimit(rate.Inf)
	const nic = 1
	if err := s.CreateNIC(nic, link); err != nil {
		return errors.New(err.String())
	}
	addr := tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddressWithPrefix{
		Address: tcpip.AddrFrom4(answerer.As4()), PrefixLen: asker.Bits(),
	}}
	if err := s.AddProtocolAddress(nic, addr, gstack.AddressProperties{}); err != nil {
		return errors.New(err.String())
	}
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	return nil
}
