// Package volume finds what shows by how much there is of it: floods, smurf,
// sweeps, replies that nobody asked for, reconnaissance.
package volume
