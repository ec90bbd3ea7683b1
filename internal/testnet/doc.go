//go:build !linux

// Package testnet gives a test a network of its own, on Linux.
package testnet
