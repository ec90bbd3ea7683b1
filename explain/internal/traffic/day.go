package traffic

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/mld"
	"github.com/sonde-net/sonde/wire/transport"
)

// Day makes a day of ordinary mixed traffic of an office, as the port of its
// gateway sees it: web with losses, names, time, monitoring, traces, path MTU
// discovery, neighbour discovery. Nothing is wrong in it. The same seed makes the
// same day.
func Day(seed uint64) []conversation.Datagram {
	d := &day{r: rand.New(rand.NewPCG(seed, 1))}
	for h := range 24 {
		start := Epoch.Add(time.Duration(h) * time.Hour)
		d.at(start, d.web)
		d.at(start, d.names)
		d.at(start, d.monitor)
		d.at(start, d.link)
		d.at(start.Add(7*time.Minute), d.traces)
		d.at(start.Add(11*time.Minute), d.narrow)
		d.at(start.Add(13*time.Minute), d.odds)
	}
	slices.SortStableFunc(d.w.All, func(a, b conversation.Datagram) int { return a.Time.Compare(b.Time) })
	for i := range d.w.All {
		d.w.All[i].Number = i + 1
	}
	return d.w.All
}

type day struct {
	w Writer
	r *rand.Rand
}

func (d *day) at(t time.Time, f func()) {
	d.w.Now, d.w.DF, d.w.TTL = t, false, 64
	f()
}

// ms returns about so many milliseconds.
func (d *day) ms(n int) time.Duration {
	return time.Duration(n)*time.Millisecond/2 + time.Duration(d.r.IntN(n*1000))*time.Microsecond
}

func (d *day) web() {
	start := d.w.Now
	for range 60 {
		d.w.Now = start.Add(time.Duration(d.r.IntN(3500)) * time.Second)
		d.fetch(fmt.Sprintf("192.168.1.%d", 10+d.r.IntN(30)), fmt.Sprintf("203.0.113.%d", 1+d.r.IntN(200)), 1500)
	}
}

// fetch is a connection that gets some segments; a few are lost and sent again.
func (d *day) fetch(host, server string, size int) {
	port, seq, ack := uint16(32768+d.r.IntN(28000)), d.r.Uint32(), d.r.Uint32() //nolint:gosec // it fits
	rtt := d.ms(20)
	d.w.DF = true
	up := func(f transport.TCPFlags, n int) {
		d.w.TTL = 64
		d.w.TCP(host, server, transport.TCP{SrcPort: port, DstPort: 443, Seq: seq, Ack: ack, Flags: f, Window: 500}, n)
	}
	down := func(f transport.TCPFlags, s uint32, n int) {
		d.w.TTL = 53
		d.w.TCP(server, host, transport.TCP{SrcPort: 443, DstPort: port, Seq: s, Ack: seq, Flags: f, Window: 500}, n)
	}
	up(transport.SYN, 0)
	if d.r.IntN(20) == 0 { // lost, sent again
		d.w.Wait(time.Second)
		up(transport.SYN, 0)
	}
	seq++
	d.w.Wait(rtt)
	down(transport.SYN|transport.ACK, ack, 0)
	ack++
	up(transport.ACK, 0)
	up(transport.ACK|transport.PSH, 400)
	seq += 400
	d.w.Wait(rtt)
	for range 4 + d.r.IntN(12) {
		n := size - 40
		down(transport.ACK, ack, n)
		for range d.r.IntN(12) - 9 { // up to twice
			d.w.Wait(250 * time.Millisecond)
			down(transport.ACK, ack, n)
		}
		d.w.Wait(d.ms(2))
		ack += uint32(n) //nolint:gosec // it fits
		up(transport.ACK, 0)
	}
	down(transport.FIN|transport.ACK, ack, 0)
	ack++
	up(transport.FIN|transport.ACK, 0)
}

func (d *day) names() {
	start := d.w.Now
	for i := range 120 {
		d.w.Now, d.w.TTL = start.Add(time.Duration(d.r.IntN(3500))*time.Second), 64
		host, port := fmt.Sprintf("192.168.1.%d", 10+d.r.IntN(30)), uint16(40000+d.r.IntN(20000)) //nolint:gosec // it fits
		d.w.UDP(host, "9.9.9.9", port, 53, 40)
		d.w.Wait(d.ms(15))
		answer := d.w.UDP("9.9.9.9", host, 53, port, 120)
		if i%40 == 0 { // asked again, and the late answer finds nobody
			d.w.Wait(d.ms(10))
			d.w.ICMP(host, "9.9.9.9", icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: answer})
		}
		if i%10 == 0 {
			d.w.UDP(host, "192.0.2.123", 123, 123, 48)
			d.w.Wait(d.ms(12))
			d.w.UDP("192.0.2.123", host, 123, 123, 48)
		}
	}
}

