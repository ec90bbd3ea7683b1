package mtr

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/internal/cli/hosts"
	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// options are what the flags say, ours and those of the original.
type options struct {
	hosts  []string
	file   string
	family vantage.Family
	place  place.Place

	cfg        mtr.Config // but for addresses
	kindSaid   bool
	length     int // of the whole packet, in octets
	fill       int
	rounds     int
	roundsSaid bool

	device string
	source netip.Addr
	mark   uint32

	format    string // "": live on a terminal, text elsewhere
	display   int
	numeric   bool
	look      report.Look
	fields    []field.Field
	orderSaid bool

	// What the original does not have.
	register string // a file of owners
	more     bool   // remarks below reports
	skin     bool
	lang     language.Tag
}

// The defaults of the original.
const (
	defaultLength = 64
	defaultRounds = 10
	mostFill      = 255
)

func newOptions() options {
	o := options{length: defaultLength, look: report.Look{Info: report.NoInfo}}
	o.fields, _ = field.Parse(field.Default) // all of its letters are fields
	return o
}

func (o *options) report() {
	if o.format == "" {
		o.format = "text"
	}
}

// headers is how many octets of a probe are no data.
func headers(k probe.Kind, dst netip.Addr) int {
	n := ip.MinHeaderLen4
	if dst.Is6() {
		n = ip.HeaderLen6
	}
	if k == probe.TCP {
		return n + tcpLen
	}
	return n + transport.UDPLen // an ICMP header is as long
}

// tcpLen is a SYN with a maximum segment size.
const tcpLen = 24

// leastData is what the strategy needs to tell probes apart.
const leastData = 10

// data turns the length of packets into octets of data.
func data(k probe.Kind, dst netip.Addr, length int) (int, error) {
	if k == probe.TCP {
		return 0, nil
	}
	least := headers(k, dst) + leastData
	if length < least {
		return 0, fmt.Errorf("packets of %d octets are too short: %d is the least", length, least)
	}
	return length - headers(k, dst), nil
}

// total is the length of a probe.
func total(c *mtr.Config) int { return headers(c.Kind, c.Dst) + c.Size }

// pattern is what fills the data.
func (o *options) pattern() []byte {
	if o.fill > mostFill {
		return []byte{byte(rand.Uint32())}
	}
	return []byte{byte(o.fill)}
}

// fillText is that as mtr writes it.
func (o *options) fillText() string {
	if o.fill > mostFill {
		return "rand(0x00-FF)"
	}
	return fmt.Sprintf("0x%02X", o.fill)
}

// operands are the hosts of the command line, and of the file.
func (o *options) operands(args []string, in io.Reader) error {
	o.hosts = args
	if o.file != "" {
		more, err := hosts.List(in, o.file)
		if err != nil {
			return err
		}
		o.hosts = slices.Concat(more, args)
	}
	if len(o.hosts) == 0 {
		return errNoHost
	}
	return nil
}

var errNoHost = errors.New("which host? It stands behind the flags")

func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err
}
