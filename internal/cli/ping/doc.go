// Package ping is the command sonde ping, and what the binary is when it is
// called as ping: the flags, lines and exit statuses of iputils ping 20221126,
// over package probe/ping. docs/differences.md has what differs.
package ping
