package bench

// A Promise is a ratio of ours to a peer's that is not to be passed.
type Promise struct {
	Text       string
	Contest    string
	Ours, Peer string
	AtMost     float64
}

// Promises are what this codec promises beside its peers.
var Promises = []Promise{
	{"echo of 56 octets, verified, within 1.3 times gVisor's view and its verification", "parse echo, 56 octets of data", Sonde, GVisorVerified, 1.3},
	{"echo of 56 octets, verified, 8 times faster than x/net, which does not verify", "parse echo, 56 octets of data", Sonde, XNet, 1.0 / 8},
	{"echo of 56 octets built, not slower than gVisor", "build echo, 56 octets of data", Sonde, GVisor, 1},
	{"echo of 1400 octets built, not slower than gVisor", "build echo, 1400 octets of data", Sonde, GVisor, 1},
	{"unreachable built, not slower than gVisor", "build unreachable", Sonde, GVisor, 1},
	{"unreachable and its quote of 28 octets, 10 times faster than x/net and ipv4.ParseHeader, neither verifying", "parse unreachable, 28 octets of quote", SondeUnverified, XNet, 1.0 / 10},
	{"unreachable and its quote of 548 octets, likewise", "parse unreachable, 548 octets of quote", SondeUnverified, XNet, 1.0 / 10},
	{"unreachable and its quote of 28 octets, verified, faster than gopacket's DecodingLayerParser, which does not verify", "parse unreachable, 28 octets of quote", Sonde, Parser, 1},
	{"checksum of 64 octets not slower than gVisor's", "checksum of 64 octets", Sonde, GVisorSum, 1},
	{"checksum of 1500 octets not slower than gVisor's", "checksum of 1500 octets", Sonde, GVisorSum, 1},
	{"checksum of 65535 octets not slower than gVisor's", "checksum of 65535 octets", Sonde, GVisorSum, 1},
}
