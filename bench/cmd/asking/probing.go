//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// proBing is what a program is that uses pro-bing: a Pinger for each target, as
// its documentation has it. Arguments are the count, the interval in seconds, and
// a target or @ with a file of targets. It prints the average round-trip time.
func proBing(args []string) error {
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseFloat(args[1], 64)
	if err != nil {
		return err
	}
	targets := []string{args[2]}
	if file, many := strings.CutPrefix(args[2], "@"); many {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		targets = strings.Fields(string(b))
	}
	interval := time.Duration(seconds * float64(time.Second))
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		sum   time.Duration
		first error
	)
	for i, t := range targets {
		wg.Go(func() {
			time.Sleep(time.Duration(i) * interval / time.Duration(len(targets)))
			p, err := probing.NewPinger(t)
			if err == nil {
				p.SetPrivileged(false)
				p.Count, p.Interval, p.Timeout = count, interval, interval*time.Duration(count)+time.Second
				p.RecordRtts = false
				err = p.Run()
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil && first == nil {
				first = err
			}
			if p != nil {
				sum += p.Statistics().AvgRtt
			}
		})
	}
	wg.Wait()
	fmt.Println(sum / time.Duration(len(targets)))
	return first
}
