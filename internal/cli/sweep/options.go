package sweep

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/campaign"
	"github.com/sonde-net/sonde/internal/cli/hosts"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/link/ring"
	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/wire/ip"
)

// defaultRate is in packets a second: an hour for a /10, half a megabit.
const defaultRate = 1000

// maxUnasked is how many public addresses are asked without --permitted: a /24.
const maxUnasked = 256

// targets reads what is to be asked.
func (o *options) targets(cmd *cobra.Command, args []string) (*campaign.Targets, campaign.Notes, error) {
	t := new(campaign.Targets)
	files := o.files
	for _, a := range args {
		if a == "-" {
			files = append(files, a)
			continue
		}
		if err := t.Add(a, "target"); err != nil {
			return nil, campaign.Notes{}, err
		}
	}
	if len(args) == 0 && len(files) == 0 {
		return nil, campaign.Notes{}, errors.New("want targets: addresses, prefixes, ranges, or -f and a file")
	}
	for _, a := range o.exclude {
		if err := t.Exclude(a, "--exclude"); err != nil {
			return nil, campaign.Notes{}, err
		}
	}
	for _, name := range files {
		if err := hosts.Each(cmd.InOrStdin(), name, t.Add); err != nil {
			return nil, campaign.Notes{}, err
		}
	}
	for _, name := range o.excludeFiles {
		if err := hosts.Each(cmd.InOrStdin(), name, t.Exclude); err != nil {
			return nil, campaign.Notes{}, err
		}
	}
	n, err := t.Finish(o.all)
	return t, n, err
}

// config makes the sweep's configuration of the flags; seeded says that no seed
// was chosen.
func (o *options) config(cmd *cobra.Command) (c sweep.Config, seeded bool, err error) {
	c = sweep.Config{
		Seed: o.seed, TTL: ip.TTL(o.ttl), TOS: o.tos, Payload: []byte(o.payload), Repeat: o.repeat,
		Wait: time.Duration(o.wait * float64(time.Second)), Results: results,
	}
	if c.Seed == 0 {
		c.Seed, seeded = rand.Uint64(), true //nolint:gosec // seeded from the system's own source
	}
	if c.Kind, c.Port, err = o.kind(cmd); err != nil {
		return c, seeded, err
	}
	switch {
	case !(o.wait >= 0 && o.wait <= 3600):
		return c, seeded, errors.New("--wait: want 0 to 3600 seconds")
	case o.ttl == 0:
		return c, seeded, errors.New("--ttl: want 1 to 255")
	case o.repeat < 1 || o.repeat > sweep.MaxRepeat:
		return c, seeded, fmt.Errorf("--repeat: want 1 to %d", sweep.MaxRepeat)
	case o.trace && (o.maxHops < 1 || o.maxHops > sweep.MaxHops):
		return c, seeded, fmt.Errorf("--max-hops: want 1 to %d", sweep.MaxHops)
	case o.json && o.csv:
		return c, seeded, errors.New("--json and --csv: want one of them")
	case o.resume && o.checkpoint == "":
		return c, seeded, errors.New("--resume goes with --checkpoint")
	case o.checkpoint != "" && o.output != "" && filepath.Clean(o.checkpoint) == filepath.Clean(o.output):
		return c, seeded, errors.New("--checkpoint and --output: want two files")
	case o.checkpoint != "" && o.trace && !o.noPaths:
		// What is put together at the end is lost when there is none.
		return c, seeded, errors.New("--checkpoint with --trace goes with --no-paths: paths are put together at the end, from one run")
	}
	if c.Wait == 0 {
		c.Wait = 1 // the zero Config stands for another
	}
	if o.trace {
		c.Hops = o.maxHops
	}
	if o.source != "" {
		a, err := netip.ParseAddr(o.source)
		if err != nil {
			return c, seeded, fmt.Errorf("--source: %q is no address", o.source)
		}
		if c.Src4 = a; a.Is6() {
			c.Src4, c.Src6 = netip.Addr{}, a
		}
	}
	if c.Shard, c.Shards, err = parseShard(o.shard); err != nil {
		return c, seeded, err
	}
	if c.Shards > 1 && seeded && !o.resume {
		return c, seeded, errors.New("--shard goes with --seed: the parts belong together by it")
	}
	return c, seeded, o.pace(cmd, &c)
}

