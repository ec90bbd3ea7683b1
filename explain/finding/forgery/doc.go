// Package forgery finds ICMP errors that are not what they claim: redirects,
// resets, small MTUs, source quench.
package forgery
