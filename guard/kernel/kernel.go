// Package kernel loads rules into the kernel, lists what is there, and takes back
// what nobody confirms.
//
// It runs nft(8): what a rule set says is text, and nft(8) is the one program
// that reads all of it, loads it in one transaction, and prints what the kernel
// has. Linux only; it needs the capability CAP_NET_ADMIN.
package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/sonde-net/sonde/guard/rules"
)

// ErrNoNft says that nft(8) is not installed.
var ErrNoNft = errors.New("nft is not installed; it comes with the package nftables")

// nft runs nft(8) in the network namespace of the calling thread.
func nft(ctx context.Context, input string, args ...string) (string, error) {
	path, err := exec.LookPath("nft")
	if err != nil {
		return "", ErrNoNft
	}
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, path, args...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(input), &out, &errs
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		what, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		if what == "" {
			what = err.Error()
		}
		return "", fmt.Errorf("nft %s: %s", strings.Join(args, " "), what)
	}
	return out.String(), nil
}

// Load loads rules in one transaction: all of them, or none.
func Load(ctx context.Context, text string) error {
	_, err := nft(ctx, text, "-f", "-")
	return err
}

// Check reports why rules could not be loaded; it changes nothing.
func Check(ctx context.Context, text string) error {
	_, err := nft(ctx, text, "-c", "-f", "-")
	return err
}

// List returns the whole rule set as JSON, as nft -j prints it.
func List(ctx context.Context) ([]byte, error) {
	out, err := nft(ctx, "", "-j", "list", "ruleset")
	return []byte(out), err
}

// Text returns the whole rule set as nft(8) reads it, without counters.
func Text(ctx context.Context) (string, error) {
	return nft(ctx, "", "-s", "list", "ruleset")
}

// Table returns our own table as nft(8) prints it, without counters; "" when
// there is none.
func Table(ctx context.Context) (string, error) {
	tables, err := nft(ctx, "", "list", "tables")
	if err != nil {
		return "", err
	}
	for l := range strings.Lines(tables) {
		if strings.TrimSpace(l) == "table "+rules.Family+" "+rules.Table {
			// Numbers, because nft(8) has one word for a code whatever the type;
			// but not for this.
			out, err := nft(ctx, "", "-s", "-n", "list", "table", rules.Family, rules.Table)
			return strings.ReplaceAll(out, "ct state 0x2,0x4", "ct state established,related"), err
		}
	}
	return "", nil
}

// Canonical returns rules as [Table] prints them once they are loaded: they are,
// in a fresh network namespace. So it checks them, too.
func Canonical(ctx context.Context, text string) (table string, err error) {
	err = Fresh(func() error {
		if err := Load(ctx, text); err != nil {
			return err
		}
		table, err = Table(ctx)
		return err
	})
	return table, err
}

// Combined returns as JSON the rule set that there would be once the rules were
// loaded beside what there is; nothing is changed. What there is need not be what
// nft(8) would load elsewhere: it may name interfaces, or be of iptables(8).
func Combined(ctx context.Context, text string) ([]byte, error) {
	now, err := List(ctx)
	if err != nil {
		return nil, err
	}
	var ours []byte
	err = Fresh(func() error {
		if err := Load(ctx, text); err != nil {
			return err
		}
		ours, err = List(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all, more listing
	if err := errors.Join(json.Unmarshal(now, &all), json.Unmarshal(ours, &more)); err != nil {
		return nil, fmt.Errorf("what nft prints: %w", err)
	}
	all.Objects = append(slices.DeleteFunc(all.Objects, object.isOurs), more.Objects...)
	return json.Marshal(all)
}

// listing is a rule set as JSON: objects under the name of what they are.
type listing struct {
	Objects []object `json:"nftables"`
}

type object map[string]json.RawMessage

// isOurs reports whether an object is our table, or in it.
func (o object) isOurs() bool {
	for of, raw := range o {
		var x struct{ Family, Table, Name string }
		if json.Unmarshal(raw, &x) != nil {
			continue
		}
		if of == "table" {
			x.Table = x.Name
		}
		return x.Family == rules.Family && x.Table == rules.Table
	}
	return false
}