func (o *options) kind(cmd *cobra.Command) (k sweep.Kind, port uint16, err error) {
	n := 0
	for _, x := range []struct {
		flag string
		kind sweep.Kind
		port uint16
		set  bool
	}{
		{"echo", sweep.Echo, 0, o.echo},
		{"timestamp", sweep.Timestamp, 0, o.timestamp},
		{"udp", sweep.UDP, o.udp, cmd.Flags().Changed("udp")},
		{"tcp", sweep.TCP, o.tcp, cmd.Flags().Changed("tcp")},
	} {
		if x.set {
			k, port = x.kind, x.port
			n++
		}
	}
	switch {
	case n > 1:
		return k, port, errors.New("--echo, --timestamp, --udp and --tcp: want one of them")
	case o.trace && k != sweep.Echo:
		return k, port, errors.New("--trace asks by echo")
	case o.trace && o.repeat > 1:
		return k, port, errors.New("--trace asks once")
	case o.payload != "" && (k == sweep.Timestamp || k == sweep.TCP):
		return k, port, fmt.Errorf("--payload: there is no room for it with --%v", k)
	case len(o.payload) > sweep.MaxPayload:
		return k, port, fmt.Errorf("--payload: at most %d octets", sweep.MaxPayload)
	}
	return k, port, nil
}

// pace reads the rate.
func (o *options) pace(cmd *cobra.Command, c *sweep.Config) error {
	if o.bandwidth == "" {
		if !(o.rate >= 0 && o.rate <= sweep.MaxRate) || o.rate != math.Trunc(o.rate) {
			return fmt.Errorf("--rate: want whole packets a second, up to %d", sweep.MaxRate)
		}
		c.Rate = int(o.rate)
		return nil
	}
	if cmd.Flags().Changed("rate") {
		return errors.New("--rate and --bandwidth: want one of them")
	}
	text, factor := o.bandwidth, 1.0
	if i := strings.IndexByte("kMG", text[len(text)-1]); i >= 0 {
		text, factor = text[:len(text)-1], math.Pow(1000, float64(i+1))
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v*factor >= 1 && v*factor <= 1e12) {
		return fmt.Errorf("--bandwidth: %q is none: want bits a second, like 500k, 10M or 1G", o.bandwidth)
	}
	c.Bits = int64(v * factor)
	return nil
}

// parseShard reads I/N, which counts from 1 on.
func parseShard(s string) (shard, shards uint64, err error) {
	if s == "" {
		return 0, 1, nil
	}
	i, n, ok := strings.Cut(s, "/")
	shard, err1 := strconv.ParseUint(i, 10, 32)
	shards, err2 := strconv.ParseUint(n, 10, 32)
	if !ok || err1 != nil || err2 != nil || shard < 1 || shard > shards {
		return 0, 0, fmt.Errorf("--shard: %q is none: want I/N, like 1/4", s)
	}
	return shard - 1, shards, nil
}

// place is where it is done.
func (o *options) place(refused func(ring.Engine, error)) (campaign.Place, error) {
	if o.at.Lab == "" {
		if o.at.From != "" || o.at.Virtual {
			return nil, errors.New("--from and --virtual go with --lab")
		}
		p := &campaign.System{Interface: o.iface, Refused: refused}
		if err := p.Choice.UnmarshalText([]byte(o.engine)); err != nil {
			return nil, fmt.Errorf("--engine: %w", err)
		}
		return p, nil
	}
	if o.iface != "" {
		return nil, errors.New("--interface does not go with --lab")
	}
	if o.engine != "auto" {
		return nil, errors.New("--engine does not go with --lab")
	}
	t, err := place.Load(o.at.Lab)
	if err != nil {
		return nil, err
	}
	return &campaign.Lab{Topology: t, From: o.at.From, Seed: o.seed, Virtual: o.at.Virtual}, nil
}
