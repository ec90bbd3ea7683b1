// Package report turns the reasons for which a datagram gets no further into
// ICMP messages. Three questions, one function each:
//
//   - [May]: may an error be sent about this datagram at all? E-01 to E-06 of
//     docs/requirements.md (RFC 1122 §3.2.2, RFC 1812 §4.3.2.7, RFC 4443
//     §2.4e), which win over every rule that asks for one.
//   - Whether it may be sent now is package limit's to say (E-12).
//   - [Report.Append]: the message: type, code and rest from the [Cause], as
//     much of the datagram as fits, the IP header around it.
//
// A program that carries IP packets, and drops one, needs no node for this:
//
//	r := report.Report{Cause: report.TooBig, MTU: 1400}
//	if report.May(about, r.Cause) == 0 {
//		out, err = r.Append(out, about.Octets, report.Origin{Src: tunnelAddr, Gateway: true})
//	}
package report
