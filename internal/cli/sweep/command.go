package sweep

import (
	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/place"
)

// options are what the flags say.
type options struct {
	files, exclude, excludeFiles []string
	echo, timestamp              bool
	udp, tcp                     uint16
	rate                         float64
	bandwidth                    string
	seed                         uint64
	shard                        string
	repeat                       int
	payload                      string
	wait                         float64
	ttl, tos                     uint8
	all, permitted, dryRun       bool
	trace                        bool
	maxHops                      int
	noPaths                      bool
	json, csv                    bool
	output                       string
	errors, duplicates           bool
	quiet                        bool
	checkpoint                   string
	resume                       bool
	engine, iface, source        string
	lang                         string
	at                           place.Place
}

const long = `Sweep asks every address of the targets once, in an order that nobody foresees
and that is spread over all of them, and prints who answers. It keeps no list of
what it has asked: replies are told from forgeries by a keyed hash. Targets are
addresses, prefixes and ranges (192.0.2.1, 10.0.0.0/16, 10.0.0.5-10.0.0.9,
10.0.0.5-9, 2001:db8::/120); - reads them from the standard input.

Addresses that no host has (reserved, multicast, the two ends of an IPv4 prefix)
are left out, unless --all is given. More than 256 public addresses are asked only
with --permitted, by which you say that you may. Be kind: the rate is modest unless
you raise it, and --payload can carry a contact.

With --checkpoint it can be interrupted, or break off, and go on with --resume.
The position is that of half a second ago, so a crash asks again what was asked
within the last second, and loses nothing.

Exit status: 0 when somebody has answered, 1 when nobody has or it was
interrupted, 2 when something is wrong.`

const example = `  sonde sweep 10.0.0.0/24
  sonde sweep --tcp 443 --rate 5000 -f networks.txt --exclude-file no.txt --csv -o out.csv
  sonde sweep --bandwidth 10M --checkpoint job --json -o out.json 10.0.0.0/8
  sonde sweep --trace --json 192.168.0.0/24
  sonde sweep --lab office --virtual 10.0.1.0/24`

// New returns the command.
func New() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:     "sweep [flags] TARGET...",
		Short:   "Ask very many addresses whether they are there",
		Long:    long,
		Example: example,
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&o.files, "file", "f", nil, "read targets from a file; - is the standard input")
	f.StringArrayVar(&o.exclude, "exclude", nil, "leave out an address, prefix or range")
	f.StringArrayVar(&o.excludeFiles, "exclude-file", nil, "leave out what a file names")
	f.BoolVar(&o.all, "all", false, "ask reserved addresses, and those of networks and broadcasts, too")
	f.BoolVar(&o.permitted, "permitted", false, "I may ask these: more than 256 public addresses")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be asked, and ask nothing")

	f.BoolVar(&o.echo, "echo", false, "ask by ICMP echo (the default)")
	f.BoolVar(&o.timestamp, "timestamp", false, "ask by ICMP timestamp")
	f.Uint16Var(&o.udp, "udp", 0, "ask this port by UDP; port unreachable is an answer")
	f.Uint16Var(&o.tcp, "tcp", 0, "ask this port by TCP SYN; a reset is an answer")
	f.BoolVar(&o.trace, "trace", false, "ask with every time to live, and put the paths together")
	f.IntVar(&o.maxHops, "max-hops", 30, "with --trace: the longest path")
	f.BoolVar(&o.noPaths, "no-paths", false, "with --trace: print what each router says as it comes, and no paths")
	f.IntVar(&o.repeat, "repeat", 1, "ask each address so often, at scattered times")
	f.StringVar(&o.payload, "payload", "", "put this text into echo and UDP probes: who asks, and how to reach you")
	f.Uint8VarP(&o.ttl, "ttl", "t", 64, "time to live")
	f.Uint8Var(&o.tos, "tos", 0, "type of service, traffic class")

	f.Float64VarP(&o.rate, "rate", "r", defaultRate, "packets a second; 0: as fast as it goes")
	f.StringVarP(&o.bandwidth, "bandwidth", "B", "", "bits a second on the wire, in place of --rate: 500k, 10M, 1G")
	f.Float64VarP(&o.wait, "wait", "w", 2, "seconds to wait for the last replies")
	f.Uint64Var(&o.seed, "seed", 0, "of the order and the hash, and of a laboratory; 0: any")
	f.StringVar(&o.shard, "shard", "", "part I of N of the job, I/N; each part with the same --seed")

	f.StringVarP(&o.output, "output", "o", "", "write results to this file")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line")
	f.BoolVar(&o.csv, "csv", false, "print CSV with a header line")
	f.BoolVar(&o.errors, "errors", false, "print errors, and the routers that sent them, too")
	f.BoolVar(&o.duplicates, "duplicates", false, "print further answers of an address, too")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no notes, no progress and no summary on standard error")
	f.StringVar(&o.checkpoint, "checkpoint", "", "keep how far it has come in this file")
	f.BoolVar(&o.resume, "resume", false, "go on from the checkpoint")

	f.StringVar(&o.engine, "engine", "auto", "how packets leave: auto, xdp, packet, raw")
	f.StringVarP(&o.iface, "interface", "i", "", "leave by this interface")
	f.StringVarP(&o.source, "source", "S", "", "leave with this address")
	f.StringVar(&o.at.Lab, "lab", "", "sweep a simulated network: a scenario's name or a topology file")
	f.StringVar(&o.at.From, "from", "", "with --lab: the host to sweep from")
	f.BoolVar(&o.at.Virtual, "virtual", false, "with --lab: time jumps instead of passing")
	language.Flag(cmd, &o.lang)
	for name, by := range map[string]cobra.CompletionFunc{
		"lab":    place.Topologies,
		"engine": cobra.FixedCompletions([]string{"auto", "xdp", "packet", "raw"}, cobra.ShellCompDirectiveNoFileComp),
	} {
		if err := cmd.RegisterFlagCompletionFunc(name, by); err != nil {
			panic(err) // there is no such flag
		}
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return run(cmd, &o, args) }
	return cmd
}
