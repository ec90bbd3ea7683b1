package vantage

// Resolve is what a test with a resolver of its own needs.
var Resolve = resolve
