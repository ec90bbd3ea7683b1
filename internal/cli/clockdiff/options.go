package clockdiff

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sonde-net/sonde/probe/clock"
)

// options are what the arguments say.
type options struct {
	by            clock.Way
	iso           bool
	help, version bool
	host          string
}

// misuse is an option that there is not, or that is not complete. Behind it the
// original says where help is.
type misuse string

func (m misuse) Error() string { return string(m) }

var errUsage = errors.New("")

// parse reads the arguments as the original does: options may stand behind the
// host, short ones in one word, and long ones be cut short. What only prints
// something ends it.
func parse(args []string) (o options, err error) {
	var hosts []string
	for args = args[1:]; len(args) > 0 && err == nil && !o.help && !o.version; {
		a := args[0]
		args = args[1:]
		switch {
		case a == "--":
			hosts, args = append(hosts, args...), nil
		case strings.HasPrefix(a, "--"):
			args, err = o.long(a, args)
		case len(a) > 1 && a[0] == '-':
			args, err = o.short(a[1:], args)
		default:
			hosts = append(hosts, a)
		}
	}
	switch {
	case err != nil || o.help || o.version:
	case len(hosts) != 1:
		err = errUsage
	default:
		o.host = hosts[0]
	}
	return o, err
}

// short reads a word of short options, and returns the arguments behind it.
func (o *options) short(word string, args []string) ([]string, error) {
	for i, c := range word {
		switch c {
		case 'o':
			o.by = clock.FourTerms
		case '1':
			o.by = clock.ThreeTerms
		case 'I':
			o.iso = true
		case 'T':
			value := word[i+1:]
			if value == "" {
				if len(args) == 0 {
					return nil, misuse("option requires an argument -- 'T'")
				}
				value, args = args[0], args[1:]
			}
			return args, o.format(value)
		case 'h':
			o.help = true
			return args, nil
		case 'V':
			o.version = true
			return args, nil
		default:
			return nil, misuse(fmt.Sprintf("invalid option -- '%c'", c))
		}
	}
	return args, nil
}

// long reads a long option, and returns the arguments behind it.
func (o *options) long(word string, args []string) ([]string, error) {
	name, value, given := strings.Cut(word[2:], "=")
	for _, full := range []string{"time-format", "version", "help"} {
		switch {
		case name == "" || !strings.HasPrefix(full, name):
			continue
		case full == "time-format" && given:
			return args, o.format(value)
		case given:
			return nil, misuse("option '--" + full + "' doesn't allow an argument")
		case full == "version":
			o.version = true
			return args, nil
		case full == "help":
			o.help = true
			return args, nil
		case len(args) == 0:
			return nil, misuse("option '--" + full + "' requires an argument")
		}
		return args[1:], o.format(args[0])
	}
	return nil, misuse("unrecognized option '" + word + "'")
}

func (o *options) format(s string) error {
	if s != "ctime" && s != "iso" {
		return fmt.Errorf("invalid time-format argument: %s", s)
	}
	o.iso = s == "iso"
	return nil
}
