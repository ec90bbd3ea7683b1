package campaign

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/sonde-net/sonde/probe/sweep"
)

// Checkpoint is how far a job has come.
type Checkpoint struct {
	Format   int            `json:"format"` // [Format]
	Job      string         `json:"job"`    // the fingerprint: [Fingerprint]
	Seed     uint64         `json:"seed"`
	Position uint64         `json:"position"` // to go on from
	Size     uint64         `json:"size"`     // the position at the end
	Time     time.Time      `json:"time"`     // of writing
	Done     bool           `json:"done"`
	Counters sweep.Counters `json:"counters"` // of all runs up to the position, about
	Engine   string         `json:"engine"`
}

// Format is the version of checkpoints.
const Format = 1

// Errors of checkpoints.
var (
	ErrOther  = errors.New("the checkpoint is of another job")
	ErrBroken = errors.New("the file is no checkpoint")
	ErrFormat = errors.New("the checkpoint is of another version")
	ErrDone   = errors.New("the job is done already")
)

// Fingerprint returns what tells a job from others: all that decides who is asked
// what, and in which order. The rate may be another each time.
func Fingerprint(c *sweep.Config) string {
	h := sha256.New()
	fmt.Fprintln(h, Format, c.Seed, c.Shard, max(c.Shards, 1), c.Kind, c.Port, c.TTL, c.TOS, max(c.Repeat, 1), c.Hops)
	fmt.Fprintf(h, "%q\n", c.Payload)
	for _, r := range c.Targets.Ranges() {
		fmt.Fprintln(h, r.First, r.Last)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// longest is more than a checkpoint ever has, in octets.
const longest = 1 << 16

// Load reads a checkpoint. Its error is ErrBroken, ErrFormat, or that of the system.
func Load(name string) (Checkpoint, error) {
	var c Checkpoint
	info, err := os.Stat(name)
	if err != nil {
		return c, err
	}
	if !info.Mode().IsRegular() || info.Size() > longest {
		return c, fmt.Errorf("%s: %w", name, ErrBroken)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return c, err
	}
	// What other versions have beside their number is not known.
	var of struct{ Format int }
	if json.Unmarshal(b, &of) != nil || of.Format == 0 {
		return c, fmt.Errorf("%s: %w", name, ErrBroken)
	}
	if of.Format != Format {
		return c, fmt.Errorf("%s: %w: %d, where this program has %d", name, ErrFormat, of.Format, Format)
	}
	if json.Unmarshal(b, &c) != nil || c.Job == "" || c.Position > c.Size {
		return c, fmt.Errorf("%s: %w", name, ErrBroken)
	}
	return c, nil
}

// Save writes a checkpoint: the file has the old one or the new one, whatever
// becomes of the program meanwhile. Only its owner may read it, for who has the seed
// can forge replies. What is no file, a device for one, is left alone.
func (c *Checkpoint) Save(name string) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: no regular file", name)
	}
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("%s: %w", name, cause(err))
	}
	_, err = f.Write(append(b, '\n'))
	if fault := f.Close(); err == nil {
		err = fault
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("%s: %w", name, cause(err))
	}
	return nil
}

// cause is the system's own error: the file that it is about is not the one that
// anybody has named.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

// add returns the sum of counters.
func add(a, b sweep.Counters) sweep.Counters {
	return sweep.Counters{
		Sent: a.Sent + b.Sent, Unsent: a.Unsent + b.Unsent, Answered: a.Answered + b.Answered,
		Duplicates: a.Duplicates + b.Duplicates, Errors: a.Errors + b.Errors, Foreign: a.Foreign + b.Foreign,
		Forged: a.Forged + b.Forged, Lost: a.Lost + b.Lost,
	}
}
