package cli

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/link/tun"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/mib"
)

func newHost() *cobra.Command {
	var o struct {
		tun      string
		kernel   string
		lang     string
		mtu      int
		counters bool
		legacy   bool
	}
	cmd := &cobra.Command{
		Use:   "host --tun NAME ADDR/LEN...",
		Short: "Run one host on a TUN device",
		Long: `Host runs one host on a TUN device, with the addresses given, one or two of a
family each: it answers echo and timestamp requests, reports what it does not
have, and counts what it drops. The kernel gets an address of the same network
at the other end, so that its own ping and traceroute reach the host. On UDP
ports 7 and 9 are the echo and discard services.

It runs until it is interrupted. Device, addresses and routes go with it,
however it ends. It needs the capability CAP_NET_ADMIN.`,
		Example: `  sonde host --tun sonde0 10.9.0.2/24 &
  ping -c 3 10.9.0.2`,
		Args: cobra.MinimumNArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&o.tun, "tun", "", "name of the device; without it the kernel chooses")
	f.StringVar(&o.kernel, "kernel", "", "address of the kernel's end; without it the first free one of the network")
	f.IntVar(&o.mtu, "mtu", 1500, "largest datagram in octets")
	f.BoolVar(&o.counters, "counters", false, "print what was counted, at the end")
	language.Flag(cmd, &o.lang)
	f.BoolVar(&o.legacy, "legacy", false, "answer address mask and information requests too")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		lang, err := language.Of(o.lang)
		if err != nil {
			return err
		}
		addrs, err := prefixes(args)
		if err != nil {
			return err
		}
		ends, err := kernelEnds(addrs, o.kernel)
		if err != nil {
			return err
		}
		node, err := newHostNode(addrs, o.mtu, o.legacy)
		if err != nil {
			return err
		}
		dev, err := tun.Open(o.tun, tun.Setup{Addrs: ends, MTU: o.mtu})
		if err != nil {
			return err
		}
		defer dev.Close()
		fmt.Fprintf(cmd.OutOrStdout(), speak(lang).host, dev.Name(), list(addrs), list(ends))
		err = drive.Run(cmd.Context(), drive.Node{Node: node}, dev)
		if o.counters {
			printCounters(cmd, node.Counters())
		}
		return err
	}
	return cmd
}

// newHostNode makes the host: UDP with the echo and discard services, and ICMP.
func newHostNode(addrs []netip.Prefix, mtu int, legacy bool) (*stack.Node, error) {
	seed := rand.Uint64()
	upper, err := endpoint.New(endpoint.Config{Seed: seed, Echo: true, Discard: true})
	if err != nil {
		return nil, err
	}
	node, err := stack.New(stack.Config{
		Interfaces:  []stack.Interface{{Name: "tun", Addrs: addrs, MTU: mtu, Mask: legacy, Queue: 1 << 20}},
		Upper:       upper,
		Seed:        seed,
		Information: legacy,
	})
	if err == nil {
		upper.Attach(node)
	}
	return node, err
}

func prefixes(args []string) ([]netip.Prefix, error) {
	var ps []netip.Prefix
	for _, a := range args {
		p, err := netip.ParsePrefix(a)
		if err != nil {
			return nil, fmt.Errorf("%q is no address with a prefix length, as 10.9.0.2/24 is", a)
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// kernelEnds chooses an address of each network for the kernel.
func kernelEnds(own []netip.Prefix, given string) ([]netip.Prefix, error) {
	want := netip.Addr{}
	if given != "" {
		a, err := netip.ParseAddr(given)
		if err != nil {
			return nil, fmt.Errorf("--kernel: %q is no address", given)
		}
		want = a
	}
	var ends []netip.Prefix
	used := false
	for _, p := range own {
		a, ok := freeAddr(p, own)
		switch {
		case want == p.Addr():
			return nil, fmt.Errorf("--kernel: %v is the host's own", want)
		case want.IsValid() && p.Contains(want):
			a, used = want, true
		case !ok:
			return nil, fmt.Errorf("%v has no room for the kernel's address", p)
		}
		// Of two addresses on one network the kernel needs one neighbour.
		if end := netip.PrefixFrom(a, p.Bits()); !slices.Contains(ends, end) {
			ends = append(ends, end)
		}
	}
	if want.IsValid() && !used {
		return nil, errors.New("--kernel: " + given + " is on none of the networks")
	}
	return ends, nil
}

// freeAddr returns the first address of the network p that is neither one of
// own, nor the network's own number, nor its broadcast address.
func freeAddr(p netip.Prefix, own []netip.Prefix) (netip.Addr, bool) {
	a := p.Masked().Addr()
	ends := p.Bits() >= a.BitLen()-1 // of a point-to-point link, both are hosts
	if !ends {
		a = a.Next()
	}
	for slices.ContainsFunc(own, func(o netip.Prefix) bool { return o.Addr() == a }) {
		a = a.Next()
	}
	last := a.Is4() && !ends && !p.Contains(a.Next())
	return a, p.Contains(a) && !last
}

func list(ps []netip.Prefix) string {
	s := ""
	for i, p := range ps {
		if i > 0 {
			s += ", "
		}
		s += p.String()
	}
	return s
}

// printCounters prints the counters that are not zero.
func printCounters(cmd *cobra.Command, c mib.Counters) {
	for name, n := range c.All() {
		if n > 0 {
			fmt.Fprintf(cmd.OutOrStdout(), "%-40s %d\n", name, n)
		}
	}
}
