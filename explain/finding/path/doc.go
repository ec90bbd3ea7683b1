// Package path finds what is wrong with the way: routing loops, MTU black holes,
// hops that limit their errors, addresses that two hosts have.
package path