// monitor asks thirty hosts every minute, all at once; two of them are down.
func (d *day) monitor() {
	start := d.w.Now
	for m := range 60 {
		for n := range 30 {
			d.w.Now, d.w.TTL = start.Add(time.Duration(m)*time.Minute+time.Duration(n)*10*time.Millisecond), 64
			target := fmt.Sprintf("192.168.2.%d", 1+n)
			d.w.Echo("192.168.1.5", target, false, 77, uint16(m), Data(56)) //nolint:gosec // it fits
			if d.w.Wait(d.ms(3)); n < 28 {
				d.w.Echo(target, "192.168.1.5", true, 77, uint16(m), Data(56)) //nolint:gosec // it fits
			}
		}
	}
	// Somebody leaves a ping running.
	for i := range 600 {
		d.w.Now = start.Add(20*time.Minute + time.Duration(i)*time.Second)
		d.w.Echo("192.168.1.20", "203.0.113.9", false, 5, uint16(i), Data(56)) //nolint:gosec // it fits
		if d.r.IntN(50) > 0 {
			d.w.Wait(d.ms(15))
			d.w.Echo("203.0.113.9", "192.168.1.20", true, 5, uint16(i), Data(56)) //nolint:gosec // it fits
		}
	}
}

// link is what IPv6 says on the link.
func (d *day) link() {
	start := d.w.Now
	for i := range 12 {
		d.w.Now, d.w.TTL = start.Add(time.Duration(i)*5*time.Minute), 255
		host := fmt.Sprintf("fe80::%x", 0x10+i)
		d.w.ICMP6("::", "ff02::1:ff00:10", icmp6.NeighborSolicitation{Target: Addr(host)})
		d.w.Wait(1100 * time.Millisecond)
		d.w.ICMP6(host, "ff02::2", icmp6.RouterSolicitation{})
		d.w.Wait(d.ms(20))
		d.w.ICMP6("fe80::1", "ff02::1", icmp6.RouterAdvertisement{Lifetime: 30 * time.Minute, HopLimit: 64})
		option := []byte{2, 1, 2, 0, 0, 0, 0, byte(i)}
		for range 3 {
			d.w.ICMP6(host, "ff02::1:ff00:1", icmp6.NeighborSolicitation{Target: Addr("fe80::1")})
			d.w.Wait(d.ms(2))
			d.w.ICMP6("fe80::1", host, icmp6.NeighborAdvertisement{Flags: 0xe0, Target: Addr("fe80::1"), Options: []byte{2, 1, 2, 0, 0, 0, 0, 1}})
			d.w.Wait(30 * time.Second)
			d.w.ICMP6("fe80::1", host, icmp6.NeighborSolicitation{Target: Addr(host)})
			d.w.Wait(d.ms(2))
			d.w.ICMP6(host, "fe80::1", icmp6.NeighborAdvertisement{Flags: 0x60, Target: Addr(host), Options: option})
		}
		d.w.TTL = 1
		d.w.ICMP6("fe80::1", "ff02::1", icmp6.MLDv2Query{Group: Addr("::")})
		d.w.ICMP6(host, "ff02::16", icmp6.MLDv2Report{Records: must(mld.Record{
			Type: mld.ModeIsExclude, Group: Addr("ff02::fb"),
		}.AppendBinary(nil))})
		d.w.TTL = 64
		d.w.Ping(host, "fe80::1", 9, uint16(i), Data(56), d.ms(2)) //nolint:gosec // it fits
	}
}

// traces are those of traceroute, three probes to each of ten hops, and one that
// runs on.
func (d *day) traces() {
	for run := range 3 {
		host, target := "192.168.1.30", fmt.Sprintf("198.51.100.%d", 1+run)
		port := uint16(33434)
		for ttl := 1; ttl <= 10; ttl++ {
			for range 3 {
				d.w.TTL = ip.TTL(ttl) //nolint:gosec // it fits
				probe := d.w.UDP(host, target, 50000, port, 32)
				port++
				d.w.Wait(d.ms(2 + ttl*2))
				d.expire(host, target, ttl, 10, probe, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: probe})
			}
		}
	}
	for i := range 60 { // mtr
		for ttl := 1; ttl <= 6; ttl++ {
			d.w.TTL = ip.TTL(ttl)    //nolint:gosec // it fits
			seq := uint16(i*6 + ttl) //nolint:gosec // it fits
			probe := d.w.Echo("192.168.1.31", "198.51.100.9", false, 400, seq, Data(36))
			d.w.Wait(d.ms(5))
			d.expire("192.168.1.31", "198.51.100.9", ttl, 6, probe, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: 400, Seq: seq, Data: Data(36)})
		}
		d.w.Wait(time.Second)
	}
}

