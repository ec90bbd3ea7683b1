package ping

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/vantage"
	"github.com/sonde-net/sonde/wire/option"
)

//go:embed usage.txt
var usage string

// errUsage has the usage printed.
type usageError struct{ why string }

func (e *usageError) Error() string { return e.why }

// Main is the binary called as ping, ping4 or ping6: args are the command line,
// that name first. It returns the exit status.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	o := newOptions()
	name := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	switch name[len(name)-1] {
	case '4':
		o.family = vantage.IPv4
	case '6':
		o.family = vantage.IPv6
	}
	hosts, version, err := getopt(&o, args[1:])
	var bad *usageError
	switch {
	case version:
		fmt.Fprintln(out, "ping from sonde", Version())
		return status.OK
	case errors.As(err, &bad):
		if bad.why != "" {
			fmt.Fprintln(errs, "ping:", bad.why)
		}
		fmt.Fprint(errs, usage)
		return status.Failed
	case err == nil && len(hosts) == 0:
		err = errors.New("usage error: Destination address required")
	case err == nil:
		o.via, hosts = hosts[:len(hosts)-1], hosts[len(hosts)-1:]
		err = o.checkVia()
	}
	if errors.As(err, &bad) {
		fmt.Fprint(errs, usage)
		return status.Failed
	}
	s := &session{o: &o, prefix: "ping: ", out: out, errs: errs, skin: true}
	if err == nil {
		err = s.run(ctx, func() (vantage.Point, error) { return s.system() }, hosts)
	}
	code, err := status.Of(err)
	if err != nil {
		fmt.Fprintf(errs, "ping: %s\n", err)
	}
	return code
}

// Version is that of the binary.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// getopt reads a command line as getopt(3) does: letters after one hyphen, their
// values behind them or in the next word, operands anywhere unless
// POSIXLY_CORRECT is set.
func getopt(o *options, args []string) (operands []string, version bool, err error) {
	posix := os.Getenv("POSIXLY_CORRECT") != ""
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch {
		case word == "--":
			return append(operands, args...), false, nil
		case len(word) < 2 || word[0] != '-':
			operands = append(operands, word)
			if posix {
				return append(operands, args...), false, nil
			}
			continue
		}
		if args, version, err = o.letters(word[1:], args); version || err != nil {
			return nil, version, err
		}
	}
	return operands, false, nil
}

// letters reads the letters of one word; rest are the words behind it.
func (o *options) letters(word string, rest []string) (left []string, version bool, err error) {
	for len(word) > 0 {
		letter := word[0]
		word = word[1:]
		switch letter {
		case 'V':
			return rest, true, nil
		case 'h', '?':
			return rest, false, &usageError{}
		}
		f := byLetter(letter)
		if f == nil {
			return rest, false, &usageError{fmt.Sprintf("invalid option -- '%c'", letter)}
		}
		v := ""
		if f.value != "" {
			switch {
			case word != "":
				v, word = word, ""
			case len(rest) > 0:
				v, rest = rest[0], rest[1:]
			default:
				return rest, false, &usageError{fmt.Sprintf("option requires an argument -- '%c'", letter)}
			}
		}
		if err := f.set(o, v); err != nil {
			return rest, false, err
		}
	}
	return rest, false, nil
}

func byLetter(letter byte) *flag {
	all := flags()
	if i := slices.IndexFunc(all, func(f flag) bool { return f.letter == letter }); i >= 0 {
		return &all[i]
	}
	return nil
}

// The most hops that an option of the IPv4 header has room for.
const (
	maxStampHops = 4
	maxRouteHops = 9
)

// checkVia refuses hops that do not go with the other flags.
func (o *options) checkVia() error {
	n := len(o.via)
	prespecified := o.stampSet && o.stamp == option.StampsPrespecified
	switch {
	case n == 0 && prespecified:
		return errors.New("-T tsprespec: no hop is named that is to stamp")
	case n == 0:
		return nil
	case o.record, o.stampSet && !prespecified, prespecified && n > maxStampHops, n > maxRouteHops:
		return &usageError{"too many hops, or hops together with -R or -T"}
	}
	return nil
}
