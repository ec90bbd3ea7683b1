//go:build linux

package main

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// watch sees echo requests leave by an interface, with the kernel's time.
type watch struct{ fd int }

func newWatch(name string) (*watch, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	const all = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, all)
	if err != nil {
		return nil, err
	}
	w := &watch{fd}
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: i.Index})
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *watch) close() { _ = unix.Close(w.fd) }

func (w *watch) drain() {
	var b [256]byte
	for {
		if _, _, err := unix.Recvfrom(w.fd, b[:], 0); err != nil {
			return
		}
	}
}

// first returns when the first echo request left that was not drained.
func (w *watch) first() (time.Time, error) {
	var b, control [256]byte
	for {
		n, k, _, _, err := unix.Recvmsg(w.fd, b[:], control[:], 0)
		if err != nil {
			return time.Time{}, errors.New("no echo request has left")
		}
		const header, echoRequest = 20, 8
		if n <= header || b[0] != 0x45 || b[9] != unix.IPPROTO_ICMP || b[header] != echoRequest {
			continue
		}
		messages, err := unix.ParseSocketControlMessage(control[:k])
		if err != nil || len(messages) == 0 {
			return time.Time{}, errors.New("no time of the echo request")
		}
		var sec, ns int64
		for i := range 8 {
			sec |= int64(messages[0].Data[i]) << (8 * i)
			ns |= int64(messages[0].Data[8+i]) << (8 * i)
		}
		return time.Unix(sec, ns), nil
	}
}
