// Package diagnose finds out about a host what can be found out from here within
// a few seconds, side by side: whether it answers echoes, the way there by ICMP,
// UDP and TCP, the path MTU, the offset of its clock, its ports.
//
//	f, err := diagnose.Run(ctx, at, diagnose.Config{Host: "www.example.org", Dst: dst})
//	v := rule.Judge(&f)
//	for _, finding := range v.Findings { fmt.Println(words.Finding(…)) }
//
// What was measured is in package facts, what it means in package rule, how that
// is said in package words. So the rules can be tried with facts that were never
// measured, and measuring knows no rules.
//
// # What is asked
//
//   - Echoes, ten of them, a tenth of a second apart. When none is answered they are
//     waited for longer than everything else: for the error of whoever finds out that
//     a neighbour is not there.
//   - Traces by ICMP, by UDP on three flows, by TCP: each keeps to its flow, so
//     that addresses which differ at one hop mean several ways.
//   - The path MTU, by packages probe/mtu; the clock, by probe/clock.
//   - TCP ports, with one SYN or two.
//
// When some echoes are lost and others are not, there is a second round: more
// echoes, and a trace with many probes to each hop, for loss can only be placed
// where there is enough of it to count.
//
// What the place to measure from cannot do is left out, and said so.
package diagnose
