package names

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Resolver asks the DNS. [net.Resolver] is one, [Server] another.
type Resolver interface {
	// LookupAddr returns the names of an address.
	LookupAddr(ctx context.Context, addr string) ([]string, error)
	// LookupTXT returns the texts of a name.
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// DNS is the names of addresses by reverse DNS. The zero DNS asks the system's
// resolver, which knows the hosts file too.
type DNS struct {
	Resolver Resolver // nil: the system's
}

// Name implements [Source]: the first name that there is. Characters that are
// not printed are replaced by question marks, so that a name is harmless to a
// terminal.
func (d DNS) Name(ctx context.Context, a netip.Addr) (string, error) {
	all, err := d.resolver().LookupAddr(ctx, a.Unmap().WithZone("").String())
	if err != nil {
		return "", failed("name of "+a.String(), err)
	}
	for _, s := range all {
		if s = cleanName(s); s != "" {
			return s, nil
		}
	}
	return "", ErrUnknown
}

func (d DNS) resolver() Resolver {
	if d.Resolver == nil {
		return system{}
	}
	return d.Resolver
}

// system is the system's resolver. [net.Resolver] heeds the deadline of a context,
// but when it ends before that it still waits for its server; this does not.
type system struct{}

// LookupAddr implements [Resolver].
func (system) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	r := net.DefaultResolver
	return unless(ctx, func() ([]string, error) { return r.LookupAddr(ctx, addr) })
}

// LookupTXT implements [Resolver].
func (system) LookupTXT(ctx context.Context, name string) ([]string, error) {
	r := net.DefaultResolver
	return unless(ctx, func() ([]string, error) { return r.LookupTXT(ctx, name) })
}

// unless returns what ask returns, unless ctx ends before it does: then its error.
// What is still asked ends by itself, at the latest when ctx would have.
func unless(ctx context.Context, ask func() ([]string, error)) ([]string, error) {
	type answer struct {
		all []string
		err error
	}
	got := make(chan answer, 1)
	go func() {
		all, err := ask()
		got <- answer{all, err}
	}()
	select {
	case a := <-got:
		return a.all, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// failed is the error of a question: [ErrUnknown] where there is no such name.
func failed(what string, err error) error {
	var e *net.DNSError
	if errors.Is(err, ErrUnknown) || errors.As(err, &e) && e.IsNotFound {
		return ErrUnknown
	}
	return fmt.Errorf("names: %s: %w", what, err)
}
