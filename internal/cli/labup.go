package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/link/tun"
)

func newLabUp() *cobra.Command {
	var o struct {
		tun, link, addr, pcap, lang string
		links                       []string
		seed                        uint64
	}
	cmd := &cobra.Command{
		Use:   "up NAME|FILE --tun NAME",
		Short: "Put this machine's kernel beside a simulated network",
		Long: `Up runs a simulated network in real time, with this machine's own kernel as a
party on one of its links, behind a TUN device: the system's ping, traceroute,
tracepath, mtr and tcpdump then work against it. The kernel gets an address on
the link, and routes to all networks of the topology.

It runs until it is interrupted. Device, addresses and routes go with it,
however it ends. It needs the capability CAP_NET_ADMIN.`,
		Example: `  sonde lab up cmu-mit --tun lab0 &
  traceroute 18.7.22.69`,
		Args: cobra.ExactArgs(1),

		ValidArgsFunction: completeTopology,
	}
	f := cmd.Flags()
	f.StringVar(&o.tun, "tun", "", "name of the device; without it the kernel chooses")
	f.StringVar(&o.link, "link", "", "link that the kernel stands on; without it the one that the file gives to outsiders")
	f.StringVar(&o.addr, "address", "", "the kernel's address there, as ADDR/LEN; without it the one that the file gives to outsiders")
	f.Uint64Var(&o.seed, "seed", 0, "seed of everything random; without it that of the file")
	f.StringVar(&o.pcap, "pcap", "", "write what goes over the links to this pcapng file")
	f.StringSliceVar(&o.links, "pcap-link", nil, "only these links; without it all")
	language.Flag(cmd, &o.lang)
	completeFlag(cmd, "link", completeLink)
	completeFlag(cmd, "pcap", completeFile)
	completeFlag(cmd, "pcap-link", completeLink)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		lang, err := language.Of(o.lang)
		if err != nil {
			return err
		}
		t, err := place.Load(args[0])
		if err != nil {
			return err
		}
		place, err := findPlace(t, o.link, o.addr)
		if err != nil {
			return err
		}
		opts := lab.Options{Seed: o.seed, Start: time.Now()}
		if o.pcap != "" {
			opts.Records = liveRecords
		}
		network, err := lab.New(t, opts)
		if err != nil {
			return err
		}
		port, err := network.Port(place.Link, place.Addr)
		if err != nil {
			return err
		}
		port.Via(place.Via)
		m := drive.Machine(port)
		if o.pcap != "" {
			c, err := createCapture(o.pcap, network, o.links)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, c.close()) }()
			m = &recorded{Port: port, capture: c}
		}
		dev, err := tun.Open(o.tun, kernelSide(t, place))
		if err != nil {
			return err
		}
		defer dev.Close()
		fmt.Fprintf(cmd.OutOrStdout(), speak(lang).up,
			dev.Name(), t.Name, place.Addr, place.Link, len(place.Networks))
		return drive.Run(cmd.Context(), m, dev)
	}
	return cmd
}

// findPlace is [lab.FindPlace] with the flags as they were given.
func findPlace(t *topology.Topology, link, addr string) (lab.Place, error) {
	var p netip.Prefix
	if addr != "" {
		var err error
		if p, err = netip.ParsePrefix(addr); err != nil {
			return lab.Place{}, fmt.Errorf("--address: %q is no address with a prefix length", addr)
		}
	}
	return lab.FindPlace(t, link, p)
}

// kernelSide is what the kernel's end of the device is like.
func kernelSide(t *topology.Topology, p lab.Place) tun.Setup {
	s := tun.Setup{Addrs: []netip.Prefix{p.Addr}, MTU: t.Link(p.Link).MTU}
	for _, n := range p.Networks {
		r := tun.Route{To: n}
		if p.Via.IsValid() && p.Via.Is4() == n.Addr().Is4() {
			r.Via = p.Via
		}
		s.Routes = append(s.Routes, r)
	}
	return s
}

// liveRecords is how many records may wait between two writes of the capture.
const liveRecords = 4096

// capture is a capture file of a running network.
type capture struct {
	network *lab.Network
	file    *os.File
	out     *record.Capture
	failed  error
}

func createCapture(path string, n *lab.Network, links []string) (*capture, error) {
	for _, l := range links {
		if n.Topology().Link(l) == nil {
			return nil, fmt.Errorf("--pcap-link: there is no link %q", l)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	out, err := record.NewCapture(f, links...)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &capture{network: n, file: f, out: out}, nil
}

// drain writes what has been recorded. After a failure it writes nothing more,
// and close returns the failure.
func (c *capture) drain() {
	for {
		r, ok := c.network.NextRecord()
		if !ok {
			return
		}
		if c.failed == nil {
			c.failed = c.out.Write(&r)
		}
	}
}

func (c *capture) close() error {
	c.drain()
	if c.failed == nil {
		c.failed = c.out.Flush()
	}
	return errors.Join(c.failed, c.file.Close())
}

// recorded is a port whose network is written to a capture file.
type recorded struct {
	*lab.Port
	capture *capture
}

// Poll implements [drive.Machine].
func (r *recorded) Poll(now time.Time, b []byte) ([]byte, bool) {
	b, ok := r.Port.Poll(now, b)
	if !ok {
		r.capture.drain()
	}
	return b, ok
}
