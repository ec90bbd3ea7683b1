package narration_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestJSONLines: the fields of every item, their names, order and units. Others
// read them: what is here does not change.
func TestJSONLines(t *testing.T) {
	to := addr("10.0.0.2")
	local, remote := netip.MustParseAddrPort("10.0.0.1:5"), netip.MustParseAddrPort("[2001:db8::2]:80")
	const us = time.Microsecond
	m := message(1.5, "a", "b")
	m.Seq, m.Link, m.Octets = 7, "l", 84
	arrived := m
	arrived.Arrive = m.Time.Add(2500 * us)
	lost := m
	lost.To, lost.Fate = "", record.Lost
	all := m
	all.Group, all.Duplicate, all.Late, all.Corrupt = true, true, true, true
	all.Origin = event.Origin{Kind: event.Error, Cause: report.TooBig}
	send := m
	send.Origin = event.Origin{Kind: event.Send}
	unread := m
	unread.Src, unread.Dst = netip.Addr{}, netip.Addr{}
	const head = `{"time":"2026-01-01T12:00:00`
	const mess = head + `.0015Z","kind":"message","seq":7,"link":"l","from":"a","to":"b","src":"10.0.0.1","dst":"10.0.0.2","octets":84,"text":"8/0 Echo","fate":"delivered"`
	const one = head + `.001Z","kind":`
	for _, tt := range []struct {
		i    narration.Item
		want string
	}{
		{narration.Begin{Moment: at(0), Name: "x", Title: "«y»", Nodes: []string{"a", "b"}}, head + `Z","kind":"begin","name":"x","title":"«y»","nodes":["a","b"]}`},
		{narration.End{Moment: at(0), Took: 1500 * us}, head + `Z","kind":"end","took_ms":1.5}`},
		{narration.Step{Moment: at(0), Number: 2, What: "say", Text: "a\nb"}, head + `Z","kind":"step","number":2,"what":"say","text":"a\nb"}`},
		{m, mess + `}`},
		{arrived, mess + `,"delay_ms":2.5}`},
		{lost, head + `.0015Z","kind":"message","seq":7,"link":"l","from":"a","to":"","src":"10.0.0.1","dst":"10.0.0.2","octets":84,"text":"8/0 Echo","fate":"lost"}`},
		{all, mess + `,"origin":"error","rule":"G-03","cause":"too big for the next link","group":true,"duplicate":true,"late":true,"corrupt":true}`},
		{send, mess + `,"origin":"send"}`},
		{unread, head + `.0015Z","kind":"message","seq":7,"link":"l","from":"a","to":"b","octets":84,"text":"8/0 Echo","fate":"delivered"}`},
		{
			happened("b", event.Event{Kind: event.Drop, Drop: mib.NoRoute, Src: to, Dst: to, Proto: ip.ProtoUDP, Len: 9}),
			one + `"drop","node":"b","event":{"kind":"drop","src":"10.0.0.2","dst":"10.0.0.2","proto":"UDP","len":9,"drop":"no route"}}`,
		},
		{
			happened("b", event.Event{Kind: event.Redirect, Via: to, Rule: "H-07"}),
			one + `"redirect","node":"b","event":{"kind":"redirect","rule":"H-07","via":"10.0.0.2"},"dst":"192.0.2.9"}`,
		},
		{happened("b", event.Event{Kind: event.PMTU, MTU: 1000}), one + `"pmtu","node":"b","event":{"kind":"pmtu","mtu":1000},"dst":"192.0.2.9"}`},
		{
			narration.Rate{Moment: at(1), Node: "a", Dst: to, Interval: time.Second, Datagrams: 3, Octets: 400},
			one + `"rate","node":"a","dst":"10.0.0.2","interval_ms":1000,"datagrams":3,"octets":400}`,
		},
		{
			narration.Connection{Moment: at(1), Node: "a", Local: local, Remote: remote, State: "established", MSS: 1460, Acked: 5},
			one + `"connection","node":"a","local":"10.0.0.1:5","remote":"[2001:db8::2]:80","state":"established","mss":1460,"acked":5}`,
		},
		{
			narration.Connection{Moment: at(1), Node: "a", Local: local, Remote: remote, State: "aborted", Why: "reset"},
			one + `"connection","node":"a","local":"10.0.0.1:5","remote":"[2001:db8::2]:80","state":"aborted","mss":0,"acked":0,"why":"reset"}`,
		},
		{narration.Switched{Moment: at(1), Link: "l", Node: "a", Up: true}, one + `"switch","link":"l","node":"a","up":true}`},
		{
			narration.Rerouted{Moment: at(1), Node: "a", To: netip.MustParsePrefix("10.9.0.0/16"), Via: []string{"10.0.0.2", "eth1"}},
			one + `"route","node":"a","to":"10.9.0.0/16","via":["10.0.0.2","eth1"]}`,
		},
		{narration.Rerouted{Moment: at(1), Node: "a", To: netip.MustParsePrefix("10.9.0.0/16")}, one + `"route","node":"a","to":"10.9.0.0/16","via":[]}`},
		{narration.Sent{Moment: at(1), Node: "a", Dst: to, Count: 3, Size: 28}, one + `"sent","node":"a","dst":"10.0.0.2","count":3,"refused":0,"size":28}`},
		{
			narration.Sent{Moment: at(1), Node: "a", Dst: to, Count: 3, Refused: 1, Why: "full", Size: 28},
			one + `"sent","node":"a","dst":"10.0.0.2","count":3,"refused":1,"size":28,"why":"full"}`,
		},
		{narration.Shown{Moment: at(1), Node: "a", What: "pmtu", Lines: []string{"p"}}, one + `"show","node":"a","what":"pmtu","lines":["p"]}`},
		{narration.PingBegin{Moment: at(1), To: to, Size: 56, Len: 84}, one + `"ping","to":"10.0.0.2","size":56,"octets":84}`},
		{
			narration.PingReply{Moment: at(1), From: to, Len: 64, Seq: 3, TTL: 63, RTT: 1234567, Dup: true},
			one + `"reply","from":"10.0.0.2","octets":64,"seq":3,"ttl":63,"rtt_ms":1.235,"duplicate":true,"bad":false}`,
		},
		{
			narration.PingReply{Moment: at(1), From: to, RTT: 1499, Bad: true},
			one + `"reply","from":"10.0.0.2","octets":0,"seq":0,"ttl":0,"rtt_ms":0.001,"duplicate":false,"bad":true}`,
		},
		{narration.PingError{Moment: at(1), Seq: 3, What: "no route"}, one + `"ping-error","seq":3,"text":"no route"}`},
		{narration.PingError{Moment: at(1), From: to, Seq: 3, What: "3/1"}, one + `"ping-error","seq":3,"text":"3/1","from":"10.0.0.2"}`},
		{
			narration.PingEnd{Moment: at(1), To: to, Sent: 2, Errors: 1, Took: time.Second},
			one + `"ping-end","to":"10.0.0.2","sent":2,"received":0,"duplicates":0,"errors":1,"took_ms":1000}`,
		},
		{
			narration.PingEnd{Moment: at(1), To: to, Sent: 2, Received: 1, Dup: 4, Min: us, Avg: 2 * us, Max: 3 * us, Mdev: 4 * us},
			one + `"ping-end","to":"10.0.0.2","sent":2,"received":1,"duplicates":4,"errors":0,"took_ms":0,"min_ms":0.001,"avg_ms":0.002,"max_ms":0.003,"mdev_ms":0.004}`,
		},
		{narration.TraceBegin{Moment: at(1), To: to, Max: 30, Size: 60}, one + `"trace","to":"10.0.0.2","max":30,"octets":60}`},
		{
			narration.TraceHop{Moment: at(1), TTL: 2, Probes: []narration.TraceProbe{
				{},
				{From: to, RTT: 2500 * us},
				{From: to, Name: "n", Owner: "o", Mark: "!H", Labels: []string{"L"}},
			}},
			one + `"hop","ttl":2,"probes":[{},{"from":"10.0.0.2","rtt_ms":2.5},{"from":"10.0.0.2","labels":["L"],"mark":"!H","name":"n","owner":"o","rtt_ms":0}]}`,
		},
		{narration.TraceEnd{Moment: at(1), Hops: 2, Reached: true, Owners: []string{"A"}}, one + `"trace-end","hops":2,"reached":true,"owners":["A"]}`},
		{
			narration.QueryReply{Moment: at(1), What: "mask", From: to, Seq: 1, Text: "18/0", RTT: us},
			one + `"query-reply","what":"mask","from":"10.0.0.2","seq":1,"text":"18/0","rtt_ms":0.001}`,
		},
		{
			narration.QueryReply{Moment: at(1), What: "timestamp", From: to, Seq: 1, Text: "14/0", HasOffset: true, Offset: -time.Second},
			one + `"query-reply","what":"timestamp","from":"10.0.0.2","seq":1,"text":"14/0","rtt_ms":0,"offset_ms":-1000}`,
		},
		{narration.QueryEnd{Moment: at(1), What: "mask", To: to, Sent: 2, Received: 1}, one + `"query-end","what":"mask","to":"10.0.0.2","sent":2,"received":1}`},
	} {
		for range 3 { // the same each time
			var b bytes.Buffer
			if err := narration.NewJSON(&b).Put(tt.i); err != nil {
				t.Fatal(err)
			}
			if b.String() != tt.want+"\n" {
				t.Errorf("%T:\n got %swant %s", tt.i, &b, tt.want)
				break
			}
		}
	}
}