// expire enters what comes back for a probe: hop 4 is silent.
func (d *day) expire(host, target string, ttl, last int, probe []byte, arrived icmp4.Message) {
	d.w.TTL = ip.TTL(64 - ttl) //nolint:gosec // it fits
	switch {
	case ttl == 4:
	case ttl < last:
		quoted := slices.Clone(probe)
		quoted[8] = 1
		ip.Seal4(quoted)
		d.w.ICMP(fmt.Sprintf("10.%d.0.1", ttl), host, icmp4.TimeExceeded{Quote: quoted})
	default:
		d.w.ICMP(target, host, arrived)
	}
}

// narrow is path MTU discovery on the way to a server behind a tunnel.
func (d *day) narrow() {
	for i := range 5 {
		host, server := "192.168.1.40", "203.0.113.77"
		port, seq := uint16(50000+i), d.r.Uint32() //nolint:gosec // it fits
		d.w.DF, d.w.TTL = true, 64
		up := transport.TCP{SrcPort: port, DstPort: 22, Seq: seq, Flags: transport.SYN, Window: 500}
		d.w.TCP(host, server, up, 0)
		d.w.Wait(d.ms(20))
		down := transport.TCP{SrcPort: 22, DstPort: port, Seq: 9000, Ack: seq + 1, Flags: transport.SYN | transport.ACK, Window: 500}
		d.w.TCP(server, host, down, 0)
		up.Seq, up.Ack, up.Flags, down.Flags, down.Seq = seq+1, 9001, transport.ACK, transport.ACK, 9001
		d.w.TCP(host, server, up, 0)
		big := d.w.TCP(host, server, up, 1460)
		d.w.Wait(d.ms(5))
		d.w.DF = false
		d.w.ICMP("10.3.0.1", host, icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: big[:28]})
		d.w.DF = true
		for range 3 {
			d.w.TCP(host, server, up, 1360)
			d.w.Wait(d.ms(20))
			up.Seq += 1360
			down.Ack = up.Seq
			d.w.TCP(server, host, down, 0)
		}
		d.w.Wait(time.Minute)
	}
	d.w.DF, d.w.TTL = true, 64
	for i := range 4 { // ping -M do, a little too large, told so
		big := d.w.Echo("192.168.1.41", "203.0.113.77", false, 6, uint16(i), Data(1472)) //nolint:gosec // it fits
		d.w.Wait(d.ms(5))
		d.w.ICMP("10.3.0.1", "192.168.1.41", icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: big[:28]})
		d.w.Wait(time.Second)
		d.w.Ping("192.168.1.41", "203.0.113.77", 7, uint16(i), Data(1372), d.ms(20)) //nolint:gosec // it fits
	}
}

// odds are things that happen, and mean nothing.
func (d *day) odds() {
	for i := range 50 { // clocks are compared
		m := icmp4.TimestampMessage{ID: 3, Seq: uint16(i)} //nolint:gosec // it fits
		d.w.ICMP("192.168.1.5", "192.168.2.3", m)
		d.w.Wait(d.ms(2))
		m.Reply = true
		d.w.ICMP("192.168.2.3", "192.168.1.5", m)
	}
	// A connection that is refused by a filter, and one by a host without TCP.
	syn := d.w.TCP("192.168.1.21", "203.0.113.80", transport.TCP{SrcPort: 40001, DstPort: 25, Seq: 1, Flags: transport.SYN}, 0)
	d.w.ICMP("192.168.1.1", "192.168.1.21", icmp4.DestUnreachable{Code: icmp4.CodeAdminProhibited, Quote: syn})
	syn = d.w.TCP("192.168.1.21", "203.0.113.81", transport.TCP{SrcPort: 40002, DstPort: 25, Seq: 1, Flags: transport.SYN}, 0)
	d.w.ICMP("203.0.113.81", "192.168.1.21", icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: syn})
	// A redirect by the book, about what was just sent.
	sent := d.w.UDP("192.168.1.22", "192.168.7.7", 5000, 514, 100)
	d.w.ICMP("192.168.1.1", "192.168.1.22", icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: Addr("192.168.1.2"), Quote: sent[:28]})
	// A large ping, in pieces.
	whole := Writer{Now: d.w.Now, id: 4000}
	packet := whole.Echo("192.168.1.23", "192.168.2.4", false, 8, 1, Data(4000))
	cut := must(ip.NewFragmenter4(packet, 1500))
	for {
		b, ok := cut.Next(nil)
		if !ok {
			break
		}
		d.w.Put(b)
		d.w.Wait(time.Millisecond)
	}
}
