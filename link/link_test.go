package link_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/sonde-net/sonde/link"
)

// TestPrivilegeError: it says what is missing and the ways out (P-06).
func TestPrivilegeError(t *testing.T) {
	for _, tt := range []struct {
		err  link.PrivilegeError
		want string
	}{
		{
			link.PrivilegeError{What: "ICMP sockets", Capability: "CAP_NET_RAW", Program: "/usr/bin/sonde", Sysctl: true},
			`ICMP sockets: missing CAP_NET_RAW: either sudo setcap cap_net_raw+ep /usr/bin/sonde, or sudo sysctl net.ipv4.ping_group_range="0 2147483647", or run it with sudo`,
		},
		{
			link.PrivilegeError{What: "marks", Capability: "CAP_NET_ADMIN"},
			`marks: missing CAP_NET_ADMIN: either sudo setcap cap_net_admin+ep PROGRAM, or run it with sudo`,
		},
		{link.PrivilegeError{What: "ICMP sockets"}, "ICMP sockets: run it with the privileges of an administrator"},
	} {
		tt.err.Err = syscall.EACCES
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%s\nwant %s", got, tt.want)
		}
		if !errors.Is(&tt.err, syscall.EACCES) {
			t.Errorf("%v does not wrap the system's error", &tt.err)
		}
	}
}

func TestSizeError(t *testing.T) {
	err := &link.SizeError{MTU: 1400, Err: syscall.EMSGSIZE}
	if err.Error() != "message too long, mtu: 1400" || !errors.Is(err, syscall.EMSGSIZE) || err.TooBig() != 1400 {
		t.Errorf("%v", err)
	}
}
