// Package sweep is the command sonde sweep: package campaign with flags, and
// results as text, JSON and CSV.
package sweep
