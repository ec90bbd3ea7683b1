package ndp_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire/ndp"
)

// What a router on a home network advertises, built and read.
func ExampleOptions() {
	servers, err := ndp.AppendServer(nil, netip.MustParseAddr("2001:db8::53"))
	if err != nil {
		fmt.Println(err)
		return
	}
	names, err := ndp.AppendName(nil, "home.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	var b []byte
	for _, o := range []interface {
		AppendBinary([]byte) ([]byte, error)
	}{
		ndp.LinkLayerAddress{Addr: []byte{2, 0, 0x5e, 0x10, 0, 1}},
		ndp.MTU{MTU: 1492},
		ndp.PrefixInformation{
			Prefix: netip.MustParsePrefix("2001:db8::/64"), Flags: ndp.PrefixOnLink | ndp.PrefixAutonomous,
			Valid: 24 * time.Hour, Preferred: 4 * time.Hour,
		},
		ndp.RouteInformation{Prefix: netip.MustParsePrefix("2001:db8:8000::/33"), Preference: ndp.PreferenceHigh, Lifetime: time.Hour},
		ndp.RDNSS{Lifetime: time.Hour, Servers: servers},
		ndp.DNSSL{Lifetime: time.Hour, Names: names},
		ndp.PREF64{Prefix: netip.MustParsePrefix("64:ff9b::/96"), Lifetime: 10 * time.Minute},
	} {
		if b, err = o.AppendBinary(b); err != nil {
			fmt.Println(err)
			return
		}
	}
	for o, err := range ndp.Options(b) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(o)
	}
	// Output:
	// source link-layer address 02:00:5e:10:00:01
	// mtu 1492
	// prefix 2001:db8::/64, flags LA, valid 24h0m0s, preferred 4h0m0s
	// route 2001:db8:8000::/33, preference high, lifetime 1h0m0s
	// dns servers 2001:db8::53, lifetime 1h0m0s
	// dns search list home.example, lifetime 1h0m0s
	// nat64 prefix 64:ff9b::/96, lifetime 10m0s
}

func ExampleParsePrefixInformation() {
	b, _ := ndp.PrefixInformation{Prefix: netip.MustParsePrefix("2001:db8::/64"), Valid: ndp.Infinity}.AppendBinary(nil)
	for o, err := range ndp.Options(b) {
		if err != nil || o.Type != ndp.TypePrefixInformation {
			continue
		}
		p, err := ndp.ParsePrefixInformation(o)
		fmt.Println(p.Prefix, p.Valid == ndp.Infinity, err)
	}
	// Output: 2001:db8::/64 true <nil>
}
