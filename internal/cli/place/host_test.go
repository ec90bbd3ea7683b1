package place_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/vantage"
)

// book is a place where hosts have these addresses.
type book struct {
	vantage.Point
	hosts map[string][]netip.Addr
	asked vantage.Family
}

// Lookup implements [vantage.Point].
func (b *book) Lookup(_ context.Context, host string, f vantage.Family) ([]netip.Addr, error) {
	b.asked = f
	if all := b.hosts[host]; all != nil {
		return all, nil
	}
	return nil, vantage.ErrHost
}

// TestAddress: the first of IPv4, else the first; who is not known is named.
func TestAddress(t *testing.T) {
	four, other, six := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::1")
	b := &book{hosts: map[string][]netip.Addr{
		"both": {six, four, other}, "six": {six, six.Next()}, "four": {four, other},
	}}
	for host, want := range map[string]netip.Addr{"both": four, "six": six, "four": four} {
		if a, err := place.Address(t.Context(), b, host, vantage.Any); err != nil || a != want || b.asked != vantage.Any {
			t.Errorf("%s: %v, %v, family %v", host, a, err, b.asked)
		}
	}
	a, err := place.Address(t.Context(), b, "nobody", vantage.IPv6)
	var unknown *place.HostError
	if a.IsValid() || !errors.Is(err, vantage.ErrHost) || !errors.As(err, &unknown) || unknown.Host != "nobody" ||
		err.Error() != "nobody: "+vantage.ErrHost.Error() || b.asked != vantage.IPv6 {
		t.Errorf("%v, %v, family %v", a, err, b.asked)
	}
}

// TestOwners: the service, where no file is named; a file that is none is refused.
func TestOwners(t *testing.T) {
	o, err := place.Owners("")
	if _, ok := o.(*names.Origin); !ok || err != nil {
		t.Errorf("%T, %v", o, err)
	}
	name := filepath.Join(t.TempDir(), "owners.mmdb")
	if o, err := place.Owners(name); o != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, %v", o, err)
	}
	if err := os.WriteFile(name, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if o, err := place.Owners(name); o != nil || err == nil {
		t.Errorf("%v, %v", o, err)
	}
}
