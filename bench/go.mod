module github.com/sonde-net/sonde/bench

go 1.26.3

require (
	github.com/gopacket/gopacket v1.7.7
	github.com/sonde-net/sonde v0.0.0
	github.com/vishvananda/netlink v1.3.1
	github.com/vishvananda/netns v0.0.5
	golang.org/x/net v0.62.0
	golang.org/x/sys v0.49.0
	golang.org/x/time v0.15.0
	gvisor.dev/gvisor v0.0.0-20260905035102-160fafc42237
)

require (
	github.com/google/uuid v1.6.0 // indirect
	github.com/prometheus-community/pro-bing v0.9.1 // indirect
	golang.org/x/exp v0.0.0-20250711185948-6ae5c78190dc // indirect
	golang.org/x/sync v0.24.0 // indirect
)

replace github.com/sonde-net/sonde => ..
