// Package campaign is sweeps as jobs: which addresses are asked and which are left
// out, how far the job has come, and how it goes on after an interruption.
//
//	var t campaign.Targets
//	err := t.Add("10.0.0.0/16", "argument 1")
//	notes, err := t.Finish(false)
//	at := &campaign.System{}
//	j, err := campaign.New(at, campaign.Options{Sweep: sweep.Config{Targets: &t.Set, Seed: seed}})
//	err = j.Run(ctx)
//
// # Going on
//
// A checkpoint says how far a job had come half a second before it was written, so
// that replies to what was asked before it have arrived and are kept: results are
// flushed before each checkpoint. A job that goes on from one asks again what was
// asked within the last second, and nothing else; one that was stopped in good
// order asks nothing twice.
package campaign
