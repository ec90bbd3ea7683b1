// Package wording is the words and numbers of iputils ping: what an error claims,
// what stands in the IP options of a reply, times in milliseconds.
package wording

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// unreachable are the codes of destination unreachable, from 0 on.
var unreachable = [...]string{
	"Destination Net Unreachable",
	"Destination Host Unreachable",
	"Destination Protocol Unreachable",
	"Destination Port Unreachable",
	"Frag needed and DF set",
	"Source Route Failed",
	"Destination Net Unknown",
	"Destination Host Unknown",
	"Source Host Isolated",
	"Destination Net Prohibited",
	"Destination Host Prohibited",
	"Destination Net Unreachable for Type of Service",
	"Destination Host Unreachable for Type of Service",
	"Packet filtered",
	"Precedence Violation",
	"Precedence Cutoff",
}

// redirects are those of redirect.
var redirects = [...]string{
	"Redirect Network", "Redirect Host", "Redirect Type of Service and Network", "Redirect Type of Service and Host",
}

// Sentence says what an error claims, in the words of the original. Gateway is
// that of a redirect, as it is to be printed.
func Sentence(c *probe.Claim, gateway string) string {
	if c.V6 {
		return sentence6(c)
	}
	code := int(c.Code)
	switch icmp4.Type(c.Type) {
	case icmp4.TypeDestUnreachable:
		switch {
		case icmp4.Code(code) == icmp4.CodeFragNeeded:
			return fmt.Sprintf("%s (mtu = %d)", unreachable[code], c.MTU)
		case code < len(unreachable):
			return unreachable[code]
		}
		return fmt.Sprintf("Dest Unreachable, Bad Code: %d", code)
	case icmp4.TypeSourceQuench:
		return "Source Quench"
	case icmp4.TypeRedirect:
		what := fmt.Sprintf("Redirect, Bad Code: %d", code)
		if code < len(redirects) {
			what = redirects[code]
		}
		return fmt.Sprintf("%s(New nexthop: %s)", what, gateway)
	case icmp4.TypeTimeExceeded:
		switch icmp4.Code(code) {
		case icmp4.CodeTTLExceeded:
			return "Time to live exceeded"
		case icmp4.CodeReassembly:
			return "Frag reassembly time exceeded"
		}
		return fmt.Sprintf("Time exceeded, Bad Code: %d", code)
	case icmp4.TypeParameterProblem:
		return fmt.Sprintf("Parameter problem: pointer = %d", c.Pointer)
	}
	return fmt.Sprintf("Bad ICMP type: %d", c.Type)
}

var unreachable6 = [...]string{
	"No route",
	"Administratively prohibited",
	"Beyond scope of source address",
	"Address unreachable",
	"Port unreachable",
	"Source address failed ingress/egress policy",
	"Reject route to destination",
}

var problems6 = [...]string{"Wrong header field ", "Unknown header ", "Unknown option "}

func sentence6(c *probe.Claim) string {
	code := int(c.Code)
	of := func(words []string, other string) string {
		if code < len(words) {
			return words[code]
		}
		return fmt.Sprintf(other, code)
	}
	switch icmp6.Type(c.Type) {
	case icmp6.TypeDestUnreachable:
		return "Destination unreachable: " + of(unreachable6[:], "Unknown code %d")
	case icmp6.TypePacketTooBig:
		s := fmt.Sprintf("Packet too big: mtu=%d", c.MTU)
		if code != 0 {
			s += fmt.Sprintf(", code=%d", code)
		}
		return s
	case icmp6.TypeTimeExceeded:
		return "Time exceeded: " + of([]string{"Hop limit", "Defragmentation failure"}, "code %d")
	case icmp6.TypeParameterProblem:
		return "Parameter problem: " + of(problems6[:], "code %d ") + fmt.Sprintf("at %d", c.Pointer)
	}
	return fmt.Sprintf("unknown icmp type: %d", c.Type)
}

// Time is a time in milliseconds, with fewer digits the longer it is.
func Time(d time.Duration) string {
	us := d.Microseconds()
	digits := func(places int, round int64) string {
		return strconv.FormatFloat(float64((us+round)/(2*round)*(2*round))/1000, 'f', places, 64)
	}
	switch {
	case us >= 100000-50:
		return strconv.FormatInt((us+500)/1000, 10)
	case us >= 10000-5:
		return digits(1, 50)
	case us >= 1000:
		return digits(2, 5)
	}
	return fmt.Sprintf("0.%03d", us)
}

// Millis is a time in milliseconds with three places.
func Millis(d time.Duration) string {
	us := d.Microseconds()
	return fmt.Sprintf("%d.%03d", us/1000, us%1000)
}
